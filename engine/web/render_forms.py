"""A record's form: its sections, what is typed in them, what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field as dataclass_field
from typing import Any

from engine.blueprint.conditions import Condition, Test
from engine.blueprint.duplicates import fields_of as matched
from engine.blueprint.entities import Entity, Field, busy_by
from engine.blueprint.values import FileRef, Ref
from engine.errors import Complaint
from engine.markup import Html
from engine.parts import field_type
from engine.parts.fields.contract import Control, Unreadable
from engine.records.sight import targets_of
from engine.rules.checks import fields_of as checked
from engine.web.frame import Screen
from engine.web.render import address
from engine.web.render_people import with_offers
from engine.web.render_shown import ASK, judged, on_page
from engine.words import said

WIDE = frozenset({"long_text", "rich_text", "place", "file", "picture", "references", "choices"})
FILES = frozenset({"file", "picture"})
OFFERED = 30  # records in a menu that no script makes a search box of


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a form shows. `texts` are as typed, by field; `held` the values that it started from."""

    screen: Screen
    entity: Entity
    fields: tuple[Field, ...]
    texts: Mapping[str, Any]
    held: Mapping[str, Any] = dataclass_field(default_factory=dict)
    complaints: tuple[Complaint, ...] = ()
    always: bool = False  # a move asks for its fields whatever `shown_when` says
    required: frozenset[str] = frozenset()  # more than the fields themselves say
    id: int | None = None  # of the record; None for one that is not there yet

    def sections(self) -> list[tuple[str, list[Html]]]:
        """As the set orders them; what belongs to no section comes last."""
        mine = {f.name: f for f in self.fields}
        found = [(s.label, [mine.pop(n) for n in s.fields if n in mine]) for s in self.entity.form]
        rest = [("", list(mine.values()))] if mine else []
        return [(label, [self.row(f) for f in fields]) for label, fields in (*found, *rest) if fields]

    @property
    def asks(self) -> list[str]:
        """The fields that the page asks about while they are filled in: duplicates and checks speak of them."""
        told = {name for rule in self.entity.duplicates for match in rule.match for name in matched(match)}
        told |= {name for check in self.entity.checks for name in checked(check)}
        told |= set(busy_by(self.entity))
        return [f.name for f in self.fields if f.name in told]

    @property
    def has_files(self) -> bool:
        return any(f.type in FILES for f in self.fields)

    def rows(self) -> list[Html]:
        return [self.row(f) for f in self.fields]

    def row(self, field: Field) -> Html:
        """Label, control, help and complaints of one field."""
        kept = self.texts.get(field.name) or self.held.get(field.name)
        field = with_offers(self.screen.crm.blueprint.manifest, self.entity, field, kept)
        kind = field_type(field.type)
        wrong = [c.message for c in self.complaints if c.field == field.name]
        needed, shown = self.is_needed(field), self._on_page(field.shown_when)
        return self.screen.render(
            "field.html", field=field, control=kind.control(field, self._control(field, needed, bool(wrong))),
            wrong=wrong, needed=needed, grouped=kind.grouped, wide=field.type in WIDE,
            several=kind.grouped or kind.many, gone=not self.is_shown(field), shown_when=shown,
            needed_when=self._on_page(None if field.required else field.required_when),
        )  # fmt: skip

    def is_shown(self, field: Field) -> bool:
        return self.always or field.shown_when is None or self._holds(field.shown_when)

    def is_needed(self, field: Field) -> bool:
        if field.required or field.name in self.required:
            return True
        return field.required_when is not None and self._holds(field.required_when)

    @property
    def watches(self) -> bool:
        """Whether some field comes and goes, or must be filled or not, by what only the server can judge."""
        told = [self._on_page(c) for f in self.fields for c in (f.shown_when, f.required_when)]
        return ASK in told

    def draft(self, place: str) -> str:
        """Under what the browser keeps what is typed."""
        return draft_of(self.screen, place)

    def _on_page(self, condition: Condition | None) -> str | None:
        return None if self.always else on_page(condition, {f.name: f for f in self.fields})

    def general(self) -> list[str]:
        names = {f.name for f in self.fields}
        return [c.message for c in self.complaints if c.field not in names]

    def summary(self) -> list[tuple[str, str]]:
        """(field, sentence) of each complaint at a field."""
        names = {f.name for f in self.fields}
        return [(c.field, c.message) for c in self.complaints if c.field in names]

    def _control(self, field: Field, is_needed: bool, is_wrong: bool) -> Control:
        text = self.texts.get(field.name, "")
        described = [f"{field.name}-help"] if field.help else []
        described += [f"{field.name}-error"] if is_wrong else []
        targets = targets_of(field)
        return Control(
            field.name, text, self.screen.formats, is_needed, is_wrong, " ".join(described) or None,
            picked=self._picked(field, text) if targets else _file(self.held.get(field.name)),
            pick_url=f"/{self.entity.name}/pick/{field.name}" if targets else None,
            makes=tuple(made for target in targets if (made := makes(self.screen, target))),
            offered=tuple(offered(self.screen, self.entity, field, None, OFFERED)) if targets else (),
        )  # fmt: skip

    def _picked(self, field: Field, text: Any) -> tuple[tuple[str, str], ...]:
        refs = list(_refs(field, text))
        titles = self.screen.crm.reads.titles(self.screen.actor, [ref for ref, _ in refs]) if refs else {}
        return tuple((value, titles.get((ref.entity, ref.id), said("Not open to you"))) for ref, value in refs)

    def _holds(self, condition: Condition) -> bool:
        return judged(self.screen, self.entity.name, self.id, condition, {**self.held, **self.values()})

    def values(self) -> dict[str, Any]:
        """What is typed, as values, as far as it can be understood."""
        at, found = self.screen.crm.reads.reading(self.screen.actor), {}
        for field in self.fields:
            try:
                found[field.name] = field_type(field.type).read(field, self.texts.get(field.name), at)
            except Unreadable:
                found[field.name] = None
        return found


# ---- what is typed


def form_fields(screen: Screen, entity: Entity) -> tuple[Field, ...]:
    """The fields that this role may fill, in the order of the set's form."""
    writable = screen.crm.writes.writable(screen.actor, entity.name)
    ordered = [name for section in entity.form for name in section.fields]
    return tuple(entity.fields[name] for name in ordered if name in writable)


def typed(screen: Screen, fields: Iterable[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    return {f.name: field_type(f.type).typed(f, values.get(f.name), screen.formats) for f in fields}


def posted(screen: Screen, fields: Iterable[Field]) -> dict[str, Any]:
    """What the posted form says of each field that was on it; one that was not is not spoken of."""
    form = screen.ask.form
    if form is None:
        return {}
    there = {name.partition("__")[0] for name in form} | {
        v for v in form.getlist("_on") if isinstance(v, str)
    }
    return {f.name: field_type(f.type).gather(f, form, f.name) for f in fields if f.name in there}


def draft_of(screen: Screen, place: str, prefilled: Iterable[tuple[str, str]] = ()) -> str:
    """Under what the browser keeps what is typed in a form: one for each person, address and what a link filled in."""
    return f"{screen.actor.user} {address(place, sorted(prefilled))}"


# ---- references


def offered(
    screen: Screen, entity: Entity, field: Field, text: str | None, limit: int
) -> Iterator[tuple[str, str]]:
    """(value, title) of the records that a picker shows, in the actor's scope and within the field's own condition."""
    targets = [t for t in targets_of(field) if screen.sight.may_open(screen.actor, t)]
    when = field.options.get("when")
    if field.type == "user" and field.options.get("roles"):
        when = Test("role", "in", tuple(field.options["roles"]))
    for target in targets:
        each = max(3, limit // len(targets))
        for ref in screen.crm.reads.pick(screen.actor, target, text, each, when):
            yield value_of(field, ref), ref.title or ""


def makes(screen: Screen, target: str) -> tuple[str, str, str] | None:
    """Where a picker leads to make a record that is not there yet: its address, in words, and the field that takes its name.
    People and teams are no matter of a moment."""
    if target in ("user", "team") or not screen.crm.writes.can_create(screen.actor, target):
        return None
    entity = screen.crm.blueprint.entities[target]
    texts = [f for f in form_fields(screen, entity) if f.type == "text"]
    named = next((f for f in texts if f.name in entity.title.fields), next((f for f in texts if f.required), None))
    label = screen.say("New {label}", label=entity.label.lower())
    return f"/{target}/new", label, named.name if named else ""


def value_of(field: Field, ref: Ref) -> str:
    return f"{ref.entity}/{ref.id}" if field.type == "reference_any" else str(ref.id)


def _refs(field: Field, text: Any) -> Iterator[tuple[Ref, str]]:
    targets = targets_of(field)
    for one in text if isinstance(text, (list, tuple)) else str(text or "").split("\n"):
        entity, _, id = str(one).rpartition("/")
        if id.isascii() and id.isdigit() and len(id) < 19 and (entity or targets[0]) in targets:
            yield Ref(entity or targets[0], int(id)), str(one)


def _file(value: Any) -> tuple[tuple[str, str], ...]:
    return ((str(value.id), value.name),) if isinstance(value, FileRef) else ()
