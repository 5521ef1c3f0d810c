"""Which values of a field fall due in a span of time: the due function turned round.

A later value is never due earlier, so the bounds are found by halving, whatever the function: one mechanism for every
kind of moment. Values and moments are whole numbers here: milliseconds since 1970, or for a date the day's number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from engine.blueprint.triggers import Around, Idle, Span, Staying
from engine.parts.moments import MILLISECOND, milliseconds, moment_of
from engine.rules.moments import FirmTime

FIRST_DAY, LAST_DAY = date(1001, 1, 1).toordinal(), date(9980, 1, 1).toordinal()
FIRST_MOMENT, LAST_MOMENT = -30_000_000_000_000, 250_000_000_000_000  # ms: the years 1019 to 9892
APPROXIMATELY = {"minutes": 60_000, "hours": 3_600_000, "days": 86_400_000, "weeks": 604_800_000, "months": 2_629_746_000}


@dataclass(frozen=True, slots=True)
class Dues:
    """The due function of a trigger with one of its spans. `by_day`: the field holds dates."""

    firm: FirmTime
    trigger: Around | Staying | Idle
    span: Span | None
    only_in_hours: bool = False
    by_day: bool = False

    def due(self, value: int) -> int:
        """In ms, of a value that is a moment in ms or a day's number."""
        given = date.fromordinal(value) if self.by_day else moment_of(value)
        due = self._due(given)
        return milliseconds(self.firm.opening(due) if self.only_in_hours else due)

    def window(self, after: int, until: int) -> tuple[int, int]:
        """Values from the first up to but not including the second: all that are due after the one moment and up to
        the other, and few besides."""
        low = first_beyond(self.due, after, self._guess(after), self._limits)
        high = first_beyond(self.due, until, low, self._limits)
        return low - self._margin(low), high + self._margin(high)

    def raw(self, value: int) -> int | str:
        """As the database keeps it."""
        return date.fromordinal(value).isoformat() if self.by_day else value

    def number(self, raw: int | str) -> int:
        return date.fromisoformat(str(raw)).toordinal() if self.by_day else int(raw)

    def _due(self, given: date | datetime) -> datetime:
        if isinstance(self.trigger, Around):
            return self.firm.around(self.trigger, self.span, given)
        assert self.span is not None and isinstance(given, datetime)
        return self.firm.on(given, self.span)

    def _guess(self, due: int) -> int:
        back = self.span.count * APPROXIMATELY[self.span.unit] if self.span else 0
        value = due + back if isinstance(self.trigger, Around) and self.trigger.side == "before" else due - back
        low, high = self._limits
        return min(max(moment_of(value).toordinal() if self.by_day else value, low), high)

    def _margin(self, value: int) -> int:
        if self.by_day:
            return 0
        timed = isinstance(self.trigger, Around) and self.trigger.time is not None
        return self.firm.unsteady(moment_of(value), self.span, timed) // MILLISECOND

    @property
    def _limits(self) -> tuple[int, int]:
        return (FIRST_DAY, LAST_DAY) if self.by_day else (FIRST_MOMENT, LAST_MOMENT)


def first_beyond(due: Callable[[int], int], moment: int, guess: int, limits: tuple[int, int]) -> int:
    """The least value that is due after the moment, looked for in steps that double from the guess, then by halves."""
    least, most = limits
    low = high = guess
    step = 1
    while low > least and due(low) > moment:
        low, high, step = max(low - step, least), low, step * 4
    step = 1
    while high < most and due(high) <= moment:
        low, high, step = high, min(high + step, most), step * 4
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (low, middle) if due(middle) > moment else (middle, high)
    return low if due(low) > moment else high

