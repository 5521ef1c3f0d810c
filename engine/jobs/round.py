"""One round of all that waits: what time has made due, who is to be told, what rules do, what goes out.

`crm work`, the worker of `crm serve`, the RQ job, `crm test` and `crm simulate` run rounds; none has a way of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from engine.jobs.alarms import Alarms
from engine.jobs.bulks import Bulks
from engine.jobs.mailbox import Mailboxes
from engine.jobs.relay import Relay
from engine.jobs.rules import Rules
from engine.jobs.scheduler import Scheduler
from engine.jobs.sender import Sender
from engine.records import bulks, leases
from engine.records.keys import milliseconds
from engine.runtime import Crm

Step = Callable[[datetime], int]
QUEUES = (leases.Queue("crm_outbox", "error"), leases.Queue("crm_delivery", "reason"), bulks.QUEUE)


class Round:
    """Made once per blueprint. Each step takes the moment, and says how many things it did."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        self.scheduler = Scheduler(crm)
        self.sender = Sender(crm)
        self.clocks: tuple[Step, ...] = (self.scheduler.tick, Alarms(crm).ring)  # what time alone sets off
        told = (Relay(crm).deliver, Rules(crm).run, self.sender.send)
        self.steps: tuple[Step, ...] = (*told, Mailboxes(crm).read, Bulks(crm).run)

    def run(self, now: datetime) -> int:
        return sum(step(now) for step in (*self.clocks, *self.steps))

    def look(self, now: datetime) -> bool:
        """Notes what time has made due, and says whether anything is to be done."""
        for clock in self.clocks:
            clock(now)
        with self.crm.database.reading() as connection:
            return any(leases.is_due(connection, queue, milliseconds(now)) for queue in QUEUES)

    def next_due(self, after: datetime, before: datetime) -> datetime | None:
        """When a time rule next comes due, as far as is known now."""
        return self.scheduler.next_due(after, before)

    def close(self) -> None:
        """Lets what is being sent come to its end; the rest is given back."""
        self.sender.close()

    def until_quiet(self, now: datetime, most: int = 1000) -> int:
        """Rounds until nothing is left to do at this moment; at most so many."""
        done = 0
        for _ in range(most):
            did = self.run(now)
            if not did:
                break
            done += did
        return done
