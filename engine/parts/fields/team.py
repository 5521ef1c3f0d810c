"""A team of users."""

from __future__ import annotations

from engine.blueprint.entities import Field
from engine.parts.fields.contract import Example
from engine.parts.fields.reference import Type as ReferenceType


class Type(ReferenceType):
    label = "Team"
    doc = "A team. A field named `team` takes part in the scope `team`."
    schema = {}
    needs = ()
    noun = "team"
    examples = (
        Example("12", 12, "#12", {"id": "12"}),
        Example("", None, "", None),
        Example("Pune", refusal='"Pune" is not the number of a team. Choose one from the list.'),
    )

    def entity_of(self, field: Field) -> str:
        return "team"
