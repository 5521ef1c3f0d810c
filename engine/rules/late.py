"""What becomes of a moment that came while nothing ran."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.blueprint.triggers import Missed, Span
from engine.parts.moments import DAY
from engine.rules.moments import FirmTime

GRACE = timedelta(minutes=2)  # so long after its moment nothing is late


@dataclass(frozen=True, slots=True)
class Fate:
    """`missed`: why nothing is done about it any more, as a sentence; None: it is done, `late` or not."""

    late: bool = False
    missed: str | None = None


IN_TIME = Fate()


def fate_of(policy: Missed, firm: FirmTime, due: datetime, now: datetime, overtaken: Callable[[], bool]) -> Fate:
    """`overtaken`: whether a later moment of the same rule and record has come since."""
    late = now - due
    if late <= GRACE:
        return IN_TIME
    told = how_late(late)
    if policy.policy == "skip":
        return Fate(True, f"It was seen {told} late, and what is missed is skipped.")
    if policy.within is not None and firm.on(due, policy.within) < now:
        return Fate(True, f"It was seen {told} late, and the limit is {span_in_words(policy.within)}.")
    if policy.policy == "once" and overtaken():
        return Fate(True, f"It was seen {told} late, and a later one has taken its place.")
    return Fate(True)


def how_late(late: timedelta) -> str:
    """`3 days`, `2 hours`, `5 minutes`: rounded down."""
    for unit, length in (("day", DAY), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if late >= length:
            count = late // length
            return f"{count:,} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"


def span_in_words(span: Span) -> str:
    """As it is written in a set."""
    unit = span.unit.removesuffix("s") if span.count == 1 else span.unit
    return f"{span.count} {'working ' if span.working else ''}{unit}"
