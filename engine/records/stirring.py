"""Of which entities something changed since the look before: names only, from the history, cheap however much is there."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.records.database import Connection, Database
from engine.records.keys import first_id
from engine.records.rows import rows

RECENT = timedelta(seconds=15)  # ids are made before they are kept: a row may come to light after a later one
ANEW = timedelta(seconds=60)  # after which a look begins at a later row
PAUSE = timedelta(minutes=5)  # nobody listened: what happened meanwhile is on the pages that are opened now


class Stirring:
    """One look of a process at what changed, for all who listen there. Not safe to use from two threads at once."""

    def __init__(self) -> None:
        self.since: datetime | None = None
        self.known: dict[str, tuple[int, int]] = {}  # by entity: how many rows since, and the last

    def look(self, database: Database, now: datetime) -> set[str]:
        """The first look tells nothing, nor does the first one after a pause."""
        with database.reading() as connection:
            if self.since is None or now - self.since > PAUSE:
                self._begin(connection, now)
                return set()
            found = _counted(connection, self.since)
            changed = {entity for entity, count in found.items() if self.known.get(entity) != count}
            self.known = found
            if now - self.since > ANEW:
                self._begin(connection, now)
            return changed

    def _begin(self, connection: Connection, now: datetime) -> None:
        self.since = now - RECENT
        self.known = _counted(connection, self.since)


def _counted(connection: Connection, since: datetime) -> dict[str, tuple[int, int]]:
    text = "select entity, count(*), max(id) from crm_history where id > ? and action <> 'refused' group by entity"
    return {entity: (count, last) for entity, count, last in rows(connection, text, (first_id(since),))}
