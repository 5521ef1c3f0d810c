"""Messages on their way, and what became of each: one row for one message to one receiver over one channel.

The row is the queue of the senders and the ledger of what was told. `plan` writes rows; nobody's rights are asked before
the message is rendered, when it is sent.

waiting -> claimed -> sent, not_sent (with its reason), dead (refused for good)
                   -> sending -> sent, or uncertain when its sender died: only where the notification says hold
held -> waiting, not_sent: too much for one person's deeds, see budget.py
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import orjson

from engine.blueprint import Blueprint
from engine.blueprint.notifications import Attachment, Channel, Notification
from engine.parts.mail import id_in, message_key
from engine.parts.registry import channel as channel_kind
from engine.records import budget, leases
from engine.records.database import Connection, Database
from engine.records.keys import milliseconds, new_ids
from engine.records.people import People
from engine.records.read import Reads
from engine.records.recipients import CLIENT, Recipient, Recipients
from engine.records.rows import change, in_words_of, rows
from engine.rules.hours import OpenHours
from engine.words import said

HOOK = Recipient("hook")  # another program, whoever else is told
OF_NOTIFICATION = "notification "  # begins what an occurrence is of
GIVE_UP = 24 * 3600 * 1000  # ms after which what could not be sent is given up
LONGEST_WAIT = 15 * 60 * 1000  # ms between two tries
COLUMNS = (
    "id", "dedupe", "notification", "entity", "record", "user", "channel", "address", "cause", "created_at", "due_at",
    "state", "attempts", "reason", "doer",
)  # fmt: skip


class Crm(Protocol):
    """What of the runtime is needed here."""

    @property
    def blueprint(self) -> Blueprint: ...
    @property
    def database(self) -> Database: ...
    @property
    def reads(self) -> Reads: ...


@dataclass(frozen=True, slots=True)
class Cause:
    """What a message comes from. `id` is of the outbox message, or whatever makes it one of a kind; `actor` who did it,
    0 the engine; `told` goes into the ledger; `files` go along beside the notification's own; `whose` deed began it, if
    rules led on from there, 0 nobody's."""

    id: str
    actor: int = 0
    told: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[Attachment, ...] = ()
    whose: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row as its sender sees it. Moments in ms since 1970 UTC; `user` None: the client, or another program."""

    id: int
    dedupe: str
    notification: str
    entity: str | None
    record: int | None
    user: int | None
    channel: str
    cause: Mapping[str, Any]
    created_at: int
    due_at: int
    attempts: int
    lease: str = ""

    @property
    def key(self) -> str:
        """Names the message wherever it goes, the same each time that it is tried."""
        return message_key(self.dedupe, self.id)


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of a delivery. `due_at` in ms is given with the state `waiting`."""

    state: str
    reason: str | None = None
    due_at: int | None = None
    address: str | None = None
    provider: str | None = None
    subject: str | None = None
    text: str | None = None


# ---- planning


def plan(
    connection: Connection, crm: Crm, notification: Notification, record: int | None, cause: Cause, now: datetime
) -> int:
    """Writes who is to be told, in the caller's transaction; how many messages are new. That its `when` holds is not
    asked here, but when they are sent."""
    people = Recipients(crm.blueprint, People(crm.blueprint, crm.database.dialect), connection)
    return put(connection, crm.blueprint, planned(crm.blueprint, people, notification, record, cause, now))


def call(
    connection: Connection, crm: Crm, channel: str, name: str, entity: str, record: int, cause: Cause, now: datetime
) -> int:
    """Tells another program over a webhook channel. `name` is what it is called there: the rule's name."""
    at = milliseconds(now)
    row = _row(new_ids(now, 1)[0], name, entity, record, HOOK, channel, cause, at, at)
    return put(connection, crm.blueprint, [row])


def planned(
    blueprint: Blueprint, people: Recipients, notification: Notification, record: int | None, cause: Cause, now: datetime
) -> list[tuple[Any, ...]]:
    """The rows, so that they can be worked out before the transaction that writes them."""
    pairs = list(_pairs(blueprint, notification, people.of(notification, record, cause.actor)))
    at, due = milliseconds(now), milliseconds(_opening(blueprint, notification, now))
    name, entity = notification.name, notification.entity
    ids = new_ids(now, len(pairs)) if pairs else ()
    return [
        _row(id, name, entity, record, who, channel, cause, at, due) for id, (who, channel) in zip(ids, pairs, strict=True)
    ]


def put(connection: Connection, blueprint: Blueprint, planned: Sequence[tuple[Any, ...]]) -> int:
    """Writes planned rows; what exists already stays as it is, and what is too much for one person's deeds is held back.
    How many were given."""
    planned = budget.held_back(connection, blueprint, COLUMNS, planned)
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    marks = ", ".join("?" * len(COLUMNS))
    text = f"insert into crm_delivery ({names}) values ({marks}) on conflict (dedupe) do nothing"
    connection.change_many(in_words_of(connection.dialect, text), planned)
    return len(planned)


def channel_of(blueprint: Blueprint, name: str) -> Channel | None:
    """The channel; those that are built in need not be written in the set."""
    return blueprint.channels.get(name) or _BUILT_IN.get(name)


_BUILT_IN = {name: Channel(name, label, name) for name, label in (("app", "In the program"), ("email", "E-mail"))}


def _pairs(
    blueprint: Blueprint, notification: Notification, people: Iterable[Recipient]
) -> Iterator[tuple[Recipient, str]]:
    """Each receiver over each channel by which such a receiver can be reached; a machine is told once."""
    everybody = list(people)
    for name in notification.through:
        channel = channel_of(blueprint, name)
        reaches = channel_kind(channel.kind).reaches(channel.settings) if channel else "nobody"
        if reaches == "nobody":
            yield HOOK, name
            continue
        yield from ((who, name) for who in everybody if reaches != "person" or who.user is not None or who.why)


def _row(
    id: int, name: str, entity: str | None, record: int | None, who: Recipient, channel: str, cause: Cause, at: int,
    due: int,
) -> tuple[Any, ...]:  # fmt: skip
    told = {**cause.told, "message": cause.id, "to": who.word, "actor": str(cause.actor)}
    if cause.files:
        told["files"] = [[one.file, one.field] for one in cause.files]
    dedupe = " ".join((name, cause.id, str(record or 0), who.key, channel))
    state = "not_sent" if who.why else "waiting"
    text = orjson.dumps(told).decode()
    doer = cause.whose if cause.whose and who.word == CLIENT and not who.why else None
    return (id, dedupe, name, entity, record, who.user, channel, None, text, at, due, state, 0, who.why or None, doer)


def _opening(blueprint: Blueprint, notification: Notification, now: datetime) -> datetime:
    if not notification.working_hours_only:
        return now
    manifest = blueprint.manifest
    return OpenHours(manifest.hours, ZoneInfo(manifest.zone)).opening(now)


# ---- the queue


def due_channels(connection: Connection, now: int) -> list[str]:
    """The channels over which something is to go out now."""
    text = (
        "select distinct channel from crm_delivery where state in ('waiting', 'claimed') and due_at <= ? "
        "and (leased_until is null or leased_until < ?) order by channel"
    )
    return [name for (name,) in rows(connection, text, (now, now))]


@lru_cache(maxsize=100)
def queue(channel: str) -> leases.Queue:
    return leases.Queue("crm_delivery", "reason", f"channel = '{channel.replace(chr(39), chr(39) * 2)}'")


def claim(connection: Connection, channel: str, now: int, most: int) -> list[Delivery]:
    """Up to `most` deliveries of the channel, leased to the caller."""
    lease, ids = leases.claim(connection, queue(channel), now, most)
    return _leased(connection, lease, ids)


def claim_also(connection: Connection, channel: str, user: int, lease: str, now: int) -> list[Delivery]:
    """What else is due for this person over this channel, under the same lease."""
    text = (
        'select id from crm_delivery where "user" = ? and channel = ? and state = \'waiting\' and due_at <= ? '
        "order by id limit 50"
    )
    lock = " for update skip locked" if connection.dialect == "postgresql" else ""
    ids = [id for (id,) in rows(connection, text + lock, (user, channel, now))]
    text = "update crm_delivery set state = 'claimed', lease = ?, leased_until = ?, attempts = attempts + 1 where id = ?"
    for id in ids:
        change(connection, text, (lease, now + leases.LEASE, id))
    return _leased(connection, lease, ids)


def _leased(connection: Connection, lease: str, ids: Sequence[int]) -> list[Delivery]:
    if not ids:
        return []
    found = rows(
        connection,
        'select id, dedupe, notification, entity, record, "user", channel, cause, created_at, due_at, attempts '
        f"from crm_delivery where id in ({', '.join('?' * len(ids))}) order by due_at, id",
        tuple(ids),
    )
    return [Delivery(*(*row[:7], orjson.loads(row[7] or "{}"), *row[8:], lease)) for row in found]


MARK = (
    "update crm_delivery set state = ?, reason = ?, due_at = ?, sent_at = ?, lease = null, leased_until = null, "
    "address = coalesce(?, address), provider = ?, subject = ?, text = ? where id = ? and lease = ?"
)


def mark(connection: Connection, delivery: Delivery, mark: Mark, now: int) -> bool:
    """Writes what became of it; False when the lease was lost."""
    return change(connection, MARK, _marked(delivery, mark, now)) == 1


def mark_all(connection: Connection, marks: Sequence[tuple[Delivery, Mark]], now: int) -> frozenset[int]:
    """The same for many at once; the ids of those whose lease was not lost."""
    mine = leases.still_held(connection, queue(""), [(one.id, one.lease) for one, _ in marks])
    values = [_marked(one, found, now) for one, found in marks if one.id in mine]
    connection.change_many(in_words_of(connection.dialect, MARK), values)
    return mine


def _marked(delivery: Delivery, mark: Mark, now: int) -> tuple[Any, ...]:
    return (
        mark.state, (mark.reason or None) and str(mark.reason)[:2000], mark.due_at or delivery.due_at,
        now if mark.state == "sent" else None, mark.address, mark.provider, mark.subject, mark.text, delivery.id,
        delivery.lease,
    )  # fmt: skip


def begin_sending(connection: Connection, delivery: Delivery) -> bool:
    """From here on only its sender knows what became of it: who dies now leaves it uncertain. False: the lease was lost."""
    text = "update crm_delivery set state = 'sending' where id = ? and lease = ? and state = 'claimed'"
    return change(connection, text, (delivery.id, delivery.lease)) == 1


def settle_uncertain(connection: Connection, now: int) -> int:
    """Those whose sender died while they were being sent, and that must not be sent twice; how many."""
    text = (
        "update crm_delivery set state = 'uncertain', lease = null, leased_until = null, reason = ? "
        "where state = 'sending' and leased_until < ?"
    )
    return change(connection, text, ("The sender stopped while it was being sent, so it may have arrived.", now))


def is_uncertain_due(connection: Connection, now: int) -> bool:
    return bool(rows(connection, "select 1 from crm_delivery where state = 'sending' and leased_until < ? limit 1", (now,)))


def release(connection: Connection, left: Sequence[Delivery]) -> None:
    """Gives back what was not tried."""
    text = (
        "update crm_delivery set state = 'waiting', lease = null, leased_until = null, attempts = attempts - 1 "
        "where id = ? and lease = ?"
    )
    for one in left:
        change(connection, text, (one.id, one.lease))


def pause(connection: Connection, channel: str, until: int) -> int:
    """Nothing of the channel is due before that moment."""
    text = "update crm_delivery set due_at = ? where channel = ? and state = 'waiting' and due_at < ?"
    return change(connection, text, (until, channel, until))


def again(delivery: Delivery, reason: str, wait: float | None, now: int) -> Mark:
    """To be tried again later and later; given up after a day."""
    if now - delivery.created_at > GIVE_UP:
        return Mark("dead", said("{reason} It was tried for a day.", reason=reason))
    doubled = leases.FIRST_WAIT * 2 ** min(max(delivery.attempts - 1, 0), 12)
    pause = max(min(doubled, LONGEST_WAIT), round((wait or 0) * 1000))
    return Mark("waiting", reason, now + pause)


def sent_since(connection: Connection, channel: str, address: str, since: int, most: int) -> int:
    """How many messages went to the address of a client over the channel, counted up to `most`."""
    text = (
        "select count(*) from (select 1 from crm_delivery where address = ? and sent_at > ? and channel = ? "
        'and "user" is null limit ?) as counted'
    )
    return int(rows(connection, text, (address, since, channel, most))[0][0])


# ---- the ledger


@dataclass(frozen=True, slots=True)
class Told:
    """A line of a record's ledger. `to` is the word by which the receiver was found."""

    id: int
    at: datetime
    notification: str
    channel: str
    user: int | None
    to: str
    state: str
    reason: str | None
    due_at: datetime
    sent_at: datetime | None
    address: str | None
    subject: str | None
    text: str | None
    cause: Mapping[str, Any]


def of_record(connection: Connection, record: int, most: int, before: int | None = None) -> list[Told]:
    """What was told, or not, about a record, the newest first; also moments that were missed. Whether it may be read is
    the caller's to ask."""
    last = before or 2**63 - 1
    text = (
        'select id, created_at, notification, channel, "user", cause, state, reason, due_at, sent_at, address, subject, '
        "text from crm_delivery where record = ? and id < ? "
        f"union all select id, made_at, substr(rule, {len(OF_NOTIFICATION) + 1}), '', null, null, 'not_sent', reason, "
        "due_at, null, null, null, null from crm_occurrence where record = ? and id < ? and state = 'missed' "
        f"and substr(rule, 1, {len(OF_NOTIFICATION)}) = '{OF_NOTIFICATION}' order by id desc limit ?"
    )
    return [_told(row) for row in rows(connection, text, (record, last, record, last, most))]


def count_of_record(connection: Connection, record: int, cap: int) -> int:
    text = "select count(*) from (select 1 from crm_delivery where record = ? limit ?) as counted"
    return int(rows(connection, text, (record, cap))[0][0])


def answered(connection: Connection, references: Iterable[str]) -> tuple[str, int] | None:
    """The (entity, record) that an incoming mail answers: by the Message-IDs under In-Reply-To and References."""
    for found in filter(None, map(id_in, references)):
        id, key = found
        for dedupe, entity, record in rows(
            connection, "select dedupe, entity, record from crm_delivery where id = ?", (id,)
        ):
            if record is not None and message_key(dedupe, id) == key:
                return entity, record
    return None


def _told(row: tuple[Any, ...]) -> Told:
    id, at, notification, channel, user, cause, state, reason, due, sent, address, subject, text = row
    told = orjson.loads(cause or "{}")
    return Told(
        id, _moment(at), notification, channel, user, told.get("to", ""), state, reason, _moment(due),
        _moment(sent) if sent else None, address, subject, text, told,
    )  # fmt: skip


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
