"""Tags as chips: what they mean, in the words of people, and where they lead."""

from dataclasses import dataclass

from hubkeep.repos import Kind, Metadata
from hubkeep.web.urls import with_query

# Prefix of a tag: the word before its value, and the icon.
_WORDS = {
    "license": ("License", "card"),
    "language": ("Language", "globe"),
    "dataset": ("Dataset", "dataset"),
    "base_model": ("From", "model"),
    "arxiv": ("Paper", "file"),
    "task_categories": ("Task", "tag"),
    "task_ids": ("Task", "tag"),
    "size_categories": ("Size", "dataset"),
}
HIDDEN = (
    "region:",
    "base_model:adapter:",
    "base_model:merge:",
    "base_model:quantized:",
    "base_model:finetune:",
)
_TOLD_BESIDE = ("dataset:", "base_model:")
MAX_CHIPS = 24


@dataclass(frozen=True)
class Chip:
    """One tag to show: `label` says what `text` is, "" when it speaks for itself."""

    tag: str
    label: str
    text: str
    icon: str
    url: str


def chips(kind: Kind, metadata: Metadata) -> list[Chip]:
    """Return the chips of a repository, the most telling first, `MAX_CHIPS` at most."""
    first = [tag for tag in (metadata.pipeline_tag, metadata.library_name) if tag]
    listed = dict.fromkeys([*first, *metadata.tags])
    return [chip(kind, tag) for tag in listed if tag and not tag.startswith(HIDDEN + _TOLD_BESIDE)][
        :MAX_CHIPS
    ]


def chip(kind: Kind, tag: str) -> Chip:
    """Return one tag as a chip that leads to everything else with that tag."""
    prefix, colon, value = tag.partition(":")
    label, icon = _WORDS.get(prefix, ("", "")) if colon else ("", "")
    text = value if label else tag
    return Chip(tag, label, text, icon, with_query(f"/{kind.plural}", filter=tag))
