"""One JSON object a line: what was asked, what came out, against what, on which machine."""

import json
import os
import platform
import statistics
from collections.abc import Callable, Iterable
from typing import Any


def report(bench: str, *, target: str, reached: bool, **figures: Any) -> None:
    """Print the outcome of one question."""
    shown = {name: round(value, 3) if isinstance(value, float) else value for name, value in figures.items()}
    line = {"bench": bench, **shown, "target": target, "reached": bool(reached), "machine": machine()}
    print(json.dumps(line), flush=True)


def machine() -> str:
    """Name the machine well enough to compare runs."""
    return f"{platform.system()} {platform.release()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def interleaved(rounds: int, **runs: Callable[[], float]) -> dict[str, float]:
    """Run the alternatives A B C A B C … and return the median of each: drift hits all of them alike."""
    seen: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            seen[name].append(run())
    return {name: statistics.median(values) for name, values in seen.items()}


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
