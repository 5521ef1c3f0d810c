"""Carries out what a rule says, on one record, within the transaction of a task: as one change, or around its moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.blueprint.entities import Entity
from engine.blueprint.workflows import Action
from engine.parts.registry import action
from engine.records import changes
from engine.records.effects import effects, seen
from engine.records.task import Task
from engine.records.telling import tell


def carry_out(task: Task, entity: Entity, id: int, actions: Sequence[Action], cause: str) -> None:
    """Raises what the write door raises; then nothing of it may be kept. `cause` makes what is sent one of a kind."""
    for before, move in _parts(actions):
        if before:
            stored = task.load(entity.name, id, "update")
            changes.changed(task, entity, stored, (effects(task, entity, stored, stored, before), []))
        if move is not None:
            _move(task, entity, id, move)
    tell(task, entity, id, actions, cause)


def _move(task: Task, entity: Entity, id: int, move: Action) -> None:
    stored = task.load(entity.name, id, "update")
    going = action(move.kind).going(seen(task, entity, id, stored), move.settings)
    if going is not None:
        changes.moved(task, entity, stored, going.transition, (dict(going.values), []))


def _parts(actions: Iterable[Action]) -> Iterator[tuple[list[Action], Action | None]]:
    """What changes the record, up to each move; what leaves the house changes nothing."""
    before: list[Action] = []
    for one in actions:
        if one.kind == "move":
            yield before, one
            before = []
        elif action(one.kind).telling(one.settings) is None:
            before.append(one)
    yield before, None
