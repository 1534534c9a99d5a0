"""A search of the audit log in words: `type:repo.delete author:ada ip:192.0.2.7 since:2026-01-01`."""

import re
from datetime import UTC, datetime, timedelta

from hubkeep.accounts.audit_entries import AuditFilter
from hubkeep.kit import BadInput

MAX_WORDS = 1000
_PARTS = re.compile(r"\S+")
_WORDS = {
    "type": "kind",
    "author": "actor",
    "user": "actor",
    "ip": "address",
    "since": "since",
    "until": "until",
}


def read_audit_words(text: str) -> AuditFilter:
    """Read a search: `key:value` words, and at most one bare word, which is a type (`repo`, `repo.delete`).

    `since` and `until` are days (UTC; both count) or moments.

    Raises:
        BadInput: a word that means nothing.
    """
    if len(text) > MAX_WORDS:
        raise BadInput(field="q", reason=f"is over {MAX_WORDS} characters")
    found: dict[str, str] = {}
    for part in _PARTS.findall(text):
        key, colon, value = part.partition(":")
        name = _WORDS.get(key) if colon else "kind"
        if name is None or name in found:
            words = ", ".join(f"{word}:…" for word in _WORDS)
            raise BadInput(field="q", reason=f"{part[:80]!r}: say each of {words} once")
        found[name] = value if colon else part
    return AuditFilter(
        actor=found.get("actor", ""),
        kind=found.get("kind", ""),
        address=found.get("address", ""),
        since=audit_moment(found.get("since", ""), "since"),
        until=audit_moment(found.get("until", ""), "until", end=True),
    )


def audit_moment(text: str, field: str, *, end: bool = False) -> datetime | None:
    """Read a day or a moment, in UTC unless it says otherwise; with `end`, a day means the end of it. Raises BadInput."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return moment + timedelta(days=1) if end and len(text) == len("2026-01-01") else moment
    except (ValueError, OverflowError):
        raise BadInput(
            field=field, reason=f"{text[:40]!r} must be a day like 2026-01-31, or a moment"
        ) from None
