"""Lists of organizations and of people."""

from dataclasses import dataclass
from functools import partial

from starlette.routing import Route

from hubkeep import accounts, repos, search
from hubkeep.accounts import Actor, Listed, Order, Owner, OwnerKind, orgs
from hubkeep.kit import BadInput, ReadTx
from hubkeep.web import urls
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import shows
from hubkeep.web.ids import place

PAGE = 30
FOUND = 60  # by a piece of a name; the closest first
ADDRESSES = {OwnerKind.ORG: "/organizations", OwnerKind.USER: "/users"}
ORDERS = {Order.NAME: "By name", Order.NEWEST: "Newest"}


@dataclass(frozen=True)
class Line:
    """Somebody in the list: how many repositories of theirs the viewer sees, and how many are in an organization."""

    owner: Owner
    repos: int
    members: int | None = None  # None: a person, or an organization that does not tell


def show(kind: OwnerKind, tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show a page of everybody, or whoever has all words of `q` in their name."""
    here = ADDRESSES[kind]
    text, order = asked.query.get("q", "").strip()[:200], _order(asked.query.get("sort", ""))
    after = _after(order, asked.query.get("after", ""))
    if text:
        found = search.find_people(tx, kind, text, FOUND)
        listed = Listed([one for one in found if _is_shown(tx, one)], None)
    else:
        listed = accounts.list_owners(tx, kind, order, after=after, limit=PAGE)
    facts = {
        "kind": kind,
        "here": here,
        "text": text,
        "order": order,
        "orders": ORDERS,
        "lines": _lines(tx, actor, listed),
        "full": len(listed.items) == FOUND and bool(text),
        "next": urls.with_query(here, sort=order.value, after=listed.next) if listed.next is not None else "",
        "first": urls.with_query(here, sort=order.value) if after is not None else "",
        "enough": repos.ENOUGH,
    }
    return Page("pages/owners.html", facts)


def _lines(tx: ReadTx, actor: Actor, listed: Listed) -> list[Line]:
    counts = repos.count_for_many(tx, actor, [owner.id for owner in listed.items])
    return [Line(owner, counts[owner.id], _members(tx, actor, owner)) for owner in listed.items]


def _members(tx: ReadTx, actor: Actor, owner: Owner) -> int | None:
    if owner.kind is not OwnerKind.ORG:
        return None
    hides = orgs.org_profile(tx, owner.id).members_hidden and not orgs.is_member(actor, owner.id)
    return None if hides else orgs.count_members(tx, owner.id)


def _is_shown(tx: ReadTx, owner: Owner) -> bool:
    if owner.kind is OwnerKind.ORG:
        return True
    user = accounts.user_by_id(tx, owner.id)
    return user is not None and not user.disabled


def _order(text: str) -> Order:
    if text and text not in set(Order):
        raise BadInput(field="sort", reason=f"must be one of {', '.join(Order)}")
    return Order(text) if text else Order.NAME


def _after(order: Order, text: str) -> str | None:
    if order is Order.NEWEST:
        number = place(text, "after")
        return str(number) if number is not None else None
    return text[:96] or None


routes = [Route(path, shows(partial(show, kind)), methods=["GET"]) for kind, path in ADDRESSES.items()]
