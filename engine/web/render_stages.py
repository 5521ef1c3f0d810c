"""The stage bar: where a record is, where it has been and for how long, where it may go and what is in the way.

Most records of a stage stand alike, so a bar is drawn once, with slots for the record's number and for the notes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from engine.blueprint.entities import Entity
from engine.blueprint.workflows import Stage, Workflow
from engine.errors import Complaint
from engine.markup import escape
from engine.parts import field_type
from engine.records.database import Connection
from engine.records.history import Stay, stays_of
from engine.records.read import Record, Whole
from engine.rules.conditions import holds, is_at_hand
from engine.rules.stages import Move
from engine.rules.words import listed
from engine.web.frame import Screen, slot
from engine.web.render import span


@dataclass(frozen=True, slots=True)
class Way:
    """A move as the screen shows it: a way that is open, or the reasons why it is not. In `place` the record's number is
    a slot."""

    name: str
    label: str
    place: str
    target: str
    allowed: bool
    reasons: tuple[Complaint, ...]
    who: str
    is_lost: bool
    asks: bool
    source: str | None = None  # where the set says so: for those who administer


@dataclass(frozen=True, slots=True)
class Step:
    stage: Stage
    state: str  # current, done, open, refused, later
    note: str
    way: Way | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    workflow: Workflow
    steps: tuple[Step, ...]
    moves: tuple[Way, ...]
    is_closed: bool

    @property
    def kind(self) -> tuple[Any, ...]:
        """What it is drawn from, but for its notes."""
        return self.workflow.name, tuple([step.state for step in self.steps]), self.moves


def without_notes(bars: Iterable[Bar]) -> list[Bar]:
    """With a slot in place of each note."""
    return [replace(bar, steps=tuple(_slotted(bar, n) for n in range(len(bar.steps)))) for bar in bars]


def _slotted(bar: Bar, step: int) -> Step:
    return replace(bar.steps[step], note=slot(f"note {bar.workflow.name} {step}"))


def notes(bars: Iterable[Bar]) -> dict[str, str]:
    """What fills the slots of `without_notes`."""
    return {
        f"note {bar.workflow.name} {n}": str(escape(step.note)) for bar in bars for n, step in enumerate(bar.steps)
    }


def bars(seen: Screen, lent: Connection, entity: Entity, whole: Whole) -> list[Bar]:
    """One bar for each stage field that the role may read."""
    record = whole.record
    found = [
        w for w in seen.crm.blueprint.workflows_of(entity.name) if record.values.get(w.field) is not None
    ]
    if not found:
        return []
    moves = seen.crm.writes.moves_of(seen.actor, whole, lent)
    stays = stays_of(seen.crm.reads, lent, seen.actor, entity.name, record.id)
    chosen = {
        name: _followed(seen, entity, record, [w for w in found if w.field == name])
        for name in dict.fromkeys(w.field for w in found)
    }
    return [_bar(seen, entity, record, workflow, moves, stays) for workflow in chosen.values()]


def _followed(seen: Screen, entity: Entity, record: Record, workflows: list[Workflow]) -> Workflow:
    """The first whose condition holds, as the write door chooses; what is not at hand is judged by the stage."""
    chosen = next((w for w in workflows if _applies(seen, entity, record, w)), None)
    return chosen or next((w for w in workflows if record.values[w.field] in w.stages), workflows[0])


def _applies(seen: Screen, entity: Entity, record: Record, workflow: Workflow) -> bool:
    """Only of conditions that the record's own values can answer; so there is nothing to look up."""
    if not is_at_hand(workflow.applies, entity.fields):
        return False
    nothing: Any = None
    return holds(workflow.applies, entity.fields, record.values, seen.crm.reads.reading(seen.actor), nothing)


def _bar(
    seen: Screen,
    entity: Entity,
    record: Record,
    workflow: Workflow,
    moves: tuple[Move, ...],
    stays: tuple[Stay, ...],
) -> Bar:
    ways = tuple(_way(seen, entity, workflow, m) for m in moves if m.field == workflow.field)
    now = record.values[workflow.field]
    stage = workflow.stages.get(now)
    to = {way.target: way for way in sorted(ways, key=lambda way: way.allowed)}  # of two to one stage, the open one
    spent: dict[str, list[Stay]] = {}
    for stay in stays:
        spent.setdefault(stay.stage, []).append(stay)
    steps = tuple(
        _step(seen, entity, record, each, now, to.get(each.label), spent.get(each.name, []))
        for each in workflow.stages.values()
    )
    return Bar(workflow, steps, ways, bool(stage and stage.ends))


def _way(seen: Screen, entity: Entity, workflow: Workflow, move: Move) -> Way:
    stage = workflow.stages.get(move.target or "")
    place = f"/{entity.name}/{slot('id')}/move/{move.transition}"
    return Way(
        move.transition, move.label, place, stage.label if stage else "", move.allowed, move.reasons,
        listed(move.who), bool(stage and stage.ends == "lost"), bool(move.asks), _source(seen, workflow, move),
    )  # fmt: skip


def _source(seen: Screen, workflow: Workflow, move: Move) -> str | None:
    source = workflow.transitions[move.transition].source
    return f"{source.file}:{source.line}" if source is not None and seen.administers() else None


def _step(
    seen: Screen,
    entity: Entity,
    record: Record,
    stage: Stage,
    now: str,
    way: Way | None,
    spent: list[Stay],
) -> Step:
    if stage.name == now:
        return Step(stage, "current", _note_now(seen, entity, record, stage, spent))
    stayed = _stayed(seen, spent)
    if way and way.allowed:
        return Step(stage, "open", f"{way.label} · {stayed}" if stayed else way.label, way)
    if stayed:
        return Step(stage, "done", stayed, way)
    return Step(stage, "refused", seen.say("Not yet"), way) if way else Step(stage, "later", _likely(stage))


def _stayed(seen: Screen, spent: list[Stay]) -> str:
    """How long it was there in all; and how often, when it came back."""
    if not spent:
        return ""
    whole = span(sum(stay.seconds(seen.ask.now) for stay in spent))
    if len(spent) == 1:
        return whole
    return seen.say_n("{n} time, {span}", "{n} times, {span}", len(spent), span=whole)


def _note_now(seen: Screen, entity: Entity, record: Record, stage: Stage, spent: list[Stay]) -> str:
    """How long it stands here; a record that ended tells why instead, where the stage asks for a reason."""
    reasons = [_plain(seen, entity, record, name) for name in stage.requires] if stage.ends else []
    reasons = [reason for reason in reasons if reason]
    if reasons:
        return ", ".join(reasons)
    return " · ".join(filter(None, (_stands(seen, spent), _likely(stage))))


def _stands(seen: Screen, spent: list[Stay]) -> str:
    if not spent:
        return ""
    since = span(spent[-1].seconds(seen.ask.now))
    if len(spent) == 1:
        return seen.say("for {span}", span=since)
    return seen.say("for {span}, time {n}", span=since, n=len(spent))


def _likely(stage: Stage) -> str:
    """How likely it is won from here; of a stage that ended, its colour and mark tell."""
    return f"{stage.probability}%" if stage.probability is not None and not stage.ends else ""


def _plain(seen: Screen, entity: Entity, record: Record, name: str) -> str:
    field, value = entity.fields[name], record.values.get(name)
    return field_type(field.type).show(field, value, seen.formats) if value is not None else ""
