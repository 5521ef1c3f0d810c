"""What sets a notification or a rule off: something that happens to a record, or a moment that comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import TypeAlias

from engine.blueprint.conditions import ALWAYS, Condition, fields_in


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as it is written: `15 minutes`, `1 day`, `2 working hours`.

    `unit` is minutes, hours, days, weeks, months. Minutes and hours pass; days and longer are the calendar's."""

    count: int
    unit: str
    working: bool = False


@dataclass(frozen=True, slots=True)
class Happening:
    """`on: moved, into: [LOST]`. `on` is created, changed, moved, assigned, duplicate, re_engaged or received."""

    on: str
    fields: tuple[str, ...] = ()  # with changed: only when one of these changed
    into: tuple[str, ...] = ()  # with moved: only into these stages
    by: tuple[str, ...] = ()  # with moved: only by these transitions
    before: Condition = ALWAYS  # what held before the change


@dataclass(frozen=True, slots=True)
class Around:
    """`at: {before: starts_at, by: 1 hour}`: counted from a date or moment of the record. `side`: before, after or on.

    With `time`, the local time on the day that so many days lead to."""

    side: str
    field: str
    by: tuple[Span, ...] = ()
    time: time | None = None


@dataclass(frozen=True, slots=True)
class Staying:
    """`at: {in_stage: [NEW], for: 3 working hours}`: the record has been in one of these stages so long."""

    field: str
    stages: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Idle:
    """`at: {idle: 5 days}`: nothing happened to the record, and nothing was added beneath it, for so long."""

    span: Span


@dataclass(frozen=True, slots=True)
class Every:
    """`at: {every: week, day: Monday, time: 09:00}`. `period`: day, working day, week, month, quarter, year, financial_year.

    `day`: of a week 0 (Monday) to 6; of the others 1 to 31, or -1 for the last; a day that a month lacks is its last."""

    period: str
    time: time
    day: int = 1


Trigger: TypeAlias = Happening | Around | Staying | Idle | Every


@dataclass(frozen=True, slots=True)
class Missed:
    """What becomes of runs that came due while nothing ran: `skip`, `once` (the latest), `all`; none later than `within`."""

    policy: str = "once"
    within: Span | None = None


ONCE = Missed()


def fields_of(trigger: Trigger | None) -> frozenset[str]:
    """The fields of the record that it names."""
    match trigger:
        case Happening():
            return fields_in(trigger.before) | frozenset(trigger.fields)
        case Around() | Staying():
            return frozenset((trigger.field,))
    return frozenset()


def stages_of(trigger: Trigger | None) -> tuple[str, ...]:
    """The stages that it names."""
    match trigger:
        case Happening():
            return trigger.into
        case Staying():
            return trigger.stages
    return ()
