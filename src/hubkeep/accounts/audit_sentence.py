"""An entry of the audit log as a sentence."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hubkeep.accounts.audit_entries import AuditEntry
from hubkeep.accounts.audit_sentences import SENTENCES
from hubkeep.accounts.job_titles import job_title
from hubkeep.accounts.types import COMMAND_LINE

MAX_VALUE = 200  # characters of one fact
_PARTS = re.compile(r"\[([^\]]*)\]|\{(\w+)(?:\|(\w+))?\}|([^\[{]+)")
_THINGS = {"repo": "repo", "user": "owner", "org": "owner", "who": "actor"}
_UNKNOWN = {"repo": "a repository", "user": "somebody", "org": "an organization"}
_WORDS = {"fineGrained": "do what its scopes say", "no_access": "no access"}


@dataclass(frozen=True)
class Word:
    """A piece of a sentence. `thing` is what it names: `actor`, `owner`, `repo`, or nothing."""

    text: str
    thing: str = ""


def audit_sentence(entry: AuditEntry) -> str:
    """Say who did what to what: `ada moved ada/old to ada/new`."""
    return "".join(word.text for word in audit_pieces(entry))


def audit_pieces(entry: AuditEntry) -> list[Word]:
    """Return the sentence in pieces, so that what it names can be linked to."""
    template = SENTENCES.get(entry.type)
    if template is None:  # written by a later release
        return [Word(_who(entry), "actor"), Word(f": {entry.type.replace('.', ' ').replace('_', ' ')}")]
    return list(_filled(template if isinstance(template, str) else template(entry.data), entry))


def _filled(template: str, entry: AuditEntry) -> Iterator[Word]:
    for part in _PARTS.finditer(template):
        optional, name, mark, text = part.groups()
        if text:
            yield Word(text)
        elif name:
            fact = _fact(entry, name) or _UNKNOWN.get(name, "something")
            yield Word(job_title(fact)) if mark == "job" else Word(fact, mark or _THINGS.get(name, ""))
        elif all(_fact(entry, each[1]) for each in re.finditer(r"\{(\w+)", optional)):
            yield from _filled(optional, entry)


def _fact(entry: AuditEntry, name: str) -> str:
    if name == "who":
        return _who(entry)
    if name == "changes":
        return _changes(entry.data.get("before"), entry.data.get("after"))
    return _said(entry.data.get(name))


def _who(entry: AuditEntry) -> str:
    if entry.actor_name == COMMAND_LINE.name:
        return "An operator, by a command,"
    return entry.actor_name or ("Somebody" if entry.address or entry.agent else "The hub")


def _changes(before: Any, after: Any) -> str:
    """Say what was before and is now, of each fact that differs."""
    if not isinstance(before, dict) and not isinstance(after, dict):
        return f"{_said(before) or 'none'} → {_said(after) or 'none'}" if before or after else ""
    was, now = (each if isinstance(each, dict) else {} for each in (before, after))
    differ = [name for name in {**was, **now} if was.get(name) != now.get(name)]
    told = (
        f"{_named(name)} {_said(was.get(name)) or 'none'} → {_said(now.get(name)) or 'none'}"
        for name in differ
    )
    return ", ".join(told)[:MAX_VALUE]


def _named(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").lower()


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{_named(str(name))} {_said(one) or 'none'}" for name, one in value.items())[
            :MAX_VALUE
        ]
    if isinstance(value, list):
        return " ".join(_said(one) for one in value)[:MAX_VALUE]
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "" if value is None else str(value)
    return _WORDS.get(text, text)[:MAX_VALUE]
