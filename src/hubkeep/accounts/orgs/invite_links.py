"""Links by which people join: whoever holds one, within its time and as often as it says."""

import re

import sqlalchemy as sa

from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import NotAllowed, NotSignedIn
from hubkeep.accounts.org_tables import invite_links
from hubkeep.accounts.orgs.errors import AlreadyAMember, InvitationNotFound, TooManyInvitations
from hubkeep.accounts.orgs.invite import DAYS, MAX_OPEN, join, life, require_joiner
from hubkeep.accounts.orgs.queries import links_where, member_role
from hubkeep.accounts.orgs.rights import alone, org_for_admin, org_named, sees_all
from hubkeep.accounts.orgs.types import InviteLink, NewLink
from hubkeep.accounts.orgs.words import INVITE_LINK
from hubkeep.accounts.secrets import digest, mint_session
from hubkeep.accounts.types import Actor, Owner, Role
from hubkeep.kit import BadInput, Job, ReadTx, WriteTx, now
from hubkeep.kit.tables import made_id

MAX_USES = 10_000
_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,190}")


def make_link(
    tx: WriteTx,
    actor: Actor,
    org_name: str,
    role: Role,
    *,
    days: int = DAYS,
    max_uses: int | None = None,
    email: str = "",
) -> NewLink:
    """Make a link; its secret is in the answer and never again. With `email` it is for one person, to whom it is sent.

    Nobody joins as an administrator by a link: those who are to decide everything are named.

    Raises:
        OrgNotFound, NotSignedIn, NotAllowed: for who is not an administrator.
        BadInput, TooManyInvitations.
    """
    org = org_for_admin(tx, actor, org_name, "make links to join by")
    if role is Role.ADMIN:
        raise BadInput(field="role", reason="a link makes nobody an administrator: invite them by name")
    if email and not _EMAIL.fullmatch(email):
        raise BadInput(field="email", reason=f"{email[:80]!r} is not an e-mail address")
    if max_uses is not None and not 1 <= max_uses <= MAX_USES:
        raise BadInput(field="maxUses", reason=f"must be from 1 to {MAX_USES}")
    expires_at = now() + life(days)
    _not_too_many(tx, org)
    secret = mint_session()
    row = {
        "org_id": org.id,
        "hash": digest(secret),
        "email": email,
        "role": role.value,
        "made_by": actor.user_id,
        "created_at": now(),
        "expires_at": expires_at,
        "max_uses": 1 if email else max_uses,
        "uses": 0,
    }
    number = made_id(tx.sql.execute(sa.insert(invite_links).values(**row)))
    link = links_where(tx, invite_links.c.id == number)[0]
    data = {"org": org.name, "role": role.value, "max_uses": link.max_uses} | (
        {"email": email} if email else {}
    )
    audit(tx, actor, "org.create_invite_link", owner_id=org.id, data=data)
    if email:
        tx.enqueue(Job(INVITE_LINK, {"link_id": number}))
    return NewLink(link, secret)


def links_of(tx: ReadTx, actor: Actor, org_name: str) -> list[InviteLink]:
    """Return an organization's links that still work, to those who administer it.

    Raises:
        OrgNotFound, NotSignedIn, NotAllowed.
    """
    org = org_named(tx, org_name)
    if actor.anonymous:
        raise NotSignedIn
    if not sees_all(actor, org.id):
        raise NotAllowed(what="see the links to join by")
    return links_where(tx, invite_links.c.org_id == org.id, *_works())


def link_by_secret(tx: ReadTx, actor: Actor, org_name: str, secret: str) -> InviteLink:
    """Return the link with that secret, to whoever holds it. Raises InvitationNotFound."""
    del actor
    hashed = digest(secret)
    known = sa.or_(invite_links.c.hash == hashed, invite_links.c.mail_hash == hashed)
    found = links_where(tx, known, *_works())
    if not found or found[0].org.name.lower() != org_name.lower():
        raise InvitationNotFound
    return found[0]


def join_by_link(tx: WriteTx, actor: Actor, org_name: str, secret: str) -> Owner:
    """Join the organization by a link.

    Raises:
        NotSignedIn, NotAllowed: nobody, or a token that may not write.
        InvitationNotFound: no such link, one of another organization, over, or used up.
        AlreadyAMember: nothing is used up.
    """
    user_id = require_joiner(actor)
    link = link_by_secret(tx, actor, org_name, secret)
    alone(tx, link.org.id)
    if member_role(tx, link.org.id, user_id) is not None:
        raise AlreadyAMember(user=actor.name, org=link.org.name)
    one_more = sa.update(invite_links).where(invite_links.c.id == link.id, *_works())
    if tx.sql.execute(one_more.values(uses=invite_links.c.uses + 1)).rowcount == 0:
        raise InvitationNotFound
    join(tx, actor, link.org, link.role, {"link": link.id})
    return link.org


def revoke_link(tx: WriteTx, actor: Actor, org_name: str, link_id: int) -> None:
    """Revoke a link; it stops working at once.

    Raises:
        OrgNotFound, NotSignedIn, NotAllowed: for who is not an administrator.
        InvitationNotFound: none of this organization.
    """
    org = org_for_admin(tx, actor, org_name, "revoke links to join by")
    here = sa.and_(invite_links.c.id == link_id, invite_links.c.org_id == org.id)
    if tx.sql.execute(sa.delete(invite_links).where(here)).rowcount == 0:
        raise InvitationNotFound
    audit(tx, actor, "org.delete_invite_link", owner_id=org.id, data={"org": org.name, "link": link_id})


def _works() -> list[sa.ColumnElement[bool]]:
    left = sa.or_(invite_links.c.max_uses.is_(None), invite_links.c.uses < invite_links.c.max_uses)
    return [invite_links.c.expires_at > now(), left]


def _not_too_many(tx: WriteTx, org: Owner) -> None:
    over = sa.and_(invite_links.c.org_id == org.id, sa.not_(sa.and_(*_works())))
    tx.sql.execute(sa.delete(invite_links).where(over))
    count = sa.select(sa.func.count()).where(invite_links.c.org_id == org.id)
    if tx.sql.execute(count).scalar_one() >= MAX_OPEN:
        raise TooManyInvitations(org=org.name, limit=MAX_OPEN)
