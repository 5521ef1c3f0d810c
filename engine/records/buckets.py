"""Moments and dates gathered into days, weeks, months, quarters and years of a zone.

The database groups by local day, hour or week, which is plain arithmetic on both databases; days become months and
years here, where there is a calendar.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

HOUR, DAY = 3_600_000, 86_400_000  # milliseconds
WEEK, MONDAY = 7 * DAY, 4 * DAY  # the first Monday after the epoch, a Thursday
BUCKETS = ("hour", "day", "week", "month", "quarter", "year", "financial_year")
EPOCH = date(1970, 1, 1)


@lru_cache(maxsize=64)
def offsets(zone: str) -> tuple[tuple[int, int], ...]:
    """(from this moment on, milliseconds to add) for a zone, oldest first; years 1990 to 2060."""
    info, week = ZoneInfo(zone), timedelta(days=7)
    at = datetime(1990, 1, 1, tzinfo=UTC)
    found = [(-(2**62), _offset(info, at))]
    while at.year < 2060:
        after = at + week
        if _offset(info, after) != found[-1][1]:
            found.append((_turn(info, at, after), _offset(info, after)))
        at = after
    return tuple(found)


def _offset(info: ZoneInfo, at: datetime) -> int:
    return round((at.astimezone(info).utcoffset() or timedelta()).total_seconds() * 1000)


def _turn(info: ZoneInfo, before: datetime, after: datetime) -> int:
    old = _offset(info, before)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        before, after = (middle, after) if _offset(info, middle) == old else (before, middle)
    return round(after.replace(microsecond=0).timestamp() * 1000)


def bucket(day: date, size: str, year_starts: tuple[int, int]) -> date:
    """The first day of the bucket that a day falls into; weeks begin on Monday."""
    match size:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case "financial_year":
            month, first = year_starts
            year = day.year if (day.month, day.day) >= (month, first) else day.year - 1
            return date(year, month, first)
    return day


def day_of(number: int) -> date:
    return EPOCH + timedelta(days=number)


def hour_of(number: int) -> datetime:
    """The local hour, without a zone: two hours of an autumn night are one."""
    return datetime(1970, 1, 1) + timedelta(hours=number)


def stretch(number: int, size: str, year_starts: tuple[int, int]) -> date:
    """The first day of the week, or of the stretch of months, of this number since the beginning."""
    if size == "week":
        return EPOCH + timedelta(days=7 * number - 3)
    months = number * {"month": 1, "quarter": 3}.get(size, 12)
    month, first = year_starts if size == "financial_year" else (1, 1)
    year, month = divmod(months + month - 1, 12)
    return date(year, month + 1, first)
