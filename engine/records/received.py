"""What came in from outside: kept once, with what became of it and why. The same message is never taken twice."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from engine.blueprint import Blueprint
from engine.records.database import Connection
from engine.records.rows import change, rows

TAKEN, THREADED, REFUSED, IGNORED = "taken", "threaded", "refused", "ignored"
LONGEST_KEY = 200
LONGEST_LINE = 500  # characters of a sender or subject
LONGEST_TEXT = 20_000  # characters of a message
LONGEST_CONTENT = 100_000  # of what is kept to be read again
COLUMNS = (
    "id", "capture", "key", "at", "state", "entity", "record", "sender", "subject", "text", "message_id", "reason",
    "consent",
)  # fmt: skip
_INSERT = (
    f"insert into crm_received ({', '.join(COLUMNS)}, content) values ({', '.join('?' * 14)}) "
    "on conflict (capture, key) do nothing"
)
_SELECT = f"select {', '.join(COLUMNS)} from crm_received"


@dataclass(frozen=True, slots=True)
class Received:
    """`at` in ms. `key` is the provider's own id, or a hash of what came; `text` what was said, as plain text."""

    id: int
    capture: str
    key: str
    at: int
    state: str
    entity: str | None = None
    record: int | None = None
    sender: str | None = None
    subject: str | None = None
    text: str | None = None
    message_id: str | None = None
    reason: str | None = None
    consent: str | None = None


def keep(connection: Connection, row: Received, content: str | None = None) -> bool:
    """False when the same came before: then nothing of what it asks may be done."""
    kept = content if content and len(content) <= LONGEST_CONTENT else None
    values = (
        row.id, row.capture, short_key(row.key), row.at, row.state, row.entity, row.record, _cut(row.sender, LONGEST_LINE),
        _cut(row.subject, LONGEST_LINE), _cut(row.text, LONGEST_TEXT), _cut(row.message_id, 1000),
        _cut(row.reason, LONGEST_TEXT), _cut(row.consent, LONGEST_TEXT), kept,
    )  # fmt: skip
    return change(connection, _INSERT, values) == 1


def belongs(
    connection: Connection, id: int, entity: str, record: int, state: str = TAKEN, reason: str | None = None
) -> None:
    """What came in is of this record now; what was kept to be read again goes."""
    text = "update crm_received set state = ?, entity = ?, record = ?, reason = ?, content = null where id = ?"
    change(connection, text, (state, entity, record, _cut(reason, LONGEST_TEXT), id))


def refuse_again(connection: Connection, id: int, reason: str) -> None:
    change(connection, "update crm_received set reason = ? where id = ?", (_cut(reason, LONGEST_TEXT), id))


def earlier(connection: Connection, capture: str, key: str) -> Received | None:
    """What came before under the same key."""
    found = rows(connection, f"{_SELECT} where capture = ? and key = ?", (capture, short_key(key)))
    return Received(*found[0]) if found else None


def one(connection: Connection, id: int) -> tuple[Received, str | None] | None:
    """A message, and its content when that was kept."""
    found = rows(connection, f"select {', '.join(COLUMNS)}, content from crm_received where id = ?", (id,))
    return (Received(*found[0][:-1]), found[0][-1]) if found else None


def latest(
    connection: Connection, most: int, before: int | None = None, capture: str | None = None, state: str | None = None
) -> list[Received]:
    """The newest first."""
    asked = [("id < ?", before), ("capture = ?", capture), ("state = ?", state)]
    tests = [(text, value) for text, value in asked if value is not None]
    where = f" where {' and '.join(text for text, _ in tests)}" if tests else ""
    found = rows(connection, f"{_SELECT}{where} order by id desc limit ?", (*(v for _, v in tests), most))
    return [Received(*row) for row in found]


def of_record(connection: Connection, record: int, most: int = 100, before: int = 2**63 - 1) -> list[Received]:
    """What came in about a record, the newest first; whether the reader may see it is the caller's to ask."""
    found = rows(connection, f"{_SELECT} where record = ? and id < ? order by id desc limit ?", (record, before, most))
    return [Received(*row) for row in found]


def is_told(blueprint: Blueprint, row: Received, readable: frozenset[str], administers: bool) -> bool:
    """Whether what was said is for who may read these fields of the record: it may hold anything that the capture fills
    in."""
    capture = blueprint.captures.get(row.capture)
    if capture is None:
        return administers
    # A mail may be threaded onto a record of another entity: then the capture's own fields say nothing of it.
    return capture.entity != row.entity or readable.issuperset(capture.fields)


def counts(connection: Connection) -> dict[str, dict[str, int]]:
    """How many came by each way in, by what became of them."""
    counted: dict[str, dict[str, int]] = {}
    for capture, state, number in rows(connection, "select capture, state, count(*) from crm_received group by 1, 2"):
        counted.setdefault(capture, {})[state] = int(number)
    return counted


def record_of_message(connection: Connection, message_ids: Sequence[str]) -> tuple[str, int] | None:
    """The record to which one of these messages belongs that came in before."""
    if not message_ids:
        return None
    marks = ", ".join("?" * len(message_ids))
    text = f"select entity, record from crm_received where message_id in ({marks}) and record is not null"
    found = rows(connection, f"{text} order by id desc limit 1", tuple(message_ids))
    return (found[0][0], found[0][1]) if found else None


def short_key(key: str) -> str:
    plain = key.replace("\0", "")
    return plain if 0 < len(plain) <= LONGEST_KEY else hashlib.sha256(key.encode(errors="replace")).hexdigest()


def _cut(text: str | None, longest: int) -> str | None:
    if text is None:
        return None
    plain = text.replace("\0", "")
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"
