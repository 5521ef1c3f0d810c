"""What a call shows beside itself: which outcomes there are, what is said, which next steps are offered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.blueprint.entities import Choice, Entity, Field
from engine.blueprint.values import Ref
from engine.errors import CrmError
from engine.markup import Html, rich
from engine.parts import field_type
from engine.records.ahead import activities
from engine.records.read import Record
from engine.rules.moments import FirmTime
from engine.rules.next_steps import Pick, picks
from engine.text import render as filled
from engine.web.frame import Screen

WEEK = 7  # days in which a weekday's name says enough
_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|<>~-])")


def loggable(seen: Screen, entity: Entity) -> tuple[Entity, ...]:
    """The activities that can be logged about such a record by their outcome alone: facts that this role may add."""
    return tuple(child for child in activities(seen.crm.reads, seen.actor, entity.name) if _is_loggable(seen, child))


def _is_loggable(seen: Screen, child: Entity) -> bool:
    activity = child.activity
    if activity is None or activity.is_planned or activity.outcome is None:
        return False
    writable = seen.crm.writes.writable(seen.actor, child.name)
    return {activity.about, activity.outcome} <= writable and seen.crm.writes.can_create(seen.actor, child.name)


# ---- outcomes


@dataclass(frozen=True, slots=True)
class Answer:
    """An outcome with the digit that picks it; beyond nine there is none."""

    choice: Choice
    key: str


def answers(child: Entity) -> list[Answer]:
    assert child.activity is not None and child.activity.outcome is not None
    choices = child.fields[child.activity.outcome].options["choices"]
    return [Answer(choice, str(n) if n < 10 else "") for n, choice in enumerate(choices, 1)]


def outcome_of(seen: Screen, child: Entity, value: Any) -> Choice | None:
    return next((answer.choice for answer in answers(child) if answer.choice.value == value), None)


# ---- the script


def script_of(seen: Screen, record: Record) -> Html | None:
    """What is said to this record's client, with the caller's own eyes: its stage's script, else its entity's."""
    blueprint = seen.crm.blueprint
    stages = (
        flow.stages.get(record.values.get(flow.field) or "")
        for flow in blueprint.workflows_of(record.entity)
    )
    own = next((stage.script for stage in stages if stage is not None and stage.script), None)
    script = own or blueprint.entities[record.entity].script
    if script is None:
        return None
    values = {name: _value(seen, record, name) for name in script.fields}
    values |= {"me": _plain(seen.actor.name), "firm": _plain(blueprint.manifest.title)}
    return rich(filled(script, values, seen.formats))


def _value(seen: Screen, record: Record, name: str) -> Any:
    """As people read it, with nothing in it that Markdown would take for its own."""
    first, dot, rest = name.partition(".")
    field = seen.sight.fields(seen.actor.role, record.entity).get(first)
    value = record.values.get(first)
    if dot:
        return _there(seen, value, rest)
    if name == "title" and field is None:
        return _plain(record.title)
    return _plain(_shown(seen, field, value)) if field is not None and value is not None else None


def _there(seen: Screen, value: Any, name: str) -> str | None:
    if not isinstance(value, Ref):
        return None
    try:
        there = seen.crm.reads.record(seen.actor, value.entity, value.id)
    except CrmError:
        return None
    return _value(seen, there, name)


def _shown(seen: Screen, field: Field, value: Any) -> str:
    return value.title or "" if isinstance(value, Ref) else field_type(field.type).show(field, value, seen.formats)


def _plain(text: str) -> str:
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


# ---- next steps


@dataclass(frozen=True, slots=True)
class Offer:
    """A next step to pick: `value` is what its button sends."""

    label: str
    when: str
    value: str
    suggested: bool
    key: str


def offers(seen: Screen, field: Field, suggested: Any, first: int = 1) -> list[Offer]:
    """Moments for a date or a moment to be picked, with a digit each."""
    firm = FirmTime(seen.crm.blueprint.manifest)
    made = picks(firm, seen.ask.now, suggested)
    return [_offer(seen, field, pick, n) for n, pick in enumerate(made, first)]


def _offer(seen: Screen, field: Field, pick: Pick, n: int) -> Offer:
    value = pick.at.astimezone(seen.formats.zoneinfo).date() if field.type == "date" else pick.at
    typed = field_type(field.type).typed(field, value, seen.formats)
    return Offer(_called(seen, pick), told_when(seen, pick.at), typed, pick.suggested, str(n))


def _called(seen: Screen, pick: Pick) -> str:
    words = {
        "suggested": seen.say("As suggested"), "hour": seen.say("In an hour"), "afternoon": seen.say("This afternoon"),
        "tomorrow": seen.say("Next working day"), "later": seen.say("In three working days"), "week": seen.say("Next week"),
    }  # fmt: skip
    return words[pick.name]


def told_when(seen: Screen, at: datetime) -> str:
    """`today 15:00`, `tomorrow 10:00`, `Thursday 10:00`, `3 Dec 2026, 10:00`, on the reader's wall clock."""
    zone = seen.formats.zoneinfo
    local, today = at.astimezone(zone), seen.ask.now.astimezone(zone).date()
    days = (local.date() - today).days
    clock = clock_of(seen, at)
    if days == 0:
        return seen.say("today {time}", time=clock)
    if days == 1:
        return seen.say("tomorrow {time}", time=clock)
    if days == -1:
        return seen.say("yesterday {time}", time=clock)
    if 1 < days < WEEK:
        return f"{_weekday(seen, local)} {clock}"
    return _moment(seen, at)


def clock_of(seen: Screen, at: datetime) -> str:
    """The time of day, on the reader's wall clock."""
    from babel.dates import format_time

    from engine.formats import Formats

    formats: Formats = seen.formats
    return format_time(at.astimezone(formats.zoneinfo).time(), "short", locale=formats.language.replace("-", "_"))


def _weekday(seen: Screen, local: datetime) -> str:
    from babel.dates import format_date

    return format_date(local.date(), "EEEE", locale=seen.formats.language.replace("-", "_"))


def _moment(seen: Screen, at: datetime) -> str:
    return field_type("datetime").show(MOMENT, at, seen.formats)


MOMENT = Field("at", "datetime", "When")


def facts(seen: Screen, record: Record, most: int = 8) -> list[tuple[str, Html]]:
    """The first filled fields of the record's form."""
    from engine.web.render import shown

    entity = seen.crm.blueprint.entities[record.entity]
    readable: Mapping[str, Field] = seen.sight.fields(seen.actor.role, record.entity)
    names = [name for section in entity.form for name in section.fields if name in readable and name != "owner"]
    filled_in = [name for name in names if record.values.get(name) not in (None, ())]
    titled = entity.title.fields
    return [
        (readable[name].label, shown(readable[name], record.values[name], seen.formats))
        for name in filled_in
        if name not in titled
    ][:most]
