"""What a write leaves behind beside the record: its history row, its stay in a stage, its message in the outbox.

A history row's hash covers its content and the hash of the record's row before; the record keeps the hash of the last
one. So a row that was changed, taken out, put in or cut off at the end is found by `verify_chain`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from engine.records.database import Connection
from engine.records.rows import change, rows

COLUMNS = (
    "id", "entity", "record", "at", "actor", "action", "transition", "stage_from", "stage_to", "changes",
    "blueprint", "previous", "rule", "hash",
)  # fmt: skip
HISTORY = f"insert into crm_history ({', '.join(COLUMNS)}) values ({', '.join('?' * len(COLUMNS))})"
STAY = ("id", "entity", "record", "field", "stage", "entered_at")
ENTER = f"insert into crm_stage_time ({', '.join(STAY)}) values (?, ?, ?, ?, ?, ?)"
LEAVE = "update crm_stage_time set left_at = ? where record = ? and field = ? and left_at is null"
MESSAGE = ("id", "kind", "payload", "created_at", "due_at", "state", "attempts")
OUTBOX = f"insert into crm_outbox ({', '.join(MESSAGE)}) values (?, ?, ?, ?, ?, ?, ?)"
EVENT = (*MESSAGE, "dedupe")
TOLD = f"insert into crm_outbox ({', '.join(EVENT)}) values ({', '.join('?' * len(EVENT))})"
REFUSED = "refused"  # the action of a history row for a deed that was not allowed; it stands outside the chain


class Entry(NamedTuple):
    """One history row. `changes`: field -> (raw value before, raw value after)."""

    id: int
    entity: str
    record: int
    at: int  # ms
    actor: int | None
    action: str  # created, changed, moved, deleted, restored, undone, refused
    changes: Mapping[str, Any]
    blueprint: str
    previous: str | None = None
    transition: str | None = None
    stage_from: str | None = None
    stage_to: str | None = None
    rule: str | None = None  # that did it

    def row(self) -> tuple[Any, ...]:
        """The row as inserted, its hash last."""
        changes = orjson.dumps(self.changes).decode()
        content = (
            self.id, self.entity, self.record, self.at, self.actor, self.action, self.transition, self.stage_from,
            self.stage_to, changes, self.blueprint, self.previous,
        )  # fmt: skip
        return (*content, self.rule, chain_hash(content if self.rule is None else (*content, self.rule)))


def chain_hash(content: Sequence[Any]) -> str:
    return hashlib.sha256(orjson.dumps(content)).hexdigest()


def remember(connection: Connection, entry: Entry) -> str:
    """Writes the history row; the hash that the record keeps."""
    row = entry.row()
    change(connection, HISTORY, row)
    return str(row[-1])


def enter_stage(connection: Connection, id: int, entity: str, record: int, field: str, stage: str, now: int) -> None:
    change(connection, ENTER, (id, entity, record, field, stage, now))


def change_stage(connection: Connection, id: int, entity: str, record: int, field: str, stage: str, now: int) -> None:
    change(connection, LEAVE, (now, record, field))
    change(connection, ENTER, (id, entity, record, field, stage, now))


def reopen_stage(connection: Connection, id: int, entity: str, record: int, field: str, stage: str, now: int) -> None:
    """The record never left this stage: the stay since is taken out, and the one before goes on."""
    change(connection, "delete from crm_stage_time where record = ? and field = ? and left_at is null", (record, field))
    last = "select id, stage from crm_stage_time where record = ? and field = ? order by left_at desc, id desc limit 1"
    found = rows(connection, last, (record, field))
    if found and found[0][1] == stage:
        change(connection, "update crm_stage_time set left_at = null where id = ?", (found[0][0],))
    else:
        enter_stage(connection, id, entity, record, field, stage, now)


def previous_stage(connection: Connection, record: int, field: str) -> str | None:
    """The stage before this one: of the stays that ended, the last in another stage than now."""
    found = rows(
        connection,
        "select stage from crm_stage_time where record = ? and field = ? and left_at is not null "
        "order by left_at desc limit 1",
        (record, field),
    )
    return found[0][0] if found else None


def announce(connection: Connection, id: int, event: Mapping[str, Any], now: int, held: int = 0) -> None:
    """A message in the outbox: ids and names only, no values of the record."""
    change(connection, TOLD, message(id, event, now, held))


def message(id: int, event: Mapping[str, Any], now: int, held: int = 0) -> tuple[Any, ...]:
    """`held`: so many ms nobody is told, and it is found again by its deed, to be taken back."""
    dedupe = of_deed(int(event["history"])) if held else None
    return id, "event", orjson.dumps(event).decode(), now, now + held, "waiting", 0, dedupe


def of_deed(history: int) -> str:
    return f"deed {history}"


def withhold(connection: Connection, history: int) -> bool:
    """Takes back the event of a deed; False when it was not held, or was told already."""
    text = "delete from crm_outbox where dedupe = ? and state = 'waiting' and attempts = 0"
    return change(connection, text, (of_deed(history),)) == 1


def queued(id: int, payload: Mapping[str, Any], now: int, due: int) -> tuple[Any, ...]:
    """A message for the runner of rules, see engine/jobs/rules.py."""
    return id, "rule", orjson.dumps(payload).decode(), now, due, "waiting", 0


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the history is not what was written. `row` is the history row's id; None: the record itself tells."""

    entity: str
    record: int
    row: int | None
    message: str


def verify_chain(connection: Connection, entities: Sequence[str], *, batch: int = 2000) -> Iterator[Fault]:
    """Every fault in every record's history, for `crm audit verify`; the connection reads one moment (snapshot)."""
    text = f"select {', '.join(COLUMNS)} from crm_history order by record, id"
    record, end = None, None
    for some in connection.stream(text, size=batch):
        for row in some:
            if row[2] != record:
                record, end = row[2], None
            yield from _faults(row, end)
            end = end if row[5] == REFUSED else row[-1]
    for entity in entities:
        yield from _broken_ends(connection, entity, batch)


def _faults(row: Sequence[Any], end: str | None) -> Iterator[Fault]:
    id, entity, record, action, previous, rule, kept = row[0], row[1], row[2], row[5], *row[11:]
    if chain_hash(tuple(row[:12] if rule is None else row[:13])) != kept:
        yield Fault(entity, record, id, "This history row was changed after it was written.")
    if action != REFUSED and previous != end:
        yield Fault(entity, record, id, "A history row before this one is missing or was put in.")


def _broken_ends(connection: Connection, entity: str, batch: int) -> Iterator[Fault]:
    last = (
        "select h.hash from crm_history h where h.record = e.id and h.action <> 'refused' order by h.id desc limit 1"
    )
    for some in connection.stream(f'select e.id, e.chain, ({last}) from "{entity}" e', size=batch):
        for id, chain, end in some:
            if chain != end:
                yield Fault(entity, id, None, "The record's last history row is missing or is not its own.")
