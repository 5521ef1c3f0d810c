"""What became of each run of a rule: for its budgets, and for who asks why it did or did not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.records.database import Connection
from engine.records.rows import change, rows

HOUR = 3_600_000  # ms


@dataclass(frozen=True, slots=True)
class Ran:
    """`state`: done, skipped, refused, stopped."""

    at: int  # ms
    rule: str
    state: str
    reason: str | None


def keep(
    connection: Connection, id: int, rule: str, entity: str, record: int, now: int, state: str, reason: str | None
) -> None:
    text = "insert into crm_run (id, rule, entity, record, at, state, reason) values (?, ?, ?, ?, ?, ?, ?)"
    change(connection, text, (id, rule, entity, record, now, state, reason and reason[:2000]))


def on_record(connection: Connection, rule: str, record: int, now: int) -> int:
    """How often the rule did something to the record within the last hour."""
    text = "select count(*) from crm_run where record = ? and rule = ? and at > ? and state = 'done'"
    return int(rows(connection, text, (record, rule, now - HOUR))[0][0])


def in_hour(connection: Connection, rule: str, now: int, cap: int) -> int:
    """How often the rule ran within the last hour, counted up to `cap`."""
    text = "select count(*) from (select 1 from crm_run where rule = ? and at > ? limit ?) as counted"
    return int(rows(connection, text, (rule, now - HOUR, cap))[0][0])


def of_record(connection: Connection, record: int, most: int = 20) -> list[Ran]:
    """Newest first. That the reader may know is the caller's to ask."""
    text = "select at, rule, state, reason from crm_run where record = ? order by id desc limit ?"
    return [Ran(*row) for row in rows(connection, text, (record, most))]


def before(payload: Mapping[str, Any]) -> str | None:
    """The rule whose doing set this one off."""
    event = payload.get("event")
    return event.get("rule") if isinstance(event, Mapping) else None


