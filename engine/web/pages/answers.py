"""/go/KEY: a client answers by the link in a message. To open it changes nothing, as programs that look through mails open
every link; only a button does. The move's own guards are asked again, and each move is made once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import RedirectResponse, Response

from engine.blueprint.entities import Entity
from engine.blueprint.notifications import Notification
from engine.errors import Complaint, CrmError, Invalid, MoveRefused, NotFound, Refused
from engine.markup import Html
from engine.records import offers
from engine.records.commands import Cause, Move
from engine.records.keys import milliseconds
from engine.records.offers import WHO, Offer
from engine.records.read import Record
from engine.records.task import Task
from engine.records.write import perform
from engine.rules.stages import Move as Choice
from engine.serving import Ask
from engine.text import render as fill
from engine.web.frame import Screen, words_for
from engine.web.pages.public_forms import PublicSheet
from engine.web.pages.signs import text_of
from engine.web.public import as_robot, gate, page
from engine.web.public_words import Words, words_of
from engine.web.render import shown
from engine.web.render_forms import posted, typed
from engine.words import said as sentence

MOST, WITHIN = 120, 600  # requests from one address in so many seconds


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that leads somewhere."""

    ask: Ask
    key: str
    offer: Offer
    seen: Screen
    entity: Entity
    record: Record
    notification: Notification | None
    said: Words


class _Used(Exception):
    """This link made that move before."""


def show(ask: Ask) -> Response:
    at = _opened(ask)
    if isinstance(at, Response):
        return at
    if "done" in ask.request.query_params:
        return _said(at, at.said.done, at.said.done_why, "circle-check", more=bool(_choices(at)))
    return _page(at)


def answer(ask: Ask) -> Response:
    at = _opened(ask)
    if isinstance(at, Response):
        return at
    move = text_of(ask, "move")
    choice = next((one for one in _choices(at) if one.transition == move), None)
    if choice is None:
        return _done(at) if move in at.offer.used else _settled(at)
    given = posted(at.seen, [at.entity.fields[name] for name in choice.asks])
    try:
        _make(at, move, given)
    except _Used:
        return _done(at)
    except Invalid as error:
        return _page(at, move, given, error.complaints)
    except (MoveRefused, Refused):
        return _settled(at)
    return _done(at)


def _make(at: Opened, move: str, given: dict[str, Any]) -> None:
    def deed(task: Task) -> None:
        now = offers.find(task.connection, at.key)
        if now is None or not offers.use(task.connection, now, move, task.now):
            raise _Used
        version = task.load(at.entity.name, at.record.id, "update").version
        perform(task, Move(at.entity.name, at.record.id, version, move, given))

    at.seen.crm.writes.together(at.seen.actor, deed, Cause(0, WHO))


# ---- what the link opens


def _opened(ask: Ask) -> Opened | Response:
    """Raises NotFound for a key that nobody gave out."""
    gate(ask, "links", MOST, WITHIN)
    crm, key = ask.crm, ask.path["key"]
    with crm.database.reading() as connection:
        offer = offers.find(connection, key)
    if offer is None or offer.entity not in crm.blueprint.entities:
        raise NotFound(sentence("There is no such link."))
    said, seen = words_of(words_for(ask).language), as_robot(ask, WHO)
    over = offer.expires_at <= milliseconds(ask.now)
    try:
        record = None if over else crm.reads.record(seen.actor, offer.entity, offer.record)
    except CrmError:
        record = None
    if record is None:
        body = seen.render("public_said.html", heading=said.over, sentence=said.over_why, icon_name="hourglass")
        return page(ask, said.over, body, 410)
    entity = crm.blueprint.entities[offer.entity]
    return Opened(ask, key, offer, seen, entity, record, crm.blueprint.notifications.get(offer.notification), said)


def _choices(at: Opened) -> list[Choice]:
    """The moves that are left to this link and can be made now."""
    moves = at.seen.crm.writes.moves(at.seen.actor, at.entity.name, at.record.id)
    found = {move.transition: move for move in moves if move.allowed and move.transition in at.offer.left}
    return [found[name] for name in at.offer.left if name in found]


# ---- the pages


def _page(
    at: Opened, move: str | None = None, given: dict[str, Any] | None = None, complaints: tuple[Complaint, ...] = ()
) -> Response:
    choices = _choices(at)
    if not choices:
        return _done(at) if at.offer.used else _settled(at)
    wanted = move or at.ask.request.query_params.get("move")
    choices.sort(key=lambda one: one.transition != wanted)
    sheets = {one.transition: _sheet(at, one, given if one.transition == move else None, complaints) for one in choices}
    body = at.seen.render(
        "public_answer.html", heading=_heading(at), facts=_facts(at), key=at.key, choices=choices, sheets=sheets,
        wanted=wanted, question=at.said.answer, said=at.said, is_again=bool(complaints),
        general=[c.message for c in complaints if c.field is None],
    )  # fmt: skip
    return page(at.ask, _heading(at), body, 422 if complaints else 200)


def _sheet(at: Opened, choice: Choice, given: dict[str, Any] | None, complaints: tuple[Complaint, ...]) -> PublicSheet:
    fields = tuple(at.entity.fields[name] for name in choice.asks)
    texts = typed(at.seen, fields, at.record.values) if given is None else given
    workflow = at.seen.crm.blueprint.workflows[choice.workflow]
    target = workflow.stages.get(choice.target or "")
    wrong = complaints if given is not None else ()
    return PublicSheet(at.seen, at.entity, fields, texts, at.record.values, tuple(wrong), True,
                       frozenset(target.requires if target else ()))  # fmt: skip


def _facts(at: Opened) -> list[tuple[str, Html]]:
    """What the message told too, and nothing else of the record."""
    told = at.notification.text.fields if at.notification else frozenset()
    fields = [f for f in at.entity.fields.values() if f.name in told and at.record.values.get(f.name) is not None]
    return [(f.label, shown(f, at.record.values[f.name], at.seen.formats)) for f in fields]


def _heading(at: Opened) -> str:
    subject = at.notification.subject if at.notification else None
    values = {name: at.record.values.get(name) for name in subject.fields} if subject else {}
    return (fill(subject, values, at.seen.formats) if subject else "") or at.entity.label


def _done(at: Opened) -> Response:
    return RedirectResponse(f"{offers.ADDRESS}{at.key}?done=1", 303)


def _settled(at: Opened) -> Response:
    return _said(at, at.said.settled, at.said.settled_why, "circle-check")


def _said(at: Opened, heading: str, sentence: str, icon_name: str, more: bool = False) -> Response:
    body = at.seen.render("public_said.html", heading=heading, sentence=sentence, icon_name=icon_name,
                  again=f"{offers.ADDRESS}{at.key}" if more else None, again_label=at.said.back)  # fmt: skip
    return page(at.ask, heading, body)


__all__ = ["answer", "show"]
