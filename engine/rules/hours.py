"""When a firm is open: working hours, holidays, and how time passes that counts only then.

A span of the day is open from its start up to but not including its end; an end of 00:00 is the end of the day. Without
working hours every moment is one of work, but for holidays.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.blueprint.manifest import WorkingHours
from engine.parts.moments import DAY
from engine.rules.walls import wall

FURTHEST = 800  # days: a firm that is shut for longer is taken to be open
ALL_DAY = ((time(), time()),)
Open = tuple[tuple[datetime, datetime], ...]


class OpenHours:
    """Made once for a blueprint. Moments go in and come out with a zone; they come out in UTC."""

    def __init__(self, hours: WorkingHours, zone: ZoneInfo) -> None:
        self.hours, self.zone = hours, zone
        self.spans = lru_cache(maxsize=4096)(self._spans)

    def is_working_day(self, day: date) -> bool:
        return bool(self.spans(day))

    def opening(self, moment: datetime) -> datetime:
        """The moment itself when it is open, else the next that is."""
        return next((max(moment, start) for start, end in self._ahead(moment) if moment < end), moment)

    def closing(self, moment: datetime) -> datetime:
        """The moment itself when it is open or just over, else the last that was."""
        return next((min(moment, end) for start, end in self._back(moment) if start < moment), moment)

    def later(self, moment: datetime, length: timedelta) -> datetime:
        """When so much open time has passed."""
        for start, end in self._ahead(moment):
            at = max(moment, start)
            if at < end:
                if length <= end - at:
                    return at + length
                length -= end - at
        return moment

    def earlier(self, moment: datetime, length: timedelta) -> datetime:
        """Since when so much open time has passed."""
        for start, end in self._back(moment):
            at = min(moment, end)
            if start < at:
                if length <= at - start:
                    return at - length
                length -= at - start
        return moment

    def days_later(self, moment: datetime, count: int) -> datetime:
        """The same time of day so many working days on; what begins outside of the hours begins when they do. It stays
        within the hours of the day that it comes to."""
        local = self.opening(moment).astimezone(self.zone).replace(tzinfo=None)
        return self._within(self.working_day(local.date(), count), local.time())

    def days_earlier(self, moment: datetime, count: int) -> datetime:
        """The same back; what begins outside of the hours begins when they ended."""
        local = self.closing(moment).astimezone(self.zone).replace(tzinfo=None)
        return self._within(self.working_day(local.date(), -count), local.time())

    def working_day(self, day: date, count: int) -> date:
        """The so-manieth working day after a day, or before it."""
        step = DAY if count > 0 else -DAY
        found = day
        for _ in range(abs(count)):
            found = self._next_working_day(found, step)
        return found

    def _next_working_day(self, day: date, step: timedelta) -> date:
        return next((day + n * step for n in range(1, FURTHEST) if self.is_working_day(day + n * step)), day + step)

    def _within(self, day: date, at: time) -> datetime:
        moment, spans = wall(datetime.combine(day, at), self.zone), self.spans(day)
        return min(max(moment, spans[0][0]), spans[-1][1]) if spans else moment

    def _ahead(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = moment.astimezone(self.zone).date()
        return (span for n in range(-1, FURTHEST) for span in self.spans(day + n * DAY))

    def _back(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = moment.astimezone(self.zone).date()
        return (span for n in range(-1, FURTHEST) for span in reversed(self.spans(day - n * DAY)))

    def _spans(self, day: date) -> Open:
        if day in self.hours.holidays or (day.month, day.day) in self.hours.yearly:
            return ()
        of_day = self.hours.week[day.weekday()] if self.hours.week else ALL_DAY
        return tuple((start, end) for start, end in (self._span(day, *span) for span in of_day) if start < end)

    def _span(self, day: date, start: time, end: time) -> tuple[datetime, datetime]:
        last = day + DAY if end == time() else day
        return wall(datetime.combine(day, start), self.zone), wall(datetime.combine(last, end), self.zone)
