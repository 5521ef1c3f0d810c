"""A list as a file: the rows and columns that the actor may read.

A small one is written before it is sent: whoever takes it slowly would otherwise keep a connection of the database, and a
few of them would stop everybody. So, too, what goes wrong half-way is told, and no file is cut short. A large one is
written by a worker; its link works for a day, and the right is judged again when it is followed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

from starlette.responses import RedirectResponse, Response, StreamingResponse

from engine.blueprint.entities import Entity
from engine.errors import TooMany
from engine.records import bulks
from engine.records.export_jobs import begin_export, check_kind, must_export, written_export
from engine.records.exporting import KINDS, export_to
from engine.records.query import Query
from engine.records.read import COUNTED
from engine.serving import Ask, Serving
from engine.web.frame import screen
from engine.web.pages.ids import record_id
from engine.web.pages.lists import columns_of
from engine.web.render_bulk import LOOKS
from engine.words import said

PIECE = 64 * 1024  # bytes
MEANT = frozenset({"sort", "columns"})  # what of a list's looks a file keeps
Pairs = list[tuple[str, str]]


def show(ask: Ask) -> Response:
    seen = screen(ask)
    entity = seen.entity()
    given = ask.request.query_params.multi_items()
    kind = dict(given).get("format", "csv")
    check_kind(kind)
    pairs = [(n, t) for n, t in given if n != "format" and (n in MEANT or n not in LOOKS) and t.strip()]
    query = seen.crm.reads.query(seen.actor, entity.name, pairs)
    asked = replace(query, columns=query.columns or tuple(columns_of(seen, entity).asked), cursor=None)
    must_export(seen.crm.reads, seen.actor, entity)
    if seen.crm.reads.count(seen.actor, asked, COUNTED) >= COUNTED:
        id = begin_export(seen.crm.writes, seen.actor, pairs, asked, kind, ask.now)
        return RedirectResponse(f"/bulk/{id}", 303)
    return _sent(_written(ask, asked, kind), entity, kind)


def fetch(ask: Ask) -> Response:
    """What a worker wrote; only to who asked for it, and only while they may."""
    seen = screen(ask)
    with seen.crm.database.reading() as connection:
        bulk = bulks.find(connection, seen.actor, record_id(ask))
    path = written_export(seen.crm.reads, seen.actor, bulk, seen.crm.files.folder, ask.now)
    return _sent(path.open("rb"), seen.entity(bulk.entity), bulk.wish.settings["format"])


def _written(ask: Ask, query: Query, kind: str) -> IO[bytes]:
    """Raises TooMany while as many as may are being written."""
    with one_of_few(ask):
        handle, name = tempfile.mkstemp(prefix="crm-export-")
        os.close(handle)
        try:
            export_to(ask.crm.reads, ask.who(), query, kind, Path(name))
            return Path(name).open("rb")
        finally:
            Path(name).unlink(missing_ok=True)  # who has it open reads on


@contextmanager
def one_of_few(ask: Ask) -> Iterator[None]:
    """Raises TooMany while as many files as may are being written."""
    serving: Serving = ask.request.app.state.serving
    if not serving.exports.acquire(blocking=False):
        raise TooMany(said("Other exports are being written just now. Please try again in a moment."), 5)
    try:
        yield
    finally:
        serving.exports.release()


def _sent(file: IO[bytes], entity: Entity, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{entity.name}.{kind}"'}
    return StreamingResponse(_pieces(file), headers=headers, media_type=KINDS[kind])


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


__all__ = ["fetch", "one_of_few", "show"]
