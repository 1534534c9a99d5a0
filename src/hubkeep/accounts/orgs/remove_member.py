"""Take somebody out of an organization, or leave it."""

from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import NotAllowed, NotSignedIn
from hubkeep.accounts.orgs.change_role import drop_member
from hubkeep.accounts.orgs.errors import LastAdmin, NotAMember
from hubkeep.accounts.orgs.queries import member_role
from hubkeep.accounts.orgs.rights import alone, org_for_admin, org_named, other_admins
from hubkeep.accounts.queries import user_named
from hubkeep.accounts.types import Actor, Owner, Role, User
from hubkeep.kit import WriteTx


def remove_member(tx: WriteTx, actor: Actor, name: str, user_name: str) -> User:
    """Take a member out; what they made stays with the organization.

    Raises:
        OrgNotFound, NotSignedIn, NotAllowed: for who is not an administrator.
        NotAMember, OwnerNotFound, LastAdmin.
    """
    org = org_for_admin(tx, actor, name, "remove members")
    alone(tx, org.id)
    user = user_named(tx, user_name)
    _out(tx, org, user.id, user.name)
    audit(tx, actor, "org.remove_user", owner_id=org.id, data={"org": org.name, "user": user.name})
    return user


def leave(tx: WriteTx, actor: Actor, name: str) -> Owner:
    """Leave an organization, by one's own wish.

    Raises:
        OrgNotFound, NotSignedIn, NotAMember, LastAdmin.
        NotAllowed: a token that may not write.
    """
    org = org_named(tx, name)
    if actor.user_id is None:
        raise NotSignedIn
    if not actor.can_write:
        raise NotAllowed(what="leave organizations: this token can only read")
    alone(tx, org.id)
    _out(tx, org, actor.user_id, actor.name)
    audit(tx, actor, "org.leave", owner_id=org.id, data={"org": org.name, "user": actor.name})
    return org


def _out(tx: WriteTx, org: Owner, user_id: int, user_name: str) -> None:
    role = member_role(tx, org.id, user_id)
    if role is None:
        raise NotAMember(user=user_name, org=org.name)
    if role is Role.ADMIN and not other_admins(tx, org.id, user_id):
        raise LastAdmin(org=org.name)
    drop_member(tx, org.id, user_id)
