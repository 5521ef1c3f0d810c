"""The stage of a record in its workflow."""

from __future__ import annotations

from engine.blueprint.entities import Choice
from engine.parts.fields.choice import Type as ChoiceType
from engine.parts.fields.contract import Example

_SAMPLE = {"stages": (Choice("NEW", "New", "grey"), Choice("CLOSE TO WON", "Won", "green", "won"))}


class Type(ChoiceType):
    label = "Stage"
    doc = "Made by a workflow for its entity, never written by hand: a record changes its stage by a transition only."
    schema = {}
    needs = ()
    operators = ("is", "is_not", "in", "not_in", "empty", "reached", "entered", "began", "since")
    examples = (
        Example("NEW", "NEW", "New", "NEW", options=_SAMPLE),
        Example("close to won", "CLOSE TO WON", "Won", "CLOSE TO WON", options=_SAMPLE),
        Example("", None, "", None, options=_SAMPLE),
        Example(
            "CLOSE TO WIN",
            refusal='"CLOSE TO WIN" is not a choice here. Did you mean "CLOSE TO WON"?',
            options=_SAMPLE,
        ),
    )
