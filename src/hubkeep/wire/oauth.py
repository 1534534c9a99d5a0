"""The OAuth 2.1 and OpenID Connect provider, as programs speak to it.

Source: hub-platform contract 1.2 and 1.4; RFC 6749, 7009, 7591, 8414, 8628; OpenID Connect Core and Discovery.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hubkeep import accounts, repos
from hubkeep.accounts import ANONYMOUS, Actor, BadCredentials, Credentials, NotSignedIn
from hubkeep.accounts import oauth as provider
from hubkeep.accounts.oauth import (
    ALGORITHM,
    Consent,
    InvalidGrant,
    InvalidMetadata,
    Issued,
    OAuthError,
    Scope,
    UnsupportedGrant,
)
from hubkeep.hub import Hub
from hubkeep.kit import BadInput, HubError, ReadTx, TooLarge
from hubkeep.wire.caller import Caller, TheHub, origin
from hubkeep.wire.contract import ASK
from hubkeep.wire.json import Json
from hubkeep.wire.oauth_claims import claims_of
from hubkeep.wire.oauth_fields import client_of, fields_of, json_of, word

router = APIRouter()
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105  names of kinds, here and below
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105
GRANTS = ["authorization_code", "refresh_token", DEVICE_CODE]
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_R = TypeVar("_R", bound=Callable[..., Awaitable[Response]])


def in_oauth_words(handler: _R) -> _R:
    """Shape refusals as programs that speak OAuth read them."""

    @wraps(handler)
    async def shaped(*args: Any, **kwargs: Any) -> Response:
        try:
            return await handler(*args, **kwargs)
        except OAuthError as error:
            return _refusal(error.status, error.error, str(error))
        except (BadInput, TooLarge) as error:
            return _refusal(error.status, "invalid_request", str(error))

    return shaped  # type: ignore[return-value]  # the same parameters: FastAPI reads them


@router.get("/.well-known/openid-configuration")
@router.get("/.well-known/oauth-authorization-server", include_in_schema=False)
async def discovery(hub: TheHub) -> Response:
    """Tell programs where everything is."""
    base = hub.url
    return Json(
        {
            "issuer": base,
            "authorization_endpoint": f"{base}/oauth/authorize",
            "token_endpoint": f"{base}/oauth/token",
            "userinfo_endpoint": f"{base}/oauth/userinfo",
            "device_authorization_endpoint": f"{base}/oauth/device",
            "registration_endpoint": f"{base}/oauth/register",
            "revocation_endpoint": f"{base}/oauth/revoke",
            "jwks_uri": f"{base}/oauth/jwks",
            "scopes_supported": [scope.value for scope in Scope],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": [*GRANTS, TOKEN_EXCHANGE],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "code_challenge_methods_supported": ["S256"],
            "claims_supported": ["sub", "name", "preferred_username", "profile", "picture", "email"],
            "prompt_values_supported": ["none", "login", "consent"],
        }
    )


@router.get("/oauth/jwks")
@router.get("/api/keys/jwt", include_in_schema=False)
async def keys(hub: TheHub) -> Response:
    """Return the keys with which the hub signs what it says about people."""
    return Json(await hub.compute(provider.public_keys, hub.stores.db))


@router.post("/oauth/device")
@in_oauth_words
async def device(request: Request, hub: TheHub) -> Response:
    """Give a program without a browser its two codes."""
    asked = await fields_of(request)
    client_id, _ = client_of(request, asked)

    def begin(tx: Any, actor: Actor) -> provider.NewDevice:
        return provider.begin_device(tx, client_id, asked.get("scope", ""), actor.origin)

    made = await hub.write(begin, Credentials(origin=origin(request)))
    page = f"{hub.url}/oauth/device"
    return Json(
        {
            "device_code": made.device_code,
            "user_code": made.user_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?code={made.user_code}",
            "interval": made.interval,
            "expires_in": made.seconds,
        },
        headers=NO_STORE,
    )


@router.post("/oauth/token")
@in_oauth_words
async def token(request: Request, hub: TheHub) -> Response:
    """Turn a code, a device's code or a refresh token into an access token."""
    asked = await fields_of(request)
    if asked.get("grant_type") == TOKEN_EXCHANGE:
        return await _published(request, hub, asked)
    client_id, secret = client_of(request, asked)
    issued = await hub.write(_exchange, ANONYMOUS, client_id, secret, asked)
    if issued is None:
        raise InvalidGrant
    if isinstance(issued, OAuthError):
        raise issued
    return Json(await hub.compute(_shown, hub, issued), headers=NO_STORE)


@router.post("/oauth/revoke")
@in_oauth_words
async def revoke(request: Request, hub: TheHub) -> Response:
    """End the sign-in that a token belongs to; 200 whether or not there is one."""
    asked = await fields_of(request)
    client_id, secret = client_of(request, asked)

    def end(tx: Any, actor: Actor) -> None:
        del actor
        provider.revoke(tx, provider.proven_app(tx, client_id, secret), asked.get("token", ""))

    await hub.write(end, ANONYMOUS)
    return Json({})


@router.post("/oauth/register")
@in_oauth_words
async def register(request: Request, hub: TheHub) -> Response:
    """Let a program register itself."""
    asked = await json_of(request)
    uris = asked.get("redirect_uris", [])
    if not isinstance(uris, list) or not all(isinstance(uri, str) for uri in uris) or not uris:
        raise InvalidMetadata(reason="redirect_uris: must be a list of addresses")
    method = word(asked, "token_endpoint_auth_method") or "client_secret_basic"
    if method not in ("client_secret_basic", "client_secret_post", "none"):
        raise InvalidMetadata(reason=f"token_endpoint_auth_method: {method[:40]!r} is not served here")
    words = word(asked, "scope")
    scope = provider.read_scope(provider.App("", ""), words) if words else frozenset(Scope)
    name, homepage = word(asked, "client_name") or "an app without a name", word(asked, "client_uri")
    app, secret = await hub.write(
        provider.register_app,
        Credentials(origin=origin(request)),
        name,
        uris,
        scope,
        homepage,
        confidential=method != "none",
        by_itself=True,
    )
    assert app.created_at is not None
    told = {
        "client_id": app.client_id,
        "client_id_issued_at": int(app.created_at.timestamp()),
        "client_name": app.name,
        "redirect_uris": list(app.redirect_uris),
        "scope": " ".join(sorted(app.scope)),
        "token_endpoint_auth_method": method,
        "grant_types": GRANTS,
        "response_types": ["code"],
    }
    if secret:
        told |= {"client_secret": secret, "client_secret_expires_at": 0}
    if app.homepage:
        told["client_uri"] = app.homepage
    return Json(told, 201, headers=NO_STORE)


@router.get("/oauth/userinfo")
@router.post("/oauth/userinfo", include_in_schema=False)
async def userinfo(caller: Caller, hub: TheHub) -> Response:
    """Tell an app about the person who signed in, as far as they agreed."""
    return Json(await hub.read(_userinfo, caller, hub.url), headers=NO_STORE)


async def _published(request: Request, hub: Hub, asked: Mapping[str, str]) -> Response:
    """Give a CI job a token for the ID token that its provider made. Source: hub-platform contract 1.3, RFC 8693."""
    if asked.get("subject_token_type") != ID_TOKEN:
        raise BadInput(field="subject_token_type", reason=f"must be {ID_TOKEN}")
    caller = Credentials(origin=origin(request))
    subject, resource = asked.get("subject_token", ""), asked.get("resource", "")
    try:
        value, seconds = await hub.work(repos.exchange_id_token, caller, subject, resource)
    except HubError as error:
        if isinstance(error, BadInput):
            raise
        return _refusal(max(error.status, 400), "invalid_grant", str(error))
    told = {"access_token": value, "token_type": "bearer", "expires_in": seconds}
    return Json(told | {"issued_token_type": ACCESS_TOKEN}, headers=NO_STORE)


def _exchange(
    tx: Any, actor: Actor, client_id: str, secret: str, asked: Mapping[str, str]
) -> Issued | OAuthError | None:
    del actor
    grant = asked.get("grant_type", "")
    if grant not in GRANTS:
        raise UnsupportedGrant(given=grant[:100])
    app = provider.proven_app(tx, client_id, secret)
    if grant == DEVICE_CODE:
        return provider.poll_device(tx, app, asked.get("device_code", ""))
    if grant == "refresh_token":
        return provider.refresh(tx, app, asked.get("refresh_token", ""))
    uri, verifier = asked.get("redirect_uri", ""), asked.get("code_verifier", "")
    return provider.redeem_code(tx, app, asked.get("code", ""), uri, verifier)


def _shown(hub: Hub, issued: Issued) -> dict[str, Any]:
    told: dict[str, Any] = {
        "access_token": issued.access_token,
        "token_type": "bearer",
        "expires_in": issued.seconds,
        "refresh_token": issued.refresh_token,
        "scope": " ".join(sorted(issued.scope)),
    }
    if Scope.OPENID not in issued.scope:
        return told
    with hub.stores.db.read() as tx:
        actor = accounts.actor_of(tx, issued.user_id, can_write=False)
        claims = claims_of(tx, actor, Consent(issued.scope), hub.url)
    if issued.nonce:
        claims["nonce"] = issued.nonce
    told["id_token"] = provider.id_token(hub.stores.db, hub.url, issued.client_id, claims, issued.seconds)
    return told


def _userinfo(tx: ReadTx, actor: Actor, base: str) -> dict[str, Any]:
    if actor.anonymous:
        raise NotSignedIn
    consent = provider.given_for(tx, actor)
    if consent is None:  # a person's own token, or their session: they may know everything about themselves
        consent = Consent(frozenset(Scope), frozenset(actor.roles))
    elif Scope.OPENID not in consent.scope:
        raise BadCredentials
    return claims_of(tx, actor, consent, base)


def _refusal(status: int, error: str, reason: str) -> Response:
    headers = {**NO_STORE, **(ASK if status == 401 else {})}
    return Json({"error": error, "error_description": reason}, status, headers=headers)
