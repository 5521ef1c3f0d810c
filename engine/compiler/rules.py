"""workflows.yaml, `rules`: when this happens, or that moment comes, do these.

A rule acts as the first role that administers, so what that role may not do is told here and not in the night.
"""

from __future__ import annotations

from engine.blueprint.conditions import ALWAYS, NEVER
from engine.blueprint.roles import Rights, Role
from engine.blueprint.rules import Rule
from engine.blueprint.workflows import Action
from engine.compiler.actions import read_actions
from engine.compiler.conditions import read_condition
from engine.compiler.draft import Draft, label_from, rule_of_names, tidy_name
from engine.compiler.loops import check_loops
from engine.compiler.spot import Spot
from engine.compiler.triggers import read_trigger


def build_rules(draft: Draft) -> None:
    for name, spot in draft.section("rules").items():
        entity = draft.entity_named(spot.get("entity"))
        if entity is not None and spot.node.is_map:
            draft.rules[name] = _rule(draft, name, entity, spot)
            _check_rights(draft, draft.rules[name], spot)
    check_loops(draft)


def _rule(draft: Draft, name: str, entity: str, spot: Spot) -> Rule:
    wrong = rule_of_names(name)
    if wrong:
        draft.tell(spot, "bad-name", f'"{name}" cannot name a rule: {wrong}.', f'Write "{tidy_name(name)}".', at_key=True)
    if spot.get("on") is None and spot.get("at") is None:
        draft.tell(spot, "no-effect", "Nothing sets this rule off.", "Say with `on` what must happen, or with `at` when.",
                   at_key=True)  # fmt: skip
    trigger, waits, missed = read_trigger(draft, entity, spot)
    when = spot.get("when")
    return Rule(
        name=name,
        label=spot.text("label") or label_from(name),
        entity=entity,
        trigger=trigger,
        then=read_actions(draft, entity, spot.get("then"), of_rule=True),
        when=read_condition(draft, entity, when) if when else ALWAYS,
        working_hours_only=waits,
        missed=missed,
        source=spot.source,
    )


# ---- what the robot may do


def _check_rights(draft: Draft, rule: Rule, spot: Spot) -> None:
    robot = next((role for role in draft.roles.values() if role.administers), None)
    if robot is None:
        if draft.roles and draft.can_judge("roles"):
            message = "Rules act as the first role that administers, and no role does."
            draft.tell(spot, "nobody", message, "Give one role `administers: true` in roles.yaml.", at_key=True)
        return
    then = spot.get("then")
    for action, at in zip(rule.then, then.each() if then else (), strict=False):
        why = _forbidden(draft, robot, rule.entity, action)
        if why:
            message = f"Rules act as {robot.name}, and {robot.name} may not {why}."
            draft.tell(at, "contradiction", message, "Give the role that right in roles.yaml.")


def _forbidden(draft: Draft, robot: Role, entity: str, action: Action) -> str | None:
    rights = robot.rights.get(entity, Rights())
    if action.kind in ("set", "assign", "reassign", "move") and rights.update == NEVER:
        return f"change {entity}"
    if action.kind in ("assign", "reassign") and rights.assign == NEVER:
        return f"assign {entity}"
    if action.kind == "move":
        return _forbidden_move(draft, robot, entity, action.settings["transition"])
    return None


def _forbidden_move(draft: Draft, robot: Role, entity: str, move: str) -> str | None:
    rights = robot.rights.get(entity, Rights())
    named = [w.transitions[move] for w in draft.workflows.values() if w.entity == entity and move in w.transitions]
    open_to_it = any(t.roles is None or robot.name in t.roles for t in named)
    return None if open_to_it and move in rights.transitions else f'use the move "{move}" of {entity}'
