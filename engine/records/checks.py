"""Checks of given values that need the database: where references point, who gets a record, what a person may make of
another person, and files. A record that the actor may not see reads like one that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from engine.blueprint.conditions import ALWAYS, Condition, Test
from engine.blueprint.entities import Entity, Field
from engine.blueprint.values import Ref
from engine.blueprint.workflows import Workflow
from engine.errors import Complaint, Refused
from engine.formats import is_zone
from engine.records.reach import roles_above
from engine.records.rows import Stored, change, rows, target_id
from engine.records.sight import targets_of
from engine.records.task import Task, Values
from engine.rules.permissions import scope_of, who_may
from engine.rules.stages import refuses_child
from engine.rules.words import may
from engine.words import said

# Of a person: scopes, and what they are given, are worked out from these.
PLACE = ("manager", "team", "teams", "skills", "capacity")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def complaints_about(task: Task, entity: Entity, changes: Values, id: int) -> list[Complaint]:
    """What is wrong with the changed values that only the database can tell."""
    shape = task.know.shapes[entity.name]
    found: list[Complaint] = []
    for field in shape.pointing:
        if (value := changes.get(field.name)) is not None:
            found.extend(_about_targets(task, entity, field, value))
    for field in shape.files:
        if (value := changes.get(field.name)) is not None:
            found.extend(_about_files(task, field, value, id))
    return found


# ---- references


def _about_targets(task: Task, entity: Entity, field: Field, value: Any) -> Iterator[Complaint]:
    for target, id in pointed(field, value):
        if not _may_choose(task, field, target, id):
            label = task.know.blueprint.entities[target].label.lower() if target in task.know.blueprint.entities else target
            yield Complaint(field.name, said("There is no such {label}, or none that you may choose.", label=label))
        else:
            yield from _about_stage(task, entity, field, target, id)


def pointed(field: Field, value: Any) -> Iterator[tuple[str, int]]:
    """(entity, id) of each record that a reference's value points to."""
    targets = targets_of(field)
    for one in value if isinstance(value, tuple) else (value,):
        yield (one.entity if isinstance(one, Ref) else targets[0]), target_id(one)


def _may_choose(task: Task, field: Field, target: str, id: int) -> bool:
    key = (f"{target} {field.name}", id)
    known = task.seen.get(key)
    if known is None:
        known = task.seen[key] = _is_choosable(task, field, target, id)
    return known


def _is_choosable(task: Task, field: Field, target: str, id: int) -> bool:
    if target == "user" and id == task.actor.user and not field.options.get("roles"):
        return True
    if target not in targets_of(field) or not task.in_scope(target, id):
        return False
    return all(task.meets(target, id, condition) for condition in _conditions(task, field, target))


def _conditions(task: Task, field: Field, target: str) -> Iterator[Condition]:
    if (when := field.options.get("when")) is not None:
        yield when
    if target == "user" and (roles := field.options.get("roles")):
        yield Test("role", "in", tuple(roles))


def _about_stage(task: Task, child: Entity, field: Field, target: str, id: int) -> Iterator[Complaint]:
    """A record in a stage that does not allow activities of this kind gets none."""
    parent = task.know.blueprint.entities[target]
    workflows = [w for w in task.know.blueprint.workflows_of(target) if _limits_children(w)]
    if not workflows or not _is_child(child, field, parent):
        return
    columns = ", ".join(f'"{w.field}"' for w in workflows)
    stages = rows(task.connection, f'select {columns} from "{target}" where id = ?', (id,))[0]
    holds = task.holds(parent, _stored(task, target, id), id)
    for workflow, stage in zip(workflows, stages, strict=True):
        sentence = refuses_child(workflow, stage, child, parent)
        if sentence and holds(workflow.applies):
            yield Complaint(field.name, sentence)


def _limits_children(workflow: Workflow) -> bool:
    return any(stage.allows is not None for stage in workflow.stages.values())


def _is_child(child: Entity, through: Field, parent: Entity) -> bool:
    lists = parent.fields_of("children")
    return any(f.options["entity"] == child.name and f.options["through"] == through.name for f in lists)


def _stored(task: Task, entity: str, id: int) -> Mapping[str, Any]:
    shape = task.know.shapes[entity]
    return Stored(shape, rows(task.connection, shape.select, (id,))[0], task.connection)


# ---- files


def _about_files(task: Task, field: Field, file: int, record: int) -> Iterator[Complaint]:
    """A person gives a record what they uploaded and no record holds; or leaves what is there."""
    text = "select created_by, record, field from crm_file where id = ?"
    found = rows(task.connection, text, (file,))
    mine = found and found[0][1] is None and found[0][0] == task.actor.user
    if not mine and not (found and found[0][1:] == (record, field.name)):
        yield Complaint(field.name, said("There is no such file. Upload it again."))


def claim_files(task: Task, entity: Entity, changes: Values, id: int) -> None:
    """A stored file belongs to the record that holds it from now on: its rights are the record's."""
    text = "update crm_file set entity = ?, record = ?, field = ? where id = ?"
    for field in task.know.shapes[entity.name].files:
        if (file := changes.get(field.name)) is not None:
            change(task.connection, text, (entity.name, id, field.name, file))


# ---- to whom


def check_assignment(task: Task, entity: Entity, before: Any, after: Any) -> None:
    """Raises Refused when the role may not give the record to this person; without an owner it leaves everybody's
    sight, so that is for who may give it to anybody. A record that stays where it is, or that a new record's author
    keeps, is not given."""
    if not entity.owned or (before is None and after is None):
        return
    if before is not None and after is not None and target_id(before) == target_id(after):
        return
    if before is None and target_id(after) == task.actor.user:
        return
    if _may_get(task, entity, after):
        return
    who = who_may(task.know.blueprint, "assign", entity.name, task.actor.role)
    whom = "to that person" if after is not None else "up"
    raise Refused(said(
        "Your role does not let you give this {lower} {whom}. {may}",
        lower=entity.label.lower(), whom=whom, may=may(who)
    ), who)


def _may_get(task: Task, entity: Entity, after: Any) -> bool:
    scope = scope_of(task.know.blueprint, task.actor, "assign", entity.name)
    if after is None:
        return scope == ALWAYS
    key = (f"assign {entity.name}", target_id(after))
    known = task.seen.get(key)
    if known is None:
        known = task.seen[key] = task.meets("user", target_id(after), scope)
    return known


# ---- people


def check_person(task: Task, before: Mapping[str, Any] | None, changes: Values) -> list[Complaint]:
    """Nobody makes or changes a person who stands above them, gives a role above their own, chooses what they are let
    see by their own place in the firm, or locks themselves out."""
    role = task.know.blueprint.roles[task.actor.role]
    itself = before is not None and before.get("id") == task.actor.user
    found = []
    if itself and changes.get("role", role.name) != role.name:
        found.append(Complaint("role", said("You cannot change your own role.")))
    if itself and changes.get("active", True) is False:
        found.append(Complaint("active", said("You cannot lock yourself out.")))
    if (zone := changes.get("zone")) is not None and not is_zone(zone):
        found.append(Complaint("zone", said("There is no such time zone. Write it like Europe/Berlin.")))
    if (language := changes.get("language")) is not None and not LANGUAGE.fullmatch(str(language)):
        found.append(Complaint("language", said("There is no such language. Write its code, like en or ar.")))
    if role.administers or task.actor.user == 0:
        return found
    if itself:
        found += (Complaint(name, said(
            "You cannot change your own place in the firm."
        )) for name in PLACE if name in changes)
    if before is not None and not itself and not _is_below(task, before["role"]):
        raise Refused(said("This person's role is not below yours, so you cannot change them."))
    if not itself and "role" in changes and not _is_below(task, changes["role"]):
        found.append(Complaint("role", said("You may only give roles that are below your own.")))
    return found


def _is_below(task: Task, role: str) -> bool:
    blueprint = task.know.blueprint
    return role in blueprint.roles and task.actor.role in roles_above(blueprint, role)


__all__ = ["check_assignment", "check_person", "claim_files", "complaints_about", "pointed"]
