"""Which models did best on a data set, by the results that their repositories keep.

Source: hub-platform contract section 10, «leaderboard».
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hubkeep import repos
from hubkeep.accounts import Action, Actor
from hubkeep.kit import ReadTx
from hubkeep.repos import Info, Kind
from hubkeep.search.listing import listing
from hubkeep.search.types import MAX_LIMIT, Query


@dataclass(frozen=True)
class Standing:
    """A model's place: its result, the file that says it, and where the run is told of."""

    rank: int
    info: Info
    task: str
    value: float
    filename: str
    source: dict[str, Any] | None
    notes: str


def leaderboard(
    tx: ReadTx,
    actor: Actor,
    full_name: str,
    *,
    task: str | None = None,
    originals: bool = True,
    parameters: int | None = None,
) -> list[Standing]:
    """Return the models with a result on a data set, best first: on one task, or on the one that most of them tell of.

    `originals` leaves out models made from others; `parameters` those with more. Raises what `get_for` raises.
    """
    repo = repos.get_for(tx, actor, Kind.DATASET, full_name, Action.READ)
    wanted = Query(
        Kind.MODEL,
        evaluated=repo.full_name,
        parameters=(None, parameters) if parameters is not None else None,
        sort="likes",
        limit=MAX_LIMIT,
    )
    found = listing(tx, actor, wanted).items
    told = [
        (info, result)
        for info in found
        if not (originals and repos.base_models(info.metadata.card_data))
        for result in info.metadata.eval_results
        if _about(result, repo.full_name)
    ]
    tasks = Counter(result["data"]["dataset"]["task_id"] for _, result in told)
    asked = task or (tasks.most_common(1)[0][0] if tasks else "")
    return _ranked(
        [(info, result) for info, result in told if result["data"]["dataset"]["task_id"] == asked], asked
    )


def _about(result: dict[str, Any], full_name: str) -> bool:
    data = result.get("data")
    return (
        data is not None
        and data["dataset"]["id"].lower() == full_name.lower()
        and isinstance(data["value"], int | float)
    )


def _ranked(told: Sequence[tuple[Info, dict[str, Any]]], task: str) -> list[Standing]:
    """Keep each model's best result, and number them; equal results share a place."""
    best: dict[int, tuple[Info, dict[str, Any]]] = {}
    for info, result in told:
        kept = best.get(info.repo.id)
        if kept is None or result["data"]["value"] > kept[1]["data"]["value"]:
            best[info.repo.id] = (info, result)
    ordered = sorted(best.values(), key=lambda pair: -pair[1]["data"]["value"])
    values = [result["data"]["value"] for _, result in ordered]
    return [
        Standing(
            values.index(result["data"]["value"]) + 1,
            info,
            task,
            result["data"]["value"],
            result["filename"],
            result["data"].get("source"),
            str(result["data"].get("notes") or ""),
        )
        for info, result in ordered
    ]
