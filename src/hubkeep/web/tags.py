"""Tags as chips: what they mean, in the words of people, and where they lead."""

from dataclasses import dataclass

from hubkeep import search
from hubkeep.repos import Kind, Metadata
from hubkeep.web.urls import with_query

# What stands before a tag's value, where it does not speak for itself, and the icon.
_WORDS = {
    "license": ("License", "card"),
    "arxiv": ("Paper", "file"),
    "doi": ("DOI", "link"),
    "size_categories": ("Rows", ""),
    "dataset": ("Dataset", "dataset"),
    "base_model": ("From", "model"),
    "task_ids": ("Task", ""),
}
_BARE = ("language", "task_categories", "library", "format", "modality")
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
    prefix, _, value = tag.partition(":")
    url = with_query(f"/{kind.plural}", filter=tag)
    if not value:
        return Chip(tag, "", search.label_of(search.type_of(kind, tag), tag), "", url)
    if prefix in _BARE:
        return Chip(tag, "", search.label_of(prefix, tag), "", url)
    label, icon = _WORDS.get(prefix, ("", ""))
    return Chip(tag, label, value if label else tag, icon, url)
