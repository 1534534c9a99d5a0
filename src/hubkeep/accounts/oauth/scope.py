"""From the scopes of OAuth to what a token may do."""

from collections.abc import Iterable

from hubkeep.accounts.oauth.errors import InvalidScope
from hubkeep.accounts.oauth.types import App, Consent, Scope
from hubkeep.accounts.scopes import APPLIES, Entity, EntityType, Permission, Scopes

P = Permission
_ON: dict[Scope, tuple[Permission, ...]] = {
    Scope.READ_BILLING: (P.BILLING_READ,),
    Scope.READ_MEMBERSHIPS: (P.ORG_READ,),
    Scope.READ_REPOS: (P.REPO_READ,),
    Scope.WRITE_REPOS: (P.REPO_READ, P.REPO_CONTENT_WRITE),
    Scope.MANAGE_REPOS: (P.REPO_READ, P.REPO_CONTENT_WRITE, P.REPO_WRITE),
    Scope.READ_COLLECTIONS: (P.COLLECTION_READ,),
    Scope.WRITE_COLLECTIONS: (P.COLLECTION_READ, P.COLLECTION_WRITE),
    Scope.INFERENCE: (P.INFERENCE,),
    Scope.READ_ENDPOINTS: (P.ENDPOINTS_INFER,),
    Scope.WRITE_ENDPOINTS: (P.ENDPOINTS_INFER, P.ENDPOINTS_WRITE),
    Scope.JOBS: (P.JOB_WRITE,),
    Scope.WEBHOOKS: (P.WEBHOOKS_READ, P.WEBHOOKS_WRITE),
}
DEFAULT = frozenset((Scope.OPENID, Scope.PROFILE))


def read_scope(app: App, text: str) -> frozenset[Scope]:
    """Return the scopes that a request names; those of plain sign-in when it names none. Raises InvalidScope."""
    words = frozenset(text.split())
    known = {scope.value for scope in Scope}
    if unknown := words - known:
        raise InvalidScope(reason=f"scope: {min(unknown)[:60]!r} is not served here")
    wanted = frozenset(Scope(word) for word in words) or DEFAULT
    if more := wanted - app.scope:
        raise InvalidScope(reason=f"scope: this app did not register {min(more)!r}")
    return wanted


def token_scopes(user_id: int, consent: Consent) -> Scopes:
    """Return what a token may do that was given with this consent: in the person's namespace and in the organizations."""
    wanted = frozenset(permission for scope in consent.scope for permission in _ON.get(scope, ()))
    things = [
        Entity(EntityType.USER, user_id),
        *(Entity(EntityType.ORG, org) for org in sorted(consent.org_ids)),
    ]
    on = {thing: wanted.intersection(APPLIES[thing.type]) for thing in things}
    everywhere = frozenset((P.DISCUSSION_WRITE,)) if Scope.WRITE_DISCUSSIONS in consent.scope else frozenset()
    return Scopes(
        {thing: given for thing, given in on.items() if given},
        everywhere,
        gated=Scope.GATED_REPOS in consent.scope,
    )


def stored_scope(text: str) -> frozenset[Scope]:
    """Return scopes that were stored; one that a later release dropped is left out."""
    known = {scope.value for scope in Scope}
    return frozenset(Scope(word) for word in text.split() if word in known)


def stored_orgs(text: str) -> frozenset[int]:
    """Return organizations that were stored."""
    return frozenset(int(number) for number in text.split())


def org_ids_of(numbers: Iterable[int], member_of: Iterable[int]) -> frozenset[int]:
    """Return those of `numbers` that the person belongs to."""
    return frozenset(numbers) & frozenset(member_of)
