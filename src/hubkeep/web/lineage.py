"""A model's place among models: what it was made from, and how many were made from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hubkeep.repos import Ancestor, Kind, Repo
from hubkeep.web import urls

# How a model is called that was made from another, one and many.
_ONE = {"adapter": "Adapter", "finetune": "Fine-tuned", "merge": "Merged", "quantized": "Quantised"}
_MANY = {"adapter": "Adapters", "finetune": "Fine-tunes", "merge": "Merges", "quantized": "Quantisations"}


@dataclass(frozen=True)
class Step:
    """A model of the line: its name, its page ("" when there is none to see), and how the one below was made from it."""

    name: str
    url: str
    how: str


@dataclass(frozen=True)
class Tree:
    """The line from the farthest ancestor down; several when the model is a merge. `children` are (word, count, list)."""

    line: list[Step]
    several: bool
    children: list[tuple[str, int, str]]


def tree_of(
    repo: Repo, bases: Sequence[Ancestor], above: Sequence[Ancestor], children: Mapping[str, int]
) -> Tree | None:
    """Return the tree, None for a model that stands alone."""
    below = [
        (_MANY[how], children[how], urls.with_query("/models", filter=f"base_model:{how}:{repo.full_name}"))
        for how in ("finetune", "adapter", "quantized", "merge")
        if children.get(how)
    ]
    if not bases and not below:
        return None
    line = [*reversed(above), *bases] if len(bases) == 1 else list(bases)
    return Tree([_step(one) for one in line], len(bases) > 1, below)


def _step(one: Ancestor) -> Step:
    name = one.repo.full_name if one.repo else one.name
    return Step(name, urls.named_url(Kind.MODEL, name) if one.repo else "", _ONE[one.relation])
