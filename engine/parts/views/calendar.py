"""Records on the days of a calendar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.blueprint.entities import Entity
from engine.parts.fields.contract import Unreadable
from engine.parts.views.contract import Example, ViewKind
from engine.words import said

SPANS = ("month", "week", "day", "agenda")
MOMENTS = ("date", "datetime")


class Kind(ViewKind):
    label = said("Calendar")
    icon = "calendar"
    doc = "Records on their days, by month, week or day, or as an agenda. To drag one changes its date or moment."
    place = "/calendar"
    schema = {
        "at": {
            "type": "string", "minLength": 1, "maxLength": 100, "x-field": True,
            "description": "The date or moment of a record. Left out: as the entity's activity or next step says.",
        },
        "span": {"type": "string", "enum": list(SPANS), "description": "How much is shown at first. Left out: a week."},
    }  # fmt: skip
    examples = (
        Example({}, {}, ()),
        Example({"span": "month"}, {"span": "month"}, (("span", "month"),)),
        Example(
            {"at": "starts_at", "span": "day"}, {"at": "starts_at", "span": "day"}, (("at", "starts_at"), ("span", "day"))
        ),
    )

    @property
    def words(self) -> tuple[str, ...]:
        """Also those of its place: on which day, whose, what kinds, how a day is arranged, all its hours or the firm's."""
        return (*self.schema, "on", "whose", "kinds", "by", "hours")

    def suits(self, entity: Entity) -> bool:
        return any(field.type in MOMENTS and not field.system for field in entity.fields.values())

    def read(self, entity: Entity, given: Mapping[str, Any]) -> Mapping[str, Any]:
        options = super().read(entity, given)
        if (span := options.get("span")) is not None and span not in SPANS:
            raise Unreadable(said("span is month, week, day or agenda, not {span}.", span=span[:30]))
        field = entity.fields.get(options.get("at", ""))
        if field is not None and field.type not in MOMENTS:
            raise Unreadable(said(
                "{name} is a field of type {type}. A calendar needs a date or a date and time.",
                name=field.name, type=field.type
            ))
        return options
