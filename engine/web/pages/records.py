"""A record's page: its stage and the moves from it, its facts, what belongs to it, what happened to it."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from engine.blueprint.entities import Entity, Field
from engine.markup import Html
from engine.records.database import Connection
from engine.records.history import history
from engine.records.read import Record
from engine.rules.permissions import who_may
from engine.rules.words import listed
from engine.serving import Ask
from engine.web.frame import Screen, screen
from engine.web.pages.ids import record_id
from engine.web.pages.related import Related, panel, relations
from engine.web.render import NIL, address, render, shown
from engine.web.render_stages import Bar, bars
from engine.web.render_timeline import days

EVENTS = 50
HISTORY = "history"
KEPT = frozenset({"created_at", "created_by", "updated_at", "updated_by"})
UNTOLD = frozenset({"id", "version", "deleted_at"})
LONG = frozenset({"long_text", "rich_text"})


def show(ask: Ask) -> Response:
    seen = screen(ask)
    entity = seen.entity()
    with seen.crm.database.reading() as lent:  # one for the whole page: all of it is of one moment
        record = seen.crm.reads.record(seen.actor, entity.name, record_id(ask), connection=lent)
        whole = _whole(seen, lent, entity, record)
    body = render("record.html", **whole)
    return seen.page(record.title, body, entity.name)


def _whole(seen: Screen, lent: Connection, entity: Entity, record: Record) -> dict[str, Any]:
    related = relations(seen, lent, entity, record)
    tab = _tab(seen, related)
    rights = seen.crm.reads.rights(seen.actor, entity.name, record.id, ("update", "delete"), lent)
    made = bars(seen, lent, entity, record, "update" in rights)
    return {
        "entity": entity, "record": record, "place": f"/{entity.name}/{record.id}", "bars": made,
        "pills": _pills(seen, record), "sub": _sub(seen, entity, record), "sections": facts(seen, entity, record),
        "related": related, "tab": tab, "panel": _panel(seen, lent, entity, record, related, tab),
        "may_change": "update" in rights, "who": listed(who_may(seen.crm.blueprint, "update", entity.name)),
        "may_delete": "delete" in rights,
        "moves": _moves(made), "people": entity.name == "user" and seen.administers(), "reference": _reference(record),
    }  # fmt: skip


def _tab(seen: Screen, related: list[Related]) -> str:
    asked = seen.ask.request.query_params.get("tab")
    names = [one.field.name for one in related]
    filled = [one.field.name for one in related if one.count != "0"]
    return asked if asked in (*names, HISTORY) else (filled[0] if filled else HISTORY)


def _panel(
    seen: Screen, lent: Connection, entity: Entity, record: Record, related: list[Related], tab: str
) -> Html:
    chosen = next((one for one in related if one.field.name == tab), None)
    if chosen is not None:
        return panel(seen, lent, entity, record, chosen)
    before = seen.ask.request.query_params.get("before", "")
    from_id = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    events = history(
        seen.crm.reads, seen.actor, entity.name, record.id, limit=EVENTS + 1, before=from_id, connection=lent
    )
    older = (
        address(f"/{entity.name}/{record.id}", {"tab": HISTORY, "before": str(events[EVENTS - 1].id)})
        if len(events) > EVENTS
        else None
    )
    return render("timeline.html", days=days(seen, entity, events[:EVENTS]), entity=entity, older=older)


def _moves(made: list[Bar]) -> dict[str, Any]:
    """The moves as buttons: those that can be made first, but none that gives up before one that goes on."""
    found = sorted(
        (move for bar in made for move in bar.moves), key=lambda move: (move.is_lost, not move.allowed)
    )
    rest = sorted(found[1:], key=lambda move: not move.allowed)
    return {
        "first": found[0] if found else None,
        "rest": rest,
        "refused": [m for m in found if not m.allowed],
    }


# ---- facts


def facts(seen: Screen, entity: Entity, record: Record) -> list[dict[str, Any]]:
    """The sections of the set's form, then what is worked out, then what the engine keeps. What is empty stands apart,
    but for the first section."""
    readable = {s.name: s.field for s in record.columns if s.name in record.values}
    rest = {name: field for name, field in readable.items() if name not in UNTOLD and field.type != "stage"}
    found = []
    for number, section in enumerate(entity.form):
        fields = [rest.pop(name) for name in section.fields if name in rest]
        found.append(_section(seen, record, section.label, fields, number == 0))
    worked_out = [rest.pop(name) for name in list(rest) if name not in KEPT]
    found.append(_section(seen, record, "More", worked_out, False))
    found.append(_section(seen, record, "Record", list(rest.values()), False))
    return [section for section in found if section["rows"] or section["empty"]]


def _section(seen: Screen, record: Record, label: str, fields: list[Field], is_first: bool) -> dict[str, Any]:
    rows = [(f, shown(f, record.values[f.name], seen.formats), f.type in LONG) for f in fields]
    if is_first:
        return {"label": label, "rows": rows, "empty": []}
    empty = [field.label for field, value, _ in rows if value is NIL]
    return {"label": label, "rows": [row for row in rows if row[1] is not NIL], "empty": empty}


def _pills(seen: Screen, record: Record) -> list[Html]:
    stages = [s.field for s in record.columns if s.field.type == "stage"]
    return [shown(field, record.values.get(field.name), seen.formats) for field in stages]


def _reference(record: Record) -> str | None:
    number = next((s.name for s in record.columns if s.field.type == "reference_number"), None)
    value = record.values.get(number) if number else None
    return value if value and value not in record.title else None


def _sub(seen: Screen, entity: Entity, record: Record) -> list[Html]:
    """The line under the title: whose it is, and the first way to reach them."""
    owner = entity.fields.get("owner")
    line = (
        [shown(owner, record.values["owner"], seen.formats)] if owner and record.values.get("owner") else []
    )
    reach = [s for s in record.columns if s.field.type in ("phone", "email") and record.values.get(s.name)]
    return line + [shown(s.field, record.values[s.name], seen.formats) for s in reach[:2]]
