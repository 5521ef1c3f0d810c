"""One deed for many records, carried out by workers: asked for, looked at, stopped, taken back. And one deed taken back.

POST /api/v1/deal/bulk {"do": "move", "filter": {"status": "NEW"}, "transition": "hold"} -> 202 with its id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from engine.api import deeds
from engine.api.body import json_object, object_in, only, take_version, text_in
from engine.api.door import id_in_path, key_of
from engine.api.records import answer, answer_to_write, done
from engine.errors import BadRequest, Complaint, Invalid
from engine.records import bulk_work, bulks
from engine.records.bulks import Bulk, Fate, Wish
from engine.records.commands import Undo
from engine.serving import Ask

SETTINGS: Mapping[str, tuple[str, ...]] = {
    "update": ("values",), "move": ("transition", "values"), "tag": ("field", "add", "remove"), "delete": (),
}  # fmt: skip
STATES = ("done", "skipped", "failed")
USUAL, MOST = 50, 200
STATE_WORDS = {"claimed": "working", "dead": "failed"}


def begin(ask: Ask) -> Response:
    """With "commands" each is done at once and told in order; with "do" a worker does one deed on many records."""
    given = json_object(ask)
    if "commands" in given:
        return deeds.bulk(ask)
    wish = _wish(ask.path["entity"], given)
    ids = _ids(ask, wish.entity, given)
    id = bulk_work.start(ask.crm.writes, ask.who(), wish, ids, key=key_of(ask))
    return begun(ask, id)


def show(ask: Ask) -> Response:
    """How far it is; with ?show=failed what became of each such record, and `next` as the cursor for more."""
    state, after, limit = _shown(ask)
    with ask.crm.database.reading() as connection:
        bulk = bulks.find(connection, ask.who(), id_in_path(ask))
        found = bulks.fates(connection, bulk.id, state, after, limit + 1) if state else []
    next = str(found[limit - 1].position) if len(found) > limit else None
    return answer({**_told(bulk), "items": [_fate(fate) for fate in found[:limit]], "next": next})


def stop(ask: Ask) -> Response:
    only(json_object(ask) if ask.body else {})
    with ask.crm.database.writing() as connection:
        bulk = bulks.stop(connection, ask.who(), id_in_path(ask), ask.now)
        return answer(_told(bulks.find(connection, ask.who(), bulk.id)))


def undo(ask: Ask) -> Response:
    """A bulk that takes this one back."""
    only(json_object(ask) if ask.body else {})
    return begun(ask, bulk_work.start_undo(ask.crm.writes, ask.who(), id_in_path(ask)))


def take_back(ask: Ask) -> Response:
    """Takes back what one did oneself: `history` is the deed's id in the record's history."""
    given = json_object(ask)
    version = take_version(ask, given)
    only(given, "history")
    command = Undo(ask.path["entity"], id_in_path(ask), version, _id(text_in(given, "history"), "history"))
    return answer_to_write(*done(ask, command))


# ---- asked


def _wish(entity: str, given: Mapping[str, Any]) -> Wish:
    do = str(given.get("do"))
    if do not in SETTINGS:
        raise Invalid([Complaint("do", f'"do" must be one of {", ".join(SETTINGS)}.')])
    only(dict(given), "do", "ids", "filter", *SETTINGS[do])
    settings: dict[str, Any] = {}
    for name in SETTINGS[do]:
        if name == "values":
            settings[name] = object_in(dict(given), name)
        elif name in ("add", "remove"):
            settings[name] = _texts(given.get(name), name)
        else:
            settings[name] = text_in(dict(given), name)
    return Wish(entity, do, settings)


def _ids(ask: Ask, entity: str, given: Mapping[str, Any]) -> list[int]:
    if ("ids" in given) == ("filter" in given):
        raise Invalid([Complaint("ids", 'Say which records: either "ids" or "filter".')])
    if "ids" in given:
        return [_id(text, "ids") for text in _texts(given["ids"], "ids")]
    query = ask.crm.reads.query(ask.who(), entity, pairs_of(object_in(dict(given), "filter")))
    return bulks.ids_of(ask.crm.reads, ask.who(), query)


def pairs_of(filter: Mapping[str, Any]) -> list[tuple[str, str]]:
    """As an address would say them."""
    return [(name, text) for name, value in filter.items() for text in _filter(value)]


def _filter(value: Any) -> list[str]:
    several = value if isinstance(value, list) else [value]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in several]


def _texts(given: Any, name: str) -> list[str]:
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise Invalid([Complaint(name, f'"{name}" must be a list of texts.')])
    return given


def _id(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) < 2**63):
        raise Invalid([Complaint(name, f'"{name}" must hold ids, as text.')])
    return int(text)


def _shown(ask: Ask) -> tuple[str | None, int, int]:
    words = ask.request.query_params
    state, after, limit = words.get("show"), words.get("cursor", ""), words.get("limit", str(USUAL))
    if state is not None and state not in STATES:
        raise BadRequest(f'"show" must be one of {", ".join(STATES)}.')
    if not all(text.isascii() and text.isdigit() and len(text) < 9 for text in (after or "0", limit)):
        raise BadRequest('"cursor" and "limit" must be numbers as this address gives them.')
    return state, int(after) if after else -1, min(max(int(limit), 1), MOST)


# ---- told


def begun(ask: Ask, id: int) -> Response:
    with ask.crm.database.reading() as connection:
        told = _told(bulks.find(connection, ask.who(), id))
    return answer(told, 202, {"Location": f"/api/v1/bulk/{id}"})


def _told(bulk: Bulk) -> dict[str, Any]:
    return {
        "id": str(bulk.id), "entity": bulk.entity, "do": bulk.kind, "state": STATE_WORDS.get(bulk.state, bulk.state),
        "count": bulk.count, "position": bulk.position, "done": bulk.done, "skipped": bulk.skipped,
        "failed": bulk.failed, "reason": bulk.reason, "undone_by": str(bulk.undone_by) if bulk.undone_by else None,
        "file": f"/api/v1/bulk/{bulk.id}/file" if bulk.file else None,
    }  # fmt: skip


def _fate(fate: Fate) -> dict[str, Any]:
    return {"id": str(fate.record), "state": fate.state, "why": fate.why, "version": fate.version}


__all__ = ["begin", "begun", "pairs_of", "show", "stop", "take_back", "undo"]
