"""What is known about a repository, as pairs of a word and an answer."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from hubkeep import search
from hubkeep.repos import Info, Kind
from hubkeep.web import urls, words

MAX_LISTED = 8
_ARXIV = re.compile(r"arxiv:(\d{4}\.\d{4,5})")


@dataclass(frozen=True)
class Fact:
    """A word and its answers: text, and where each leads ("" for nowhere)."""

    word: str
    answers: list[tuple[str, str]]


def facts_of(info: Info) -> list[Fact]:
    """Return the facts for the side of a card, without those that nobody told."""
    data, repo = info.metadata.card_data, info.repo
    papers = [paper[1] for tag in info.metadata.tags if (paper := _ARXIV.fullmatch(tag))]
    found = [
        Fact("License", _license(info)),
        Fact("Trained on", _repos(Kind.DATASET, _texts(data.get("datasets"))))
        if repo.kind is Kind.MODEL
        else None,
        Fact("Uses", _used(info)) if repo.kind is Kind.SPACE else None,
        Fact(
            "Papers",
            [(f"arXiv:{number}", f"https://arxiv.org/abs/{number}") for number in papers[:MAX_LISTED]],
        ),
        Fact("Storage", [(words.size(repo.used_storage), "")] if repo.used_storage else []),
    ]
    return [fact for fact in found if fact is not None and fact.answers]


def parameters(info: Info) -> tuple[int, list[tuple[str, int]]]:
    """Return the number of parameters in all, and by type, the most first."""
    counts = info.metadata.safetensors or {}
    return info.metadata.parameters, sorted(counts.items(), key=lambda pair: -pair[1])


def weights_of(info: Info) -> list[Fact]:
    """Return what is known of a model's weights besides their number."""
    gguf = info.metadata.gguf or {}
    config = info.metadata.config or {}
    quantized = config.get("quantization_config")
    method = quantized.get("quant_method") if isinstance(quantized, dict) else None
    architecture = gguf.get("architecture") or config.get("model_type")
    length = gguf.get("context_length")
    found = [
        Fact("Architecture", [(architecture[:60], "")] if isinstance(architecture, str) else []),
        Fact("Context", [(f"{length:,} tokens", "")] if isinstance(length, int) and length > 0 else []),
        Fact("Quantised by", [(method[:60], "")] if isinstance(method, str) else []),
    ]
    return [fact for fact in found if fact.answers]


def chat_template(info: Info) -> str:
    """Return the template by which a chat becomes a prompt, "" when there is none of one piece."""
    config, gguf = info.metadata.config or {}, info.metadata.gguf or {}
    tokenizer = config.get("tokenizer_config") or {}
    for found in (
        config.get("chat_template_jinja"),
        tokenizer.get("chat_template"),
        gguf.get("chat_template"),
    ):
        if isinstance(found, str) and found:
            return found
    return ""


def _license(info: Info) -> list[tuple[str, str]]:
    """Return the licence, leading to its text when the card says where, else to what else has it."""
    data = info.metadata.card_data
    names = _texts(data.get("license"))
    told = data.get("license_name") if names == ["other"] else None
    link = data.get("license_link")
    known = search.vocabulary().licenses
    answers = [
        (known.get(name, name), urls.with_query(f"/{info.repo.kind.plural}", filter=f"license:{name}"))
        for name in names[:MAX_LISTED]
    ]
    if isinstance(told, str) and told:
        answers = [(told[:80], answers[0][1])]
    if isinstance(link, str) and link and answers:
        where = _link(info, link)
        answers = [(answers[0][0], where)] if where else answers
    return answers


def _link(info: Info, link: str) -> str:
    """Return a page of the repository or an address elsewhere; "" for anything else."""
    try:
        scheme = urlsplit(link).scheme
    except ValueError:
        return ""
    if scheme in ("http", "https"):
        return link
    plain = re.fullmatch(r"[\w.-]+(?:/[\w.-]+)*", link)
    return urls.at_url(info.repo, "blob", info.repo.default_branch, link) if plain else ""


def _used(info: Info) -> list[tuple[str, str]]:
    data = info.metadata.card_data
    return [
        *_repos(Kind.MODEL, _texts(data.get("models"))),
        *_repos(Kind.DATASET, _texts(data.get("datasets"))),
    ]


def _repos(kind: Kind, names: list[str]) -> list[tuple[str, str]]:
    """Link names that look like `owner/name`; whether it exists here is for its page to tell."""
    return [(name, urls.named_url(kind, name) if name.count("/") == 1 else "") for name in names[:MAX_LISTED]]


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, str) and item]
