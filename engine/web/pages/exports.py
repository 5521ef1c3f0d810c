"""A list as a file: the rows and columns that the actor may read, written while they are read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace

from starlette.responses import Response, StreamingResponse

from engine.blueprint.values import Ref
from engine.parts import field_type
from engine.records.columns import Row, Shown, value_of
from engine.records.read import Export
from engine.serving import Ask
from engine.web.frame import Screen, screen
from engine.web.render_tables import columns_of

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for a formula


def show(ask: Ask) -> Response:
    seen = screen(ask)
    entity = seen.entity()
    query = seen.crm.reads.query(seen.actor, entity.name, ask.request.query_params.multi_items())
    columns = tuple(name for name in columns_of(seen, entity).asked)
    export = seen.crm.reads.export(seen.actor, replace(query, columns=query.columns or columns))
    headers = {"Content-Disposition": f'attachment; filename="{entity.name}.csv"'}
    return StreamingResponse(_lines(seen, export), headers=headers, media_type="text/csv; charset=utf-8")


def _lines(seen: Screen, export: Export) -> Iterator[bytes]:
    yield "\ufeff".encode()  # so that spreadsheets read it as UTF-8
    yield _written([[shown.label for shown in export.columns]])
    for rows in export.batches:
        yield _written([[_cell(seen, shown, row) for shown in export.columns] for row in rows])


def _cell(seen: Screen, shown: Shown, row: Row) -> str:
    value = value_of(shown, row)
    if isinstance(value, tuple) and value and isinstance(value[0], Ref):
        return _safe(", ".join(ref.title or "" for ref in value))
    if isinstance(value, Ref):
        return _safe(value.title or "")
    return _safe(field_type(shown.field.type).show(shown.field, value, seen.formats))


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(DANGEROUS) and not text[1:2].isdigit() else text


def _written(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
