"""The days that a calendar shows, and where on them something stands: in the reader's zone, on the clocks of the wall.

- A day has 1,440 minutes on the wall, also when the clocks go forward or back in it.
- What is over before it began on the wall (the clocks went back meanwhile) is as long as the time that passed.
- What reaches over midnight has a piece on each day; one that ends at midnight has none on the day that begins then.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from engine.parts.moments import DAY, start_of
from engine.rules.walls import wall

MINUTES = 1440
MINUTE = timedelta(minutes=1)
AGENDA = 14  # days of an agenda
Span = Literal["month", "week", "day", "agenda"]
FIRST, LAST = date(1971, 1, 1), date(9980, 12, 31)  # what a calendar can show: room on both sides


@dataclass(frozen=True, slots=True)
class Days:
    """The days of one view. `first` to `last`, both shown; `on` is the day that was asked for."""

    span: Span
    on: date
    first: date
    last: date

    def __iter__(self) -> Iterator[date]:
        return (self.first + n * DAY for n in range(len(self)))

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def weeks(self) -> list[list[date]]:
        days = list(self)
        return [days[n : n + 7] for n in range(0, len(days), 7)]

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """From its first moment up to the first one after it."""
        return start_of(self.first, zone), start_of(self.last + DAY, zone)


def days_of(span: Span, on: date, first_weekday: int = 0) -> Days:
    """`first_weekday`: 0 is Monday. A month is shown with the whole weeks that it touches."""
    on = min(max(on, FIRST), LAST)
    if span == "month":
        first = on.replace(day=1)
        last = on.replace(day=monthrange(on.year, on.month)[1])
        return Days(span, on, week_start(first, first_weekday), week_start(last, first_weekday) + 6 * DAY)
    if span == "week":
        first = week_start(on, first_weekday)
        return Days(span, on, first, first + 6 * DAY)
    return Days(span, on, on, on + (AGENDA - 1) * DAY if span == "agenda" else on)


def week_start(day: date, first_weekday: int) -> date:
    return day - (day.weekday() - first_weekday) % 7 * DAY


def turned(days: Days, by: int) -> date:
    """The day to ask for to see what comes next, or before with -1."""
    if days.span == "month":
        month = days.on.year * 12 + days.on.month - 1 + by
        return min(max(date(month // 12, month % 12 + 1, 1), FIRST), LAST)
    step = {"week": 7, "day": 1, "agenda": AGENDA}[days.span]
    return min(max(days.on + by * step * DAY, FIRST), LAST)


# ---- on the wall


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of something on one day, in minutes of the wall: `start` < `end` <= 1440, but for what takes no time."""

    day: date
    start: int
    end: int
    begins: bool  # here, and not on a day before
    ends: bool


def pieces(starts: datetime, ends: datetime | None, days: Sequence[date], zone: ZoneInfo) -> list[Piece]:
    """One for each of the days that it touches. Nothing, or an end that is not after the start: it takes no time."""
    over = ends if ends is not None and ends > starts else starts
    return [piece for day in days if (piece := _piece(starts, over, day, zone)) is not None]


def _piece(starts: datetime, ends: datetime, day: date, zone: ZoneInfo) -> Piece | None:
    dawn, dusk = start_of(day, zone), start_of(day + DAY, zone)
    if starts >= dusk or (ends <= dawn and starts < dawn):
        return None
    first, last = max(starts, dawn), min(ends, dusk)
    start = _minute(first, day, zone) if starts > dawn else 0
    end = MINUTES if last == dusk else _minute(last, day, zone)
    if end <= start and last > first:  # the clocks went back meanwhile
        end = min(start + max((last - first) // MINUTE, 1), MINUTES)
    return Piece(day, start, max(end, start), starts >= dawn, ends <= dusk)


def _minute(moment: datetime, day: date, zone: ZoneInfo) -> int:
    there = moment.astimezone(zone)
    return there.hour * 60 + there.minute + (there.date() - day).days * MINUTES


def moment_at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """When the clocks show this minute of the day; one that they skip comes when they jump."""
    return wall(datetime.combine(day, time()) + minute * MINUTE, zone)


def moved(moment: datetime, day: date, minute: int | None, zone: ZoneInfo) -> datetime:
    """The moment brought to another day, and to another minute of it; without one the time on the wall stays.

    Raises nothing: a time that does not exist on that day comes when the clocks jump."""
    there = moment.astimezone(zone)
    if minute is None:
        if there.date() == day:
            return moment
        return wall(datetime.combine(day, there.time().replace(tzinfo=None)), zone)
    return moment_at(day, minute, zone)


@dataclass(frozen=True, slots=True)
class Change:
    """The clocks are put forward or back on a day: at which minute of it, to which; `forward` skips what lies between."""

    at: int
    to: int

    @property
    def forward(self) -> bool:
        return self.to > self.at


def change_on(day: date, zone: ZoneInfo) -> Change | None:
    """Whether the clocks change within this day."""
    dawn, dusk = start_of(day, zone), start_of(day + DAY, zone)
    before, after = (m.astimezone(zone).utcoffset() for m in (dawn, dusk))
    if before == after or before is None or after is None:
        return None
    low, high = 0, (dusk - dawn) // MINUTE
    while high - low > 1:
        middle = (low + high) // 2
        if (dawn + middle * MINUTE).astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    jump = (dawn + high * MINUTE).astimezone(UTC)
    shown = jump.astimezone(zone)
    to = shown.hour * 60 + shown.minute
    return Change(to - (after - before) // MINUTE, to)


__all__ = [
    "AGENDA",
    "MINUTES",
    "Change",
    "Days",
    "Piece",
    "Span",
    "change_on",
    "days_of",
    "moment_at",
    "moved",
    "pieces",
    "turned",
    "week_start",
]
