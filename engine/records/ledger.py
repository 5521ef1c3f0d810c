"""Who was told what about a record, or why not, as an actor may know it.

That a message exists, and why it did not go out, tells of whatever its notification asks of the record. So a line is shown
to its receiver, and to those who may read every field that the notification waits for, asks about and finds its receivers
by. The words are shown to the receiver, and to those who may read every field that the text names; a client's address to
those who may read the field that holds it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from engine.actor import Actor
from engine.blueprint.conditions import AllOf, AnyOf, Condition, Not, Test, tests_in
from engine.blueprint.notifications import Notification
from engine.blueprint.triggers import Happening, fields_of
from engine.blueprint.values import Ref
from engine.records.database import Connection
from engine.records.deliveries import Told, channel_of, of_record
from engine.records.read import Reads, Record
from engine.records.recipients import CLIENT
from engine.records.sight import targets_of

FURTHEST = 20  # pages that are looked through for one


@dataclass(frozen=True, slots=True)
class Line:
    """`who` is the receiver's name where the actor may see it; None: somebody. `reason`, `subject`, `text` and `address`
    are None where they are not the actor's to know."""

    id: int
    at: datetime
    label: str
    channel: str
    kind: str  # of channel
    who: str | None
    is_client: bool
    state: str
    reason: str | None
    due_at: datetime
    sent_at: datetime | None
    subject: str | None
    text: str | None
    address: str | None


def lines_of(
    reads: Reads, connection: Connection, actor: Actor, record: Record, most: int, before: int | None = None
) -> list[Line]:
    """The newest first. That the actor may read the record was asked when it was read."""
    eye = _Eye(reads, actor, record)
    found = _visible(connection, eye, most, before)
    people = {Ref("user", one.user) for one in found if one.user is not None}
    names = reads.titles(actor, people, connection)
    return [_line(reads, eye, one, names.get(("user", one.user or 0))) for one in found]


def _visible(connection: Connection, eye: _Eye, most: int, before: int | None) -> list[Told]:
    """Looks on while some of what was found is not the actor's to know."""
    found: list[Told] = []
    for _ in range(FURTHEST):
        some = of_record(connection, eye.record.id, most, before)
        found += [one for one in some if eye.may_see(one)]
        if len(found) >= most or len(some) < most:
            break
        before = some[-1].id
    return found[:most]


def _line(reads: Reads, eye: _Eye, one: Told, name: str | None) -> Line:
    notification = reads.blueprint.notifications.get(one.notification)
    channel = channel_of(reads.blueprint, one.channel)
    is_client = one.user is None and one.to == CLIENT
    mine, reads_text = one.user == eye.actor.user, eye.may_read_text(one, notification)
    knows_whom = one.user is None or name is not None
    return Line(
        one.id, one.at, notification.label if notification else one.notification, channel.label if channel else one.channel,
        channel.kind if channel else "", name, is_client, one.state, one.reason if knows_whom else None, one.due_at,
        one.sent_at, one.subject if mine or reads_text else None, one.text if mine or reads_text else None,
        one.address if mine or (is_client and eye.may_see_address(one.address)) else None,
    )  # fmt: skip


@dataclass(slots=True)
class _Eye:
    """What the actor may know of one record."""

    reads: Reads
    actor: Actor
    record: Record

    def may_see(self, one: Told) -> bool:
        if one.user == self.actor.user:
            return True
        notification = self.reads.blueprint.notifications.get(one.notification)
        if notification is None or notification.entity != self.record.entity:
            return self._administers()
        return self._reads_all(asked_by(self.reads, notification)) and not _looks_elsewhere(notification)

    def may_read_text(self, one: Told, notification: Notification | None) -> bool:
        """Of a message to somebody else. What a reference showed them, this reader might not see."""
        if notification is None or notification.entity != self.record.entity:
            return False
        names = notification.text.fields | (notification.subject.fields if notification.subject else frozenset())
        own = {name for name in names if not name.startswith("link") and name != "actor"}
        if "title" in own:
            own |= self.reads.blueprint.entities[self.record.entity].title.fields
            own.discard("title")
        if "actor" in names or any("." in name or self._points(name) for name in own):
            return False
        return self._reads_all(own)

    def may_see_address(self, address: str | None) -> bool:
        client = self.reads.blueprint.entities[self.record.entity].client
        names = (*client.email, *client.phone) if client else ()
        return address is not None and address in {self.record.values.get(name) for name in names}

    def _reads_all(self, names: Iterable[str]) -> bool:
        return all(self._reads(name) for name in names)

    def _reads(self, name: str) -> bool:
        """A field of the record; one step away also the record there must be one that the actor sees."""
        first, dot, rest = name.partition(".")
        fields = self.reads.sight.fields(self.actor.role, self.record.entity)
        if first not in fields:
            return False
        if not dot:
            return True
        value = self.record.values.get(first)
        there = [rest in self.reads.sight.fields(self.actor.role, target) for target in targets_of(fields[first])]
        return all(there) and (value is None or (isinstance(value, Ref) and value.title is not None))

    def _points(self, name: str) -> bool:
        field = self.reads.blueprint.entities[self.record.entity].fields.get(name)
        return field is not None and bool(targets_of(field))

    def _administers(self) -> bool:
        role = self.reads.blueprint.roles.get(self.actor.role)
        return role is not None and role.administers


def asked_by(reads: Reads, notification: Notification) -> frozenset[str]:
    """The fields on which it depends that there is a message, and whether it goes out."""
    entity = reads.blueprint.entities[notification.entity or ""]
    names = {*fields_of(notification.trigger), *(test.field for test in _tests_of(notification))}
    names |= {word.partition(":")[2] for word in notification.to if word.startswith("field:")}
    if any("owner" in word for word in notification.to):
        names.add("owner")
    if CLIENT in notification.to and entity.client is not None:
        names |= set(entity.client.fields)
    if isinstance(notification.trigger, Happening) and notification.trigger.on == "moved":
        names |= {flow.field for flow in reads.blueprint.workflows_of(entity.name)}
    return frozenset(names)


def _tests_of(notification: Notification) -> list[Test]:
    trigger = notification.trigger
    before: tuple[Condition, ...] = (trigger.before,) if isinstance(trigger, Happening) else ()
    return [test for condition in (notification.when, *before) for test in tests_in(condition)]


def _looks_elsewhere(notification: Notification) -> bool:
    """Whether it asks about other records, which the reader might not see."""
    return any(isinstance(test.value, (Test, AllOf, AnyOf, Not)) for test in _tests_of(notification))
