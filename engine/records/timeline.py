"""All that happened to a record, in one order by time, as an actor may know it.

- Sources: the record's history, the activities about it, what was told to people, what came in from outside.
- A place in the order is a moment and an id; each source is asked for what lies before it, and no further than a page.
- A source may keep back what it found (it is not the actor's to know). Then it has looked only so far, and what the
  others found before that place waits for the next page: nothing is left out, nothing comes twice.
- What is planned and not done is not in it: that is what comes next, see `open_of`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.actor import Actor
from engine.blueprint.conditions import ALWAYS, Not
from engine.blueprint.entities import Entity, Field
from engine.blueprint.values import FileRef, Ref
from engine.records import received
from engine.records.ahead import activities, is_over
from engine.records.columns import ID, VERSION, Layout, Row, Shown, value_of
from engine.records.database import Connection
from engine.records.history import Event, history_of
from engine.records.keys import EPOCH, MILLISECOND, milliseconds
from engine.records.late import fill
from engine.records.ledger import Line, lines_of
from engine.records.read import Reads, Record
from engine.records.received import Received
from engine.records.scope import Scope, Sql, Who, pointing
from engine.records.statement import Prepared, prepare
from engine.records.titles import is_plain, title

HISTORY, TOLD, CAME, FILES = "history", "told", "received", "files"  # kinds of entries beside the activities' entities
FILE_TYPES = frozenset({"file", "picture"})
RECORD = sa.bindparam("record", 0, type_=sa.BigInteger())


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in the order: when (ms since 1970), then its id."""

    at: int
    id: int

    def __str__(self) -> str:
        return f"{self.at}.{self.id}"


@dataclass(frozen=True, slots=True)
class Deed:
    """An activity. `values` are those of its fields that the reader may read, by name; `who` whose it is."""

    entity: Entity
    id: int
    version: int
    title: str
    at: datetime | date | None
    who: Ref | None
    values: Mapping[str, Any]
    overdue: bool = False
    may_change: bool = False  # told of what is open only

    def told(self, part: str) -> Any:
        """The value of a part of the activity: outcome, text, length, place, people, color."""
        return self.values.get(getattr(self.entity.activity, part) or "")

    @property
    def files(self) -> tuple[FileRef, ...]:
        return tuple(v for v in self.values.values() if isinstance(v, FileRef))


Content = Event | Deed | Line | Received | FileRef


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `kind`: history, told, received, files, or the activity's entity."""

    place: Place
    kind: str
    content: Content

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.place.at / 1000, UTC)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Newest first. `older` is where the next page begins; None at the end."""

    entries: tuple[Entry, ...]
    older: Place | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a source found; before `until` it has not looked."""

    entries: list[Entry]
    until: Place | None = None


NOW = Place(2**52, 2**63 - 1)


def place_of(text: str | None) -> Place:
    """The place that an address names; what is none means the newest."""
    at, _, id = (text or "").partition(".")
    if all(part.isascii() and part.isdigit() and len(part) < 20 for part in (at, id)):
        return Place(min(int(at), NOW.at), min(int(id), NOW.id))
    return NOW


def kinds_of(reads: Reads, actor: Actor, entity: str) -> tuple[str, ...]:
    """What a timeline of this entity can be narrowed to."""
    return (*(child.name for child in activities(reads, actor, entity)), HISTORY, TOLD, CAME, FILES)


def timeline(
    reads: Reads, lent: Connection, actor: Actor, record: Record, most: int, before: Place = NOW,
    kind: str | None = None, without: frozenset[str] = frozenset(),
) -> Timeline:  # fmt: skip
    """What happened before a place: everything but what is told inside the program, or one kind. `record` was read by
    this actor on this very connection; of the activities `without` there are none, as was found with it."""
    asked = _Asked(reads, lent, actor, record, most + 1, before, without)
    found = list(asked.every() if kind is None else asked.of(kind))
    until = max((one.until for one in found if one.until is not None), default=None)
    entries = sorted((e for one in found for e in one.entries), key=lambda e: e.place, reverse=True)
    told = [e for e in entries if until is None or e.place >= until]
    if len(told) > most:
        return Timeline(tuple(told[:most]), told[most - 1].place)
    return Timeline(tuple(told), until)


def open_of(
    reads: Reads, lent: Connection, actor: Actor, record: Record, most: int, without: frozenset[str] = frozenset()
) -> list[Deed]:
    """What is planned about a record and not done: the earliest first, those without a moment last."""
    asked = _Asked(reads, lent, actor, record, most, NOW, without)
    kinds = [child for child in asked.kinds() if child.activity and child.activity.is_planned]
    deeds = [deed for child in kinds for deed in asked.open(child)]
    return sorted(deeds, key=lambda deed: (deed.at is None, asked.moment(deed.at)))[:most]


def deeds_of(reads: Reads, lent: Connection, actor: Actor, record: Record, refs: Iterable[Ref]) -> list[Deed]:
    """These activities about the record, as far as the actor may know them; in the order of `refs`."""
    asked, wanted = _Asked(reads, lent, actor, record, 1, NOW), list(refs)
    known = {child.name: child for child in activities(reads, actor, record.entity)}
    found = (asked.one(known[ref.entity], ref.id) for ref in wanted if ref.entity in known)
    return [deed for deed in found if deed is not None]


@dataclass(slots=True)
class _Asked:
    reads: Reads
    lent: Connection
    actor: Actor
    record: Record
    limit: int
    before: Place
    without: frozenset[str] = frozenset()

    def kinds(self) -> list[Entity]:
        known = activities(self.reads, self.actor, self.record.entity)
        return [child for child in known if child.name not in self.without]

    def every(self) -> Iterator[Found]:
        yield from (self.done(child) for child in self.kinds())
        yield self.history()
        yield self.told(to_people=False)
        yield self.came()

    def of(self, kind: str) -> Iterator[Found]:
        match kind:
            case "history":
                yield self.history()
            case "told":
                yield self.told()
            case "received":
                yield self.came()
            case "files":
                yield Found(list(self.own_files()))
                for child in self.kinds():
                    if _file_fields(child):
                        yield self.done(child, with_files=True)
            case _:
                yield from (self.done(child) for child in self.kinds() if child.name == kind)

    # ---- what is kept by id, whose order is that of time

    def history(self) -> Found:
        refs = (self.record.values.get(name) for name in ("owner", "created_by", "updated_by"))
        titles = {(ref.entity, ref.id): ref.title for ref in refs if ref is not None and ref.title is not None}
        events = history_of(
            self.reads, self.lent, self.actor, self.record.entity, self.record.id, titles, limit=self.limit,
            before=self._before_id(), values_at_start=False,
        )  # fmt: skip
        return self._by_id(HISTORY, events, events)

    def told(self, *, to_people: bool = True) -> Found:
        """Without `to_people` only what went out of the house."""
        lines = lines_of(self.reads, self.lent, self.actor, self.record, self.limit, self._before_id())
        return self._by_id(TOLD, lines, lines if to_people else [line for line in lines if line.kind != "app"])

    def came(self) -> Found:
        rows = received.of_record(self.lent, self.record.id, self.limit, self._before_id())
        return self._by_id(CAME, rows, rows)

    def _by_id(self, kind: str, looked_at: Any, told: Any) -> Found:
        entries = [Entry(_place(one.id), kind, one) for one in told]
        return Found(entries, _place(looked_at[-1].id) if len(looked_at) == self.limit else None)

    def _before_id(self) -> int:
        """All that has a lesser id lies before the place."""
        first = (self.before.at - EPOCH) * MILLISECOND
        return max(0, min(max(self.before.id, first), first + MILLISECOND, 2**63 - 1))

    def own_files(self) -> Iterator[Entry]:
        fields = self.reads.blueprint.entities[self.record.entity].fields_of(*FILE_TYPES)
        files = (self.record.values[field.name] for field in fields if field.name in self.record.values)
        for file in files:
            if file is not None and _place(file.id) < self.before:
                yield Entry(_place(file.id), FILES, file)

    # ---- activities

    def done(self, child: Entity, with_files: bool = False) -> Found:
        plan = self._plan(child, "files" if with_files else "done")
        day, edge = self._day()
        is_date = child.fields[child.activity.at].type == "date"  # type: ignore[union-attr]
        edges = {"day": day, "edge": edge} if is_date else {"at": self.before.at, "edge": self.before.id}
        rows = self._rows(plan, **edges, limit=self.limit)
        entries = [Entry(self._place_of(plan, row), child.name, self._deed(plan, child, row)) for row in rows]
        return Found(entries, entries[-1].place if len(rows) == self.limit else None)

    def open(self, child: Entity) -> list[Deed]:
        plan = self._plan(child, "open")
        return [self._deed(plan, child, row, is_open=True) for row in self._rows(plan, limit=self.limit)]

    def one(self, child: Entity, id: int) -> Deed | None:
        plan = self._plan(child, "one")
        return next((self._deed(plan, child, row) for row in self._rows(plan, edge=id, limit=1)), None)

    def _plan(self, child: Entity, which: str) -> _Plan:
        key = ("timeline", Who.of(self.actor), self.record.entity, child.name, which)
        return self.reads.kept(key, lambda: _planned(self, child, which), lambda made: made.prepared.lasting)

    def _rows(self, plan: _Plan, **given: Any) -> list[Row]:
        values = self.reads.values(self.actor, plan.prepared, record=self.record.id, **given)
        rows = self.lent.rows(plan.prepared.statement, values)
        return rows if plan.is_whole or not rows else fill(
            self.reads, self.lent, self.actor, plan.entity, plan.columns, rows
        )  # fmt: skip

    def _deed(self, plan: _Plan, child: Entity, row: Row, is_open: bool = False) -> Deed:
        values = {one.name: value_of(one, row) for one in plan.columns if one.name != "title"}
        named = row[plan.title] or f"{child.label} {row[ID]}"
        at = values[child.activity.at]  # type: ignore[union-attr]
        overdue = is_open and is_over(at, self.reads.clock(), self.actor.zone)
        who = values.get("owner") or values.get("created_by")
        return Deed(child, row[ID], row[VERSION], named, at, who, values, overdue, is_open and bool(row[-1]))

    def _place_of(self, plan: _Plan, row: Row) -> Place:
        raw = row[plan.moment]
        return Place(raw if isinstance(raw, int) else self.moment(date.fromisoformat(raw)), row[ID])

    def _day(self) -> tuple[str, int]:
        """The day of the place, where the reader is, and the id below which its own dates lie before the place: a date
        stands at the beginning of its day."""
        if self.before == NOW:
            return "9999-12-31", 0
        zone = self.reads.formats(self.actor).zoneinfo
        moment = datetime.fromtimestamp(self.before.at / 1000, UTC).astimezone(zone)
        started = moment.replace(hour=0, minute=0, second=0, microsecond=0) == moment
        if started:
            return moment.date().isoformat(), self.before.id
        return (moment.date() + timedelta(days=1)).isoformat(), 0

    def moment(self, at: datetime | date | None) -> int:
        """ms since 1970; 0 for none."""
        if at is None or isinstance(at, datetime):
            return milliseconds(at) if at else 0
        zone = self.reads.formats(self.actor).zoneinfo
        return milliseconds(datetime(at.year, at.month, at.day, tzinfo=zone))


def _place(id: int) -> Place:
    return Place(id // MILLISECOND + EPOCH, id)


# ---- the select of one entity of activities


@dataclass(frozen=True, slots=True)
class _Plan:
    prepared: Prepared
    columns: tuple[Shown, ...]
    entity: str
    title: int  # where it stands in a row
    moment: int
    is_whole: bool


def _planned(asked: _Asked, child: Entity, which: str) -> _Plan:
    scope = asked.reads.scope(asked.actor)
    row = scope.table(child.name)
    layout = Layout(scope, child.name, row)
    for name in _names(asked, child):
        layout.add(name)
    layout.put_title(*((title(scope, child.name, row),) if is_plain(scope, child.name) else (sa.null(), "title")))
    moment = _moment(scope, child, row)
    where, order = _order(scope, child, row, moment, which)
    limit = sa.bindparam("limit", 0, type_=sa.Integer())
    may = sa.case((scope.may("update", child.name, row), 1), else_=0) if which == "open" else sa.literal_column("0")
    select = sa.select(*layout.sql, moment, may).where(_about(scope, asked.record.entity, child, row), *where)
    select = select.where(scope.rows(child.name, row)).order_by(*order).limit(limit)
    prepared = prepare(select, asked.reads.dialect, scope.live)
    title_at = layout.shown[-1].stop - 1
    return _Plan(prepared, tuple(layout.shown), child.name, title_at, len(layout.sql), layout.is_whole)


def _names(asked: _Asked, child: Entity) -> list[str]:
    """The fields that an entry tells, of those that the actor may read."""
    activity, readable = child.activity, asked.reads.sight.fields(asked.actor.role, child.name)
    assert activity is not None
    parts = (activity.at, activity.outcome, activity.text, activity.length, activity.ends, activity.place,
             activity.people, activity.color)  # fmt: skip
    stages = [field.name for field in child.fields_of("stage")]
    files = [field.name for field in _file_fields(child)]
    wanted = [*(part for part in parts if part), *stages, *files, "owner", "created_by"]
    return [name for name in dict.fromkeys(wanted) if name in readable]


def _file_fields(child: Entity) -> tuple[Field, ...]:
    return child.fields_of(*FILE_TYPES)


def _about(scope: Scope, entity: str, child: Entity, row: Any) -> Sql:
    field = child.fields[child.activity.about]  # type: ignore[union-attr]
    return pointing(scope.columns(field, child.name, row), field, entity, RECORD)


def _moment(scope: Scope, child: Entity, row: Any) -> Sql:
    """When it was; of what has a moment and was given none, when it was written."""
    field = child.fields[child.activity.at]  # type: ignore[union-attr]
    column = scope.columns(field, child.name, row)[0]
    return column if field.type == "date" or field.system else sa.func.coalesce(column, row.c.created_at)


def _order(scope: Scope, child: Entity, row: Any, moment: Sql, which: str) -> tuple[list[Sql], list[Sql]]:
    done = child.activity.done_when or ALWAYS  # type: ignore[union-attr]
    edge = sa.bindparam("edge", 0, type_=sa.BigInteger())
    if which == "one":
        return [row.c.id == edge], []
    if which == "open":
        at = scope.columns(child.fields[child.activity.at], child.name, row)[0]  # type: ignore[union-attr]
        return [scope.holds(Not(done), child.name, row)], [at.is_(None), at, row.c.id]
    where = [scope.holds(done, child.name, row), _earlier(child, moment, row, edge)]
    if which == "files":
        held = (scope.columns(field, child.name, row)[0].is_not(None) for field in _file_fields(child))
        where.append(sa.or_(sa.false(), *held))
    return where, [moment.desc(), row.c.id.desc()]


def _earlier(child: Entity, moment: Sql, row: Any, edge: Any) -> Sql:
    if child.fields[child.activity.at].type == "date":  # type: ignore[union-attr]
        day = sa.bindparam("day", "", type_=sa.Text())
        return sa.or_(moment < day, sa.and_(moment == day, row.c.id < edge))
    at = sa.bindparam("at", 0, type_=sa.BigInteger())
    return sa.or_(moment < at, sa.and_(moment == at, row.c.id < edge))


__all__ = [
    "CAME", "FILES", "HISTORY", "NOW", "TOLD", "Deed", "Entry", "Place", "Timeline", "deeds_of", "kinds_of", "open_of",
    "place_of", "timeline",
]  # fmt: skip
