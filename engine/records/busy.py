"""When people are busy: by what the actor may read of their events; and, where his role has the right `free_busy`, by the
bare times of all that they have planned, whatever it is.

Only what takes time makes busy: an activity with a length or an end, that is planned and not done. Of what the actor may
not read nothing but its time leaves this file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import FromClause

from engine.actor import Actor
from engine.blueprint.conditions import ALWAYS, AllOf, Not, Test, Word
from engine.blueprint.entities import Activity, Entity
from engine.parts import field_type
from engine.parts.moments import milliseconds
from engine.records.calendar import LONGEST, Event, Wanted, events, kinds_of, place_text
from engine.records.columns import ID
from engine.records.database import Connection
from engine.records.query import Query
from engine.records.read import Reads
from engine.records.scope import Scope, Who
from engine.records.statement import Prepared, prepare
from engine.rules.free import Taken

MOST_BLOCKS = 5_000


@dataclass(frozen=True, slots=True)
class Busy:
    """`event` is None where the actor may not know what it is."""

    user: int
    starts: datetime
    ends: datetime
    event: Event | None = None

    @property
    def span(self) -> Taken:
        return self.starts, self.ends


def busy(
    reads: Reads, actor: Actor, people: Sequence[int], since: datetime, until: datetime, first: date, last: date,
    lent: Connection,
) -> list[Busy]:  # fmt: skip
    """Of those of `people` of whom the actor may know. `first` and `last`: the days of the same time."""
    kinds = [kind for kind in kinds_of(reads, actor) if _takes_time(kind.entity)]
    found = events(reads, actor, kinds, Wanted(first, last, since, until, tuple(people)), lent)
    known = [one for event in found.events for one in _of_event(event, people)]
    seen = {(one.user, one.starts, one.ends) for one in known}
    open_to = _seen_busy(reads, actor, people, lent)
    bare = (one for entity in _entities(reads) for one in _bare(reads, actor, entity, open_to, since, until, lent))
    return [*known, *(one for one in dict.fromkeys(bare) if (one.user, one.starts, one.ends) not in seen)]


def in_place(
    reads: Reads, actor: Actor, place: str, since: datetime, until: datetime, first: date, last: date, lent: Connection
) -> list[Taken]:
    """When a room is taken, as far as the actor may read."""
    kinds = [k for k in kinds_of(reads, actor) if _takes_time(k.entity) and k.activity is not None and k.activity.place]
    found = events(reads, actor, kinds, Wanted(first, last, since, until), lent)
    return [b.span for e in found.events if place_text(e.place).casefold() == place.casefold() for b in _of_event(e, (0,))]


def _takes_time(entity: Entity) -> bool:
    activity = entity.activity
    return activity is not None and activity.is_planned and bool(activity.length or activity.ends)


def _of_event(event: Event, people: Sequence[int]) -> Iterator[Busy]:
    if event.done or event.cancelled or not isinstance(event.starts, datetime) or not isinstance(event.ends, datetime):
        return
    whose = {*([event.owner.id] if event.owner is not None else ()), *(person.id for person in event.people)}
    for user in people:
        if user in whose or user == 0:
            yield Busy(user, event.starts, event.ends, event)


# ---- the bare times


def _entities(reads: Reads) -> Iterator[Entity]:
    return (e for e in reads.blueprint.entities.values() if _takes_time(e) and e.owned)


def _seen_busy(reads: Reads, actor: Actor, people: Sequence[int], lent: Connection) -> list[int]:
    """Those whose busy times the actor's role may know without reading what they do."""
    role = reads.blueprint.roles.get(actor.role)
    right = role.free_busy if role is not None and actor.only is None else "none"
    if right == "all":
        return list(people)
    if right != "team" or not people or not reads.sight.may_open(actor, "user"):
        return []
    mine = AllOf((Test("id", "in", tuple(people)), Test("id", "in", Word("my team"))))
    page = reads.page(actor, Query("user", ("title",), mine, None, (), len(people)), connection=lent)
    return [row[ID] for row in page.rows]


def _bare(
    reads: Reads, actor: Actor, entity: Entity, people: Sequence[int], since: datetime, until: datetime, lent: Connection
) -> Iterator[Busy]:
    if not people:
        return
    key = ("busy", Who.of(actor), entity.name, len(people))
    prepared = reads.kept(key, lambda: _prepared(reads, actor, entity, len(people)), lambda made: made.lasting)
    named = {f"person{n}": id for n, id in enumerate(people)}
    values = reads.values(
        actor, prepared, back=milliseconds(since - LONGEST), since=milliseconds(since), until=milliseconds(until), **named
    )
    for row in lent.rows(prepared.statement, values):
        one = _block(entity, row)
        if one is not None and one.ends > since:
            yield one


def _prepared(reads: Reads, actor: Actor, entity: Entity, places: int) -> Prepared:
    scope, activity = reads.scope(actor), _activity(entity)
    row = scope.table(entity.name)
    at, over = _column(scope, entity, row, activity.at), _column(scope, entity, row, activity.length or activity.ends or "")
    back, until = (sa.bindparam(name, 0, type_=sa.BigInteger()) for name in ("back", "until"))
    people = [sa.bindparam(f"person{n}", 0, type_=sa.BigInteger()) for n in range(places)]
    select = (
        sa.select(row.c.owner, at, over)
        .where(row.c.deleted_at.is_(None), row.c.owner.in_(people), at >= back, at < until, over.is_not(None))
        .where(scope.holds(Not(activity.done_when or ALWAYS), entity.name, row))
        .order_by(at).limit(MOST_BLOCKS)
    )  # fmt: skip
    return prepare(select, reads.dialect, scope.live)


def _column(scope: Scope, entity: Entity, row: FromClause, name: str) -> Any:
    return scope.columns(entity.fields[name], entity.name, row)[0]


def _block(entity: Entity, row: tuple[Any, ...]) -> Busy | None:
    activity = _activity(entity)
    owner, at, over = row
    starts = field_type("datetime").load(entity.fields[activity.at], (at,))
    if entity.fields[activity.at].type != "datetime" or not over:
        return None
    if activity.length:
        return Busy(owner, starts, starts + timedelta(seconds=over))
    ends = field_type("datetime").load(entity.fields[activity.ends or ""], (over,))
    return Busy(owner, starts, ends) if ends > starts else None


def _activity(entity: Entity) -> Activity:
    assert entity.activity is not None
    return entity.activity


def by_person(found: Iterable[Busy]) -> Mapping[int, list[Busy]]:
    told: dict[int, list[Busy]] = {}
    for one in found:
        told.setdefault(one.user, []).append(one)
    return told


__all__ = ["Busy", "busy", "by_person", "in_place"]
