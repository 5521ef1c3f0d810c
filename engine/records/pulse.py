"""Is the database there, are its tables those of the set, and how long has what waits been waiting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.blueprint import Blueprint
from engine.records.database import Connection, Database
from engine.records.keys import milliseconds
from engine.records.plan import planned
from engine.records.rows import rows


@dataclass(frozen=True, slots=True)
class Pulse:
    """`oldest_waiting` is the age in seconds of the oldest message that is due and not sent; None when there is none."""

    database: bool
    applied: bool = False
    oldest_waiting: int | None = None

    @property
    def ready(self) -> bool:
        return self.database and self.applied

    def told(self) -> dict[str, Any]:
        return {"database": self.database, "applied": self.applied, "oldest_waiting_seconds": self.oldest_waiting}


def pulse(database: Database, blueprint: Blueprint, now: datetime) -> Pulse:
    try:
        with database.reading() as connection:
            return Pulse(True, _is_applied(connection, blueprint), _oldest(connection, milliseconds(now)))
    except Exception:  # whatever the driver raises: it does not answer
        return Pulse(False)


def _is_applied(connection: Connection, blueprint: Blueprint) -> bool:
    found = rows(connection, "select blueprint from crm_applied order by id desc limit 1")
    if not found or found[0][0] == blueprint.hash:
        return bool(found)
    return planned(blueprint, connection).is_empty  # a label or a mapping changes the set, but no table


def _oldest(connection: Connection, now: int) -> int | None:
    due = rows(connection, "select min(due_at) from crm_outbox where state <> 'done' and due_at <= ?", (now,))[0][0]
    return None if due is None else (now - due) // 1000
