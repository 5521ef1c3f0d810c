"""What happened to a record, in one order: its changes, what was done about it, what was told and what came in."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from engine.api.door import id_in_path
from engine.api.finding import event_json, number, value_json
from engine.api.records import answer
from engine.blueprint.values import FileRef
from engine.errors import BadRequest
from engine.records.history import Event
from engine.records.ledger import Line
from engine.records.received import Received, is_told
from engine.records.timeline import Deed, Entry, kinds_of, place_of, timeline
from engine.serving import Ask
from engine.words import said

USUAL, MOST = 50, 200


def show(ask: Ask) -> Response:
    """Newest first; `next` is the cursor for what was before. `kind`: history, told, received, files, or an entity of
    activities."""
    reads, actor, entity = ask.crm.reads, ask.who(), ask.path["entity"]
    asked = ask.request.query_params
    kind, limit = asked.get("kind"), number(ask, "limit", USUAL, MOST)
    with reads.database.reading() as lent:
        record = reads.record(actor, entity, id_in_path(ask), connection=lent)
        known = kinds_of(reads, actor, entity)
        if kind is not None and kind not in known:
            raise BadRequest(said('There is no kind "{kind}". There are {known}.', kind=kind[:50], known=", ".join(known)))
        found = timeline(reads, lent, actor, record, limit, place_of(asked.get("cursor")), kind)
    items = [_entry(ask, entity, entry) for entry in found.entries]
    return answer({"items": items, "next": str(found.older) if found.older else None})


def _entry(ask: Ask, entity: str, entry: Entry) -> dict[str, Any]:
    at = entry.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"kind": entry.kind, "id": str(entry.place.id), "at": at, **_content(ask, entity, entry)}


def _content(ask: Ask, entity: str, entry: Entry) -> dict[str, Any]:
    match entry.content:
        case Event() as event:
            return {"event": event_json(event)}
        case Deed() as deed:
            fields = deed.entity.fields
            values = {name: value_json(fields[name], value) for name, value in deed.values.items()}
            return {"activity": {"entity": deed.entity.name, "id": str(deed.id), "title": deed.title, "values": values}}
        case Line() as line:
            return {"message": _message(line)}
        case Received() as row:
            return {"received": _received(ask, entity, row)}
    return {"file": _file(entry.content)}


def _message(line: Line) -> dict[str, Any]:
    return {
        "label": line.label, "channel": line.channel, "to": line.who, "is_client": line.is_client, "state": line.state,
        "reason": line.reason, "subject": line.subject, "text": line.text, "address": line.address,
    }  # fmt: skip


def _received(ask: Ask, entity: str, row: Received) -> dict[str, Any]:
    """Of what is not the reader's to know only that something came."""
    blueprint, actor = ask.crm.blueprint, ask.who()
    readable = frozenset(ask.crm.reads.sight.fields(actor.role, entity))
    capture = blueprint.captures.get(row.capture)
    found = {"label": capture.label if capture else row.capture}
    if not is_told(blueprint, row, readable, blueprint.roles[actor.role].administers):
        return found
    return {**found, "sender": row.sender, "subject": row.subject, "text": row.text, "state": row.state}


def _file(file: FileRef) -> dict[str, Any]:
    return {"id": str(file.id), "name": file.name, "size": file.size, "media_type": file.media_type}


__all__ = ["show"]
