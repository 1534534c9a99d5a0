"""Facts go up: rooms below say what happened, rooms above listen, nobody below knows who."""

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from hubkeep.kit.db import WriteTx


class Event:
    """A fact in the past tense. Subclasses are frozen dataclasses."""


E = TypeVar("E", bound=Event)
Handler = Callable[["WriteTx", Any], None]


class Bus:
    """Delivers events inside the transaction that emits them: both happen, or neither."""

    def __init__(self) -> None:
        self._handlers: dict[type[Event], list[Handler]] = defaultdict(list)

    def on(self, kind: type[E], handler: "Callable[[WriteTx, E], None]") -> None:
        """Call `handler(tx, event)` for every event of exactly this class."""
        self._handlers[kind].append(handler)

    def deliver(self, tx: "WriteTx", event: Event) -> None:
        """Run the handlers in the order they were added; an exception rolls everything back."""
        for handler in self._handlers[type(event)]:
            handler(tx, event)
