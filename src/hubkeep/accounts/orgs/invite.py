"""Invite somebody by name; and what became of it."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from hubkeep.accounts.access import require_whole
from hubkeep.accounts.add_org import set_member
from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import NotAllowed, NotSignedIn, OwnerNotFound
from hubkeep.accounts.org_tables import invitations
from hubkeep.accounts.orgs.errors import (
    AlreadyAMember,
    AlreadyInvited,
    InvitationNotFound,
    TooManyInvitations,
)
from hubkeep.accounts.orgs.queries import invitations_where, member_role
from hubkeep.accounts.orgs.rights import alone, org_for_admin, org_named, sees_all
from hubkeep.accounts.orgs.types import Invitation
from hubkeep.accounts.orgs.words import INVITE
from hubkeep.accounts.queries import owner_now, user_named
from hubkeep.accounts.types import Actor, Owner, Role
from hubkeep.kit import BadInput, Job, ReadTx, WriteTx, now
from hubkeep.kit.tables import made_id

DAYS, MAX_DAYS = 14, 90
MAX_OPEN = 500  # invitations of one organization, and links


def invite(
    tx: WriteTx, actor: Actor, org_name: str, user_name: str, role: Role, *, days: int = DAYS
) -> Invitation:
    """Invite a user, who then accepts or declines within `days`.

    Raises:
        OrgNotFound, NotSignedIn, NotAllowed: for who is not an administrator.
        OwnerNotFound: no such user.
        AlreadyAMember, AlreadyInvited, TooManyInvitations, BadInput.
    """
    org = org_for_admin(tx, actor, org_name, "invite people")
    user = user_named(tx, owner_now(tx, user_name.strip()).name)
    if user.disabled:
        raise OwnerNotFound(name=user_name)
    if member_role(tx, org.id, user.id) is not None:
        raise AlreadyAMember(user=user.name, org=org.name)
    expires_at = now() + life(days)
    tx.sql.execute(
        sa.delete(invitations).where(invitations.c.org_id == org.id, invitations.c.expires_at <= now())
    )
    _not_too_many(tx, org)
    row = {"org_id": org.id, "user_id": user.id, "role": role.value, "invited_by": actor.user_id}
    try:
        with tx.sql.begin_nested():
            values = row | {"created_at": now(), "expires_at": expires_at}
            number = made_id(tx.sql.execute(sa.insert(invitations).values(**values)))
    except IntegrityError:
        raise AlreadyInvited(user=user.name, org=org.name) from None
    data = {"org": org.name, "user": user.name, "role": role.value}
    audit(tx, actor, "org.invite_user", owner_id=org.id, data=data)
    tx.enqueue(Job(INVITE, {"invitation_id": number}))
    return invitations_where(tx, invitations.c.id == number)[0]


def life(days: int) -> timedelta:
    """Return how long an invitation lasts. Raises BadInput."""
    if not 1 <= days <= MAX_DAYS:
        raise BadInput(field="days", reason=f"must be from 1 to {MAX_DAYS}")
    return timedelta(days=days)


def invitations_of(tx: ReadTx, actor: Actor, org_name: str) -> list[Invitation]:
    """Return the open invitations of an organization, to those who administer it.

    Raises:
        OrgNotFound, NotSignedIn, NotAllowed.
    """
    org = org_named(tx, org_name)
    if actor.anonymous:
        raise NotSignedIn
    if not sees_all(actor, org.id):
        raise NotAllowed(what="see who is invited")
    return invitations_where(tx, invitations.c.org_id == org.id, invitations.c.expires_at > now())


def my_invitations(tx: ReadTx, actor: Actor) -> list[Invitation]:
    """Return the invitations that wait for the actor's answer. Raises NotSignedIn, NotAllowed."""
    user_id = require_whole(actor, "see invitations")
    return invitations_where(tx, invitations.c.user_id == user_id, invitations.c.expires_at > now())


def accept_invitation(tx: WriteTx, actor: Actor, invitation_id: int) -> Owner:
    """Join the organization, in the role that the invitation names.

    Raises:
        NotSignedIn, NotAllowed: nobody, or a token that may not write.
        InvitationNotFound: it is over, taken back, or somebody else's.
    """
    found = _mine(tx, actor, invitation_id)
    alone(tx, found.org.id)
    if tx.sql.execute(sa.delete(invitations).where(invitations.c.id == found.id)).rowcount == 0:
        raise InvitationNotFound  # answered or taken back at the same moment
    join(
        tx, actor, found.org, found.role, {"invited_by": found.invited_by.name if found.invited_by else None}
    )
    return found.org


def decline_invitation(tx: WriteTx, actor: Actor, invitation_id: int) -> Owner:
    """Say no. Raises what `accept_invitation` raises."""
    found = _mine(tx, actor, invitation_id)
    tx.sql.execute(sa.delete(invitations).where(invitations.c.id == found.id))
    data = {"org": found.org.name, "user": actor.name}
    audit(tx, actor, "org.decline_invitation", owner_id=found.org.id, data=data)
    return found.org


def take_back_invitation(tx: WriteTx, actor: Actor, org_name: str, invitation_id: int) -> None:
    """Take an invitation back.

    Raises:
        OrgNotFound, NotSignedIn, NotAllowed: for who is not an administrator.
        InvitationNotFound: none of this organization.
    """
    org = org_for_admin(tx, actor, org_name, "take invitations back")
    here = sa.and_(invitations.c.id == invitation_id, invitations.c.org_id == org.id)
    found = invitations_where(tx, here)
    if not found:
        raise InvitationNotFound
    tx.sql.execute(sa.delete(invitations).where(here))
    data = {"org": org.name, "user": found[0].user.name}
    audit(tx, actor, "org.uninvite_user", owner_id=org.id, data=data)


def join(tx: WriteTx, actor: Actor, org: Owner, role: Role, data: dict[str, object]) -> None:
    """Make the actor a member, and take back what else invites them by name."""
    assert actor.user_id is not None
    set_member(tx, org.id, actor.user_id, role)
    others = sa.and_(invitations.c.org_id == org.id, invitations.c.user_id == actor.user_id)
    tx.sql.execute(sa.delete(invitations).where(others))
    said = {"org": org.name, "user": actor.name, "role": role.value, **data}
    audit(tx, actor, "org.add_user", owner_id=org.id, data=said)


def require_joiner(actor: Actor) -> int:
    """Return who wants to join. Raises NotSignedIn, NotAllowed."""
    if actor.user_id is None:
        raise NotSignedIn
    if not actor.can_write:
        raise NotAllowed(what="join organizations: this token can only read")
    return actor.user_id


def _mine(tx: ReadTx, actor: Actor, invitation_id: int) -> Invitation:
    user_id = require_joiner(actor)
    mine = sa.and_(invitations.c.id == invitation_id, invitations.c.user_id == user_id)
    found = invitations_where(tx, mine, invitations.c.expires_at > now())
    if not found:
        raise InvitationNotFound
    return found[0]


def _not_too_many(tx: ReadTx, org: Owner) -> None:
    count = sa.select(sa.func.count()).where(invitations.c.org_id == org.id)
    if tx.sql.execute(count).scalar_one() >= MAX_OPEN:
        raise TooManyInvitations(org=org.name, limit=MAX_OPEN)
