"""When a time rule is due: pure functions of the trigger, the record's date or moment, and the firm's zone and hours.

- Minutes and hours pass. Days, weeks and months are the calendar's: the same time on the clocks of the firm's wall.
- Working hours and working days count only while the firm is open.
- A later date is never due earlier. Two things break this a little, and `unsteady` tells where: the hour that the
  clocks show twice, and the end of a month when months are counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from engine.blueprint.manifest import Manifest
from engine.blueprint.triggers import Around, Every, Span
from engine.parts.moments import DAY
from engine.parts.words import months_on
from engine.rules.hours import OpenHours
from engine.rules.walls import on_the_wall, wall

PASSING = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1)}
DAYS = {"days": 1, "weeks": 7}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
HOURS_ROUND_A_CHANGE = timedelta(hours=2)
DAYS_ROUND_A_MONTHS_END = timedelta(days=4)
STEADY = timedelta()


class FirmTime:
    """A firm's zone, hours and year. Moments go in with a zone and come out in UTC."""

    def __init__(self, manifest: Manifest) -> None:
        self.zone = ZoneInfo(manifest.zone)
        self.hours = OpenHours(manifest.hours, self.zone)
        self.year_starts = manifest.financial_year_starts

    # ---- around a date, and after a time

    def around(self, trigger: Around, span: Span | None, value: date | datetime) -> datetime:
        """When it is due for this value of its field; `span` is one of `trigger.by`, None with `on`."""
        forward = trigger.side == "after"
        if trigger.time is not None:
            day = self._day(value)
            return self._wall(self._day_on(day, span, forward) if span else day, trigger)
        moment = value if isinstance(value, datetime) else wall(datetime.combine(value, datetime.min.time()), self.zone)
        return self.on(moment, span, forward) if span else moment.astimezone(UTC)

    def on(self, moment: datetime, span: Span, forward: bool = True) -> datetime:
        """The moment moved by a span, forward or back."""
        if span.working:
            return self._working(moment, span, forward)
        if span.unit in PASSING:
            return moment.astimezone(UTC) + PASSING[span.unit] * (span.count if forward else -span.count)
        local = moment.astimezone(self.zone)
        return wall(datetime.combine(self._day_on(local.date(), span, forward), local.time()), self.zone)

    def opening(self, moment: datetime) -> datetime:
        """The moment itself in working hours, else the next opening."""
        return self.hours.opening(moment).astimezone(UTC)

    def local(self, due: datetime) -> str:
        """As an occurrence names its moment."""
        return on_the_wall(due, self.zone)

    def unsteady(self, moment: datetime, span: Span | None, timed: bool) -> timedelta:
        """How far around this value of the field a later one may be due earlier."""
        if span is not None and span.unit == "months" and not timed:
            day = moment.astimezone(self.zone).day
            if day > 26 or day == 1:
                return DAYS_ROUND_A_MONTHS_END
        around = {(moment + n * HOURS_ROUND_A_CHANGE).astimezone(self.zone).utcoffset() for n in (-1, 0, 1)}
        return HOURS_ROUND_A_CHANGE if len(around) > 1 else STEADY

    def _working(self, moment: datetime, span: Span, forward: bool) -> datetime:
        if span.unit in PASSING:
            length = PASSING[span.unit] * span.count
            found = self.hours.later(moment, length) if forward else self.hours.earlier(moment, length)
        else:
            days = span.count * DAYS[span.unit]
            found = self.hours.days_later(moment, days) if forward else self.hours.days_earlier(moment, days)
        return found.astimezone(UTC)

    def _day_on(self, day: date, span: Span, forward: bool) -> date:
        count = span.count if forward else -span.count
        if span.unit == "months":
            return months_on(day, count)
        if span.working:
            return self.hours.working_day(day, count * DAYS[span.unit])
        return day + count * DAYS[span.unit] * DAY

    def _day(self, value: date | datetime) -> date:
        return value.astimezone(self.zone).date() if isinstance(value, datetime) else value

    def _wall(self, day: date, at: Around | Every) -> datetime:
        assert at.time is not None
        return wall(datetime.combine(day, at.time), self.zone)

    # ---- on a schedule

    def runs(self, every: Every, after: datetime, until: datetime) -> Iterator[datetime]:
        """Its moments after the one and up to the other, in their order."""
        for day in self._days(every, self._day(after) - DAY):
            moment = self._wall(day, every)
            if moment > until:
                return
            if moment > after:
                yield moment

    def scheduled(self, every: Every, after: datetime, until: datetime, only_in_hours: bool) -> list[datetime]:
        """The same, each moved to the next opening where it waits for working hours."""
        if not only_in_hours:
            return list(self.runs(every, after, until))
        shut_since = self.hours.closing(after) - timedelta(milliseconds=1)
        moved = (self.opening(run) for run in self.runs(every, shut_since, until))
        return list(dict.fromkeys(run for run in moved if after < run <= until))

    def _days(self, every: Every, since: date) -> Iterator[date]:
        """Its days, from one at or before `since` on."""
        match every.period:
            case "day":
                return _daily(since)
            case "working day":
                return (day for day in _daily(since) if self.hours.is_working_day(day))
            case "week":
                return _daily(since + (every.day - since.weekday()) % 7 * DAY, 7)
            case "financial_year":
                return self._financial_years(since, every.day)
        return _in_periods(since, MONTHS[every.period], every.day)

    def _financial_years(self, since: date, day: int) -> Iterator[date]:
        month, first = self.year_starts
        for year in range(since.year - 1, date.max.year):
            yield date(year, month, first) + (day - 1) * DAY if day > 0 else date(year + 1, month, first) - DAY


def _daily(first: date, step: int = 1) -> Iterator[date]:
    while True:
        yield first
        first += step * DAY


def _in_periods(since: date, months: int, day: int) -> Iterator[date]:
    """The so-manieth day of each month, quarter or year; -1 is the last of the whole period."""
    start = months_on(date(since.year, 1, 1), (since.month - 1) // months * months)
    for n in range(12 * (date.max.year - since.year - 1)):
        first = months_on(start, n * months)
        yield months_on(first, months) - DAY if day < 0 else min(first + (day - 1) * DAY, months_on(first, 1) - DAY)
