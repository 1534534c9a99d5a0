"""Every address that is not about one repository, and whom it lets in: the table that `test_every_other_route` walks."""

import re
from collections.abc import Mapping
from enum import StrEnum

from tests.unit.wire.doors import FORM, JS, NO, Door

from hubkeep.wire import not_served


class Who(StrEnum):
    """Who passes."""

    ALL = "anybody, except who shows a token that is none"
    FORM = "nobody who does not send the token of the form"
    TICKET = "who brings a signed note, which is asked for elsewhere"
    KNOWN = "whoever is signed in, with whatever"
    WHOLE = "whoever is signed in, but by a token that was given for other things"
    VOICE = "whoever is signed in with what may write"
    MINE = "one person, with what may write; to others there is nothing"
    MINE_TO_SEE = "one person, with whatever token was not given for other things; to others there is nothing"
    MEMBER = "members of the organization; others are refused"
    LEADS = "its administrators, to look"
    RULES = "its administrators, with what may write"
    LEADS_HIDDEN = "its administrators, to look; to others there is nothing"
    RULES_HIDDEN = "its administrators, with what may write; to others there is nothing"
    INSIDE = "who sees what is private in the organization; to others there is nothing"
    CHANGES = "who writes there; who only sees it is refused; to others there is nothing"
    SPEAKS = "who sees it, with what may write; to others there is nothing"
    MAKES = "who may make something there"
    OPERATES = "operators, with what may write"
    OPERATES_HIDDEN = "operators; to others there is nothing"
    CLOSED = "nobody: it is switched off on this hub"
    NOT_YET = "nobody: this hub does not have it, and says so"


ALL, F, T, K, WH, V, M, MS, ME, L, R, LH, RH, IN, C, SP, MK, OP, OH, CL, NY = Who
DOORS: dict[str, tuple[Who, Door]] = {}


def door(who: Who, keys: str, body: object = None, headers: Mapping[str, str] = JS, query: str = "") -> None:
    """Add lines of the table: one a key; keys stand on lines of their own."""
    for key in keys.strip().splitlines():
        given = dict(headers) if body is not None else {}
        DOORS[key.strip()] = (who, Door(who, body, given, query=query))  # type: ignore[arg-type]


# What is nobody's: addresses of the hub itself, and what programs say before anybody is known.
door(
    ALL,
    """
    GET /api/agent-harnesses
    GET /api/tasks
    HEAD /api/telemetry/{topic}
    GET /.well-known/oauth-authorization-server
    GET /.well-known/openid-configuration
    GET /api/keys/jwt
    GET /oauth/jwks
    GET /healthz
    GET /readyz
    GET /openapi.json
    GET /-/static/{version}/{path}
    GET /-/diagram
    GET /favicon.ico
    GET /robots.txt
    GET /sitemap.xml
    GET /.well-known/openapi.json
    GET /.well-known/openapi.md
    GET /llms.txt
    GET /avatars/{name}.svg
    GET /avatars/{name}.webp
    GET /-/posters.png
    GET /-/posters/{owner}.png
    GET /docs
    GET /
    GET /search
    GET /models
    GET /datasets
    GET /spaces
    GET /kernels
    GET /login
    GET /login/code
    GET /login/reset
    GET /login/sso
    GET /collections
    GET /organizations
    GET /organizations/{org}
    GET /organizations/{org}/activity
    GET /new-model
    GET /new-dataset
    GET /new-space
    GET /new-collection
    GET /settings
    GET /settings/repositories
    GET /settings/connected-applications
    GET /search/full-text
    GET /{owner}/models
    GET /{owner}/datasets
    GET /{owner}/spaces
    GET /{owner}/kernels
    GET /users
    GET /{path}/
    GET /{owner}
    GET /{owner}/activity
    GET /{owner}/likes
    GET /{owner}/followers
    GET /{owner}/following
    GET /{owner}/members
    GET /{owner}/collections
    GET /settings/tokens/new
    GET /uploads/{name}
    GET /activity
    GET /api/recent-activity
    GET /organizations/{org}/share
    GET /cas/{epoch}/{rest}
    DELETE /cas/{epoch}/{rest}
    PATCH /cas/{epoch}/{rest}
    POST /cas/{epoch}/{rest}
    PUT /cas/{epoch}/{rest}
    """,
)
door(
    ALL,
    """
    GET /feeds/models.atom
    GET /feeds/datasets.atom
    GET /feeds/spaces.atom
    GET /feeds/kernels.atom
    GET /feeds/{owner}/activity.atom
    GET /api/models-tags-by-type
    GET /api/datasets-tags-by-type
    GET /api/trending
    GET /api/spaces/semantic-search
    GET /api/{kind}
    GET /api/collections
    GET /api/users/{user}/likes
    GET /api/users/{name}/overview
    GET /api/users/{name}/socials
    GET /api/users/{name}/avatar
    GET /api/users/{name}/followers
    GET /api/users/{name}/following
    GET /api/organizations/{name}/overview
    GET /api/organizations/{name}/members
    GET /api/organizations/{name}/followers
    GET /api/organizations/{name}/socials
    GET /api/organizations/{name}/avatar
    GET /api/avatars/{name}
    """,
)
door(ALL, "GET /api/quicksearch\nPOST /api/quicksearch", {"q": "x"}, query="?q=x")
door(ALL, "POST /api/validate-yaml", {"content": "---\nx: 1\n---\n", "repoType": "model"})
door(ALL, "POST /api/credentials/revoke", {"credentials": ["hf_nothing"]})
door(ALL, "POST /v1/telemetry", b"{}")
door(ALL, "POST /oauth/device", b"client_id=26be6b09-91c5-47da-9861-d2d2bb7a7e36", FORM)
door(ALL, "POST /oauth/register", {"redirect_uris": ["https://a.example/"]})
door(ALL, "GET /oauth/authorize", query="?client_id=26be6b09-91c5-47da-9861-d2d2bb7a7e36")
door(CL, "GET /join\nGET /login/callback")
# An app must prove itself, whoever sits before it.
door(T, "POST /oauth/token\nPOST /oauth/revoke", b"grant_type=refresh_token&client_id=none&token=x", FORM)
door(
    T,
    """
    GET /cas/{epoch}/v1/chunks/{prefix}/{hash}
    GET /cas/{epoch}/v1/reconstructions/{hash}
    GET /cas/{epoch}/v2/reconstructions/{hash}
    GET /cas/{epoch}/fetch/{hash}
    GET /cas/{epoch}/chunks/{prefix}/{hash}
    GET /cas/{epoch}/reconstructions/{hash}
    GET /cas/{epoch}/chunk/{prefix}/{hash}
    GET /cas/{epoch}/reconstruction/{hash}
    """,
)
door(
    T,
    """
    POST /cas/{epoch}/v1/xorbs/{prefix}/{hash}
    POST /cas/{epoch}/v1/shards
    POST /cas/{epoch}/v2/shards
    POST /cas/{epoch}/xorbs/{prefix}/{hash}
    POST /cas/{epoch}/shards
    POST /cas/{epoch}/xorb/{prefix}/{hash}
    POST /cas/{epoch}/shard/{prefix}/{hash}
    """,
    b"x",
    {},
)
# Families that this hub does not have: said to whoever asks.
door(
    NY,
    "\n".join(
        f"{method} {re.sub(r':[a-z]+}', '}', path)}"
        for path in not_served.FAMILIES
        for method in not_served.METHODS
    ),
)
# Names of one segment, and calls that there are none of: nothing is there, whoever asks.
door(
    Who.INSIDE,
    "\n".join(f"{method} /api/{{kind}}/{{rest}}" for method in ("GET", "POST", "PUT", "PATCH", "DELETE")),
)

# What is a person's own.
door(
    K,
    """
    GET /api/whoami
    GET /api/whoami-v2
    GET /oauth/userinfo
    POST /oauth/userinfo
    """,
)
door(
    WH,
    """
    GET /api/notifications
    GET /api/settings/repositories
    GET /api/settings/notifications
    GET /api/settings/watch
    GET /api/settings/webhooks
    GET /api/settings/organizations/invitations
    """,
)
door(V, "POST /api/notifications/mark-as-read\nDELETE /api/notifications", {"discussionIds": []})
door(V, "PATCH /api/settings/notifications", {"notifications": {}})
door(V, "PATCH /api/settings/watch", {"add": [], "delete": []})
door(
    V,
    "POST /api/settings/webhooks",
    {"url": "https://receiver.example/", "watched": [{"type": "user", "name": "nobody"}]},
)
door(V, "POST /uploads", b"x", {"Content-Type": "image/png"})
door(
    V,
    """
    POST /api/users/{name}/follow
    DELETE /api/users/{name}/follow
    POST /api/users/{name}/unfollow
    POST /api/organizations/{name}/follow
    DELETE /api/organizations/{name}/follow
    POST /api/organizations/{name}/unfollow
    """,
)
door(V, "POST /api/organizations", {"name": "ORG-new"})
door(
    M,
    """
    POST /api/settings/webhooks/{webhook_id}/enable
    POST /api/settings/webhooks/{webhook_id}/disable
    POST /api/settings/webhooks/{webhook_id}/replay/{log_id}
    DELETE /api/settings/webhooks/{webhook_id}
    """,
)
door(M, "POST /api/settings/webhooks/{webhook_id}", {"watched": []})
door(
    MS,
    "GET /api/settings/webhooks/{webhook_id}\nGET /api/settings/webhooks/{webhook_id}/deliveries",
)
door(
    M,
    """
    POST /api/settings/organizations/invitations/{number}/accept
    POST /api/settings/organizations/invitations/{number}/decline
    """,
)

# Repositories by name in the body, as the rooms' own tests have it: here only that strangers are strangers.
door(MK, "POST /api/repos/create", {"name": "fresh", "organization": "ORG", "type": "model"})
door(C, "DELETE /api/repos/delete", {"name": "kept", "organization": "ORG", "type": "model"})
door(C, "POST /api/repos/move", {"fromRepo": "ORG/kept", "toRepo": "ORG/moved", "type": "model"})

# Collections: one of the organization, private.
door(IN, "GET /api/collections/{ns}/{slug}")
door(IN, "GET /api/collections/{ns}/{slug}/resource-group")
door(MK, "POST /api/collections", {"title": "Mine", "namespace": "ORG", "private": True})
door(C, "PATCH /api/collections/{ns}/{slug}", {"title": "Other"})
door(C, "DELETE /api/collections/{ns}/{slug}")
door(C, "POST /api/collections/{ns}/{slug}/items", {"item": {"id": "2401.00001", "type": "paper"}})
door(
    C,
    "POST /api/collections/{ns}/{slug}/items/batch",
    [{"action": "update", "_id": "ITEM", "data": {"note": "x"}}],
)
door(C, "PATCH /api/collections/{ns}/{slug}/items/{item}", {"note": "x"})
door(C, "DELETE /api/collections/{ns}/{slug}/items/{item}")
door(C, "POST /api/collections/{ns}/{slug}/resource-group", {"resourceGroupId": None})
door(SP, "POST /api/collections/{ns}/{slug}/upvote\nDELETE /api/collections/{ns}/{slug}/upvote")

# Organizations.
_ORG = "/api/organizations/{name}"
_GROUP, _ACCOUNT = f"{_ORG}/resource-groups/{{group}}", f"{_ORG}/service-accounts/{{account}}"
door(ME, f"GET {_ORG}/resource-groups")
door(ME, f"GET {_ORG}/settings/repositories")
door(LH, f"GET {_GROUP}")
door(
    L,
    f"""
    GET {_ORG}/invitations
    GET {_ORG}/invite-links
    GET {_ORG}/service-accounts
    GET {_ACCOUNT}
    GET {_ORG}/settings/tokens
    GET {_ORG}/audit-log/export
    """,
)
door(R, f"PATCH {_ORG}", {"details": "x"})
door(R, f"DELETE {_ORG}\nDELETE {_ORG}/members/{{user}}")
door(R, f"PUT {_ORG}/members/{{user}}/role", {"role": "admin"})
door(R, f"POST {_ORG}/invitations", {"user": "guest", "role": "admin"})
door(R, f"POST {_ORG}/invite-links", {"role": "write"})
door(R, f"DELETE {_ORG}/invitations/{{number}}\nDELETE {_ORG}/invite-links/{{number}}")
door(V, f"POST {_ORG}/leave", {})
door(V, f"POST {_ORG}/join", {"secret": "nothing"})
door(R, f"POST {_ORG}/resource-groups", {"name": "fresh"})
door(RH, f"PATCH {_GROUP}", {"description": "x"})
door(R, f"DELETE {_GROUP}")
door(R, f"POST {_GROUP}/settings", {"autoJoin": {"enabled": True, "role": "read"}})
door(RH, f"POST {_GROUP}/users", {"users": [{"user": "helper", "role": "admin"}]})
door(RH, f"PATCH {_GROUP}/users/{{user}}", {"role": "admin"})
door(RH, f"DELETE {_GROUP}/users/{{user}}")
door(R, f"POST {_ORG}/service-accounts", {"name": "fresh"})
door(R, f"DELETE {_ACCOUNT}")
door(R, f"POST {_ACCOUNT}/tokens", {"displayName": "x", "permissions": []})
door(R, f"PATCH {_ACCOUNT}/tokens/{{token}}", {"displayName": "y"})
door(R, f"POST {_ACCOUNT}/tokens/{{token}}/rotate\nDELETE {_ACCOUNT}/tokens/{{token}}")
door(R, f"POST {_ORG}/settings/tokens/{{token}}/revoke\nPOST {_ORG}/settings/tokens/{{token}}/approve")

# Operators.
door(OP, "GET /api/audit-log/export")
door(
    OH,
    """
    GET /-/
    GET /-/users
    GET /-/organizations
    GET /-/owners/{name}
    GET /-/repos
    GET /-/jobs
    GET /-/storage
    GET /-/settings
    GET /-/audit
    """,
)

# Pages of one's own, and of an organization for those who run it.
door(
    K,
    """
    GET /new
    GET /notifications
    GET /collections/new
    GET /organizations/new
    GET /oauth/device
    GET /oauth/device/decide
    GET /settings/account
    GET /settings/account/confirm
    GET /settings/applications
    GET /settings/authentication
    GET /settings/authentication/app
    GET /settings/gated-repos
    GET /settings/keys
    GET /settings/notifications
    GET /settings/organizations
    GET /settings/profile
    GET /settings/publishers
    GET /settings/security-log
    GET /settings/storage
    GET /settings/tokens
    GET /settings/webhooks
    """,
)
door(MS, "GET /settings/tokens/{token}\nGET /settings/webhooks/{hook}")
door(IN, "GET /collections/{ns}/{slug}")
door(
    L,
    """
    GET /organizations/{org}/settings
    GET /organizations/{org}/settings/audit-log
    GET /organizations/{org}/settings/members
    GET /organizations/{org}/settings/profile
    GET /organizations/{org}/settings/service-accounts
    GET /organizations/{org}/settings/tokens
    """,
)
door(L, "GET /organizations/{org}/settings/resource-groups")
door(L, "GET /organizations/{org}/settings/storage")
door(LH, "GET /organizations/{org}/settings/resource-groups/{group}")
_FORMS = """
    /-/jobs /-/owners/{name} /-/repos /-/storage /collections/new /collections/{ns}/{slug} /join /login /login/code /login/reset
    /logout /new /notifications /oauth/authorize /oauth/device/decide /organizations/new /organizations/{org}/settings/members
    /organizations/{org}/settings/profile /organizations/{org}/settings/profile/picture
    /organizations/{org}/settings/resource-groups
    /organizations/{org}/settings/resource-groups/{group} /organizations/{org}/settings/service-accounts
    /organizations/{org}/settings/tokens /organizations/{org}/share /settings/account /settings/account/confirm
    /settings/applications /settings/authentication /settings/authentication/app /settings/keys /settings/notifications
    /settings/organizations /settings/profile /settings/profile/picture /settings/publishers /settings/tokens
    /settings/tokens/{token} /settings/webhooks
    /settings/webhooks/{hook} /{owner}
"""
door(F, "\n".join(f"POST {path}" for path in _FORMS.split()), b"x=1", FORM)
# A name without an owner: nothing is there, whoever asks.
door(IN, "GET /{kind}{name}/resolve/{rev}/{path}")
AT = {
    "hash": NO,
    "prefix": "default",
    "epoch": "e1",
    "rest": "x",
    "kind": "models",
    "topic": "x",
    "version": "x",
}
