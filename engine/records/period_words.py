"""A period in words, the same on a page, on paper and in a mail."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from engine.actor import Actor
from engine.blueprint.conditions import Word
from engine.blueprint.entities import Field
from engine.formats import Formats
from engine.parts import field_type
from engine.parts.fields.contract import Unreadable
from engine.parts.telling import DAY
from engine.parts.words import Span, span_of
from engine.records.periods import Period
from engine.records.read import Reads
from engine.words import Speech
from engine.words.bidi import isolated

MOMENT = Field("moment", "datetime", "Moment")


def period_told(reads: Reads, actor: Actor, period: Period | None, speech: Speech) -> str:
    """`Last month: Oct 1, 2026 – Oct 31, 2026`; `Any time` for none."""
    if period is None:
        return speech.say("Any time")
    formats = reads.formats(actor)
    try:
        span = span_of(period, reads.reading(actor)) if isinstance(period, Word) else period
    except Unreadable:
        return period.text if isinstance(period, Word) else ""
    mirrored = speech.direction == "rtl"
    stretch = " – ".join(isolated(day, mirrored) for day in _ends(span, formats))
    if not isinstance(period, Word) or not period.text[:1].isalpha():
        return stretch
    named = isolated(speech.say(period.text.capitalize()), mirrored)
    return speech.say("{period}: {stretch}", period=named, stretch=stretch)


def _ends(span: Span, formats: Formats) -> list[str]:
    """The first and the last day; of moments the end itself."""
    if isinstance(span.start, datetime) or isinstance(span.end, datetime):
        ends: list[Any] = [span.start, span.end]
        return [field_type("datetime").show(MOMENT, end, formats) for end in ends]
    first, last = span.start, span.end - timedelta(days=1)
    days: list[date] = [first] if first == last else [first, last]
    return [field_type("date").show(DAY, day, formats) for day in days]


__all__ = ["MOMENT", "period_told"]
