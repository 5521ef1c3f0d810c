"""The dialog of a move: what it asks for, or why it cannot be made."""

from __future__ import annotations

from typing import Any, TypeAlias

from starlette.responses import Response

from engine.blueprint.entities import Entity, Field
from engine.errors import BadRequest, Complaint, Conflict, Invalid, MoveRefused
from engine.records.commands import Move
from engine.records.read import Record
from engine.rules.stages import Move as Offer
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.ids import record_id, version_of
from engine.web.pages.undo import done, way_back
from engine.web.render_forms import Sheet, draft_of, posted, typed
from engine.web.security import local_place
from engine.words import said

Stopped: TypeAlias = Invalid | Conflict | MoveRefused


def show(ask: Ask) -> Response:
    seen = screen(ask)
    record = seen.crm.reads.record(seen.actor, seen.entity().name, record_id(ask))
    offer = _offer(seen, record)
    if not offer.allowed:
        raise MoveRefused(said("{title} cannot make this move now.", title=record.title), offer.reasons, offer.who)
    texts = typed(seen, _fields(seen, offer), record.values)
    return _page(seen, record, offer, texts, record.version)


def move(ask: Ask) -> Response:
    seen = screen(ask)
    entity, id = seen.entity(), record_id(ask)
    transition = ask.path["transition"]
    asked = _asked(seen, entity, transition)
    texts = posted(seen, [entity.fields[name] for name in asked])
    try:
        outcome = done(seen, Move(entity.name, id, version_of(ask), transition, texts))
    except (Invalid, Conflict, MoveRefused) as error:
        if isinstance(error, MoveRefused) and not any(reason.field in asked for reason in error.complaints):
            raise
        record = seen.crm.reads.record(seen.actor, entity.name, id)
        return _page(seen, record, _offer(seen, record), texts, record.version, error)
    return go(ask, back_of(ask) or f"/{entity.name}/{id}", said("Moved."), way_back(seen, outcome))


def back_of(ask: Ask) -> str | None:
    """Where to go on to once it is done; only within the site."""
    given = ask.request.query_params.get("back") or (ask.form.get("back") if ask.form is not None else None)
    return local_place(given if isinstance(given, str) else None, "") or None


def _offer(seen: Screen, record: Record) -> Offer:
    """Raises BadRequest for a move that does not start here."""
    name = seen.ask.path["transition"]
    for offer in seen.crm.writes.moves(seen.actor, record.entity, record.id):
        if offer.transition == name:
            return offer
    raise BadRequest(said("There is no such move from where this record stands. Somebody may have moved it."))


def _asked(seen: Screen, entity: Entity, transition: str) -> tuple[str, ...]:
    writable = seen.crm.writes.writable(seen.actor, entity.name)
    asks = [
        t.asks
        for w in seen.crm.blueprint.workflows_of(entity.name)
        for n, t in w.transitions.items()
        if n == transition
    ]
    return tuple(dict.fromkeys(name for some in asks for name in some if name in writable))


def _fields(seen: Screen, offer: Offer) -> tuple[Field, ...]:
    entity = seen.entity()
    return tuple(entity.fields[name] for name in offer.asks)


def _page(
    seen: Screen,
    record: Record,
    offer: Offer,
    texts: dict[str, Any],
    version: int,
    error: Stopped | None = None,
) -> Response:
    workflow = seen.crm.blueprint.workflows[offer.workflow]
    target = workflow.stages.get(offer.target or "")
    complaints = _complaints(error)
    sheet = Sheet(seen, seen.entity(), _fields(seen, offer), texts, record.values, complaints, True,
                  frozenset(target.requires if target else ()))  # fmt: skip
    help = workflow.transitions[offer.transition].help
    body = seen.render("move.html", entity=seen.entity(), record=record, offer=offer, sheet=sheet, proof=proof(seen.ask),
                  version=version, back=back_of(seen.ask), draft=draft_of(seen, seen.ask.request.url.path),
                  source=workflow.stages.get(offer.source), target=target, help=help,
                  gives_up=bool(target and target.ends == "lost"))  # fmt: skip
    return seen.page(f"{offer.label}: {record.title}", body, record.entity, error.status if error else 200)


def _complaints(error: Stopped | None) -> tuple[Complaint, ...]:
    if isinstance(error, Conflict):
        return (
            Complaint(
                None, said("Somebody changed this record after you opened it. Look at it again, then move it.")
            ),
        )
    if isinstance(error, MoveRefused):
        return error.complaints
    return error.complaints if error else ()
