"""What changed since the look before: names of entities and numbers of records, from the history, cheap however much is
there. In a storm, when more changed than is told one by one, only the names are known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.blueprint import Blueprint
from engine.records.database import Connection, Database
from engine.records.keys import first_id
from engine.records.naming import quoted
from engine.records.rows import rows

RECENT = timedelta(seconds=15)  # ids are made before they are kept: a row may come to light after a later one
MOST = 500  # rows of history that are looked at one by one


@dataclass(frozen=True, slots=True)
class Stirred:
    """`records`: those that changed, and those about which an activity changed; None when it might be any."""

    entities: frozenset[str] = frozenset()
    records: frozenset[int] | None = frozenset()

    def touches(self, record: int) -> bool:
        return self.records is None or record in self.records


class Stirring:
    """One look of a process at what changed, for all who listen there. Not safe to use from two threads at once."""

    def __init__(self) -> None:
        self.seen: frozenset[int] = frozenset()  # rows of history

    def look(self, database: Database, blueprint: Blueprint, now: datetime) -> Stirred:
        """The first look, and one after a pause, tells what was RECENT: a page may have been drawn just before it."""
        with database.reading() as connection:
            found = _recent(connection, now)
            fresh = [row for row in found if row[0] not in self.seen]
            is_storm = len(found) > MOST
            self.seen = frozenset(row[0] for row in found)
            if not fresh:
                return Stirred()
            entities = frozenset(entity for _, entity, _ in fresh)
            if is_storm:
                return Stirred(entities, None)
            return Stirred(entities, frozenset(_touched(connection, blueprint, fresh)))


def _recent(connection: Connection, now: datetime) -> list[tuple[int, str, int]]:
    text = "select id, entity, record from crm_history where id > ? and action <> 'refused' order by id desc limit ?"
    return rows(connection, text, (first_id(now - RECENT), MOST + 1))  # type: ignore[return-value]


def _touched(connection: Connection, blueprint: Blueprint, fresh: list[tuple[int, str, int]]) -> Iterable[int]:
    by_entity: dict[str, set[int]] = {}
    for _, entity, record in fresh:
        by_entity.setdefault(entity, set()).add(record)
        yield record
    for name, ids in by_entity.items():
        described = blueprint.entities.get(name)
        if described is not None and described.activity is not None:
            yield from _about(connection, name, described.activity.about, sorted(ids))


def _about(connection: Connection, entity: str, field: str, ids: list[int]) -> Iterable[int]:
    marks = ", ".join("?" * len(ids))
    text = f"select {quoted(field)} from {quoted(entity)} where id in ({marks})"
    return [row[0] for row in rows(connection, text, tuple(ids)) if row[0] is not None]
