"""The form above a card: what its front matter says, to be changed without knowing YAML.

The text stays the truth. The form carries what it showed beside what was typed: only fields that were changed are put into the
text, and the text that comes of it is what is looked at and committed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field

from hubkeep.kit import BadInput
from hubkeep.repos import CannotEdit, Kind, Said, Wanted, edit_front_matter, front_matter_says
from hubkeep.web.asked import Asked
from hubkeep.web.card_faults import CARD, Fault
from hubkeep.web.metadata_fields import FIELDS, Field, choices

TYPED, SHOWED = "meta.", "was."
MAX_VALUE, MAX_VALUES = 500, 200  # characters of one, how many of one field
_NOTHING = Said((), is_list=False)


@dataclass(frozen=True)
class Filled:
    """A field as the form shows it. `fixed`: written in a way that only the text can change."""

    field: Field
    values: tuple[str, ...]
    fixed: bool = False
    wrong: str = ""

    @property
    def value(self) -> str:
        """What stands in the box."""
        return ", ".join(self.values)


@dataclass(frozen=True)
class MetadataForm:
    """The whole form. `closed` says why there is none; `lost` why what was typed is not in the text."""

    fields: Sequence[Filled]
    lists: Mapping[str, Mapping[str, str]]
    closed: str = ""
    lost: str = ""
    kept: Mapping[str, str] = dataclass_field(default_factory=dict)  # what was typed, until it is in the text


def is_card(asked: Asked, path: str) -> bool:
    """Tell whether the text of a form is a card."""
    return (asked.value("path").strip("/") or path) == CARD


def filled_in(asked: Asked, path: str) -> Asked:
    """Return what was sent with the fields that were changed put into its text; as it was where that cannot be done."""
    wanted = _wanted(asked) if is_card(asked, path) else {}
    if not wanted:
        return asked
    try:
        text = edit_front_matter(asked.value("text"), wanted)
    except CannotEdit:
        return asked
    return replace(asked, form={**asked.form, "text": text})


def require_filled_in(asked: Asked, path: str) -> None:
    """Refuse to commit a text without what was typed beside it. Raises BadInput."""
    if is_card(asked, path) and (lost := _lost(asked)):
        raise BadInput(field="metadata", reason=f"what you chose is not in the text yet: {lost}")


def metadata_form(asked: Asked, kind: Kind, text: str, faults: Sequence[Fault]) -> MetadataForm:
    """Return the form of a card with this text."""
    lists = {field.choices: choices()[field.choices] for field in FIELDS[kind] if field.choices}
    try:
        said = front_matter_says(text)
    except CannotEdit as error:
        kept = {name: asked.value(name) for key in _wanted(asked) for name in (TYPED + key, SHOWED + key)}
        return MetadataForm((), {}, closed=str(error), lost=_lost(asked), kept=kept)
    shown = [_filled(field, said.get(field.key, _NOTHING), faults) for field in FIELDS[kind]]
    return MetadataForm(shown, lists, lost=_lost(asked))


def _filled(field: Field, said: Said, faults: Sequence[Fault]) -> Filled:
    values = said.values
    simple = (
        values is not None and (len(values) < 2 or field.many) and all(_fits(one, field) for one in values)
    )
    wrong = next((fault.text for fault in faults if fault.text.startswith(f'"{field.key}" must')), "")
    return Filled(field, values if simple and values is not None else (), fixed=not simple, wrong=wrong)


def _fits(value: str, field: Field) -> bool:
    """Tell whether a value comes back from a box as it went in."""
    return _read(value, field) == ((value,) if value else ())


def _wanted(asked: Asked) -> dict[str, Wanted]:
    """Return the fields that say something else than they showed."""
    found = {}
    for field in FIELDS[asked.kind]:
        typed = asked.form.get(TYPED + field.key)
        if typed is None:
            continue
        values = _read(typed, field)
        if values != _read(asked.value(SHOWED + field.key), field):
            as_list = field.many and field.key != "base_model"
            found[field.key] = Wanted(values, as_list=as_list)
    return found


def _read(text: str, field: Field) -> tuple[str, ...]:
    pieces = text.replace("\n", ",").split(",") if field.many else [text]
    words = dict.fromkeys(" ".join(piece.split())[:MAX_VALUE] for piece in pieces)
    return tuple(word for word in words if word)[:MAX_VALUES]


def _lost(asked: Asked) -> str:
    wanted = _wanted(asked) if asked.form else {}
    if not wanted:
        return ""
    try:
        edit_front_matter(asked.value("text"), wanted)
    except CannotEdit as error:
        return str(error)
    return ""
