"""Options that several commands share, and how settings come together: options win over the environment and the file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from hubkeep.kit import HubError, Settings
from hubkeep.opening import open_stores, prepare
from hubkeep.repos import Stores

Data = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of the hub's data.", show_default="$HUBKEEP_DATA or data"),
]


class BadSettings(HubError):
    """A setting from the environment, the file or an option that breaks a rule."""

    text = "{reason}"


def settings_of(**given: Any) -> Settings:
    """Read the settings; `given` are options, None where the option was not used. Raises BadSettings."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        reasons = (f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors())
        raise BadSettings(reason="; ".join(reasons)) from None


def hand_down(settings: Settings) -> None:
    """Put what options decided into the environment, where server processes read their settings."""
    os.environ |= {
        "HUBKEEP_DATA": str(settings.data.absolute()),
        "HUBKEEP_HOST": settings.host,
        "HUBKEEP_PORT": str(settings.port),
        "HUBKEEP_WORKERS": str(settings.workers),
        "HUBKEEP_PUBLIC_URL": settings.public_url,
    }


@contextmanager
def opened(data: Path | None) -> Iterator[Stores]:
    """Open the hub in `data` for one command, creating folder and schema when this is the first one."""
    settings = settings_of(data=data)
    prepare(settings)
    stores = open_stores(settings)
    try:
        yield stores
    finally:
        stores.db.close()
