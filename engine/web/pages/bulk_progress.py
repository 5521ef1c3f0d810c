"""/bulk and /bulk/{id}: how far one's bulk changes are, what became of each record, stopping and taking back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.responses import RedirectResponse, Response

from engine.blueprint.entities import Entity
from engine.blueprint.values import Ref
from engine.errors import Invalid
from engine.markup import Html
from engine.records import bulk_work, bulks
from engine.records.bulks import EXPORT, Bulk, Fate
from engine.records.database import Connection
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.ids import record_id
from engine.web.render import address
from engine.web.render_moments import moment

STATES = ("failed", "skipped", "done")
LISTED = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One record with what became of it; `title` None: not there any more, or not the reader's to see."""

    fate: Fate
    title: str | None


def index(ask: Ask) -> Response:
    seen = screen(ask)
    with seen.crm.database.reading() as connection:
        found = bulks.latest(connection, seen.actor)
    rows = [(one, heading(seen, one), _moment(seen, one.at)) for one in found]
    body = seen.render("bulks.html", rows=rows)
    return seen.page(seen.say("Bulk changes"), body, "bulk")


def show(ask: Ask) -> Response:
    seen = screen(ask)
    with seen.crm.database.reading() as connection:
        bulk = bulks.find(connection, seen.actor, record_id(ask))
        body = _drawn(seen, connection, bulk)
    return seen.page(heading(seen, bulk), body, bulk.entity)


def stop(ask: Ask) -> Response:
    seen = screen(ask)
    with seen.crm.database.writing() as connection:
        bulk = bulks.stop(connection, seen.actor, record_id(ask), ask.now)
    return RedirectResponse(f"/bulk/{bulk.id}", 303)


def undo(ask: Ask) -> Response:
    seen = screen(ask)
    id = record_id(ask)
    try:
        made = bulk_work.start_undo(seen.crm.writes, seen.actor, id, by_hand=True)
    except Invalid as error:
        return go(ask, f"/bulk/{id}", error.message)
    return RedirectResponse(f"/bulk/{made}", 303)


# ---- the page


def _drawn(seen: Screen, connection: Connection, bulk: Bulk) -> Html:
    entity = seen.crm.blueprint.entities.get(bulk.entity)
    counts = {"done": bulk.done, "skipped": bulk.skipped, "failed": bulk.failed}
    state = seen.ask.request.query_params.get("show", "")
    if state not in STATES:
        state = next((one for one in STATES if counts[one]), "done")
    after = _after(seen)
    found = bulks.fates(connection, bulk.id, state, after, LISTED + 1) if bulk.kind != EXPORT else []
    last = str(found[LISTED - 1].position) if len(found) > LISTED else ""
    more = address(f"/bulk/{bulk.id}", {"show": state, "after": last}) if last else None
    why = bulks.reasons(connection, bulk.id, state) if state != "done" and counts[state] else []
    return seen.render(
        "bulk_progress.html", bulk=bulk, entity=entity, heading=heading(seen, bulk), counts=counts, state=state,
        rows=_titled(seen, connection, bulk, found[:LISTED]), more=more, why=why,
        undoable=bulks.is_undoable(bulk, seen.ask.now), proof=proof, ask=seen.ask, is_export=bulk.kind == EXPORT,
        ready=bulk.file is not None and (bulk.expires_at or 0) > seen.ask.now.timestamp() * 1000,
        expires=_moment(seen, bulk.expires_at) if bulk.expires_at else None, states=STATES, first=after < 0,
    )  # fmt: skip


def _after(seen: Screen) -> int:
    text = seen.ask.request.query_params.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


def _titled(seen: Screen, connection: Connection, bulk: Bulk, found: list[Fate]) -> list[Row]:
    if bulk.entity not in seen.crm.blueprint.entities:
        return [Row(fate, None) for fate in found]
    titles = seen.crm.reads.titles(seen.actor, [Ref(bulk.entity, fate.record) for fate in found], connection)
    return [Row(fate, titles.get((bulk.entity, fate.record))) for fate in found]


# ---- in words


def heading(seen: Screen, bulk: Bulk) -> str:
    entity = seen.crm.blueprint.entities.get(bulk.entity)
    what = _records(entity, bulk)
    if bulk.kind == "move":
        return seen.say("{move}: {records}", move=_move(seen, bulk), records=what)
    if bulk.kind == "update":
        labels = _labels(entity, bulk.wish.settings.get("values") or {})
        return seen.say("{fields}: {records}", fields=labels, records=what)
    if bulk.kind == "tag":
        return seen.say("Tag {records}", records=what)
    if bulk.kind == "undo":
        return seen.say("Take back a change of {records}", records=what)
    if bulk.kind == EXPORT:
        return seen.say("A file of {plural}", plural=entity.plural.lower() if entity else bulk.entity)
    return seen.say("Move {records} to the bin", records=what)


def _records(entity: Entity | None, bulk: Bulk) -> str:
    label = (entity.label if bulk.count == 1 else entity.plural).lower() if entity else bulk.entity
    return f"{bulk.count:,} {label}"


def _labels(entity: Entity | None, values: dict[str, Any]) -> str:
    names = [entity.fields[name].label if entity and name in entity.fields else name for name in values]
    return ", ".join(names)


def _move(seen: Screen, bulk: Bulk) -> str:
    name = bulk.wish.settings.get("transition")
    found = [t.label for w in seen.crm.blueprint.workflows_of(bulk.entity) for n, t in w.transitions.items() if n == name]
    return found[0] if found else str(name)


def _moment(seen: Screen, at: int) -> Html:
    return moment(datetime.fromtimestamp(at / 1000, UTC), seen.formats)


__all__ = ["heading", "index", "show", "stop", "undo"]
