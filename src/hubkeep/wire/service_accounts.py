"""Service accounts and their tokens; tokens of members. Source: hub-platform contract section 17."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from hubkeep import repos
from hubkeep.accounts import Actor, Entity, EntityType, Permission, Scopes, Token, orgs
from hubkeep.accounts.orgs import MemberToken, ServiceAccount
from hubkeep.kit import BadInput, NotBuiltYet, ReadTx, WriteTx, wire_date
from hubkeep.wire.caller import Caller, TheHub
from hubkeep.wire.json import Json
from hubkeep.wire.likes import place_of
from hubkeep.wire.pages import limit_of, next_link
from hubkeep.wire.shapes.ids import number_of
from hubkeep.wire.shapes.names import object_id

router = APIRouter()
ACCOUNTS = "/api/organizations/{name:seg}/service-accounts"
ONE = ACCOUNTS + "/{account:seg}"
TOKENS = "/api/organizations/{name:seg}/settings/tokens"
MAX_REPOS = 99
# What a token of a service account may be given. Source: the Hub's own list.
ON_ORG = (
    Permission.REPO_READ,
    Permission.REPO_WRITE,
    Permission.INFERENCE,
    Permission.ENDPOINTS_INFER,
    Permission.ENDPOINTS_WRITE,
    Permission.ORG_READ,
    Permission.ORG_WRITE,
    Permission.COLLECTION_READ,
    Permission.COLLECTION_WRITE,
    Permission.GROUP_WRITE,
    Permission.JOB_WRITE,
    Permission.SERVICE_READ,
    Permission.SERVICE_WRITE,
)
ON_REPO = (Permission.REPO_READ, Permission.REPO_WRITE)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class _New(_Body):
    name: str
    description: str = ""


class _Limits(_Body):
    permissions: list[Permission] | None = None
    repo_ids: Annotated[list[str] | None, Field(alias="repoIds", max_length=MAX_REPOS)] = None
    repo_permissions: Annotated[list[Permission] | None, Field(alias="repoPermissions")] = None
    endpoint_patterns: Annotated[list[str], Field(alias="endpointPatterns")] = []
    skip_network_security: Annotated[bool, Field(alias="skipNetworkSecurity")] = False

    def check(self) -> None:
        """Refuse what this hub cannot keep, and permissions where they mean nothing."""
        if self.endpoint_patterns:
            raise NotBuiltYet(feature="Inference endpoints")
        if odd := [one for one in self.permissions or [] if one not in ON_ORG]:
            raise BadInput(field="permissions", reason=f"{odd[0]} cannot be given to a service account")
        if odd := [one for one in self.repo_permissions or [] if one not in ON_REPO]:
            raise BadInput(field="repoPermissions", reason=f"must be of {', '.join(ON_REPO)}, not {odd[0]}")


class _NewToken(_Limits):
    display_name: Annotated[str, Field(alias="displayName", max_length=100)] = "API Token"


class _TokenChanges(_Limits):
    display_name: Annotated[str | None, Field(alias="displayName", max_length=100)] = None


@router.get(ACCOUNTS)
async def list_accounts(name: str, caller: Caller, hub: TheHub) -> Response:
    """List an organization's service accounts."""
    return Json([_account(one) for one in await hub.read(orgs.list_service_accounts, caller, name)])


@router.post(ACCOUNTS)
async def create(name: str, body: _New, caller: Caller, hub: TheHub) -> Response:
    """Make a service account."""
    made = await hub.write(orgs.create_service_account, caller, name, body.name, body.description)
    return Json(_account(made) | {"fullname": made.name}, 201)


@router.get(ONE)
async def get(name: str, account: str, caller: Caller, hub: TheHub) -> Response:
    """Show a service account with its tokens, without their values."""
    found, tokens = await hub.read(orgs.get_service_account, caller, name, number_of(account))
    ids = await hub.read(_ids_of, caller, tokens)
    return Json(_account(found) | {"accessTokens": [_token(one, ids) for one in tokens]})


@router.delete(ONE)
async def delete(name: str, account: str, caller: Caller, hub: TheHub) -> Response:
    """Delete a service account and its tokens."""
    await hub.write(orgs.delete_service_account, caller, name, number_of(account))
    return Response(status_code=204)


@router.post(ONE + "/tokens")
async def make_token(name: str, account: str, body: _NewToken, caller: Caller, hub: TheHub) -> Response:
    """Make a token; its value is in this answer and never again."""
    body.check()

    def make(tx: WriteTx, actor: Actor) -> tuple[Token, str]:
        orgs.get_service_account(tx, actor, name, number_of(account))  # who may not, learns nothing below
        scopes = _scopes(tx, name, body, Scopes())
        return orgs.make_service_token(tx, actor, name, number_of(account), body.display_name, scopes)

    token, secret = await hub.write(make, caller)
    ids = await hub.read(_ids_of, caller, [token])
    return Json({"token": secret, "tokenInfo": _token(token, ids)}, 201)


@router.patch(ONE + "/tokens/{token:seg}")
async def change_token(
    name: str, account: str, token: str, body: _TokenChanges, caller: Caller, hub: TheHub
) -> Response:
    """Change what a token is called and may do; what is not named stays."""
    body.check()

    def change(tx: WriteTx, actor: Actor) -> Token:
        _, tokens = orgs.get_service_account(tx, actor, name, number_of(account))
        old = next((one.scopes for one in tokens if one.id == number_of(token)), None) or Scopes()
        scopes = _scopes(tx, name, body, old)
        return orgs.change_service_token(
            tx, actor, name, number_of(account), number_of(token), name=body.display_name, scopes=scopes
        )

    changed = await hub.write(change, caller)
    return Json(_token(changed, await hub.read(_ids_of, caller, [changed])))


@router.post(ONE + "/tokens/{token:seg}/rotate")
async def rotate_token(name: str, account: str, token: str, caller: Caller, hub: TheHub) -> Response:
    """Give a token another value; the old one stops working at once."""
    made, secret = await hub.write(
        orgs.rotate_service_token, caller, name, number_of(account), number_of(token)
    )
    return Json({"token": secret, "tokenInfo": _token(made, await hub.read(_ids_of, caller, [made]))})


@router.delete(ONE + "/tokens/{token:seg}")
async def revoke_token(name: str, account: str, token: str, caller: Caller, hub: TheHub) -> Response:
    """Delete a token."""
    await hub.write(orgs.revoke_service_token, caller, name, number_of(account), number_of(token))
    return Response(status_code=204)


@router.get(TOKENS)
async def tokens_of_members(name: str, request: Request, caller: Caller, hub: TheHub) -> Response:
    """List the tokens of an organization's members, without their values, to its administrators."""
    after, limit = place_of(request), limit_of(request, 1000, 200)
    found, following = await hub.read(orgs.tokens_of_members, caller, name, after=after, limit=limit)
    return Json([_member_token(one) for one in found], headers=next_link(request, hub, following))


@router.post(TOKENS + "/{token:seg}/revoke")
async def shut_out(name: str, token: str, caller: Caller, hub: TheHub) -> Response:
    """Take from a member's token what it lends in this organization; elsewhere it works as before."""
    await hub.write(orgs.shut_out, caller, name, number_of(token))
    return Json({})


@router.post(TOKENS + "/{token:seg}/approve")
async def let_in(name: str, token: str, caller: Caller, hub: TheHub) -> Response:
    """Let a member's token in again."""
    await hub.write(orgs.shut_out, caller, name, number_of(token), out=False)
    return Json({})


def _scopes(tx: ReadTx, org_name: str, body: _Limits, old: Scopes) -> Scopes:
    """Return what a token may do: on the organization, and on the repositories that are named."""
    org = orgs.org_named(tx, org_name)
    whole = Entity(EntityType.ORG, org.id)
    on_org = old.on.get(whole, frozenset()) if body.permissions is None else frozenset(body.permissions)
    single = {entity: given for entity, given in old.on.items() if entity.type is not EntityType.ORG}
    if body.repo_ids is not None or body.repo_permissions is not None:
        numbers = (
            [entity.id for entity in single]
            if body.repo_ids is None
            else [number_of(text) for text in body.repo_ids]
        )
        given = (
            next(iter(single.values()), frozenset({Permission.REPO_READ}))
            if body.repo_permissions is None
            else frozenset(body.repo_permissions)
        )
        found = {repo.id: repo for repo in repos.repos_by_id(tx, numbers) if repo.owner_id == org.id}
        if missing := [number for number in numbers if number not in found]:
            reason = f"{len(missing)} of them are no repositories of {org.name}"
            raise BadInput(field="repoIds", reason=reason)
        single = {repo.entity: given for repo in found.values()}
    return Scopes({**({whole: on_org} if on_org else {}), **single})


def _ids_of(tx: ReadTx, actor: Actor, tokens: list[Token]) -> dict[int, str]:
    """Return the ids of the repositories that tokens name."""
    del actor
    numbers = {
        entity.id
        for token in tokens
        for entity in (token.scopes or Scopes()).on
        if entity.type is not EntityType.ORG
    }
    return {repo.id: object_id(repo.id, repo.created_at) for repo in repos.repos_by_id(tx, sorted(numbers))}


def _account(one: ServiceAccount) -> dict[str, Any]:
    return {
        "_id": object_id(one.id, one.created_at),
        "user": one.user,
        "name": one.name,
        "email": "",
        "createdAt": wire_date(one.created_at),
        **({"description": one.description} if one.description else {}),
    }


def _token(one: Token, ids: dict[int, str]) -> dict[str, Any]:
    scopes = one.scopes or Scopes()
    on_org = {p for entity, given in scopes.on.items() if entity.type is EntityType.ORG for p in given}
    single = {entity: given for entity, given in scopes.on.items() if entity.type is not EntityType.ORG}
    return {
        "_id": object_id(one.id, one.created_at),
        "displayName": one.name,
        "createdAt": wire_date(one.created_at),
        "role": one.role.value,
        "permissions": sorted(on_org),
        "repoIds": [ids[entity.id] for entity in single if entity.id in ids],
        "repoPermissions": sorted({p for given in single.values() for p in given}),
        "endpointPatterns": [],
        "last4": one.last4,
        "skipNetworkSecurity": False,
        **({"lastUsedAt": wire_date(one.last_used_at)} if one.last_used_at else {}),
    }


def _member_token(one: MemberToken) -> dict[str, Any]:
    token = one.token
    return {
        "_id": object_id(token.id, token.created_at),
        "user": one.user,
        "displayName": token.name,
        "role": token.role.value,
        "createdAt": wire_date(token.created_at),
        "last4": token.last4,
        "status": "REVOKED" if one.shut_out else "APPROVED",
        **({"lastUsedAt": wire_date(token.last_used_at)} if token.last_used_at else {}),
    }
