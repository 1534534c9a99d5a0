"""What the hub was told by its settings, for operators; never a secret."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel
from starlette.routing import Route

from hubkeep.accounts import Actor
from hubkeep.kit import ReadTx, Settings
from hubkeep.web.admin_desk import operators
from hubkeep.web.answer import Answer, Page
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import shows

_PASSWORD = re.compile(r"://([^:/@]*):.*@")


@dataclass(frozen=True)
class Setting:
    """A setting: its variable, its value in words, whether that is another than the default, its meaning."""

    variable: str
    value: str
    is_changed: bool
    meaning: str


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """List every setting, those that were changed marked."""
    del tx, actor
    facts = {"all_settings": list(listed(asked.hub.settings)), "file": os.environ.get("HUBKEEP_CONFIG", "")}
    return Page("pages/admin_settings.html", facts)


def listed(settings: Settings) -> Iterator[Setting]:
    """Yield the settings in the order of docs/settings.md."""
    yield from _listed(settings, "HUBKEEP_")


def _listed(model: BaseModel, prefix: str) -> Iterator[Setting]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _listed(value, f"{prefix}{name.upper()}__")
            continue
        # What must not be in logs is marked so where it is declared, and is not on a page either.
        shown = _words(name, value) if field.repr else ("set" if value else "not set")
        yield Setting(prefix + name.upper(), shown, value != field.default, field.description or "")


def _words(name: str, value: object) -> str:
    if name == "database_url" and value:
        return _PASSWORD.sub("://\\1:…@", str(value))
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value) or "—"


routes = [Route("/-/settings", shows(operators(show)), methods=["GET"])]
