"""Who I am, what there is to find, and what was done to a record."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from engine.api.door import id_in_path
from engine.api.records import answer
from engine.blueprint.entities import Field
from engine.blueprint.values import Ref
from engine.errors import BadRequest
from engine.parts import field_type
from engine.records.history import Event, FieldChange, history
from engine.rules.permissions import DEEDS, may
from engine.serving import Ask

LONGEST_SEARCH = 200  # characters
USUAL, MOST = 100, 200  # history rows of a page


def me(ask: Ask) -> Response:
    """Who asks, and what they may do with which entity."""
    actor, blueprint = ask.who(), ask.crm.blueprint
    role = blueprint.roles[actor.role]
    return answer({
        "id": str(actor.user),
        "name": actor.name,
        "role": {"name": role.name, "label": role.label},
        "teams": [str(team) for team in actor.teams],
        "language": actor.language,
        "zone": actor.zone,
        "entities": [_may(ask, name) for name in blueprint.entities if ask.crm.reads.sight.may_open(actor, name)],
    })  # fmt: skip


def _may(ask: Ask, name: str) -> dict[str, Any]:
    entity, blueprint = ask.crm.blueprint.entities[name], ask.crm.blueprint
    deeds = ("create", "update", "delete", "assign", *DEEDS)
    return {
        "name": name,
        "label": entity.label,
        "plural": entity.plural,
        "may": [deed for deed in deeds if may(blueprint, ask.who(), deed, name)],
    }


def search(ask: Ask) -> Response:
    """GET /api/v1/search?q=asha: the newest matches of every entity."""
    found = ask.crm.reads.search(ask.who(), _text(ask))
    return answer({"items": [_ref(ref) for refs in found.values() for ref in refs], "next": None})


def pick(ask: Ask) -> Response:
    """GET /api/v1/account/pick?q=steel: what a picker offers."""
    found = ask.crm.reads.pick(ask.who(), ask.path["entity"], _text(ask))
    return answer({"items": [_ref(ref) for ref in found], "next": None})


def _text(ask: Ask) -> str:
    text = ask.request.query_params.get("q", "")
    if len(text) > LONGEST_SEARCH:
        raise BadRequest(f"What you look for has {len(text):,} characters; at most {LONGEST_SEARCH} are looked for.")
    return text.replace("\0", "")


def _ref(ref: Ref) -> dict[str, str | None]:
    return {"entity": ref.entity, "id": str(ref.id), "title": ref.title}


# ---- history


def past(ask: Ask) -> Response:
    """Newest first; `next` is the cursor for what was before."""
    limit = number(ask, "limit", USUAL, MOST)
    before = number(ask, "cursor", None, 2**63 - 1)
    events = history(ask.crm.reads, ask.who(), ask.path["entity"], id_in_path(ask), limit=limit + 1, before=before)
    next = str(events[limit - 1].id) if len(events) > limit else None
    return answer({"items": [event_json(event) for event in events[:limit]], "next": next})


def number(ask: Ask, name: str, otherwise: Any, most: int) -> Any:
    text = ask.request.query_params.get(name)
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 1 <= int(text) <= most):
        raise BadRequest(f'"{text[:20]}" is not a {name} that can be used here.')
    return int(text)


def event_json(event: Event) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "at": event.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "by": _ref(event.actor) if event.actor else None,
        "action": event.action,
        "transition": event.transition,
        "from": event.stage_from,
        "to": event.stage_to,
        "changes": [_change(change) for change in event.changes],
        "hidden": event.hidden,
        "said": event.said,
        "rule": event.rule,
    }


def _change(change: FieldChange) -> dict[str, Any]:
    field = change.field
    was, now = (value_json(field, value) for value in (change.was, change.now))
    return {"field": field.name, "label": field.label, "was": was, "now": now}


def value_json(field: Field, value: Any) -> Any:
    if isinstance(value, tuple) and value and isinstance(value[0], Ref):
        return [_ref(ref) for ref in value]
    if isinstance(value, Ref):
        return _ref(value)
    return None if value is None else field_type(field.type).json(field, value)
