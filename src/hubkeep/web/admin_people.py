"""People and organizations, for operators: find them, lock them out, say what they may keep."""

from urllib.parse import quote

from starlette.routing import Route

from hubkeep import accounts, repos
from hubkeep.accounts import Actor, OwnerKind, OwnQuota
from hubkeep.kit import BadInput, ReadTx, WriteTx
from hubkeep.repos import Usage
from hubkeep.web import urls
from hubkeep.web.admin_desk import PAGE, operating, operators
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form, shows

GB = 10**9
MAX_DIGITS = 15


def users(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """List people in name order."""
    text, after = asked.query.get("q", "")[:200], asked.query.get("after", "")[:200]
    found = accounts.find_users(tx, actor, text, after=after, limit=PAGE + 1)
    shown = found[:PAGE]
    facts = {
        "q": text,
        "users": shown,
        "used": repos.usages(tx, [user.id for user in shown]),
        "nothing": Usage(),
        "first": urls.with_query("/-/users", q=text) if after else "",
        "next": urls.with_query("/-/users", q=text, after=shown[-1].name) if len(found) > PAGE else "",
    }
    return Page("pages/admin_users.html", facts)


def organizations(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """List organizations in name order."""
    text, after = asked.query.get("q", "")[:200], asked.query.get("after", "")[:200]
    found = accounts.find_orgs(tx, actor, text, after=after, limit=PAGE + 1)
    shown, here = found[:PAGE], "/-/organizations"
    facts = {
        "q": text,
        "orgs": shown,
        "used": repos.usages(tx, [org.id for org, _ in shown]),
        "nothing": Usage(),
        "first": urls.with_query(here, q=text) if after else "",
        "next": urls.with_query(here, q=text, after=shown[-1][0].name) if len(found) > PAGE else "",
    }
    return Page("pages/admin_organizations.html", facts)


def owner(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show one person or organization, with what can be done about them."""
    found = accounts.owner_named(tx, asked.params["name"])
    user = accounts.user_by_id(tx, found.id) if found.kind is OwnerKind.USER else None
    facts = {
        "owner": found,
        "user": user,
        "is_me": found.id == actor.user_id,
        "used": repos.usage_of(tx, found.id),
        "may": accounts.quota_of(tx, asked.hub.settings.quotas, found.id),
        "given": accounts.own_quota(tx, found.id),
        "gigabytes": _gigabytes,
        "link": "",
        "did": asked.query.get("done", ""),
        "audit": urls.with_query("/-/audit", owner=found.name),
        "acts": urls.with_query("/-/audit", who=found.name),
    }
    return Page("pages/admin_owner.html", facts)


async def act(asked: Asked) -> Redirect | Page:
    """Carry out the part of the page whose button was pressed."""
    name, do = str(asked.params["name"]), asked.value("do")
    if do in ("disable", "enable"):
        await asked.hub.write(_set_disabled, asked.caller, name, disabled=do == "disable")
    elif do in ("operator", "ordinary"):
        await asked.hub.write(_set_operator, asked.caller, name, operator=do == "operator")
    elif do == "quota":
        given = OwnQuota(_limit(asked, "bytes", GB), _limit(asked, "repos", 1))
        await asked.hub.write(accounts.set_quota, asked.caller, name, given)
    elif do == "link":
        return await _link(asked, name)
    else:
        raise BadInput(field="do", reason="must be disable, enable, operator, ordinary, quota or link")
    return Redirect(f"/-/owners/{quote(name)}?done={do}")


async def _link(asked: Asked, name: str) -> Page | Redirect:
    """Show a link for a new password, this once."""
    stores = asked.hub.stores
    link = await asked.hub.write(accounts.make_reset_link, asked.caller, stores.signer, asked.hub.url, name)
    answer = await asked.hub.read(owner, asked.caller, asked)
    assert isinstance(answer, Page)
    return Page(answer.template, {**answer.facts, "link": link, "did": "link"})


def _set_disabled(tx: WriteTx, actor: Actor, name: str, *, disabled: bool) -> None:
    accounts.set_disabled(tx, name, disabled=disabled, actor=actor)


def _set_operator(tx: WriteTx, actor: Actor, name: str, *, operator: bool) -> None:
    accounts.set_operator(tx, name, operator=operator, actor=actor)


def _limit(asked: Asked, name: str, unit: int) -> int | None:
    """Read a limit: the default, any number, or a number of `unit`s. Raises BadInput."""
    how = asked.value(f"{name}_how")
    if how in ("default", "any"):
        return None if how == "default" else 0
    text = asked.value(name).strip().replace(",", "")
    whole, _, part = text.partition(".")
    if not whole.isascii() or not (whole + part or "x").isdigit() or len(text) > MAX_DIGITS:
        raise BadInput(field=name, reason="must be a number")
    limit = int(float(text) * unit)
    if not limit:
        raise BadInput(field=name, reason="must be over 0; to set no limit, choose “any number”")
    return limit


def _gigabytes(count: int) -> str:
    return f"{count / GB:.3f}".rstrip("0").rstrip(".")


routes = [
    Route("/-/users", shows(operators(users)), methods=["GET"]),
    Route("/-/organizations", shows(operators(organizations)), methods=["GET"]),
    Route("/-/owners/{name:seg}", form(operators(owner), operating(act)), methods=["GET", "POST"]),
]
