"""What a page's view answers with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Page:
    """A template and the facts it shows. `fills_form`: strangers fill a form here, so their browser gets a cookie for it.

    `leads_to`: the origin of another site to which this page's form may lead in the end (an app that somebody signs in to).
    `sends_to`: the origin of another host to which this page's script may send bytes (the bucket).
    """

    template: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    fills_form: bool = False
    leads_to: str = ""
    sends_to: str = ""


@dataclass(frozen=True)
class Redirect:
    """Somewhere else on this hub. 303 after a form, 307 and 308 for pages under another name.

    `session` opens a session ("" ends it, None leaves it as it is) that lasts `seconds`.
    """

    to: str
    status: int = 303
    session: str | None = None
    seconds: int = 0


Answer = Page | Redirect
