"""What time rules came to: each moment of a rule for a record is one row, whoever saw it first.

The row and the message in the outbox that says so are one transaction. What was missed is a row with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from engine.records.database import Connection
from engine.records.journal import MESSAGE
from engine.records.keys import milliseconds, new_ids
from engine.records.rows import change, in_words_of, rows

COLUMNS = ("id", "rule", "record", "local", "zone", "due_at", "made_at", "state", "reason")
NO_RECORD = 0
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`due` in ms; `local` as the clocks of the zone showed it. `missed`: why nothing is done about it, if so."""

    record: int
    due: int
    local: str
    late: bool = False
    missed: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose occurrences they are: `name` is `notification NAME` or `rule NAME`, `entity` that of its records."""

    name: str
    entity: str | None
    zone: str


def make(connection: Connection, subject: Subject, found: Sequence[Occurrence], now: datetime) -> int:
    """Writes those that are not there yet, and tells of those that are not missed; how many were new."""
    if not found:
        return 0
    ids, at = new_ids(now, 2 * len(found)), milliseconds(now)
    marks = ", ".join([f"({', '.join('?' * len(COLUMNS))})"] * len(found))
    text = (
        f"insert into crm_occurrence ({', '.join(COLUMNS)}) values {marks} "
        "on conflict (rule, record, local, zone) do nothing returning record, local"
    )
    values = [value for id, one in zip(ids, found, strict=False) for value in _row(id, subject, one, at)]
    new = set(connection.run(in_words_of(connection.dialect, text), tuple(values)))
    told = [one for one in found if (one.record, one.local) in new and one.missed is None]
    messages = [_message(id, subject, one, at) for id, one in zip(ids[len(found) :], told, strict=False)]
    if messages:
        connection.insert_many("crm_outbox", MESSAGE, messages)
    return len(new)


def known(connection: Connection, rule: str, records: Iterable[int]) -> set[tuple[int, str]]:
    """(record, local) of the occurrences that these records have of the rule."""
    ids = tuple(dict.fromkeys(records))
    if ids == (NO_RECORD,):
        text = "select record, local from crm_occurrence where rule = ? and record = 0"
        return set(rows(connection, text, (rule,)))
    # By the record's own index: a rule has thousands, and a database that has not counted them yet begins with those.
    text = f"select record, local, rule from crm_occurrence where record in ({', '.join('?' * len(ids))})"
    return {(record, local) for record, local, of in (rows(connection, text, ids) if ids else ()) if of == rule}


def _row(id: int, subject: Subject, one: Occurrence, at: int) -> tuple[object, ...]:
    state, reason = ("due", None) if one.missed is None else ("missed", one.missed[:LONGEST_REASON])
    return id, subject.name, one.record, one.local, subject.zone, one.due, at, state, reason


def _message(id: int, subject: Subject, one: Occurrence, at: int) -> tuple[object, ...]:
    payload = {
        "what": subject.name, "entity": subject.entity, "record": str(one.record), "due": one.due, "local": one.local,
        "zone": subject.zone, "late": one.late,
    }  # fmt: skip
    return id, "due", orjson.dumps(payload).decode(), at, at, "waiting", 0


# ---- up to when was looked


@dataclass(frozen=True, slots=True)
class Looked:
    """Moments in ms: since when the rule is there, and up to when it was looked after."""

    since: int
    until: int


def looked(connection: Connection) -> dict[str, Looked]:
    """By rule."""
    found = rows(connection, "select rule, since, until from crm_watermark")
    return {rule: Looked(since, until) for rule, since, until in found}


def begin(connection: Connection, rules: Iterable[str], now: int) -> None:
    """Rules that were never seen begin now: what came before is not theirs. Whoever saw them first is right."""
    text = "insert into crm_watermark (rule, since, until) values (?, ?, ?) on conflict (rule) do nothing"
    for rule in rules:
        change(connection, text, (rule, now, now))


def note(connection: Connection, until: Mapping[str, int], latest: int) -> None:
    """Keeps up to when was looked. What others noted is kept when it is later, but not later than `latest`: then their
    clock, or ours, was wrong."""
    text = (
        "update crm_watermark set until = ?, since = case when since > ? then ? else since end "
        "where rule = ? and (until < ? or until > ?)"
    )
    for rule, moment in until.items():
        change(connection, text, (moment, moment, moment, rule, moment, latest))


def forget(connection: Connection, rules: Iterable[str]) -> None:
    """Rules that the set has no more: should they come back, they begin anew."""
    for rule in rules:
        change(connection, "delete from crm_watermark where rule = ?", (rule,))
