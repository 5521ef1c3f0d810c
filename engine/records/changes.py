"""The deeds: each loads in scope, authorises, checks values, guards, and only then saves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from engine.actor import Actor
from engine.blueprint.conditions import ALWAYS, Condition
from engine.blueprint.entities import Entity
from engine.blueprint.workflows import Transition, Workflow
from engine.errors import BadRequest, Complaint, Invalid, MoveRefused, Refused
from engine.records.checks import check_assignment, check_person, complaints_about
from engine.records.commands import Create, Delete, Move, One, Outcome, Restore, Update
from engine.records.conflict import conflict
from engine.records.duplicates import Found, joined, known_again, outcome
from engine.records.effects import effects
from engine.records.merging import stands_merged
from engine.records.rows import Stored
from engine.records.save import Changed, New, insert, update as save
from engine.records.starting import start
from engine.records.task import Knowledge, Read, Task, Values, merged
from engine.records.telling import tell
from engine.rules import stages
from engine.rules.checks import broken
from engine.rules.permissions import may, scope_of, who_may
from engine.rules.stages import Facts, missing
from engine.rules.words import as_one, may as may_do
from engine.words import said

Holds = Callable[[Condition], bool]


# ---- create


def create(task: Task, command: Create) -> Outcome:
    entity = task.entity(command.entity, "create")
    if command.stage is not None:
        task.entity(command.entity, "import")
    record = checked_new(task, entity, task.read(entity, command.values), command.stage)
    insert(task, entity, [record])
    stage = next(iter(record.stages.values()), None)
    return Outcome(entity.name, record.id, 1, tuple(n for n, v in record.values.items() if v is not None), stage,
                   history=record.id)  # fmt: skip


def checked_new(task: Task, entity: Entity, read: Read, stage: str | None) -> New:
    """A record that may be written. Raises Invalid with every complaint, Refused outside the role's scope."""
    sheet, id = task.sheet(entity), task.new_id()
    values, complaints = read
    values = sheet.with_defaults(values, task.at)
    unread = {complaint.field for complaint in complaints}
    found = known_again(task, entity, values, id)
    if found is not None:
        given, refused = outcome(task, entity, found)
        values.update(given)
        complaints += refused
    holds = task.holds(entity, values, None)
    complaints += (c for c in sheet.empty(values, holds) if c.field not in unread)
    started, about = start(task, entity, values, holds, stage)
    complaints += (c for c in about if c.field not in unread | {c.field for c in complaints})
    complaints += (c for c in broken(entity, holds, sheet.readable) if c.field not in unread)
    complaints += complaints_about(task, entity, values, id)
    if entity.name == "user":
        complaints += check_person(task, None, values)
    if complaints:
        raise Invalid(complaints)
    _check_scope(task, entity, holds)
    check_assignment(task, entity, None, values.get("owner"))
    joined(task, entity, id, values)
    return New(id, values, started, found)


def _check_scope(task: Task, entity: Entity, holds: Holds) -> None:
    scope = scope_of(task.know.blueprint, task.actor, "create", entity.name)
    if scope != ALWAYS and not holds(scope):
        who = who_may(task.know.blueprint, "create", entity.name, task.actor.role)
        raise Refused(said(
            "Your role does not let you add this {lower} as it is. {may_do}",
            lower=entity.label.lower(), may_do=may_do(who)
        ), who)


def can_create(know: Knowledge, actor: Actor, entity: str) -> bool:
    return know.sight.may_open(actor, entity) and may(know.blueprint, actor, "create", entity)


# ---- update


def update(task: Task, command: Update) -> Outcome:
    entity, stored = _loaded(task, command, "update")
    return changed(task, entity, stored, task.read(entity, command.values))


def changed(task: Task, entity: Entity, stored: Stored, read: Read) -> Outcome:
    """Changes a record that was loaded in the scope of `update`."""
    values, complaints = read
    values = task.know.shapes[entity.name].different(stored, values)
    found = _known_again(task, entity, stored, values, complaints)
    after = merged(values, stored)
    holds = task.holds(entity, after, stored.id)
    complaints += _about(task, entity, stored, after, values, holds, {c.field for c in complaints})
    moved, about = _workflow_changes(task, entity, stored, after, values, holds)
    complaints += about
    if complaints:
        raise Invalid(complaints)
    if not values:
        return _outcome(task, entity, stored, stored.version, ())
    check_assignment(task, entity, stored.get("owner"), after.get("owner"))
    version = save(task, entity, stored, Changed("changed", values, stages=moved, found=found))
    return _outcome(task, entity, stored, version, (*values, *moved))


def _known_again(
    task: Task, entity: Entity, stored: Stored, values: dict[str, Any], complaints: list[Complaint]
) -> Found | None:
    """Whether the changed values are those of somebody who is known; what the rule says then is added to both."""
    found = known_again(task, entity, merged(values, stored), stored.id, values.keys()) if values else None
    if found is not None:
        given, refused = outcome(task, entity, found)
        values.update(task.know.shapes[entity.name].different(stored, given))
        complaints += refused
    return found


def _about(
    task: Task, entity: Entity, stored: Stored, after: Values, values: Mapping[str, Any], holds: Holds,
    unread: set[str | None],
) -> list[Complaint]:  # fmt: skip
    """What is wrong with changed values, in the record as it will be."""
    found = [c for c in task.sheet(entity).empty_after(after, values, holds) if c.field not in unread]
    for workflow in task.workflows(entity, holds) if values else ():
        stage = workflow.stages.get(after.get(workflow.field) or "")
        required = missing(entity, stage, after, task.sheet(entity).readable) if stage else []
        known = {c.field for c in found}
        found += (c for c in required if c.field in values and c.field not in known)
    found += (c for c in broken(entity, holds, task.sheet(entity).readable, values.keys()) if c.field not in unread)
    found += complaints_about(task, entity, values, stored.id)
    if entity.name == "user":
        found += check_person(task, stored, values)
    return found


def _workflow_changes(
    task: Task, entity: Entity, stored: Stored, after: Values, values: Mapping[str, Any], holds: Holds
) -> tuple[dict[str, str], list[Complaint]]:
    """A change may bring the record under a workflow: one that had no stage starts; one whose stage is unknown there
    must be moved first."""
    started: dict[str, str] = {}
    complaints = []
    for workflow in task.workflows(entity, holds) if values else ():
        stage = after.get(workflow.field)
        if stage is None:
            started[workflow.field] = workflow.starts_at
        elif stage not in workflow.stages:
            sentence = f"With this change it would follow {workflow.label}, which has no stage {stage}. Move it first."
            complaints.append(Complaint(next(iter(values)), sentence))
    return started, complaints


# ---- move


def move(task: Task, command: Move) -> Outcome:
    entity, stored = _loaded(task, command, "update")
    return moved(task, entity, stored, command.transition, task.read(entity, command.values))


def moved(task: Task, entity: Entity, stored: Stored, name: str, read: Read) -> Outcome:
    """Moves a record that was loaded in the scope of `update`."""
    workflow, transition = _transition(task, entity, stored, name)
    values, complaints = _asked(task, entity, stored, transition, read)
    if complaints:
        raise Invalid(complaints)
    asked = dict(values)
    after = merged(values, stored)
    decision = task.know.stages.decide(workflow, transition, task.facts(entity, after, stored.id, asking=False))
    if not decision.allowed:
        raise _move_refused(task, entity, stored, workflow, decision)
    assert decision.target is not None
    check_assignment(task, entity, stored.get("owner"), after.get("owner"))
    try:
        values.update(effects(task, entity, stored, after, transition.then))
    except Invalid as impossible:
        raise _move_refused(task, entity, stored, workflow, replace(decision, reasons=impossible.complaints)) from None
    complaints = []
    found = _known_again(task, entity, stored, values, complaints)
    final = merged(values, stored)
    complaints += _about(task, entity, stored, final, asked, task.holds(entity, final, stored.id), set())
    if complaints:
        raise Invalid(complaints)
    stages_now = {workflow.field: decision.target}
    done = Changed("moved", values, stages=stages_now, transition=transition.name, found=found)
    version = save(task, entity, stored, done)
    tell(task, entity, stored.id, transition.then, f"{workflow.name}.{transition.name} {stored.id} {version}")
    return Outcome(entity.name, stored.id, version, (*values, workflow.field), decision.target)


def moves(task: Task, name: str, id: int) -> tuple[stages.Move, ...]:
    """The transitions from the record's stage; none are offered on a record that is not the actor's to change."""
    stored = task.load(name, id, "read")
    if not task.know.blueprint.workflows_of(name) or not task.in_scope(name, id, "update"):
        return ()
    return moves_of(task, name, stored)


def moves_of(task: Task, name: str, stored: Stored) -> tuple[stages.Move, ...]:
    """As `moves`, of a record that is known to be the actor's to change."""
    entity = task.know.blueprint.entities[name]
    return task.know.stages.moves(name, task.facts(entity, stored, stored.id, asking=True))


def _transition(task: Task, entity: Entity, stored: Stored, name: str) -> tuple[Workflow, Transition]:
    facts: Facts = task.facts(entity, stored, stored.id, asking=False)
    found = task.know.stages.find(entity.name, name, facts)
    if found is not None:
        return found
    if any(name in w.transitions for w in task.know.blueprint.workflows_of(entity.name)):
        called = task.called(entity, stored, stored.id)
        raise MoveRefused(said("{called} does not follow the workflow of this move.", called=called))
    raise BadRequest(said('{label} has no move "{name}".', label=entity.label, name=name[:100]))


def _asked(
    task: Task, entity: Entity, stored: Stored, transition: Transition, read: Read
) -> tuple[dict[str, Any], list[Complaint]]:
    """What the move dialog asked for; anything else is an edit and does not pass here."""
    values, complaints = read
    wrong = {c.field for c in complaints}
    complaints += (
        Complaint(name, said("{label} is not asked for by this move.", label=entity.fields[name].label))
        for name in values
        if name not in transition.asks and name not in wrong
    )
    return task.know.shapes[entity.name].different(stored, values), complaints


def _move_refused(
    task: Task, entity: Entity, stored: Stored, workflow: Workflow, decision: stages.Move
) -> Refused | MoveRefused:
    to = workflow.stages.get(decision.target or "")
    target = to.label if to else said("an earlier stage")
    called = task.called(entity, stored, stored.id)
    reasons = as_one([reason.message for reason in decision.reasons])
    if not decision.role_may:
        return Refused(said(
            "{called} cannot be moved to {target} by your role: {reasons}",
            called=called, target=target, reasons=reasons
        ), decision.who)
    return MoveRefused(said(
        "{called} cannot move to {target} yet: {reasons}", called=called, target=target, reasons=reasons
    ), decision.reasons, decision.who)


# ---- delete, restore


def delete(task: Task, command: Delete) -> Outcome:
    entity, stored = _loaded(task, command, "delete")
    if entity.name == "user" and stored.id == task.actor.user:
        raise Invalid([Complaint(None, said("You cannot delete your own account."))])
    if entity.name == "user":
        _raise_if(check_person(task, stored, {}))
    version = save(task, entity, stored, Changed("deleted", columns={"deleted_at": task.now}))
    return Outcome(entity.name, stored.id, version)


def restore(task: Task, command: Restore) -> Outcome:
    entity, stored = _loaded(task, command, "delete", deleted=True)
    if entity.name == "user":
        _raise_if(check_person(task, stored, {}))
    if stands_merged(task, stored.id):
        called = task.called(entity, stored, stored.id)
        raise Invalid([Complaint(None, said(
            "{called} was merged into another record. Take the merge back there.", called=called
        ))])
    version = save(task, entity, stored, Changed("restored", columns={"deleted_at": None}))
    return _outcome(task, entity, stored, version, ())


# ---- shared


def _loaded(
    task: Task, command: Update | Move | Delete | Restore, action: str, *, deleted: bool = False
) -> tuple[Entity, Stored]:
    stored = task.load(command.entity, command.id, action, deleted=deleted)
    check_version(task, command, stored)
    return task.know.blueprint.entities[command.entity], stored


def check_version(task: Task, command: One, stored: Stored) -> None:
    assert not isinstance(command, Create)
    if stored.version != command.version:
        raise conflict(task, command.entity, stored.row, command.version)


def _outcome(task: Task, entity: Entity, stored: Stored, version: int, names: Iterable[str]) -> Outcome:
    fields = entity.fields_of("stage")
    stage = stored[fields[0].name] if fields else None
    return Outcome(entity.name, stored.id, version, tuple(names), stage)


def _raise_if(complaints: list[Complaint]) -> None:
    if complaints:
        raise Invalid(complaints)


__all__ = [
    "can_create", "changed", "check_version", "checked_new", "create", "delete", "move", "moves", "moves_of", "restore",
    "update",
]  # fmt: skip
