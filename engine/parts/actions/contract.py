"""What every action answers. One action is one file in this folder; the file's name is the word in YAML.

An action describes what it wants, as plain values; the write door does it, in the move's own transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.blueprint.entities import Entity
from engine.formats import Reading


@dataclass(frozen=True, slots=True)
class Example:
    """An honest example for the contract test: the settings as in YAML, on an entity of the test, and what is changed."""

    settings: Any
    changes: Mapping[str, Any]


class Action:
    """Base of the actions; a subclass named `Part` in each file. Stateless."""

    word: ClassVar[str] = ""  # set from the file's name
    label: ClassVar[str] = ""
    doc: ClassVar[str] = ""
    schema: ClassVar[Mapping[str, Any]] = {}  # JSON Schema of its settings
    examples: ClassVar[tuple[Example, ...]] = ()

    def fields(self, settings: Any) -> tuple[str, ...]:
        """The fields of the record that it names, so that the compiler can check them."""
        return ()

    def changes(self, entity: Entity, settings: Any, at: Reading) -> Mapping[str, Any]:
        """Values that the record is given: of the fields' types, by field name. `settings` were read by the compiler:
        values of the fields' types, or Words (`now`, `me`, `in 3 days`)."""
        return {}
