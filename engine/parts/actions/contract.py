"""What every action answers. One action is one file in this folder; the file's name is the word in YAML.

An action describes what it wants, as plain values; the write door does it, in the transaction of the move or of the
rule. What leaves the house is only written down there, and sent later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.blueprint.conditions import Condition
from engine.blueprint.entities import Entity
from engine.formats import Reading


@dataclass(frozen=True, slots=True)
class Example:
    """An honest example for the contract test: the settings as in YAML, on an entity of the test, and what is changed."""

    settings: Any
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Birth:
    """A record that the move makes. `link`: the new record's field that points back to the moved one; `keep_in`: the moved
    record's field that will point to the new one."""

    entity: str
    values: Mapping[str, Any]
    link: str | None = None
    keep_in: str | None = None


@dataclass(frozen=True, slots=True)
class Gift:
    """Whom the record goes to is for an assignment to say."""

    assignment: str
    somebody_else: bool = False  # than who has it now


@dataclass(frozen=True, slots=True)
class Going:
    """A move, with what it asks for."""

    transition: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Telling:
    """What leaves the house: a notification, with a file of the set perhaps; or the record itself, to a channel."""

    notification: str | None = None
    channel: str | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """What an action may look at: the record as it will be, its entity and all others, the moment, and conditions."""

    entity: Entity
    values: Mapping[str, Any]
    entities: Mapping[str, Entity]
    at: Reading
    holds: Callable[[Condition], bool]


class Action:
    """Base of the actions; a subclass named `Part` in each file. Stateless."""

    word: ClassVar[str] = ""  # set from the file's name
    label: ClassVar[str] = ""
    doc: ClassVar[str] = ""
    schema: ClassVar[Mapping[str, Any]] = {}  # JSON Schema of its settings
    examples: ClassVar[tuple[Example, ...]] = ()
    in_moves: ClassVar[bool] = True  # whether it may stand under a transition's `then`

    def fields(self, settings: Any) -> tuple[str, ...]:
        """The fields of the record that it names, so that the compiler can check them."""
        return ()

    def changes(self, moved: Moved, settings: Any) -> Mapping[str, Any]:
        """Values that the record is given: of the fields' types, by field name. `settings` were read by the compiler:
        values of the fields' types, or Words (`now`, `me`, `in 3 days`)."""
        return {}

    def births(self, moved: Moved, settings: Any) -> tuple[Birth, ...]:
        """Records to make."""
        return ()

    def gift(self, settings: Any) -> Gift | None:
        """By which assignment the record is given to somebody."""
        return None

    def going(self, moved: Moved, settings: Any) -> Going | None:
        """The move that it makes."""
        return None

    def telling(self, settings: Any) -> Telling | None:
        """What leaves the house."""
        return None
