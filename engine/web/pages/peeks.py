"""A record beside the list it is in: its page on a small scale, and the way to the one before and the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from starlette.responses import Response

from engine.blueprint.entities import Entity
from engine.errors import CrmError
from engine.markup import Html, trusted
from engine.records.database import Connection
from engine.records.neighbours import Neighbours, neighbours
from engine.records.read import Record
from engine.records.timeline import timeline
from engine.serving import Ask
from engine.web.frame import PART, Screen, screen
from engine.web.pages import composer, steps
from engine.web.pages.ids import record_id
from engine.web.render import NIL, address
from engine.web.render_facts import facts_of, writer
from engine.web.render_tables import sort_of
from engine.web.render_timeline import days

IN = "in"  # the question of the list that one came from
LONGEST = 1500
LATEST = 6  # entries of the timeline
LOOKS = ("board",)  # other ways to look at the same question
PLACES = frozenset({"cursor", "limit"})


def came_from(seen: Screen, entity: Entity) -> str | None:
    """The question of the list that led here: the address says it, else the page from which the reader came."""
    request = seen.ask.request
    asked = request.query_params.get(IN)
    if asked is not None:
        return asked if len(asked) <= LONGEST else None
    place = urlsplit(request.headers.get("referer", ""))
    lists = {f"/{entity.name}", *(f"/{entity.name}/{look}" for look in LOOKS)}
    return place.query if place.path in lists and len(place.query) <= LONGEST else None


def around(seen: Screen, lent: Connection, entity: Entity, record: Record) -> Html:
    """The links to the records before and after; nothing for whoever did not come from a list."""
    question = came_from(seen, entity)
    if question is None:
        return trusted("")
    found = _found(seen, lent, entity, record, question)
    if found is None:
        return trusted("")
    place = f"/{entity.name}/"
    before, after = (
        (address(f"{place}{ref.id}", {IN: question}), ref.title or "") if ref else None
        for ref in (found.before, found.after)
    )
    return seen.render("around.html", before=before, after=after)


def list_of(seen: Screen, entity: Entity) -> str:
    """The list that one came from, at the same question."""
    question = came_from(seen, entity)
    return f"/{entity.name}?{question}" if question else f"/{entity.name}"


def _found(seen: Screen, lent: Connection, entity: Entity, record: Record, question: str) -> Neighbours | None:
    """None for a question that makes no sense, or not to this reader."""
    pairs = [(name, text) for name, text in parse_qsl(question) if name not in PLACES]
    try:
        query = seen.crm.reads.query(seen.actor, entity.name, pairs)
        query = replace(query, sort=query.sort or sort_of(seen, entity))
        return neighbours(seen.crm.reads, lent, seen.actor, query, record.id)
    except CrmError:
        return None


# ---- beside a list


def show(ask: Ask) -> Response:
    seen = screen(ask)
    entity = seen.entity()
    with seen.crm.database.reading() as lent:
        record = seen.crm.reads.record(seen.actor, entity.name, record_id(ask), connection=lent)
        body = _drawn(seen, lent, entity, record)
    return seen.piece(body) if ask.request.headers.get(PART) else seen.page(record.title, body, entity.name)


def _drawn(seen: Screen, lent: Connection, entity: Entity, record: Record) -> Html:
    stages = {f.name: record.values[f.name] for f in entity.fields_of("stage") if f.name in record.values}
    written = composer.ways(seen, entity, stages)
    found = timeline(seen.crm.reads, lent, seen.actor, record, LATEST)
    fields = [one for one in record.columns if one.name in entity.fields]
    pills = [writer(one, seen.formats)(record.row) or str(NIL) for one in fields if one.field.type == "stage"]
    facts = facts_of(entity, record.columns, seen.formats)[:2]
    return seen.render(
        "peek.html", entity=entity, record=record, place=f"/{entity.name}/{record.id}", pills=trusted(" ".join(pills)),
        facts=trusted("".join(section.of(record.row) for section in facts)), days=days(seen, entity, found.entries),
        more=found.older is not None, ways=[way for way in written if way.refusal is None],
        ahead=steps.box(seen, lent, entity, record, written, _is_open(seen, entity, stages)) if written else "",
    )  # fmt: skip


def _is_open(seen: Screen, entity: Entity, stages: Mapping[str, str | None]) -> bool:
    """Whether somebody should attend to it: it has stages or a next step, and none of its stages has ended."""
    flows = ((flow, stages.get(flow.field)) for flow in seen.crm.blueprint.workflows_of(entity.name))
    ended = any(flow.stages[stage].ends for flow, stage in flows if stage is not None and stage in flow.stages)
    return bool(stages or entity.next_step) and not ended


__all__ = ["around", "came_from", "list_of", "show"]
