"""Large lists as files: a row of crm_bulk asks for one, a worker writes it, and who asked fetches it for a day.

The right is judged when it is asked for, when it is written and again when it is fetched: a file that was written with
other rights than its reader has by then is not given out. What was taken away while it was being written is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from engine.actor import Actor
from engine.blueprint.entities import Entity
from engine.errors import BadRequest, NotFound, Refused
from engine.records import bulks
from engine.records.bulks import EXPORT, Bulk, Wish, place
from engine.records.exporting import KINDS
from engine.records.keys import milliseconds
from engine.records.query import Query
from engine.records.read import Reads
from engine.records.sight import NOT_FOUND, Sight
from engine.records.write import Writes
from engine.rules.permissions import may, who_may
from engine.words import said

MOST_COUNTED = 1_000_000  # rows that are counted beforehand, so that one sees how far it is
Pairs = Sequence[tuple[str, str]]


def must_export(reads: Reads, actor: Actor, entity: Entity) -> None:
    """Raises Refused."""
    if not may(reads.blueprint, actor, "export", entity.name):
        who = who_may(reads.blueprint, "export", entity.name, actor.role)
        raise Refused(said("Your role may not export {plural}.", plural=entity.plural), who)


def check_kind(kind: str) -> None:
    """Raises BadRequest."""
    if kind not in KINDS:
        raise BadRequest(said("There is no such kind of file. Known: {kinds}.", kinds=", ".join(KINDS)))


def begin_export(writes: Writes, actor: Actor, pairs: Pairs, asked: Query, kind: str, now: datetime) -> int:
    """The id of the bulk whose worker writes it: `pairs` ask again then, as the actor of that time, with the columns of
    `asked`. Raises TooMany, BadRequest for a column that is not there. Whether the actor may is the caller's to ask."""
    rights = rights_of(writes.reads.sight, actor, asked)
    settings = {"pairs": list(pairs), "columns": asked.columns, "format": kind, "rights": rights}
    writes.reads.page(actor, Query(asked.entity, asked.columns, limit=1))
    count = writes.reads.count(actor, replace(asked, cursor=None), MOST_COUNTED)
    with writes.database.writing() as connection:
        id = bulks.put(connection, actor, Wish(asked.entity, EXPORT, settings), (), now, count=count)
    writes.heard()
    return id


def written_export(reads: Reads, actor: Actor, bulk: Bulk, folder: Path, now: datetime) -> Path:
    """The file of one's own export. Raises NotFound when there is none, or none any more, Refused when it holds what is not
    the actor's to read now."""
    path = place(folder, bulk.file) if bulk.kind == EXPORT and bulk.file else None
    if path is None or (bulk.expires_at or 0) <= milliseconds(now) or not path.is_file():
        raise NotFound(NOT_FOUND)
    must_export(reads, actor, reads.sight.entity(actor, bulk.entity))
    asked = Query(bulk.entity, tuple(bulk.wish.settings["columns"]))
    if bulk.role != actor.role or bulk.wish.settings.get("rights") != rights_of(reads.sight, actor, asked):
        raise Refused(said("Your rights have changed since this file was written. Export it again."))
    return path


def rights_of(sight: Sight, actor: Actor, asked: Query) -> str:
    """A mark of what the actor may read of this: it changes with the records and the fields that are open to them."""
    fields = sight.fields(actor.role, asked.entity)
    open_to_them = [name for name in asked.columns if name == "title" or name.partition(".")[0] in fields]
    scope = sight.scope(actor, asked.entity, "read")
    return hashlib.sha256(repr((scope, open_to_them, sorted(fields), actor.teams)).encode()).hexdigest()[:32]


__all__ = ["begin_export", "check_kind", "must_export", "rights_of", "written_export"]
