"""What every kind of view answers: a list, a board, a calendar. One kind is one file; its name is the word in YAML.

A view is a question (condition, search) with looks. What all kinds have in common stands beside `kind` in the YAML:
label, when, roles, pinned, default, and where the kind heeds them columns, sort and group. What only one kind has are
its options: the keys of `schema` in YAML and the parameters of the same names in an address
(`/deal/board?by=stage&card=amount,owner`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.blueprint.entities import Entity
from engine.parts.fields.contract import Unreadable
from engine.words import said


@dataclass(frozen=True, slots=True)
class Example:
    """Options as in YAML, what they mean, and how an address says them."""

    given: Mapping[str, Any]
    options: Mapping[str, Any]
    pairs: tuple[tuple[str, str], ...]


class ViewKind:
    """Base of the kinds; a subclass named `Kind` in each file. Stateless."""

    word: ClassVar[str] = ""  # set from the file's name
    label: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    doc: ClassVar[str] = ""
    place: ClassVar[str] = ""  # what follows `/{entity}` in its address: "", "/board", "/calendar"
    # JSON Schema `properties` of its options. "x-field": true on one whose words name fields of the entity (the compiler
    # looks them up and tells of slips); one of several words takes a list in YAML and commas in an address.
    schema: ClassVar[Mapping[str, Any]] = {}
    common: ClassVar[tuple[str, ...]] = ()  # which of columns, sort and group it heeds; the others cannot be said of it
    examples: ClassVar[tuple[Example, ...]] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The parameters of an address that are its own; they are no filters."""
        return tuple(self.schema)

    def suits(self, entity: Entity) -> bool:
        """Whether records of this entity can be looked at so."""
        return True

    def read(self, entity: Entity, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """The options' meaning, from YAML's values or an address's texts: by default words, and tuples of words for an
        option whose schema is an array. Raises Unreadable with a whole sentence."""
        return {name: self._read(name, given[name]) for name in self.schema if given.get(name)}

    def fields(self, options: Mapping[str, Any]) -> tuple[str, ...]:
        """The fields that the options name: a reader who may not read one of them is not offered the view."""
        named = [options[name] for name, schema in self.schema.items() if schema.get("x-field") and name in options]
        return tuple(word for one in named for word in (one if isinstance(one, tuple) else (one,)))

    def pairs(self, options: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        """How an address says them; `read(entity, dict(pairs))` gives the same options."""
        return tuple((name, ",".join(one) if isinstance(one, tuple) else str(one)) for name, one in options.items())

    def _read(self, name: str, given: Any) -> Any:
        if self.schema[name].get("type") == "array":
            words = given.split(",") if isinstance(given, str) else given
            return tuple(dict.fromkeys(str(word).strip() for word in words if str(word).strip()))
        if isinstance(given, (list, tuple, Mapping)):
            raise Unreadable(said("{name} is one word.", name=name))
        return str(given)
