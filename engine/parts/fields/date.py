"""A day of the calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.markup import Html, tag
from engine.parts.controls import text_input
from engine.parts.fields.contract import Control, Example, Unreadable
from engine.parts.moments import date_in, date_writer
from engine.parts.plain import EMPTY, Plain
from engine.parts.refusals import is_blank, said
from engine.words import said as sentence


class Type(Plain):
    label = "Date"
    doc = "A day, without a time and the same in every zone. Written 2026-01-31, or with the month's English name."
    operators = (
        *(
            "is",
            "is_not",
            "in",
            "not_in",
            "before",
            "after",
            "at_least",
            "at_most",
            "between",
            "within",
            "empty",
        ),
    )
    examples = (
        Example("2026-01-31", date(2026, 1, 31), "Jan 31, 2026", "2026-01-31"),
        Example("31 Jan 2026", date(2026, 1, 31), "Jan 31, 2026", "2026-01-31"),
        Example("January 31, 2026", date(2026, 1, 31), "Jan 31, 2026", "2026-01-31"),
        Example("", None, "", None),
        Example(
            "12/11/2026",
            refusal='"12/11/2026" could mean two different days. Write year-month-day, for example 2026-01-31.',
        ),
        Example("2026-02-30", refusal='There is no day "2026-02-30" in the calendar.'),
        Example(
            "0026-02-03", refusal='The year of "0026-02-03" is out of range. Give a year from 1000 to 9990.'
        ),
        Example("soon", refusal='"soon" is not a date. Write year-month-day, for example 2026-01-31.'),
        Example(20260131, refusal='"20260131" is not a date. Write year-month-day, for example 2026-01-31.'),
    )

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        if is_blank(given):
            return None
        if isinstance(given, date) and not isinstance(given, datetime):
            return date_in(given.isoformat())
        if not isinstance(given, str):
            raise Unreadable(sentence(
                "{given} is not a date. Write year-month-day, for example 2026-01-31.", given=said(given)
            ))
        return date_in(given.strip()[:60])

    def store(self, field: Field, value: Any) -> tuple[Any, ...]:
        return (None if value is None else value.isoformat(),)

    def load(self, field: Field, raw: tuple[Any, ...]) -> Any:
        return None if raw[0] is None else date.fromisoformat(raw[0])

    def json(self, field: Field, value: Any) -> Any:
        return None if value is None else value.isoformat()

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        return "" if value is None else date_writer(formats)(value.isoformat())

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        write = date_writer(formats)
        return lambda *raw: "" if raw[0] is None else write(raw[0])

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        return (
            EMPTY
            if value is None
            else tag("time", self.show(field, value, formats), datetime=value.isoformat())
        )

    def control(self, field: Field, at: Control) -> Html:
        return text_input(at, "date", min="1000-01-01", max="9990-12-31")
