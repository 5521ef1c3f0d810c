"""The words that conditions and defaults may use for people and for time, and what they mean now.

- A day: today, yesterday, tomorrow, in 3 days, 2 weeks ago, in 1 month, 1 year ago.
- A moment: now, in 2 hours, 30 minutes ago.
- A span, from its start up to but not including its end: today, this week, last month, next quarter, this year, last
  financial year, last 7 days, next 30 days (both with today in them), last 24 hours, 2026, 2026-Q1, 2026-01, 2026-01-31;
  2026-01-03 to 2026-02-14, until 2026-01-31 (both with their last day), from 2026-02-01.
- A person: me, my team, my subordinates.

Weeks begin on Monday for everybody: a condition in a set must not mean something else for each reader. Days are those of
the reader's zone; a day that is 23 or 25 hours long is just as long as it is.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from engine.blueprint.conditions import Word
from engine.blueprint.entities import Field
from engine.formats import Reading
from engine.parts.fields.contract import Unreadable
from engine.parts.moments import DAY, date_in, start_of
from engine.parts.refusals import said
from engine.words import said as sentence

PEOPLE = ("me", "my team", "my subordinates")

_NAMED_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_DISTANCE = re.compile(
    r"in (\d{1,4}) (minute|hour|day|week|month|year)s?|(\d{1,4}) (minute|hour|day|week|month|year)s? ago"
)
_PERIOD = re.compile(r"(this|last|next) (week|month|quarter|year|financial year)")
_ROLLING = re.compile(r"(last|next) (\d{1,4}) (hour|day|week)s?")
_WRITTEN = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAYS = re.compile(r"(?:(\d{4}-\d{2}-\d{2}) to|until) (\d{4}-\d{2}-\d{2})|from (\d{4}-\d{2}-\d{2})")
_EVER = (date(1000, 1, 1), date(9990, 1, 1))  # the first day that is written, and the day after the last
_SHIFTS = {"last": -1, "this": 0, "next": 1}
_MONTHS = {"month": 1, "quarter": 3, "year": 12, "financial year": 12}


@dataclass(frozen=True, slots=True)
class Span:
    """Days or moments, from `start` up to but not including `end`."""

    start: date | datetime
    end: date | datetime


def is_point(text: str) -> bool:
    """Whether the text is a word for a day or a moment."""
    return text == "now" or text in _NAMED_DAYS or _DISTANCE.fullmatch(text) is not None


def is_span(text: str) -> bool:
    if (
        text in _NAMED_DAYS
        or _PERIOD.fullmatch(text)
        or _ROLLING.fullmatch(text)
        or _ISO_DATE.fullmatch(text)
        or _DAYS.fullmatch(text)
    ):
        return True
    return (found := _WRITTEN.fullmatch(text)) is not None and 1000 <= int(found[1]) <= 9989


def span_word(text: str) -> Word:
    """Raises Unreadable when the text is no span of time."""
    plain = " ".join(text.split()).lower().replace("-q", "-Q")
    if not is_span(plain):
        raise Unreadable(
            sentence(
                "{given} is not a span of time. Write for example today, this week, last 7 days or 2026-01.",
                given=said(text)
            )
        )
    if _ISO_DATE.fullmatch(plain):
        date_in(plain)
    if found := _DAYS.fullmatch(plain):
        _between(found)
    return Word(plain)


def resolve(word: Word, at: Reading) -> date | datetime | int | Word | None:
    """The day, moment or person that a word means; `my team` and `my subordinates` are left as they are.

    `me` is None where nobody asks. Raises Unreadable for other words."""
    text = word.text
    if text == "me":
        return at.user
    if text in PEOPLE:
        return word
    if text == "now":
        return at.now
    if text in _NAMED_DAYS:
        return at.today + _NAMED_DAYS[text] * DAY
    if found := _DISTANCE.fullmatch(text):
        return _at_distance(found, at)
    raise Unreadable(sentence("{given} is not a word for a person, a day or a moment.", given=said(text)))


def span_of(word: Word, at: Reading) -> Span:
    """The span of days that a word means; of moments for `last 24 hours`. Raises Unreadable."""
    text = span_word(word.text).text
    if text in _NAMED_DAYS:
        return _days(at.today + _NAMED_DAYS[text] * DAY, 1)
    if found := _PERIOD.fullmatch(text):
        return _period(_SHIFTS[found[1]], found[2], at)
    if found := _ROLLING.fullmatch(text):
        return _rolling(found[1], int(found[2]), found[3], at)
    if _ISO_DATE.fullmatch(text):
        return _days(date_in(text), 1)
    if found := _DAYS.fullmatch(text):
        return _between(found)
    return _written(text)


def moments(span: Span, at: Reading) -> Span:
    """The same span as moments: a day begins with its first moment in the reader's zone."""
    return Span(_first_moment(span.start, at), _first_moment(span.end, at))


def value_of(field: Field, value: Any, at: Reading) -> Any:
    """A default, or what an action sets, with its Word made a value of the field's type."""
    if not isinstance(value, Word):
        return value
    made = resolve(value, at)
    if isinstance(made, datetime):
        return made if field.type == "datetime" else made.astimezone(at.formats.zoneinfo).date()
    if isinstance(made, date) and field.type == "datetime":
        return (
            _same_clock(made, at) if _DISTANCE.fullmatch(value.text) else start_of(made, at.formats.zoneinfo)
        )
    return None if isinstance(made, Word) else made


def _at_distance(found: re.Match[str], at: Reading) -> date | datetime:
    count, unit = (int(found[1]), found[2]) if found[1] else (-int(found[3]), found[4])
    if unit in ("minute", "hour"):
        return at.now + count * timedelta(minutes=60 if unit == "hour" else 1)
    if unit in ("day", "week"):
        return at.today + count * DAY * (7 if unit == "week" else 1)
    return months_on(at.today, count * (12 if unit == "year" else 1))


def months_on(day: date, count: int) -> date:
    """The same day of another month, or that month's last."""
    month = day.year * 12 + day.month - 1 + count
    year, month = divmod(month, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _period(shift: int, unit: str, at: Reading) -> Span:
    today = at.today
    if unit == "week":
        return _days(today - today.weekday() * DAY + shift * 7 * DAY, 7)
    first = _first_of(unit, today, at.financial_year_starts)
    months = _MONTHS[unit]
    return Span(months_on(first, shift * months), months_on(first, (shift + 1) * months))


def _first_of(unit: str, today: date, year_starts: tuple[int, int]) -> date:
    if unit == "financial year":
        first = date(today.year, *year_starts)
        return first if first <= today else date(today.year - 1, *year_starts)
    month = {"month": today.month, "quarter": (today.month - 1) // 3 * 3 + 1, "year": 1}[unit]
    return date(today.year, month, 1)


def _rolling(which: str, count: int, unit: str, at: Reading) -> Span:
    if unit == "hour":
        far = at.now + timedelta(hours=count if which == "next" else -count)
        return Span(at.now, far) if which == "next" else Span(far, at.now)
    days = count * (7 if unit == "week" else 1)
    return _days(at.today, days) if which == "next" else _days(at.today - (days - 1) * DAY, days)


def _written(text: str) -> Span:
    found = _WRITTEN.fullmatch(text)
    assert found, text
    year, quarter, month = int(found[1]), found[2], found[3]
    first = date(year, int(month) if month else int(quarter) * 3 - 2 if quarter else 1, 1)
    return Span(first, months_on(first, 1 if month else 3 if quarter else 12))


def _between(found: re.Match[str]) -> Span:
    """Raises Unreadable for a day that there is not, and where the last comes before the first."""
    first, last, since = (_day(text) if text else None for text in found.groups())
    start, end = since or first or _EVER[0], last + DAY if last else _EVER[1]
    if not start < end:
        raise Unreadable(sentence("{given}: the last day comes before the first.", given=said(found.string)))
    return Span(start, end)


def _day(text: str) -> date:
    """A day of the years that are written. Raises Unreadable."""
    day = date_in(text)
    if not _EVER[0] <= day < _EVER[1]:
        raise Unreadable(sentence("{given} is no day.", given=said(text)))
    return day


def _days(first: date, count: int) -> Span:
    return Span(first, first + count * DAY)


def _first_moment(point: date | datetime, at: Reading) -> datetime:
    return point if isinstance(point, datetime) else start_of(point, at.formats.zoneinfo)


def _same_clock(day: date, at: Reading) -> datetime:
    """That day at the time that the wall clock shows now; an hour later where the clocks skip it."""
    local = at.now.astimezone(at.formats.zoneinfo)
    return local.replace(year=day.year, month=day.month, day=day.day, fold=0).astimezone(UTC)
