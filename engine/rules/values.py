"""From what somebody gave to values that can be kept, with every complaint by field.

A field that may not be filled, for whatever reason (unknown, hidden, locked, made by the engine, a stage), gets one and
the same sentence: a caller learns nothing from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.blueprint.conditions import Condition, fields_in
from engine.blueprint.entities import Entity, Field
from engine.errors import Complaint
from engine.formats import Reading
from engine.parts import field_type
from engine.parts.fields.contract import Unreadable
from engine.parts.meant import meant
from engine.rules.stages import is_blank
from engine.rules.words import is_empty
from engine.words import said

Holds = Callable[[Condition], bool]
TIMELESS = frozenset({"choice", "choices", "yes_no", "integer", "decimal", "text"})  # whenever they are read
MOST_KEPT = 5000  # texts of a field


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one role may fill in one entity: worked out once for a blueprint."""

    entity: Entity
    readable: Mapping[str, Field]
    writable: frozenset[str]
    readers: Mapping[str, Callable[[Field, Any, Reading], Any]]
    required: tuple[Field, ...]
    sometimes: tuple[Field, ...]  # required when a condition holds
    defaults: tuple[Field, ...]

    def read(
        self, given: Mapping[str, Any], at: Reading, meanings: Meanings | None = None
    ) -> tuple[dict[str, Any], list[Complaint]]:
        """The values that could be read, and a complaint for each that could not. `meanings` of this sheet: when many
        records are read."""
        if meanings is not None and (quickly := meanings.read(given)) is not None:
            return quickly, []
        values: dict[str, Any] = {}
        complaints: list[Complaint] = []
        for name, raw in given.items():
            read = self.readers.get(name)
            if read is None:
                complaints.append(Complaint(str(name)[:100], not_to_fill(self.entity, str(name))))
                continue
            try:
                values[name] = read(self.entity.fields[name], raw, at)
            except Unreadable as unreadable:
                complaints.append(Complaint(name, unreadable.message))
        return values, complaints

    def with_defaults(self, values: dict[str, Any], at: Reading) -> dict[str, Any]:
        """A new record's values: what was not given gets its default, also where the role may not write it."""
        for field in self.defaults:
            if field.name not in values:
                values[field.name] = default_of(field, at)
        return values

    def empty(self, values: Mapping[str, Any], holds: Holds, only: Callable[[Field], bool] | None = None) -> list[Complaint]:
        """The required fields that are empty; a role is not asked for what it may not fill."""
        found = [f for f in self.required if is_blank(values.get(f.name)) and (only is None or only(f))]
        found += [
            f
            for f in self.sometimes
            if is_blank(values.get(f.name)) and (only is None or only(f)) and holds(_when(f))
        ]
        return [Complaint(f.name, is_empty(f.label)) for f in found]

    def empty_after(self, values: Mapping[str, Any], changed: Iterable[str], holds: Holds) -> list[Complaint]:
        """As `empty`, for what a change touched: an old record does not have to be mended before it can be used."""
        touched = frozenset(changed)
        return self.empty(values, holds, lambda f: f.name in touched or _depends_on(f, touched))


class Meanings:
    """Reads rows of the same fields by one generated function, and remembers what texts meant (decision 7)."""

    def __init__(self, sheet: Sheet, at: Reading) -> None:
        self.sheet = sheet
        self._known = {n: _Known(read, sheet.entity.fields[n], at) for n, read in sheet.readers.items()}
        self._row_of = lru_cache(maxsize=50)(self._generated)

    def as_of(self, at: Reading) -> None:
        """From now on texts are read at this moment; what may mean another thing now is forgotten."""
        for known in self._known.values():
            known.at = at
            if known.field.type not in TIMELESS:
                known.clear()

    def read(self, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """None when something cannot be read, or not so: then each value is to be read, and complained of, by itself."""
        try:
            return self._row_of(tuple(given))(given)
        except (Unreadable, KeyError, TypeError):  # the last two: a field that may not be filled, a list
            return None

    def _generated(self, names: tuple[str, ...]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
        known = {f"known{at}": self._known[name] for at, name in enumerate(names)}
        text = ", ".join(f"{name!r}: known{at}[given[{name!r}]]" for at, name in enumerate(names))
        return eval(compile(f"lambda given: {{{text}}}", "<read>", "eval"), known)  # noqa: S307 - names of the blueprint


class _Known(dict[str, Any]):
    """What texts mean as a field's values; one that is asked for the first time is read. Other things than texts are
    never kept: 1, 1.0 and true are one key."""

    def __init__(self, read: Callable[[Field, Any, Reading], Any], field: Field, at: Reading) -> None:
        self.reader, self.field, self.at = read, field, at

    def __missing__(self, given: Any) -> Any:
        value = self.reader(self.field, given, self.at)
        if len(self) < MOST_KEPT and type(given) is str:
            self[given] = value
        return value


def sheet(entity: Entity, readable: Mapping[str, Field], writable: frozenset[str]) -> Sheet:
    open_fields = [f for f in entity.fields.values() if f.name in writable]
    return Sheet(
        entity,
        readable,
        writable,
        {f.name: field_type(f.type).read for f in open_fields},
        tuple(f for f in open_fields if f.required),
        tuple(f for f in open_fields if f.required_when is not None and not f.required),
        tuple(f for f in entity.fields.values() if f.default is not None and not f.system),
    )


def default_of(field: Field, at: Reading) -> Any:
    """The default's value now."""
    return meant(field, field.default, at)


def not_to_fill(entity: Entity, name: str) -> str:
    return said('"{name}" is not a field of {label} that you may fill.', name=name[:100], label=entity.label)


def _when(field: Field) -> Condition:
    assert field.required_when is not None
    return field.required_when


def _depends_on(field: Field, touched: frozenset[str]) -> bool:
    return field.required_when is not None and not touched.isdisjoint(fields_in(field.required_when))


__all__ = ["Meanings", "Sheet", "default_of", "not_to_fill", "sheet"]
