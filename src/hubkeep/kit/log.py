"""The log: one line per event on standard error, for people or for machines; secrets never."""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any, Literal

from hubkeep.kit.clock import wire_date

HIDDEN = "…"
_SECRETS = re.compile(
    r"""(?xi)
    (?: \bhf_[A-Za-z0-9_-]{4}                      # a token keeps its first letters, to be found by
      | \b(?:bearer|basic|negotiate)\s+            # Authorization headers
      | ://[^/\s:@]*:(?=[^/\s@]*@)                # passwords in URLs
      | \b(?:x-amz-signature|x-amz-credential|x-amz-security-token|signature|sig|token|secret|password|passwd
            |authorization|cookie|session|access_token|secret_key|access_key)['"]?\s*[=:]\s*['"]?(?:bearer|basic)?\s*
    )
    (?P<secret>[^\s&'"@,;}\]]+)
    """
)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


def configure(level: str, form: Literal["text", "json"] = "text") -> None:
    """Send every logger's events to standard error. `level` is the least severity shown: debug, info, warning, error.

    Give facts by name, not by sentence: `log.info("request", extra={"status": 200})`.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "alembic", "sqlalchemy"):
        theirs = logging.getLogger(name)
        theirs.handlers, theirs.propagate = [], True
    # The hub writes an access log of its own, which knows which parts of an address are secret.
    logging.getLogger("uvicorn.access").propagate = False
    for name in ("alembic", "sqlalchemy", "httpx", "httpcore", "asyncio"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))  # their details are not our events


def hide_secrets(text: str) -> str:
    """Return `text` with tokens, passwords and signatures cut out.

    >>> hide_secrets("GET /x?X-Amz-Signature=0123abcd&a=b by Bearer hf_abcdefgh")
    'GET /x?X-Amz-Signature=…&a=b by Bearer …'
    """
    return _SECRETS.sub(lambda match: match[0][: match.start("secret") - match.start()] + HIDDEN, text)


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Render the event."""
        facts = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            **_facts(self, record),
        }
        return json.dumps({name: _plain(value) for name, value in facts.items()}, ensure_ascii=False)


class TextLines(logging.Formatter):
    """`time level logger: message name=value …`; line ends inside values are escaped, so an event stays one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Render the event."""
        facts = _facts(self, record)
        message = _one_line(str(facts.pop("event")))
        told = "".join(f" {name}={_quoted(value)}" for name, value in facts.items())
        return f"{_time(record)} {record.levelname.lower():7} {record.name}: {message}{told}"


def _facts(formatter: logging.Formatter, record: logging.LogRecord) -> dict[str, Any]:
    """Return the message as `event`, then what was given as `extra`, then the traceback."""
    facts: dict[str, Any] = {"event": hide_secrets(record.getMessage())}
    facts |= {
        name: hide_secrets(value) if isinstance(value, str) else value
        for name, value in vars(record).items()
        if name not in _STANDARD
    }
    if record.exc_info:
        facts["traceback"] = hide_secrets(formatter.formatException(record.exc_info))
    return facts


def _time(record: logging.LogRecord) -> str:
    return wire_date(datetime.fromtimestamp(record.created, UTC))


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else hide_secrets(str(value))


def _quoted(value: Any) -> str:
    text = _one_line(str(_plain(value)))
    return (
        text
        if re.fullmatch(r"[^\s\"=]+", text)
        else json.dumps(text, ensure_ascii=False).replace("\\\\", "\\")
    )


def _one_line(text: str) -> str:
    """Escape line ends and other controls: nobody outside writes lines of ours."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
