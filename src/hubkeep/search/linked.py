"""What else on the hub is made from a repository, or uses it: counted by the index, so in a time that does not grow."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hubkeep import repos
from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.repos import Info, Kind
from hubkeep.search.features import evaluated_name, tag_name, used_name
from hubkeep.search.index import feature_numbers
from hubkeep.search.listing import listing
from hubkeep.search.types import Query


@dataclass(frozen=True)
class Linked:
    """Public repositories that name this one.

    `children` counts the models made from a model, by how they were made; `trained` those trained on a dataset, `evaluated`
    those with a result on it; `spaces` the Spaces that use it. `models` and `using` are the best liked of them that the viewer may see.
    """

    children: Mapping[str, int] = field(default_factory=dict)
    trained: int = 0
    evaluated: int = 0
    spaces: int = 0
    models: list[Info] = field(default_factory=list)
    using: list[Info] = field(default_factory=list)


def linked(tx: ReadTx, actor: Actor, kind: Kind, full_name: str, most: int = 6) -> Linked:
    """Return what names a repository, `most` of each sort by name."""
    if kind not in (Kind.MODEL, Kind.DATASET):
        return Linked()
    children, trained, evaluated, spaces = tx.keep(
        ("linked", kind, full_name.lower()), lambda: _counted(tx, kind, full_name)
    )
    models = Query(Kind.MODEL, tags=[f"dataset:{full_name}"], sort="downloads", limit=most)
    using = Query(
        Kind.SPACE,
        models=[full_name] if kind is Kind.MODEL else (),
        datasets=[full_name] if kind is Kind.DATASET else (),
        sort="likes",
        limit=most,
    )
    return Linked(
        children=children,
        trained=trained,
        evaluated=evaluated,
        spaces=spaces,
        models=listing(tx, actor, models).items if trained else [],
        using=listing(tx, actor, using).items if spaces else [],
    )


def _counted(tx: ReadTx, kind: Kind, full_name: str) -> tuple[Mapping[str, int], int, int, int]:
    made = {tag_name(f"base_model:{how}:{full_name}"): how for how in repos.RELATIONS}
    trained, evaluated = tag_name(f"dataset:{full_name}"), evaluated_name(full_name)
    wanted = made if kind is Kind.MODEL else [trained, evaluated]
    among = feature_numbers(tx, Kind.MODEL, wanted)
    uses = used_name(kind, full_name)
    spaces = feature_numbers(tx, Kind.SPACE, [uses]).get(uses, (0, 0))[1]
    children = {how: among[name][1] for name, how in made.items() if name in among and among[name][1]}
    counts = [among.get(name, (0, 0))[1] for name in (trained, evaluated)]
    return children, counts[0], counts[1], spaces
