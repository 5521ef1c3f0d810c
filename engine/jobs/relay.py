"""From what happened to who is told: an event of the outbox becomes notices, each rendered for its reader.

- Whether a notification's condition holds is asked as the set's robot, the first role that administers.
- A reader who may not read the record is not told of it; what they may not read in it stays empty in the text.
- Who did it is not told of their own deed, unless the notification names `actor`.
- The notices and the mark on the message are one transaction: each notice exists once, or not yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.actor import Actor, robot
from engine.blueprint.notifications import Notification
from engine.blueprint.triggers import Happening
from engine.errors import NotFound
from engine.parts import field_type
from engine.records import notices, outbox
from engine.records.database import Connection
from engine.records.keys import milliseconds, new_id
from engine.records.people import People
from engine.records.rows import rows
from engine.runtime import Crm
from engine.text import render


@dataclass(frozen=True, slots=True)
class Told:
    user: int
    notification: str
    text: str


class Relay:
    """Made once per blueprint."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        self.people = People(crm.blueprint, crm.database.dialect)
        self.robot = robot(crm.blueprint)

    def deliver(self, now: datetime, most: int = 50) -> int:
        """Works off up to `most` waiting messages; how many it took."""
        moment = milliseconds(now)
        with self.crm.database.reading() as connection:
            if not outbox.is_due(connection, moment):
                return 0
        with self.crm.database.writing() as connection:
            messages = outbox.claim(connection, moment, most)
        for message in messages:
            self._one(message, now)
        return len(messages)

    def _one(self, message: outbox.Message, now: datetime) -> None:
        try:
            told = list(self._told(message.payload))
            with self.crm.database.writing() as connection:
                if outbox.finish(connection, message):
                    self._write(connection, message.payload, told, now)
        except Exception as error:  # one bad message must not stop the others: it waits, and dies with its reason
            with self.crm.database.writing() as connection:
                outbox.fail(connection, message, f"{type(error).__name__}: {error}", milliseconds(now))

    def _write(self, connection: Connection, event: Mapping[str, Any], told: list[Told], now: datetime) -> None:
        for one in told:
            entity, record = event["entity"], int(event["record"])
            notices.tell(connection, new_id(now), one.user, milliseconds(now), one.notification, entity, record, one.text)

    def _told(self, event: Mapping[str, Any]) -> Iterator[Told]:
        entity = event["entity"]
        for notification in self.crm.blueprint.notifications.values():
            if notification.entity == entity and _means(notification, event):
                yield from self._readers(notification, event)

    def _readers(self, notification: Notification, event: Mapping[str, Any]) -> Iterator[Told]:
        entity, record, doer = event["entity"], int(event["record"]), int(event["actor"])
        with self.crm.database.reading() as connection:
            if not self.crm.reads.holds(connection, self.robot, entity, record, notification.when):
                return
            actors = list(self._actors(connection, notification, entity, record, doer))
            who = self.people.by_id(connection, doer)
        for actor in actors:
            if actor.user == doer and "actor" not in notification.to:
                continue
            try:
                yield Told(actor.user, notification.name, self._text(notification, actor, record, who.name if who else ""))
            except NotFound:
                continue  # the record is not this reader's to see

    def _text(self, notification: Notification, actor: Actor, record: int, doer: str) -> str:
        seen = self.crm.reads.record(actor, notification.entity, record)
        link = f"/{notification.entity}/{record}"
        formats = self.crm.reads.formats(actor)
        phones = {
            f.name: field_type(f.type).show(f, seen.values[f.name], formats)
            for f in self.crm.blueprint.entities[notification.entity].fields_of("phone")
            if f.name in seen.values
        }
        values = {**seen.values, **phones, "title": seen.title, "actor": doer, "link": link}
        return render(notification.text, values, formats)

    def _actors(
        self, connection: Connection, notification: Notification, entity: str, record: int, doer: int
    ) -> Iterator[Actor]:
        found = dict.fromkeys(
            user for to in notification.to for user in self._users(connection, to, entity, record, doer) if user
        )
        for user in found:
            person = self.people.by_id(connection, user)
            if person is not None and person.may_enter:
                yield person.actor(self.crm.blueprint)

    def _users(self, connection: Connection, to: str, entity: str, record: int, doer: int) -> list[int | None]:
        kind, _, name = to.partition(":")
        match kind:
            case "actor":
                return [doer]
            case "owner":
                return [self._held(entity, record, "owner")]
            case "manager of owner":
                return self._managers(connection, self._held(entity, record, "owner"))
            case "field":
                return [self._held(entity, record, name)]
        return [id for (id,) in rows(connection, 'select id from "user" where role = ? and deleted_at is null', (name,))]

    def _held(self, entity: str, record: int, field: str) -> int | None:
        ref = self.crm.reads.record(self.robot, entity, record).values.get(field)
        return ref.id if ref else None

    def _managers(self, connection: Connection, owner: int | None) -> list[int | None]:
        """The named manager; without one, those of the nearest role above that somebody has."""
        if owner is None:
            return []
        named, role = rows(connection, 'select manager, role from "user" where id = ?', (owner,))[0]
        if named is not None:
            return [named]
        at = self.crm.blueprint.roles[role].reports_to if role in self.crm.blueprint.roles else None
        while at is not None:
            found = self._users(connection, f"role:{at}", "", 0, 0)
            if found:
                return found
            at = self.crm.blueprint.roles[at].reports_to
        return []


def _means(notification: Notification, event: Mapping[str, Any]) -> bool:
    trigger = notification.trigger
    if not isinstance(trigger, Happening) or trigger.on not in event["on"]:
        return False
    if trigger.fields and not set(trigger.fields) & set(event["fields"]):
        return False
    return not trigger.into or bool(set(trigger.into) & set(event.get("stages", {}).values()))

