"""The worker's loop: the same in `crm serve`, where it is a thread, and in `crm work`, where it is the program."""

from __future__ import annotations

import threading
from datetime import timedelta

from engine.errors import CrmError
from engine.jobs.round import Round
from engine.records import outbox
from engine.records.keys import milliseconds
from engine.runtime import Crm, Runtime

IDLE = 1.0  # seconds between two looks at an empty outbox
KEPT = timedelta(days=7)  # how long done messages stay to be looked at
SWEEP_EVERY = 600.0  # seconds


class Worker(threading.Thread):
    """Works with the blueprint that is current when a batch begins. `stop` ends it after the batch."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(daemon=True, name="crm-worker")
        self.runtime = runtime
        self.ended = threading.Event()
        self._round: Round | None = None
        self._since_sweep = SWEEP_EVERY

    def run(self) -> None:
        while not self.ended.is_set():
            wait = IDLE
            try:
                if self.step():
                    continue
            except CrmError:
                wait = 5 * IDLE  # the database is busy or away
            self._since_sweep += wait
            self.ended.wait(wait)

    def step(self) -> int:
        """One round; how many things it did."""
        crm = self.runtime.current
        done = self._round_of(crm).run(self.runtime.clock())
        if not done and self._since_sweep >= SWEEP_EVERY:
            self._since_sweep = 0.0
            crm.files.sweep(self.runtime.clock())
            with crm.database.writing() as connection:
                outbox.sweep(connection, milliseconds(self.runtime.clock() - KEPT))
        return done

    def stop(self) -> None:
        self.ended.set()

    def _round_of(self, crm: Crm) -> Round:
        if self._round is None or self._round.crm is not crm:
            self._round = Round(crm)
        return self._round
