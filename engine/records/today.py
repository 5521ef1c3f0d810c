"""A person's day: what they attend to that is overdue, due today or tomorrow, and what has no next step.

- A *worked* entity names its next step (`next_step`); of its records those in an open stage are told. A *planned*
  activity (a task, an appointment) is told until it is done; one belongs to its owner and to those who take part.
- Which lines there are, and how many, is one statement for all entities: each branch walks an index by owner, stage and
  moment and stops at its limit. What a line shows is one more statement for each entity that has lines.
- A field or an entity that the reader may not read makes no line; every branch stands within the reader's scope.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field as dataclass_field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import FromClause

from engine.actor import Actor
from engine.blueprint.conditions import ALWAYS, Condition, Not, Test, Word
from engine.blueprint.entities import Activity, Entity, Field
from engine.blueprint.values import Ref
from engine.errors import BadRequest
from engine.formats import Formats
from engine.parts import field_type
from engine.parts.moments import start_of
from engine.records.ahead import activities
from engine.records.database import Connection
from engine.records.keys import EPOCH, MILLISECOND, milliseconds
from engine.records.read import Reads
from engine.records.scope import Scope, Sql, Who, pointing, there_is
from engine.records.statement import Prepared, prepare
from engine.records.tables import linked

OVERDUE, TODAY, TOMORROW, NONE = "overdue", "today", "tomorrow", "none"
BUCKETS = (OVERDUE, TODAY, TOMORROW, NONE)
LOGGED = "logged"  # what was done today
SHOWN = 50  # lines of each bucket and entity
MOST = 200
COUNTED = 1_001
WHOSE = sa.bindparam("whose", 0, type_=sa.BigInteger())


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to attend to. `at` is a moment (UTC) or a date, as its field has it; None without a next step.
    `about` is the record that an activity is about, when the reader may know it."""

    bucket: str
    entity: str
    id: int
    at: datetime | date | None
    about: Ref | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """`counts` stop at COUNTED for each entity; `done`: what was logged or finished today."""

    lines: Mapping[str, tuple[Due, ...]]
    counts: Mapping[str, int]
    done: int = 0

    @property
    def attended(self) -> tuple[Due, ...]:
        """Of until today, in the order in which it is worked through: overdue, today, what has no next step."""
        return (*self.lines[OVERDUE], *self.lines[TODAY], *self.lines[NONE])

    @property
    def queue(self) -> tuple[Due, ...]:
        """What can be attended to now. What has its hour waits for it: who was just called and is to be called again at
        noon is not called before, whatever else is done."""
        at_no_hour = (due for due in self.lines[TODAY] if not isinstance(due.at, datetime))
        return (*self.lines[OVERDUE], *at_no_hour, *self.lines[NONE])

    @property
    def later(self) -> tuple[Due, ...]:
        """What has its hour today, and that is to come."""
        return tuple(due for due in self.lines[TODAY] if isinstance(due.at, datetime))

    @property
    def left(self) -> int:
        return self.counts[OVERDUE] + self.counts[TODAY]


def has_day(reads: Reads, actor: Actor) -> bool:
    """Whether there is anything that this person could attend to."""
    return bool(_kinds(reads, actor))


def works_alone(reads: Reads, actor: Actor) -> bool:
    """Whether all that this person could attend to is their own: nobody's day is theirs to watch."""
    scopes = {reads.sight.scope(actor, kind.entity.name, "read") for kind in _kinds(reads, actor) if kind.activity is None}
    return bool(scopes) and scopes == {Test("owner", "is", Word("me"))}


def may_watch(reads: Reads, lent: Connection, actor: Actor, whose: int) -> bool:
    """Whether it is one's own day, or that of somebody below whom one may know."""
    if whose == actor.user:
        return True
    below = Test("id", "in", Word("my subordinates"))
    return reads.allowed(actor, "read", "user", whose, lent) and reads.holds(lent, actor, "user", whose, below)


def day_of(
    reads: Reads, lent: Connection, actor: Actor, whose: int, most: int = SHOWN, bucket: str | None = None
) -> Day:
    """The day of the person `whose`, as far as `actor` may see it. `bucket`: only its lines are wanted, up to `most`."""
    prepared = reads.kept(("day", Who.of(actor)), lambda: _prepared(reads, actor), lambda made: made.lasting)
    rows = []
    if prepared is not NO_DAY:
        limits = {f"most_{one}": most if bucket in (None, one) else 0 for one in BUCKETS}
        values = reads.values(actor, prepared, whose=whose, **_bounds(reads.clock(), reads.formats(actor)), **limits)
        rows = lent.rows(prepared.statement, values)
    return _told(reads, actor, rows)


# ---- when


def _bounds(now: datetime, formats: Formats) -> dict[str, Any]:
    """The edges of the buckets, as moments and as dates of the reader's zone."""
    today = now.astimezone(formats.zoneinfo).date()
    days = [today + timedelta(days=n) for n in range(3)]
    starts = [milliseconds(start_of(day, formats.zoneinfo)) for day in days]
    return {
        "now": milliseconds(now), "today": starts[0], "tomorrow": starts[1], "after": starts[2],
        "day_today": days[0].isoformat(), "day_tomorrow": days[1].isoformat(), "day_after": days[2].isoformat(),
        "first_id": (starts[0] - EPOCH) * MILLISECOND,
    }  # fmt: skip


def _between(field: Field, column: Sql, bucket: str) -> tuple[Sql, ...]:
    """That the next step is in this bucket. A date is over when its day is."""
    if bucket == NONE:
        return (column.is_(None),)
    if field.type == "date":
        edges = {OVERDUE: (None, "day_today"), TODAY: ("day_today", "day_tomorrow"), TOMORROW: ("day_tomorrow", "day_after")}
    else:
        edges = {OVERDUE: (None, "now"), TODAY: ("now", "tomorrow"), TOMORROW: ("tomorrow", "after")}
    start, end = edges[bucket]
    kind: Any = sa.Text() if field.type == "date" else sa.BigInteger()
    found = [column < sa.bindparam(end, None, type_=kind)]
    if start is not None:
        found.append(column >= sa.bindparam(start, None, type_=kind))
    return tuple(found)


# ---- the kinds of things that one attends to


@dataclass(frozen=True, slots=True)
class Kind:
    """An entity whose records make lines: `at` tells when, `open` which of them are not over."""

    entity: Entity
    at: Field
    stages: tuple[str, tuple[str, ...]] | None  # the stage field, and its open stages
    open: Condition = ALWAYS
    activity: Activity | None = None


def _kinds(reads: Reads, actor: Actor) -> tuple[Kind, ...]:
    return reads.kept(("day's kinds", actor.role, actor.only), lambda: tuple(_found(reads, actor)))


def _found(reads: Reads, actor: Actor) -> Iterator[Kind]:
    for entity in reads.blueprint.entities.values():
        if not entity.owned or not reads.sight.may_open(actor, entity.name):
            continue
        fields = reads.sight.fields(actor.role, entity.name)
        stage = next((f for f in entity.fields_of("stage") if f.name in fields), None)
        if entity.next_step in fields:
            yield Kind(entity, fields[entity.next_step], _open(stage))
        elif entity.activity and entity.activity.is_planned and entity.activity.at in fields:
            yield from _planned(reads, actor, entity, entity.activity, fields, stage)


def _planned(
    reads: Reads, actor: Actor, entity: Entity, activity: Activity, fields: Mapping[str, Field], stage: Field | None
) -> Iterator[Kind]:  # fmt: skip
    done = activity.done_when or ALWAYS
    try:
        reads.sight.check(actor.role, entity.name, done)
    except BadRequest:
        return
    at = fields[activity.at]
    over = _over(done, stage)
    if over is None:
        yield Kind(entity, at, None, Not(done), activity)
    else:
        yield Kind(entity, at, _open(stage, over), activity=activity)


def _over(done: Condition, stage: Field | None) -> frozenset[str] | None:
    """The stages in which it is done, when that is all that the condition says: an index knows the others."""
    if stage is None or not isinstance(done, Test) or done.field != stage.name or done.operator not in ("is", "in"):
        return None
    return frozenset((done.value,) if done.operator == "is" else done.value)


def _open(stage: Field | None, over: frozenset[str] = frozenset()) -> tuple[str, tuple[str, ...]] | None:
    if stage is None:
        return None
    open = (c.value for c in stage.options["stages"] if (c.value not in over if over else not c.ends))
    return stage.name, tuple(open)


# ---- one statement for all of it


def _prepared(reads: Reads, actor: Actor) -> Prepared:
    scope = reads.scope(actor)
    branches = [branch for kind in _kinds(reads, actor) for branch in _branches(reads, actor, scope, kind)]
    branches += _logged(reads, actor, scope)
    if not branches:
        return NO_DAY
    return prepare(sa.union_all(*branches), reads.dialect, scope.live)


def _branches(reads: Reads, actor: Actor, scope: Scope, kind: Kind) -> Iterator[sa.Select[Any]]:
    for bucket in BUCKETS:
        if bucket == NONE and kind.activity is not None:
            continue  # an activity without a moment waits in its list
        for people in (False, True) if _has_people(kind) else (False,):
            yield _lines(reads, actor, scope, kind, bucket, people)
        yield _count(reads, actor, scope, kind, bucket)


def _has_people(kind: Kind) -> bool:
    name = kind.activity.people if kind.activity else None
    return name is not None and linked(kind.entity.fields[name])


def _lines(reads: Reads, actor: Actor, scope: Scope, kind: Kind, bucket: str, people: bool) -> sa.Select[Any]:
    limit = sa.bindparam(f"most_{bucket}", 0, type_=sa.Integer())
    each = [
        _of_stage(reads, actor, scope, kind, bucket, people, stage, limit) for stage in _stages(kind, people)
    ]  # fmt: skip
    some = sa.union_all(*each).subquery() if len(each) > 1 else each[0].subquery()
    order = (some.c.id.desc(),) if bucket == NONE else (some.c.at, some.c.id)
    chosen = sa.select(*some.c).order_by(*order).limit(limit).subquery()
    return sa.select(*chosen.c)


def _stages(kind: Kind, people: bool = False) -> tuple[str | None, ...]:
    """One select for each open stage: an index has the rows of each in order, and stops. Of four stages at once SQLite
    would rather walk all that somebody owns."""
    return kind.stages[1] if kind.stages is not None and not people else (None,)


def _of_stage(
    reads: Reads, actor: Actor, scope: Scope, kind: Kind, bucket: str, people: bool, stage: str | None, limit: Any
) -> sa.Select[Any]:
    row = scope.table(kind.entity.name)
    at = scope.columns(kind.at, kind.entity.name, row)[0]
    about, word = _about(reads, actor, scope, kind, row)
    columns = (
        sa.literal(kind.entity.name, sa.Text()).label("entity"), sa.literal(bucket, sa.Text()).label("bucket"),
        row.c.id.label("id"), sa.cast(at, sa.Text()).label("at"), about.label("about"), word.label("word"),
    )  # fmt: skip
    where = _where(reads, actor, scope, kind, row, at, bucket, people, stage)
    order = (row.c.id.desc(),) if bucket == NONE else (at, row.c.id)
    some = sa.select(*columns).where(*where).order_by(*order).limit(limit).subquery()
    return sa.select(*some.c)


def _count(reads: Reads, actor: Actor, scope: Scope, kind: Kind, bucket: str) -> sa.Select[Any]:
    """In the place of the id; of what is one's own. Those that one only takes part in are lines and no more."""
    each = [_counted(reads, actor, scope, kind, bucket, stage) for stage in _stages(kind)]
    return _number(kind.entity.name, f"count {bucket}", sa.union_all(*each) if len(each) > 1 else each[0])


def _counted(
    reads: Reads, actor: Actor, scope: Scope, kind: Kind, bucket: str, stage: str | None
) -> sa.Select[Any]:
    row = scope.table(kind.entity.name)
    at = scope.columns(kind.at, kind.entity.name, row)[0]
    where = _where(reads, actor, scope, kind, row, at, bucket, False, stage)
    some: sa.Select[Any] = sa.select(sa.literal_column("1").label("one")).select_from(row)
    return sa.select(some.where(*where).limit(COUNTED).subquery())


def _number(entity: str, what: str, some: Any) -> sa.Select[Any]:
    columns: tuple[Sql, ...] = (
        sa.literal(entity, sa.Text()), sa.literal(what, sa.Text()), sa.func.count(),
        sa.cast(sa.null(), sa.Text()), sa.cast(sa.null(), sa.BigInteger()), sa.cast(sa.null(), sa.Text()),
    )  # fmt: skip
    return sa.select(*columns).select_from(some.subquery())


def _where(
    reads: Reads, actor: Actor, scope: Scope, kind: Kind, row: FromClause, at: Sql, bucket: str, people: bool,
    stage: str | None,
) -> list[Sql]:  # fmt: skip
    where = [_theirs(scope, kind, row, people), *_between(kind.at, at, bucket), scope.rows(kind.entity.name, row)]
    if kind.stages is not None:
        name, stages = kind.stages
        some = [sa.literal(one, sa.Text()) for one in stages]
        where.append(row.c[name] == sa.literal(stage, sa.Text()) if stage is not None else row.c[name].in_(some))
    if kind.open != ALWAYS:
        where.append(scope.holds(kind.open, kind.entity.name, row))
    if bucket == NONE:
        where += _nothing_ahead(reads, actor, scope, kind.entity, row)
    return where


def _theirs(scope: Scope, kind: Kind, row: FromClause, people: bool) -> Sql:
    if not people:
        return row.c.owner == WHOSE
    assert kind.activity is not None and kind.activity.people is not None
    link = scope.link(kind.entity.fields[kind.activity.people], kind.entity.name, row)
    return row.c.id.in_(sa.select(link.c.record_id).where(link.c.target_id == WHOSE).correlate_except(link))


def _nothing_ahead(reads: Reads, actor: Actor, scope: Scope, entity: Entity, row: FromClause) -> Iterator[Sql]:
    """No activity about it is still to be done, as far as the reader may know."""
    for child in activities(reads, actor, entity.name):
        assert child.activity is not None
        if child.activity.is_planned:
            there = scope.table(child.name)
            about = scope.columns(child.fields[child.activity.about], child.name, there)
            here = pointing(about, child.fields[child.activity.about], entity.name, row.c.id)
            still = scope.holds(Not(child.activity.done_when or ALWAYS), child.name, there)
            yield sa.not_(there_is(there, here, scope.rows(child.name, there), still))


def _about(reads: Reads, actor: Actor, scope: Scope, kind: Kind, row: FromClause) -> tuple[Sql, Sql]:
    nothing = sa.cast(sa.null(), sa.BigInteger()), sa.cast(sa.null(), sa.Text())
    if kind.activity is None or kind.activity.about not in reads.sight.fields(actor.role, kind.entity.name):
        return nothing
    field = kind.entity.fields[kind.activity.about]
    columns = sorted(scope.columns(field, kind.entity.name, row), key=lambda c: isinstance(c.type, sa.String))
    return columns[0], columns[1] if len(columns) > 1 else sa.literal(field.options["entity"], sa.Text())


# ---- what was done today


def _logged(reads: Reads, actor: Actor, scope: Scope) -> Iterator[sa.Select[Any]]:
    """Activities with an outcome that were written today, and planned ones of today that are done. Ids tell the day."""
    for entity in reads.blueprint.entities.values():
        activity = entity.activity
        if activity is None or not entity.owned or not reads.sight.may_open(actor, entity.name):
            continue
        row = scope.table(entity.name)
        where = [row.c.owner == WHOSE, scope.rows(entity.name, row)]
        if not activity.is_planned and activity.outcome is not None:
            where.append(row.c.id >= sa.bindparam("first_id", 0, type_=sa.BigInteger()))
        elif activity.is_planned and _tells(reads, actor, entity, activity):
            at = scope.columns(entity.fields[activity.at], entity.name, row)[0]
            where += _of_today(entity.fields[activity.at], at)
            where.append(scope.holds(activity.done_when or ALWAYS, entity.name, row))
        else:
            continue
        some: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(row).where(*where).limit(COUNTED)
        yield _number(entity.name, LOGGED, some)


def _tells(reads: Reads, actor: Actor, entity: Entity, activity: Activity) -> bool:
    return any(kind.entity.name == entity.name for kind in _kinds(reads, actor)) and activity.at in entity.fields


def _of_today(field: Field, column: Sql) -> tuple[Sql, Sql]:
    is_date = field.type == "date"
    kind: Any = sa.Text() if is_date else sa.BigInteger()
    names = ("day_today", "day_tomorrow") if is_date else ("today", "tomorrow")
    return column >= sa.bindparam(names[0], None, type_=kind), column < sa.bindparam(names[1], None, type_=kind)


# ---- what the rows tell


def _told(reads: Reads, actor: Actor, rows: Sequence[Any]) -> Day:
    kinds = {kind.entity.name: kind for kind in _kinds(reads, actor)}
    lines: dict[str, dict[tuple[str, int], Due]] = {bucket: {} for bucket in BUCKETS}
    counts, done = dict.fromkeys(BUCKETS, 0), 0
    for entity, what, id, at, about, word in rows:
        if what == LOGGED:
            done += id
        elif what.startswith("count "):
            counts[what.removeprefix("count ")] += id
        else:
            ref = Ref(word, about) if about is not None and word else None
            lines[what][entity, id] = Due(what, entity, id, _moment(kinds[entity].at, at), ref)
    zone = reads.formats(actor).zoneinfo
    ordered = {
        bucket: tuple(sorted(found.values(), key=lambda due: _place(due, zone))) for bucket, found in lines.items()
    }
    counts = {bucket: max(counts[bucket], len(ordered[bucket])) for bucket in BUCKETS}
    return Day(ordered, counts, done)


def _moment(field: Field, raw: str | None) -> Any:
    if raw is None:
        return None
    return field_type(field.type).load(field, (raw if field.type == "date" else int(raw),))


def _place(due: Due, zone: Any) -> tuple[Any, ...]:
    """In the order of their moments; what has none, newest first."""
    if due.at is None:
        return (0, -due.id)
    moment = due.at if isinstance(due.at, datetime) else start_of(due.at, zone)
    return (moment.astimezone(UTC), due.id)


@dataclass(frozen=True, slots=True)
class _NoDay:
    lasting: bool = True
    live: tuple[Any, ...] = ()
    statement: Any = dataclass_field(default=None)


NO_DAY: Any = _NoDay()

__all__ = ["BUCKETS", "COUNTED", "Day", "Due", "day_of", "has_day", "may_watch", "works_alone"]
