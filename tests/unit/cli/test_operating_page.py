"""What docs/operating.md tells to type exists."""

import re
from pathlib import Path

import pytest
import typer
from pydantic import BaseModel

from hubkeep.cli import app
from hubkeep.kit import Settings

PAGE = (Path(__file__).parents[3] / "docs" / "operating.md").read_text()
CODE = "\n".join([*re.findall(r"```\w*\n(.*?)```", PAGE, re.DOTALL), *re.findall(r"`([^`\n]+)`", PAGE)])
WORDS = r"(?:^|bin/|_TOKEN=hf_… )hubkeep ((?:(?:audit|db|jobs|org|repo|user) )?[a-z-]+)"
COMMANDS = sorted(set(re.findall(WORDS, CODE, re.MULTILINE)))
OPTIONS = sorted(set(re.findall(WORDS + r"[^\n#]*? (--[a-z-]+)", CODE, re.MULTILINE)))


def knobs(model: type[BaseModel], prefix: str = "HUBKEEP_"):
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from knobs(field.annotation, f"{prefix}{name.upper()}__")
        else:
            yield f"{prefix}{name.upper()}"


def command(words: str):
    found = typer.main.get_command(app)
    for word in words.split():
        found = found.commands[word]  # type: ignore[attr-defined]  # a group
    return found


def test_the_page_tells_of_every_operators_command():
    assert {"backup", "restore", "fsck", "gc", "serve", "worker", "db upgrade"} <= set(COMMANDS)


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_on_the_page_exists(words):
    assert command(words).help


@pytest.mark.parametrize(("words", "option"), OPTIONS)
def test_every_option_on_the_page_exists(words, option):
    assert option in {name for parameter in command(words).params for name in parameter.opts}


def test_every_setting_on_the_page_exists():
    told = set(re.findall(r"HUBKEEP_[A-Z0-9_]+", PAGE)) - {"HUBKEEP_CONFIG"}
    assert told
    assert told <= set(knobs(Settings))
