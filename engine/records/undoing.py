"""Taking back what one just did, as a deed of the write door.

- Only one's own deed, only while it is the last one of its record, and only for an hour.
- Whoever takes it back could do it again now: their rights are asked of the record as it was before the deed.
- What was before is written as a new history row that says so. A stage goes back only here; the move's own history row is
  its warrant, and the stay in the stage before goes on as if it had not ended.
- Who was not told of the deed yet is told of nothing; who was, is told of a change. What the deed did to other records
  stays, and is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from engine.blueprint.entities import Entity
from engine.blueprint.workflows import Transition, Workflow
from engine.errors import Complaint, Invalid, NotFound, Refused
from engine.records import merging
from engine.records.checks import check_assignment, check_person
from engine.records.commands import Outcome, Undo, Unmerge
from engine.records.conflict import conflict
from engine.records.journal import withhold
from engine.records.rows import Stored, rows
from engine.records.save import Changed, update as save
from engine.records.sight import NOT_FOUND
from engine.records.task import Task, Values, merged
from engine.records.telling import untell
from engine.rules.permissions import may, scope_of, who_may
from engine.words import said

HOUR = 3_600_000  # ms in which a deed can be taken back
CAN_BE = frozenset({"created", "changed", "moved", "deleted", "restored", "merged"})
COLUMNS = "actor, at, action, transition, changes, blueprint, hash"


@dataclass(frozen=True, slots=True)
class Deed:
    """A history row: `was` holds the raw values before it."""

    history: int
    actor: int | None
    at: int  # ms
    action: str
    transition: str | None
    was: Mapping[str, Any]
    blueprint: str
    hash: str


def undo(task: Task, command: Undo) -> Outcome:
    """Raises NotFound for a deed that is none of the actor's, Conflict when somebody changed the record since, Refused
    where they may not do it any more, Invalid with the reason why it cannot be taken back."""
    entity = task.know.sight.entity(task.actor, command.entity)
    deed = _deed(task, command)
    if deed.action == "merged":
        return _unmerged(task, command, deed)
    stored = task.stored(entity.name, command.id)
    _check_last(task, entity, stored, command, deed)
    values, stages = _before(task, entity, deed)
    _check_rights(task, entity, stored, deed, values, stages)
    quiet = withhold(task.connection, deed.history)
    if deed.action == "moved":
        untell(task, stored.id, _cause(task, entity, deed, stored))
    version = save(task, entity, stored, _changed(task, deed, values, stages, quiet))
    told = {"back": (), "kept": tuple(_kept(task, entity, deed)), "failed": ()}
    return Outcome(entity.name, stored.id, version, (*values, *stages), next(iter(stages.values()), None), lists=told)


def find(task: Task, history: int) -> Undo:
    """The command that takes back the deed of a history row: at the version that its record has now. Raises NotFound."""
    found = rows(task.connection, "select entity, record, actor from crm_history where id = ?", (history,))
    if not found or task.who is None or found[0][2] != task.who:
        raise NotFound(NOT_FOUND)
    entity, record, _ = found[0]
    if entity not in task.know.blueprint.entities:
        raise NotFound(NOT_FOUND)
    shape = task.know.shapes[entity]
    row = rows(task.connection, shape.select, (record,))
    if not row:
        raise NotFound(NOT_FOUND)
    return Undo(entity, record, int(row[0][shape.version]), history)


def in_time(at: int, now: int) -> bool:
    """Whether what was done at that moment (ms) can still be taken back."""
    return now - at <= HOUR


# ---- which deed


def _deed(task: Task, command: Undo) -> Deed:
    text = f"select {COLUMNS} from crm_history where id = ? and record = ? and entity = ?"
    found = rows(task.connection, text, (command.history, command.id, command.entity))
    if not found or task.who is None or found[0][0] != task.who:
        raise NotFound(NOT_FOUND)
    actor, at, action, transition, changes, blueprint, hash = found[0]
    if action not in CAN_BE:
        raise _impossible(said("This cannot be taken back: do it again instead."))
    if not command.judged and not in_time(at, task.now):
        raise _impossible(said("The time to take this back is over."))
    if blueprint != task.know.blueprint.hash:
        raise _impossible(said("The set was changed since, so this cannot be taken back."))
    was = {name: pair[0] for name, pair in orjson.loads(changes or "{}").items()}
    return Deed(command.history, actor, at, action, transition, was, blueprint, hash)


def _impossible(why: str) -> Invalid:
    return Invalid([Complaint(None, why)], why)


def _check_last(task: Task, entity: Entity, stored: Stored, command: Undo, deed: Deed) -> None:
    """A record that its author does not see any more tells nothing of what became of it."""
    if stored.version == command.version and stored.chain == deed.hash:
        return
    if not task.in_scope(entity.name, stored.id, deleted=stored.deleted):
        raise _impossible(said("Somebody changed it since, so it stays as it is."))
    raise conflict(task, entity.name, stored.row, min(command.version, stored.version - 1))


def _before(task: Task, entity: Entity, deed: Deed) -> tuple[dict[str, Any], dict[str, str]]:
    """The values and the stages that the record had."""
    if deed.action == "created":
        return {}, {}
    shape, values, stages = task.know.shapes[entity.name], {}, {}
    for name, raw in deed.was.items():
        field = entity.fields[name]
        if field.type != "stage":
            values[name] = shape.from_raw(field, raw)
        elif raw is None:
            raise _impossible(f"With this change it began to follow a workflow: {field.label} cannot be emptied again.")
        else:
            stages[name] = raw
    return values, stages


# ---- could they do it again?


def _check_rights(
    task: Task, entity: Entity, stored: Stored, deed: Deed, values: Values, stages: Mapping[str, str]
) -> None:
    if entity.name == "user":
        _check_person(task, stored, deed, values)
    if deed.action == "created":
        _check_created(task, entity, stored, deed)
    elif deed.action in ("deleted", "restored"):
        task.load(entity.name, stored.id, "delete", deleted=stored.deleted)
    else:
        before = merged({**values, **stages}, stored)
        _check_scope(task, entity, stored.id, before)
        asked = _asked(task, entity, deed)
        _check_fields(task, entity, values, asked)
        if "owner" in values and (asked is None or "owner" in asked):
            check_assignment(task, entity, before.get("owner"), stored.get("owner"))


def _check_person(task: Task, stored: Stored, deed: Deed, values: Values) -> None:
    again = {name: stored.get(name) for name in values} if deed.action == "changed" else {}
    found = check_person(task, merged(values, stored), again) + check_person(task, stored, dict(values))
    if deed.action == "created" and stored.id == task.actor.user:
        found.append(Complaint(None, said("You cannot delete your own account.")))
    if found:
        raise Invalid(found)


def _check_created(task: Task, entity: Entity, stored: Stored, deed: Deed) -> None:
    """What one has just added one may take out again while nobody else was told of it; later that is a deletion."""
    just_now = task.now - deed.at <= task.know.blueprint.manifest.undo * 1000
    if just_now and may(task.know.blueprint, task.actor, "create", entity.name):
        task.load(entity.name, stored.id, "read")
    else:
        task.load(entity.name, stored.id, "delete")


def _check_scope(task: Task, entity: Entity, id: int, before: Values) -> None:
    holds = task.holds(entity, before, id)
    for action in ("read", "update"):
        if not holds(scope_of(task.know.blueprint, task.actor, action, entity.name)):
            raise task.refused(entity, action)


def _asked(task: Task, entity: Entity, deed: Deed) -> frozenset[str] | None:
    """The fields that the move asked for; None for a deed that is no move. What else it changed it did by itself."""
    if deed.action != "moved":
        return None
    found = _move(task, entity, deed)
    if found is None:
        raise _impossible(said("There is no such move any more, so it cannot be taken back."))
    workflow, transition = found
    if not task.know.stages.role_may(task.actor.role, workflow, transition):
        who = task.know.stages.who_may(workflow, transition)
        raise Refused(said(
            "Your role may not make the move {label} any more, nor take it back.", label=transition.label
        ), who)
    return frozenset(transition.asks)


def _move(task: Task, entity: Entity, deed: Deed) -> tuple[Workflow, Transition] | None:
    for workflow in task.know.blueprint.workflows_of(entity.name):
        transition = workflow.transitions.get(deed.transition or "")
        if transition is not None and workflow.field in deed.was:
            return workflow, transition
    return None


def _check_fields(task: Task, entity: Entity, values: Values, asked: frozenset[str] | None) -> None:
    """What the actor filled in must still be theirs to fill; what a rule for duplicates set goes back with it."""
    by_rule = {name for rule in entity.duplicates for name in rule.set}
    filled = set(values) - by_rule if asked is None else asked & set(values)
    locked = filled - task.sheet(entity).writable
    if locked:
        readable = sorted(entity.fields[name].label for name in locked if name in task.sheet(entity).readable)
        what = readable[0] if readable else "A field of it"
        raise Refused(said(
            "{what} is not yours to change any more.", what=what
        ), who_may(task.know.blueprint, "update", entity.name))


# ---- back


def _changed(task: Task, deed: Deed, values: Values, stages: Mapping[str, str], quiet: bool) -> Changed:
    into_bin, out_of_it = {"deleted_at": task.now}, {"deleted_at": None}
    columns: dict[str, Mapping[str, Any]] = {"created": into_bin, "deleted": out_of_it, "restored": into_bin}
    heard = {"created": "deleted", "deleted": "restored", "restored": "deleted"}.get(deed.action, "changed")
    return Changed(
        "undone", values, columns.get(deed.action, {}), stages, deed.transition, heard=() if quiet else (heard,)
    )


def _cause(task: Task, entity: Entity, deed: Deed, stored: Stored) -> str:
    """Under which the move told somebody, see changes.moved."""
    found = _move(task, entity, deed)
    return f"{found[0].name}.{deed.transition} {stored.id} {stored.version}" if found else ""


def _kept(task: Task, entity: Entity, deed: Deed) -> list[str]:
    found = _move(task, entity, deed) if deed.action == "moved" else None
    made = {str(one.settings.get("entity")) for one in (found[1].then if found else ()) if one.kind == "create"}
    entities = task.know.blueprint.entities
    labels = [entities[name].label.lower() for name in sorted(made) if name in entities]
    return [f"The {label} that the move made stays." for label in labels]


def _unmerged(task: Task, command: Undo, deed: Deed) -> Outcome:
    """A merge has a taking back of its own, that tells of what others did since."""
    text = 'select id from crm_merge where kept = ? and "by" = ? and undone_at is null order by id desc limit 1'
    found = rows(task.connection, text, (command.id, task.who))
    if not found:
        raise NotFound(NOT_FOUND)
    outcome = merging.unmerge(task, Unmerge(command.entity, command.id, command.version, found[0][0]))
    return replace(outcome, history=None)


__all__ = ["CAN_BE", "HOUR", "find", "in_time", "undo"]
