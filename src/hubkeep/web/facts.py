"""What is known about a repository, as pairs of a word and an answer."""

from dataclasses import dataclass
from typing import Any

from hubkeep.repos import Info, Kind
from hubkeep.web import urls, words

MAX_LISTED = 8


@dataclass(frozen=True)
class Fact:
    """A word and its answers: text, and where each leads ("" for nowhere)."""

    word: str
    answers: list[tuple[str, str]]


def facts_of(info: Info) -> list[Fact]:
    """Return the facts for the side of a card that its chips do not tell, without those that nobody told."""
    data, repo = info.metadata.card_data, info.repo
    found = [
        Fact("Made from", _repos(Kind.MODEL, _texts(data.get("base_model")))),
        Fact("Trained on", _repos(Kind.DATASET, _texts(data.get("datasets")))),
        Fact("Uses", _repos(Kind.MODEL, _texts(data.get("models")))),
        Fact("Storage", [(words.size(repo.used_storage), "")] if repo.used_storage else []),
    ]
    return [fact for fact in found if fact.answers]


def parameters(info: Info) -> tuple[int, list[tuple[str, int]]]:
    """Return the number of parameters in all, and by type, the most first."""
    counts = info.metadata.safetensors or {}
    return sum(counts.values()), sorted(counts.items(), key=lambda pair: -pair[1])


def _repos(kind: Kind, names: list[str]) -> list[tuple[str, str]]:
    """Link names that look like `owner/name`; whether it exists here is for its page to tell."""
    return [(name, urls.named_url(kind, name) if name.count("/") == 1 else "") for name in names[:MAX_LISTED]]


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, str) and item]
