"""Inside a span of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.blueprint.conditions import Word
from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.parts import words
from engine.parts.derived import effective
from engine.parts.fields.contract import Unreadable
from engine.parts.operands import raw_of
from engine.parts.operators.contract import Operator
from engine.parts.refusals import said
from engine.parts.sql import and_
from engine.words import said as sentence

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


class Part(Operator):
    label = sentence("is within")
    doc = "Inside a span: today, this week, last month, next quarter, this financial year, last 7 days, 2026-01."
    takes = "span"

    def read(self, field: Field, given: Any, at: Reading | None) -> Any:
        text = (
            given.text if isinstance(given, Word) else str(given) if isinstance(given, (str, int)) else None
        )
        if text is None or isinstance(given, bool):
            raise Unreadable(
                sentence(
                    "{given} is not a span of time. Write for example today, this week, last 7 days or 2026-01.",
                    given=said(given)
                )
            )
        return words.span_word(text)

    def resolve(self, field: Field, value: Any, at: Reading) -> words.Span:
        if isinstance(value, words.Span):
            return value
        span = words.span_of(value, at)
        if effective(field).type == "datetime":
            return words.moments(span, at)
        zone = at.formats.zoneinfo
        return words.Span(
            *(p.astimezone(zone).date() if hasattr(p, "astimezone") else p for p in (span.start, span.end))
        )

    def sql(self, field: Field, columns: tuple[ColumnElement[Any], ...], value: Any) -> ColumnElement[bool]:
        start, end = (raw_of(field, point)[0] for point in (value.start, value.end))
        return and_(columns[0] >= start, columns[0] < end)

    def holds(self, field: Field, have: Any, value: Any) -> bool:
        return have is not None and value.start <= have < value.end

    def sentence(self, field: Field, value: Any, formats: Formats) -> str:
        return f"{field.label} is within {value.text}"
