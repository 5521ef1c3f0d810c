"""A value worked out from the other fields of the record."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from engine.blueprint.entities import Field
from engine.blueprint.formulas import Binary, Formula, Literal, Name
from engine.parts.derived import Derived
from engine.parts.fields.contract import Example

_SAMPLE = {"formula": Formula("price * 2", Binary("*", Name("price"), Literal(2)), "decimal"), "places": 2}
RESULTS = ("integer", "decimal", "money", "percent", "text", "yes_no", "date", "datetime")


class Type(Derived):
    label = "Computed"
    doc = "Worked out from other fields of the record by a short formula, in lists, filters and reports as on the page."
    schema = {
        "formula": {"type": "string", "minLength": 1, "maxLength": 1000, "examples": ["quantity * price"]},
        "result": {
            "type": "string",
            "enum": list(RESULTS),
            "description": "The type of the result; worked out unless given.",
        },
        "places": {
            "type": "integer",
            "minimum": 0,
            "maximum": 6,
            "description": "Decimals of a decimal result; 2 unless given.",
        },
    }
    needs = ("formula",)
    operators = (
        *("is", "is_not", "in", "not_in", "above", "at_least", "below", "at_most", "between"),
        *("before", "after", "within", "contains", "starts_with", "empty"),
    )
    examples = (
        Example(None, None, "", None, options=_SAMPLE),
        Example("5", refusal="Example is worked out from other fields. Leave it out.", options=_SAMPLE),
    )
    sample_values = ((Decimal("12.50"), "12.50"),)

    def result(self, field: Field) -> Field:
        options = {key: field.options[key] for key in ("places", "currency") if key in field.options}
        return replace(field, type=field.options["formula"].result, options=options)
