"""When somebody is called next: a handful of moments within working hours, and the one that an outcome suggests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from engine.blueprint.triggers import Span
from engine.rules.moments import FirmTime
from engine.rules.walls import wall

SUGGESTED, HOUR, AFTERNOON, TOMORROW, LATER, WEEK = "suggested", "hour", "afternoon", "tomorrow", "later", "week"
MORNING, AFTER_LUNCH = time(10), time(15)
STEP = timedelta(minutes=5)  # nobody is called at 10:03:27


@dataclass(frozen=True, slots=True)
class Pick:
    """A moment to choose, UTC. `name` is what kind of moment it is; `suggested`: the outcome asks for it."""

    name: str
    at: datetime
    suggested: bool = False


def picks(firm: FirmTime, now: datetime, suggested: Span | datetime | None = None) -> tuple[Pick, ...]:
    """The suggestion first, then in the order of time; none twice."""
    found = [*_suggestion(firm, now, suggested), *_usual(firm, now)]
    first: dict[datetime, Pick] = {}
    for pick in found:
        first.setdefault(pick.at, pick)
    return tuple(first.values())


def _suggestion(firm: FirmTime, now: datetime, suggested: Span | datetime | None) -> Iterator[Pick]:
    if suggested is None:
        return
    at = firm.on(now, suggested) if isinstance(suggested, Span) else suggested
    yield Pick(SUGGESTED, _in_hours(firm, at) if isinstance(suggested, Span) else at, True)


def _usual(firm: FirmTime, now: datetime) -> Iterator[Pick]:
    yield Pick(HOUR, _in_hours(firm, now + timedelta(hours=1)))
    afternoon = _at(firm, now, 0, AFTER_LUNCH)
    if now + timedelta(hours=1) < afternoon and firm.opening(afternoon) == afternoon:
        yield Pick(AFTERNOON, afternoon)
    yield Pick(TOMORROW, _at(firm, now, 1, MORNING))
    yield Pick(LATER, _at(firm, now, 3, MORNING))
    monday = 7 - now.astimezone(firm.zone).weekday()
    yield Pick(WEEK, firm.opening(_wall(firm, now, monday, MORNING)))


def _at(firm: FirmTime, now: datetime, working_days: int, clock: time) -> datetime:
    """So many working days on, at a time of day within that day's hours."""
    day = firm.hours.working_day(now.astimezone(firm.zone).date(), working_days)
    return firm.opening(wall(datetime.combine(day, clock), firm.zone)).astimezone(UTC)


def _wall(firm: FirmTime, now: datetime, days: int, clock: time) -> datetime:
    day = now.astimezone(firm.zone).date() + timedelta(days=days)
    return wall(datetime.combine(day, clock), firm.zone)


def _in_hours(firm: FirmTime, moment: datetime) -> datetime:
    """Rounding up may lead to the minute in which the firm shuts."""
    return firm.opening(_on_the_step(firm.opening(moment)))


def _on_the_step(moment: datetime) -> datetime:
    over = timedelta(minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond)
    return (moment - over + (STEP if over else timedelta())).astimezone(UTC)


__all__ = ["Pick", "picks"]
