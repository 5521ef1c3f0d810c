"""A value gathered from the record's children."""

from __future__ import annotations

from dataclasses import replace

from engine.blueprint.entities import Field
from engine.parts.derived import Derived
from engine.parts.fields.contract import Example

TAKES = ("count", "sum", "average", "smallest", "largest", "latest")


class Type(Derived):
    """An average is rounded half to even, to the places of what it averages; of whole numbers, to two."""

    label = "Roll-up"
    doc = "The count of a record's children, or the sum, average, smallest, largest or latest value of one of their fields."
    schema = {
        "of": {"type": "string", "description": "A field of type children.", "examples": ["calls"]},
        "take": {"type": "string", "enum": list(TAKES)},
        "field": {"type": "string", "description": "A field of the child; not with count."},
        "when": {"type": "object", "description": "Only the children for which this holds."},
    }
    needs = ("of", "take")
    operators = (
        "is",
        "is_not",
        "above",
        "at_least",
        "below",
        "at_most",
        "between",
        "before",
        "after",
        "within",
        "empty",
    )
    examples = (
        Example(None, None, "", None, options={"of": "calls", "take": "count"}),
        Example(
            "5",
            refusal="Example is worked out from other fields. Leave it out.",
            options={"of": "calls", "take": "count"},
        ),
    )

    def result(self, field: Field) -> Field:
        """Reads `options["child"]`, the child's field, for all but `count`."""
        child: Field | None = field.options.get("child")
        if field.options["take"] == "count" or child is None:
            return replace(field, type="integer", options={})
        if field.options["take"] == "average" and child.type == "integer":
            return replace(field, type="decimal", options={"places": 2})
        return replace(field, type=child.type, options=child.options)
