"""Dates and times: in which zone a wall clock is read, and how a language writes them, quickly.

- A moment is kept in UTC to the millisecond. What a person types is the wall clock of the person's zone.
- A wall-clock time that the clocks skip does not exist and is refused; one that they repeat means the first.
- A list writes thousands of moments, so that every quarter of an hour is worked out once and kept: offsets change only
  on quarters (before 1972 not always; those take the long way).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.formats import Formats
from engine.parts.fields.contract import Unreadable
from engine.parts.numerals import locale_of
from engine.parts.refusals import said
from engine.words import said as sentence

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
MILLISECOND = timedelta(milliseconds=1)
_QUARTER = 900_000
_SINCE_QUARTERS = 63_072_000_000  # 1972 in milliseconds
_ENOUGH = 20_000  # entries a formatter keeps before it starts anew

_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_NAMED_DATE = re.compile(r"(\d{1,2})[ -]([^\W\d]{3,})\.?,?[ -](\d{4})|([^\W\d]{3,})\.? (\d{1,2}),? (\d{4})")
_AMBIGUOUS = re.compile(r"\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}")
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?\s*([AaPp])?\.?(?:[Mm]\.?)?")
_FULL_MONTHS = tuple(name.lower() for name in calendar.month_name if name)
_MONTHS = tuple(month[:3] for month in _FULL_MONTHS)


def milliseconds(moment: datetime) -> int:
    """Since 1970, UTC; exact, where `timestamp()` would go through a float."""
    return (moment - EPOCH) // MILLISECOND


def moment_of(raw: int) -> datetime:
    return EPOCH + timedelta(milliseconds=raw)


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day: where midnight is skipped, the moment the clocks jump."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def wall_clock(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which a clock on the wall of that zone shows this. Raises Unreadable when it never does."""
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local:
        raise Unreadable(
            sentence(
                "There is no {local} on {local2} in {key}: the clocks go forward then. Give a time an hour later.",
                local=f'{local:%H:%M}', local2=f'{local:%Y-%m-%d}', key=zone.key
            )
        )
    return moment


def date_in(text: str) -> date:
    """`2026-01-31`, `31 Jan 2026` or `Jan 31, 2026`. Raises Unreadable, also for dates that could mean two days."""
    if found := _ISO_DATE.fullmatch(text):
        return _day(text, int(found[1]), int(found[2]), int(found[3]))
    if (found := _NAMED_DATE.fullmatch(text)) and (month := _month(found[2] or found[4])):
        return _day(text, int(found[3] or found[6]), month, int(found[1] or found[5]))
    if _AMBIGUOUS.fullmatch(text):
        raise Unreadable(
            sentence(
                "{given} could mean two different days. Write year-month-day, for example 2026-01-31.",
                given=said(text)
            )
        )
    raise Unreadable(sentence("{given} is not a date. Write year-month-day, for example 2026-01-31.", given=said(text)))


def _month(word: str) -> int | None:
    word = word.casefold()
    if word in _FULL_MONTHS:
        return _FULL_MONTHS.index(word) + 1
    return _MONTHS.index(word[:3]) + 1 if word in _MONTHS or word == "sept" else None


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        made = date(year, month, day)
    except ValueError:
        raise Unreadable(sentence("There is no day {given} in the calendar.", given=said(text))) from None
    if not 1000 <= year <= 9990:
        raise Unreadable(sentence(
            "The year of {given} is out of range. Give a year from 1000 to 9990.", given=said(text)
        ))
    return made


def time_in(text: str) -> time:
    """`14:30`, `2:30 pm`, with seconds when they are given. Raises Unreadable."""
    found = _TIME.fullmatch(text)
    hour = int(found[1]) if found else 24
    if found and found[5]:
        hour = hour % 12 + (12 if found[5] in "Pp" else 0) if 1 <= hour <= 12 else 24
    try:
        return time(hour, int(found[2]), int(found[3] or 0), int((found[4] or "0").ljust(6, "0")))  # type: ignore[index]
    except (ValueError, TypeError):
        raise Unreadable(
            sentence("{given} is not a time of day. Write hours:minutes, for example 14:30.", given=said(text))
        ) from None


@lru_cache(maxsize=64)
def date_writer(formats: Formats) -> Callable[[str], str]:
    """A function that writes `YYYY-MM-DD` as the language does: `21 Nov 2026`."""
    write = _date_pattern(formats)
    kept: dict[str, str] = {}

    def written(raw: str) -> str:
        found = kept.get(raw)
        if found is None:
            if len(kept) > _ENOUGH:
                kept.clear()
            found = kept[raw] = write(date.fromisoformat(raw))
        return found

    return written


@lru_cache(maxsize=64)
def time_writer(formats: Formats) -> Callable[[int], str]:
    """A function that writes a minute of the day."""
    return _times(formats).__getitem__


@lru_cache(maxsize=64)
def moment_writer(formats: Formats) -> Callable[[int], str]:
    """A function that writes milliseconds since 1970 on the reader's wall clock: `21 Nov 2026, 14:30`."""
    day, times, zone = _date_pattern(formats), _times(formats), formats.zoneinfo
    kept: dict[int, tuple[str, int]] = {}

    def start_of_quarter(quarter: int) -> tuple[str, int]:
        local = moment_of(quarter * _QUARTER).astimezone(zone)
        if len(kept) > _ENOUGH:
            kept.clear()
        made = kept[quarter] = (f"{day(local.date())}, ", local.hour * 60 + local.minute)
        return made

    def written(raw: int) -> str:
        if raw < _SINCE_QUARTERS:
            local = moment_of(raw).astimezone(zone)
            return f"{day(local.date())}, {times[local.hour * 60 + local.minute]}"
        quarter, rest = divmod(raw, _QUARTER)
        text, minute = kept.get(quarter) or start_of_quarter(quarter)
        return text + times[minute + rest // 60_000]

    return written


def _date_pattern(formats: Formats) -> Callable[[date], str]:
    from babel.dates import format_date

    locale = locale_of(formats)
    pattern = locale.date_formats["medium"].pattern
    months = locale.months["format"]["abbreviated"]
    simple = "".join(
        _PIECES.get(piece, piece.replace("'", "")) for piece in re.findall(r"[A-Za-z]+|[^A-Za-z]+", pattern)
    )
    if set(re.findall(r"[A-Za-z]+", pattern)) - set(_PIECES):
        return lambda day: format_date(day, locale=locale)
    return lambda day: simple.format(y=day.year, m=day.month, name=months[day.month], d=day.day)


_PIECES = {"y": "{y}", "yyyy": "{y}", "MMM": "{name}", "MM": "{m:02}", "M": "{m}", "d": "{d}", "dd": "{d:02}"}


@lru_cache(maxsize=64)
def _times(formats: Formats) -> tuple[str, ...]:
    locale = locale_of(formats)
    if "a" not in locale.time_formats["short"].pattern:
        return tuple(f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60))
    halves = locale.day_periods["format"]["abbreviated"]
    return tuple(
        f"{(hour + 11) % 12 + 1}:{minute:02}\u00a0{halves['am' if hour < 12 else 'pm']}"
        for hour in range(24)
        for minute in range(60)
    )
