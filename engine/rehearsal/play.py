"""Plays a scenario on a stage, and tells what was not as expected: where, what was expected, what was found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.actor import Actor, robot
from engine.blueprint.entities import Entity, Field
from engine.blueprint.scenarios import Expect, Given, Message, Scenario, Step
from engine.blueprint.source import Source
from engine.errors import Complaint, CrmError, Invalid, NotFound
from engine.parts import field_type
from engine.parts.derived import effective
from engine.parts.fields.contract import Unreadable
from engine.records import capturing, offers, wishes
from engine.records.capturing import Incoming
from engine.records.commands import Create, Delete, Move, Outcome, Update
from engine.records.keys import milliseconds
from engine.records.rows import rows
from engine.rehearsal.stage import Sent, Stage

CLIENT = "client"
FIRST = ("team", "user")  # records point to them
POINTERS = ("reference", "user", "team")


@dataclass(frozen=True, slots=True)
class Failure:
    """`what` names the expectation, as in `expect.told.Asha`."""

    source: Source
    what: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.source}  {self.what}\n    expected: {self.expected}\n    found:    {self.found}"


@dataclass
class Play:
    """One scenario being played. `covered` gathers the names of what happened in it."""

    scenario: Scenario
    stage: Stage
    known: dict[str, tuple[str, int]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    heard: set[int] = field(default_factory=set)  # messages that were looked at

    def run(self) -> list[Failure]:
        """Every failure. After a deed that could not be tried at all, the rest of the story makes no sense and ends."""
        try:
            for given in sorted(self.scenario.given, key=_rank):
                self._there(given)
        except CrmError as error:
            return [Failure(given.source, f"given {given.name}", "a record that can be", _told(error))]
        self.stage.settle()
        self._listen()
        for step in self.scenario.steps:
            if not self._step(step):
                break
        return self.failures

    # ---- what is given

    def _there(self, given: Given) -> None:
        entity = self.crm.blueprint.entities[given.entity]
        values = self._values(entity, given.values)
        stages = {name: values.pop(name) for name in list(values) if entity.fields[name].type == "stage"}
        if given.entity == "user":
            values = {"name": given.name, "email": f"{_slug(given.name)}@scenario.example", **values}
        create = Create(entity.name, values, next(iter(stages.values()), None))
        self.known[given.name] = (entity.name, self._do(self.robot, create).id)
        if given.wishes:
            with self.crm.database.writing() as connection:
                wishes.keep(connection, self.known[given.name][1], wishes.read(given.wishes), milliseconds(self.stage.now))

    def _values(self, entity: Entity, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._value(entity.fields[name], value) for name, value in values.items()}

    def _value(self, field: Field, value: Any) -> Any:
        """Texts as written; a name of the scenario stands for its record."""
        if field.type in POINTERS and value in self.known:
            return str(self.known[value][1])
        if field.type == "references":
            return [str(self.known[one][1]) if one in self.known else one for one in value]
        if field.type == "reference_any" and value in self.known:
            entity, id = self.known[value]
            return {"entity": entity, "id": str(id)}
        return value

    # ---- what happens

    def _step(self, step: Step) -> bool:
        refusal = None
        if step.until is not None:
            self.stage.go_to(self._moment(step.until))
        if step.passes is not None:
            self.stage.go_to(self.stage.now + timedelta(**{step.passes.unit: step.passes.count}))
        if step.deed is not None:
            try:
                self._act(step)
            except CrmError as error:
                refusal = error
            self.stage.settle()
        went_on = self._expected_refusal(step, refusal)
        if step.expect is not None:
            self._check(step, step.expect)
        self._listen()
        return went_on

    def _act(self, step: Step) -> None:
        name = step.on or self._first
        if step.deed in ("form", "hook"):
            self._came_in(step)
            return
        actor = self._by_link(name, str(step.deed)) if step.who == CLIENT else self._actor(step.who)
        match step.deed:
            case "create":
                entity = self.crm.blueprint.entities[step.what or ""]
                made = self._do(actor, Create(entity.name, self._values(entity, step.values)))
                self.known[step.called or entity.name] = (entity.name, made.id)
            case "change":
                entity, id, version = self._record(name)
                self._do(actor, Update(entity.name, id, version, self._values(entity, step.values)))
            case "delete":
                entity, id, version = self._record(name)
                self._do(actor, Delete(entity.name, id, version))
            case move:
                entity, id, version = self._record(name)
                self._do(actor, Move(entity.name, id, version, str(move), self._values(entity, step.values)))

    def _came_in(self, step: Step) -> None:
        """What a stranger fills in, or a program sends. Raises Invalid for what is refused."""
        capture = self.crm.blueprint.captures[step.what or ""]
        key = f"scenario {len(self.known)} {len(self.heard)} {step.source.line}"
        if step.deed == "form":
            values = {name: value for name, value in step.values.items() if name in capture.fields}
            names = {name: [str(value)] for name, value in step.values.items() if name not in capture.fields}
            came = Incoming(key, lambda name: names.get(name, []), values, strict=True)
            found = [capturing.take(self.crm.writes, capture, came)]
        else:
            found = capturing.take_sent(self.crm.writes, capture, step.values, key)
        if not found or found[0].record is None:
            raise Invalid([Complaint(None, found[0].reason or "Nothing came of it." if found else "It was passed over.")])
        self.known[step.called or capture.name] = (capture.entity, found[0].record)

    def _by_link(self, name: str | None, move: str) -> Actor:
        """The client, by a link that was sent to them. Raises NotFound when they have none for this move."""
        _, id = self.known[str(name)]
        with self.crm.database.reading() as connection:
            offered = rows(connection, "select moves from crm_offer where record = ?", (id,))
        if not any(move in moves for (moves,) in offered):
            raise NotFound(f"No link for {move} was sent to the client.")
        return robot(self.crm.blueprint, offers.WHO)

    def _expected_refusal(self, step: Step, refusal: CrmError | None) -> bool:
        expected = step.expect.refused if step.expect else None
        if refusal is None:
            if expected is not None:
                self._fail(step.expect, "refused", expected, "It was done.")
            return True
        if expected is None:
            self.failures.append(Failure(step.source, f"{step.who} does {step.deed}", "it is done", _told(refusal)))
            return False
        if expected not in _sentences(refusal):
            self._fail(step.expect, "refused", expected, _told(refusal))
        return True

    # ---- what is true then

    def _check(self, step: Step, expect: Expect) -> None:
        name = step.called if step.called in self.known else step.on or self._first
        if expect.values and name is not None:
            self._check_values(name, expect)
        if expect.told is not None:
            self._check_told(expect, expect.told)
        for person, wanted in (expect.sees or {}).items():
            self._same(expect, "sees", person, wanted, self._seen(person))
        for person, wanted in (expect.may or {}).items():
            self._same(expect, "may", person, wanted, self._moves(person, str(name)))
        for entity, number in (expect.count or {}).items():
            self._same(expect, "count", entity, number, self.crm.reads.aggregate(self.robot, entity).total)

    def _check_values(self, name: str, expect: Expect) -> None:
        entity_name, id = self.known[name]
        entity = self.crm.blueprint.entities[entity_name]
        try:
            found = self.crm.reads.record(self.robot, entity_name, id).values
        except NotFound:
            self._fail(expect, next(iter(expect.values)), f"{name} is there", "It is in the bin.")
            return
        for key, wanted in expect.values.items():
            described = entity.fields[key]
            if not self._means(described, wanted, found.get(key)):
                self._fail(expect, key, _plain(wanted), _plain(self._shown(described, found.get(key))))

    def _means(self, field: Field, wanted: Any, found: Any) -> bool:
        shown = self._shown(field, found)
        if _plain(wanted) in (_plain(shown), _plain(found)):
            return True
        field = effective(field)
        given = self._value(field, wanted)
        if field.type in (*POINTERS, "reference_any"):
            target = str(given["id"]) if isinstance(given, Mapping) else str(given)
            return found is not None and str(getattr(found, "id", found)) == target
        try:
            at = self.crm.reads.reading(self.robot)
            return bool(_to_the_minute(field_type(field.type).read(field, given, at)) == _to_the_minute(found))
        except (Unreadable, NotImplementedError):
            return False

    def _shown(self, field: Field, value: Any) -> str:
        return "" if value is None else field_type(field.type).show(field, value, self.crm.reads.formats(self.robot))

    def _check_told(self, expect: Expect, told: Mapping[str, tuple[Message, ...]]) -> None:
        news = self._news()
        for person, wanted in told.items():
            user = None if person == CLIENT else self.known[person][1]
            missing, more = _compared(wanted, [s for s in news if s.user == user], self._local)
            if missing or more:
                worded = any(message.text for message in wanted)
                found = ", ".join(self._words(s, worded) for s in news if s.user == user) or "nothing"
                self._fail(expect, "told", f"{person}: {', '.join(map(_message, wanted)) or 'nothing'}", found)

    def _seen(self, person: str) -> list[str]:
        actor = self._actor(person)
        named = {name: key for name, key in self.known.items() if key[0] not in FIRST}
        return [name for name, (entity, id) in named.items() if self.crm.reads.allowed(actor, "read", entity, id)]

    def _moves(self, person: str, name: str) -> list[str]:
        entity, id = self.known[name]
        try:
            return [m.transition for m in self.crm.writes.moves(self._actor(person), entity, id) if m.allowed]
        except NotFound:
            return []

    def _same(self, expect: Expect, key: str, of: str, wanted: Any, found: Any) -> None:
        if isinstance(wanted, tuple):
            if sorted(wanted) != sorted(found):
                self._fail(expect, key, f"{of}: {', '.join(wanted) or 'none'}", ", ".join(found) or "none")
        elif wanted != found:
            self._fail(expect, key, f"{of}: {wanted}", str(found))

    def _fail(self, expect: Expect | None, key: str, expected: str, found: str) -> None:
        assert expect is not None and expect.source is not None
        self.failures.append(Failure(expect.places.get(key, expect.source), f"expect.{key}", expected, found))

    # ---- at hand

    @property
    def crm(self) -> Any:
        return self.stage.crm

    @property
    def robot(self) -> Actor:
        return robot(self.crm.blueprint, "Scenario")

    @property
    def _first(self) -> str | None:
        return next((name for name, (entity, _) in self.known.items() if entity not in FIRST), None)

    def _do(self, actor: Actor, command: Any) -> Outcome:
        # Nobody does two things in the same moment: who was named first is first, also in ids.
        self.stage.now += timedelta(milliseconds=1)
        outcome: Outcome = self.crm.writes.do(actor, command)
        return outcome

    def _actor(self, name: str | None) -> Actor:
        record = self.crm.reads.record(self.robot, "user", self.known[str(name)][1])
        actor = self.crm.accounts.actor(record.values["email"])
        if actor is None:
            raise NotFound(f"{name} may not sign in.")
        return actor

    def _record(self, name: str | None) -> tuple[Entity, int, int]:
        entity, id = self.known[str(name)]
        return self.crm.blueprint.entities[entity], id, self.crm.reads.record(self.robot, entity, id).version

    def _listen(self) -> None:
        self.heard.update(sent.id for sent in self._news())

    def _news(self) -> list[Sent]:
        return [sent for sent in self.stage.sent(self._moment(self.scenario.now)) if sent.id not in self.heard]

    def _moment(self, local: datetime) -> datetime:
        return local.replace(tzinfo=ZoneInfo(self.crm.blueprint.manifest.zone))

    def _local(self, at: int) -> str:
        return datetime.fromtimestamp(at / 1000, ZoneInfo(self.crm.blueprint.manifest.zone)).strftime("%H:%M")

    def _words(self, sent: Sent, worded: bool) -> str:
        text = f': "{_line(sent.text)}"' if worded else ""
        return f"{sent.notification} by {sent.channel} at {self._local(sent.at)}{text}"


def _rank(given: Given) -> int:
    return FIRST.index(given.entity) if given.entity in FIRST else len(FIRST)


def _compared(
    wanted: Iterable[Message], news: list[Sent], local: Callable[[int], str]
) -> tuple[list[Message], list[Sent]]:
    """What was expected and did not come, and what came besides. A message whose channel is not said means all of its
    channels."""
    left, missing = list(news), []
    for message in wanted:
        fitting = [s for s in left if _fits(message, s, local)]
        if not fitting:
            missing.append(message)
        taken = fitting[:1] if message.channel else fitting
        left = [s for s in left if s not in taken]
    return missing, left


def _fits(message: Message, sent: Sent, local: Callable[[int], str]) -> bool:
    return (
        sent.notification == message.notification
        and message.channel in (None, sent.channel)
        and message.at in (None, local(sent.at))
        and (message.text is None or _line(message.text) == _line(sent.text))
    )


def _line(text: str | None) -> str:
    """Blanks are blanks: an officer does not type the narrow ones that languages put into times."""
    return " ".join((text or "").split())


def _message(message: Message) -> str:
    by = f" by {message.channel}" if message.channel else ""
    at = f" at {message.at}" if message.at else ""
    return f"{message.notification}{by}{at}" + (f': "{message.text}"' if message.text else "")


def _sentences(error: CrmError) -> list[str]:
    return [error.message, *(c.message for c in error.complaints)]


def _told(error: CrmError) -> str:
    return " ".join(dict.fromkeys(_sentences(error)))


def _to_the_minute(value: Any) -> Any:
    """Moments are written to the minute."""
    return value.replace(second=0, microsecond=0) if isinstance(value, datetime) else value


def _plain(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() | tuple():
            return ", ".join(map(_plain, value))
    return str(value)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", ".", name.casefold()).strip(".") or "somebody"
