"""Making and changing a record. A form that cannot be kept comes back with everything that was typed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from starlette.responses import Response

from engine.blueprint.entities import Entity
from engine.errors import Complaint, Conflict, CrmError, Invalid, Refused
from engine.markup import Html
from engine.records.commands import Create, Update
from engine.records.idempotency import UsedKey
from engine.records.read import Record
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.conflicts import compare
from engine.web.pages.ids import record_id, version_of
from engine.web.pages.known import drawn, warned
from engine.web.pages.undo import done, way_back
from engine.web.render import address, article
from engine.web.render_forms import Sheet, draft_of, form_fields, posted, typed
from engine.web.security import local_place
from engine.web.uploads import keep_uploads
from engine.words import said

Pairs = list[tuple[str, str]]


def new(ask: Ask) -> Response:
    seen = screen(ask)
    entity = seen.entity()
    if not seen.crm.writes.can_create(seen.actor, entity.name):
        raise Refused(said("Your role does not let you add {thing}.", thing=article(entity.label)), _who(seen, entity))
    fields = form_fields(seen, entity)
    values = {n: _to_the_minute(v) for n, v in seen.crm.writes.defaults(seen.actor, entity.name).items()}
    texts = {**typed(seen, fields, values), **_from_address(ask, entity)}
    return _new_page(seen, Sheet(seen, entity, fields, texts))


def create(ask: Ask) -> Response:
    seen = screen(ask)
    entity = seen.entity()
    fields = form_fields(seen, entity)
    texts = posted(seen, fields)
    try:
        texts.update(keep_uploads(seen, fields))
        if found := warned(seen, entity, texts):
            return _new_page(seen, Sheet(seen, entity, fields, texts), 422, drawn(seen, entity, found))
        outcome = done(seen, Create(entity.name, texts))
    except (Invalid, Refused) as error:
        return _new_page(
            seen, Sheet(seen, entity, fields, texts, complaints=_complaints(error)), error.status
        )
    place = _again(ask, entity) if _wants_another(ask) else _after(ask, entity, outcome.id)
    return go(ask, place, said("{label} added.", label=entity.label), way_back(seen, outcome))


def edit(ask: Ask) -> Response:
    seen = screen(ask)
    record = seen.crm.reads.record(seen.actor, seen.entity().name, record_id(ask))
    _must_change(seen, record)
    fields = form_fields(seen, seen.entity())
    texts = {**typed(seen, fields, record.values), **_from_address(ask, seen.entity())}
    sheet = Sheet(seen, seen.entity(), fields, texts, record.values, id=record.id)
    return _edit_page(seen, record, sheet, record.version)


def judge(ask: Ask) -> Response:
    """What the script asks while a form is filled in: by field, whether it is shown, and whether it must be filled."""
    seen = screen(ask)
    entity, id = seen.entity(), record_id(ask) if "id" in ask.path else None
    held = seen.crm.reads.record(seen.actor, entity.name, id).values if id else {}
    fields = form_fields(seen, entity)
    sheet = Sheet(seen, entity, fields, posted(seen, fields), held, id=id)
    judged = [f for f in fields if f.shown_when is not None or f.required_when is not None]
    found = {f.name: [sheet.is_shown(f), sheet.is_needed(f)] for f in judged}
    return Response(orjson.dumps(found), media_type="application/json")


def update(ask: Ask) -> Response:
    seen = screen(ask)
    entity, id, version = seen.entity(), record_id(ask), version_of(ask)
    fields = form_fields(seen, entity)
    texts = posted(seen, fields)
    chosen = {
        name.removeprefix("choose.")
        for name, v in (ask.form or {}).items()
        if name.startswith("choose.") and v == "theirs"
    }
    try:
        texts.update(keep_uploads(seen, fields))
        given = {name: text for name, text in texts.items() if name not in chosen}
        if found := warned(seen, entity, given, id):
            record = seen.crm.reads.record(seen.actor, entity.name, id)
            again = Sheet(seen, entity, fields, {**typed(seen, fields, record.values), **texts}, record.values, id=id)
            return _edit_page(seen, record, again, version, 422, drawn(seen, entity, found))
        outcome = done(seen, Update(entity.name, id, version, given))
    except Conflict as error:
        record = seen.crm.reads.record(seen.actor, entity.name, id)
        return compare(seen, record, Sheet(seen, entity, fields, texts, record.values), error)
    except (Invalid, Refused) as error:
        record = seen.crm.reads.record(seen.actor, entity.name, id)
        sheet = Sheet(
            seen,
            entity,
            fields,
            {**typed(seen, fields, record.values), **texts},
            record.values,
            _complaints(error),
            id=id,
        )
        return _edit_page(seen, record, sheet, version, error.status)
    return go(ask, _after(ask, entity, id), said("Saved."), way_back(seen, outcome))


# ---- the pages


def _new_page(seen: Screen, sheet: Sheet, status: int = 200, known: Html | None = None) -> Response:
    entity = sheet.entity
    body = seen.render("form.html", entity=entity, sheet=sheet,
        heading=said("New {lower}", lower=entity.label.lower()), record=None,
                  proof=proof(seen.ask), version=None, cancel=_back(seen.ask) or f"/{entity.name}", back=_back(seen.ask),
                  action=f"/{entity.name}/new", known=known, again=_again(seen.ask, entity),
                  draft=draft_of(seen, f"/{entity.name}/new", _prefilled(seen.ask, entity)))  # fmt: skip
    return seen.page(said("New {lower}", lower=entity.label.lower()), body, entity.name, status)


def _edit_page(
    seen: Screen, record: Record, sheet: Sheet, version: int, status: int = 200, known: Html | None = None
) -> Response:
    place = f"/{record.entity}/{record.id}"
    body = seen.render("form.html", entity=sheet.entity, sheet=sheet,
        heading=said("Edit {title}", title=record.title), record=record,
                  proof=proof(seen.ask), version=version, cancel=_back(seen.ask) or place, back=_back(seen.ask),
                  action=f"{place}/edit", known=known, again=None, draft=draft_of(seen, f"{place}/edit"))  # fmt: skip
    return seen.page(said("Edit {title}", title=record.title), body, record.entity, status)


def _complaints(error: CrmError) -> tuple[Complaint, ...]:
    if isinstance(error, UsedKey):
        return (Complaint(None, said(
            "This was saved when it was first sent, so it is not saved again. Look for it, and change it there."
        )),)
    return error.complaints if isinstance(error, Invalid) else (Complaint(None, error.message),)


def _must_change(seen: Screen, record: Record) -> None:
    if not seen.crm.writes.may(seen.actor, record.entity, record.id, "update"):
        label = seen.crm.blueprint.entities[record.entity].label.lower()
        raise Refused(said("You may look at this {label}, but not change it.", label=label))


def _who(seen: Screen, entity: Entity) -> tuple[str, ...]:
    from engine.rules.permissions import who_may

    return who_may(seen.crm.blueprint, "create", entity.name)


def _to_the_minute(value: Any) -> Any:
    """`now` as a person would type it."""
    return value.replace(second=0, microsecond=0) if isinstance(value, datetime) else value


def _from_address(ask: Ask, entity: Entity) -> dict[str, Any]:
    """What a link fills in beforehand: `?about=deal:12`."""
    any_of = {f.name for f in entity.fields_of("reference_any")}
    return {n: t.replace(":", "/", 1) if n in any_of else t for n, t in _prefilled(ask, entity)}


def _prefilled(ask: Ask, entity: Entity) -> Pairs:
    return [(n, t) for n, t in ask.request.query_params.multi_items() if n in entity.fields]


def _wants_another(ask: Ask) -> bool:
    return ask.form is not None and ask.form.get("_then") == "another"


def _again(ask: Ask, entity: Entity) -> str:
    """The address of this very form, so that another record can be added with what a link filled in."""
    given = ask.form.get("_again") if ask.form is not None else None
    back = _back(ask)
    kept = [*_prefilled(ask, entity), *([("back", back)] if back else [])]
    return local_place(given if isinstance(given, str) else None, address(f"/{entity.name}/new", kept))


def _back(ask: Ask) -> str | None:
    given = ask.request.query_params.get("back") or (ask.form.get("back") if ask.form is not None else None)
    place = local_place(given if isinstance(given, str) else None, "")
    return place or None


def _after(ask: Ask, entity: Entity, id: int) -> str:
    return _back(ask) or address(f"/{entity.name}/{id}")
