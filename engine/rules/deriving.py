"""What a report works out from its measures: ratios, shares, changes, running sums, order, the first so many, the rest.

Pure: numbers in, numbers out. A number is a count, a value of a field, money, or a tuple of money in several currencies.

1. What has no number in a group is empty (of counts: nothing, 0).
2. A ratio of nothing is empty. Money is only set against money of its currency; the quotient of unlike things is a value.
3. The total of what can be added is the sum of the rows; all else must be brought along.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import prod
from typing import Any

from engine.blueprint.reports import Measure
from engine.blueprint.values import Money
from engine.parts.tables import ADDED, added, put_together, size_of

PLACES = Decimal("0.000001")
Numbers = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """A row of a report: its numbers, what they are compared with, and to which running sum they add (all rows of one
    person over the months, say)."""

    numbers: Numbers
    before: Numbers | None = None
    track: Any = None


def derive(measures: Mapping[str, Measure], rows: Sequence[Compared], total: Compared) -> None:
    """Adds what is derived to each row and to the total. `rows` are in the order of time where there is one."""
    for measure in measures.values():
        if measure.is_derived:
            sums: dict[Any, Any] = {}
            for row in rows:
                row.numbers[measure.name] = _derived(measure, row, total.numbers, sums)
            total.numbers[measure.name] = _of_total(measure, total)


def _derived(measure: Measure, row: Compared, total: Numbers, sums: dict[Any, Any]) -> Any:
    number = row.numbers.get(measure.of[0])
    match measure.take:
        case "ratio":
            return quotient(number, row.numbers.get(measure.of[1]))
        case "product":
            return product([row.numbers.get(of) for of in measure.of])
        case "share_of":
            return quotient(number, total.get(measure.of[0]))
        case "change_of":
            return change(number, row.before.get(measure.of[0])) if row.before is not None else None
    sums[row.track] = added([sums.get(row.track), number])
    return sums[row.track]


def _of_total(measure: Measure, total: Compared) -> Any:
    number = total.numbers.get(measure.of[0])
    match measure.take:
        case "ratio":
            return quotient(number, total.numbers.get(measure.of[1]))
        case "product":
            return product([total.numbers.get(of) for of in measure.of])
        case "change_of":
            return change(number, total.before.get(measure.of[0])) if total.before is not None else None
        case "share_of":
            return Decimal(1) if size_of(number) else None
    return None


def product(numbers: Sequence[Any]) -> Any:
    """Of one amount at most, which gives its currency. None where one is empty."""
    single = [_single(number) for number in numbers]
    sizes = [size_of(number) for number in single]
    amounts = [number for number in single if isinstance(number, Money)]
    if None in sizes or len(amounts) > 1:
        return None
    whole = Decimal(prod(size for size in sizes if size is not None))
    return Money(whole.quantize(Decimal("0.01")), amounts[0].currency) if amounts else whole.quantize(PLACES)


def quotient(of: Any, by: Any) -> Any:
    """`of / by`; money by a count is money, by a stretch of time money a day. None where it means nothing."""
    of, by = _single(of), _single(by)
    number, divisor = size_of(of), size_of(by)
    if number is None or not divisor:
        return None
    if isinstance(of, Money) and isinstance(by, Money):
        return (number / divisor).quantize(PLACES) if of.currency == by.currency else None
    if isinstance(of, Money):
        return Money((number / divisor).quantize(Decimal("0.01")), of.currency)
    return (number / divisor).quantize(PLACES)


def change(now: Any, before: Any) -> Decimal | None:
    """By which part of what was before; None where there was nothing, or something else."""
    now, before = _single(now), _single(before)
    if isinstance(now, Money) and isinstance(before, Money) and now.currency != before.currency:
        return None
    number, earlier = size_of(now if now is not None else 0), size_of(before)
    if number is None or not earlier:
        return None
    return ((number - earlier) / abs(earlier)).quantize(PLACES)


def _single(number: Any) -> Any:
    return number[0] if isinstance(number, tuple) and len(number) == 1 else number


__all__ = ["ADDED", "Compared", "added", "change", "derive", "product", "put_together", "quotient"]
