"""What actions do to a record: fields that they set, whom it goes to, records that they make, in one transaction with the
move or the rule that they belong to.

The set's authors said so for whoever may make the move: the effects have the transition's authority, not the actor's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.blueprint.entities import Entity
from engine.blueprint.values import Ref
from engine.blueprint.workflows import Action
from engine.errors import Complaint, Invalid
from engine.parts.actions.contract import Birth, Moved
from engine.parts.registry import action
from engine.records.assigning import give
from engine.records.duplicates import known_again, outcome
from engine.records.rows import Stored
from engine.records.save import New, insert
from engine.records.starting import start
from engine.records.task import Task, Values, merged
from engine.rules.stages import is_blank
from engine.words import said


def effects(task: Task, entity: Entity, stored: Stored, after: Values, actions: Sequence[Action]) -> dict[str, Any]:
    """The values that the record gets; records are made at once. Raises Invalid when one cannot be."""
    values: dict[str, Any] = {}
    for effect in actions:
        now = merged(values, after)  # the second may speak of what the first made
        moved = seen(task, entity, stored.id, now)
        part = action(effect.kind)
        values.update(part.changes(moved, effect.settings))
        if (gift := part.gift(effect.settings)) is not None:
            values.update(give(task, entity, stored.id, now, gift))
        for birth in part.births(moved, effect.settings):
            made = _born(task, entity, stored.id, birth)
            if birth.keep_in:
                values[birth.keep_in] = _pointer(entity, birth.keep_in, birth.entity, made)
    return task.know.shapes[entity.name].different(stored, values)


def seen(task: Task, entity: Entity, id: int, values: Values) -> Moved:
    """What an action may look at."""
    return Moved(entity, values, task.know.blueprint.entities, task.at, task.holds(entity, values, id))


def _born(task: Task, parent: Entity, of: int, birth: Birth) -> int:
    entity = task.know.blueprint.entities[birth.entity]
    values = dict(birth.values)
    if birth.link:
        values[birth.link] = _pointer(entity, birth.link, parent.name, of)
    values = task.sheet(entity).with_defaults(values, task.at)
    id = task.new_id()
    found = known_again(task, entity, values, id)
    given, refused = outcome(task, entity, found) if found else ({}, [])
    values.update(given)
    started, complaints = start(task, entity, values, task.holds(entity, values, None), None)
    complaints += [*refused, *_missing(entity, values)]
    if complaints:
        raise Invalid([Complaint(None, said(
            "The new {lower}: {value}", lower=entity.label.lower(), value=c.message
        )) for c in complaints])
    made = New(id, values, started, found)
    insert(task, entity, [made])
    return made.id


def _missing(entity: Entity, values: Mapping[str, Any]) -> list[Complaint]:
    return [
        Complaint(f.name, said("{label} is empty.", label=f.label))
        for f in entity.fields.values()
        if f.required and not f.system and f.type != "reference_number" and is_blank(values.get(f.name))
    ]


def _pointer(entity: Entity, field: str, target: str, id: int) -> Any:
    """The value by which a field points to a record."""
    match entity.fields[field].type:
        case "reference_any":
            return Ref(target, id)
        case "references":
            return (id,)
    return id
