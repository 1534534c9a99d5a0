"""Tokens of members, as the administrators of an organization see them: which there are, and shutting one out."""

from dataclasses import dataclass

import sqlalchemy as sa

from hubkeep.accounts.audit import audit
from hubkeep.accounts.errors import NotAllowed, NotSignedIn, TokenNotFound
from hubkeep.accounts.org_tables import shut_out_tokens
from hubkeep.accounts.orgs.rights import org_for_admin, org_named, sees_all
from hubkeep.accounts.queries import TOKEN, token_of
from hubkeep.accounts.tables import memberships, owners, tokens
from hubkeep.accounts.types import Actor, Token
from hubkeep.kit import ReadTx, WriteTx, now
from hubkeep.kit.tables import insert_missing

PAGE = 200


@dataclass(frozen=True)
class MemberToken:
    """A token of a member, without its value; `shut_out` when it lends nothing in the organization any more."""

    token: Token
    user: str
    shut_out: bool


def tokens_of_members(
    tx: ReadTx, actor: Actor, org_name: str, *, after: int | None = None, limit: int = PAGE
) -> tuple[list[MemberToken], int | None]:
    """Return the tokens of an organization's members, newest first, and where to go on; to its administrators.

    Raises:
        OrgNotFound, NotSignedIn, NotAllowed.
    """
    org = org_named(tx, org_name)
    if actor.anonymous:
        raise NotSignedIn
    if not sees_all(actor, org.id):
        raise NotAllowed(what=f"see the tokens of the members of {org.name}")
    out = sa.and_(shut_out_tokens.c.token_id == tokens.c.id, shut_out_tokens.c.org_id == org.id)
    theirs = (
        sa.select(*TOKEN, owners.c.name.label("user_name"), shut_out_tokens.c.at.label("out_at"))
        .join(memberships, memberships.c.user_id == tokens.c.user_id)
        .join(owners, owners.c.id == tokens.c.user_id)
        .outerjoin(shut_out_tokens, out)
        .where(memberships.c.org_id == org.id)
        .order_by(tokens.c.id.desc())
    )
    if after is not None:
        theirs = theirs.where(tokens.c.id < after)
    rows = tx.sql.execute(theirs.limit(limit + 1)).all()
    found = [MemberToken(token_of(row), row.user_name, row.out_at is not None) for row in rows[:limit]]
    return found, found[-1].token.id if len(rows) > limit else None


def shut_out(tx: WriteTx, actor: Actor, org_name: str, token_id: int, *, out: bool = True) -> None:
    """Take from a member's token what it lends in the organization, or give it back; elsewhere it works as before.

    Raises:
        OrgNotFound, NotSignedIn, NotAllowed: for who is not an administrator.
        TokenNotFound: no token of a member.
    """
    org = org_for_admin(tx, actor, org_name, "shut tokens out")
    of_member = (
        sa.select(tokens.c.name, owners.c.name.label("user_name"))
        .join(memberships, memberships.c.user_id == tokens.c.user_id)
        .join(owners, owners.c.id == tokens.c.user_id)
        .where(tokens.c.id == token_id, memberships.c.org_id == org.id)
    )
    row = tx.sql.execute(of_member).first()
    if row is None:
        raise TokenNotFound
    if out:
        insert_missing(tx.sql, shut_out_tokens, [{"token_id": token_id, "org_id": org.id, "at": now()}])
    else:
        here = sa.and_(shut_out_tokens.c.token_id == token_id, shut_out_tokens.c.org_id == org.id)
        tx.sql.execute(sa.delete(shut_out_tokens).where(here))
    data = {"org": org.name, "user": row.user_name, "token": row.name}
    kind = "org.token_approval.revoked" if out else "org.token_approval.approved"
    audit(tx, actor, kind, owner_id=org.id, data=data)
