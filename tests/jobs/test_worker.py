"""The worker goes on, whatever happens in a round."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from engine.jobs.worker import Worker
from tests.desk import open_desk

RSOFT = str(Path(__file__).resolve().parents[2] / "config" / "rsoft")


class Stumbling(Worker):
    """Its first round meets a database that another program holds, in the driver's own words."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self.rounds = 0
        self.again = threading.Event()

    def step(self) -> int:
        self.rounds += 1
        if self.rounds == 1:
            raise sqlite3.OperationalError("database is locked")
        self.again.set()
        return 0


def test_a_round_that_fails_is_followed_by_another(sqlite_url: str) -> None:
    desk = open_desk(sqlite_url, RSOFT)
    worker = Stumbling(desk.runtime)
    worker.start()
    assert worker.again.wait(10)
    worker.stop()
    worker.join(10)
    assert not worker.is_alive()
    desk.close()
