"""Writes a large list into a file, beside the rounds: whoever asked fetches it within a day.

The file lies in `exports/` of the files' folder under a random name. Who is killed leaves a piece that the next one writes
anew; the sweeper takes what is a day old.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from engine.actor import Actor
from engine.errors import CrmError
from engine.records import bulks
from engine.records.bulks import FOLDER, Bulk, place
from engine.records.exporting import export_to
from engine.records.keys import milliseconds
from engine.records.query import Query
from engine.runtime import Crm

TOLD_EVERY = 0.5  # seconds
OLDEST = 2 * 24 * 3600  # seconds after which a piece that nobody knows is taken away

log = logging.getLogger("crm")


class Stopped(Exception):
    """Whoever asked does not want it any more, or another worker writes it."""


class Exports:
    """One file at a time in each worker."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        self._thread: threading.Thread | None = None

    def begin(self, bulk: Bulk, who: Callable[[Bulk], Actor]) -> bool:
        """False while another one is being written."""
        if self._thread is not None and self._thread.is_alive():
            return False
        self._thread = threading.Thread(target=self.write, args=(bulk, who), name="crm-export", daemon=True)
        self._thread.start()
        return True

    def wait(self, seconds: float) -> None:
        if self._thread is not None:
            self._thread.join(seconds)

    def write(self, bulk: Bulk, who: Callable[[Bulk], Actor]) -> None:
        key = secrets.token_urlsafe(18)
        path = place(self.crm.files.folder, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            rows = self._written(bulk, who(bulk), path)
            self._keep(bulk, key, rows)
        except Stopped:
            path.unlink(missing_ok=True)
        except CrmError as error:
            path.unlink(missing_ok=True)
            self._end(bulk, error.message)
        except Exception:
            path.unlink(missing_ok=True)
            log.exception("Export %s", bulk.id)
            self._end(bulk, "Something went wrong here.")

    def _written(self, bulk: Bulk, actor: Actor, path: Path) -> int:
        settings = bulk.wish.settings
        query = self.crm.reads.query(actor, bulk.entity, [(name, text) for name, text in settings["pairs"]])
        asked = Query(
            bulk.entity, tuple(settings["columns"]), query.where, query.search, query.sort, deleted=query.deleted
        )
        return export_to(self.crm.reads, actor, asked, settings["format"], path, _Telling(self, bulk))

    def tell(self, bulk: Bulk, rows: int) -> None:
        with self.crm.database.writing() as connection:
            if not bulks.written(connection, bulk, rows, self._now()):
                raise Stopped

    def _keep(self, bulk: Bulk, key: str, rows: int) -> None:
        with self.crm.database.writing() as connection:
            if not bulks.keep_file(connection, bulk, key, rows, self._now()):
                raise Stopped

    def _end(self, bulk: Bulk, reason: str) -> None:
        with self.crm.database.writing() as connection:
            bulks.end(connection, bulk, "refused", self._now(), reason)

    def _now(self) -> int:
        return milliseconds(self.crm.writes.clock())


class _Telling:
    """Now and then says how far it is."""

    def __init__(self, exports: Exports, bulk: Bulk) -> None:
        self.exports, self.bulk, self.rows, self.next = exports, bulk, 0, 0.0

    def __call__(self, rows: int) -> None:
        self.rows += rows
        if time.monotonic() >= self.next:
            self.next = time.monotonic() + TOLD_EVERY
            self.exports.tell(self.bulk, self.rows)


def sweep(crm: Crm, now: datetime) -> None:
    """Takes away files whose time is over, and bulks that ended long ago."""
    with crm.database.writing() as connection:
        keys = bulks.expired(connection, milliseconds(now))
        bulks.sweep(connection, milliseconds(now - bulks.KEPT))
    for key in keys:
        place(crm.files.folder, key).unlink(missing_ok=True)
    for path in (crm.files.folder / FOLDER).glob("*"):
        if path.is_file() and path.stat().st_mtime < now.timestamp() - OLDEST:
            path.unlink(missing_ok=True)


__all__ = ["Exports", "sweep"]
