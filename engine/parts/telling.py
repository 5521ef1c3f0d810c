"""A report's values in words: the names of its groups, its numbers in full, and short for a chart's axis."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from engine.blueprint.entities import Field
from engine.blueprint.values import Money, Ref
from engine.formats import Formats
from engine.parts.derived import effective
from engine.parts.numerals import locale_of
from engine.parts.registry import field_type
from engine.parts.tables import AGE, AGES, Axis, Column
from engine.words import said

DAY = Field("day", "date", "Day")
WHOLE = Field("whole", "integer", "Number")
MEAN = Field("mean", "decimal", "Mean", options={"places": 2})
NOT_SAID = said("Not said")
CLOSED = said("Not open to you")
NAMED = (said("0–7 days"), said("8–14 days"), said("15–30 days"), said("31–60 days"), said("61+ days"))
AGE_NAMES = {-1: said("Not yet"), **dict(zip(range(len(AGES)), NAMED, strict=True))}
PATTERNS = {"month": "yMMM", "day": "yMMMd", "week": "yMMMd", "year": "y"}


def key_of(axis: Axis, value: Any, formats: Formats, say: Any = str) -> str:
    """`Website`, `Asha Pillai`, `Nov 2026`, `Q3 2026`, `2026-27`, `10:00`."""
    if value is None:
        return str(say(NOT_SAID))
    if isinstance(value, Ref):
        return value.title or str(say(CLOSED))
    if axis.bucket == AGE:
        return str(say(AGE_NAMES[value]))
    if axis.bucket:
        return _stretch(value, axis.bucket, formats)
    plain = effective(axis.field)
    return field_type(plain.type).show(plain, value, formats)


def _stretch(start: Any, bucket: str, formats: Formats) -> str:
    match bucket:
        case "hour":
            return f"{_skeleton(start.date(), 'MMMd', formats)}, {start:%H}:00"
        case "quarter":
            return f"Q{(start.month + 2) // 3} {start.year}"
        case "financial_year":
            return f"{start.year}-{(start.year + 1) % 100:02}" if (start.month, start.day) != (1, 1) else str(start.year)
    return _skeleton(start, PATTERNS[bucket], formats)


@lru_cache(maxsize=4000)
def _skeleton(day: date, pattern: str, formats: Formats) -> str:
    from babel.dates import format_skeleton

    return format_skeleton(pattern, day, locale=locale_of(formats))


def number_of(column: Column, number: Any, formats: Formats) -> str:
    """In full; an empty text for what is empty."""
    if number is None:
        return ""
    if isinstance(number, tuple):
        return ", ".join(number_of(column, one, formats) for one in number)
    match column.kind:
        case "count":
            return field_type("integer").show(WHOLE, int(number), formats)
        case "number":
            return field_type("decimal").show(MEAN, Decimal(number), formats)
        case "percent":
            return percent(number, formats)
        case "days":
            return days(number, formats)
    if column.field is None:
        return str(number)
    if column.field.type == "integer" and isinstance(number, Decimal):  # the average of whole numbers
        return field_type("decimal").show(MEAN, number, formats)
    return field_type(column.field.type).show(column.field, number, formats)


def percent(number: Decimal, formats: Formats) -> str:
    from babel.numbers import format_percent

    places = "#,##0.#%" if abs(number) < 1 else "#,##0%"
    return format_percent(number, places, locale=locale_of(formats))


def change_told(part: Decimal, formats: Formats) -> str:
    """`+12%`, `−3.4%`"""
    return f"+{percent(part, formats)}" if part > 0 else percent(part, formats).replace("-", "\u2212")


def days(stay: timedelta, formats: Formats) -> str:
    """`2.1 days`; under a day in hours."""
    from babel.units import format_unit

    seconds = Decimal(str(stay.total_seconds()))
    unit, size = ("day", 86_400) if seconds >= 86_400 else ("hour", 3600)
    return format_unit((seconds / size).quantize(Decimal("0.1"), ROUND_HALF_UP), unit, "short", locale=locale_of(formats))


def short(number: Decimal, formats: Formats, currency: str | None = None) -> str:
    """For an axis: `12K`, `₹1.2L`, `3`."""
    from babel.numbers import format_compact_currency, format_compact_decimal

    places = 0 if abs(number) < 1000 and number == number.to_integral_value() else 1
    if currency:
        return format_compact_currency(number, currency, locale=locale_of(formats), fraction_digits=places)
    return format_compact_decimal(number, locale=locale_of(formats), fraction_digits=places)


def currency_of(number: Any) -> str | None:
    one = number[0] if isinstance(number, tuple) and number else number
    return one.currency if isinstance(one, Money) else None


__all__ = ["CLOSED", "NOT_SAID", "change_told", "currency_of", "days", "key_of", "number_of", "percent", "short"]
