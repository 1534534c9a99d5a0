"""The tags that lists can be filtered by: the Hub's vocabulary, and what repositories here are tagged with."""

import sqlalchemy as sa

from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx
from hubkeep.repos import Kind
from hubkeep.search.features import tag_name
from hubkeep.search.remembered import Remembered
from hubkeep.search.tables import features
from hubkeep.search.types import Vocable
from hubkeep.search.vocabulary import TYPES, label_of, vocabulary

SECONDS = 10.0
MOST = 1000  # tags of one type, those that most repositories have

_answers: Remembered[dict[str, list[Vocable]]] = Remembered(SECONDS, 100)


def tags_by_type(tx: ReadTx, actor: Actor, kind: Kind, only: str | None = None) -> dict[str, list[Vocable]]:
    """Return the tags of every type (or of one), most frequent first, known ones that nobody uses last.

    Counts are of public repositories, the same for everybody. The answer may be `SECONDS` old.
    """
    del actor
    key = f"{tx.sql.engine.url!r} {kind} {only}"
    return _answers.get(
        key, lambda: {name: _tags(tx, kind, name) for name in TYPES[kind] if only in (None, name)}
    )


def _tags(tx: ReadTx, kind: Kind, name: str) -> list[Vocable]:
    here = sa.and_(features.c.kind == kind.value, features.c.type == name, features.c.used_by > 0)
    rows = tx.sql.execute(
        sa.select(features.c.name, features.c.label, features.c.used_by)
        .where(here)
        .order_by(features.c.used_by.desc(), features.c.id)
        .limit(MOST)
    ).all()
    used = {row.name: _vocable(name, row.label, row.used_by) for row in rows}
    unused = (_vocable(name, tag, 0) for tag in _known(kind, name) if tag_name(tag) not in used)
    return [*used.values(), *unused]


def _vocable(name: str, tag: str, count: int) -> Vocable:
    task = tag.removeprefix("task_categories:")
    group = vocabulary().groups.get(task) if name in ("pipeline_tag", "task_categories") else None
    return Vocable(tag, label_of(name, tag), name, group, count)


def _known(kind: Kind, name: str) -> list[str]:
    """Return the tags of a type that the Hub has whether or not anybody uses them here."""
    known = vocabulary()
    bare = {"pipeline_tag": known.tasks, "library": known.libraries, "language": known.languages}
    if kind is Kind.MODEL and name in bare:
        return list(bare[name])
    prefixed = {"license": known.licenses}
    if kind is Kind.DATASET:
        prefixed |= {"task_categories": known.tasks, "language": known.languages}
    return [f"{name}:{value}" for value in prefixed.get(name, {})]
