"""What entities.yaml means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.blueprint.clients import Client
from engine.blueprint.conditions import Condition, fields_in
from engine.blueprint.duplicates import Check, DuplicateRule
from engine.blueprint.formulas import Formula
from engine.blueprint.source import Source
from engine.blueprint.templates import Template
from engine.blueprint.triggers import Span
from engine.blueprint.views import View

TWO_WEEKS = Span(14, "days")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entity. `options` are those of its type, already read to their meaning:

    choice, choices   choices: tuple[Choice, ...]
    reference, references, children        entity: str      (children also: through: the reference field on the child)
    reference_any     entities: tuple[str, ...]
    money             currency: str, currencies: tuple[str, ...], places: int
    decimal           places: int
    computed          formula: Formula
    rollup            of: name of a children field; take: count|sum|average|smallest|largest|latest; field: str|None;
                      when: Condition|None; child: Field|None (the child's field that `field` names; None for count)
    reference_number  pattern: str; resets: never|yearly|financial_year
    stage             stages: tuple[Choice, ...]: made by the compiler for each workflow's field
    text, ...         longest: int ; integer, decimal, money, percent: least, most
    """

    name: str
    type: str
    label: str
    required: bool = False
    unique: bool = False
    index: bool = False
    search: bool = False  # found by the search box
    help: str | None = None
    default: Any = None  # a plain value of the type, or a conditions.Word such as `me`, `today`
    options: Mapping[str, Any] = field(default_factory=dict)
    shown_when: Condition | None = None
    required_when: Condition | None = None
    system: bool = False  # kept by the engine: id, created_at, ...; never written by a person
    was: str | None = None
    source: Source | None = None

    @property
    def targets(self) -> tuple[str, ...]:
        """The entities whose records it points to."""
        if self.type in ("user", "team"):
            return (self.type,)
        if self.type == "reference_any":
            return tuple(self.options["entities"])
        return (self.options["entity"],) if "entity" in self.options else ()


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    hue: str | None = None
    ends: str | None = None  # stages: won, lost, done
    was: str | None = None  # renamed from


@dataclass(frozen=True, slots=True)
class Section:
    label: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListView:
    columns: tuple[str, ...]  # field names, or `reference.field` one step away
    sort: tuple[tuple[str, bool], ...]  # (field, newest or largest first)
    filters: tuple[str, ...] = ()  # fields offered as quick filters


@dataclass(frozen=True, slots=True)
class Board:
    """Records as cards in columns: one for each stage, or each choice, of the field `by`."""

    by: str
    card: tuple[str, ...] = ()  # fields shown on a card, beside its title
    sum: str | None = None  # the number or money that is added up in each column, and stands on the card
    too_long: Span = TWO_WEEKS  # who stays longer in one stage that does not end stands out


@dataclass(frozen=True, slots=True)
class Activity:
    """A record of this entity is something done, or to be done, about another record. All but `done_when` name fields."""

    about: str  # a reference, or a reference to any of several entities
    at: str = "created_at"  # a date or a moment
    length: str | None = None  # a duration; or
    ends: str | None = None  # a moment
    done_when: Condition | None = None  # None: a fact, done as soon as it is written
    outcome: str | None = None  # a choice: how it went
    text: str | None = None  # what was said
    place: str | None = None  # a text, a place, or a reference to a room
    people: str | None = None  # references to users
    color: str | None = None  # a choice or a stage
    next: Mapping[str, Span | str] = field(default_factory=dict)  # outcome -> how long until the next step, or its field

    @property
    def fields(self) -> tuple[str, ...]:
        named = (self.about, self.at, self.length, self.ends, self.outcome, self.text, self.place, self.people, self.color)
        asked = fields_in(self.done_when) if self.done_when is not None else ()
        return tuple(dict.fromkeys([*(name for name in named if name), *asked]))

    @property
    def is_planned(self) -> bool:
        """Whether there can be one that is not done yet."""
        return self.done_when is not None


@dataclass(frozen=True, slots=True)
class Entity:
    name: str
    label: str
    plural: str
    title: Template
    fields: Mapping[str, Field]  # in order; the system fields come last
    form: tuple[Section, ...]
    list: ListView
    icon: str = "file"
    owned: bool = True  # has an `owner` field, which the scopes own, team and subordinates speak of
    in_menu: bool = True
    help: str | None = None
    was: str | None = None
    source: Source | None = None
    client: Client | None = None
    duplicates: tuple[DuplicateRule, ...] = ()  # in the order in which they are asked
    checks: tuple[Check, ...] = ()
    activity: Activity | None = None
    next_step: str | None = None  # the field that says when somebody attends to a record next
    script: Template | None = None  # what is said in a call, as Markdown; a stage may have its own
    views: Mapping[str, View] = field(default_factory=dict)  # in order
    board: Board | None = None

    def fields_of(self, *types: str) -> tuple[Field, ...]:
        return tuple(f for f in self.fields.values() if f.type in types)


def busy_by(entity: Entity) -> tuple[str, ...]:
    """The fields that decide who is busy when by a record of the entity; none for what takes no time."""
    activity = entity.activity
    if activity is None or not activity.is_planned or not (activity.length or activity.ends):
        return ()
    named = (activity.at, activity.length, activity.ends, activity.people, activity.place, "owner" if entity.owned else None)
    return tuple(name for name in named if name)


# Kept by the engine on every entity, in this order.
SYSTEM_FIELDS = ("id", "version", "created_at", "created_by", "updated_at", "updated_by", "deleted_at")

__all__ = ["SYSTEM_FIELDS", "Activity", "Board", "Choice", "Entity", "Field", "Formula", "ListView", "Section", "busy_by"]
