"""Checks that need workflows and roles together: who can use a move, and who can fill what a stage requires."""

from __future__ import annotations

from engine.blueprint.roles import Role
from engine.blueprint.workflows import PREVIOUS, Transition, Workflow
from engine.compiler.draft import Draft
from engine.compiler.spot import Spot


def check_paths(draft: Draft) -> None:
    if not draft.can_judge("roles") or not draft.roles:
        return
    for workflow in draft.workflows.values():
        spot = draft.section("workflows")[workflow.name]
        for name, transition in workflow.transitions.items():
            at = spot["transitions"][name]
            _check_roles(draft, workflow, transition, at)
            _check_fields(draft, workflow, transition, transition.asks, at)
        for name, stage in workflow.stages.items():
            _check_required(draft, workflow, name, stage.requires, spot["stages"][name])


def may_use(draft: Draft, workflow: Workflow, transition: Transition) -> list[Role]:
    return [role for role in draft.roles.values() if _allowed(role, workflow, transition)]


def _allowed(role: Role, workflow: Workflow, transition: Transition) -> bool:
    rights = role.rights.get(workflow.entity)
    if rights is None or transition.name not in rights.transitions:
        return False
    return transition.roles is None or role.name in transition.roles


def _check_roles(draft: Draft, workflow: Workflow, transition: Transition, spot: Spot) -> None:
    users = may_use(draft, workflow, transition)
    if not users:
        message = f'No role may use "{transition.name}".'
        hint = f"Name it under transitions in the rights of a role on {workflow.entity}."
        draft.tell(spot, "nobody", message, hint, at_key=True)
        return
    allowed = {role.name for role in users}
    for name, at in spot.words("roles"):
        if name in draft.roles and name not in allowed:
            message = f'{name} may not use "{transition.name}": its rights on {workflow.entity} do not name it.'
            draft.tell(at, "contradiction", message, "Add it there, or take the role out here.")


def _check_fields(draft: Draft, workflow: Workflow, transition: Transition, fields: tuple[str, ...], spot: Spot) -> None:
    users = may_use(draft, workflow, transition)
    for name in fields:
        if users and all(_cannot_fill(role, workflow.entity, name) for role in users):
            at = next((at for word, at in spot.words("asks") if word == name), spot)
            message = f'Nobody who may use "{transition.name}" can write {name}: it is hidden from them or locked.'
            draft.tell(at, "contradiction", message, "Change the rights, or do not ask for it.")


def _check_required(draft: Draft, workflow: Workflow, stage: str, fields: tuple[str, ...], spot: Spot) -> None:
    into = [t for t in workflow.transitions.values() if t.target == stage]
    users = {role.name: role for t in into for role in may_use(draft, workflow, t)}
    for name in fields:
        if users and all(_cannot_fill(role, workflow.entity, name) for role in users.values()):
            at = next((at for word, at in spot.words("requires") if word == name), spot)
            message = f"Nobody who may move a record to {stage} can write {name}: it is hidden from them or locked."
            draft.tell(at, "contradiction", message, "Change the rights, or do not require it.")


def _cannot_fill(role: Role, entity: str, field: str) -> bool:
    rights = role.rights[entity]
    return field in rights.hidden or field in rights.locked


__all__ = ["PREVIOUS", "check_paths", "may_use"]
