"""What a condition means: a small tree that SQL, Python and words are made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.blueprint.source import Source


@dataclass(frozen=True, slots=True)
class Test:
    """One field, one operator, one value: `amount: {above: 10000}`.

    `value` is what the operator part's `read` made of the YAML: plain values of the field's type, a
    `Word` that is resolved when the condition is used (`me`, `today`), or, for the operators that look
    into other records (`where`, `some`, `none`), another Condition.
    """

    field: str
    operator: str
    value: Any
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


Condition: TypeAlias = Test | AllOf | AnyOf | Not

ALWAYS = AllOf()
NEVER = AnyOf()


@dataclass(frozen=True, slots=True)
class Word:
    """A value that depends on who asks and when: `me`, `my team`, `today`, `last month`, `in 3 days`."""

    text: str


def tests_in(condition: Condition) -> Iterator[Test]:
    """Every test of this entity's own fields; conditions on other records (`where`, `some`) are not entered."""
    match condition:
        case Test():
            yield condition
        case Not(part):
            yield from tests_in(part)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from tests_in(part)


def fields_in(condition: Condition) -> frozenset[str]:
    return frozenset(test.field for test in tests_in(condition))
