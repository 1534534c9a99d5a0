"""Settings of an organization: its service accounts, and their tokens."""

from typing import Any

from starlette.routing import Route

from hubkeep.accounts import Actor, Entity, EntityType, Permission, Scopes, Token, orgs
from hubkeep.kit import BadInput, ReadTx, WriteTx
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form
from hubkeep.web.ids import chosen_number
from hubkeep.web.org_settings import BASE, org_for, settings_url

# What can be ticked for a token; programs may ask for finer things.
CHOICES: dict[str, tuple[tuple[Permission, ...], str]] = {
    "read": ((Permission.REPO_READ, Permission.COLLECTION_READ), "Read repositories, private ones too"),
    "write": (
        (
            Permission.REPO_READ,
            Permission.REPO_WRITE,
            Permission.COLLECTION_READ,
            Permission.COLLECTION_WRITE,
        ),
        "Also create, upload, change settings and delete",
    ),
    "admin": (
        (Permission.REPO_WRITE, Permission.COLLECTION_WRITE, Permission.ORG_READ, Permission.ORG_WRITE),
        "Also change the organization, its members and groups",
    ),
}


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show the accounts with their tokens."""
    return Page("pages/org_programs.html", _facts(tx, actor, asked, None))


def _facts(tx: ReadTx, actor: Actor, asked: Asked, made: tuple[Token, str] | None) -> dict[str, Any]:
    org = org_for(tx, actor, asked)
    found = orgs.list_service_accounts(tx, actor, org.name)
    return {
        "org": org,
        "here": settings_url(org.name, "service-accounts"),
        "accounts": [orgs.get_service_account(tx, actor, org.name, one.id) for one in found],
        "choices": {name: words for name, (_, words) in CHOICES.items()},
        "may": _may,
        "made": made,
        "given": {name: asked.value(name) for name in ("name", "description")},
        "hub_url": asked.hub.url,
        "did": asked.query.get("done", ""),
    }


async def act(asked: Asked) -> Page | Redirect:
    """Carry out the part of the page whose button was pressed; a new token's value is in this answer and never again."""
    do, org = asked.value("do"), asked.params["org"]
    if do in ("token", "rotate"):
        made = await asked.hub.write(_make if do == "token" else _rotate, asked.caller, asked)
        facts = await asked.hub.read(lambda tx, actor: _facts(tx, actor, asked, made), asked.caller)
        return Page("pages/org_programs.html", facts | {"given": {"name": "", "description": ""}})
    if do == "create":
        said = asked.value("description")
        await asked.hub.write(orgs.create_service_account, asked.caller, org, asked.value("name"), said)
    elif do == "delete":
        number = chosen_number(asked.value("account"), "account")
        await asked.hub.write(orgs.delete_service_account, asked.caller, org, number)
    elif do == "revoke":
        number, token = (
            chosen_number(asked.value("account"), "account"),
            chosen_number(asked.value("id"), "id"),
        )
        await asked.hub.write(orgs.revoke_service_token, asked.caller, org, number, token)
    else:
        raise BadInput(field="do", reason="must be a button of this page")
    return Redirect(urls.with_query(settings_url(org, "service-accounts"), done=do))


def _make(tx: WriteTx, actor: Actor, asked: Asked) -> tuple[Token, str]:
    org = org_for(tx, actor, asked)
    if (chosen := asked.value("may")) not in CHOICES:
        raise BadInput(field="may", reason=f"must be one of {', '.join(CHOICES)}")
    scopes = Scopes({Entity(EntityType.ORG, org.id): frozenset(CHOICES[chosen][0])})
    number = chosen_number(asked.value("account"), "account")
    return orgs.make_service_token(tx, actor, org.name, number, asked.value("name"), scopes)


def _rotate(tx: WriteTx, actor: Actor, asked: Asked) -> tuple[Token, str]:
    number, token = chosen_number(asked.value("account"), "account"), chosen_number(asked.value("id"), "id")
    return orgs.rotate_service_token(tx, actor, asked.params["org"], number, token)


def _may(token: Token) -> str:
    """Say what a token may do, in a word if it is one of ours."""
    scopes = token.scopes or Scopes()
    given = {p for each in scopes.on.values() for p in each}
    whole = any(entity.type is EntityType.ORG for entity in scopes.on)
    for name, (permissions, _) in CHOICES.items():
        if whole and given == set(permissions):
            return name
    return ", ".join(sorted(given)) or "nothing"


routes = [Route(f"{BASE}/service-accounts", form(show, act), methods=["GET", "POST"])]
