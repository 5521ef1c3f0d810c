"""A step of the round: goes on with the bulk that waits longest, for a moment, and gives it back."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import datetime

from engine.actor import Actor
from engine.errors import CrmError, NotFound, Refused
from engine.jobs.exports import Exports
from engine.records import bulk_work, bulks, leases
from engine.records.bulk_work import Lost
from engine.records.bulks import Bulk
from engine.records.keys import milliseconds
from engine.records.people import People
from engine.runtime import Crm

A_MOMENT = 2_000  # ms
A_TURN = 0.5  # seconds, after which another bulk, and whatever else waits, has its turn

log = logging.getLogger("crm")


class Bulks:
    """Made once per blueprint."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        self.people = People(crm.blueprint, crm.database.dialect)
        self.exports = Exports(crm)

    def run(self, now: datetime) -> int:
        """How many records were looked at, or 1 for a bulk that came to its end."""
        moment = milliseconds(now)
        with self.crm.database.reading() as connection:
            if not leases.is_due(connection, bulks.QUEUE, moment):
                return 0
        with self.crm.database.writing() as connection:
            bulk = bulks.next_one(connection, moment)
        return self._turn(bulk) if bulk is not None else 0

    def _turn(self, bulk: Bulk) -> int:
        if bulk.kind == bulks.EXPORT:
            return self._export(bulk)
        try:
            return max(1, self._work(bulk))
        except Lost:
            return 1
        except (Refused, NotFound) as error:
            return self._end(bulk, "refused", error.message)
        except CrmError:  # the database is busy: the lease runs out, or the next turn goes on
            raise
        except Exception as error:
            log.exception("Bulk %s", bulk.id)
            with self.crm.database.writing() as connection:
                at = milliseconds(self.crm.writes.clock())
                leases.fail(connection, bulks.QUEUE, bulk.id, bulk.lease or "", bulk.attempts, _said(error), at)
            return 1

    def _export(self, bulk: Bulk) -> int:
        """Written beside the rounds; while another one is, this one waits for a moment."""
        if self.exports.begin(bulk, self._actor):
            return 1
        self._give_back(bulk, A_MOMENT)
        return 0

    def _work(self, bulk: Bulk) -> int:
        if not bulks.is_known(self.crm.blueprint, bulk.wish):
            return self._end(bulk, "refused", "The set has nothing of this kind any more.")
        actor, until, done = self._actor(bulk), time.monotonic() + A_TURN, 0
        while True:
            met = bulk_work.batch(self.crm.writes, bulk, actor, bulk.position + done)
            done += met
            if bulk.position + done >= bulk.count or not met:
                self._end(bulk, "done", None)
                return done
            if time.monotonic() > until:
                self._give_back(bulk)
                return done

    def _actor(self, bulk: Bulk) -> Actor:
        """As the person is now. Raises Refused for one who may not sign in any more."""
        with self.crm.database.reading() as connection:
            person = self.people.by_id(connection, bulk.user)
        if person is None or not person.may_enter:
            raise Refused("Who asked for this may not sign in any more.")
        return replace(person.actor(self.crm.blueprint), only=bulk.rights)

    def _end(self, bulk: Bulk, state: str, reason: str | None) -> int:
        with self.crm.database.writing() as connection:
            bulks.end(connection, bulk, state, milliseconds(self.crm.writes.clock()), reason)
        return 1

    def _give_back(self, bulk: Bulk, after: int = 0) -> None:
        with self.crm.database.writing() as connection:
            bulks.put_back(connection, bulk, milliseconds(self.crm.writes.clock()) + after)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


__all__ = ["Bulks"]
