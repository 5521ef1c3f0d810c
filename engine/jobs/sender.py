"""Sends what waits, over each channel by a line of its own, so that a gateway that hangs holds up nobody else.

- What stays in the house is written together with the mark that it was sent: exactly once.
- What leaves the house is marked after each message. Who is killed between the two sends that one again, under the same
  Message-ID; where the notification says hold, it is left as uncertain and never sent again by itself.
- A line works through a batch within BUDGET seconds, far less than a lease, and gives back what it did not come to.
- `send` waits PATIENCE seconds for the lines; what takes longer goes on beside the next rounds.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from engine.blueprint import Blueprint
from engine.blueprint.notifications import Channel
from engine.errors import CrmError
from engine.jobs.rendering import NotNow, Rendered, Rendering
from engine.outbound import Client
from engine.parts.channels.contract import LATER, REFUSED, SENT, UNSURE, Outcome, Outgoing, Session, Way
from engine.parts.registry import channel as channel_kind
from engine.records import deliveries, leases, notices, offers
from engine.records.database import Connection
from engine.records.deliveries import Delivery, Mark, channel_of
from engine.records.keys import milliseconds, new_ids
from engine.runtime import Crm
from engine.settings import Settings

PATIENCE = 2.0  # seconds
BUDGET = 20.0  # seconds
LAST = 15.0  # seconds that a message which is being sent gets when the worker ends
TOGETHER = 100  # notices written in one transaction: who writes meanwhile waits for it
LINK = re.compile(re.escape(offers.ADDRESS) + r"[\w-]{16,}")
BATCH = 100  # messages of one connection
FRESH = 1.0  # seconds for which a line remembers what it learnt of people

log = logging.getLogger("crm")


class Sender:
    """Made once per blueprint."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        self.way = way_of(crm.blueprint, crm.settings)
        self.lines: dict[str, Line] = {}

    def send(self, now: datetime) -> int:
        """Sends what is due; how many messages came to an end or were put off."""
        at = milliseconds(now)
        with self.crm.database.reading() as connection:
            due = deliveries.due_channels(connection, at)
            uncertain = deliveries.is_uncertain_due(connection, at)
        done = self._settle(at) if uncertain else 0
        started = [line for line in map(self._line, due) if line.begin(now)]
        until = time.monotonic() + PATIENCE
        return done + sum(line.wait(until) for line in started)

    def close(self) -> None:
        """Ends after the messages that are just being sent; what is left of the batches goes back."""
        for line in self.lines.values():
            line.end()
        until = time.monotonic() + LAST
        for line in self.lines.values():
            line.wait(until)

    @property
    def is_busy(self) -> bool:
        """Whether a line is still at work beside the rounds."""
        return any(line.is_busy for line in self.lines.values())

    def _settle(self, at: int) -> int:
        with self.crm.database.writing() as connection:
            return deliveries.settle_uncertain(connection, at)

    def _line(self, name: str) -> Line:
        if name not in self.lines:
            self.lines[name] = Line(self.crm, name, self.way)
        return self.lines[name]


@dataclass
class Line:
    """One channel's. What is inside the house, or a rehearsal, is done at once by the caller."""

    crm: Crm
    name: str
    way: Way
    thread: threading.Thread | None = None
    did: int = 0
    batch: Outside | None = None

    def begin(self, now: datetime) -> bool:
        """False while the batch before is still at work."""
        if self.is_busy:
            return False
        self.did = 0
        if self._is_at_once():
            self._batch(now)
            return True
        self.thread = threading.Thread(target=self._batch, args=(now,), name=f"crm-{self.name}", daemon=True)
        self.thread.start()
        return True

    @property
    def is_busy(self) -> bool:
        return self.thread is not None and self.thread.is_alive()

    def end(self) -> None:
        """No further message is begun."""
        if self.batch is not None:
            self.batch.ended = True

    def wait(self, until: float) -> int:
        if self.thread is not None:
            self.thread.join(max(0.0, until - time.monotonic()))
        return self.did

    def _is_at_once(self) -> bool:
        channel = channel_of(self.crm.blueprint, self.name)
        return self.crm.settings.rehearsal or channel is None or channel_kind(channel.kind).inside

    def _batch(self, now: datetime) -> None:
        channel = channel_of(self.crm.blueprint, self.name)
        try:
            if channel is not None and channel_kind(channel.kind).inside:
                self.did = Inside(self.crm, now).work(self.name)
            else:
                self.batch = Outside(self.crm, self.name, channel, self.way, now)
                self.did = self.batch.work()
        except CrmError as error:  # the database is busy: the leases run out, and others go on
            log.warning("The messages of %s wait: %s", self.name, error.message)
        except Exception:
            log.exception("The messages of %s wait", self.name)


# ---- in the house


@dataclass
class Inside:
    """Notices: rendered first, then written with their marks in one short transaction."""

    crm: Crm
    now: datetime

    def work(self, channel: str) -> int:
        at = milliseconds(self.now)
        with self.crm.database.writing() as connection:
            claimed = deliveries.claim(connection, channel, at, TOGETHER)
        with self.crm.database.reading() as connection:
            rendering = Rendering(self.crm, connection, self.now)
            made = [(one, rendered_or_mark(rendering, one, at)) for one in claimed]
        marks = [(one, found if isinstance(found, Mark) else Mark("sent", text=found.outgoing.text)) for one, found in made]
        with self.crm.database.writing() as connection:
            mine = deliveries.mark_all(connection, marks, at)
            told = [(one, mark) for one, mark in marks if mark.state == "sent" and one.id in mine]
            ids = new_ids(self.now, len(told)) if told else ()
            notices.tell_all(connection, [
                (id, one.user, at, one.notification, one.entity, one.record, mark.text)
                for id, (one, mark) in zip(ids, told, strict=True)
            ])  # fmt: skip
        return len(claimed)


# ---- out of the house


@dataclass
class Outside:
    """One batch of one channel, over one session."""

    crm: Crm
    name: str
    channel: Channel | None
    way: Way
    now: datetime
    began: float = field(default_factory=time.monotonic)
    ended: bool = False  # no further message is begun

    def __post_init__(self) -> None:
        self.at = milliseconds(self.now)
        self._rendering: Rendering | None = None
        self._learnt = 0.0

    def work(self) -> int:
        with self.crm.database.writing() as connection:
            claimed = deliveries.claim(connection, self.name, self.at, BATCH)
        if not claimed:
            return 0
        missing = self._missing()
        if missing:
            return self._mark_all(claimed, Mark("not_sent", missing))
        with self._session() as session:
            return self._each(session, claimed)

    def _missing(self) -> str | None:
        """Why nothing can go out this way."""
        if self.channel is not None and self.crm.settings.rehearsal:
            return None
        return missing_for(self.crm.blueprint, self.name, self.way)

    def _session(self) -> AbstractContextManager[Session]:
        assert self.channel is not None
        if self.crm.settings.rehearsal:
            return nullcontext(_Rehearsed())
        return channel_kind(self.channel.kind).open(self.channel.settings, self.way)

    def _each(self, session: Session, claimed: Sequence[Delivery]) -> int:
        waiting, done = list(claimed), 0
        while waiting:
            if self.ended or time.monotonic() - self.began > BUDGET:
                self._release(waiting)
                break
            one = waiting.pop(0)
            outcome = self._one(session, one, waiting)
            done += 1
            if outcome is not None and outcome.down:
                self._release(waiting)
                self._pause(outcome)
                break
        return done

    def _one(self, session: Session, one: Delivery, waiting: list[Delivery]) -> Outcome | None:
        """None when there was nothing to send. What goes into the same mail is taken from `waiting`."""
        found = self._rendered(one)
        if isinstance(found, Mark):
            self._mark(one, found)
            return None
        together = [(one, found), *(self._others(one, waiting) if found.digest else ())]
        return self._sent(session, together)

    def _rendered(self, one: Delivery) -> Rendered | Mark:
        with self.crm.database.reading() as connection:
            if self._rendering is None or time.monotonic() - self._learnt > FRESH:
                self._rendering, self._learnt = Rendering(self.crm, connection, self.now), time.monotonic()
            self._rendering.connection = connection
            return rendered_or_mark(self._rendering, one, self.at)

    def _others(self, first: Delivery, waiting: list[Delivery]) -> list[tuple[Delivery, Rendered]]:
        """What else of this person's day goes into the same mail."""
        assert first.user is not None
        mine = [one for one in waiting if one.user == first.user]
        waiting[:] = [one for one in waiting if one.user != first.user]
        with self.crm.database.writing() as connection:
            mine += deliveries.claim_also(connection, self.name, first.user, first.lease, self.at)
        found = []
        for one in mine:
            made = self._rendered(one)
            if isinstance(made, Mark):
                self._mark(one, made)
            else:
                found.append((one, made))
        return found

    def _sent(self, session: Session, together: Sequence[tuple[Delivery, Rendered]]) -> Outcome:
        kept = self._begin(together)
        if not kept:
            return Outcome(LATER, "Another sender has it now.")
        messages = [made.outgoing for _, made in kept]
        try:
            outcome = session.send(messages[0] if len(messages) == 1 else gathered(messages))
        except Exception as error:  # a part that fails must not stop the others
            log.exception("A message of %s could not be sent", self.name)
            outcome = Outcome(UNSURE, f"{type(error).__name__}: {error}.")
        with self.crm.database.writing() as connection:
            for one, made in kept:
                self._put(connection, one, self._meant(one, made, outcome))
        return outcome

    def _holds(self, one: Delivery) -> bool:
        notification = self.crm.blueprint.notifications.get(one.notification)
        return notification is not None and notification.holds

    def _begin(self, together: Sequence[tuple[Delivery, Rendered]]) -> list[tuple[Delivery, Rendered]]:
        """Those that are still this line's to send. What must not be sent twice says so before it goes."""
        if not any(self._holds(one) for one, _ in together):
            return list(together)
        with self.crm.database.writing() as connection:
            return [pair for pair in together if not self._holds(pair[0]) or deliveries.begin_sending(connection, pair[0])]

    def _meant(self, one: Delivery, rendered: Rendered, outcome: Outcome) -> Mark:
        out = replace(rendered.outgoing, text=without_keys(rendered.outgoing.text))
        if outcome.state == SENT:
            return Mark(
                "sent", rendered.note, address=out.to or None, provider=outcome.provider, subject=out.subject, text=out.text
            )
        if outcome.state == REFUSED:
            return Mark("dead", outcome.reason, address=out.to or None, subject=out.subject, text=out.text)
        if outcome.state == UNSURE and self._holds(one):
            return Mark("uncertain", outcome.reason, address=out.to or None, subject=out.subject, text=out.text)
        passed = round((time.monotonic() - self.began) * 1000)
        return deliveries.again(one, outcome.reason, outcome.wait, self.at + passed)

    # ---- marks

    def _mark(self, one: Delivery, mark: Mark) -> None:
        with self.crm.database.writing() as connection:
            self._put(connection, one, mark)

    def _put(self, connection: Connection, one: Delivery, mark: Mark) -> None:
        if not deliveries.mark(connection, one, mark, self.at):
            log.warning("Message %s was taken by another sender before it was marked %s", one.id, mark.state)

    def _mark_all(self, claimed: Sequence[Delivery], mark: Mark) -> int:
        with self.crm.database.writing() as connection:
            return sum(deliveries.mark(connection, one, mark, self.at) for one in claimed)

    def _release(self, left: Sequence[Delivery]) -> None:
        if left:
            with self.crm.database.writing() as connection:
                deliveries.release(connection, left)

    def _pause(self, outcome: Outcome) -> None:
        """Nobody else need find out by themselves that the server is away."""
        until = self.now + timedelta(seconds=max(outcome.wait or 0.0, leases.FIRST_WAIT / 1000))
        with self.crm.database.writing() as connection:
            deliveries.pause(connection, self.name, milliseconds(until))


class _Rehearsed:
    """Takes everything and sends nothing."""

    def send(self, outgoing: Outgoing) -> Outcome:
        return Outcome(SENT)


def rendered_or_mark(rendering: Rendering, one: Delivery, at: int) -> Rendered | Mark:
    try:
        return rendering.of(one)
    except NotNow as reason:
        return reason.mark
    except Exception as error:  # one bad message must not stop the others: it waits, and dies with its reason
        log.exception("Message %s cannot be rendered", one.id)
        said = f"{type(error).__name__}: {error}"
        if one.attempts >= leases.TRIES:
            return Mark("dead", said)
        return deliveries.again(one, said, None, at)


def gathered(messages: Sequence[Outgoing]) -> Outgoing:
    """Several messages to one person as one."""
    subject = f"{len(messages)} messages: {messages[0].subject}"
    attached = tuple(one for message in messages for one in message.attached)
    return replace(messages[0], subject=subject, pieces=tuple(messages), attached=attached, thread=None, invitation=None)


def without_keys(text: str) -> str:
    """As it is kept: the links by which a client answers are theirs alone."""
    return LINK.sub(f"{offers.ADDRESS}…", text)


def missing_for(blueprint: Blueprint, name: str, way: Way) -> str | None:
    """Why nothing can go out over the channel; None when it can."""
    channel = channel_of(blueprint, name)
    if channel is None:
        return f"The set has no channel {name} any more."
    kind = channel_kind(channel.kind)
    missing = kind.missing(channel.settings, way)
    if missing:
        return f"{channel.label} is not set up: {' and '.join(missing)} {'are' if len(missing) > 1 else 'is'} not set."
    lacking = [key for key in kind.needs if key not in channel.settings]
    return f"{channel.label} is not set up: the set does not say `{lacking[0]}`." if lacking else None


def way_of(blueprint: Blueprint, settings: Settings) -> Way:
    manifest = blueprint.manifest
    client = Client(private=settings.outbound_private)
    return Way(settings.secret, client, settings.smtp_url, manifest.title, manifest.brand.color, manifest.language)


__all__ = ["Line", "Sender", "gathered", "missing_for", "way_of"]
