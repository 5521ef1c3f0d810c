"""A mail that came in: onto the record that it answers, else a new record; and how far a mailbox was read."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from engine.actor import Actor, robot
from engine.blueprint import Blueprint
from engine.blueprint.capture import Capture
from engine.blueprint.conditions import Test
from engine.errors import BadRequest, CrmError, NotFound
from engine.parts import operator
from engine.records import capturing, deliveries, received
from engine.records.capturing import Incoming, Result
from engine.records.commands import Cause, Update
from engine.records.database import Connection
from engine.records.files import Files, most_megabytes
from engine.records.keys import milliseconds, new_id
from engine.records.query import Query
from engine.records.received import Received
from engine.records.rows import change, rows
from engine.records.task import Task
from engine.records.write import Writes, perform
from engine.rules.mails import PARTS, Mail, numbers_in, without_quotes

LONGEST_WAIT = 3_600_000  # ms between two looks at a mailbox that cannot be read


@dataclass(frozen=True, slots=True)
class Post:
    """What a mail needs to be taken."""

    writes: Writes
    files: Files
    capture: Capture

    @property
    def actor(self) -> Actor:
        return robot(self.writes.blueprint, self.capture.called)


def take_mail(post: Post, mail: Mail, key: str, own: Sequence[str] = (), cut: str | None = None) -> Result:
    """What became of a mail. `own` are addresses of the program itself; `cut` says what was left out of a large one.

    Nothing that is in the mail makes it raise."""
    about = _answered(post, mail)
    why = mail.automatic or ("The program sent it itself." if mail.sender in own else None)
    why = why or (None if mail.sender else "Nobody is named as its sender.")
    if why is not None:
        return _passed_over(post, mail, key, why, about)
    if about is not None:
        return _threaded(post, mail, key, about, cut)
    return _new(post, mail, key, cut)


def _new(post: Post, mail: Mail, key: str, cut: str | None) -> Result:
    held = _kept_file(post, mail)
    name = post.capture.mailbox.attachments if post.capture.mailbox else None
    values = {name: held} if held and name else {}
    told = _told(mail, mail.text, cut)
    incoming = Incoming(f"mail {key}", mail.part, values, mail.sender, mail.subject, told, mail.message_id,
                        content=_content(mail))  # fmt: skip
    result = capturing.take(post.writes, post.capture, incoming)
    if held and result.state != received.TAKEN:
        post.files.discard(post.actor, int(held))
    return result


def _content(mail: Mail) -> str:
    """What is kept to be read again; a file is not."""
    return orjson.dumps({"names": {name: mail.part(name) for name in PARTS}}).decode()


def _told(mail: Mail, text: str, cut: str | None) -> str:
    names = [one.name for one in mail.attached]
    pieces = [cut or "", text, f"Attached: {', '.join(names)}" if names else ""]
    return "\n\n".join(piece for piece in pieces if piece)


def _threaded(post: Post, mail: Mail, key: str, about: tuple[str, int], cut: str | None) -> Result:
    entity, record = about
    moment = post.writes.clock()
    row = _row(post, mail, key, received.THREADED, about, moment, text=_told(mail, without_quotes(mail.text), cut))
    held = _kept_file(post, mail) if entity == post.capture.entity else None

    def deed(task: Task) -> bool:
        if not received.keep(task.connection, row):
            return False
        _attach(task, post.capture, entity, record, held)
        capturing.tell(task, entity, record)
        return True

    done = post.writes.together(post.actor, deed, Cause(0, post.capture.called))
    return Result(received.THREADED if done else capturing.REPLAYED, record)


def _attach(task: Task, capture: Capture, entity: str, record: int, held: str | None) -> None:
    """The attachment goes into the record's file field while that is empty."""
    name = capture.mailbox.attachments if capture.mailbox else None
    if held is None or name is None:
        return
    stored = task.load(entity, record, "update")
    if stored.get(name) is None:
        perform(task, Update(entity, record, stored.version, {name: held}))


def _passed_over(post: Post, mail: Mail, key: str, why: str, about: tuple[str, int] | None) -> Result:
    """An automatic answer changes nothing; it stands with the record that it is about, as a bounce does."""
    moment = post.writes.clock()
    with post.writes.database.writing() as connection:
        row = _row(post, mail, key, received.IGNORED, about, moment, why, without_quotes(mail.text))
        received.keep(connection, row, _content(mail))
    return Result(received.IGNORED, about[1] if about else None, why)


def refuse(post: Post, key: str, why: str, now: datetime) -> None:
    """A mail that could not even be fetched or read."""
    row = Received(new_id(now), post.capture.name, f"mail {key}", milliseconds(now), received.REFUSED, reason=why)
    with post.writes.database.writing() as connection:
        received.keep(connection, row)


def _row(
    post: Post, mail: Mail, key: str, state: str, about: tuple[str, int] | None, moment: datetime, why: str | None = None,
    text: str | None = None,
) -> Received:  # fmt: skip
    entity, record = about or (None, None)
    return Received(
        new_id(moment), post.capture.name, f"mail {key}", milliseconds(moment), state, entity, record, mail.sender,
        mail.subject, text, mail.message_id, why,
    )  # fmt: skip


def _kept_file(post: Post, mail: Mail) -> str | None:
    """The id of the first attachment that can be kept, where the capture names a field for it."""
    name = post.capture.mailbox.attachments if post.capture.mailbox else None
    if name is None:
        return None
    field = post.writes.blueprint.entities[post.capture.entity].fields[name]
    for one in mail.attached:
        try:
            made = post.files.keep(post.actor, io.BytesIO(one.content), one.name, post.writes.clock(), most_megabytes(field))
        except CrmError:  # too large, empty, or too many wait: its name is told, the mail is still in the mailbox
            continue
        return str(made.id)
    return None


# ---- which record it answers


def _answered(post: Post, mail: Mail) -> tuple[str, int] | None:
    """By the messages that it refers to, ours or theirs; else by a reference number in its subject."""
    with post.writes.database.reading() as connection:
        found = deliveries.answered(connection, mail.answers) or received.record_of_message(connection, mail.answers)
    if found is not None and _is_there(post, *found):
        return found
    return _numbered(post, mail.subject)


def _is_there(post: Post, entity: str, record: int) -> bool:
    if entity not in post.writes.blueprint.entities:
        return False
    try:
        post.writes.reads.record(post.actor, entity, record)
    except NotFound:
        return False
    return True


def _numbered(post: Post, subject: str) -> tuple[str, int] | None:
    for name, number in numbers_in(subject, _patterns(post.writes.blueprint)):
        entity, field = name.split(".")
        described = post.writes.blueprint.entities[entity].fields[field]
        reading = post.writes.reads.reading(post.actor)
        where = Test(field, "is", operator("is").read(described, number, reading))
        try:
            page = post.writes.reads.page(post.actor, Query(entity, (field,), where, limit=1))
        except (NotFound, BadRequest):
            continue
        if page.rows:
            return entity, int(page.rows[0][0])
    return None


def _patterns(blueprint: Blueprint) -> dict[str, str]:
    return {
        f"{entity.name}.{field.name}": str(field.options["pattern"])
        for entity in blueprint.entities.values()
        for field in entity.fields_of("reference_number")
    }


# ---- how far a mailbox was read


@dataclass(frozen=True, slots=True)
class Place:
    """`validity` and `last` are the server's own numbers: of the folder, and of the last mail that was taken from it."""

    validity: int | None
    last: int
    failures: int


def claim(connection: Connection, capture: str, now: int, every: int) -> Place | None:
    """The place to go on from, when it is time and nobody else is at it; `now` and `every` in ms."""
    text = "insert into crm_mailbox (capture, next_at, last, failures) values (?, 0, 0, 0) on conflict (capture) do nothing"
    change(connection, text, (capture,))
    mine = "update crm_mailbox set next_at = ? where capture = ? and next_at <= ?"
    if not change(connection, mine, (now + every, capture, now)):
        return None
    return Place(*rows(connection, "select validity, last, failures from crm_mailbox where capture = ?", (capture,))[0])


def went_on(connection: Connection, capture: str, validity: int, last: int, now: int) -> None:
    text = "update crm_mailbox set validity = ?, last = ?, failures = 0, error = null, looked_at = ? where capture = ?"
    change(connection, text, (validity, last, now, capture))


def failed(connection: Connection, capture: str, why: str, now: int, every: int, failures: int) -> None:
    """To be looked at again later and later."""
    wait = min(every * 2 ** min(failures, 10), LONGEST_WAIT)
    text = "update crm_mailbox set error = ?, failures = ?, next_at = ? where capture = ?"
    change(connection, text, (why[:500], failures + 1, now + wait, capture))


def state_of(connection: Connection) -> dict[str, tuple[int | None, str | None]]:
    """By capture: when it was last read (ms), and why it could not be."""
    found = rows(connection, "select capture, looked_at, error from crm_mailbox")
    return {capture: (looked, error) for capture, looked, error in found}


__all__ = ["Place", "Post", "claim", "failed", "refuse", "state_of", "take_mail", "went_on"]
