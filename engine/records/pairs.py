"""The desk of duplicates: which records are thought to be the same, and which were made one, as an actor may know it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.actor import Actor
from engine.blueprint.conditions import AllOf
from engine.blueprint.values import Ref
from engine.errors import NotFound
from engine.records.database import Connection
from engine.records.keys import milliseconds
from engine.records.merging import DAYS, NOT_MERGED, settle
from engine.records.naming import quoted
from engine.records.read import Reads
from engine.records.rows import RowShape, Stored, rows
from engine.records.sight import NOT_FOUND
from engine.records.task import Task
from engine.rules.permissions import who_may
from engine.text import render

PAIR = "id, outcome, entity, record, other_entity, other, at"
BATCH = 200
LOOKED_AT = 2000  # pairs, before a page of the list ends


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records, with the titles that the actor may see. `merges`: they may be made one by this actor."""

    id: int
    outcome: str
    record: Ref  # the one that came later
    other: Ref
    at: datetime
    merges: bool


@dataclass(frozen=True, slots=True)
class Joined:
    """A merge that can still be taken back: what the one that went was called."""

    id: int
    called: str
    at: datetime


@dataclass(frozen=True, slots=True)
class About:
    """What is known of one record. `helpers`: roles that see a record of the same person which the actor does not."""

    pairs: tuple[Pair, ...] = ()
    hidden: bool = False
    helpers: tuple[str, ...] = ()
    joined: tuple[Joined, ...] = ()


NOTHING = About()


def about(reads: Reads, connection: Connection, actor: Actor, entity: str, id: int, changes: bool) -> About:
    """Of a record that the actor may read; `changes`: they may change it."""
    text = (
        f"select {PAIR} from crm_duplicate where record = ? and state = 'open' union all "
        f"select {PAIR} from crm_duplicate where other = ? and state = 'open' order by 1 desc limit 20"
    )
    found = rows(connection, text, (id, id))
    joined = tuple(_joined(reads, connection, actor, entity, id)) if changes else ()
    if not found:
        return About(joined=joined) if joined else NOTHING
    pairs, unseen = _seen(reads, connection, actor, found)
    alive = {other for other in unseen if _is_alive(connection, *other)}
    names = dict.fromkeys(
        label for other, _ in alive for label in who_may(reads.blueprint, "read", other, actor.role)
    )
    return About(pairs, bool(alive), tuple(names), joined)


def open_pairs(reads: Reads, actor: Actor, limit: int, before: int | None = None) -> tuple[tuple[Pair, ...], int | None]:
    """Newest first, those of which the actor may read both; and the id to go on from."""
    text = f"select {PAIR} from crm_duplicate where state = 'open' and id < ? order by id desc limit {BATCH}"
    kept: list[Pair] = []
    last, looked = before or 2**63 - 1, 0
    with reads.lent(None) as connection:
        while looked < LOOKED_AT and (some := rows(connection, text, (last,))):
            for pair in _seen(reads, connection, actor, some)[0]:
                if len(kept) == limit:
                    return tuple(kept), kept[-1].id
                kept.append(pair)
            last, looked = some[-1][0], looked + len(some)
    return tuple(kept), None if looked < LOOKED_AT else last


def _seen(
    reads: Reads, connection: Connection, actor: Actor, found: Iterable[tuple[Any, ...]]
) -> tuple[tuple[Pair, ...], set[tuple[str, int]]]:
    """The pairs of which the actor may read both, and the records that they may not."""
    rows_ = [row for row in found if row[2] in reads.blueprint.entities and row[4] in reads.blueprint.entities]
    refs = {Ref(row[2], row[3]) for row in rows_} | {Ref(row[4], row[5]) for row in rows_}
    titles = reads.titles(actor, refs, connection)
    may = {place for place in titles if reads.allowed(actor, "update", *place, connection)}
    pairs = tuple(_pair(row, titles, may) for row in rows_ if row[2:4] in titles and row[4:6] in titles)
    return pairs, {place for row in rows_ for place in (row[2:4], row[4:6]) if place not in titles}


def _pair(row: tuple[Any, ...], titles: dict[tuple[str, int], str], may: set[tuple[str, int]]) -> Pair:
    id, outcome, entity, record, other_entity, other, at = row
    merges = entity == other_entity and entity not in NOT_MERGED and {(entity, record), (entity, other)} <= may
    one = Ref(entity, record, titles[entity, record])
    return Pair(id, outcome, one, Ref(other_entity, other, titles[other_entity, other]), _moment(at), merges)


def _is_alive(connection: Connection, entity: str, id: int) -> bool:
    return bool(rows(connection, f"select 1 from {quoted(entity)} where id = ? and deleted_at is null", (id,)))


def _joined(reads: Reads, connection: Connection, actor: Actor, entity: str, id: int) -> Iterator[Joined]:
    """Those that the actor could take back; of another one, which they never saw, they learn nothing."""
    since = milliseconds(reads.clock()) - DAYS * 86_400_000
    scopes = AllOf(tuple(reads.sight.scope(actor, entity, action) for action in ("read", "update")))
    text = "select id, gone, at from crm_merge where kept = ? and undone_at is null and at > ? order by id desc"
    for merge, gone, at in rows(connection, text, (id, since)):
        if reads.holds(connection, actor, entity, gone, scopes, deleted=True):
            yield Joined(merge, _called(reads, connection, actor, entity, gone), _moment(at))


def _called(reads: Reads, connection: Connection, actor: Actor, entity: str, id: int) -> str:
    """By the fields that the actor may read; the record itself lies in the bin."""
    described, readable = reads.blueprint.entities[entity], reads.sight.fields(actor.role, entity)
    shape = RowShape(described)
    found = rows(connection, shape.select, (id,))
    if not found:
        return described.label
    stored = Stored(shape, found[0], connection)
    shown = {name: stored.get(name) for name in described.title.fields if name in readable and name in shape.slots}
    number = next((stored[f.name] for f in described.fields_of("reference_number") if f.name in readable), None)
    return " ".join(filter(None, (number, render(described.title, shown, reads.formats(actor))))) or described.label


def dismiss(task: Task, pair: int, state: str = "dismissed") -> None:
    """They are not the same, or perhaps they are after all (`open`). Raises NotFound for who may not change either."""
    text = f"select {PAIR} from crm_duplicate where id = ? and state in ('open', 'dismissed')"
    found = rows(task.connection, text, (pair,))
    places = [(row[2], row[3]) for row in found] + [(row[4], row[5]) for row in found]
    sight = task.know.sight
    if not places or not all(sight.may_open(task.actor, e) and task.in_scope(e, id) for e, id in places):
        raise NotFound(NOT_FOUND)
    if not any(task.in_scope(e, id, "update") for e, id in places):
        raise task.refused(task.know.blueprint.entities[places[0][0]], "update")
    settle(task, pair, state)


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


__all__ = ["NOTHING", "About", "Joined", "Pair", "about", "dismiss", "open_pairs"]
