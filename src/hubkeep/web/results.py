"""Evaluation results as people compare them: under their benchmark, with a bar where the number is a share."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from markupsafe import Markup

from hubkeep.repos import Evaluation, Kind
from hubkeep.search import Standing
from hubkeep.web import urls
from hubkeep.web.charts import bar

MAX_SHOWN = 60


@dataclass(frozen=True)
class Score:
    """One number: what was measured, what came out, and where the run is told of ("" for nowhere)."""

    name: str
    text: str
    bar: Markup
    source: str
    verified: bool
    notes: str
    pull: int = 0  # proposed in that pull request, whose page is at `pull_url`
    pull_url: str = ""


@dataclass(frozen=True)
class Benchmark:
    """The results on one data set; `url` leads to it, "" when it is not one by name."""

    name: str
    url: str
    scores: list[Score]


def benchmarks(found: Sequence[Evaluation], here: str = "") -> list[Benchmark]:
    """Group results by data set, in their order; `here` is the page of the model."""
    shown = found[:MAX_SHOWN]
    scale = _scales(shown)
    grouped: dict[str, list[Evaluation]] = {}
    for one in shown:
        grouped.setdefault(one.dataset_name or "Results", []).append(one)
    return [
        Benchmark(name, _url(many[0].dataset), [_proposed(_score(one, scale), one, here) for one in many])
        for name, many in grouped.items()
    ]


def board(found: Sequence[Standing]) -> list[Benchmark]:
    """Return the standings of a leaderboard as one table: models instead of metrics."""
    if not found:
        return []
    values = [one.value for one in found]
    most = 1.0 if max(values) <= 1 else 100.0 if max(values) <= 100 else 0.0
    scores = [
        Score(
            f"{one.rank}. {one.info.repo.full_name}",
            _number(one.value),
            bar(one.value, most) if most and one.value >= 0 else Markup(""),
            urls.repo_url(one.info.repo),
            verified=False,
            notes=one.notes,
        )
        for one in found
    ]
    return [Benchmark(found[0].task, "", scores)]


def _score(one: Evaluation, scale: dict[str, float]) -> Score:
    name = " · ".join(dict.fromkeys(part for part in (one.task, one.metric) if part)) or "Result"
    if isinstance(one.value, str):
        return Score(name, one.value, Markup(""), _source(one.source), one.verified, one.notes)
    most = scale.get(one.metric, 0.0)
    drawn = bar(one.value, most) if most and one.value >= 0 else Markup("")
    return Score(name, _number(one.value), drawn, _source(one.source), one.verified, one.notes)


def _proposed(score: Score, one: Evaluation, here: str) -> Score:
    if not one.pull_request:
        return score
    return replace(score, pull=one.pull_request, pull_url=f"{here}/discussions/{one.pull_request}")


def _scales(found: Sequence[Evaluation]) -> dict[str, float]:
    """Return what each metric is out of: 1 or 100 when every number fits, else nobody knows and no bar is drawn."""
    values: dict[str, list[float]] = {}
    for one in found:
        if isinstance(one.value, int | float):
            values.setdefault(one.metric, []).append(float(one.value))
    scales: dict[str, float] = {}
    for metric, numbers in values.items():
        if all(math.isfinite(number) and 0 <= number <= 100 for number in numbers):
            scales[metric] = 1.0 if max(numbers) <= 1 else 100.0
    return scales


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "not a number"
    return f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:.4g}"


def _source(url: str) -> str:
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        return ""
    return url if scheme in ("http", "https") else ""


def _url(name: str) -> str:
    return urls.named_url(Kind.DATASET, name) if name.count("/") == 1 and " " not in name else ""
