"""Where a day's work begins: what is overdue, due today and tomorrow, and what has no next step; then one after another.

A manager may look at the day of anybody below; what is shown is always within the reader's own scope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from starlette.responses import RedirectResponse, Response

from engine.blueprint.conditions import Test, Word
from engine.blueprint.entities import Entity
from engine.blueprint.values import Ref
from engine.errors import NotFound
from engine.markup import Html
from engine.parts import field_type
from engine.parts.fields.phone import written
from engine.records.ahead import Ahead, last_activity
from engine.records.columns import value_of
from engine.records.database import Connection
from engine.records.faces import Face, faces
from engine.records.lists import Parent
from engine.records.query import Query
from engine.records.read import Record
from engine.records.sight import NOT_FOUND
from engine.records.today import (
    BUCKETS,
    COUNTED,
    MOST,
    NONE,
    OVERDUE,
    SHOWN,
    TODAY,
    TOMORROW,
    Day,
    Due,
    day_of,
)
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.ids import record_id
from engine.web.render import address, counted, span
from engine.web.render_calls import answers, clock_of, facts, loggable, script_of, told_when

PLACE, CALLING = "/today", "/today/calling"
MOST_PEOPLE = 100
NOTES = 4  # of the last things said, beside a call


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `face` is whom to reach; `own` the activity that is due, where it is one."""

    due: Due
    face: Face
    own: Face | None
    kind: Entity
    why: str
    exactly: str
    late: str  # late, now, later or nothing: how urgent it is
    last: str
    age: str
    place: str
    log: str | None
    digits: str | None  # of the number, for WhatsApp


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    label: str
    count: str
    rows: tuple[Row, ...]
    more: str | None


def show(ask: Ask) -> Response:
    seen = screen(ask)
    whose, people = _whose(seen)
    bucket = ask.request.query_params.get("show")
    bucket = bucket if bucket in BUCKETS else None
    with seen.crm.database.reading() as lent:
        day = day_of(seen.crm.reads, lent, seen.actor, whose, MOST if bucket else SHOWN, bucket)
        rows = _rows(seen, lent, day, whose)
    parts = [_part(seen, day, name, rows, whose) for name in BUCKETS if bucket in (None, name)]
    done, left = day.done, day.left
    body = seen.render(
        "today.html", parts=[part for part in parts if part.rows or part.name == TODAY], people=people, whose=whose,
        mine=whose == seen.actor.user, done=done, left=left, whole=max(done + left, 1), day=_today(seen),
        start=CALLING if whose == seen.actor.user and _first(seen, day) else None, shown=bucket, place=PLACE,
        phone=_phone(seen), empty=not any(rows.values()),
    )  # fmt: skip
    return seen.page(seen.say("Today"), body, "today")


# ---- whose day


def _whose(seen: Screen) -> tuple[int, list[Ref]]:
    """The person whose day is shown, and those whose one may look at. Raises NotFound for anybody else."""
    people = _people(seen)
    given = seen.ask.request.query_params.get("who", "")
    if not given or given == str(seen.actor.user):
        return seen.actor.user, people
    found = next((ref.id for ref in people if str(ref.id) == given), None)
    if found is None:
        raise NotFound(NOT_FOUND)
    return found, people


def _people(seen: Screen) -> list[Ref]:
    """Oneself and whoever is below, by name; nobody where there is nobody below."""
    if not seen.sight.may_open(seen.actor, "user"):
        return []
    below = Test("id", "in", Word("my subordinates"))
    page = seen.crm.reads.page(seen.actor, Query("user", ("title",), below, limit=MOST_PEOPLE))
    found = [Ref("user", row[0], value_of(page.columns[0], row)) for row in page.rows]
    return sorted((ref for ref in found if ref.id != seen.actor.user), key=lambda ref: ref.title or "")


# ---- the lines


def _rows(seen: Screen, lent: Connection, day: Day, whose: int) -> dict[str, tuple[Row, ...]]:
    dues = [due for name in BUCKETS for due in day.lines[name]]
    refs = {Ref(due.entity, due.id) for due in dues} | {due.about for due in dues if due.about}
    known = faces(seen.crm.reads, lent, seen.actor, refs)
    reached = [(due, ref) for due in dues if (ref := _reached(due, known)) is not None]
    last = _last(seen, lent, {ref for _, ref in reached})
    made = [(due.bucket, _row(seen, due, ref, known, last.get(ref))) for due, ref in reached]
    return {name: tuple(row for bucket, row in made if bucket == name) for name in BUCKETS}


def _reached(due: Due, known: Mapping[tuple[str, int], Face]) -> Ref | None:
    """Whom the line is about: the record itself, or what the activity is about where the reader may see it."""
    if due.about is not None and (due.about.entity, due.about.id) in known:
        return Ref(due.about.entity, due.about.id)
    return Ref(due.entity, due.id) if (due.entity, due.id) in known else None


def _last(seen: Screen, lent: Connection, refs: set[Ref]) -> dict[Ref, Ahead]:
    found = {}
    for entity in dict.fromkeys(ref.entity for ref in refs):
        ids = [ref.id for ref in refs if ref.entity == entity]
        of_entity = last_activity(seen.crm.reads, lent, seen.actor, entity, ids)
        found.update({Ref(entity, id): one for id, one in of_entity.items()})
    return found


def _row(seen: Screen, due: Due, ref: Ref, known: Mapping[tuple[str, int], Face], last: Ahead | None) -> Row:
    face = known[ref.entity, ref.id]
    own = known.get((due.entity, due.id)) if ref.entity != due.entity or ref.id != due.id else None
    blueprint = seen.crm.blueprint
    log = f"/{ref.entity}/{ref.id}/call" if loggable_here(seen, blueprint.entities[ref.entity]) else None
    return Row(
        due, face, own, blueprint.entities[due.entity], _why(seen, due), _exactly(seen, due), _urgency(seen, due),
        _last_told(seen, last),
        _age(seen, face), f"/{due.entity}/{due.id}", log, _digits(face.phone),
    )  # fmt: skip


def loggable_here(seen: Screen, entity: Entity) -> bool:
    """Whether calls can be logged about records of this entity: what the record page and the lists ask."""
    key = ("loggable", seen.actor.role, seen.actor.only, entity.name)
    return seen.face.once(key, lambda: (bool(loggable(seen, entity)),))[0]


def _why(seen: Screen, due: Due) -> str:
    if due.at is None:
        return seen.say("No next step")
    late = _days_late(seen, due)
    if late > 1:
        return seen.say_n("{n} day late", "{n} days late", late)
    if isinstance(due.at, datetime):
        return told_when(seen, due.at)
    return field_type("date").show(seen.crm.blueprint.entities[due.entity].fields[_at(seen, due)], due.at, seen.formats)


def _days_late(seen: Screen, due: Due) -> int:
    zone = seen.formats.zoneinfo
    day = due.at.astimezone(zone).date() if isinstance(due.at, datetime) else due.at
    return (seen.ask.now.astimezone(zone).date() - day).days if day is not None else 0


def _exactly(seen: Screen, due: Due) -> str:
    if due.at is None:
        return ""
    field = seen.crm.blueprint.entities[due.entity].fields[_at(seen, due)]
    return field_type(field.type).show(field, due.at, seen.formats)


def _at(seen: Screen, due: Due) -> str:
    entity = seen.crm.blueprint.entities[due.entity]
    return entity.next_step or (entity.activity.at if entity.activity else "created_at")


def _urgency(seen: Screen, due: Due) -> str:
    return {OVERDUE: "late", TODAY: "now", TOMORROW: "later", NONE: "nothing"}[due.bucket]


def _last_told(seen: Screen, last: Ahead | None) -> str:
    if last is None:
        return ""
    label = seen.crm.blueprint.entities[last.entity].label
    return seen.say("{kind} {length} ago", kind=label, length=_since(seen, last.at))


def _since(seen: Screen, at: datetime | date | None) -> str:
    if isinstance(at, datetime):
        return span(max(0.0, (seen.ask.now - at).total_seconds()))
    if at is None:
        return ""
    today = seen.ask.now.astimezone(seen.formats.zoneinfo).date()
    return span(max(0, (today - at).days) * 86_400)


def _age(seen: Screen, face: Face) -> str:
    return _since(seen, face.created_at) if face.created_at else ""


def _phone(seen: Screen) -> Callable[[str], str]:
    return lambda number: written(number, seen.formats.country)


def _digits(phone: str | None) -> str | None:
    return "".join(c for c in phone.partition(";")[0] if c.isdigit()) if phone else None


def _part(seen: Screen, day: Day, name: str, rows: Mapping[str, tuple[Row, ...]], whose: int) -> Part:
    labels = {
        OVERDUE: seen.say("Overdue"), TODAY: seen.say("Today"), TOMORROW: seen.say("Tomorrow"),
        NONE: seen.say("No next step"),
    }  # fmt: skip
    count = day.counts[name]
    pairs = [("show", name)] + ([("who", str(whose))] if whose != seen.actor.user else [])
    more = address(PLACE, pairs) if count > len(rows[name]) and len(rows[name]) < MOST else None
    return Part(name, labels[name], counted(count, COUNTED), rows[name], more)


def _today(seen: Screen) -> str:
    from babel.dates import format_date

    local = seen.ask.now.astimezone(seen.formats.zoneinfo).date()
    return format_date(local, "EEEE, d MMMM", locale=seen.formats.language.replace("-", "_"))


# ---- one after another


def start(ask: Ask) -> Response:
    """To the first that is to be called."""
    seen = screen(ask)
    with seen.crm.database.reading() as lent:
        day = day_of(seen.crm.reads, lent, seen.actor, seen.actor.user)
    first = _first(seen, day)
    if first is None:
        return go(ask, PLACE, _all_done(seen, day))
    return RedirectResponse(_focus(first), 303)


def _all_done(seen: Screen, day: Day) -> str:
    later = next((due.at for due in day.later if any(_callable(seen, [due]))), None)
    if not isinstance(later, datetime):
        return seen.say("Nothing is left to call. Well done.")
    return seen.say("Nothing is left to call until {time}.", time=clock_of(seen, later))


def _queue(seen: Screen, day: Day) -> Iterator[Ref]:
    """Who is to be called now, each once: by what is due with them."""
    return _callable(seen, day.queue)


def _callable(seen: Screen, lines: Iterable[Due]) -> Iterator[Ref]:
    met = set()
    for due in lines:
        ref = due.about or Ref(due.entity, due.id)
        entity = seen.crm.blueprint.entities.get(ref.entity)
        if entity is not None and (ref.entity, ref.id) not in met and loggable_here(seen, entity):
            met.add((ref.entity, ref.id))
            yield ref


def _first(seen: Screen, day: Day) -> Ref | None:
    return next(_queue(seen, day), None)


def _focus(ref: Ref) -> str:
    return f"{CALLING}/{ref.entity}/{ref.id}"


def focus(ask: Ask) -> Response:
    """One record at a time, with what one must know while it rings."""
    seen = screen(ask)
    entity = seen.entity()
    record = seen.crm.reads.record(seen.actor, entity.name, record_id(ask))
    kinds = loggable(seen, entity)
    if not kinds:
        raise NotFound(NOT_FOUND)
    with seen.crm.database.reading() as lent:
        day = day_of(seen.crm.reads, lent, seen.actor, seen.actor.user)
        face = faces(seen.crm.reads, lent, seen.actor, [Ref(entity.name, record.id)])[entity.name, record.id]
        said = list(_said(seen, lent, entity, record))
    queue = list(_queue(seen, day))
    here = next((n for n, ref in enumerate(queue) if (ref.entity, ref.id) == (entity.name, record.id)), None)
    after = queue[here + 1] if here is not None and here + 1 < len(queue) else None
    if here is None and queue:
        after = queue[0]
    body = seen.render(
        "calling.html", entity=entity, record=record, face=face, facts=facts(seen, record), script=script_of(seen, record),
        said=said, answers=answers(kinds[0]), kind=kinds[0], proof=proof(ask), next=_focus(after) if after else CALLING,
        skip=_focus(after) if after else None, left=len(queue), done=day.done, digits=_digits(face.phone),
        due=_due_of(day, entity.name, record.id), seen_why=lambda due: _why(seen, due), place=f"/{entity.name}/{record.id}",
        today=PLACE, age=_age(seen, face), phone=_phone(seen),
    )  # fmt: skip
    return seen.page(record.title, body, "today")


def _due_of(day: Day, entity: str, id: int) -> Due | None:
    for due in day.attended:
        if (due.entity, due.id) == (entity, id) or (due.about and (due.about.entity, due.about.id) == (entity, id)):
            return due
    return None


@dataclass(frozen=True, slots=True)
class Said:
    kind: Entity
    outcome: Html | None
    text: str
    ago: str
    moment: datetime | None


def _said(seen: Screen, lent: Connection, entity: Entity, record: Record) -> Iterator[Said]:
    """The last things that were said to them, newest first."""
    readable = seen.sight.fields(seen.actor.role, entity.name)
    found: list[Said] = []
    for field in entity.fields_of("children"):
        child = seen.crm.blueprint.entities[field.options["entity"]]
        activity = child.activity
        if field.name in readable and activity and activity.about == field.options["through"]:
            found += _said_in(seen, lent, entity, record, field.name, child)
    yield from sorted(found, key=lambda one: one.moment or seen.ask.now, reverse=True)[:NOTES]


def _said_in(
    seen: Screen, lent: Connection, entity: Entity, record: Record, field: str, child: Entity
) -> Iterator[Said]:
    activity = child.activity
    known = seen.sight.fields(seen.actor.role, child.name)
    if activity is None or activity.is_planned or not seen.sight.may_open(seen.actor, child.name):
        return
    names = tuple(name for name in (activity.text, activity.outcome, activity.at) if name and name in known)
    page = seen.crm.reads.page(
        seen.actor, Query(child.name, names, limit=NOTES), parent=Parent(entity.name, field), of=record.id, connection=lent
    )
    for row in page.rows:
        values: dict[str, Any] = {shown.name: value_of(shown, row) for shown in page.columns}
        outcome = values.get(activity.outcome or "")
        field_of_outcome = known.get(activity.outcome or "")
        html = (
            field_type(field_of_outcome.type).html(field_of_outcome, outcome, seen.formats)
            if field_of_outcome and outcome
            else None
        )
        at = values.get(activity.at)
        moment = at if isinstance(at, datetime) else None
        yield Said(child, html, str(values.get(activity.text or "") or ""), _since(seen, at), moment)


__all__ = ["CALLING", "PLACE", "focus", "loggable_here", "show", "start"]
