"""What a repository can be found by: the document that the index keeps of it."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from hubkeep.repos import Info, Kind, rows_told
from hubkeep.search.places import places
from hubkeep.search.types import Document, Feature, Order
from hubkeep.search.vocabulary import apps_for, type_of

MAX_FEATURES = 1000  # of one repository; what a card lists beyond that is not found
MAX_EVALUATED = 100
MAX_TITLE = 200  # characters of a Space's title that a search looks into
EVERYTHING = "all/"  # the feature that every repository has: its count is the size of the hub

# What lists of each kind can be sorted by. Source: hub-core contract section 7: Spaces have no downloads.
ORDERS: dict[Kind, tuple[Order, ...]] = {
    Kind.MODEL: tuple(Order),
    Kind.DATASET: tuple(Order),
    Kind.SPACE: tuple(order for order in Order if order not in (Order.DOWNLOADS, Order.AMOUNT)),
    Kind.KERNEL: tuple(order for order in Order if order is not Order.AMOUNT),
}


def document_of(info: Info) -> Document:
    """Return what the index keeps of a repository."""
    repo = info.repo
    weights = info.metadata.parameters
    at = places(
        repo.id,
        trending=repo.trending,
        downloads=repo.downloads,
        likes=repo.likes,
        likes_30d=repo.likes_30d,
        created=repo.created_at,
        modified=repo.last_modified,
        amount=_amount(info),
        size=repo.main_size,
    )
    features = {feature.name: feature for feature in _features(info)}
    return Document(
        repo_id=repo.id,
        kind=repo.kind,
        owner_id=repo.owner_id,
        private=repo.private,
        resource_group_id=repo.resource_group_id,
        name="\n".join(_names(info)),
        features=list(features.values())[:MAX_FEATURES],
        parameters=weights,
        keys={order: at[order] for order in ORDERS[repo.kind]},
    )


def _amount(info: Info) -> int:
    """Return how much is in it, 0 where nobody tells: a model's weights, the rows that a dataset's card counts."""
    if info.repo.kind is Kind.DATASET:
        return rows_told(info.metadata.card_data) or 0
    return info.metadata.parameters


def tag_name(tag: str) -> str:
    """Return the name of the feature of having a tag; capitals do not count."""
    return f"tag/{plain(tag)[:255].lower()}"


def used_name(kind: Kind, full_name: str) -> str:
    """Return the name of the feature of a Space that uses such a model or dataset."""
    return f"{kind.value}/{plain(full_name)[:255].lower()}"


def evaluated_name(full_name: str) -> str:
    """Return the name of the feature of a model with a result on such a dataset."""
    return f"evaluated/{plain(full_name)[:255].lower()}"


def plain(text: str) -> str:
    """Return `text` as every database stores it: no lone surrogates, no null characters, one line."""
    if text.isascii() and text.isprintable() and " " not in text:
        return text  # nearly all are
    return " ".join(text.replace("\0", " ").encode("utf-8", "replace").decode().split())


def _features(info: Info) -> Iterator[Feature]:
    kind, metadata = info.repo.kind, info.metadata
    yield Feature(EVERYTHING, "all", "all")
    yield Feature("gated/", "gated", "true") if info.repo.gated else Feature("open/", "open", "false")
    if task := metadata.pipeline_tag:
        yield Feature(f"task/{plain(task)[:255].lower()}", "task", plain(task)[:255])
    if kind is Kind.MODEL:
        yield from (Feature(f"app/{app}", "app", app) for app in apps_for(info))
        yield from _evaluated(info)
    if kind is Kind.SPACE:
        yield from _used(info)
    for tag in metadata.tags:
        yield _of_tag(kind, tag)


@lru_cache(20_000)
def _of_tag(kind: Kind, tag: str) -> Feature:
    """Kept, because the same few thousand tags are nearly all there is."""
    return Feature(tag_name(tag), type_of(kind, plain(tag)), plain(tag)[:255])


def _evaluated(info: Info) -> Iterator[Feature]:
    """Yield the datasets on which a model tells of a result."""
    names = dict.fromkeys(
        result["data"]["dataset"]["id"] for result in info.metadata.eval_results if "data" in result
    )
    for name in list(names)[:MAX_EVALUATED]:
        yield Feature(evaluated_name(name), "evaluated", plain(name)[:255])


def _used(info: Info) -> Iterator[Feature]:
    """Yield what a Space says that it uses."""
    used = [
        Feature(used_name(kind, name), f"uses_{kind.value}", plain(name)[:255])
        for kind in (Kind.MODEL, Kind.DATASET)
        for name in _texts(info.metadata.card_data.get(kind.plural))
    ]
    if used:
        yield Feature("linked/", "linked", "true")
    yield from used


def _names(info: Info) -> Iterable[str]:
    yield info.repo.full_name.lower()
    title = info.metadata.card_data.get("title") if info.repo.kind is Kind.SPACE else None
    if isinstance(title, str) and plain(title):
        yield plain(title)[:MAX_TITLE].lower()


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, str) and item]
