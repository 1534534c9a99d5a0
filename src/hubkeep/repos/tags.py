"""The tags of a repository, as the Hub writes them (`license:mit`, `dataset:squad`, `base_model:finetune:a/b`)."""

import re
from collections.abc import Sequence
from typing import Any

from hubkeep.repos.lineage import base_models, relation_to_base
from hubkeep.repos.types import Kind

_ARXIV = re.compile(r"\d{4}\.\d{4,5}")
_PAPER = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf|html)|huggingface\.co/papers|\]\(/papers)/(\d{4}\.\d{4,5})", re.IGNORECASE
)
MAX_PAPERS = 50
_DATASET_PREFIXES = ("task_categories", "task_ids", "annotations_creators")
_AFTER_LICENSE = ("size_categories",)
_LAST = ("language_creators", "multilinguality", "source_datasets")


def tags_of(
    kind: Kind,
    card: dict[str, Any],
    first: Sequence[str] = (),
    *,
    papers: Sequence[str] = (),
    computed: Sequence[str] = (),
    relation: str | None = None,
) -> list[str]:
    """Return the tags that card and files add up to, without repeats, in the Hub's order.

    `first` are those of library, formats, model type and task; `computed` what else the files give away; `papers` the
    numbers of papers that the card links to; `relation` how a model was made from its base models.

    Source: hub-features 2.9.
    """
    arxiv = [found for text in _texts(card.get("arxiv")) for found in _ARXIV.findall(text)]
    listed = [f"arxiv:{number}" for number in [*arxiv, *papers]]
    doi = [f"doi:{name}" for name in _texts(card.get("doi"))]
    license_ = [f"license:{name}" for name in _texts(card.get("license"))]
    if kind is Kind.DATASET:
        tags = [*_prefixed(card, _DATASET_PREFIXES), *_prefixed(card, ("language",)), *license_]
        tags += [*_prefixed(card, _AFTER_LICENSE), *computed, *listed, *doi, *_prefixed(card, _LAST)]
        tags += _texts(card.get("tags"))
    else:
        tags = [*first, *_texts(card.get("tags")), *_texts(card.get("language"))]
        tags += [f"dataset:{name}" for name in _texts(card.get("datasets"))]
        tags += [*listed, *_base_models(card, relation), *doi, *license_]
        tags += ["model-index"] if card.get("model-index") else []
        tags += [*computed, *(_texts(card.get("sdk")) if kind is Kind.SPACE else ())]
    return [*dict.fromkeys(tag for tag in [*tags, "region:us"] if tag)]


def papers_in(body: str) -> list[str]:
    """Return the arXiv numbers that a card links to."""
    return [*dict.fromkeys(found[1] for found in _PAPER.finditer(body))][:MAX_PAPERS]


def _prefixed(card: dict[str, Any], keys: Sequence[str]) -> list[str]:
    return [f"{key}:{value}" for key in keys for value in _texts(card.get(key))]


def _base_models(card: dict[str, Any], relation: str | None) -> list[str]:
    names = base_models(card)
    how = relation or relation_to_base(card)
    return [f"base_model:{name}" for name in names] + [f"base_model:{how}:{name}" for name in names]


def _texts(value: Any) -> list[str]:
    """Read a string or a list of strings; `no` (Norwegian) arrives from YAML as False."""
    values = value if isinstance(value, list) else [value]
    return [
        "no" if item is False else item
        for item in values
        if item is False or (isinstance(item, str) and item)
    ]
