"""`on: moved, into: [LOST]` or `at: {before: starts_at, by: 1 hour}`: what sets a notification or a rule off.

The keys are the same in both: on, fields, when_before, into, by; at (see moments.py); only_in, if_missed.
"""

from __future__ import annotations

from engine.blueprint.conditions import ALWAYS
from engine.blueprint.triggers import ONCE, Happening, Missed, Trigger
from engine.compiler.conditions import read_condition
from engine.compiler.draft import Draft
from engine.compiler.moments import read_moment
from engine.compiler.spans import has_working_hours, span_in
from engine.compiler.spot import Spot

KEYS = ("on", "fields", "when_before", "into", "by", "at", "only_in", "if_missed")
GOES_WITH = {"fields": ("changed",), "when_before": ("changed", "moved"), "into": ("moved",), "by": ("moved",)}
POLICIES = ("skip", "once", "all")


def read_trigger(draft: Draft, entity: str | None, spot: Spot) -> tuple[Trigger | None, bool, Missed]:
    """The trigger (None: nothing sets it off but its name), whether it waits for working hours, and what becomes of
    runs that were missed. `spot` is the whole notification or rule; its `when` is the caller's to read.

    Asks for the workflows, so it goes after build_workflows."""
    on, at = spot.get("on"), spot.get("at")
    for key, needed in GOES_WITH.items():
        _check_key_fits(draft, spot.get(key), key, on, needed)
    if on is not None and at is not None:
        message = "It is set off by what happens or by a moment that comes, not by both."
        draft.tell(at, "contradiction", message, "Remove on or at; two notifications or rules can say both.", at_key=True)
    trigger = _happening(draft, entity, spot, on) if on is not None else read_moment(draft, entity, at) if at else None
    return trigger, _waits(draft, spot.get("only_in")), _missed(draft, spot.get("if_missed"), at)


def _check_key_fits(draft: Draft, spot: Spot | None, key: str, on: Spot | None, needed: tuple[str, ...]) -> None:
    if spot is None or (on is not None and on.word in needed):
        return
    goes = " or ".join(f"on: {word}" for word in needed)
    now = f"this one is on: {on.word}" if on is not None else "this one has no on"
    draft.tell(spot, "no-effect", f'"{key}" goes with {goes}; {now}.', f"Remove it, or write {goes}.", at_key=True)


# ---- what happens to a record


def _happening(draft: Draft, entity: str | None, spot: Spot, on: Spot) -> Trigger | None:
    if entity is None:
        if spot.get("entity") is None:
            draft.tell(on, "contradiction", "Nothing happens to no record.", "Say whose records with entity.", at_key=True)
        return None
    before = spot.get("when_before")
    return Happening(
        on.word or "",
        _fields(draft, entity, spot),
        _stages(draft, entity, spot, on),
        _transitions(draft, entity, spot),
        read_condition(draft, entity, before) if before else ALWAYS,
    )


def _fields(draft: Draft, entity: str, spot: Spot) -> tuple[str, ...]:
    named = [draft.field_named(entity, at) for _, at in spot.words("fields")]
    return tuple(field.name for field in named if field is not None)


def _stages(draft: Draft, entity: str, spot: Spot, on: Spot) -> tuple[str, ...]:
    workflows = [w for w in draft.workflows.values() if w.entity == entity]
    if on.word == "moved" and not workflows and draft.can_judge("workflows"):
        message = f"{entity} has no workflow, so it never moves."
        draft.tell(on, "contradiction", message, "Use on: created, changed or assigned.")
        return ()
    return _known(draft, spot, "into", f"a stage of {entity}", [stage for w in workflows for stage in w.stages])


def _transitions(draft: Draft, entity: str, spot: Spot) -> tuple[str, ...]:
    workflows = [w for w in draft.workflows.values() if w.entity == entity]
    return _known(draft, spot, "by", f"a transition of {entity}", [name for w in workflows for name in w.transitions])


def _known(draft: Draft, spot: Spot, key: str, what: str, known: list[str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(known))
    for word, at in spot.words(key):
        if word not in names and names and draft.can_judge("workflows"):
            draft.unknown(at, word, what, names)
    return tuple(word for word, _ in spot.words(key) if word in names)


# ---- when it must wait, and what was missed


def _waits(draft: Draft, spot: Spot | None) -> bool:
    return spot is not None and has_working_hours(draft, spot)


def _missed(draft: Draft, spot: Spot | None, at: Spot | None) -> Missed:
    if spot is None or spot.word is None:
        return ONCE
    if at is None:
        draft.tell(spot, "no-effect", '"if_missed" goes with at: what happens is never missed.', "Remove it.", at_key=True)
    policy, _, within = " ".join(spot.word.split()).partition(" within ")
    if policy not in POLICIES:
        draft.unknown(spot, policy, "what can become of a missed moment", (*POLICIES, "once within 30 minutes"))
        return ONCE
    if policy == "skip" and within:
        draft.tell(spot, "contradiction", "What is skipped has no limit.", f"Write skip, or once within {within}.")
    return Missed(policy, span_in(draft, spot, within) if within else None)
