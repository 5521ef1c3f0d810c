"""`on: moved, into: [LOST]` or `at: {before: starts_at, by: 1 hour}`: what sets a notification or a rule off.

The keys are the same in both: on, fields, when_before, into, by; at; only_in, if_missed.
"""

from __future__ import annotations

from engine.blueprint.triggers import ONCE, Happening, Missed, Trigger
from engine.compiler.conditions import read_condition
from engine.compiler.draft import Draft
from engine.compiler.spot import Spot

KEYS = ("on", "fields", "when_before", "into", "by", "at", "only_in", "if_missed")


def read_trigger(draft: Draft, entity: str | None, spot: Spot) -> tuple[Trigger | None, bool, Missed]:
    """The trigger (None: nothing sets it off but its name), whether it waits for working hours, and what becomes of
    runs that were missed. `spot` is the whole notification or rule; its `when` is the caller's to read.

    Asks for the workflows, so it goes after build_workflows."""
    on = spot.text("on")
    return (_happening(draft, entity, spot, on) if on and entity else None), spot.text("only_in") is not None, ONCE


def _happening(draft: Draft, entity: str, spot: Spot, on: str) -> Happening:
    _check_key_fits(draft, spot, "fields", on, "changed")
    _check_key_fits(draft, spot, "into", on, "moved")
    _check_key_fits(draft, spot, "by", on, "moved")
    return Happening(
        on,
        _fields(draft, entity, spot),
        _stages(draft, entity, spot, on),
        _transitions(draft, entity, spot),
        read_condition(draft, entity, spot.get("when_before")),
    )


def _check_key_fits(draft: Draft, spot: Spot, key: str, on: str, needed: str) -> None:
    at = spot.get(key)
    if at is not None and on != needed:
        message = f'"{key}" goes with on: {needed}; this one is on: {on}.'
        draft.tell(at, "no-effect", message, f"Remove it, or write on: {needed}.", at_key=True)


def _fields(draft: Draft, entity: str, spot: Spot) -> tuple[str, ...]:
    named = [draft.field_named(entity, at) for _, at in spot.words("fields")]
    return tuple(field.name for field in named if field is not None)


def _stages(draft: Draft, entity: str, spot: Spot, on: str) -> tuple[str, ...]:
    workflows = [w for w in draft.workflows.values() if w.entity == entity]
    if on == "moved" and not workflows and draft.can_judge("workflows"):
        message = f"{entity} has no workflow, so it never moves."
        draft.tell(spot.get("on") or spot, "contradiction", message, "Use on: created, changed or assigned.")
        return ()
    known = tuple(dict.fromkeys(stage for w in workflows for stage in w.stages))
    for word, at in spot.words("into"):
        if word not in known and workflows and draft.can_judge("workflows"):
            draft.unknown(at, word, f"a stage of {entity}", known)
    return tuple(word for word, _ in spot.words("into") if word in known)


def _transitions(draft: Draft, entity: str, spot: Spot) -> tuple[str, ...]:
    workflows = [w for w in draft.workflows.values() if w.entity == entity]
    known = tuple(dict.fromkeys(name for w in workflows for name in w.transitions))
    for word, at in spot.words("by"):
        if word not in known and workflows and draft.can_judge("workflows"):
            draft.unknown(at, word, f"a transition of {entity}", known)
    return tuple(word for word, _ in spot.words("by") if word in known)
