"""The table that a report is for one reader at one moment: charts, mails and exports are made from it alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any

from engine.blueprint.conditions import Condition
from engine.blueprint.entities import Field
from engine.blueprint.reports import Measure, Report
from engine.blueprint.values import Money

AGES = ((0, 7), (8, 14), (15, 30), (31, 60), (61, None))  # the steps of an age: first and last day
AGE = "age"  # the bucket of dates by how long ago they are
ADDED = ("count", "sum", "weighted")  # what can be told of several groups from the numbers of each


@dataclass(frozen=True, slots=True)
class Axis:
    """One of the things that a table is grouped by. `values` are all of them in order, also stretches of time without a
    record; `bucket` is how long a stretch is, and its value the stretch's first day (of hours: the local hour; of ages the
    step's number, -1 for what is to come)."""

    name: str
    label: str
    field: Field
    bucket: str | None
    values: tuple[Any, ...]

    @property
    def is_time(self) -> bool:
        return self.bucket not in (None, AGE)


@dataclass(frozen=True, slots=True)
class Column:
    """A measure. `kind`: count (a whole number), number, value (of `field`), percent (1 is the whole), days."""

    name: str
    label: str
    kind: str
    field: Field | None
    measure: Measure
    series: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """`keys`: a value of each axis. `numbers`: of each column; None is empty. `opens`: by series, the records behind it."""

    keys: tuple[Any, ...]
    numbers: tuple[Any, ...]
    opens: Mapping[str, tuple[str, Condition]] = field(default_factory=dict)
    is_rest: bool = False  # what did not come among the first


@dataclass(frozen=True, slots=True)
class Table:
    """`left_out`: sentences about what is not in it. `as_of`: when it was read. `period`: the stretch asked about, as a
    word or two dates. `rest`: how many groups the last line stands for."""

    report: Report
    axes: tuple[Axis, ...]
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    total: Line | None
    as_of: datetime
    period: str | None = None
    left_out: tuple[str, ...] = ()
    rest: int = 0
    page: Any = None  # of a list of records, the page that was read
    notes: tuple[str, ...] = ()  # how it came about, in the reader's words
    behind: tuple[tuple[str, Table], ...] = ()  # what it rests upon, each with its heading

    @property
    def is_empty(self) -> bool:
        return not any(number not in (None, 0) for line in self.lines for number in line.numbers)

    def column(self, name: str) -> int:
        return next(at for at, column in enumerate(self.columns) if column.name == name)


def size_of(number: Any) -> Decimal | None:
    """A measure as a plain number, to draw or to divide: money of one currency is its amount, of several nothing; a stretch
    of time is its days."""
    if isinstance(number, tuple):
        return size_of(number[0]) if len(number) == 1 else None
    if isinstance(number, Money):
        return number.amount
    if isinstance(number, bool) or not isinstance(number, (int, float, Decimal)):
        seconds: Callable[[], float] | None = getattr(number, "total_seconds", None)
        return Decimal(str(seconds())) / 86_400 if seconds is not None else None
    return Decimal(str(number))


def added(numbers: Iterable[Any]) -> Any:
    """The sum; amounts of each currency for themselves. None where there is no number at all."""
    there = [one for number in numbers if number is not None for one in (number if isinstance(number, tuple) else (number,))]
    if not there:
        return None
    if not any(isinstance(one, Money) for one in there):
        return sum(there[1:], there[0])
    sums: dict[str, Decimal] = {}
    for one in there:
        sums[one.currency] = sums.get(one.currency, Decimal(0)) + one.amount
    amounts = tuple(Money(amount, currency) for currency, amount in sorted(sums.items()))
    return amounts if len(amounts) > 1 else amounts[0]


def put_together(measure: Measure, numbers: Sequence[Any]) -> Any:
    """One number for several groups; None where it cannot be told from theirs."""
    there = [number for number in numbers if number is not None]
    if measure.take in ADDED:
        return added(there) if there or measure.take != "count" else 0
    if measure.take in ("smallest", "largest") and there and not any(isinstance(n, tuple) for n in there):
        take = min if measure.take == "smallest" else max
        sized = [(size, n) for n in there if (size := size_of(n)) is not None]
        return take(sized, key=itemgetter(0))[1] if len(sized) == len(there) else take(there)
    return None


__all__ = ["ADDED", "AGE", "AGES", "Axis", "Column", "Line", "Table", "added", "put_together", "size_of"]
