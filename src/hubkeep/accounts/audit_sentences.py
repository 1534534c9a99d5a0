"""What each act of the audit log is called in a sentence for people.

A sentence has `{places}` for the entry's facts; what stands between `[` and `]` is left out where a fact in it is not known.
`{who}` acted; `{repo}`, `{user}` and `{org}` may become links, and so may a fact marked `|owner`; one marked `|job` is a kind of
job. `{changes}` are `before` and `after`, in words.
"""

from collections.abc import Callable, Mapping
from typing import Any

Facts = Mapping[str, Any]
Sentence = str | Callable[[Facts], str]


def _seen(facts: Facts) -> str:
    after = facts.get("after")
    if isinstance(after, dict) and set(after) == {"private"}:
        return f"{{who}} made {{repo}} {'private' if after['private'] else 'public'}"
    return "{who} changed the settings of {repo}[: {changes}]"


def _not_in(facts: Facts) -> str:
    step = facts.get("step")
    if step == "again":
        return "{who} was asked for the password again and typed a wrong one"
    if " " in str(facts.get("login", " ")):
        return "{who} tried to sign in with a name that nobody has"
    return (
        f"{{who}} tried to sign in as {{login|owner}} with a wrong {'code' if step == 'code' else 'password'}"
    )


def _joined(facts: Facts) -> str:
    if "org" in facts:
        return "{who} joined {org}[ as {role}][ by link {link}]"
    return "The identity provider made {user} a member of an organization[: {role}]"


def _removed(facts: Facts) -> str:
    if "org" in facts:
        return "{who} took {user} out of {org}"
    return "The identity provider took {user} out of an organization"


def _operator(facts: Facts) -> str:
    after = facts.get("after")
    is_one = isinstance(after, dict) and after.get("operator")
    return f"{{who}} made {{name|owner}} {'an operator of this hub' if is_one else 'an ordinary user again'}"


def _admin(facts: Facts) -> str:
    given = "became an operator of this hub" if facts.get("admin") else "is no operator of this hub any more"
    return f"{{who}} {given}, as the identity provider says"


def _revoked(facts: Facts) -> str:
    if facts.get("leaked"):
        return "{who} ended the token “{name}”[ (…{last4})], which had leaked"
    return "{who} ended the token “{name}”[ (…{last4})]"


SENTENCES: Mapping[str, Sentence] = {
    # Repositories
    "repo.create": "{who} made {repo}",
    "repo.duplication": "{who} made {repo} as a copy of {source}",
    "repo.import": "{who} imported {repo}[ from {source}]",
    "repo.move": "{who} moved {before} to {after}",
    "repo.delete": "{who} deleted {repo}",
    "repo.disable": "{who} closed {repo}[: {reason}]",
    "repo.removed_disable": "{who} opened {repo} again",
    "repo.update_settings": _seen,
    "repo.update_gated_settings": "{who} changed who gets into {repo}[: {changes}]",
    "repo.update_resource_group": "{who} changed the resource group of {repo}[: {changes}]",
    "repo.delete_branch": "{who} deleted {ref} in {repo}[, which was at {before}]",
    "repo.delete_tag": "{who} deleted {ref} in {repo}[, which was at {before}]",
    "repo.delete_pull_ref": "{who} deleted {ref} in {repo}[, which was at {before}]",
    "repo.super_squash": "{who} squashed the history of {ref} in {repo}[: {changes}]",
    "repo.delete_lfs_files": "{who} deleted {count} large files of {repo} for good",
    "repo.delete_discussion": "{who} deleted discussion #{discussion} of {repo}[, “{title}”]",
    "repo.hide_comment": "{who} hid a comment in discussion #{discussion} of {repo}[ ({reason})]",
    "repo.access_request.create": "{who} asked for access to {repo}[, which is {status} now]",
    "repo.access_request.cancel": "{who} took their request for access to {repo} back",
    "repo.access_request.accept": "{who} let {user} into {repo}",
    "repo.access_request.reject": "{who} refused {user} access to {repo}[: {reason}]",
    "repo.access_request.reset": "{who} put {user}'s request for access to {repo} back among those that wait",
    "repo.access_request.grant": "{who} let {user} into {repo} without being asked",
    "repo.add_trusted_publisher": "{who} let CI jobs from {issuer} publish to {repo}",
    "repo.delete_trusted_publisher": "{who} stopped trusting CI jobs from {issuer} to publish to {repo}",
    "collection.update_resource_group": "{who} changed the resource group of the collection “{collection}”",
    # Organizations
    "org.create": "{who} made the organization {name|owner}",
    "org.import": "{who} imported the organization {name|owner}",
    "org.update": "{who} changed the profile of {name|owner}[: {changes}]",
    "org.rename": "{who} renamed {before} to {after|owner}",
    "org.delete": "{who} deleted the organization {name}",
    "org.quota": "{who} changed what {name|owner} may store[: {changes}]",
    "org.add_user": _joined,
    "org.remove_user": _removed,
    "org.leave": "{who} left {org}",
    "org.change_role": "{who} changed the role of {user} in {org}[: {changes}]",
    "org.invite_user": "{who} invited {user} to {org}[ as {role}]",
    "org.uninvite_user": "{who} took back the invitation of {user} to {org}",
    "org.decline_invitation": "{who} declined the invitation to {org}",
    "org.create_invite_link": "{who} made a link to join {org}[ as {role}][, for {email}]",
    "org.delete_invite_link": "{who} revoked link {link} to join {org}",
    "org.service_account.create": "{who} made the service account {name} of {org}",
    "org.service_account.delete": "{who} deleted the service account {name} of {org}",
    "org.service_account.create_token": "{who} made the token “{token}” for the service account {name} of {org}",
    "org.service_account.update_token": "{who} changed the token “{token}” of the service account {name} of {org}[: {changes}]",
    "org.service_account.rotate_token": "{who} renewed the token “{token}” of the service account {name} of {org}",
    "org.service_account.delete_token": "{who} ended the token “{token}” of the service account {name} of {org}",
    "org.token_approval.revoked": "{who} shut {user}'s token “{token}” out of {org}",
    "org.token_approval.approved": "{who} let {user}'s token “{token}” into {org} again",
    "resource_group.create": "{who} made the resource group “{group}” of {org}",
    "resource_group.update": "{who} changed a resource group of {org}[: {changes}]",
    "resource_group.settings": "{who} changed who joins the resource group “{group}” of {org}[: {changes}]",
    "resource_group.delete": "{who} deleted the resource group “{group}” of {org}",
    "resource_group.add_users": "{who} added {user} to the resource group “{group}” of {org}[ as {after}]",
    "resource_group.remove_users": "{who} took {user} out of the resource group “{group}” of {org}",
    "resource_group.change_role": "{who} changed the role of {user} in the resource group “{group}” of {org}[: {changes}]",
    # People
    "user.create": "{who} made an account for {name|owner}",
    "user.import": "{who} imported an account for {name|owner}",
    "user.join": "{who} joined this hub",
    "user.rename": "{who} renamed {before} to {after|owner}",
    "user.delete": "{who} deleted the account {name}",
    "user.disable": "{who} locked {name|owner} out",
    "user.enable": "{who} let {name|owner} in again",
    "user.operator": _operator,
    "user.change_admin": _admin,
    "user.quota": "{who} changed what {name|owner} may store[: {changes}]",
    "user.sign_in": "{who} signed in",
    "user.sign_in_failed": _not_in,
    "user.sign_out": "{who} signed out",
    "user.end_session": "{who} signed a browser out",
    "user.end_sessions": "{who} signed {count} other browsers out",
    "user.link_identity": "{who} signed in with {issuer} for the first time",
    "user.password": "{who} set a new password for {name|owner}",
    "user.change_password": "{who} changed their password",
    "user.ask_reset": "{who} asked for a link to choose a new password",
    "user.reset_link": "{who} made a link for {name|owner} to choose a new password",
    "user.reset_password": "{who} chose a new password by a link",
    "user.change_email": "{who} changed their e-mail address[: {changes}]",
    "user.update_profile": "{who} changed their profile",
    "user.second_factor_on": "{who} turned the second factor on",
    "user.second_factor_off": "{who} turned the second factor off",
    "user.recovery_codes": "{who} made new recovery codes",
    "user.add_trusted_publisher": "{who} let CI jobs from {issuer} read in their name",
    "user.delete_trusted_publisher": "{who} stopped trusting CI jobs from {issuer} to read in their name",
    "user.add_ssh_key": "{who} added the SSH key “{name}”[ ({fingerprint})]",
    "user.delete_ssh_key": "{who} deleted the SSH key “{name}”[ ({fingerprint})]",
    # Tokens, apps, webhooks
    "token.create": "{who} made the token “{name}”[, which may {role}]",
    "token.update": "{who} changed what the token “{name}”[ (…{last4})] may do",
    "token.rotate": "{who} renewed the token “{name}”[ (now …{last4})]",
    "token.revoke": _revoked,
    "oauth.app.create": "{who} registered the app “{name}”",
    "oauth.app.rotate_secret": "{who} renewed the secret of the app {clientId}",
    "oauth.app.delete": "{who} deleted the app “{name}”",
    "oauth.authorize": "{who} signed in to the app “{app}”[, which may now use: {scope}]",
    "oauth.revoke": "{who} signed out of the app {clientId}",
    "oauth.token": "A CI job from {issuer}[ ({subject})] got a token[ for {repo}]",
    "webhook.create": "{who} made webhook {webhook}",
    "webhook.update": "{who} changed webhook {webhook}[: {changes}]",
    "webhook.enable": "{who} turned webhook {webhook} on",
    "webhook.disable": "{who} turned webhook {webhook} off",
    "webhook.delete": "{who} deleted webhook {webhook}",
    # The hub itself
    "job.run": "{who} had the hub do this now: {kind|job}",
    "job.retry": "{who} had job {job} tried again: {kind|job}",
    "job.drop": "{who} took job {job} out of the queue: {kind|job}",
}
