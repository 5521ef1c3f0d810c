"""What is to be done next about records, and what was done last: for a page of records at once.

One select for each entity of activities, whatever the number of records. An activity that the reader may not read is not
there; nor are those of an entity that hides from him when they are, what they are about or whether they are done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import FromClause

from engine.actor import Actor
from engine.blueprint.conditions import ALWAYS, Not
from engine.blueprint.entities import Activity, Entity
from engine.blueprint.values import Ref
from engine.errors import BadRequest
from engine.parts import field_type
from engine.records.columns import ID, Row
from engine.records.database import Connection
from engine.records.late import id_places, in_places
from engine.records.read import Reads
from engine.records.scope import Scope, Sql, Who
from engine.records.statement import Prepared, prepare
from engine.records.titles import is_plain, title

ABOUT, TITLE, AT = 1, 2, 3  # of a row, after the activity's id


@dataclass(frozen=True, slots=True)
class Ahead:
    """An activity about a record. `at` is a moment (UTC) or a date, as its field has it; None when nobody said when.
    `overdue`: it is not done and its time is over; a date is over when the reader's day is."""

    entity: str
    id: int
    title: str
    at: datetime | date | None
    overdue: bool = False


def ahead(reads: Reads, lent: Connection, actor: Actor, entity: str, ids: Sequence[int]) -> dict[int, Ahead]:
    """By record: the earliest activity that is not done; those without a moment come last. `ids` are records that the
    actor was shown."""
    kinds = [child for child in _readable(reads, actor, entity) if _activity(child).is_planned]
    return _chosen(reads, lent, actor, entity, kinds, ids, latest=False)


def last_activity(reads: Reads, lent: Connection, actor: Actor, entity: str, ids: Sequence[int]) -> dict[int, Ahead]:
    """By record: the latest activity that is done; what was planned counts by the moment for which it was planned."""
    return _chosen(reads, lent, actor, entity, _readable(reads, actor, entity), ids, latest=True)


def activities(reads: Reads, actor: Actor, entity: str) -> tuple[Entity, ...]:
    """The activities about records of `entity` of which this actor may know when they are and whether they are done."""
    key = ("activities", actor.role, actor.only, entity)
    return reads.kept(key, lambda: tuple(_readable(reads, actor, entity)))


def _readable(reads: Reads, actor: Actor, entity: str) -> Iterator[Entity]:
    for child in reads.blueprint.activities_about(entity):
        if reads.sight.may_open(actor, child.name) and _is_told(reads, actor, child):
            yield child


def _is_told(reads: Reads, actor: Actor, child: Entity) -> bool:
    activity, readable = _activity(child), reads.sight.fields(actor.role, child.name)
    try:
        reads.sight.check(actor.role, child.name, activity.done_when or ALWAYS)
    except BadRequest:
        return False
    return activity.about in readable and activity.at in readable


def _activity(child: Entity) -> Activity:
    assert child.activity is not None
    return child.activity


# ---- one select for each entity of activities


def _chosen(
    reads: Reads, lent: Connection, actor: Actor, entity: str, kinds: Iterable[Entity], ids: Sequence[int], latest: bool
) -> dict[int, Ahead]:  # fmt: skip
    found: dict[int, Ahead] = {}
    for child in kinds if ids else ():
        for record, one in _of_kind(reads, lent, actor, entity, child, ids, latest):
            known = found.get(record)
            if known is None or _before(reads, actor, one, known) is not latest:
                found[record] = one
    return found


def _of_kind(
    reads: Reads, lent: Connection, actor: Actor, entity: str, child: Entity, ids: Sequence[int], latest: bool
) -> list[tuple[int, Ahead]]:  # fmt: skip
    rows = [row for piece in in_places(list(ids)) for row in _rows(reads, lent, actor, entity, child, piece, latest)]
    missing = [Ref(child.name, row[ID]) for row in rows if row[TITLE] is None]
    titles = reads.titles(actor, missing, lent) if missing else {}
    return [
        (row[ABOUT], _told(reads, actor, child, row, row[TITLE] or titles.get((child.name, row[ID]), ""), latest))
        for row in rows
    ]


def _rows(
    reads: Reads, lent: Connection, actor: Actor, entity: str, child: Entity, piece: list[int], latest: bool
) -> list[Row]:  # fmt: skip
    key = ("ahead", Who.of(actor), entity, child.name, len(piece), latest)
    prepared = reads.kept(
        key, lambda: _prepared(reads, actor, entity, child, len(piece), latest), lambda made: made.lasting
    )
    values = reads.values(actor, prepared, **{f"id{i}": id for i, id in enumerate(piece)})
    return lent.rows(prepared.statement, values)


def _prepared(reads: Reads, actor: Actor, entity: str, child: Entity, places: int, latest: bool) -> Prepared:
    scope, activity = reads.scope(actor), _activity(child)
    row = scope.table(child.name)
    about, at = _about(scope, entity, child, row), _at(scope, child, row)
    order = (at.desc(), row.c.id.desc()) if latest else (at.is_(None), at, row.c.id)
    rank = sa.func.row_number().over(partition_by=about[0], order_by=order).label("rank")
    done = activity.done_when or ALWAYS
    named = title(scope, child.name, row) if is_plain(scope, child.name) else sa.null()
    ranked = (
        sa.select(row.c.id, about[0].label("about"), named.label("title"), at.label("at"), rank)
        .where(about[0].in_(id_places(places)), *about[1:], scope.rows(child.name, row))
        .where(scope.holds(done if latest else Not(done), child.name, row), *([at.is_not(None)] if latest else []))
        .subquery("ranked")
    )
    columns = (ranked.c.id, ranked.c.about, ranked.c.title, ranked.c.at)
    return prepare(sa.select(*columns).where(ranked.c.rank == sa.literal_column("1")), reads.dialect, scope.live)


def _about(scope: Scope, entity: str, child: Entity, row: FromClause) -> list[Sql]:
    """The column with the record's number, and the test that it is one of `entity`."""
    field = child.fields[_activity(child).about]
    columns = sorted(scope.columns(field, child.name, row), key=lambda c: isinstance(c.type, sa.String))
    return [columns[0], *(word == entity for word in columns[1:])]


def _at(scope: Scope, child: Entity, row: FromClause) -> Sql:
    return scope.columns(child.fields[_activity(child).at], child.name, row)[0]


# ---- when


def _told(reads: Reads, actor: Actor, child: Entity, row: Row, named: str, done: bool) -> Ahead:
    field = child.fields[_activity(child).at]
    at = field_type(field.type).load(field, (row[AT],))
    return Ahead(child.name, row[ID], named, at, not done and is_over(at, reads.clock(), actor.zone))


def is_over(at: datetime | date | None, now: datetime, zone: str) -> bool:
    """Whether a moment has gone by, or a date's whole day where `zone` is."""
    if at is None or isinstance(at, datetime):
        return at is not None and at < now
    return at < now.astimezone(ZoneInfo(zone)).date()


def _before(reads: Reads, actor: Actor, one: Ahead, other: Ahead) -> bool:
    return _moment(one.at, actor.zone) < _moment(other.at, actor.zone)


def _moment(at: datetime | date | None, zone: str) -> tuple[bool, datetime]:
    """For sorting: a date stands at the beginning of its day; what has no moment comes after all that have."""
    if at is None:
        return True, datetime.min.replace(tzinfo=UTC)
    return False, at if isinstance(at, datetime) else datetime.combine(at, time(), ZoneInfo(zone))


__all__ = ["Ahead", "activities", "ahead", "is_over", "last_activity"]
