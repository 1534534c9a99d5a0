"""What a list can be narrowed by: the tags that the repositories of this hub have, grouped as people think of them."""

from dataclasses import dataclass

from hubkeep import repos
from hubkeep.kit import ReadTx
from hubkeep.repos import Kind
from hubkeep.web.asked import Asked
from hubkeep.web.kept_for_a_while import KEPT
from hubkeep.web.tags import HIDDEN
from hubkeep.web.tasks import LIBRARIES, TASKS

MAX_TAGS, MAX_IN_GROUP = 400, 12
_GROUPS = ("Tasks", "Libraries", "Languages", "Licenses", "Sizes", "Other")


@dataclass(frozen=True)
class Facet:
    """One tag to narrow by: how it is shown, and how many have it."""

    tag: str
    text: str
    number: int


def facets(tx: ReadTx, asked: Asked, kind: Kind) -> list[tuple[str, list[Facet]]]:
    """Return groups of tags, each with its most frequent ones, of public repositories; a minute old at most."""
    return KEPT.get(
        (id(asked.hub.stores), "facets", kind), lambda: _grouped(kind, repos.common_tags(tx, kind, MAX_TAGS))
    )


def _grouped(kind: Kind, tags: list[tuple[str, int]]) -> list[tuple[str, list[Facet]]]:
    groups: dict[str, list[Facet]] = {name: [] for name in _GROUPS}
    for tag, number in tags:
        if tag.startswith(HIDDEN):
            continue
        name, text = _group_of(kind, tag)
        if name and len(groups[name]) < MAX_IN_GROUP:
            groups[name].append(Facet(tag, text, number))
    return [(name, found) for name, found in groups.items() if found]


def _group_of(kind: Kind, tag: str) -> tuple[str, str]:
    prefix, colon, value = tag.partition(":")
    if colon:
        names = {
            "license": "Licenses",
            "language": "Languages",
            "task_categories": "Tasks",
            "size_categories": "Sizes",
        }
        return (names[prefix], value) if prefix in names else ("", "")
    if tag in TASKS:
        return "Tasks", tag
    if tag in LIBRARIES:
        return "Libraries", tag
    if kind is not Kind.DATASET and len(tag) in (2, 3) and tag.isalpha() and tag.islower():
        return "Languages", tag
    return "Other", tag
