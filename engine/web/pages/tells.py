"""Writing to the client of a record with one of the set's own messages: those that nothing sets off but their name.

It goes the way of every message: through the outbox of the same database, rendered when it is sent, within what one
person's deeds may tell clients, and stands in the record's timeline with what became of it.
"""

from __future__ import annotations

from starlette.responses import Response

from engine.blueprint.entities import Entity
from engine.blueprint.notifications import Notification
from engine.errors import BadRequest, Refused
from engine.records import deliveries
from engine.records.deliveries import Cause, channel_of
from engine.records.read import Record
from engine.records.recipients import CLIENT
from engine.rules.permissions import may
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.ids import key_of, record_id


def messages(seen: Screen, entity: Entity) -> tuple[Notification, ...]:
    """What this role may send to clients of such records: all whose words it may read."""
    key = ("messages", seen.actor.role, seen.actor.only, entity.name)
    return seen.face.once(key, lambda: _messages(seen, entity))


def _messages(seen: Screen, entity: Entity) -> tuple[Notification, ...]:
    if entity.client is None or not may(seen.crm.blueprint, seen.actor, "update", entity.name):
        return ()
    known = (one for one in seen.crm.blueprint.notifications.values() if one.entity == entity.name)
    return tuple(one for one in known if one.trigger is None and CLIENT in one.to and _is_told(seen, entity, one))


def _is_told(seen: Screen, entity: Entity, one: Notification) -> bool:
    """Nobody sends what they may not read: it would tell the client, and in the answer them."""
    named = one.text.fields | (one.subject.fields if one.subject else frozenset())
    own = {name.partition(".")[0] for name in named} & set(entity.fields)
    return own <= set(seen.sight.fields(seen.actor.role, entity.name))


def show(ask: Ask) -> Response:
    seen = screen(ask)
    record = seen.crm.reads.record(seen.actor, seen.entity().name, record_id(ask))
    return _page(seen, record)


def _page(seen: Screen, record: Record) -> Response:
    entity = seen.entity()
    _must_change(seen, record)
    offered = [(one, [_label(seen, name) for name in one.through]) for one in messages(seen, entity)]
    body = seen.render(
        "tell.html", entity=entity, record=record, offered=offered, place=f"/{entity.name}/{record.id}",
        proof=proof(seen.ask),
    )  # fmt: skip
    return seen.page(seen.say("Write to the client"), body, entity.name)


def _label(seen: Screen, name: str) -> str:
    channel = channel_of(seen.crm.blueprint, name)
    return channel.label if channel else name


def send(ask: Ask) -> Response:
    """Raises BadRequest for what is no message of this kind, Refused for who may not change the record."""
    seen = screen(ask)
    entity = seen.entity()
    record = seen.crm.reads.record(seen.actor, entity.name, record_id(ask))
    _must_change(seen, record)
    chosen = str(ask.form.get("message")) if ask.form is not None else ""
    found = next((one for one in messages(seen, entity) if one.name == chosen), None)
    if found is None:
        raise BadRequest(seen.say("Choose one of the messages."))
    cause = Cause(f"asked {key_of(ask) or ask.id}", seen.actor.user, whose=seen.actor.user)
    with seen.crm.database.writing() as connection:
        deliveries.plan(connection, seen.crm, found, record.id, cause, ask.now)
    return go(ask, f"/{entity.name}/{record.id}", seen.say("{label} is on its way.", label=found.label))


def _must_change(seen: Screen, record: Record) -> None:
    if not seen.crm.writes.may(seen.actor, record.entity, record.id, "update"):
        raise Refused(seen.say("You may look at this record, but not write to its client."))


__all__ = ["messages", "send", "show"]
