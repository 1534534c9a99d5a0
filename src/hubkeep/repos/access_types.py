"""What is asked at a gate, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hubkeep.accounts import User
from hubkeep.repos.types import Repo


class AccessStatus(StrEnum):
    """Where a request stands. The Hub's own words."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class MailMode(StrEnum):
    """How whoever keeps_gate a gate hears of requests: once a day, or at once. The Hub's own words."""

    BULK = "bulk"
    REAL_TIME = "real-time"


@dataclass(frozen=True)
class AccessRequest:
    """One person at one gate. `answers` are what they filled in, by the label of the field.

    `granted`: let in without having asked. `reviewer` is the name of whoever decided last, "" for nobody yet.
    """

    id: int
    repo_id: int
    user: User
    status: AccessStatus
    answers: Mapping[str, str]
    asked_at: datetime
    reviewed_at: datetime | None = None
    reviewer: str = ""
    granted: bool = False
    reason: str = ""


@dataclass(frozen=True)
class AskedAccess:
    """A request with the repository that it is for: what its asker sees."""

    repo: Repo
    request: AccessRequest


@dataclass(frozen=True)
class Gate:
    """How a repository's gate is kept. `email` hears of requests; "" for the owner, or the organization's administrators."""

    gated: str
    members_gated: bool
    email: str = ""
    mode: MailMode = MailMode.BULK


class FieldType(StrEnum):
    """Kinds of fields of a gate's form. Source: hub-platform contract section 5."""

    TEXT = "text"
    CHECKBOX = "checkbox"
    DATE = "date_picker"
    COUNTRY = "country"
    SELECT = "select"


@dataclass(frozen=True)
class GateField:
    """One field; `options` are (value, label), for a choice."""

    label: str
    type: FieldType
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class GateForm:
    """What a card says about its gate. Texts are "" where it says nothing; `prompt` is Markdown."""

    heading: str = ""
    description: str = ""
    prompt: str = ""
    button: str = ""
    fields: tuple[GateField, ...] = field(default_factory=tuple)
    no_eu: bool = False
