"""Reference numbers: one counter per field and period, taken last in the transaction, as it makes writers wait."""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.blueprint.entities import Field
from engine.formats import Reading
from engine.records.database import Connection
from engine.records.rows import in_words_of

_NEXT = (
    "insert into crm_series (name, period, last) values (?, ?, ?) "
    "on conflict (name, period) do update set last = crm_series.last + ? returning last"
)


def take_numbers(connection: Connection, entity: str, field: Field, at: Reading, count: int = 1) -> list[str]:
    """The next `count` reference numbers of a field."""
    today = at.today
    name, period = f"{entity}.{field.name}", period_of(field, today, at.financial_year_starts)
    text = in_words_of(connection.dialect, _NEXT)
    last = int(connection.run(text, (name, period, count, count))[0][0])
    names = _names(today, at.financial_year_starts)
    pattern = str(field.options["pattern"])
    return [pattern.format(number=number, **names) for number in range(last - count + 1, last + 1)]


def period_of(field: Field, today: date, starts: tuple[int, int]) -> str:
    match field.options.get("resets", "never"):
        case "yearly":
            return str(today.year)
        case "financial_year":
            return financial_year(today, starts)
    return ""


def financial_year(day: date, starts: tuple[int, int]) -> str:
    """`2026-27`; `2026` where it is the calendar year."""
    if starts == (1, 1):
        return str(day.year)
    first = day.year if (day.month, day.day) >= starts else day.year - 1
    return f"{first}-{(first + 1) % 100:02}"


def _names(today: date, starts: tuple[int, int]) -> dict[str, Any]:
    """What a pattern may speak of, beside the number."""
    return {
        "year": today.year,
        "month": f"{today.month:02}",
        "day": f"{today.day:02}",
        "financial_year": financial_year(today, starts),
    }
