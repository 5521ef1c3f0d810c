"""Whether a condition holds for values in hand. What needs other records is asked of the database through a Look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from engine.blueprint.conditions import ALWAYS, AllOf, AnyOf, Condition, Not, Test, Word
from engine.blueprint.entities import Field
from engine.blueprint.values import Stayed
from engine.formats import Reading
from engine.parts import operator
from engine.parts.stays import OfStays

ELSEWHERE = frozenset({"where", "some", "none", "visible"})
NOT_AT_HAND = frozenset({"computed", "rollup", "children"})
PEOPLE = frozenset({"my team", "my subordinates"})
NEGATIVE = frozenset({"is_not", "not_in"})


class Look(Protocol):
    """What the database knows beside the values at hand."""

    def test(self, test: Test) -> bool:
        """Whether the record meets a test of other records or of what is computed."""
        ...

    def among(self, word: str, id: int) -> bool:
        """Whether a person or team is among `my team` or `my subordinates`."""
        ...

    def stays(self, field: str) -> tuple[Stayed, ...]:
        """The record's stays in the stages of a field, the first one first."""
        ...


def holds(
    condition: Condition, fields: Mapping[str, Field], values: Mapping[str, Any], at: Reading, look: Look
) -> bool:
    match condition:
        case Test():
            return _meets(condition, fields[condition.field], values.get(condition.field), at, look)
        case AllOf(parts):
            return all(holds(part, fields, values, at, look) for part in parts)
        case AnyOf(parts):
            return any(holds(part, fields, values, at, look) for part in parts)
        case Not(part):
            return not holds(part, fields, values, at, look)
    raise TypeError(f"Not a condition: {condition!r}")


def is_at_hand(condition: Condition, fields: Mapping[str, Field]) -> bool:
    """Whether `holds` can answer without the database."""
    match condition:
        case Test():
            return not (
                _needs_look(condition, fields[condition.field])
                or isinstance(operator(condition.operator), OfStays)
                or _people_in(condition.value)
            )
        case Not(part):
            return is_at_hand(part, fields)
        case AllOf(parts) | AnyOf(parts):
            return all(is_at_hand(part, fields) for part in parts)
    return False


def _meets(test: Test, field: Field, have: Any, at: Reading, look: Look) -> bool:
    if _needs_look(test, field):
        return look.test(test)
    part = operator(test.operator)
    if isinstance(part, OfStays):
        return part.holds(field, look.stays(field.name), part.resolve(field, test.value, at))
    if _people_in(test.value):
        return _is_among(test, have, at, look)
    return part.holds(field, have, part.resolve(field, test.value, at))


def _needs_look(test: Test, field: Field) -> bool:
    return test.operator in ELSEWHERE or field.type in NOT_AT_HAND


def _is_among(test: Test, have: Any, at: Reading, look: Look) -> bool:
    """A person, or several, against a list in which `my team` or `my subordinates` stands."""
    have_ids = [_id(v) for v in (have if isinstance(have, tuple) else (have,)) if v is not None]
    found = any(_is_one(id, value, at, look) for id in have_ids for value in _listed(test.value))
    return found != (test.operator in NEGATIVE)


def _is_one(id: int, value: Any, at: Reading, look: Look) -> bool:
    if isinstance(value, Word):
        return id == at.user if value.text == "me" else look.among(value.text, id)
    return id == _id(value)


def _people_in(value: Any) -> bool:
    if isinstance(value, (bool, str)):  # most conditions
        return False
    return any(isinstance(v, Word) and v.text in PEOPLE for v in _listed(value))


def _listed(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list, frozenset, set)) else (value,)


def _id(value: Any) -> int:
    return int(getattr(value, "id", value))


__all__ = ["ALWAYS", "Look", "holds", "is_at_hand"]
