"""What a picker's search box is answered: records in the actor's scope, and nothing beside their titles."""

from __future__ import annotations

import orjson
from starlette.responses import Response

from engine.errors import NotFound
from engine.records.sight import NOT_FOUND, targets_of
from engine.serving import Ask
from engine.web.frame import screen
from engine.web.render_forms import offered

MOST = 20
LONGEST = 200


def any_record(ask: Ask) -> Response:
    """GET /account/pick?q=steel"""
    seen = screen(ask)
    found = seen.crm.reads.pick(seen.actor, seen.entity().name, _text(ask), MOST)
    return _answer([{"id": str(ref.id), "title": ref.title} for ref in found])


def for_field(ask: Ask) -> Response:
    """GET /call/pick/about?q=asha: what this field may hold."""
    seen = screen(ask)
    entity = seen.entity()
    field = seen.sight.fields(seen.actor.role, entity.name).get(ask.path["field"])
    if field is None or not targets_of(field):
        raise NotFound(NOT_FOUND)
    several = len(targets_of(field)) > 1
    labels = {name: e.label for name, e in seen.crm.blueprint.entities.items()}
    found = offered(seen, entity, field, _text(ask), MOST)
    return _answer(
        [
            {"id": v, "title": t, **({"detail": labels[v.partition("/")[0]]} if several else {})}
            for v, t in found
        ]
    )


def _text(ask: Ask) -> str:
    return ask.request.query_params.get("q", "").replace("\0", "")[:LONGEST]


def _answer(found: list[dict[str, str | None]]) -> Response:
    return Response(orjson.dumps(found), media_type="application/json")
