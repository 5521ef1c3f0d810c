"""What a line of work shows of a record beside its title: how to reach the client, its stage, when it came.

One select for each entity, whatever the number of records; a field that the reader may not read is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from engine.actor import Actor
from engine.blueprint.entities import Choice, Entity, Field
from engine.blueprint.values import Ref
from engine.errors import BadRequest
from engine.records.columns import ID, VERSION, Layout, value_of
from engine.records.database import Connection
from engine.records.late import id_places, in_places
from engine.records.lists import Listed
from engine.records.read import Reads
from engine.records.scope import Who
from engine.records.statement import prepare


@dataclass(frozen=True, slots=True)
class Face:
    """`phone` and `email` are the first of the client's that are filled; None where the client refuses them or the reader
    may not know them. `refuses`: what the client wants none of, `phone` or `email`."""

    entity: str
    id: int
    version: int
    title: str
    created_at: datetime | None = None
    phone: str | None = None
    email: str | None = None
    refuses: frozenset[str] = frozenset()
    stage: Choice | None = None
    next_step: datetime | date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Which columns of the select are for what."""

    listed: Listed
    reach: Mapping[str, tuple[str, ...]]
    refuses: Mapping[str, str]
    stage: Field | None


def faces(reads: Reads, lent: Connection, actor: Actor, refs: Iterable[Ref]) -> dict[tuple[str, int], Face]:
    """By (entity, id), of those records that the actor may read."""
    by_entity: dict[str, set[int]] = {}
    for ref in refs:
        by_entity.setdefault(ref.entity, set()).add(ref.id)
    found: dict[tuple[str, int], Face] = {}
    for entity, ids in by_entity.items():
        if reads.sight.may_open(actor, entity):
            found.update(_of_entity(reads, lent, actor, entity, sorted(ids)))
    return found


def _of_entity(
    reads: Reads, lent: Connection, actor: Actor, entity: str, ids: list[int]
) -> Iterator[tuple[tuple[str, int], Face]]:
    for chunk in in_places(ids):
        plan = _plan(reads, actor, entity, len(chunk))
        values = reads.values(actor, plan.listed.prepared, **{f"id{i}": id for i, id in enumerate(chunk)})
        rows = lent.rows(plan.listed.prepared.statement, values)
        for row in reads.filled(lent, actor, entity, plan.listed, rows):
            yield (entity, row[ID]), _face(reads, entity, plan, row)


def _face(reads: Reads, entity: str, plan: Plan, row: Any) -> Face:
    values = {shown.name: value_of(shown, row) for shown in plan.listed.columns}
    refuses = frozenset(kind for kind, name in plan.refuses.items() if values.get(name) is True)
    reach = {
        kind: next((values[name] for name in names if values.get(name)), None) if kind not in refuses else None
        for kind, names in plan.reach.items()
    }
    described = reads.blueprint.entities[entity]
    return Face(
        entity, row[ID], row[VERSION], values.get("title") or f"{described.label} {row[ID]}", values.get("created_at"),
        reach["phone"], reach["email"], refuses, _choice(plan.stage, values), values.get(described.next_step or ""),
    )  # fmt: skip


def _choice(field: Field | None, values: Mapping[str, Any]) -> Choice | None:
    if field is None:
        return None
    return next((c for c in field.options["stages"] if c.value == values.get(field.name)), None)


def _plan(reads: Reads, actor: Actor, entity: str, places: int) -> Plan:
    key = ("faces", Who.of(actor), entity, places)
    return reads.kept(key, lambda: _made(reads, actor, entity, places), lambda made: made.listed.prepared.lasting)


def _made(reads: Reads, actor: Actor, entity: str, places: int) -> Plan:
    scope = reads.scope(actor)
    row = scope.table(entity)
    layout, described = Layout(scope, entity, row), reads.blueprint.entities[entity]
    readable = reads.sight.fields(actor.role, entity)
    stage = next((f for f in described.fields_of("stage") if f.name in readable), None)
    reach = {kind: _added(layout, _ways(described, kind)) for kind in ("phone", "email")}
    refuses = described.client.refuses if described.client else {}
    _added(layout, (*refuses.values(), *([stage.name] if stage else ()), described.next_step or "", "created_at", "title"))
    select = sa.select(*layout.sql).where(row.c.id.in_(id_places(places)), scope.rows(entity, row))
    prepared = prepare(select, reads.dialect, scope.live)
    return Plan(Listed(prepared, tuple(layout.shown), len(layout.sql), (), layout.is_whole), reach, refuses, stage)


def _added(layout: Layout, names: Iterable[str]) -> tuple[str, ...]:
    """Puts in what the actor may read of these."""
    known = {shown.name for shown in layout.shown}
    added = []
    for name in names:
        try:
            if name and name not in known:
                layout.add(name)
        except BadRequest:
            continue
        if name:
            added.append(name)
    return tuple(added)


def _ways(entity: Entity, kind: str) -> tuple[str, ...]:
    """The client's, as the set says; else the record's own."""
    if entity.client is not None and entity.client.at(kind):
        return entity.client.at(kind)
    return tuple(field.name for field in entity.fields_of(kind))


__all__ = ["Face", "faces"]
