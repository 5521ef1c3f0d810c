"""A list's cell as a form of one field, which a script puts in the cell's place. Without script there is the record's form.

/{entity}/{id}/cell/{field} is that form, or the reason why there is none; what it sends is kept through the write door at
the version that was shown, and answered with the row as it is now.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.responses import Response

from engine.blueprint.conditions import Test
from engine.blueprint.entities import Entity, Field
from engine.errors import Complaint, Conflict, Invalid, Refused
from engine.markup import Html, trusted
from engine.records.commands import Update
from engine.records.database import Connection
from engine.records.query import Query, columns_in
from engine.records.read import Record
from engine.rules.permissions import who_may
from engine.rules.words import listed
from engine.serving import Ask
from engine.web.frame import Screen, proof, screen
from engine.web.pages.ids import record_id, version_of
from engine.web.pages.undo import done, way_back
from engine.web.render import shown
from engine.web.render_bulk import bulk_may
from engine.web.render_forms import Sheet, posted, typed
from engine.web.render_tables import NOT_IN_CELLS, columns_asked, drawn, editable
from engine.web.viewed import viewed

MOST_ASKED = 400  # records whose cells are asked about at once
LONGEST_PLACE = 8000


def fixed(ask: Ask) -> Response:
    """Which of these records the actor may not change: their cells look so."""
    seen = screen(ask)
    entity = seen.entity()
    texts = ask.request.query_params.getlist("id")[:MOST_ASKED]
    ids = {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19}
    with seen.crm.reads.lent(None) as lent:
        able = seen.crm.reads.singles.allowed_of(lent, seen.actor, "update", entity.name, ids)
    return Response(orjson.dumps({"fixed": [str(id) for id in sorted(ids - able)]}), media_type="application/json")


def show(ask: Ask) -> Response:
    seen = screen(ask)
    entity, field = _named(seen)
    record = seen.crm.reads.record(seen.actor, entity.name, record_id(ask))
    why = _why_not(seen, entity, field, record)
    if why:
        return seen.piece(str(seen.render("cell_fixed.html", why=why, record=record, field=field)))
    sheet = Sheet(seen, entity, (field,), typed(seen, (field,), record.values), record.values, always=True)
    return seen.piece(_form(seen, record, field, sheet, record.version))


def save(ask: Ask) -> Response:
    """The row and the toast as JSON; the form again with what is wrong, or with what somebody else wrote meanwhile."""
    seen = screen(ask)
    entity, field = _named(seen)
    id, version = record_id(ask), version_of(ask)
    texts = posted(seen, (field,))
    try:
        outcome = done(seen, Update(entity.name, id, version, texts))
    except (Invalid, Refused) as error:
        complaints = error.complaints if isinstance(error, Invalid) else (Complaint(field.name, error.message),)
        return _again(seen, entity, field, id, texts, version, complaints, error.status)
    except Conflict as error:
        return _conflict(seen, entity, field, id, texts, error)
    return _kept(seen, entity, id, way_back(seen, outcome))


# ---- why not


def _named(seen: Screen) -> tuple[Entity, Field]:
    """Raises BadRequest for a field that the actor may not read."""
    entity = seen.entity()
    return entity, seen.sight.field(seen.actor.role, entity.name, seen.ask.path["field"])


def _why_not(seen: Screen, entity: Entity, field: Field, record: Record) -> str | None:
    made = {
        "computed": seen.say("{label} is worked out from other values.", label=field.label),
        "rollup": seen.say("{label} is worked out from other records.", label=field.label),
        "children": seen.say("{label} are records of their own.", label=field.label),
        "reference_number": seen.say("{label} is given once, and stays.", label=field.label),
        "stage": seen.say("{label} changes by a move: open the record, or tick it and choose Move.", label=field.label),
    }
    if field.type in made:
        return made[field.type]
    if field.system:
        return seen.say("{label} is kept by the program itself.", label=field.label)
    if field.type in NOT_IN_CELLS:
        return seen.say("{label} is changed on the record's own form.", label=field.label)
    if field.name not in editable(seen, entity):
        who = listed(who_may(seen.crm.blueprint, "update", entity.name, seen.actor.role))
        return seen.say("Your role may look at {label}, but not change it.", label=field.label) + (
            f" {seen.say('Ask: {who}.', who=who)}" if who else ""
        )
    if not seen.crm.writes.may(seen.actor, entity.name, record.id, "update"):
        return seen.say("You may look at this {label}, but not change it.", label=entity.label.lower())
    return None


# ---- the form


def _form(seen: Screen, record: Record, field: Field, sheet: Sheet, version: int, theirs: Html | None = None) -> str:
    place = f"/{record.entity}/{record.id}/cell/{field.name}"
    general = sheet.general()
    return str(seen.render("cell.html", record=record, field=field, place=place, version=version, proof=proof(seen.ask),
                           control=sheet.row(field), general=general, theirs=theirs))  # fmt: skip


def _again(
    seen: Screen, entity: Entity, field: Field, id: int, texts: dict[str, Any], version: int,
    complaints: tuple[Complaint, ...], status: int, theirs: Html | None = None,
) -> Response:  # fmt: skip
    record = seen.crm.reads.record(seen.actor, entity.name, id)
    sheet = Sheet(seen, entity, (field,), texts, record.values, complaints, always=True)
    response = seen.piece(_form(seen, record, field, sheet, version, theirs))
    response.status_code = status
    return response


def _conflict(seen: Screen, entity: Entity, field: Field, id: int, texts: dict[str, Any], error: Conflict) -> Response:
    """Somebody wrote in between: what stands there now is told, and saving once more is meant."""
    record = seen.crm.reads.record(seen.actor, entity.name, id)
    now = shown(field, record.values.get(field.name), seen.formats)
    told = field.name in error.theirs
    return _again(seen, entity, field, id, texts, error.version, (), error.status, now if told else trusted(""))


# ---- the row


def _kept(seen: Screen, entity: Entity, id: int, undo: tuple[str, int] | None) -> Response:
    with seen.crm.database.reading() as lent:
        row = _row(seen, entity, id, lent)
    toast = seen.render("toast.html", text=seen.say("Saved."), undo=undo or (), proof=proof(seen.ask),
                        stay=seen.crm.blueprint.manifest.undo)  # fmt: skip
    return Response(orjson.dumps({"row": row, "toast": str(toast)}), media_type="application/json")


def _row(seen: Screen, entity: Entity, id: int, lent: Connection) -> str:
    """As the list draws it, whether or not the list would still find it; nothing when the actor sees it no more."""
    form = seen.ask.form
    text = form.get("_list", "") if form is not None else ""
    pairs = parse_qsl(text.lstrip("?")[:LONGEST_PLACE]) if isinstance(text, str) else []
    v = viewed(seen, entity, pairs, "list", lent)
    columns = columns_asked(seen, entity, tuple(columns_in(dict(v.pairs).get("columns", ""))) or v.shelf.habits.columns)
    page = seen.crm.reads.page(
        seen.actor, Query(entity.name, columns.asked, Test("id", "is", id), limit=1), connection=lent
    )
    return drawn(seen, entity, page, bulk_may(seen, entity), columns).rows(page.rows) if page.rows else ""


__all__ = ["fixed", "save", "show"]
