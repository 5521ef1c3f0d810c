"""What sets a notification or a rule off, in sentences, and when a schedule runs next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from engine.blueprint import Blueprint
from engine.blueprint.conditions import ALWAYS
from engine.blueprint.entities import Entity
from engine.blueprint.notifications import Notification
from engine.blueprint.rules import Rule
from engine.blueprint.triggers import Around, Every, Happening, Idle, Missed, Staying
from engine.rules.late import span_in_words
from engine.rules.moments import FirmTime
from engine.rules.words import listed

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HAPPENINGS = {
    "created": "is created", "changed": "is changed", "moved": "moves", "assigned": "gets an owner",
    "duplicate": "is found to be a duplicate", "re_engaged": "is somebody who comes back", "received": "comes in",
}  # fmt: skip
POLICIES = {
    "skip": "Moments that come while nothing runs are skipped.",
    "once": "Of moments that come while nothing runs, the latest is made up for.",
    "all": "All moments that come while nothing runs are made up for.",
}
YEARS_AHEAD = timedelta(days=366 * 6)


def occasion(blueprint: Blueprint, one: Notification | Rule) -> list[str]:
    """Whole sentences: when it goes off, what it waits for, and what becomes of missed moments."""
    entity = blueprint.entities[one.entity] if one.entity else None
    told = [f"Goes off {_when(one, entity)}."]
    if one.when != ALWAYS:
        told.append("Only where its `when` holds, which is asked at that moment.")
    if one.working_hours_only:
        told.append("Outside of working hours it waits until they begin.")
    return [*told, *_missed(one)]


def next_runs(blueprint: Blueprint, every: Every, now: datetime, only_in_hours: bool, most: int = 5) -> list[str]:
    """Its next runs by the clocks of the firm: `Monday 23 November 2026, 09:00 Asia/Kolkata`."""
    firm = FirmTime(blueprint.manifest)
    runs = (firm.opening(run) if only_in_hours else run for run in firm.runs(every, now, now + YEARS_AHEAD))
    here = (run.astimezone(firm.zone) for run in islice(runs, most))
    return [f"{WEEKDAYS[at.weekday()]} {at.day} {at:%B %Y, %H:%M} {firm.zone.key}" for at in here]


def _when(one: Notification | Rule, entity: Entity | None) -> str:
    match one.trigger:
        case None:
            return "only when something names it"
        case Every() as every:
            each = f", for each {entity.label.lower()}" if entity else ""
            return f"every {_period(every)} at {every.time:%H:%M}{each}"
    assert entity is not None
    a_record = f"a {entity.label.lower()}"
    match one.trigger:
        case Happening() as happening:
            return _happening(happening, a_record, entity)
        case Around() as around:
            return _around(around, a_record, entity)
        case Staying(stages=stages, span=span):
            return f"when {a_record} has been in {listed(stages)} for {span_in_words(span)}"
        case Idle(span=span):
            return f"when nothing has happened to {a_record} or beneath it for {span_in_words(span)}"
    raise TypeError(f"Not a trigger: {one.trigger!r}")


def _happening(happening: Happening, a_record: str, entity: Entity) -> str:
    said = [f"when {a_record} {HAPPENINGS[happening.on]}"]
    if happening.fields:
        said.append(f"in {listed(_labels(entity, happening.fields))}")
    if happening.into:
        said.append(f"into {listed(happening.into)}")
    if happening.by:
        said.append(f"by {listed(happening.by)}")
    if happening.before != ALWAYS:
        said.append("and its `when_before` held before")
    return " ".join(said)


def _around(around: Around, a_record: str, entity: Entity) -> str:
    field, at = entity.fields[around.field], f"at {around.time:%H:%M} " if around.time else ""
    if around.side == "on":
        return f"{at}on the day of {field.label} of {a_record}" if around.time else f"at {field.label} of {a_record}"
    return f"{at}{listed([span_in_words(s) for s in around.by], 'and')} {around.side} {field.label} of {a_record}"


def _period(every: Every) -> str:
    period = every.period.replace("_", " ")
    if period in ("day", "working day"):
        return period
    if period == "week":
        return f"{WEEKDAYS[every.day]}"
    return f"{period}, on its last day" if every.day < 0 else f"{period}, on its {_ordinal(every.day)} day"


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _missed(one: Notification | Rule) -> Iterator[str]:
    if one.trigger is None or isinstance(one.trigger, Happening):
        return
    missed: Missed = one.missed
    yield POLICIES[missed.policy]
    if missed.within is not None:
        yield f"What is later than {span_in_words(missed.within)} is not told any more."


def _labels(entity: Entity, names: Sequence[str]) -> list[str]:
    return [entity.fields[name].label for name in names]
