"""Rules that are certain to set themselves, or each other, off for ever.

What a rule sets, where it moves to and that it gives away is known. If it sets off a rule whose condition then certainly
holds, that one is certain to run; if it changes something for certain, so is what it sets off; and a circle of these never
ends by itself. What cannot be told here (conditions on other fields, other records) is stopped by the budgets of
engine/jobs/rules.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.blueprint.conditions import ALWAYS, AllOf, AnyOf, Condition, Not, Test, Word
from engine.blueprint.entities import Field
from engine.blueprint.rules import Rule
from engine.blueprint.triggers import Happening
from engine.blueprint.workflows import PREVIOUS, Transition
from engine.compiler.draft import Draft
from engine.parts.registry import operator

Known = Mapping[str, Any]  # values that the rules before certainly left


def check_loops(draft: Draft) -> None:
    told: set[str] = set()
    for rule in draft.rules.values():
        circle = _circle(draft, rule)
        if circle and not told & {one.name for one in circle}:
            told.update(one.name for one in circle)
            _tell(draft, circle)


def _tell(draft: Draft, circle: list[Rule]) -> None:
    spot = draft.section("rules")[circle[0].name]
    if len(circle) == 1:
        message = f"This rule sets itself off for ever: it runs when {_changed(circle[0])}, and does that each time."
        hint = "Say with `fields` or `when` which changes it waits for."
    else:
        names = " -> ".join([*(one.name for one in circle), circle[0].name])
        message = f"These rules set each other off for ever: {names}."
        hint = "Say in one of them, with `when`, when it is enough."
    draft.tell(spot, "circle", message, hint, at_key=True)


def _changed(rule: Rule) -> str:
    if isinstance(rule.trigger, Happening) and rule.trigger.on in ("moved", "assigned"):
        return f"{rule.entity} is {rule.trigger.on}"
    return f"{', '.join(_set_by(rule)) or rule.entity} is changed"


def _circle(draft: Draft, first: Rule) -> list[Rule] | None:
    """Round and round from this rule: the second time it comes, everything is as it was the first time."""
    path, known, at = [first], _left_by(draft, first, {}), first
    for _ in range(2 * len(draft.rules) + 2):
        following = next((r for r in draft.rules.values() if _certain(draft, at, r, known)), None)
        if following is None:
            return None
        if following in path:
            return path if following is first else None
        path.append(following)
        known = _left_by(draft, following, known)
        at = following
    return None


def _left_by(draft: Draft, rule: Rule, known: Known) -> dict[str, Any]:
    """What is certain once the rule is done."""
    after = {**known, **_set_by(rule)}
    move = _move_of(draft, rule)
    if move is not None:
        after[move[0]] = move[1].target
    return after


def _certain(draft: Draft, before: Rule, rule: Rule, known: Known) -> bool:
    """Whether what `before` did sets the rule off, its condition holds, and it changes something again."""
    trigger = rule.trigger
    if rule.entity != before.entity or not isinstance(trigger, Happening) or trigger.before != ALWAYS:
        return False
    if not _sets_off(draft, before, trigger):
        return False
    holds = rule.when == ALWAYS or _holds(rule.when, draft.fields[rule.entity], known, draft)
    return holds is True and _changes(draft, rule, known)


def _is_awaited(trigger: Happening, move: Transition) -> bool:
    return (not trigger.into or move.target in trigger.into) and (not trigger.by or move.name in trigger.by)


def _sets_off(draft: Draft, before: Rule, trigger: Happening) -> bool:
    move, names = _move_of(draft, before), {*_set_by(before)}
    if trigger.on == "moved":
        return move is not None and _is_awaited(trigger, move[1])
    names |= {"owner"} if _gives_away(before) else set()
    names |= {move[0]} if move else set()
    if trigger.on == "assigned":
        return "owner" in names
    return trigger.on == "changed" and bool(names & set(trigger.fields) if trigger.fields else names)


def _changes(draft: Draft, rule: Rule, known: Known) -> bool:
    """Whether the rule certainly changes something of what is known."""
    move = _move_of(draft, rule)
    moves = move is not None and move[1].when == ALWAYS and known.get(move[0]) in move[1].sources
    return moves or _gives_away(rule) or any(_differs(value, known.get(name)) for name, value in _set_by(rule).items())


def _set_by(rule: Rule) -> dict[str, Any]:
    return {name: value for action in rule.then if action.kind == "set" for name, value in action.settings.items()}


def _gives_away(rule: Rule) -> bool:
    """Each time to somebody else."""
    return any(action.kind == "reassign" for action in rule.then)


def _move_of(draft: Draft, rule: Rule) -> tuple[str, Transition] | None:
    """The stage field and the rule's last move, where it leads to one certain stage."""
    named = [action.settings["transition"] for action in rule.then if action.kind == "move"]
    for workflow in draft.workflows.values():
        if workflow.entity == rule.entity and named and named[-1] in workflow.transitions:
            move = workflow.transitions[named[-1]]
            return (workflow.field, move) if move.target != PREVIOUS else None
    return None


def _differs(value: Any, known: Any) -> bool:
    """`now` is another moment each time; other words of time may be the same day."""
    if isinstance(value, Word):
        return value.text == "now"
    return known is not None and value != known


def _holds(condition: Condition, fields: Mapping[str, Field], known: Known, draft: Draft) -> bool | None:
    """None: it cannot be told."""
    match condition:
        case Test():
            return _test(condition, fields, known, draft)
        case Not(part):
            found = _holds(part, fields, known, draft)
            return None if found is None else not found
        case AllOf(parts):
            every = [_holds(part, fields, known, draft) for part in parts]
            return False if False in every else None if None in every else True
        case AnyOf(parts):
            some = [_holds(part, fields, known, draft) for part in parts]
            return True if True in some else None if None in some else False
    return None


def _test(test: Test, fields: Mapping[str, Field], known: Known, draft: Draft) -> bool | None:
    value = known.get(test.field)
    plain = not isinstance(value, Word) and test.operator in ("is", "is_not", "in", "not_in", "empty")
    if value is None or not plain:
        return None
    part, field = operator(test.operator), fields[test.field]
    return bool(part.holds(field, value, part.resolve(field, test.value, draft.reading)))
