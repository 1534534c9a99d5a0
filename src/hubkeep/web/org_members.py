"""Settings of an organization: who belongs to it, who is invited, and the links to join by."""

from typing import Any

from starlette.routing import Route

from hubkeep.accounts import Actor, Role, orgs
from hubkeep.accounts.orgs import MemberFilter, NewLink
from hubkeep.kit import BadInput, ReadTx
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form
from hubkeep.web.ids import chosen_number
from hubkeep.web.org_settings import BASE, chosen_role, org_for, settings_url

PAGE = 50
ROLES = {
    Role.READ: "Sees private repositories, changes nothing.",
    Role.CONTRIBUTOR: "Also creates repositories, and changes those.",
    Role.WRITE: "Also changes, renames and deletes every repository.",
    Role.ADMIN: "Also changes the organization, and who belongs to it.",
    Role.NO_ACCESS: "Sees what strangers see, but for what resource groups give.",
}
DAYS = {1: "1 day", 7: "a week", 14: "2 weeks", 30: "30 days", 90: "90 days"}


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show members, invitations and links."""
    return Page("pages/org_members.html", _facts(tx, actor, asked, None))


def _facts(tx: ReadTx, actor: Actor, asked: Asked, made: NewLink | None) -> dict[str, Any]:
    org = org_for(tx, actor, asked)
    search, after = asked.query.get("search", "").strip()[:200], asked.query.get("after", "")[:96].lower()
    wanted = MemberFilter(search)
    found = orgs.list_members(tx, actor, org.name, wanted, after=after or None, limit=PAGE)
    here = settings_url(org.name, "members")
    return {
        "org": org,
        "here": here,
        "members": found.items,
        "next": urls.with_query(here, search=search, after=found.next) if found.next else "",
        "first": urls.with_query(here, search=search) if after else "",
        "count": orgs.count_members(tx, org.id),
        "search": search,
        "roles": ROLES,
        "days": DAYS,
        "invitations": orgs.invitations_of(tx, actor, org.name),
        "links": orgs.links_of(tx, actor, org.name),
        "made": made,
        "link_url": f"{asked.hub.url}/organizations/{org.name}/share?code={made.secret}" if made else "",
        "mails": bool(asked.hub.settings.mail.host),
        "me": actor.name,
        "did": asked.query.get("done", ""),
        "about": asked.query.get("who", "")[:96],
    }


async def act(asked: Asked) -> Page | Redirect:
    """Carry out the part of the page whose button was pressed."""
    do, name, hub = asked.value("do"), asked.params["org"], asked.hub
    if do == "invite":
        return await _invite(asked, name)
    if do == "link":
        return await _new_link(asked, name, "", _uses(asked.value("uses")))
    if do == "role":
        who = await hub.write(orgs.change_role, asked.caller, name, asked.value("user"), chosen_role(asked))
        return _done(asked, "role", who.name)
    if do == "remove":
        gone = await hub.write(orgs.remove_member, asked.caller, name, asked.value("user"))
        return _done(asked, "removed", gone.name)
    number = chosen_number(asked.value("id"), "id")
    if do == "take-back":
        await hub.write(orgs.take_back_invitation, asked.caller, name, number)
        return _done(asked, "taken-back")
    if do == "revoke":
        await hub.write(orgs.revoke_link, asked.caller, name, number)
        return _done(asked, "revoked")
    raise BadInput(field="do", reason="must be a button of this page")


async def _invite(asked: Asked, name: str) -> Page | Redirect:
    who = asked.value("who").strip()
    if "@" in who:
        return await _new_link(asked, name, who, 1)
    days = _days(asked)
    made = await asked.hub.write(orgs.invite, asked.caller, name, who, chosen_role(asked), days=days)
    return _done(asked, "invited", made.user.name)


async def _new_link(asked: Asked, name: str, email: str, uses: int | None) -> Page:
    """Make a link, and show its address this once."""
    made = await asked.hub.write(
        orgs.make_link, asked.caller, name, chosen_role(asked), days=_days(asked), max_uses=uses, email=email
    )
    facts = await asked.hub.read(lambda tx, actor: _facts(tx, actor, asked, made), asked.caller)
    return Page("pages/org_members.html", facts)


def _done(asked: Asked, what: str, who: str = "") -> Redirect:
    return Redirect(urls.with_query(settings_url(asked.params["org"], "members"), done=what, who=who))


def _days(asked: Asked) -> int:
    return chosen_number(asked.value("days") or str(orgs.DAYS), "days")


def _uses(text: str) -> int | None:
    if not text.strip():
        return None
    if not text.strip().isascii() or not text.strip().isdigit() or len(text) > 9:
        raise BadInput(field="uses", reason="must be a whole number, or nothing for any number of people")
    return int(text)


routes = [Route(f"{BASE}/members", form(show, act), methods=["GET", "POST"])]
