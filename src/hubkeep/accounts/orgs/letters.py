"""Letters to those who are invited to an organization, by jobs: what was taken back meanwhile is not sent."""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from hubkeep.accounts.letters import House, write_letter
from hubkeep.accounts.org_tables import invitations, invite_links
from hubkeep.accounts.orgs.queries import invitations_where, links_where
from hubkeep.accounts.orgs.words import INVITE, INVITE_LINK
from hubkeep.accounts.queries import user_by_id
from hubkeep.accounts.secrets import digest, mint_session
from hubkeep.accounts.types import Owner, Role
from hubkeep.kit import now

_ARTICLE = {Role.ADMIN: "an administrator", Role.NO_ACCESS: "a member without access by itself"}


def invite_job(house: House, args: Mapping[str, Any]) -> None:
    """Job: tell somebody that they are invited."""
    with house.db.read() as tx:
        alive = sa.and_(invitations.c.id == int(args["invitation_id"]), invitations.c.expires_at > now())
        found = invitations_where(tx, alive)
        user = user_by_id(tx, found[0].user.id) if found else None
    if not found or user is None or user.disabled or not user.email:
        return
    one = found[0]
    what = _what(one.invited_by, one.org, one.role)
    text = f"{what}\n\nAccept or decline by {one.expires_at:%Y-%m-%d}: {house.settings.url}/settings/organizations"
    write_letter(house.settings, user.email, user.fullname, f"Join {one.org.name}", text)


def invite_link_job(house: House, args: Mapping[str, Any]) -> None:
    """Job: send a link to the address that it is for, with a secret that was never anywhere else."""
    if not house.settings.mail.host:
        return
    secret = mint_session()
    with house.db.write() as tx:
        alive = sa.and_(invite_links.c.id == int(args["link_id"]), invite_links.c.expires_at > now())
        found = links_where(tx, alive)
        here = sa.update(invite_links).where(invite_links.c.id == int(args["link_id"]))
        tx.sql.execute(here.values(mail_hash=digest(secret)))
    if not found or not found[0].email:
        return
    one = found[0]
    link = f"{house.settings.url}/organizations/{one.org.name}/share?code={secret}"
    text = f"{_what(one.made_by, one.org, one.role)}\n\nJoin by {one.expires_at:%Y-%m-%d}; this works once: {link}"
    write_letter(house.settings, one.email, "", f"Join {one.org.name}", text)


def _what(by: Owner | None, org: Owner, role: Role) -> str:
    who = (by.fullname or by.name) if by else "Somebody"
    name = org.fullname if org.fullname == org.name else f"{org.fullname} ({org.name})"
    return f"{who} invites you to {name} as {_ARTICLE.get(role, f'a member ({role.value})')}."


HANDLERS: dict[str, Callable[[Any, Mapping[str, Any]], None]] = {
    INVITE: invite_job,
    INVITE_LINK: invite_link_job,
}
