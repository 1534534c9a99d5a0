"""Lists of models, datasets, Spaces and kernels."""

from dataclasses import dataclass, replace
from functools import partial

from starlette.routing import Route

from hubkeep import search
from hubkeep.accounts import Actor
from hubkeep.kit import BadInput, ReadTx
from hubkeep.repos import Kind
from hubkeep.search import FacetValue
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import shows
from hubkeep.web.narrowed import SIZES, Narrowed, sorts_of
from hubkeep.web.tags import chip

PAGE = 30
FIRST_VALUES = 8  # of a group of facets; the others are folded away
MAX_VALUES = 60
GROUPS = {
    "task": "Tasks",
    "task_categories": "Tasks",
    "library": "Libraries",
    "app": "Runs with",
    "size_categories": "Rows",
    "format": "Formats",
    "modality": "Modalities",
    "sdk": "Made with",
    "language": "Languages",
    "license": "Licenses",
    "gated": "Access",
}


@dataclass(frozen=True)
class Group:
    """A group of facets: its id, its title, and its values with the most frequent first."""

    id: str
    title: str
    values: list[FacetValue]


@dataclass(frozen=True)
class Chosen:
    """Something that narrows the list: the word before it, its own, and the address without it."""

    label: str
    text: str
    without: str


def show(kind: Kind, tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """Show a list, `PAGE` repositories at a time, with how many fit each value that narrows it further."""
    narrowed = Narrowed.of(kind, asked)
    after = _after(asked.query.get("after", ""))
    query = narrowed.query(PAGE, after)
    found = search.listing(tx, actor, query)
    facets = search.facets(tx, actor, query)
    facts = {
        "section": kind,
        "narrowed": narrowed,
        "items": found.items,
        "next": narrowed.url(found.next) if found.next is not None else "",
        "first": narrowed.url() if after is not None else "",
        "groups": [
            Group(name, GROUPS[name], values[:MAX_VALUES]) for name, values in facets.groups.items() if values
        ],
        "first_values": FIRST_VALUES,
        "estimated": facets.estimated,
        "sizes": SIZES if kind is Kind.MODEL else {},
        "chosen": chosen(narrowed),
        "sorts": sorts_of(kind),
        "hub_url": asked.hub.url,
    }
    return Page("pages/list.html", facts)


def chosen(narrowed: Narrowed) -> list[Chosen]:
    """Return what narrows the list, in the order of the address."""
    found = []
    if narrowed.author:
        found.append(Chosen("Owner", narrowed.author, replace(narrowed, author="").url()))
    if narrowed.task:
        found.append(Chosen("Task", narrowed.task, replace(narrowed, task="").url()))
    for tag in narrowed.tags:
        shown = chip(narrowed.kind, tag)
        found.append(Chosen(shown.label, shown.text, narrowed.toggled("", tag).url()))
    for name in narrowed.models:
        rest = tuple(other for other in narrowed.models if other != name)
        found.append(Chosen("Uses", name, replace(narrowed, models=rest).url()))
    for name in narrowed.datasets:
        rest = tuple(other for other in narrowed.datasets if other != name)
        found.append(Chosen("Uses", name, replace(narrowed, datasets=rest).url()))
    found += [Chosen("Runs with", app, narrowed.toggled("app", app).url()) for app in narrowed.apps]
    if narrowed.gated:
        found.append(Chosen("", "gated", replace(narrowed, gated=False).url()))
    if narrowed.size:
        words = SIZES.get(narrowed.size, narrowed.size)
        found.append(Chosen("Parameters", words, replace(narrowed, size="").url()))
    return found


def _after(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        raise BadInput(field="after", reason="must be a page that this list offered")
    return int(text)


routes = [Route(f"/{kind.plural}", shows(partial(show, kind)), methods=["GET"]) for kind in Kind]
