"""Repositories as repo info and lists show them: one builder per property, chosen by `expand`."""

from collections.abc import Callable, Iterable
from typing import Any

from hubkeep.kit import BadInput, wire_date
from hubkeep.repos import Info, Kind
from hubkeep.search import Linked
from hubkeep.wire.shapes.entry import sibling
from hubkeep.wire.shapes.names import object_id

Builder = Callable[[Info], Any]


def _card_list(key: str) -> Builder:
    def build(info: Info) -> list[str]:
        value = info.metadata.card_data.get(key)
        values = value if isinstance(value, list) else [value]
        return [item for item in values if isinstance(item, str)]

    return build


def _card_text(key: str) -> Builder:
    def build(info: Info) -> str | None:
        value = info.metadata.card_data.get(key)
        return value if isinstance(value, str) else None

    return build


def _safetensors(info: Info) -> dict[str, Any] | None:
    counts = info.metadata.safetensors
    return {"parameters": counts, "total": sum(counts.values())} if counts else None


def _siblings(info: Info) -> list[dict[str, Any]] | None:
    return None if info.siblings is None else [sibling(file, blobs=False) for file in info.siblings]


def _subdomain(info: Info) -> str:
    return info.repo.full_name.lower().replace("/", "-").replace("_", "-").replace(".", "-")


# Source: hub-core contract 6.1. `None` leaves the key out, unless it is one of NULLABLE.
BUILDERS: dict[str, Builder] = {
    "author": lambda i: i.repo.owner,
    "baseModels": lambda i: _card_list("base_model")(i) or None,
    "cardData": lambda i: i.metadata.card_data,
    "citation": _card_text("citation"),
    "config": lambda i: i.metadata.config,
    "createdAt": lambda i: wire_date(i.repo.created_at),
    "datasets": _card_list("datasets"),
    "description": _card_text("description"),
    "disabled": lambda i: i.repo.disabled,
    "downloads": lambda i: i.repo.downloads,
    "downloadsAllTime": lambda i: i.repo.downloads_all_time,
    "evalResults": lambda i: i.metadata.eval_results or None,
    "gated": lambda i: i.repo.gated or False,
    "gguf": lambda i: i.metadata.gguf,
    "lastModified": lambda i: wire_date(i.repo.last_modified),
    "library_name": lambda i: i.metadata.library_name,
    "likes": lambda i: i.repo.likes,
    "mainSize": lambda i: i.repo.main_size,
    "mask_token": lambda i: i.metadata.mask_token,
    "model-index": lambda i: i.metadata.card_data.get("model-index"),
    "models": _card_list("models"),
    "paperswithcode_id": _card_text("paperswithcode_id"),
    "pipeline_tag": lambda i: i.metadata.pipeline_tag,
    "private": lambda i: i.repo.private,
    "region": lambda _: "us",
    "safetensors": _safetensors,
    "sdk": lambda i: i.metadata.sdk or i.repo.sdk,
    "sha": lambda i: i.oid,
    "siblings": _siblings,
    "subdomain": _subdomain,
    "tags": lambda i: i.metadata.tags,
    "transformersInfo": lambda i: i.metadata.transformers_info,
    "trendingScore": lambda i: i.repo.trending,
    "usedStorage": lambda i: i.repo.used_storage,
    "widgetData": lambda i: i.metadata.card_data.get("widget"),
    "xetEnabled": lambda _: True,  # asked by clients of the 0.x line before a large upload
}
NULLABLE = {"model-index"}

# What only the index of the whole hub can tell, of one model at a time.
FROM_THE_INDEX = frozenset(("childrenModelCount", "spaces"))
MAX_SPACES = 100

# What a client may ask for though this hub never has a value for it yet (or `wire.info` adds it): left out of the answer.
_ABSENT = {
    Kind.MODEL: {
        "inference",
        "inferenceProviderMapping",
        "resourceGroup",
        "securityStatus",
    },
    Kind.DATASET: {"resourceGroup"},
    Kind.SPACE: {"resourceGroup", "runtime"},
    Kind.KERNEL: {"resourceGroup", "files"},
}
_COMMON = {
    "author",
    "cardData",
    "createdAt",
    "disabled",
    "gated",
    "lastModified",
    "likes",
    "private",
    "sha",
    "siblings",
    "tags",
    "trendingScore",
    "usedStorage",
}
_ON_REQUEST = {"xetEnabled"}  # not in the contract's lists, but old clients ask
_OWN = {
    Kind.MODEL: {
        "baseModels",
        "config",
        "downloads",
        "downloadsAllTime",
        "evalResults",
        "gguf",
        "library_name",
        "mask_token",
        "model-index",
        "pipeline_tag",
        "safetensors",
        "transformersInfo",
        "widgetData",
    },
    Kind.DATASET: {
        "citation",
        "description",
        "downloads",
        "downloadsAllTime",
        "mainSize",
        "paperswithcode_id",
    },
    Kind.SPACE: {"datasets", "models", "region", "sdk", "subdomain"},
    Kind.KERNEL: {"downloads", "downloadsAllTime"},
}
_DEFAULT = {
    Kind.MODEL: (
        *sorted(_COMMON - {"trendingScore"}),
        "pipeline_tag",
        "library_name",
        "downloads",
        "model-index",
        "config",
        "widgetData",
        "mask_token",
        "transformersInfo",
        "safetensors",
    ),
    Kind.DATASET: (
        *sorted(_COMMON - {"trendingScore"}),
        "downloads",
        "description",
        "citation",
        "paperswithcode_id",
    ),
    Kind.SPACE: (*sorted(_COMMON - {"trendingScore"}), "sdk", "subdomain", "models", "datasets"),
    Kind.KERNEL: (*sorted(_COMMON - {"trendingScore"}), "downloads"),
}
_LISTED = {
    Kind.MODEL: ("likes", "private", "downloads", "tags", "pipeline_tag", "library_name", "createdAt"),
    Kind.DATASET: (
        "author",
        "disabled",
        "gated",
        "lastModified",
        "description",
        "downloads",
        "likes",
        "private",
        "sha",
        "tags",
        "createdAt",
    ),
    Kind.SPACE: ("likes", "private", "sdk", "tags", "createdAt"),
    Kind.KERNEL: ("likes", "private", "downloads", "tags", "createdAt"),
}


def expandable(kind: Kind) -> set[str]:
    """Return the values of `expand` for that kind. Source: hub-core contract section 6."""
    found = _COMMON | _OWN[kind] | _ABSENT[kind] | _ON_REQUEST
    return found | FROM_THE_INDEX if kind is Kind.MODEL else found


def check_expand(kind: Kind, expand: Iterable[str]) -> list[str]:
    """Return the asked-for properties. Raises BadInput naming the allowed ones."""
    asked = [part for value in expand for part in value.split(",") if part]
    if unknown := [value for value in asked if value not in expandable(kind)]:
        raise BadInput(
            field="expand", reason=f"{unknown[0]!r} is not one of {', '.join(sorted(expandable(kind)))}"
        )
    return asked


def expanded(info: Info, properties: Iterable[str], linked: Linked | None = None) -> dict[str, Any]:
    """Return `_id`, `id` and the asked-for properties, nothing else."""
    shown: dict[str, Any] = {"_id": object_id(info.repo.id, info.repo.created_at), "id": info.repo.full_name}
    for name in properties:
        build = BUILDERS.get(name)
        value = build(info) if build else None
        if value is not None or name in NULLABLE:
            shown[name] = value
        elif linked is not None and name in FROM_THE_INDEX:
            shown[name] = _spaces(linked) if name == "spaces" else sum(linked.children.values())
    return shown


def _spaces(linked: Linked) -> list[str]:
    return [space.repo.full_name for space in linked.using]


def full(info: Info, linked: Linked | None = None, *, blobs: bool = False) -> dict[str, Any]:
    """Return repo info without `expand`."""
    shown = expanded(info, _DEFAULT[info.repo.kind])
    if info.repo.kind is Kind.MODEL:
        shown["modelId"] = info.repo.full_name
        shown["spaces"] = _spaces(linked) if linked else []
        shown |= {"gguf": info.metadata.gguf} if info.metadata.gguf else {}
    if info.repo.kind is Kind.KERNEL:
        shown["repoType"] = "kernel"
    if info.siblings is not None and blobs:
        shown["siblings"] = [sibling(file, blobs=True) for file in info.siblings]
    return shown


def listed(info: Info, *, full: bool, card_data: bool, config: bool, trending: bool) -> dict[str, Any]:
    """Return an item of a list without `expand`."""
    names = [*_LISTED[info.repo.kind]]
    names += ["author", "sha", "lastModified", "gated", "disabled", "siblings"] if full else []
    names += ["cardData"] if card_data else []
    names += ["config"] if config else []
    names += ["trendingScore"] if trending else []
    shown = expanded(info, dict.fromkeys(names))
    if info.repo.kind is Kind.MODEL:
        shown["modelId"] = info.repo.full_name
    return shown
