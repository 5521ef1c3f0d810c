"""One round of all that waits: what time has made due, who is to be told, what rules do, what goes out.

`crm serve`, `crm work`, the RQ job, `crm test` and `crm simulate` run rounds; none has a way of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from engine.jobs.relay import Relay
from engine.jobs.sender import Sender
from engine.runtime import Crm

Step = Callable[[datetime], int]


class Round:
    """Made once per blueprint. Each step takes the moment, and says how many things it did."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        self.steps: tuple[Step, ...] = (Relay(crm).deliver, Sender(crm).send)

    def run(self, now: datetime) -> int:
        return sum(step(now) for step in self.steps)

    def next_due(self, after: datetime, before: datetime) -> datetime | None:
        """When a time rule next comes due, as far as is known now."""
        return None

    def until_quiet(self, now: datetime, most: int = 1000) -> int:
        """Rounds until nothing is left to do at this moment; at most so many."""
        done = 0
        for _ in range(most):
            did = self.run(now)
            if not did:
                break
            done += did
        return done
