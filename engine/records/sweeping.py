"""What was done long ago is taken away: a few hundred rows by each transaction, with a breath between, so that nobody who
writes waits for it. Ids are in the order of time, so what is old is found by the table's own key.

What failed and waits for somebody to settle it stays, however old it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.records import budget, offers, workers
from engine.records.database import Connection, Database
from engine.records.keys import first_id, milliseconds
from engine.records.rows import change

Take = Callable[[Connection], int]
TOGETHER = 500  # rows of one transaction
BREATH = 0.02  # seconds between two
LASTS = 2.0  # seconds of one sweep; what is left comes with the next
OFFERS = timedelta(days=7)  # after a link has ended


@dataclass(frozen=True, slots=True)
class Old:
    """The rows of a table that were made so long ago, if `only` holds."""

    table: str
    kept: timedelta
    only: str = ""


LEDGER = timedelta(days=400)  # a year, and a month to ask about it
KEPT = (
    Old("crm_outbox", timedelta(days=7), "state = 'done'"),
    Old("crm_run", timedelta(days=90)),  # how long one can ask what became of a run of a rule
    Old("crm_occurrence", LEDGER),  # what time made due
    Old("crm_received", timedelta(days=180), "record is null"),  # what made no record, and may be tried again
    Old("crm_delivery", LEDGER, "state in ('sent', 'not_sent')"),  # the messages that a record shows
    Old("crm_notice", LEDGER),
)


def sweep(database: Database, now: datetime, lasts: float = LASTS) -> bool:
    """Whether more is left to take away."""
    with database.writing() as connection:
        offers.sweep(connection, milliseconds(now - OFFERS))
        workers.sweep(connection, now)
    ends = time.monotonic() + lasts
    lapsed = _taken(database, lambda connection: budget.lapse(connection, now, TOGETHER), ends)
    return not all([lapsed, *(_swept(database, one, now, ends) for one in KEPT)])


def _swept(database: Database, one: Old, now: datetime, ends: float) -> bool:
    also = f" and {one.only}" if one.only else ""
    text = f"delete from {one.table} where id in (select id from {one.table} where id < ?{also} order by id limit ?)"
    before = first_id(now - one.kept)
    return _taken(database, lambda connection: change(connection, text, (before, TOGETHER)), ends)


def _taken(database: Database, take: Take, ends: float) -> bool:
    """Again and again; False when the time was over before all was done."""
    while time.monotonic() < ends:
        with database.writing() as connection:
            taken = take(connection)
        if taken < TOGETHER:
            return True
        time.sleep(BREATH)
    return False
