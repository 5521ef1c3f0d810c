"""Logging a call: its outcome in one key, then when to attend to the record again, and the move that the call allows.

Each step is one deed of the write door under a key of its own, so a form that is sent twice is done once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from starlette.responses import Response

from engine.blueprint.conditions import Condition, fields_in
from engine.blueprint.entities import Activity, Choice, Entity, Field
from engine.blueprint.triggers import Span
from engine.errors import BadRequest, Complaint, Conflict, CrmError, Invalid, MoveRefused, NotFound, Refused
from engine.records.commands import Create, Move, Outcome, Update
from engine.records.read import Record
from engine.records.sight import NOT_FOUND
from engine.rules.stages import Move as Offered
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.ids import key_of, record_id, version_of
from engine.web.pages.undo import way_back
from engine.web.render import address
from engine.web.render_calls import Offer, answers, loggable, offers, outcome_of, script_of
from engine.web.render_forms import Sheet, draft_of, posted
from engine.web.security import local_place
from engine.words import said as sentence

NOTHING = "none"  # instead of a moment: there is no next step
LONGEST_REASON = 500


# ---- the outcome


def ask_outcome(ask: Ask) -> Response:
    seen = screen(ask)
    record = seen.crm.reads.record(seen.actor, seen.entity().name, record_id(ask))
    return _outcome_page(seen, record, _kind(seen))


def log(ask: Ask) -> Response:
    """What was picked is written at once; what else the activity must have is asked for."""
    seen = screen(ask)
    record = seen.crm.reads.record(seen.actor, seen.entity().name, record_id(ask))
    kind = _kind(seen)
    choice = outcome_of(seen, kind, _text(ask, "_outcome"))
    if choice is None:
        raise BadRequest(sentence("Pick how it went."))
    values = _values(seen, kind, record, choice)
    step = _step_field(kind, choice)
    if step is not None and not values.get(step):
        return _outcome_page(seen, record, kind, choice, values)
    try:
        made = seen.crm.writes.do(seen.actor, Create(kind.name, values), key_of(ask), by_hand=True)
    except (Invalid, Refused, MoveRefused) as error:
        return _outcome_page(seen, record, kind, choice, values, error)
    if step is not None and (kept := _taken_over(seen, record, kind, values[step])):
        told = seen.say("{kind} logged, and the next step kept.", kind=kind.label)
        return go(ask, _back(seen, record), told, way_back(seen, kept))
    place = f"/{record.entity}/{record.id}/call/{made.id}"
    return go(ask, address(place, [("back", _back(seen, record)), ("kind", kind.name)]))


def _taken_over(seen: Screen, record: Record, kind: Entity, moment: str) -> Outcome | None:
    """What the client asked for is the next step: nobody is asked twice. None where that cannot be, or more is to be
    decided."""
    step = _writable_step(seen, seen.crm.blueprint.entities[record.entity])
    if step is None or any(way.chosen for way in _ways(seen, record, kind, step)):
        return None
    command = Update(record.entity, record.id, record.version, {step: moment})
    try:
        return seen.crm.writes.do(seen.actor, command, f"{key_of(seen.ask)} step", by_hand=True)
    except (Invalid, Conflict, MoveRefused, Refused, NotFound):
        return None


def _values(seen: Screen, kind: Entity, record: Record, choice: Choice) -> dict[str, Any]:
    """What one key press means: about whom, how it went, and what else the program can know."""
    activity = _activity(kind)
    writable = seen.crm.writes.writable(seen.actor, kind.name)
    given = posted(seen, [kind.fields[name] for name in writable])
    values = {**_known(seen, kind, record, writable), **{n: v for n, v in given.items() if v not in (None, "", [])}}
    if (step := _step_field(kind, choice)) and (typed := _text(seen.ask, "_typed")):
        values[step] = typed
    return {**values, activity.about: _reference(kind.fields[activity.about], record), activity.outcome or "": choice.value}


def _known(seen: Screen, kind: Entity, record: Record, writable: frozenset[str]) -> dict[str, Any]:
    known: dict[str, Any] = {}
    for field in kind.fields.values():
        if field.name not in writable or field.default is not None:
            continue
        if field.type == "text" and field.required:
            known[field.name] = f"{kind.label}: {record.title}"[: field.options.get("longest") or 200]
        elif field.type == "phone" and (number := _number(seen, record)):
            known[field.name] = number
    return known


def _number(seen: Screen, record: Record) -> str | None:
    entity = seen.crm.blueprint.entities[record.entity]
    names = entity.client.phone if entity.client else tuple(f.name for f in entity.fields_of("phone"))
    return next((str(record.values[name]) for name in names if record.values.get(name)), None)


def _reference(field: Field, record: Record) -> str:
    return f"{record.entity}/{record.id}" if field.type == "reference_any" else str(record.id)


def _outcome_page(
    seen: Screen, record: Record, kind: Entity, choice: Choice | None = None, values: Any = None,
    error: CrmError | None = None,
) -> Response:  # fmt: skip
    complaints = _complaints(error)
    step = _step_field(kind, choice) if choice else None
    asked = [kind.fields[c.field] for c in complaints if c.field and c.field in kind.fields and c.field != step]
    sheet = Sheet(seen, kind, tuple(asked), values or {}, complaints=complaints if error else ())
    body = seen.render(
        "log.html", entity=seen.crm.blueprint.entities[record.entity], record=record, kind=kind, proof=proof(seen.ask),
        answers=answers(kind), choice=choice, sheet=sheet if asked else None, wrong=_wrong(complaints, asked, step),
        step=kind.fields[step] if step else None, offers=offers(seen, kind.fields[step], None) if step else [],
        script=script_of(seen, record), back=_back(seen, record), kinds=loggable(seen, seen.entity()),
        place=f"/{record.entity}/{record.id}/call", draft=draft_of(seen, f"/{record.entity}/{record.id}/call"),
    )  # fmt: skip
    title = seen.say("Log a {kind}: {title}", kind=kind.label.lower(), title=record.title)
    return seen.page(title, body, record.entity, error.status if error else 422 if step else 200)


# ---- the next step


@dataclass(frozen=True, slots=True)
class Way:
    """A move that can be made along with the next step, or that opens a dialog of its own."""

    name: str
    label: str
    target: str
    hue: str
    together: bool
    chosen: bool
    gives_up: bool


def ask_next(ask: Ask) -> Response:
    seen, kind, record, logged = _logged(ask)
    return _next_page(seen, kind, record, logged)


def set_next(ask: Ask) -> Response:
    """The move and the next step first: what they refuse changes nothing. Then what was said."""
    seen, kind, record, logged = _logged(ask)
    try:
        moment = _moment(seen, record)
        said, made = _do(seen, record, moment)
        _keep_words(seen, kind, logged, moment)
    except (Invalid, Conflict, MoveRefused, Refused) as error:
        fresh = seen.crm.reads.record(seen.actor, record.entity, record.id)
        return _next_page(seen, kind, fresh, logged, error)
    return go(ask, _back(seen, record), said, way_back(seen, made) if made else None)


def _logged(ask: Ask) -> tuple[Screen, Entity, Record, Record]:
    seen = screen(ask)
    record = seen.crm.reads.record(seen.actor, seen.entity().name, record_id(ask))
    kind = _kind(seen)
    logged = seen.crm.reads.record(seen.actor, kind.name, record_id(ask, "other"))
    about = logged.values.get(_activity(kind).about)
    if about is None or (about.entity, about.id) != (record.entity, record.id):
        raise NotFound(NOT_FOUND)
    return seen, kind, record, logged


def _moment(seen: Screen, record: Record) -> str | None:
    """What was picked or typed, as the field reads it; NOTHING for no next step; None when nothing is said."""
    picked = _text(seen.ask, "next")
    if picked == "typed":
        picked = _text(seen.ask, "at")
        if not picked:
            raise Invalid([Complaint("at", sentence("Say when."))])
    if picked == NOTHING and not _text(seen.ask, "remarks"):
        raise Invalid([Complaint("remarks", sentence("Say why there is no next step."))])
    return picked or None


def _do(seen: Screen, record: Record, moment: str | None) -> tuple[str, Outcome | None]:
    """The move with the next step in it, or the next step alone. Gives what is told of it, and the last that was done."""
    made = None
    entity = seen.crm.blueprint.entities[record.entity]
    move = _text(seen.ask, "move")
    step, version = _writable_step(seen, entity), version_of(seen.ask)
    key = key_of(seen.ask)
    new = {step: "" if moment == NOTHING else moment} if step and moment else {}
    if move:
        moves = seen.crm.writes.moves(seen.actor, record.entity, record.id)
        offer = next((offer for offer in moves if offer.transition == move), None)
        asked = offer is not None and step in offer.asks
        command = Move(entity.name, record.id, version, move, new if asked else {})
        made = seen.crm.writes.do(seen.actor, command, key, by_hand=True)
        if asked or not new:
            return seen.say("Moved."), made
        version, key = made.version, f"{key} step"
    if new and (moment != NOTHING or record.values.get(step or "") is not None):
        made = seen.crm.writes.do(seen.actor, Update(entity.name, record.id, version, new), key, by_hand=True)
    return seen.say("Next step kept.") if moment and moment != NOTHING else seen.say("Logged."), made


def _keep_words(seen: Screen, kind: Entity, logged: Record, moment: str | None) -> None:
    """What was said stands in the activity; why there is no next step too."""
    text, name = _text(seen.ask, "remarks")[:20_000], _activity(kind).text
    if not text or name is None or name not in seen.crm.writes.writable(seen.actor, kind.name):
        return
    if moment == NOTHING:
        text = seen.say("No next step: {reason}", reason=text)
    key = f"{key_of(seen.ask)} words"
    seen.crm.writes.do(seen.actor, Update(kind.name, logged.id, logged.version, {name: text}), key, by_hand=True)


def _next_page(
    seen: Screen, kind: Entity, record: Record, logged: Record, error: CrmError | None = None
) -> Response:
    entity = seen.crm.blueprint.entities[record.entity]
    activity = _activity(kind)
    choice = outcome_of(seen, kind, logged.values.get(activity.outcome or ""))
    step = _writable_step(seen, entity)
    if not seen.crm.writes.may(seen.actor, record.entity, record.id, "update"):
        step = None
    ways = _ways(seen, record, kind, step)
    made: list[Offer] = offers(seen, entity.fields[step], _suggested(kind, choice, logged)) if step else []
    if not step and not ways and error is None:
        return go(seen.ask, _back(seen, record), seen.say("{kind} logged.", kind=kind.label))
    body = seen.render(
        "log_next.html", entity=entity, record=record, kind=kind, logged=logged, choice=choice, proof=proof(seen.ask),
        step=entity.fields[step] if step else None, offers=_suggested_first(made), ways=ways, back=_back(seen, record),
        wrong=_wrong(_complaints(error), [], None), text=kind.fields[activity.text] if activity.text else None,
        typed=_text(seen.ask, "remarks"), place=f"/{record.entity}/{record.id}", NOTHING=NOTHING,
    )  # fmt: skip
    title = seen.say("Next step: {title}", title=record.title)
    return seen.page(title, body, record.entity, error.status if error else 200)


def _suggested_first(made: list[Offer]) -> list[Offer]:
    """Somebody presses Enter: the first one is marked even where the set suggests nothing."""
    if made and not any(offer.suggested for offer in made):
        return [replace(made[0], suggested=True), *made[1:]]
    return made


def _suggested(kind: Entity, choice: Choice | None, logged: Record) -> Span | datetime | None:
    given = _activity(kind).next.get(choice.value) if choice else None
    if isinstance(given, str):
        value = logged.values.get(given)
        return value if isinstance(value, datetime) else None
    return given


def _ways(seen: Screen, record: Record, kind: Entity, step: str | None) -> list[Way]:
    """The moves that are open now. One that asks for nothing but the next step is made along with it; the one whose
    condition speaks of such activities is what the call was for, so it stands chosen."""
    open = [offer for offer in seen.crm.writes.moves(seen.actor, record.entity, record.id) if offer.allowed]
    waited = [offer for offer in open if _waits_for(seen, offer, kind)]
    chosen = waited[0].transition if waited else None
    return [_way(seen, offer, step, offer.transition == chosen) for offer in open]


def _way(seen: Screen, offer: Offered, step: str | None, chosen: bool) -> Way:
    stage = seen.crm.blueprint.workflows[offer.workflow].stages.get(offer.target or "")
    together = set(offer.asks) <= {step} and not (stage and stage.ends)
    return Way(
        offer.transition, offer.label, stage.label if stage else "", stage.hue if stage else "grey", together,
        chosen and together, bool(stage and stage.ends == "lost"),
    )  # fmt: skip


def _waits_for(seen: Screen, offer: Offered, kind: Entity) -> bool:
    workflow = seen.crm.blueprint.workflows[offer.workflow]
    condition: Condition = workflow.transitions[offer.transition].when
    fields = seen.crm.blueprint.entities[workflow.entity].fields
    return any(
        fields[name].type == "children" and fields[name].options["entity"] == kind.name
        for name in fields_in(condition)
        if name in fields
    )


# ---- what both share


def _kind(seen: Screen) -> Entity:
    """Which activity is logged. Raises Refused where the role may log none."""
    entity = seen.entity()
    kinds = loggable(seen, entity)
    asked = seen.ask.request.query_params.get("kind") or _text(seen.ask, "_kind")
    found = next((kind for kind in kinds if kind.name == asked), kinds[0] if kinds else None)
    if found is None:
        raise Refused(seen.say("Your role does not let you log calls about {plural}.", plural=entity.plural))
    return found


def _activity(kind: Entity) -> Activity:
    assert kind.activity is not None
    return kind.activity


def _step_field(kind: Entity, choice: Choice) -> str | None:
    """The field of the activity that an outcome names as the next step: it is asked for before anything is written."""
    found = _activity(kind).next.get(choice.value)
    return found if isinstance(found, str) else None


def _writable_step(seen: Screen, entity: Entity) -> str | None:
    step = entity.next_step
    return step if step and step in seen.crm.writes.writable(seen.actor, entity.name) else None


def _text(ask: Ask, name: str) -> str:
    found = ask.form.get(name) if ask.form is not None else None
    return found.strip() if isinstance(found, str) else ""


def _back(seen: Screen, record: Record) -> str:
    given = seen.ask.request.query_params.get("back") or _text(seen.ask, "_back")
    return local_place(given or None, f"/{record.entity}/{record.id}")


def _complaints(error: CrmError | None) -> tuple[Complaint, ...]:
    if isinstance(error, Invalid):
        return tuple(error.complaints)
    if isinstance(error, MoveRefused):
        return error.complaints or (Complaint(None, error.message),)
    if isinstance(error, Conflict):
        return (Complaint(None, sentence("Somebody changed this record meanwhile. Look at it, then choose again.")),)
    return (Complaint(None, error.message),) if error else ()


def _wrong(complaints: tuple[Complaint, ...], asked: list[Field], step: str | None) -> list[str]:
    """What is told on top: all that no field of the form tells itself."""
    at = {field.name for field in asked}
    return [c.message for c in complaints if c.field not in at]


__all__ = ["ask_next", "ask_outcome", "log", "set_next"]
