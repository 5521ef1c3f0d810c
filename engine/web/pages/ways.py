"""/{entity}/{id}/move: where a record can go from here, where it cannot, and why. The menu twin of every drag on a board."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from engine.blueprint.entities import Entity, Field
from engine.errors import BadRequest
from engine.records.read import Record
from engine.rules.permissions import who_may
from engine.rules.stages import Move
from engine.rules.words import listed
from engine.serving import Ask
from engine.web.frame import Screen, proof, screen
from engine.web.pages.ids import record_id
from engine.web.render import address
from engine.web.render_boards import choices
from engine.web.security import local_place
from engine.words import said


@dataclass(frozen=True, slots=True)
class Way:
    """One way to another column. `to` is the column's value; `place` is None where it is closed, and `reasons` tell why.
    `values` are sent along with what needs no dialog."""

    to: str
    target: str
    hue: str
    label: str
    place: str | None
    reasons: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    asks: bool = False
    is_lost: bool = False


def show(ask: Ask) -> Response:
    seen = screen(ask)
    entity = seen.entity()
    record = seen.crm.reads.record(seen.actor, entity.name, record_id(ask))
    field = _field(seen, entity)
    back = local_place(ask.request.query_params.get("back"), f"/{entity.name}/{record.id}")
    ways = _moves(seen, record, field, back) if field.type == "stage" else _choices(seen, entity, record, field)
    ways.sort(key=lambda way: (way.place is None, way.is_lost))
    body = seen.render("ways.html", entity=entity, record=record, ways=ways, back=back, proof=proof(ask))
    return seen.page(seen.say("Move {title}", title=record.title), body, entity.name)


def _field(seen: Screen, entity: Entity) -> Field:
    """The stage or choice that makes the columns. Raises BadRequest."""
    named = seen.ask.request.query_params.get("by") or (entity.board.by if entity.board else "")
    field = seen.sight.field(seen.actor.role, entity.name, named)
    if field.type not in ("stage", "choice"):
        raise BadRequest(said("{label} is neither a stage nor a choice.", label=field.label))
    return field


def _moves(seen: Screen, record: Record, field: Field, back: str) -> list[Way]:
    offers = seen.crm.writes.moves(seen.actor, record.entity, record.id)
    return [_way(seen, record, offer, back) for offer in offers if offer.field == field.name]


def _way(seen: Screen, record: Record, offer: Move, back: str) -> Way:
    stage = seen.crm.blueprint.workflows[offer.workflow].stages.get(offer.target or "")
    place = address(f"/{record.entity}/{record.id}/move/{offer.transition}", {"back": back})
    reasons = [reason.message for reason in offer.reasons]
    if reasons and offer.who and offer.role_may:
        reasons.append(seen.say("{who} may do this.", who=listed(offer.who)))
    return Way(
        offer.target or "", stage.label if stage else "", stage.hue if stage else "grey", offer.label,
        place if offer.allowed else None, tuple(reasons), (), bool(offer.asks), bool(stage and stage.ends == "lost"),
    )  # fmt: skip


def _choices(seen: Screen, entity: Entity, record: Record, field: Field) -> list[Way]:
    reasons = _refusals(seen, entity, record, field)
    now, empty = record.values.get(field.name) or "", () if field.required else (("", seen.say("Nothing chosen"), "grey"),)
    known = (*((c.value, c.label, c.hue or "grey") for c in choices(field)), *empty)
    place = None if reasons else f"/{entity.name}/{record.id}/edit"
    return [
        Way(value, label, hue, label, place, reasons, ((field.name, value),)) for value, label, hue in known if value != now
    ]


def _refusals(seen: Screen, entity: Entity, record: Record, field: Field) -> tuple[str, ...]:
    if field.name not in seen.crm.writes.writable(seen.actor, entity.name):
        return (seen.say("Your role may not change {label}.", label=field.label),)
    if seen.crm.writes.may(seen.actor, entity.name, record.id, "update"):
        return ()
    return (seen.say("{who} may change this.", who=listed(who_may(seen.crm.blueprint, "update", entity.name))),)
