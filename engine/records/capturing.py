"""From what came in to a record: the one way for forms, webhooks and mails.

1. Each column's texts become the field's value; the capture's fields are filled and no others.
2. The message's row and the record are written in one transaction, by the write door, as the robot under the capture's
   name. The row is unique, so the same message makes nothing a second time.
3. A stranger at a form is told what is wrong. A program or a mail cannot mend it: what cannot be read is left out and
   said so on the row; and what cannot become a record at all is kept as refused, to be read again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

import orjson

from engine.actor import Actor, robot
from engine.blueprint.capture import Capture
from engine.blueprint.conditions import AllOf, Test, Word
from engine.blueprint.entities import Field
from engine.blueprint.imports import Column
from engine.errors import BadRequest, Complaint, CrmError, Invalid, NotFound
from engine.parts import field_type, operator
from engine.parts.fields.contract import Unreadable
from engine.parts.words import is_point, value_of
from engine.records import received
from engine.records.checks import complaints_about
from engine.records.commands import Cause, Create, Outcome, Update
from engine.records.journal import announce
from engine.records.keys import milliseconds, new_id
from engine.records.mentions import Mentions
from engine.records.query import Query
from engine.records.received import Received
from engine.records.task import Task
from engine.records.write import Writes, perform
from engine.rules.checks import broken
from engine.rules.picking import check_size, items_of
from engine.words import said as sentence

POINTING = frozenset({"reference", "references", "user", "team"})  # an id tells nobody anything
Pick: TypeAlias = Callable[[str], Sequence[str]]  # the texts at a path or name
Values: TypeAlias = dict[str, Any]
CHANGED, REPLAYED = "changed", "replayed"  # beside the states of a row


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing that came. `values` are fields that are known already, such as those of a form; `strict`: whoever sent
    it is there to mend it."""

    key: str
    pick: Pick
    values: Mapping[str, Any] = field(default_factory=dict)
    sender: str | None = None
    subject: str | None = None
    text: str | None = None
    message_id: str | None = None
    consent: str | None = None
    content: str | None = None
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """`state`: taken, changed, replayed or refused."""

    state: str
    record: int | None = None
    reason: str | None = None


class _Replayed(Exception):
    """The same message came before."""


def take(writes: Writes, capture: Capture, incoming: Incoming, again: int | None = None) -> Result:
    """Makes or changes the record. `again` is the row of a refused message that is read once more.

    Raises Invalid for a strict one that its sender can mend, and nothing else that concerns the message."""
    return _Taking(writes, capture, incoming, again).result()


def take_sent(writes: Writes, capture: Capture, body: Any, digest: str) -> list[Result]:
    """Everything that a program sent to a webhook, each thing by itself; `digest` tells its content from others'.

    Raises BadRequest when it is nested too deeply or holds too much."""
    assert capture.hook is not None
    check_size(body)
    found = []
    for number, item in enumerate(items_of(body, capture.hook.each)):
        if all(words & set(item.texts(path)) for path, words in capture.hook.only.items()):
            ids = item.texts(capture.hook.id) if capture.hook.id else []
            content = orjson.dumps({"body": body, "at": number}).decode()
            key = f"id {ids[0]}" if ids else f"{digest} {number}"
            found.append(take(writes, capture, Incoming(key, item.texts, content=content)))
    return found


def take_again(writes: Writes, row: Received, content: str | None) -> Result:
    """A refused message once more, after the set or the data was mended. Raises NotFound, BadRequest."""
    capture = writes.blueprint.captures.get(row.capture)
    if row.state not in (received.REFUSED, received.IGNORED) or capture is None or not content:
        raise BadRequest(sentence("This message was not kept in a way in which it could be read again."))
    kept = orjson.loads(content)
    incoming = Incoming(row.key, lambda name: (), sender=row.sender, subject=row.subject, text=row.text,
                        message_id=row.message_id, consent=row.consent, content=content)  # fmt: skip
    if "body" in kept and capture.hook is not None:
        items = items_of(kept["body"], capture.hook.each)
        if kept["at"] >= len(items):
            raise BadRequest(sentence("Where this message was, the set now looks for nothing."))
        incoming = replace(incoming, pick=items[kept["at"]].texts)
    else:
        names = kept.get("names", {})
        values = {name: value for name, value in kept.get("values", {}).items() if name in capture.fields}
        incoming = replace(incoming, pick=lambda name: names.get(name, ()), values=values)
    return take(writes, capture, incoming, again=row.id)


class _Taking:
    def __init__(self, writes: Writes, capture: Capture, incoming: Incoming, again: int | None) -> None:
        self.writes, self.capture, self.incoming, self.again = writes, capture, incoming, again
        self.actor = robot(writes.blueprint, capture.called)
        self.cause = Cause(0, capture.called)
        self.now = writes.clock()
        self.id = again or new_id(self.now)

    def result(self) -> Result:
        values, missed = values_of(self.writes, self.actor, self.capture, self.incoming.pick)
        values.update(self.incoming.values)
        if self.incoming.text is None:
            self.incoming = replace(self.incoming, text=self._said(values))
        try:
            return self._written(values, missed)
        except _Replayed:
            return self._replayed()
        except Invalid as wrong:
            if not self.incoming.strict:
                return self._with_less(values, missed, wrong)
            mine = self._theirs_to_mend(values, wrong)
            if mine:
                raise Invalid(mine) from None
            return self._refused([*missed, *wrong.complaints])
        except CrmError as error:
            if error.status >= 500:
                raise
            return self._refused([*missed, Complaint(None, error.message)])

    def _theirs_to_mend(self, values: Values, wrong: Invalid) -> list[Complaint]:
        """What a stranger may be told: what is wrong with what they gave, never what other records have to do with it."""
        with self.writes.database.reading() as connection:
            task = self.writes.task(connection, self.actor, self.cause)
            entity = self.writes.blueprint.entities[self.capture.entity]
            sheet = task.sheet(entity)
            read, found = task.read(entity, values)
            read = sheet.with_defaults(read, task.at)
            holds = task.holds(entity, read, None)
            found += [*sheet.empty(read, holds), *broken(entity, holds, sheet.readable)]
            found += complaints_about(task, entity, read, 0)
        known = {(c.field, c.message) for c in found}
        return [c for c in wrong.complaints if (c.field, c.message) in known]

    def _with_less(self, values: Values, missed: list[Complaint], wrong: Invalid) -> Result:
        """Without what could not be kept: somebody with a mistyped number still waits for an answer."""
        unfit = {c.field for c in wrong.complaints if c.field in values}
        if self.capture.key in unfit and self._known(values):  # another was quicker: now there is one to be changed
            unfit = set()
        else:
            missed = [*missed, *wrong.complaints]
            if not unfit:
                return self._refused(missed)
        try:
            return self._written({n: v for n, v in values.items() if n not in unfit}, missed)
        except _Replayed:
            return self._replayed()
        except CrmError as error:
            if error.status >= 500:
                raise
            more = error.complaints if isinstance(error, Invalid) else (Complaint(None, error.message),)
            return self._refused([*missed, *more])

    # ---- the transaction

    def _written(self, values: Values, missed: list[Complaint]) -> Result:
        known = self._known(values)
        outcome = self.writes.together(self.actor, lambda task: self._deed(task, values, missed, known), self.cause)
        return Result(CHANGED if known else received.TAKEN, outcome.id, self._told(missed))

    def _deed(self, task: Task, values: Values, missed: list[Complaint], known: int | None) -> Outcome:
        entity, reason = self.capture.entity, self._told(missed)
        if self.again is None and not received.keep(task.connection, self._row(received.TAKEN)):
            raise _Replayed
        outcome = self._changed(task, known, values) if known else perform(task, Create(entity, values))
        state = received.THREADED if known else received.TAKEN
        received.belongs(task.connection, self.id, entity, outcome.id, state, reason)
        if known:
            tell(task, entity, outcome.id)
        return outcome

    def _changed(self, task: Task, known: int, values: Values) -> Outcome:
        """What came says more or otherwise; what it does not say stays, and what is the same for all is for new ones."""
        same_for_all = {c.field for c in self.capture.columns if c.value is not None}
        given = {n: v for n, v in values.items() if n not in same_for_all and v not in (None, "", [])}
        version = task.load(self.capture.entity, known, "update").version
        return perform(task, Update(self.capture.entity, known, version, given))

    def _row(self, state: str, reason: str | None = None) -> Received:
        came = self.incoming
        return Received(
            self.id, self.capture.name, came.key, milliseconds(self.now), state, None, None, came.sender, came.subject,
            came.text, came.message_id, reason, came.consent,
        )  # fmt: skip

    # ---- what else can become of it

    def _refused(self, complaints: Sequence[Complaint]) -> Result:
        reason = self._told(complaints) or "It could not be kept."
        with self.writes.database.writing() as connection:
            if self.again is None:
                if not received.keep(connection, self._row(received.REFUSED, reason), self.incoming.content):
                    return Result(REPLAYED)
            else:
                received.refuse_again(connection, self.id, reason)
        return Result(received.REFUSED, None, reason)

    def _replayed(self) -> Result:
        with self.writes.database.reading() as connection:
            before = received.earlier(connection, self.capture.name, self.incoming.key)
        return Result(REPLAYED, before.record if before else None)

    def _told(self, complaints: Sequence[Complaint]) -> str | None:
        fields = self.writes.blueprint.entities[self.capture.entity].fields
        labels = {name: f"{field.label}: " for name, field in fields.items()}
        return " ".join(dict.fromkeys(f"{labels.get(c.field or '', '')}{c.message}" for c in complaints)) or None

    def _said(self, values: Values) -> str:
        """What came, line by line, as it is kept with the message."""
        same_for_all = {c.field for c in self.capture.columns if c.value is not None}
        fields = self.writes.blueprint.entities[self.capture.entity].fields
        told = {n: v for n, v in values.items() if n not in same_for_all and fields[n].type not in POINTING}
        return "\n".join(f"{fields[name].label}: {value}" for name, value in told.items())

    def _known(self, values: Values) -> int | None:
        """The newest record with the same key, when the capture names one."""
        name = self.capture.key
        if name is None or values.get(name) in (None, ""):
            return None
        described = self.writes.blueprint.entities[self.capture.entity].fields[name]
        reading = self.writes.reads.reading(self.actor)
        try:
            value = field_type(described.type).read(described, values[name], reading)
            where = Test(name, "is", operator("is").read(described, value, reading))
            both = AllOf((where, self.capture.still))
            page = self.writes.reads.page(self.actor, Query(self.capture.entity, (name,), both, limit=1))
        except (Unreadable, NotFound, BadRequest):
            return None
        return int(page.rows[0][0]) if page.rows else None


def tell(task: Task, entity: str, record: int) -> None:
    """The event that something came in about a record that was there, for those who listen."""
    if "received" in task.know.told[entity]:
        event: dict[str, Any] = {
            "entity": entity, "record": str(record), "action": "received", "on": ["received"], "transition": None,
            "fields": [], "stages": {}, "actor": "0", "depth": 0, "rule": None, "history": None,
        }  # fmt: skip
        announce(task.connection, task.new_id(), event, task.now)


# ---- columns


def values_of(writes: Writes, actor: Actor, capture: Capture, pick: Pick) -> tuple[Values, list[Complaint]]:
    """What the columns make of what came, and what they could make nothing of."""
    values: Values = {}
    missed: list[Complaint] = []
    mentions = Mentions(writes, actor, keep=True)
    fields = writes.blueprint.entities[capture.entity].fields
    for column in capture.columns:
        value = _value(column, fields[column.field], pick, mentions)
        if isinstance(value, Complaint):
            missed.append(value)
        elif value not in (None, "", []):
            values[column.field] = value
    return values, missed


def _value(column: Column, described: Field, pick: Pick, mentions: Mentions) -> Any:
    text = _text(column, pick)
    if not text:
        return None
    if column.match:
        return _reference(column, described, text, mentions)
    reading = mentions.writes.reads.reading(mentions.actor)
    if described.type in ("date", "datetime") and is_point(text):
        return field_type(described.type).json(described, value_of(described, Word(text), reading))
    return _fitted(described, text, reading)


def _text(column: Column, pick: Pick) -> str:
    if column.value is not None:
        return column.value
    said = column.join.join(text for path in column.headers for text in pick(path) if text)
    if said in column.words:
        return column.words[said]
    folded = {word.casefold(): meaning for word, meaning in column.words.items()}
    if said.casefold() in folded:
        return folded[said.casefold()]
    return column.otherwise if column.otherwise is not None else said


def _reference(column: Column, described: Field, text: str, mentions: Mentions) -> Any:
    entity = described.options.get("entity") or described.type
    found = mentions.id_of(column, entity, text)
    return [found] if described.type == "references" and not isinstance(found, Complaint) else found


def _fitted(described: Field, text: str, reading: Any) -> str:
    """As people would type it: programs send moments as seconds, and telephone numbers without their plus."""
    kind = field_type(described.type)
    try:
        kind.read(described, text, reading)
        return text
    except Unreadable:
        tried = _other_ways(described, text)
    for one in tried:
        try:
            kind.read(described, one, reading)
            return one
        except Unreadable:
            continue
    return text


def _other_ways(described: Field, text: str) -> list[str]:
    digits = text.isascii() and text.isdigit()
    match described.type:
        case "phone" if digits:
            return [f"+{text}"]
        case "date" | "datetime" if digits and len(text) in (10, 13):
            moment = datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)
            return [moment.isoformat(timespec="seconds"), moment.date().isoformat()]
        case "text" | "long_text" | "rich_text":
            longest: int = described.options.get("longest") or getattr(field_type(described.type), "longest", 500) or 500
            return [f"{text[: longest - 1]}…"]
    return []


__all__ = ["CHANGED", "REPLAYED", "Incoming", "Result", "take", "take_again", "take_sent", "tell", "values_of"]
