import importlib.machinery
import importlib.util
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from hubkeep.kit import BadInput, Settings

ROOT = Path(__file__).parents[3]
DOC = (ROOT / "docs" / "settings.md").read_text()


def knobs(model: type[BaseModel], prefix: str = "HUBKEEP_"):
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from knobs(field.annotation, f"{prefix}{name.upper()}__")
        else:
            yield f"{prefix}{name.upper()}", field


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch):
    for variable, _ in [*knobs(Settings), ("HUBKEEP_CONFIG", None)]:
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize(("variable", "field"), list(knobs(Settings)), ids=lambda knob: str(knob)[:40])
def test_every_knob_is_described_and_documented(variable, field):
    assert field.description
    assert field.description.endswith(".")
    assert f"`{variable}`" in DOC
    assert field.description in DOC


def test_the_page_is_what_the_settings_say():
    """When this fails: `.venv/bin/python scripts/settings-page`."""
    loader = importlib.machinery.SourceFileLoader("settings_page", str(ROOT / "scripts" / "settings-page"))
    spec = importlib.util.spec_from_loader("settings_page", loader)
    assert spec is not None
    script = importlib.util.module_from_spec(spec)
    loader.exec_module(script)
    assert script.page() == DOC


def test_arguments_win_over_the_environment_and_the_environment_over_the_file(tmp_path, monkeypatch):
    file = tmp_path / "hub.toml"
    file.write_text('port = 1\nworkers = 2\nhost = "file"\n[storage]\nregion = "file"\nlink_seconds = 5\n')
    monkeypatch.setenv("HUBKEEP_CONFIG", str(file))
    monkeypatch.setenv("HUBKEEP_WORKERS", "3")
    monkeypatch.setenv("HUBKEEP_HOST", "env")
    monkeypatch.setenv("HUBKEEP_STORAGE__REGION", "env")
    found = Settings(host="argument")
    assert (found.port, found.workers, found.host) == (1, 3, "argument")
    assert (found.storage.region, found.storage.link_seconds) == ("env", 5)


def test_an_unknown_name_in_the_file_is_an_error(tmp_path, monkeypatch):
    (tmp_path / "hub.toml").write_text("prot = 8000\n")
    monkeypatch.setenv("HUBKEEP_CONFIG", str(tmp_path / "hub.toml"))
    with pytest.raises(ValidationError, match="prot"):
        Settings()


@pytest.mark.parametrize("text", [None, "port: 8000"])
def test_a_file_that_is_named_must_be_there_and_be_toml(tmp_path, monkeypatch, text):
    file = tmp_path / "hub.toml"
    if text is not None:
        file.write_text(text)
    monkeypatch.setenv("HUBKEEP_CONFIG", str(file))
    with pytest.raises(BadInput, match="HUBKEEP_CONFIG"):
        Settings()


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": 70000},
        {"public_url": "hub.example.org"},
        {"database_url": "mysql://h/d"},
        {"storage": {"backend": "s3"}},
        {"log_level": "loud"},
    ],
)
def test_a_value_out_of_bounds_is_refused(wrong):
    with pytest.raises(ValidationError):
        Settings(**wrong)


def test_the_public_url_has_no_slash_at_its_end():
    assert Settings(public_url="https://hub.example.org/").url == "https://hub.example.org"
    assert Settings(port=8123).url == "http://127.0.0.1:8123"


def test_the_secret_key_is_not_shown():
    assert "shh" not in repr(Settings(storage={"secret_key": "shh"}))


def test_the_settings_cannot_be_changed_while_the_hub_runs():
    with pytest.raises(ValidationError):
        Settings().port = 1  # type: ignore[misc]
