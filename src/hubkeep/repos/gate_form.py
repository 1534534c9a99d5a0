"""The form of a gate: read from the card, and the answers checked against it.

Source: hub-platform contract section 5 (`extra_gated_*`).
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from hubkeep.kit import BadInput
from hubkeep.repos.access_types import FieldType, GateField, GateForm

MAX_FIELDS = 30
MAX_OPTIONS = 300
MAX_LABEL = 300
MAX_ANSWER = 1000
MAX_TEXT = 20_000
TICKED = "true"
COUNTRY = "Country"  # asked for when people of the EU are kept out and the form asks for none
_TEXTS = ("prompt", "heading", "description", "button_content")
# The countries of the European Union, by their ISO codes.
_EU = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split()  # noqa: SIM905  a table
)
_WIRE_TYPES = {kind.value: kind for kind in FieldType} | {
    "ip_location": FieldType.COUNTRY
}  # asked, not guessed


@cache
def countries() -> Mapping[str, str]:
    """Return English names by ISO code, in the order of the names."""
    found: dict[str, str] = json.loads((files(__package__) / "data" / "countries.json").read_text("utf-8"))
    return found


def gate_form(card: Mapping[str, Any]) -> GateForm:
    """Return the form that a card describes. What breaks the rules is left out: `gate_errors` tells of it before."""
    texts = {name: _text(card.get(f"extra_gated_{name}")) for name in _TEXTS}
    fields = card.get("extra_gated_fields")
    found = [_field(label, told) for label, told in fields.items()] if isinstance(fields, dict) else []
    no_eu = card.get("extra_gated_eu_disallowed") is True
    kept = [one for one in found if one is not None][:MAX_FIELDS]
    if no_eu and not any(one.type is FieldType.COUNTRY for one in kept):
        kept.append(GateField(COUNTRY, FieldType.COUNTRY))
    return GateForm(
        heading=texts["heading"],
        description=texts["description"],
        prompt=texts["prompt"],
        button=texts["button_content"],
        fields=tuple(kept),
        no_eu=no_eu,
    )


def gate_errors(card: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the form that a card describes."""
    for name in _TEXTS:
        told = card.get(f"extra_gated_{name}")
        if told is not None and (not isinstance(told, str) or len(told) > MAX_TEXT):
            yield f'"extra_gated_{name}" must be a string of at most {MAX_TEXT:,} characters'
    if not isinstance(card.get("extra_gated_eu_disallowed", False), bool):
        yield '"extra_gated_eu_disallowed" must be true or false'
    fields = card.get("extra_gated_fields")
    if fields is None:
        return
    if not isinstance(fields, dict) or len(fields) > MAX_FIELDS:
        yield f'"extra_gated_fields" must map at most {MAX_FIELDS} labels to kinds of fields'
        return
    for label, told in fields.items():
        if _field(label, told) is None:
            yield f'"extra_gated_fields.{str(label)[:60]}" must be one of {", ".join(sorted(_WIRE_TYPES))}, a choice with `options`'


def check_answers(form: GateForm, answers: Mapping[str, Any]) -> dict[str, str]:
    """Return the answers as they are kept, by label in the form's order. Every field must be answered.

    Raises:
        BadInput: naming the field and the rule.
    """
    if unknown := answers.keys() - {one.label for one in form.fields}:
        raise BadInput(field=min(unknown)[:100], reason="the form has no such field")
    return {one.label: _answer(one, answers.get(one.label), form) for one in form.fields}


def _answer(one: GateField, given: Any, form: GateForm) -> str:
    if isinstance(given, bool):
        given = TICKED if given else ""
    if given is not None and not isinstance(given, str):
        raise BadInput(field=one.label, reason="must be a text")
    text = (given or "").strip()
    if not text:
        wish = "must be ticked" if one.type is FieldType.CHECKBOX else "must be filled in"
        raise BadInput(field=one.label, reason=wish)
    if len(text) > MAX_ANSWER:
        raise BadInput(field=one.label, reason=f"at most {MAX_ANSWER:,} characters, not {len(text):,}")
    return _KINDS[one.type](one, text, form)


def _any_text(one: GateField, text: str, form: GateForm) -> str:
    del one, form
    return text.replace("\0", "")


def _tick(one: GateField, text: str, form: GateForm) -> str:
    del form
    if text.lower() not in ("true", "on", "1", "yes"):
        raise BadInput(field=one.label, reason="must be ticked")
    return TICKED


def _date(one: GateField, text: str, form: GateForm) -> str:
    del form
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise BadInput(field=one.label, reason="must be a date as in 2026-01-31") from None


def _country(one: GateField, text: str, form: GateForm) -> str:
    known = countries()
    codes = {name.lower(): code for code, name in known.items()}
    code = text.upper() if text.upper() in known else codes.get(text.lower())
    if code is None:
        raise BadInput(field=one.label, reason=f"{text[:60]!r} is no country of the list")
    if form.no_eu and code in _EU:
        raise BadInput(field=one.label, reason="people in the European Union cannot be let in here")
    return known[code]


def _choice(one: GateField, text: str, form: GateForm) -> str:
    del form
    if text not in {value for value, _ in one.options}:
        raise BadInput(field=one.label, reason=f"{text[:60]!r} is none of its options")
    return text


_KINDS = {
    FieldType.TEXT: _any_text,
    FieldType.CHECKBOX: _tick,
    FieldType.DATE: _date,
    FieldType.COUNTRY: _country,
    FieldType.SELECT: _choice,
}


def _field(label: Any, told: Any) -> GateField | None:
    if not isinstance(label, str) or not 1 <= len(label) <= MAX_LABEL:
        return None
    if isinstance(told, str):
        kind = _WIRE_TYPES.get(told)
        return None if kind in (None, FieldType.SELECT) else GateField(label, kind)
    if not isinstance(told, dict):
        return None
    kind = _WIRE_TYPES.get(str(told.get("type", "")))
    if kind is not FieldType.SELECT:
        return None if kind is None else GateField(label, kind)
    options = told.get("options")
    if not isinstance(options, list) or not 1 <= len(options) <= MAX_OPTIONS:
        return None
    read = [_option(option) for option in options]
    return None if None in read else GateField(label, kind, tuple(one for one in read if one is not None))


def _option(told: Any) -> tuple[str, str] | None:
    """Return value and label of an option. YAML reads `yes` and `3` as no text; people mean the word."""
    if isinstance(told, dict):
        value, label = told.get("value"), told.get("label")
        value = label if value is None else value
        label = value if label is None else label
    else:
        value = label = told
    if isinstance(value, bool | int | float):
        value = str(value)
    if isinstance(label, bool | int | float):
        label = str(label)
    if not isinstance(value, str) or not isinstance(label, str):
        return None
    return (value.strip(), label) if 1 <= len(value.strip()) <= MAX_ANSWER else None


def _text(told: Any) -> str:
    return told if isinstance(told, str) and len(told) <= MAX_TEXT else ""
