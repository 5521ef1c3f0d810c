"""A list as a file: the rows and columns that the actor may read.

It is written before it is sent: whoever takes it slowly would otherwise keep a connection of the database, and a few of
them would stop everybody. So, too, what goes wrong half-way is told, and no file is cut short.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from tempfile import SpooledTemporaryFile
from typing import IO

from starlette.responses import Response, StreamingResponse

from engine.errors import TooMany
from engine.records.exporting import export_csv
from engine.serving import Ask, Serving
from engine.web.frame import screen
from engine.web.pages.lists import columns_of

IN_MEMORY = 1024 * 1024  # bytes; a larger file waits on the disk
PIECE = 64 * 1024  # bytes


def show(ask: Ask) -> Response:
    seen = screen(ask)
    entity = seen.entity()
    query = seen.crm.reads.query(seen.actor, entity.name, ask.request.query_params.multi_items())
    asked = query.columns or tuple(columns_of(seen, entity).asked)
    file = _written(ask, export_csv(seen.crm.reads, seen.actor, replace(query, columns=asked)))
    headers = {"Content-Disposition": f'attachment; filename="{entity.name}.csv"'}
    return StreamingResponse(_pieces(file), headers=headers, media_type="text/csv; charset=utf-8")


def _written(ask: Ask, pieces: Iterable[bytes]) -> IO[bytes]:
    """Raises TooMany while as many as may are being written."""
    serving: Serving = ask.request.app.state.serving
    if not serving.exports.acquire(blocking=False):
        raise TooMany("Other exports are being written just now. Please try again in a moment.", 5)
    try:
        file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed when it was sent
        file.writelines(pieces)
        file.seek(0)
        return file
    finally:
        serving.exports.release()


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
