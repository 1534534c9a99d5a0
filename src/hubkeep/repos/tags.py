"""The tags of a repository, as the Hub writes them (`license:mit`, `dataset:squad`, `base_model:finetune:a/b`)."""

import re
from typing import Any

from hubkeep.repos.types import Kind

_ARXIV = re.compile(r"\d{4}\.\d{4,5}")
_RELATIONS = ("adapter", "merge", "quantized", "finetune")
_DATASET_PREFIXES = (
    "task_categories",
    "task_ids",
    "annotations_creators",
    "language_creators",
    "multilinguality",
    "source_datasets",
    "size_categories",
)


def tags_of(kind: Kind, card: dict[str, Any], extra: list[str] | None = None) -> list[str]:
    """Return the tags that a card and the files (`extra`) add up to, without repeats, in a stable order."""
    tags = [*(extra or []), *_texts(card.get("tags"))]
    tags += [f"language:{code}" if kind is Kind.DATASET else code for code in _texts(card.get("language"))]
    tags += [f"arxiv:{found}" for text in _texts(card.get("arxiv")) for found in _ARXIV.findall(text)]
    tags += [f"license:{name}" for name in _texts(card.get("license"))]
    if kind is Kind.DATASET:
        tags += [f"{prefix}:{value}" for prefix in _DATASET_PREFIXES for value in _texts(card.get(prefix))]
    else:
        tags += [f"dataset:{name}" for name in _texts(card.get("datasets"))]
    tags += _base_models(card)
    if kind is Kind.SPACE:
        tags += _texts(card.get("sdk"))
    if _texts(card.get("model-index") and "model-index"):
        tags.append("model-index")
    return [*dict.fromkeys(tag for tag in [*tags, "region:us"] if tag)]


def _base_models(card: dict[str, Any]) -> list[str]:
    names = _texts(card.get("base_model"))
    relation = card.get("base_model_relation")
    if relation not in _RELATIONS:
        relation = "merge" if len(names) > 1 else None
    plain = [f"base_model:{name}" for name in names]
    return plain + [f"base_model:{relation or 'finetune'}:{name}" for name in names]


def _texts(value: Any) -> list[str]:
    """Read a string or a list of strings; `no` (Norwegian) arrives from YAML as False."""
    values = value if isinstance(value, list) else [value]
    return [
        "no" if item is False else item
        for item in values
        if item is False or (isinstance(item, str) and item)
    ]
