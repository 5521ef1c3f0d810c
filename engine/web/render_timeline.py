"""A record's history, day by day, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from engine.blueprint.entities import Entity, Field
from engine.formats import Formats
from engine.markup import Html, escape
from engine.parts import field_type
from engine.records.history import Event
from engine.web.frame import Screen
from engine.web.render import NIL, shown

ICONS = {
    "created": "plus", "changed": "pencil", "moved": "arrow-right", "deleted": "trash-2", "restored": "archive-restore",
    "refused": "ban", "merged": "git-merge", "unmerged": "undo-2", "followed": "git-merge",
}  # fmt: skip
MOMENT = Field("at", "datetime", "When")
DAY = Field("day", "date", "Day")


@dataclass(frozen=True, slots=True)
class Told:
    """One event in words and marks."""

    event: Event
    icon: str
    who: str
    hue: str | None
    changes: tuple[tuple[str, Html, Html], ...]
    moment: Html


def days(seen: Screen, entity: Entity, events: tuple[Event, ...]) -> list[tuple[str, list[Told]]]:
    hues = {s.label: s.hue for w in seen.crm.blueprint.workflows_of(entity.name) for s in w.stages.values()}
    zone = seen.formats.zoneinfo
    grouped = groupby(events, key=lambda event: event.at.astimezone(zone).date())
    return [(day_named(seen, day), [_told(seen, event, hues) for event in some]) for day, some in grouped]


def day_named(seen: Screen, day: date) -> str:
    away = (seen.ask.now.astimezone(seen.formats.zoneinfo).date() - day).days
    return {0: "Today", 1: "Yesterday"}.get(away) or field_type("date").show(DAY, day, seen.formats)


def _told(seen: Screen, event: Event, hues: dict[str, str]) -> Told:
    who = (event.actor.title or "Somebody") if event.actor else _itself(seen, event)
    changes = () if event.action == "created" else tuple(
        (c.field.label, _value(seen, c.field, c.was), _value(seen, c.field, c.now)) for c in event.changes
    )  # fmt: skip
    hue = hues.get(event.stage_to or "")
    return Told(event, ICONS.get(event.action, "circle"), who, hue, changes, moment(event.at, seen.formats))


def _itself(seen: Screen, event: Event) -> str:
    """Who did it, where nobody was signed in: a rule, a way in, a client's link, or the program."""
    is_rule = any(rule.label == event.rule for rule in seen.crm.blueprint.rules.values())
    return (f"Rule: {event.rule}" if is_rule else event.rule) or seen.crm.blueprint.manifest.title


def moment(at: datetime, formats: Formats) -> Html:
    return field_type("datetime").html(MOMENT, at, formats)


def _value(seen: Screen, field: Field, value: object) -> Html:
    """A field may have changed its type since; then its text is told."""
    try:
        return shown(field, value, seen.formats)
    except (TypeError, ValueError, AttributeError, KeyError):
        return NIL if value is None else escape(str(value))
