"""Why one sees a record, may do this to it and not that, and was told of it: in words; for those who administer with the
place in the set where it is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from starlette.responses import Response

from engine.blueprint.conditions import ALWAYS, NEVER, AnyOf, Condition, Test, Word
from engine.blueprint.entities import Entity
from engine.blueprint.notifications import Notification
from engine.blueprint.source import Source
from engine.blueprint.triggers import Around, Every, Happening, Idle, Span, Staying
from engine.blueprint.values import Ref
from engine.errors import BadRequest, NotFound
from engine.records.database import Connection
from engine.records.read import Record
from engine.records.scope import without_doubles
from engine.records.sight import NOT_FOUND
from engine.rules.permissions import who_may
from engine.rules.words import listed
from engine.serving import Ask
from engine.web.frame import PART, Screen, screen
from engine.web.pages.ids import asked_id, record_id
from engine.web.render import shown
from engine.web.render_where import told

ACTIONS = ("update", "delete")


@dataclass(frozen=True, slots=True)
class Line:
    """`holds`: whether it is so; None for what is neither good nor bad."""

    text: str
    holds: bool | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of the set and where it is written: for those who administer."""

    what: str
    where: str


def show(ask: Ask) -> Response:
    seen = screen(ask)
    entity = seen.entity()
    with seen.crm.database.reading() as lent:
        record = seen.crm.reads.record(seen.actor, entity.name, record_id(ask), connection=lent)
        seeing = list(_seeing(seen, lent, entity, record))
        doing = list(_doing(seen, lent, entity, record))
    administers = seen.administers()
    body = seen.render(
        "why.html", entity=entity, record=record, place=f"/{entity.name}/{record.id}", seeing=seeing, doing=doing,
        hidden=_hidden(seen, entity), names=_hidden_names(seen, entity) if administers else [],
        written=list(_written(seen, entity)) if administers else [],
        people=seen.crm.reads.pick(seen.actor, "user", limit=200) if administers else [],
        person=_as_another(seen, entity, record),
    )  # fmt: skip
    title = seen.say("Why do I see this?")
    return seen.piece(body) if ask.request.headers.get(PART) else seen.page(title, body, entity.name)


# ---- why it is seen


def _seeing(seen: Screen, lent: Connection, entity: Entity, record: Record) -> Iterator[Line]:
    """Each part of the reader's own right that this record meets."""
    scope = seen.sight.scope(seen.actor, entity.name, "read")
    if scope == ALWAYS:
        label = entity.label.lower()
        yield Line(seen.say("Your role, {role}, sees every {label}.", role=seen.role_label(), label=label), True)
        return
    parts = without_doubles(scope.parts) if isinstance(scope, AnyOf) else (scope,)
    for part in parts:
        if seen.crm.reads.holds(lent, seen.actor, entity.name, record.id, part):
            yield Line(_reason(seen, entity, record, part), True)


def _reason(seen: Screen, entity: Entity, record: Record, part: Condition) -> str:
    if isinstance(part, Test) and (word := _word(part)):
        who = _name(record.values.get(part.field))
        field = entity.fields[part.field].label.lower()
        if word == "me" or (word == "my subordinates" and _is_me(seen, record.values.get(part.field))):
            return seen.say("You are its {field}.", field=field)
        if word == "my subordinates":
            return seen.say("{name}, its {field}, is one of your people.", name=who or seen.say("Somebody"), field=field)
        return seen.say("Its {field} is in your team.", field=field)
    return seen.say("It is one of those where {what}.", what=_told(seen, entity.name, part))


def _word(test: Test) -> str | None:
    values = test.value if isinstance(test.value, (tuple, list, frozenset)) else (test.value,)
    return next((value.text for value in values if isinstance(value, Word) and value.text in PEOPLE), None)


PEOPLE = frozenset({"me", "my team", "my subordinates"})


def _name(value: object) -> str | None:
    return value.title if isinstance(value, Ref) else None


def _is_me(seen: Screen, value: object) -> bool:
    return isinstance(value, Ref) and value.entity == "user" and value.id == seen.actor.user


# ---- what may be done


def _doing(seen: Screen, lent: Connection, entity: Entity, record: Record) -> Iterator[Line]:
    words = {"update": (seen.say("You may change it."), seen.say("You may not change it")),
             "delete": (seen.say("You may move it to the bin."), seen.say("You may not move it to the bin"))}  # fmt: skip
    for action in ACTIONS:
        scope = seen.sight.scope(seen.actor, entity.name, action)
        if seen.crm.reads.allowed(seen.actor, action, entity.name, record.id, lent):
            yield Line(words[action][0], True)
        else:
            yield Line(_not(seen, entity, action, scope, words[action][1]), False)


def _not(seen: Screen, entity: Entity, action: str, scope: Condition, said: str) -> str:
    who = listed(who_may(seen.crm.blueprint, action, entity.name, seen.actor.role))
    if scope == NEVER and who:
        return seen.say("{said}: your role has no right to. {who} may, within their reach.", said=said, who=who)
    if scope == NEVER:
        return seen.say("{said}: no role has the right to.", said=said)
    return seen.say("{said}: your role may only where {what}.", said=said, what=_told(seen, entity.name, scope))


def _hidden(seen: Screen, entity: Entity) -> bool:
    return len(seen.sight.fields(seen.actor.role, entity.name)) < len(entity.fields)


def _hidden_names(seen: Screen, entity: Entity) -> list[str]:
    readable = seen.sight.fields(seen.actor.role, entity.name)
    return [field.label for name, field in entity.fields.items() if name not in readable]


# ---- for those who administer


def _written(seen: Screen, entity: Entity) -> Iterator[Said]:
    blueprint = seen.crm.blueprint
    yield from _at(seen.say("{label}: its fields", label=entity.label), entity.source)
    for flow in blueprint.workflows_of(entity.name):
        yield from _at(seen.say("{label}: its stages and moves", label=flow.label), flow.source)
    for role in blueprint.roles.values():
        rights = role.rights.get(entity.name)
        if rights is not None and rights.read != NEVER:
            yield from _at(seen.say("Rights of {role}", role=role.label), rights.source or role.source)
    for one in blueprint.notifications.values():
        if one.entity == entity.name:
            yield from _at(seen.say("Notice: {label}", label=one.label), one.source)


def _at(what: str, source: Source | None) -> Iterator[Said]:
    if source is not None:
        yield Said(what, f"{source.file}:{source.line}")


def _as_another(seen: Screen, entity: Entity, record: Record) -> tuple[str, list[str]] | None:
    """Whether somebody else sees it, and why: only for those who administer, as it tells that a record is there."""
    user = asked_id(seen.ask, "user")
    if user is None or not seen.administers():
        return None
    with seen.crm.database.reading() as lent:
        person = seen.crm.accounts.people.by_id(lent, user)
    if person is None:
        return None
    return person.name, seen.crm.reads.why(person.actor(seen.crm.blueprint), entity.name, record.id)


# ---- a notice


def notice(ask: Ask) -> Response:
    """Why one was told: the rule, and what of the record it asks about."""
    seen = screen(ask)
    found = seen.crm.notices.one(seen.actor, record_id(ask))
    if found is None:
        raise NotFound(NOT_FOUND)
    rule = seen.crm.blueprint.notifications.get(found.notification)
    entity = seen.crm.blueprint.entities.get(found.entity or "")
    written = [one.where for one in _at("", rule.source)] if rule is not None and seen.administers() else []
    body = seen.render(
        "why_notice.html", notice=found, rule=rule, when=_when(seen, rule) if rule else None,
        values=_values(seen, entity, found.record, rule) if rule and entity and found.record else [],
        condition=_condition(seen, rule), place=f"/{found.entity}/{found.record}" if entity and found.record else None,
        written=written,
    )  # fmt: skip
    title = seen.say("Why was I told?")
    return seen.piece(body) if ask.request.headers.get(PART) else seen.page(title, body, "notices")


def _when(seen: Screen, rule: Notification) -> str:
    entity = seen.crm.blueprint.entities.get(rule.entity or "")
    match rule.trigger:
        case Happening() as happening if entity is not None:
            return _happened(seen, entity, happening)
        case Around(side, field, by) if entity is not None:
            known = field in seen.sight.fields(seen.actor.role, entity.name)
            return _around(seen, entity.fields[field].label, side, by) if known else seen.say("A time of it has come.")
        case Staying(_, stages, span):
            return seen.say("It has been in {stages} for {span}.", stages=listed(stages), span=_span(seen, span))
        case Idle(span):
            return seen.say("Nothing happened to it for {span}.", span=_span(seen, span))
        case Every(period):
            return seen.say("It is told every {period}.", period=period.replace("_", " "))
    return seen.say("Another rule asked for it.")


def _happened(seen: Screen, entity: Entity, happening: Happening) -> str:
    label = entity.label.lower()
    if happening.on == "moved" and happening.into:
        return seen.say("A {label} was moved into {stages}.", label=label, stages=listed(happening.into))
    if happening.on == "changed" and happening.fields:
        readable = seen.sight.fields(seen.actor.role, entity.name)
        names = [readable[name].label for name in happening.fields if name in readable]
        if names:
            return seen.say("{fields} of a {label} changed.", fields=listed(names), label=label)
    words = {
        "created": seen.say("A {label} was made.", label=label),
        "changed": seen.say("A {label} was changed.", label=label),
        "moved": seen.say("A {label} was moved.", label=label),
        "assigned": seen.say("A {label} got a new owner.", label=label),
        "duplicate": seen.say("A {label} may be here already.", label=label),
        "re_engaged": seen.say("The person of a {label} came back.", label=label),
        "received": seen.say("Something came in about a {label}.", label=label),
    }  # fmt: skip
    return words.get(happening.on, happening.on)


def _around(seen: Screen, field: str, side: str, by: tuple[Span, ...]) -> str:
    spans = listed([_span(seen, span) for span in by], "and")
    if side == "before" and spans:
        return seen.say("{span} before {field}.", span=spans, field=field)
    if side == "after" and spans:
        return seen.say("{span} after {field}.", span=spans, field=field)
    return seen.say("On the day of {field}.", field=field)


def _span(seen: Screen, span: Span) -> str:
    unit = span.unit if span.count != 1 else span.unit.removesuffix("s")
    return f"{span.count} {'working ' if span.working else ''}{unit}"


def _condition(seen: Screen, rule: Notification | None) -> str | None:
    """Only where every field that it speaks of is the reader's to know."""
    if rule is None or rule.entity is None or rule.when == ALWAYS or not _knows(seen, rule.entity, rule.when):
        return None
    return told(seen, rule.entity, rule.when)


def _knows(seen: Screen, entity: str, condition: Condition) -> bool:
    try:
        seen.sight.check(seen.actor.role, entity, condition)
    except BadRequest:
        return False
    return True


def _told(seen: Screen, entity: str, condition: Condition) -> str:
    """A condition in words; of one that speaks of what is hidden from the reader only that it is there."""
    if not _knows(seen, entity, condition):
        return seen.say("something holds that is not shown to your role")
    return told(seen, entity, condition)


def _values(seen: Screen, entity: Entity, id: int, rule: Notification) -> list[tuple[str, object]]:
    """What the rule looks at, as it is now and as the reader may see it."""
    from engine.records.ledger import asked_by

    try:
        record = seen.crm.reads.record(seen.actor, entity.name, id)
    except NotFound:
        return []
    names = [name for name in entity.fields if name in asked_by(seen.crm.reads, rule) and name in record.values]
    return [(entity.fields[name].label, shown(entity.fields[name], record.values[name], seen.formats)) for name in names]


__all__ = ["notice", "show"]
