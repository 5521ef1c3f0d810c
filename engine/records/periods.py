"""The stretch of time that a report is about: as a condition, in words, the one before it, the steps within it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.actor import Actor
from engine.blueprint.conditions import Test, Word
from engine.parts.words import Span, months_on, span_of

if TYPE_CHECKING:
    from engine.records.read import Reads

MOST_FILLED = 400  # stretches of time
Period: TypeAlias = "Word | Span"


def within(over: str, period: Period | None) -> tuple[Test, ...]:
    if period is None:
        return ()
    if isinstance(period, Word):
        return (Test(over, "within", period),)
    return (Test(over, "at_least", period.start), Test(over, "before", period.end))


def span_text(period: Word | Span) -> str:
    """A period of whole days as a condition writes it: last month, 2026-01-03 to 2026-02-14."""
    if isinstance(period, Word):
        return period.text
    return f"{period.start:%Y-%m-%d} to {period.end - timedelta(days=1):%Y-%m-%d}"


def told(period: Period | None) -> str | None:
    if isinstance(period, Span):
        return f"{period.start:%Y-%m-%d} {period.end:%Y-%m-%d}"
    return period.text if period is not None else None


def earlier_of(reads: Reads, actor: Actor, period: Period) -> Span:
    """The stretch of the same length before it; of whole months as many months."""
    span = span_of(period, reads.reading(actor)) if isinstance(period, Word) else period
    start: Any = span.start  # days both or moments both
    end: Any = span.end
    if isinstance(start, datetime) or isinstance(end, datetime):
        return Span(start - (end - start), start)
    months = (end.year - start.year) * 12 + end.month - start.month
    if start.day == end.day and months_on(start, months) == end and months:
        return Span(months_on(start, -months), start)
    return Span(start - (end - start), start)


def between(first: Any, last: Any, bucket: str) -> list[Any]:
    """Every stretch from one to another; nothing where there would be too many."""
    found = [first]
    while found[-1] < last:
        if len(found) == MOST_FILLED:
            return []
        found.append(after(found[-1], bucket))
    return found


def after(start: Any, bucket: str) -> Any:
    """The beginning of the next stretch."""
    if bucket == "hour":
        return start + timedelta(hours=1)
    if bucket in ("day", "week"):
        return start + timedelta(days=7 if bucket == "week" else 1)
    return months_on(start, {"month": 1, "quarter": 3}.get(bucket, 12))


__all__ = ["MOST_FILLED", "Period", "after", "between", "earlier_of", "span_text", "told", "within"]
