"""Where a model comes from: the models that it names as its base, and those that these name."""

from collections.abc import Iterator
from dataclasses import dataclass

from hubkeep.accounts import Action, Actor, may
from hubkeep.kit import ReadTx
from hubkeep.repos import queries
from hubkeep.repos.card import cards_of
from hubkeep.repos.info import Info
from hubkeep.repos.lineage import base_models, relation_to_base
from hubkeep.repos.metadata import Metadata
from hubkeep.repos.types import Kind, Repo

MAX_STEPS = 6
MAX_LISTED = 8


@dataclass(frozen=True)
class Ancestor:
    """A base model as a card names it, how the one below was made from it, and what it is if `actor` may see it here."""

    name: str
    relation: str
    repo: Repo | None


def ancestors(tx: ReadTx, actor: Actor, info: Info) -> tuple[list[Ancestor], list[Ancestor]]:
    """Return the base models of a model, and the line above the first, nearest first: `MAX_STEPS` at most.

    A card can name itself, or a model made from itself: the line ends where it would come by for a second time.
    """
    first = list(_bases(tx, actor, info.metadata))
    if len(first) != 1 or first[0].repo is None:
        return first, []
    seen, line, here = {info.repo.id}, list[Ancestor](), first[0]
    while here.repo is not None and here.repo.id not in seen and len(line) < MAX_STEPS:
        seen.add(here.repo.id)
        found = cards_of(tx, [here.repo.id]).get(here.repo.id)
        above = list(_bases(tx, actor, found[1])) if found else []
        if len(above) != 1 or (above[0].repo is not None and above[0].repo.id in seen):
            break
        here = above[0]
        line.append(here)
    return first, line


def _bases(tx: ReadTx, actor: Actor, metadata: Metadata) -> Iterator[Ancestor]:
    relation = metadata.relation or relation_to_base(metadata.card_data)
    for name in base_models(metadata.card_data)[:MAX_LISTED]:
        found = queries.by_name(tx, Kind.MODEL, name) if name.count("/") == 1 else None
        shown = found is not None and not found.disabled and may(actor, Action.READ, found)
        yield Ancestor(name, relation, found if shown else None)
