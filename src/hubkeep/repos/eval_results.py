"""How well a model did, as its repository says: `.eval_results/*.yaml`, and the older `model-index` of its card.

Source: hub-platform contract section 10.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from hubkeep.repos.front_matter import load_yaml

FOLDER = ".eval_results"
MAX_FILES, MAX_BYTES, MAX_ENTRIES = 100, 256 << 10, 1000


class _Wrong(ValueError):
    """What is wrong with a file of results."""


@dataclass(frozen=True)
class Evaluation:
    """One result: what was asked of the model, on which data, and how it did. Texts are "" where nobody said."""

    task: str
    dataset: str
    dataset_name: str
    metric: str
    value: float | str
    source: str = ""  # an address
    date: str = ""
    notes: str = ""
    verified: bool = False
    pull_request: int = 0  # proposed there, and not taken yet; 0: the model says so itself


def read_results(files: Iterable[tuple[str, str | None]]) -> list[dict[str, Any]]:
    """Return what repo info says of (path, text) of result files: entries, or why a file cannot be read."""
    found: list[dict[str, Any]] = []
    for path, text in files:
        try:
            found += [{"filename": path, "data": entry} for entry in _entries(text)]
        except ValueError as error:
            found.append({"filename": path, "error": str(error)[:300]})
        if len(found) >= MAX_ENTRIES:
            break
    return found[:MAX_ENTRIES]


def evaluations(card: dict[str, Any], results: Iterable[dict[str, Any]]) -> list[Evaluation]:
    """Return every result of a model in one shape: those of its files first, then those of `model-index`."""
    kept = [_of_file(result) for result in results if "data" in result]
    return [*kept, *_of_index(card.get("model-index"))][:MAX_ENTRIES]


def _entries(text: str | None) -> Iterator[dict[str, Any]]:
    """Yield the entries of one file. Raises _Wrong saying what is wrong."""
    if text is None:
        raise _Wrong(f"longer than {MAX_BYTES} bytes")
    data = load_yaml(text)
    if not isinstance(data, list):
        raise _Wrong("must be a list of results")
    entries: list[dict[str, Any]] = []
    for number, entry in enumerate(data):
        if not isinstance(entry, dict) or not isinstance(about := entry.get("dataset"), dict):
            raise _Wrong(f"result {number}: `dataset` is missing")
        for key in ("id", "task_id"):
            if not isinstance(about.get(key), str) or not about[key]:
                raise _Wrong(f"result {number}: `dataset.{key}` is missing")
        if isinstance(entry.get("value"), bool) or not isinstance(entry.get("value"), int | float | str):
            raise _Wrong(f"result {number}: `value` is missing")
        entries.append(_wire(entry))
    return iter(entries)


def _wire(entry: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the client cannot take: a source needs an address."""
    kept: dict[str, Any] = {
        key: entry[key] for key in ("dataset", "value", "verifyToken", "date", "notes") if key in entry
    }
    source = entry.get("source")
    if isinstance(source, dict) and isinstance(source.get("url"), str):
        kept["source"] = {k: v for k, v in source.items() if k in ("url", "name", "user", "org")}
    return kept


def _of_file(result: dict[str, Any]) -> Evaluation:
    entry = result["data"]
    about, source = entry["dataset"], entry.get("source")
    return Evaluation(
        task=str(about["task_id"]),
        dataset=str(about["id"]),
        dataset_name=str(about["id"]),
        metric="",
        value=_value(entry["value"]),
        source=_text(source.get("url")) if isinstance(source, dict) else "",
        date=_text(entry.get("date"))[:10],
        notes=_text(entry.get("notes")),
        pull_request=result.get("pullRequest", 0),
    )


def _of_index(index: Any) -> Iterator[Evaluation]:
    for model in _dicts(index):
        for result in _dicts(model.get("results")):
            task, about = _dict(result.get("task")), _dict(result.get("dataset"))
            for metric in _dicts(result.get("metrics")):
                value = metric.get("value")
                if isinstance(value, bool) or not isinstance(value, int | float | str):
                    continue
                yield Evaluation(
                    task=_text(task.get("name")) or _text(task.get("type")),
                    dataset=_text(about.get("type")),
                    dataset_name=_text(about.get("name")) or _text(about.get("type")),
                    metric=_text(metric.get("name")) or _text(metric.get("type")),
                    value=_value(value),
                    source=_text(_dict(result.get("source")).get("url")),
                    verified=metric.get("verified") is True,
                )


def _value(value: float | str) -> float | str:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value[:60]
    return value


def _text(value: Any) -> str:
    return value[:300] if isinstance(value, str) else ""


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
