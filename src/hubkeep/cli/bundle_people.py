"""People are numbers in a hub and names in a bundle: here, and nowhere else, one becomes the other.

A record of a bundle is described once, by a model in `bundle_records`; what a room hands out (a frozen dataclass) has the same
fields, but for people: `author` there is `author_id` here. `written` makes the record, `read` makes the room's fact again.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    Field,
    PlainSerializer,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    TypeAdapter,
    ValidationInfo,
    WrapSerializer,
)

Name = Annotated[str, Field(min_length=1, max_length=96)]
_PERSON = "user_id"
_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}
M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


def _to_name(value: Any, info: ValidationInfo) -> Any:
    return info.context.get(value) if info.context is not None else value


def _to_number(value: str | None, info: SerializationInfo) -> Any:
    return info.context.get(value.lower()) if value is not None and info.context is not None else value


def _known_here(facts: Any, info: ValidationInfo) -> Any:
    return [one for one in facts if one.user_id in info.context] if info.context is not None else facts


def _known_there(records: Any, write: SerializerFunctionWrapHandler, info: SerializationInfo) -> Any:
    found = write(records)
    return [one for one in found if one[_PERSON] is not None] if info.context is not None else found


def person(field: str, default: Any = ...) -> Any:
    """Describe a field that names somebody; rooms call it `field`."""
    name = field.removesuffix("_id")
    return Field(default, validation_alias=AliasChoices(name, field), serialization_alias=field)


# Somebody, or nobody any more. In a list of `Theirs`, whoever is nobody on either side takes their record along.
Who = Annotated[Name | None, BeforeValidator(_to_name), PlainSerializer(_to_number)]
Theirs = (BeforeValidator(_known_here), WrapSerializer(_known_there))


def written(model: type[M], fact: object, names: Mapping[int, str]) -> M:
    """Return what a room hands out as a record of a bundle; people who are not in `names` are nobody."""
    return model.model_validate(fact, from_attributes=True, context=names)


def read(fact: type[T], record: BaseModel, numbers: Mapping[str, int], **more: Any) -> T:
    """Return a record as the fact that its room takes; people who are not in `numbers` (by lower-case name) are nobody.

    `more` are fields that the record does not tell, or tells otherwise.
    """
    told = record.model_dump(by_alias=True, context=numbers) | more
    return _made(fact, told)


def _made(fact: type[T], told: Mapping[str, Any]) -> T:
    if fact not in _ADAPTERS:
        _ADAPTERS[fact] = TypeAdapter(fact)
    made: T = _ADAPTERS[fact].validate_python(told)
    return made


def read_all(fact: type[T], records: Sequence[BaseModel], numbers: Mapping[str, int]) -> list[T]:
    """Return many, without those whose person is nobody."""
    told = (record.model_dump(by_alias=True, context=numbers) for record in records)
    return [_made(fact, one) for one in told if one[_PERSON] is not None]


class _Heard(dict[Any, Any]):
    """Takes note of everybody who is asked for."""

    def get(self, who: Any, default: Any = None) -> Any:
        self.setdefault(who, len(self))
        return default

    def __contains__(self, who: object) -> bool:
        self.setdefault(who, len(self))
        return True


def names_in(*records: BaseModel) -> set[str]:
    """Return everybody who is named in records, in lower case."""
    heard = _Heard()
    for record in records:
        record.model_dump(by_alias=True, context=heard)
    return {name for name in heard if name}


def numbers_in(model: type[BaseModel], *facts: object) -> set[int]:
    """Return everybody whom rooms' facts, which are to become records, are about."""
    heard = _Heard()
    for fact in facts:
        written(model, fact, heard)
    return {number for number in heard if number is not None}
