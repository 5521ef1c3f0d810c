"""entities.yaml, `activity.next`: which next step is offered after which outcome; `script`: what is said in a call."""

from __future__ import annotations

from collections.abc import Mapping

from engine.blueprint.entities import Field
from engine.blueprint.templates import Template
from engine.blueprint.triggers import Span
from engine.compiler.draft import Draft, frozen
from engine.compiler.spans import span_in
from engine.compiler.spot import Spot
from engine.compiler.templates import read_template

IN = "in "  # `in 2 hours`
SCRIPT_WORDS = ("me", "firm")  # who calls, and for whom


def read_next(draft: Draft, entity: str, spot: Spot | None, outcome: Field | None) -> Mapping[str, Span | str]:
    """Outcome -> a span of time from now, or the field of the activity that says when."""
    if spot is None or not spot.node.is_map:
        return frozen({})
    if outcome is None:
        message = "A next step follows from an outcome, and this activity names none."
        draft.tell(spot, "contradiction", message, "Add outcome, or remove next.", at_key=True)
        return frozen({})
    found = {name: step for name, at in spot.items() if (step := _step(draft, entity, name, at, outcome)) is not None}
    return frozen(found)


def _step(draft: Draft, entity: str, name: str, spot: Spot, outcome: Field) -> Span | str | None:
    known = [choice.value for choice in outcome.options.get("choices", ())]
    if name not in known:
        draft.unknown(spot, name, f"a choice of {outcome.name}", known, at_key=True)
        return None
    if spot.word is None:
        return None
    if spot.word.startswith(IN):
        return span_in(draft, spot, spot.word.removeprefix(IN))
    return _field(draft, entity, spot)


def _field(draft: Draft, entity: str, spot: Spot) -> str | None:
    """Raises nothing: what is no field is told, and that a span begins with `in`."""
    if spot.word is not None and spot.word[:1].isdecimal():
        draft.tell(spot, "wrong-value", f'"{spot.word}" is no next step.', f'Write "in {spot.word}".')
        return None
    field = draft.field_named(entity, spot)
    if field is None or field.type in ("date", "datetime"):
        return field.name if field else None
    message = f"{field.name} is a field of type {field.type}."
    draft.tell(spot, "wrong-value", message, "Name a date or a moment, or a span as in: in 2 hours.")
    return None


def read_script(draft: Draft, entity: str, spot: Spot | None) -> Template | None:
    """Markdown with the fields of the record in it."""
    return read_template(draft, entity, spot, SCRIPT_WORDS) if spot is not None and spot.word else None


__all__ = ["read_next", "read_script"]
