"""Into the bin and out of it."""

from __future__ import annotations

from starlette.responses import Response

from engine.blueprint.conditions import NEVER
from engine.blueprint.entities import Entity
from engine.errors import Conflict, Refused
from engine.markup import escape, trusted
from engine.records.commands import Delete, Restore
from engine.records.query import Query
from engine.records.read import COUNTED
from engine.rules.permissions import who_may
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.ids import record_id, version_of
from engine.web.pages.undo import done, way_back
from engine.web.render import address, article, counted
from engine.web.render_rows import Look
from engine.web.render_tables import columns_of, drawn
from engine.words import said


def places(ask: Ask) -> Response:
    """Everything that this person may look for in the bin, with how much is there."""
    seen = screen(ask)
    entities = [
        e
        for e in seen.crm.blueprint.entities.values()
        if seen.sight.may_open(seen.actor, e.name) and _may(seen, e)
    ]
    counts = [(e, seen.crm.reads.count(seen.actor, Query(e.name, deleted=True), COUNTED)) for e in entities]
    body = seen.render("bins.html", counts=[(e, counted(n, COUNTED)) for e, n in counts if n])
    return seen.page(said("Bin"), body, "bin")


def show(ask: Ask) -> Response:
    seen = screen(ask)
    entity = seen.entity()
    _must(seen, entity)
    cursor = ask.request.query_params.get("cursor")
    query = Query(entity.name, columns_of(seen, entity).asked, deleted=True, cursor=cursor)
    page = seen.crm.reads.page(seen.actor, query)
    count = seen.crm.reads.count(seen.actor, Query(entity.name, deleted=True), COUNTED)
    columns = drawn(seen, entity, page).looks
    rows = [_row(seen, entity, row, page, columns) for row in page.rows]
    at = {
        name: address(f"/bin/{entity.name}", {"cursor": c}) if c else None
        for name, c in (("previous", page.previous), ("next", page.next))
    }
    body = seen.render(
        "bin.html",
        entity=entity,
        rows=rows,
        columns=columns,
        count=counted(count, COUNTED),
        pages=at,
        shown=len(rows),
    )
    return seen.page(said("Bin: {plural}", plural=entity.plural), body, "bin")


def _row(seen: Screen, entity: Entity, row: tuple, page, columns: tuple[Look, ...]):
    """The list's own row, its link taken out: what lies in the bin cannot be opened."""
    rows = drawn(seen, entity, page).rows
    html = rows([row]).removeprefix("<tr>").removesuffix("</tr>")
    opening = f'<a href="/{escape(entity.name)}/{row[0]}">'
    inner = html.replace(opening, "<span>", 1).replace("</a>", "</span>", 1) if opening in html else html
    return {"cells": trusted(inner), "id": row[0], "version": row[1], "proof": proof(seen.ask)}


def ask(ask: Ask) -> Response:
    seen = screen(ask)
    entity = seen.entity()
    record = seen.crm.reads.record(seen.actor, entity.name, record_id(ask))
    if not seen.crm.writes.may(seen.actor, entity.name, record.id, "delete"):
        raise Refused(
            said("Your role does not let you delete this {lower}.", lower=entity.label.lower()),
            who_may(seen.crm.blueprint, "delete", entity.name),
        )
    body = seen.render("delete.html", entity=entity, record=record, proof=proof(ask), version=record.version)
    return seen.page(said("Move {title} to the bin", title=record.title), body, entity.name)


def delete(ask: Ask) -> Response:
    seen = screen(ask)
    entity, id = seen.entity(), record_id(ask)
    outcome = done(seen, Delete(entity.name, id, version_of(ask)))
    return go(
        ask,
        f"/{entity.name}",
        said("{label} moved to the bin.", label=entity.label),
        way_back(seen, outcome),
    )


def restore(ask: Ask) -> Response:
    seen = screen(ask)
    entity, id = seen.entity(), record_id(ask)
    try:
        outcome = done(seen, Restore(entity.name, id, version_of(ask)))
    except Conflict:
        return go(ask, f"/bin/{entity.name}", said("Somebody was quicker. Look again."))
    return go(ask, f"/{entity.name}/{id}", said("{label} is back.", label=entity.label), way_back(seen, outcome))


def _may(seen: Screen, entity: Entity) -> bool:
    return seen.sight.scope(seen.actor, entity.name, "delete") != NEVER


def _must(seen: Screen, entity: Entity) -> None:
    if not _may(seen, entity):
        who = who_may(seen.crm.blueprint, "delete", entity.name)
        raise Refused(said("Your role does not let you delete or restore {thing}.", thing=article(entity.label)), who)
