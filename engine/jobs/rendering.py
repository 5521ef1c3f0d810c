"""A delivery becomes a message, or the reason why there is none: asked at the moment when it is sent.

- A person's message is made of what they may read now, in their language and zone; who may not read the record any more,
  or has turned the notification off, gets nothing.
- A client's message is made by the set's robot: the compiler has refused texts that name what is hidden from any role.
- Whether the notification's condition still holds is asked as the robot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.actor import Actor, robot
from engine.blueprint.conditions import ALWAYS
from engine.blueprint.entities import Entity
from engine.blueprint.notifications import Channel, Notification
from engine.blueprint.values import Ref
from engine.errors import NotFound
from engine.jobs.enclosures import Enclosures
from engine.jobs.numbers import files_of, sheet_of, tables_for
from engine.parts import field_type
from engine.parts.channels.contract import Outgoing
from engine.parts.registry import channel as channel_kind
from engine.parts.tables import Table
from engine.records import deliveries, offers
from engine.records.database import Connection
from engine.records.deliveries import Delivery, Mark, channel_of
from engine.records.keys import milliseconds
from engine.records.people import People, Person
from engine.records.read import Record
from engine.records.recipients import CLIENT
from engine.records.rows import rows
from engine.records.wishes import Wishes, wishes_of
from engine.runtime import Crm
from engine.text import render, told
from engine.words import direction

HOUR = 3_600_000  # ms
MOST_TO_ONE = 20  # messages to one address of a client within an hour, over each channel
OFFERED_FOR = timedelta(days=30)
SOMEWHERE = "https://crm.example"  # where the program stands in a rehearsal


class NotNow(Exception):
    """No message is to go out now; `mark` says what becomes of the delivery."""

    def __init__(self, state: str, reason: str, due: datetime | None = None) -> None:
        super().__init__(reason)
        self.mark = Mark(state, reason, milliseconds(due) if due else None)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who gets it: a person with their own rights, or the robot for a client and for other programs."""

    actor: Actor
    person: Person | None = None
    wishes: Wishes = field(default_factory=Wishes)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.actor.zone)


@dataclass(frozen=True, slots=True)
class Rendered:
    """`note` is told beside a message that goes out: an attachment that stays behind."""

    outgoing: Outgoing
    note: str | None = None
    digest: bool = False  # it goes out with the other mails of the day


class Rendering:
    """For one batch: what it has learnt of people is forgotten with it."""

    def __init__(self, crm: Crm, connection: Connection, now: datetime) -> None:
        self.crm, self.connection, self.now = crm, connection, now
        self.blueprint, self.reads = crm.blueprint, crm.reads
        self.robot = robot(crm.blueprint)
        self.people = People(crm.blueprint, crm.database.dialect)
        self.enclosures = Enclosures(crm)
        self._readers: dict[int, Reader] = {}
        self._names: dict[int, str] = {}

    def of(self, delivery: Delivery) -> Rendered:
        """Raises NotNow."""
        channel = channel_of(self.blueprint, delivery.channel)
        if channel is None:
            raise NotNow("not_sent", f"The set has no channel {delivery.channel} any more.")
        to = delivery.cause.get("to", "")
        if delivery.user is None and to != CLIENT:
            return Rendered(self._for_machine(delivery))
        notification = self._notification(delivery)
        reader = self._reader(delivery, notification, channel)
        self._check_condition(notification, delivery.record)
        record = self._record(reader.actor, notification, delivery.record)
        address, name = self._address(delivery, reader, channel, record)
        tables = tables_for(self.crm.in_language(reader.actor.language), self.connection, reader.actor, notification)
        if notification.reports and not tables:
            raise NotNow("not_sent", "Nothing of the reports is for the receiver's role.")
        outgoing = self._written(delivery, notification, reader, channel, record)
        outgoing = self._with_numbers(notification, reader, channel, tables, outgoing)
        note, outgoing = self._with_enclosures(delivery, notification, reader, channel, record, outgoing)
        digest = reader.wishes.digest is not None and delivery.channel == "email" and outgoing.invitation is None
        return Rendered(replace(outgoing, to=address, name=name), note, digest)

    # ---- may it go out

    def _notification(self, delivery: Delivery) -> Notification:
        found = self.blueprint.notifications.get(delivery.notification)
        if found is None or found.entity != delivery.entity:
            raise NotNow("not_sent", "The set has no such notification any more.")
        return found

    def _reader(self, delivery: Delivery, notification: Notification, channel: Channel) -> Reader:
        if delivery.user is None:
            return Reader(self.robot)
        reader = self._readers.get(delivery.user) or self._found(delivery.user)
        self._readers[delivery.user] = reader
        wishes = reader.wishes
        if notification.name in wishes.muted:
            raise NotNow("not_sent", "The receiver has turned this notification off.")
        if channel.name in wishes.off:
            raise NotNow("not_sent", f"The receiver wants nothing by {channel.label}.")
        if not channel_kind(channel.kind).inside:
            self._wait_for_a_good_time(delivery, reader)
        return reader

    def _found(self, user: int) -> Reader:
        person = self.people.by_id(self.connection, user)
        if person is None or not person.may_enter:
            raise NotNow("not_sent", "The receiver may not sign in any more.")
        return Reader(person.actor(self.blueprint), person, wishes_of(self.connection, user))

    def _wait_for_a_good_time(self, delivery: Delivery, reader: Reader) -> None:
        digest = reader.wishes.digest_after(_moment(delivery.created_at), reader.zone)
        if digest is not None and delivery.channel == "email":
            if digest > self.now:
                raise NotNow("waiting", "It comes with the digest.", digest)
            return
        quiet = reader.wishes.quiet_until(self.now, reader.zone)
        if quiet is not None:
            raise NotNow("waiting", "The receiver's quiet hours.", quiet)

    def _check_condition(self, notification: Notification, record: int | None) -> None:
        if notification.entity is None or record is None or notification.when == ALWAYS:
            return
        if not self.reads.holds(self.connection, self.robot, notification.entity, record, notification.when):
            raise NotNow("not_sent", "What it is sent for does not hold any more.")

    def _record(self, actor: Actor, notification: Notification, record: int | None) -> Record | None:
        if notification.entity is None or record is None:
            return None
        try:
            return self.reads.record(actor, notification.entity, record, connection=self.connection)
        except NotFound:
            if self.reads.allowed(self.robot, "read", notification.entity, record, self.connection):
                raise NotNow("not_sent", "The receiver may not read the record.") from None
            raise NotNow("not_sent", "The record is not there any more.") from None

    # ---- to where

    def _address(self, delivery: Delivery, reader: Reader, channel: Channel, record: Record | None) -> tuple[str, str]:
        """The address that the channel needs, and whose it is."""
        by = channel_kind(channel.kind).reaches(channel.settings)
        if reader.person is None:
            address, name = self._clients(by, record)
            self._check_crowd(delivery, address)
            return address, name
        if by == "person":
            return "", reader.person.name
        found = reader.person.email if by == "email" else self._phone(reader.person.id)
        if not found:
            raise NotNow("not_sent", f"The receiver has no {_called(by)}.")
        return found, reader.person.name

    def _clients(self, by: str, record: Record | None) -> tuple[str, str]:
        client = self.blueprint.entities[record.entity].client if record else None
        if record is None or client is None:
            raise NotNow("not_sent", "The set does not say who the client is.")
        values = self._values_at(record, self.robot, client.fields)
        if values.get(client.refuses.get(by, "")) is True:
            raise NotNow("not_sent", f"The client wants no {'calls or messages' if by == 'phone' else 'e-mail'}.")
        found = _first(values, client.at(by))
        if not found:
            raise NotNow("not_sent", f"The client has no {_called(by)}.")
        return str(found), str(_first(values, client.name) or "")

    def _check_crowd(self, delivery: Delivery, address: str) -> None:
        """Who types an address into a form only says that it is theirs: a stranger's mailbox is not flooded from here."""
        at = milliseconds(self.now)
        sent = deliveries.sent_since(self.connection, delivery.channel, address, at - HOUR, MOST_TO_ONE)
        if sent < MOST_TO_ONE:
            return
        reason = f"{MOST_TO_ONE} messages went to this address within an hour."
        if at - delivery.created_at > deliveries.GIVE_UP:
            raise NotNow("not_sent", f"{reason} It was put off for a day.")
        raise NotNow("waiting", reason, self.now + timedelta(hours=1))

    def _phone(self, user: int) -> str | None:
        found = rows(self.connection, 'select phone from "user" where id = ?', (user,))
        return found[0][0] if found else None

    # ---- the words

    def _written(
        self, delivery: Delivery, notification: Notification, reader: Reader, channel: Channel, record: Record | None
    ) -> Outgoing:
        spoken = self._in_words_of(reader)
        notification = spoken.blueprint.notifications[notification.name]
        values, link, buttons = spoken._values(delivery, notification, reader, channel, record)
        formats = self.reads.formats(reader.actor)
        turned = direction(formats.language) == "rtl"
        subject = render(notification.subject, values, formats, isolates=turned) if notification.subject else ""
        text = render(notification.text, values, formats, isolates=turned)
        if buttons and not channel_kind(channel.kind).carries:
            text = "\n".join([text, *(f"{label}: {url}" for label, url in buttons)])
        entity = self.blueprint.entities.get(notification.entity or "")
        return Outgoing(
            delivery.key, "", subject or notification.label, text, self.now, language=reader.actor.language, link=link,
            link_label=record.title if link and record and entity else "", buttons=buttons,
            thread=f"{record.entity}.{record.id}" if record else None, kind=notification.name,
        )  # fmt: skip

    def _in_words_of(self, reader: Reader) -> Rendering:
        """The same in the reader's language; a client is told in the firm's."""
        crm = self.crm.in_language(reader.actor.language)
        return self if crm is self.crm else Rendering(crm, self.connection, self.now)

    def _values(
        self, delivery: Delivery, notification: Notification, reader: Reader, channel: Channel, record: Record | None
    ) -> tuple[dict[str, Any], str | None, tuple[tuple[str, str], ...]]:
        """What the texts may name, the address of the record, and the answers that the client may give."""
        inside = channel_kind(channel.kind).inside
        path = f"/{record.entity}/{record.id}" if record else "/"
        outside = f"{self._house()}{path}" if reader.person and self._house() else None
        values: dict[str, Any] = {"actor": self._actor_name(delivery), "link": path if inside else outside}
        names = set(notification.text.fields) | set(notification.subject.fields if notification.subject else ())
        if record is not None:
            values |= self._shown(record, reader.actor, names)
        links = self._offered(notification, record) if reader.person is None else {}
        values |= {f"link_{name}": url for name, (_, url) in links.items()}
        buttons = tuple(pair for name, pair in links.items() if f"link_{name}" not in names)
        return values, None if inside else outside, buttons

    def _shown(self, record: Record, actor: Actor, names: set[str]) -> dict[str, Any]:
        """The record's values, what lies one step away, phone numbers as they are dialled, and its title."""
        entity, formats = self.blueprint.entities[record.entity], self.reads.formats(actor)
        phones = {
            f.name: field_type(f.type).show(f, record.values[f.name], formats)
            for f in entity.fields_of("phone")
            if f.name in record.values
        }
        there = {name: value for name, value in self._values_at(record, actor, tuple(names)).items() if "." in name}
        words = {
            f.name: told(record.values[f.name], field_type(f.type).show(f, record.values[f.name], formats))
            for f in entity.fields_of("choice", "stage", "role")
            if f.name in names and isinstance(record.values.get(f.name), str)
        }
        return {**record.values, **there, **phones, **words, "title": record.title}

    def _values_at(self, record: Record, actor: Actor, names: tuple[str, ...]) -> dict[str, Any]:
        """Values of the record by name; `lead.email` is read from the lead, as the actor may."""
        found: dict[str, Any] = {}
        others: dict[Ref, Mapping[str, Any]] = {}
        for name in names:
            first, dot, rest = name.partition(".")
            value = record.values.get(first)
            if not dot:
                found[name] = value
            elif isinstance(value, Ref):
                if value not in others:
                    others[value] = self._there(actor, value)
                found[name] = others[value].get(rest)
        return found

    def _there(self, actor: Actor, ref: Ref) -> Mapping[str, Any]:
        try:
            return self.reads.record(actor, ref.entity, ref.id, connection=self.connection).values
        except NotFound:
            return {}

    def _actor_name(self, delivery: Delivery) -> str:
        doer = int(delivery.cause.get("actor", 0))
        if doer not in self._names:
            person = self.people.by_id(self.connection, doer) if doer else None
            self._names[doer] = person.name if person else ""
        return self._names[doer]

    def _house(self) -> str:
        return self.crm.settings.address or (SOMEWHERE if self.crm.settings.rehearsal else "")

    def _offered(self, notification: Notification, record: Record | None) -> dict[str, tuple[str, str]]:
        """Transition -> its label and the address by which the client makes it."""
        if not notification.offers or record is None:
            return {}
        if not self._house():
            raise NotNow("not_sent", "CRM_ADDRESS is not set, so no link for an answer can be made.")
        now = milliseconds(self.now)
        expires = milliseconds(self.now + OFFERED_FOR)
        with self.crm.database.writing() as connection:
            key = offers.mint(
                connection, record.entity, record.id, notification.offers, notification.name, now, expires
            )
        entity = self.blueprint.entities[record.entity]
        labels = self._labels(entity)
        at = f"{self._house()}{offers.ADDRESS}{key}"
        return {name: (labels.get(name, name), f"{at}?move={name}") for name in notification.offers}

    def _labels(self, entity: Entity) -> dict[str, str]:
        flows = self.blueprint.workflows_of(entity.name)
        return {t.name: t.label for flow in flows for t in flow.transitions.values()}

    # ---- what goes with it

    def _with_numbers(
        self, notification: Notification, reader: Reader, channel: Channel, tables: list[Table], outgoing: Outgoing
    ) -> Outgoing:
        if not tables or not channel_kind(channel.kind).carries:
            return outgoing
        formats = self.reads.formats(reader.actor)
        sheets = tuple(sheet_of(table, reader.actor, formats, self._house()) for table in tables)
        return replace(outgoing, sheets=sheets, attached=tuple(files_of(self.crm, notification, tables, reader.actor)))

    def _with_enclosures(
        self, delivery: Delivery, notification: Notification, reader: Reader, channel: Channel, record: Record | None,
        outgoing: Outgoing,
    ) -> tuple[str | None, Outgoing]:  # fmt: skip
        if not channel_kind(channel.kind).carries:
            return None, outgoing
        attached, left = self.enclosures.attached(notification, delivery.cause.get("files", ()), reader.actor, record)
        invitation = self.enclosures.invitation(notification, record, self._holds(record))
        note = f"Too large to go with it: {', '.join(left)}." if left else None
        return note, replace(outgoing, attached=(*outgoing.attached, *attached), invitation=invitation)

    def _holds(self, record: Record | None) -> Any:
        def holds(condition: Any) -> bool:
            assert record is not None
            return self.reads.holds(self.connection, self.robot, record.entity, record.id, condition)

        return holds

    def _for_machine(self, delivery: Delivery) -> Outgoing:
        """For another program: the record as the robot may read it."""
        notification = self.blueprint.notifications.get(delivery.notification)
        text, subject = "", delivery.notification
        item = None
        if delivery.entity is not None and delivery.record is not None:
            try:
                item = self.reads.item(self.robot, delivery.entity, delivery.record)
            except NotFound:
                raise NotNow("not_sent", "The record is not there any more.") from None
        if notification is not None and notification.entity == delivery.entity:
            self._check_condition(notification, delivery.record)
            text, subject = self._machine_text(delivery, notification), notification.label
        return Outgoing(delivery.key, "", subject, text, self.now, kind=delivery.notification, record=item)

    def _machine_text(self, delivery: Delivery, notification: Notification) -> str:
        record = self._record(self.robot, notification, delivery.record)
        values = {"actor": self._actor_name(delivery), "link": f"{self._house()}/{delivery.entity}/{delivery.record}"}
        if record is not None:
            values |= self._shown(record, self.robot, set(notification.text.fields))
        return render(notification.text, values, self.reads.formats(self.robot))


def _called(by: str) -> str:
    return {"email": "e-mail address", "phone": "phone number"}.get(by, "address")


def _first(values: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """The value of the first of these fields that is filled; a reference counts by its title."""
    found = next((values[name] for name in names if values.get(name) not in (None, "")), None)
    return found.title if isinstance(found, Ref) else found


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


