"""One of the set's roles."""

from __future__ import annotations

from engine.blueprint.entities import Choice
from engine.parts.fields.choice import Type as ChoiceType
from engine.parts.fields.contract import Example

_SAMPLE = {"choices": (Choice("caller", "Tele-caller"), Choice("manager", "Sales manager"))}


class Type(ChoiceType):
    label = "Role"
    doc = "One of the roles in roles.yaml. Each user has one."
    schema = {}
    needs = ()
    examples = (
        Example("caller", "caller", "Tele-caller", "caller", options=_SAMPLE),
        Example("", None, "", None, options=_SAMPLE),
        Example("king", refusal='"king" is not a choice here. Choose caller or manager.', options=_SAMPLE),
    )
