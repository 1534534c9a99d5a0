"""Give a user or an organization another name; the old one leads to it, and stays theirs."""

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import NameTaken, NotAllowed, NotSignedIn
from hubkeep.accounts.events import OwnerMovedAway, OwnerRenamed
from hubkeep.accounts.former_names import MAX_FORMER, remember_name, require_never_taken
from hubkeep.accounts.names import check_owner_name
from hubkeep.accounts.org_tables import service_accounts
from hubkeep.accounts.orgs.rights import org_for_admin, org_named
from hubkeep.accounts.queries import owner_named
from hubkeep.accounts.tables import owners
from hubkeep.accounts.types import Actor, Owner, OwnerKind
from hubkeep.kit import BadInput, WriteTx


def rename_org(tx: WriteTx, actor: Actor, name: str, new_name: str) -> Owner:
    """Rename an organization. What goes by its number goes on: roles, groups, tokens, programs, publishers, webhooks.

    Raises:
        OrgNotFound, NotSignedIn, NotAllowed: for who is not an administrator.
        BadInput, NameTaken: the new name.
    """
    operates = actor.is_admin and actor.can_write
    org = org_named(tx, name) if operates else org_for_admin(tx, actor, name, "rename this organization")
    return _rename(tx, actor, org, new_name)


def rename_user(tx: WriteTx, actor: Actor, name: str, new_name: str) -> Owner:
    """Rename a person: they do it themselves in a session, or an operator does.

    Raises:
        OwnerNotFound, NotSignedIn, NotAllowed.
        BadInput, NameTaken: the new name.
    """
    owner = owner_named(tx, name)
    if actor.anonymous and not actor.is_admin:
        raise NotSignedIn
    themselves = actor.user_id == owner.id and actor.session is not None
    if not themselves and not (actor.is_admin and actor.can_write):
        raise NotAllowed(what=f"rename {owner.name}")
    is_program = sa.select(service_accounts.c.user_id).where(service_accounts.c.user_id == owner.id)
    if owner.kind is not OwnerKind.USER or tx.sql.execute(is_program).first() is not None:
        raise BadInput(field="name", reason=f"{owner.name} is no person")
    return _rename(tx, actor, owner, new_name)


def _rename(tx: WriteTx, actor: Actor, owner: Owner, new_name: str) -> Owner:
    if new_name == owner.name:
        return owner
    check_owner_name(new_name)
    fullname = new_name if owner.fullname == owner.name else owner.fullname
    row = {"name": new_name, "name_lower": new_name.lower(), "fullname": fullname}
    try:
        with tx.sql.begin_nested():
            tx.sql.execute(sa.update(owners).where(owners.c.id == owner.id).values(**row))
            require_never_taken(tx, new_name, owner.id)
    except IntegrityError:
        raise NameTaken(name=new_name) from None
    if remember_name(tx, owner.id, owner.name, new_name) > MAX_FORMER:
        reason = f"{owner.name} has had {MAX_FORMER} other names, which all lead to it: it can only take one of those"
        raise BadInput(field="name", reason=reason)
    after = Owner(owner.id, owner.kind, new_name, fullname, owner.created_at, owner.avatar)
    told = {"before": owner.name, "after": new_name}
    audit(tx, actor, f"{owner.kind.value}.rename", owner_id=owner.id, data=told)
    tx.emit(OwnerRenamed(after))
    tx.emit(OwnerMovedAway(after, owner.name))
    return after
