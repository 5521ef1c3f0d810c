"""Time passes on a stage: the clock goes from one due moment to the next, and all that waits is done at each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.blueprint import Blueprint
from engine.jobs.round import Round
from engine.records.keys import milliseconds
from engine.records.rows import rows
from engine.runtime import Crm, Runtime
from engine.settings import Settings

SENT = (
    'select id, notification, "user", channel, sent_at, entity, record, subject, text, address from crm_delivery '
    "where state = 'sent' and sent_at >= ? order by sent_at, id"
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that left, or would have left. `at` in ms; `user` None: the client."""

    id: int
    notification: str
    user: int | None
    channel: str
    at: int
    entity: str | None
    record: int | None
    subject: str | None
    text: str
    address: str | None


class Stage:
    """`now` is the moment on the clock."""

    def __init__(self, blueprint: Blueprint, folder: Path, settings: Settings, now: datetime) -> None:
        self.now = now.astimezone(UTC)
        kept = replace(settings, rehearsal=True)
        self.runtime = Runtime(folder, kept, lambda: self.now, read_set=lambda _: blueprint)
        self.crm: Crm = self.runtime.current
        self.round = Round(self.crm)

    def close(self) -> None:
        self.runtime.close()

    def settle(self) -> None:
        """All that is due now is done."""
        self.round.until_quiet(self.now)

    def go_to(self, moment: datetime) -> None:
        """The clock goes on to that moment, and stops on the way wherever something is due."""
        end = moment.astimezone(UTC)
        self.settle()
        while self.now < end:
            self.now = min(end, self._next(end))
            self.settle()

    def sent(self, since: datetime) -> list[Sent]:
        """What left since that moment, the oldest first."""
        with self.crm.database.reading() as connection:
            return [Sent(*row) for row in rows(connection, SENT, (milliseconds(since),))]

    def _next(self, end: datetime) -> datetime:
        """The next moment at which something is due, later than now."""
        found = [end, *self._waiting(), *filter(None, [self.round.next_due(self.now, end)])]
        return max(min(found), self.now + timedelta(milliseconds=1))

    def _waiting(self) -> Iterator[datetime]:
        with self.crm.database.reading() as connection:
            for table, states in (("crm_outbox", "'waiting', 'claimed'"), ("crm_delivery", "'waiting', 'claimed'")):
                text = f"select min(due_at) from {table} where state in ({states}) and due_at > ?"
                at = rows(connection, text, (milliseconds(self.now),))[0][0]
                if at is not None:
                    yield datetime.fromtimestamp(at / 1000, UTC)


@contextmanager
def on_stage(blueprint: Blueprint, folder: Path, settings: Settings, now: datetime) -> Iterator[Stage]:
    stage = Stage(blueprint, folder, settings, now)
    try:
        yield stage
    finally:
        stage.close()
