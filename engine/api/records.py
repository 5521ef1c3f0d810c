"""Lists and single records as JSON."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response

from engine.api.asked import asked_as_view
from engine.api.body import json_object, only, take_version
from engine.api.door import id_in_path, key_of
from engine.errors import BadRequest
from engine.records.commands import Create, Delete, One, Outcome, Restore, Update
from engine.serving import Ask

Item = dict[str, Any]  # a record as JSON
JSON = "application/json"
COUNTED = 10_000


def index(ask: Ask) -> Response:
    """GET /api/v1/deal?status=WON&sort=-created_at&limit=50&cursor=...&count=true"""
    reads, actor = ask.crm.reads, ask.who()
    given = ask.request.query_params.multi_items()
    wants_count = _flag(ask, "count")
    if wants_count is not None:
        given = [pair for pair in given if pair[0] != "count"]
    query = asked_as_view(ask, reads.query(actor, ask.path["entity"], given), ask.request.query_params.get("view"))
    page = reads.page(actor, query)
    if not wants_count:
        return Response(reads.json(page), media_type=JSON)
    found = reads.count(actor, query, COUNTED + 1)
    told = {"items": reads.items(page.columns, page.rows), "next": page.next}
    return answer({**told, "count": min(found, COUNTED), "more": found > COUNTED})


def show(ask: Ask) -> Response:
    reads, deleted = ask.crm.reads, bool(_flag(ask, "deleted"))
    return _versioned(reads.item(ask.who(), ask.path["entity"], id_in_path(ask), deleted=deleted))


def create(ask: Ask) -> Response:
    outcome, item = done(ask, Create(ask.path["entity"], json_object(ask)))
    place = {"Location": f"/api/v1/{outcome.entity}/{outcome.id}"}
    return answer_to_write(outcome, item, 201, place)


def update(ask: Ask) -> Response:
    given = json_object(ask)
    version = take_version(ask, given)
    command = Update(ask.path["entity"], id_in_path(ask), version, given)
    return answer_to_write(*done(ask, command))


def delete(ask: Ask) -> Response:
    """Into the bin; the answer's version is the one to restore from."""
    given = json_object(ask) if ask.body else {}
    command = Delete(ask.path["entity"], id_in_path(ask), take_version(ask, given))
    only(given)
    outcome = ask.crm.writes.do(ask.who(), command, key_of(ask))
    return answer(_brief(outcome), headers=_replayed(outcome))


def restore(ask: Ask) -> Response:
    given = json_object(ask) if ask.body else {}
    command = Restore(ask.path["entity"], id_in_path(ask), take_version(ask, given))
    only(given)
    return answer_to_write(*done(ask, command))


# ---- answers


def done(ask: Ask, command: One) -> tuple[Outcome, Item | None]:
    """Does the command. The record as it is after, but for who asks with `Prefer: return=minimal` for its id and version
    only, and for who may not see it any more: a change may move the record out of its author's scope."""
    if "return=minimal" in ask.request.headers.get("prefer", ""):
        return ask.crm.writes.do(ask.who(), command, key_of(ask)), None
    return ask.crm.writes.do_and_show(ask.who(), command, key_of(ask))


def answer(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, JSON)


def answer_to_write(
    outcome: Outcome, item: Item | None, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    return _versioned(item or _brief(outcome), status, {**(headers or {}), **_replayed(outcome)})


def _versioned(item: Item, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return answer(item, status, {**(headers or {}), "ETag": f'"{item["version"]}"'})


def _brief(outcome: Outcome) -> dict[str, Any]:
    return {"id": str(outcome.id), "version": outcome.version}


def _replayed(outcome: Outcome) -> dict[str, str]:
    return {"Idempotency-Replayed": "true"} if outcome.replayed else {}


def _flag(ask: Ask, name: str) -> bool | None:
    text = ask.request.query_params.get(name)
    if text is None:
        return None
    if text not in ("true", "false"):
        raise BadRequest(f'"{text[:20]}" is neither true nor false.')
    return text == "true"
