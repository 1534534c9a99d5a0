"""Which model has taken a model's place. Source: hub-features 2.1, row «`new_version` banner»."""

from hubkeep.accounts import Action, Actor, may
from hubkeep.kit import ReadTx
from hubkeep.repos import queries
from hubkeep.repos.card import cards_of
from hubkeep.repos.info import Info
from hubkeep.repos.types import Kind, Repo

MAX_STEPS = 10


def new_version(tx: ReadTx, actor: Actor, info: Info) -> Repo | None:
    """Return the newest version that `actor` may see: what the card names, what that one names, and so on.

    Cards that name each other lead nowhere: the last before the circle closes is the answer.
    """
    newest, metadata, seen = None, info.metadata, {info.repo.id}
    for _ in range(MAX_STEPS):
        name = metadata.card_data.get("new_version")
        found = (
            queries.by_name(tx, Kind.MODEL, name) if isinstance(name, str) and name.count("/") == 1 else None
        )
        if found is None or found.disabled or found.id in seen or not may(actor, Action.READ, found):
            break
        seen.add(found.id)
        newest = found
        kept = cards_of(tx, [found.id]).get(found.id)
        if kept is None:
            break
        metadata = kept[1]
    return newest
