"""People and organizations on their way to another hub: by name, without anything secret."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

import sqlalchemy as sa

from hubkeep.accounts.about import About, checked_about
from hubkeep.accounts.add_org import add_org, set_member
from hubkeep.accounts.add_user import add_user
from hubkeep.accounts.audit import audit
from hubkeep.accounts.audit_entries import require_operator
from hubkeep.accounts.carry_groups import CarriedGroup, add_groups, groups_out
from hubkeep.accounts.errors import OwnerNotFound
from hubkeep.accounts.former_names import former_owner
from hubkeep.accounts.org_tables import orgs, service_accounts
from hubkeep.accounts.orgs.queries import org_profile
from hubkeep.accounts.orgs.types import OrgChanges, OrgProfile
from hubkeep.accounts.orgs.update_org import checked
from hubkeep.accounts.queries import owner_named
from hubkeep.accounts.tables import memberships, owners, users
from hubkeep.accounts.types import Actor, OwnerKind, Role
from hubkeep.kit import BadInput, ReadTx, WriteTx


@dataclass(frozen=True)
class CarriedAbout:
    """What a person tells everybody. `socials`: network to name there."""

    details: str = ""
    website: str = ""
    socials: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Carried:
    """A user or an organization as it travels; what begins with `members` is for organizations, all by name.

    `avatar` is the name of a picture of this hub, "" for none; `programs` are service accounts: user name to what they are for.
    """

    name: str
    kind: OwnerKind
    fullname: str = ""
    created_at: datetime | None = None
    avatar: str = ""
    about: CarriedAbout | None = None
    members: Mapping[str, Role] = field(default_factory=dict)
    profile: OrgProfile | None = None
    groups: Sequence[CarriedGroup] = ()
    programs: Mapping[str, str] = field(default_factory=dict)


def carry_out(tx: ReadTx, actor: Actor, owner_ids: Collection[int]) -> dict[int, Carried]:
    """Return these users and organizations by number, disabled ones too. For operators."""
    require_operator(actor)
    rows = tx.sql.execute(sa.select(owners).where(owners.c.id.in_(owner_ids))).all()
    found = {}
    for row in rows:
        kind = OwnerKind(row.kind)
        same = (row.name, kind, row.fullname, row.created_at, row.avatar)
        if kind is OwnerKind.USER:
            found[row.id] = Carried(*same, about=_about(tx, row.id))
            continue
        found[row.id] = Carried(
            *same,
            members=_members(tx, row.id),
            profile=org_profile(tx, row.id),
            groups=groups_out(tx, row.id),
            programs=_programs(tx, row.id),
        )
    return found


def carry_in(tx: WriteTx, actor: Actor, carried: Carried) -> tuple[int, bool]:
    """Return the number of who has that name here, or had it before, added if nobody has; and whether they were.

    Added people have no password and no token: nobody can be them until an operator hands out a link. An organization that is
    here already keeps its members and what it says of itself: what comes from outside gives nobody rights over what is here.
    Resource groups that it does not have are added, for members that it has.

    Raises:
        NotSignedIn, NotAllowed: the actor is no operator.
        BadInput: a name against the rules, or one that is an organization there and a user here.
    """
    require_operator(actor)
    try:
        found = owner_named(tx, carried.name)
    except OwnerNotFound:  # who was disabled since keeps their former names, too
        former = former_owner(tx, carried.name, disabled=True)
        if former is None:
            return _add(tx, actor, carried), True
        found = former
    if found.kind is not carried.kind:
        raise BadInput(
            field="name", reason=f"{found.name} is a {found.kind} here, and a {carried.kind} there"
        )
    add_groups(tx, actor, found, carried.groups)
    return found.id, False


def _add(tx: WriteTx, actor: Actor, carried: Carried) -> int:
    fullname = carried.fullname[:255]
    if carried.kind is OwnerKind.USER:
        made = add_user(tx, carried.name, fullname=fullname).id
        if carried.about is not None:
            _say(tx, made, carried.about, carried.name)
    else:
        made = add_org(tx, carried.name, {}, fullname=fullname).id
        _fill_org(tx, actor, made, carried)
    values = {"avatar": carried.avatar} | ({"created_at": carried.created_at} if carried.created_at else {})
    tx.sql.execute(sa.update(owners).where(owners.c.id == made).values(**values))
    members = {name: role.value for name, role in carried.members.items()}
    told = {"name": carried.name} | ({"members": members} if members else {})
    audit(tx, actor, f"{carried.kind.value}.import", owner_id=made, data=told)
    return made


def _fill_org(tx: WriteTx, actor: Actor, org_id: int, carried: Carried) -> None:
    if carried.profile is not None and carried.profile != OrgProfile():
        values = checked(OrgChanges(**asdict(carried.profile)))
        tx.sql.execute(sa.insert(orgs).values(id=org_id, **values))
    for name, role in carried.members.items():
        user_id, _ = carry_in(tx, actor, Carried(name, OwnerKind.USER))
        set_member(tx, org_id, user_id, role)
    add_groups(tx, actor, owner_named(tx, carried.name), carried.groups)
    for name, description in carried.programs.items():
        user_id, is_new = carry_in(tx, actor, Carried(name, OwnerKind.USER))
        if is_new:  # a person who is here already does not become a program
            row = {"user_id": user_id, "org_id": org_id, "description": description[:500]}
            tx.sql.execute(sa.insert(service_accounts).values(**row, created_by=None))


def _about(tx: ReadTx, user_id: int) -> CarriedAbout:
    said = sa.select(users.c.details, users.c.website, users.c.socials).where(users.c.id == user_id)
    row = tx.sql.execute(said).one()
    return CarriedAbout(row.details, row.website, json.loads(row.socials))


def _say(tx: WriteTx, user_id: int, about: CarriedAbout, name: str) -> None:
    said = checked_about(About(name, about.details, about.website, about.socials), name)
    row = {"details": said.details, "website": said.website, "socials": json.dumps(dict(said.socials))}
    tx.sql.execute(sa.update(users).where(users.c.id == user_id).values(**row))


def _members(tx: ReadTx, org_id: int) -> dict[str, Role]:
    rows = tx.sql.execute(
        sa.select(owners.c.name, memberships.c.role)
        .join(memberships, memberships.c.user_id == owners.c.id)
        .where(memberships.c.org_id == org_id)
        .order_by(owners.c.name_lower)
    )
    return {row.name: Role(row.role) for row in rows}


def _programs(tx: ReadTx, org_id: int) -> dict[str, str]:
    rows = tx.sql.execute(
        sa.select(owners.c.name, service_accounts.c.description)
        .join(service_accounts, service_accounts.c.user_id == owners.c.id)
        .where(service_accounts.c.org_id == org_id)
        .order_by(owners.c.name_lower)
    )
    return {row.name: row.description for row in rows}
