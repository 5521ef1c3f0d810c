"""A list as a file: the rows and columns that the actor may read, written while they are read."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response, StreamingResponse

from engine.records.exporting import export_csv
from engine.serving import Ask
from engine.web.frame import screen
from engine.web.pages.lists import columns_of


def show(ask: Ask) -> Response:
    seen = screen(ask)
    entity = seen.entity()
    query = seen.crm.reads.query(seen.actor, entity.name, ask.request.query_params.multi_items())
    asked = query.columns or tuple(columns_of(seen, entity).asked)
    pieces = export_csv(seen.crm.reads, seen.actor, replace(query, columns=asked))
    headers = {"Content-Disposition": f'attachment; filename="{entity.name}.csv"'}
    return StreamingResponse(pieces, headers=headers, media_type="text/csv; charset=utf-8")
