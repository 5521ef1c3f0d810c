"""Lists as files, written by a worker: asked for, looked at as any bulk, fetched for a day.

POST /api/v1/deal/export {"format": "csv", "filter": {"status": "NEW"}} -> 202 with its id; GET /api/v1/bulk/{id}/file
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from starlette.responses import FileResponse, Response

from engine.api.body import json_object, object_in, only
from engine.api.bulk import begun, pairs_of
from engine.api.door import id_in_path
from engine.errors import Complaint, Invalid
from engine.records import bulks
from engine.records.export_jobs import begin_export, check_kind, must_export, written_export
from engine.records.exporting import KINDS, every_column
from engine.serving import Ask


def begin(ask: Ask) -> Response:
    """All columns that the bearer may read, unless "columns" names some. Raises Refused without the export right."""
    reads, actor, given = ask.crm.reads, ask.who(), json_object(ask)
    entity = reads.sight.entity(actor, ask.path["entity"])
    only(dict(given), "format", "filter", "columns", "sort")
    kind = _text(given, "format", "csv")
    check_kind(kind)
    must_export(reads, actor, entity)
    pairs = [*pairs_of(object_in(given, "filter") if "filter" in given else {}), *_words(given)]
    query = reads.query(actor, entity.name, pairs)
    asked = replace(query, columns=query.columns or every_column(reads, actor, entity), cursor=None)
    return begun(ask, begin_export(ask.crm.writes, actor, pairs, asked, kind, ask.now))


def fetch(ask: Ask) -> Response:
    with ask.crm.database.reading() as connection:
        bulk = bulks.find(connection, ask.who(), id_in_path(ask))
    path = written_export(ask.crm.reads, ask.who(), bulk, ask.crm.files.folder, ask.now)
    kind = bulk.wish.settings["format"]
    return FileResponse(path, media_type=KINDS[kind], filename=f"{bulk.entity}.{kind}")


def _words(given: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("columns", "sort"):
        text = _text(given, name, "")
        if text:
            yield name, text


def _text(given: dict[str, Any], name: str, otherwise: str) -> str:
    value = given.get(name, otherwise)
    if not isinstance(value, str):
        raise Invalid([Complaint(name, f'"{name}" must be a text.')])
    return value


__all__ = ["begin", "fetch"]
