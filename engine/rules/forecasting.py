"""A forecast of the months to come from the months that are over: pure, the same numbers from the same past.

1. Each method is tried on the past: for every month, told only from the months before it.
2. The one that came closest, one month ahead, over the months on which all of them could be tried, is taken. To take the
   last month again (naive) is one of them and comes first: another must be closer than it.
3. A range is as wide as the method's own errors, so many months ahead: the one of them that leaves four in five within,
   counted with one error more than were seen (split conformal). With fewer than four errors there is none.
4. The choice itself is checked too: for each of the last months the method is chosen without it, and what that told is
   set beside the naive one. Only this error is free of having chosen what fits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import cached_property
from typing import TypeAlias

from engine.rules.pipelines import Flow, told_from

WITHIN = Decimal("0.8")  # what part of the months a range is to hold
CHECKS = 4  # months on which a method must have been tried: fewer tell no range
LEAST = 3 + CHECKS  # full months before anything is told
HELD_BACK = 6  # of the last months at most
YEAR = 12
FADES = Decimal("0.8")  # what is left of a trend with each further month
NAIVE, PIPELINE = "naive", "pipeline"


@dataclass(frozen=True, slots=True)
class Past:
    """`sold`: of each full month, the first with a sale first. `flow`: how records came and went, where it may be read."""

    sold: tuple[Decimal, ...]
    flow: Flow | None = None


Tell: TypeAlias = "Callable[[Past, int, int], Decimal | None]"  # past, full months known, how many months ahead


@dataclass(frozen=True, slots=True)
class Method:
    """`needs`: full months before it can tell one; `least`: before it is taken at all."""

    name: str
    needs: int
    tell: Tell
    least: int = 0

    @property
    def from_months(self) -> int:
        return max(self.least, self.needs + CHECKS)


def mean(numbers: Sequence[Decimal]) -> Decimal:
    return sum(numbers, Decimal(0)) / len(numbers)


def _last(past: Past, known: int, ahead: int) -> Decimal:
    return past.sold[known - 1]


def _mean_of(months: int) -> Tell:
    return lambda past, known, ahead: mean(past.sold[known - months : known])


def _trend(past: Past, known: int, ahead: int) -> Decimal:
    """The mean of three months stands for the middle one: one step brings it to the last, the others ahead."""
    late, early = mean(past.sold[known - 3 : known]), mean(past.sold[known - 6 : known - 3])
    return late + (late - early) / 3 * sum((FADES**step for step in range(ahead + 1)), Decimal(0))


def _same_of(months: int) -> Tell:
    """The same month of the quarter or of the year before."""
    return lambda past, known, ahead: past.sold[known - months + (ahead - 1) % months]


def _pipeline(past: Past, known: int, ahead: int) -> Decimal | None:
    return told_from(past.flow, past.sold, known, ahead) if past.flow is not None else None


METHODS = (
    Method(NAIVE, 1, _last),
    Method("mean_3", 3, _mean_of(3)),
    Method("mean_6", 6, _mean_of(6)),
    Method("trend", 6, _trend),
    Method("quarter", 3, _same_of(3)),
    Method("year", YEAR, _same_of(YEAR), 2 * YEAR),
    Method(PIPELINE, 6, _pipeline),
)


@dataclass(frozen=True, slots=True)
class Error:
    """How far off, on average of so many months: in the numbers' own unit, and as a part of what was sold in them."""

    size: Decimal
    part: Decimal | None
    months: int


@dataclass(frozen=True, slots=True)
class Told:
    """A month's forecast. `low` and `high` are None where too few months were tried so far ahead."""

    value: Decimal
    low: Decimal | None = None
    high: Decimal | None = None

    def holds(self, number: Decimal) -> bool:
        return self.low is not None and self.high is not None and self.low <= number <= self.high


@dataclass(frozen=True, slots=True)
class Held:
    """A month that was held back; `at` is its place in the past."""

    at: int
    sold: Decimal
    told: Told
    naive: Decimal
    method: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """`errors`: of every method that was tried, on the same months. `months`: each that was told, the next first."""

    method: str
    errors: Mapping[str, Error]
    months: tuple[Told, ...]
    held: tuple[Held, ...]

    @property
    def held_error(self) -> Error:
        return error_of([(one.told.value, one.sold) for one in self.held])

    @property
    def held_naive(self) -> Error:
        return error_of([(one.naive, one.sold) for one in self.held])


def forecast(past: Past, ahead: int) -> Forecast | None:
    """Of so many months. None where the past is too short, or nothing was sold in its last twelve months."""
    known = len(past.sold)
    if known < LEAST or not any(past.sold[-YEAR:]):
        return None
    trial = Trial(past, ahead)
    method, errors = trial.chosen(known)
    held = tuple(trial.held(at) for at in range(max(LEAST, known - HELD_BACK), known))
    return Forecast(method.name, errors, trial.months(method, known), held)


class Trial:
    """Every method on one past. What was told of a month from the months before it does not change: it is kept."""

    def __init__(self, past: Past, ahead: int) -> None:
        self.past, self.ahead = past, ahead
        self._told: dict[tuple[str, int, int], Decimal | None] = {}

    def told(self, method: Method, known: int, ahead: int) -> Decimal | None:
        key = (method.name, known, ahead)
        if key not in self._told:
            number = method.tell(self.past, known, ahead)
            is_below = number is not None and number < 0 and self._never_negative
            self._told[key] = Decimal(0) if is_below else number
        return self._told[key]

    def chosen(self, known: int) -> tuple[Method, dict[str, Error]]:
        """The method that came closest, and how far off each was."""
        usable = [one for one in METHODS if one.from_months <= known and self._tells(one, known)]
        first = max(one.needs for one in usable)
        errors = {one.name: self.error(one, first, known) for one in usable}
        return min(usable, key=lambda one: errors[one.name].size), errors

    def error(self, method: Method, first: int, known: int) -> Error:
        return error_of([(number, self.past.sold[at]) for at in range(first, known)
                         if (number := self.told(method, at, 1)) is not None])  # fmt: skip

    def months(self, method: Method, known: int) -> tuple[Told, ...]:
        """The range of a month is no narrower than that of the month before it."""
        found: list[Told] = []
        widest = Decimal(0)
        for ahead in range(1, self.ahead + 1):
            number = self.told(method, known, ahead)
            assert number is not None
            reach = self._reach(method, known, ahead)
            widest = max(widest, reach or widest)
            found.append(Told(number, *self._around(number, widest)) if reach is not None else Told(number))
        return tuple(found)

    def held(self, at: int) -> Held:
        method, _ = self.chosen(at)
        number, reach = self.told(method, at, 1), self._reach(method, at, 1)
        assert number is not None
        told = Told(number, *self._around(number, reach)) if reach is not None else Told(number)
        return Held(at, self.past.sold[at], told, self.past.sold[at - 1], method.name)

    @cached_property
    def _never_negative(self) -> bool:
        return all(number >= 0 for number in self.past.sold)

    def _tells(self, method: Method, known: int) -> bool:
        """Whether it tells all that is asked for now, and told every month on which it is tried."""
        ahead = all(self.told(method, known, step) is not None for step in range(1, self.ahead + 1))
        return ahead and all(self.told(method, at, 1) is not None for at in range(method.needs, known))

    def _reach(self, method: Method, known: int, ahead: int) -> Decimal | None:
        """How far from the forecast four in five months lay; None where too few were tried."""
        tried = range(method.needs, known - ahead + 1)
        errors = sorted(abs(number - self.past.sold[at + ahead - 1]) for at in tried
                        if (number := self.told(method, at, ahead)) is not None)  # fmt: skip
        place = int((WITHIN * (len(errors) + 1)).to_integral_value(ROUND_CEILING))
        return errors[place - 1] if place <= len(errors) else None

    def _around(self, number: Decimal, reach: Decimal) -> tuple[Decimal, Decimal]:
        low = number - reach
        return (max(low, Decimal(0)) if self._never_negative else low), number + reach


def error_of(pairs: Sequence[tuple[Decimal, Decimal]]) -> Error:
    """Of (told, sold). A part of all that was sold, not the mean of each month's part: a month may have had nothing."""
    if not pairs:
        return Error(Decimal(0), None, 0)
    size = mean([abs(told - sold) for told, sold in pairs])
    usual = mean([abs(sold) for _, sold in pairs])
    return Error(size, size / usual if usual else None, len(pairs))


__all__ = [
    "LEAST", "METHODS", "NAIVE", "PIPELINE", "Error", "Forecast", "Held", "Past", "Told", "Trial", "error_of", "forecast",
]  # fmt: skip
