"""Is the database there, are its tables those of the set, and how long has what waits been waiting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.blueprint import Blueprint
from engine.records import queues, workers
from engine.records.database import Connection, Database
from engine.records.keys import milliseconds
from engine.records.plan import planned
from engine.records.rows import rows


@dataclass(frozen=True, slots=True)
class Pulse:
    """Ages in seconds: of what should have been done first and is not (`oldest_waiting`), and of the last look at time
    rules (`scheduler`); None when there is none. `failed` waits for somebody to settle it. `workers` are at work now,
    `workers_lost` ended within a day without being told to."""

    database: bool
    applied: bool = False
    oldest_waiting: int | None = None
    scheduler: int | None = None
    failed: int = 0
    workers: int = 0
    workers_lost: int = 0

    @property
    def ready(self) -> bool:
        return self.database and self.applied

    def told(self) -> dict[str, Any]:
        return {
            "database": self.database, "applied": self.applied, "oldest_waiting_seconds": self.oldest_waiting,
            "scheduler_seconds": self.scheduler, "failed": self.failed, "workers": self.workers,
            "workers_lost": self.workers_lost,
        }  # fmt: skip


def pulse(database: Database, blueprint: Blueprint, now: datetime) -> Pulse:
    try:
        with database.reading() as connection:
            return _found(connection, blueprint, now)
    except Exception:  # whatever the driver raises: it does not answer
        return Pulse(False)


def _is_applied(connection: Connection, blueprint: Blueprint) -> bool:
    found = rows(connection, "select blueprint from crm_applied order by id desc limit 1")
    if not found or found[0][0] == blueprint.hash:
        return bool(found)
    return planned(blueprint, connection).is_empty  # a label or a mapping changes the set, but no table


def _found(connection: Connection, blueprint: Blueprint, now: datetime) -> Pulse:
    if not _is_applied(connection, blueprint):
        return Pulse(True)
    at = milliseconds(now)
    lines, crew = queues.lines(connection, at), workers.crew(connection, now)
    oldest = max((line.oldest for line in lines if line.oldest is not None), default=None)
    failed = sum(line.failed for line in lines)
    return Pulse(True, True, oldest, queues.scheduler_age(connection, at), failed, crew.at_work, crew.lost)
