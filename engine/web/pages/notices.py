"""What one was told: newest first, each with the way to what it is about."""

from __future__ import annotations

from typing import Any

from starlette.responses import RedirectResponse, Response

from engine.blueprint.entities import Field
from engine.errors import NotFound
from engine.markup import Html
from engine.parts import field_type
from engine.records.keys import milliseconds
from engine.records.notices import Notice
from engine.records.sight import NOT_FOUND
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.ids import record_id
from engine.web.render import address, render, shown

MOMENT = Field("at", "datetime", "When")
MOST = 50


def show(ask: Ask) -> Response:
    seen = screen(ask)
    before = ask.request.query_params.get("before", "")
    from_id = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    found = seen.crm.notices.latest(seen.actor, MOST + 1, from_id)
    older = address("/notices", {"before": str(found[MOST - 1].id)}) if len(found) > MOST else None
    unread = any(not notice.read for notice in found)
    body = render(
        "notices.html",
        notices=[_told(seen, n) for n in found[:MOST]],
        older=older,
        unread=unread,
        proof=proof(ask),
    )
    return seen.page("Notices", body, "notices")


def open_one(ask: Ask) -> Response:
    """To what it is about; it is read now."""
    seen = screen(ask)
    notice = seen.crm.notices.one(seen.actor, record_id(ask))
    if notice is None:
        raise NotFound(NOT_FOUND)
    seen.crm.notices.mark_read(seen.actor, milliseconds(ask.now), notice.id)
    return RedirectResponse(f"/{notice.entity}/{notice.record}" if notice.record else "/notices", 303)


def mark_all(ask: Ask) -> Response:
    ask.crm.notices.mark_read(ask.who(), milliseconds(ask.now))
    return go(ask, "/notices")


def _told(seen: Screen, notice: Notice) -> dict[str, Any]:
    entity = seen.crm.blueprint.entities.get(notice.entity or "")
    return {"notice": notice, "icon": entity.icon if entity else "bell", "at": _moment(seen, notice.at)}


def _moment(seen: Screen, at: int) -> Html:
    return shown(MOMENT, field_type("datetime").load(MOMENT, (at,)), seen.formats)
