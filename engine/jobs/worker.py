"""The worker's loop: a thread that is all there is in `crm work`, and in the worker that `crm serve` has beside it."""

from __future__ import annotations

import logging
import threading
import time

from engine.errors import CrmError
from engine.jobs import exports
from engine.jobs.round import Round
from engine.records import sweeping, workers
from engine.runtime import Runtime

IDLE = 1.0  # seconds between two looks at an empty outbox
SWEEP_EVERY = 600.0  # seconds
SWEEP_SOON = 10.0  # seconds, when more is left
FIRST_SWEEP = 30.0  # seconds after the start, which has enough to do
GATHER = 0.1  # seconds

log = logging.getLogger("crm")


class Worker(threading.Thread):
    """Works with the blueprint that is current when a batch begins. `stop` ends it after the batch."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(daemon=True, name="crm-worker")
        self.runtime = runtime
        self.ended = threading.Event()
        self._round: Round | None = None
        self._next_sweep = time.monotonic() + FIRST_SWEEP
        self._seen = 0.0
        self._id: int | None = None
        self._works_with = ""

    def run(self) -> None:
        while not self.ended.is_set():
            wait = IDLE
            try:
                self._show()
                if self.step():
                    continue
            except CrmError as error:  # the database is busy or away
                log.warning("The work waits: %s", error.message)
                wait = 5 * IDLE
            except Exception:  # whatever it is, the next round may do better; the worker that ends does nothing more
                log.exception("A round failed")
                wait = 5 * IDLE
            self._wait(wait)
        self._end()

    def step(self) -> int:
        """One round; how many things it did."""
        self.sweep()
        return self.round().run(self.runtime.clock())

    def sweep(self) -> None:
        """Now and then, takes away what was done long ago."""
        now, crm = self.runtime.clock(), self.runtime.current
        if time.monotonic() < self._next_sweep:
            return
        self._next_sweep = time.monotonic() + SWEEP_EVERY  # first: what fails is not tried at each step
        crm.files.sweep(now)
        exports.sweep(crm, now)
        if sweeping.sweep(crm.database, now):
            self._next_sweep = time.monotonic() + SWEEP_SOON

    def stop(self) -> None:
        self.ended.set()
        self.runtime.news.set()

    def round(self) -> Round:
        """Of the blueprint that is current."""
        crm = self.runtime.current
        if self._round is None or self._round.crm is not crm:
            self._round = Round(crm)
        return self._round

    def _show(self) -> None:
        """Says now and then that it is there."""
        now, blueprint = self.runtime.clock(), self.runtime.current.blueprint.hash
        if blueprint == self._works_with and time.monotonic() - self._seen < workers.SEEN.total_seconds():
            return
        with self.runtime.database.writing() as connection:
            if self._id is None:
                self._id = workers.begin(connection, blueprint, now)
            else:
                workers.seen(connection, self._id, blueprint, now)
        self._seen, self._works_with = time.monotonic(), blueprint

    def _end(self) -> None:
        if self._round is not None:
            self._round.close()
        if self._id is None:
            return
        try:
            with self.runtime.database.writing() as connection:
                workers.end(connection, self._id, self.runtime.clock())
        except Exception as error:  # then it is taken for lost
            log.warning("The worker could not say that it ends: %s", error)

    def _wait(self, seconds: float) -> None:
        """Until something was written here, at most so long; what is written together is one round."""
        if self.runtime.news.wait(seconds):
            self.runtime.news.clear()
            self.ended.wait(GATHER)
