"""From what happened, or came due, to who is to be told and which rules are to be carried out.

- An event is asked of every notification and rule of its entity; a due message names the one that it is of.
- Whether a notification's condition holds is asked as the set's robot, here and again when the message is sent.
- What holds before a change is read from the record's history.
- A batch is worked out first; then all its rows, and the marks on its messages, are one short transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.actor import robot
from engine.blueprint.conditions import ALWAYS, Condition
from engine.blueprint.notifications import Notification
from engine.blueprint.rules import Rule
from engine.blueprint.triggers import Happening, Trigger
from engine.records import deliveries, outbox
from engine.records.database import Connection
from engine.records.deliveries import Cause
from engine.records.keys import milliseconds, new_ids
from engine.records.outbox import Message
from engine.records.past import held_before
from engine.records.people import People
from engine.records.recipients import Recipients
from engine.rules.triggers import matches
from engine.runtime import Crm

BATCH = 100  # messages in one transaction: who writes meanwhile waits for it


@dataclass(slots=True)
class Work:
    """What one message comes to."""

    message: Message
    told: list[tuple[Any, ...]] = field(default_factory=list)  # rows of crm_delivery
    rules: list[tuple[str, Mapping[str, Any], str]] = field(default_factory=list)  # kind, payload, dedupe


class Relay:
    """Made once per blueprint."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        self.people = People(crm.blueprint, crm.database.dialect)
        self.robot = robot(crm.blueprint)
        self.notifications: dict[str | None, list[Notification]] = defaultdict(list)
        self.rules: dict[str, list[Rule]] = defaultdict(list)
        for notification in crm.blueprint.notifications.values():
            self.notifications[notification.entity].append(notification)
        for rule in crm.blueprint.rules.values():
            self.rules[rule.entity].append(rule)

    def deliver(self, now: datetime, most: int = BATCH) -> int:
        """Works off up to `most` waiting messages; how many it took."""
        moment = milliseconds(now)
        with self.crm.database.reading() as connection:
            if not outbox.is_due(connection, moment):
                return 0
        with self.crm.database.writing() as connection:
            messages = outbox.claim(connection, moment, most)
        done = self._worked_out(messages, now)
        try:
            self._write(done, now)
        except Exception:  # one of them: so each by itself
            for work in done:
                self._write_one(work, now)
        return len(messages)

    def _worked_out(self, messages: Sequence[Message], now: datetime) -> list[Work]:
        found, failed = [], []
        with self.crm.database.reading() as connection:
            people = Recipients(self.crm.blueprint, self.people, connection)
            for message in messages:
                try:
                    found.append(self._work(connection, people, message, now))
                except Exception as error:  # one bad message must not stop the others: it waits, and dies with its reason
                    failed.append((message, error))
        for message, why in failed:
            self._fail(message, why, now)
        return found

    def _write(self, done: Sequence[Work], now: datetime) -> None:
        with self.crm.database.writing() as connection:
            mine = outbox.finish_all(connection, [work.message for work in done])
            kept = [work for work in done if work.message.id in mine]
            deliveries.put(connection, self.crm.blueprint, [row for work in kept for row in work.told])
            rules = [rule for work in kept for rule in work.rules]
            at = milliseconds(now)
            ids = new_ids(now, len(rules)) if rules else ()
            outbox.put(connection, [(id, *rule, at) for id, rule in zip(ids, rules, strict=True)])

    def _write_one(self, work: Work, now: datetime) -> None:
        try:
            self._write([work], now)
        except Exception as error:
            self._fail(work.message, error, now)

    def _fail(self, message: Message, error: Exception, now: datetime) -> None:
        with self.crm.database.writing() as connection:
            outbox.fail(connection, message, f"{type(error).__name__}: {error}", milliseconds(now))

    # ---- one message

    def _work(self, connection: Connection, people: Recipients, message: Message, now: datetime) -> Work:
        told = message.payload
        entity = told.get("entity")
        record = int(told.get("record") or 0) or None
        work = Work(message)
        for notification in self._notifications(connection, message):
            if self._holds(connection, entity, record, notification.when):
                cause = cause_of(message)
                work.told += deliveries.planned(self.crm.blueprint, people, notification, record, cause, now)
        for rule in self._rules(connection, message):
            if self._holds(connection, entity, record, rule.when):
                work.rules.append(("rule", _asked_of(rule, message), f"rule {rule.name} {message.id}"))
        return work

    def _notifications(self, connection: Connection, message: Message) -> Iterator[Notification]:
        told = message.payload
        if message.kind == "due":
            kind, _, name = told["what"].partition(" ")
            found = self.crm.blueprint.notifications.get(name) if kind == "notification" else None
            yield from [found] if found is not None and found.entity == told.get("entity") else []
            return
        for notification in self.notifications[told["entity"]]:
            if self._is_meant(connection, notification.trigger, message):
                yield notification

    def _rules(self, connection: Connection, message: Message) -> Iterator[Rule]:
        told = message.payload
        if message.kind == "due":
            kind, _, name = told["what"].partition(" ")
            found = self.crm.blueprint.rules.get(name) if kind == "rule" else None
            yield from [found] if found is not None and found.entity == told.get("entity") else []
            return
        for rule in self.rules[told["entity"]]:
            if self._is_meant(connection, rule.trigger, message):
                yield rule

    def _is_meant(self, connection: Connection, trigger: Trigger | None, message: Message) -> bool:
        if not isinstance(trigger, Happening) or not matches(trigger, message.payload):
            return False
        if trigger.before == ALWAYS:
            return True
        told = message.payload
        since = int(told.get("history") or 0)
        know, record = self.crm.writes.know, int(told["record"])
        return held_before(know, connection, self.robot, told["entity"], record, since, trigger.before)

    def _holds(self, connection: Connection, entity: str | None, record: int | None, condition: Condition) -> bool:
        if entity is None or record is None or condition == ALWAYS:
            return True
        return self.crm.reads.holds(connection, self.robot, entity, record, condition)


def cause_of(message: Message) -> Cause:
    told = message.payload
    kept = {key: told[key] for key in ("on", "transition", "rule", "due", "local", "zone", "late") if told.get(key)}
    return Cause(str(message.id), int(told.get("actor") or 0), kept, whose=_whose(told))


def _whose(told: Mapping[str, Any]) -> int:
    """The person whose deed began it, also when rules led on from there; 0 when time or a stranger did."""
    return int(told.get("whose") or told.get("actor") or 0)


def _asked_of(rule: Rule, message: Message) -> dict[str, Any]:
    told = message.payload
    return {
        "rule": rule.name, "entity": rule.entity, "record": told.get("record"), "depth": told.get("depth", 0),
        "actor": told.get("actor", "0"), "whose": str(_whose(told)), message.kind: dict(told),
    }  # fmt: skip
