"""A number with a fixed count of decimals, kept exactly."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.markup import Html
from engine.parts.controls import text_input
from engine.parts.fields.contract import Control, Example
from engine.parts.numerals import fitted, number_in, scaled, typed_number, unscaled, writer
from engine.parts.plain import Whole

D = Decimal


class Type(Whole):
    label = "Decimal"
    doc = (
        "A number with a fixed count of decimals (2 unless `places` says otherwise), kept and added exactly."
    )
    schema = {
        "places": {
            "type": "integer",
            "minimum": 0,
            "maximum": 6,
            "description": "How many decimals; 2 unless given.",
        },
        "least": {"type": "number"},
        "most": {"type": "number"},
    }
    operators = ("is", "is_not", "in", "not_in", "above", "at_least", "below", "at_most", "between", "empty")
    places: ClassVar[int] = 2
    examples: ClassVar[tuple[Example, ...]] = (
        Example("1,250.5", D("1250.50"), "1,250.50", "1250.50"),
        Example("0.1", D("0.10"), "0.10", "0.10"),
        Example(0.1, D("0.10"), "0.10", "0.10"),
        Example("-.5", D("-0.50"), "-0.50", "-0.50"),
        Example("3.14159", D("3.14159"), "3.14159", "3.14159", options={"places": 5}),
        Example(" ", None, "", None),
        Example("1.234", refusal="1.234 has too many decimals. At most 2 are kept."),
        Example("1,5", refusal='"1,5" is not a number. Write digits, for example 1250.50.'),
        Example("1e5", refusal='"1e5" is not a number. Write digits, for example 1250.50.'),
        Example("abc", refusal='"abc" is not a number. Write digits, for example 1250.50.'),
        Example(float("nan"), refusal='"nan" is not a number. Write digits, for example 1250.50.'),
        Example(
            "99999999999999999",
            refusal="99,999,999,999,999,999 is too large. At most 90,071,992,547,409.91 fits.",
        ),
    )

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        number = number_in(given, at.formats)
        if number is None:
            return None
        return fitted(number, self.places_of(field), field.options.get("least"), field.options.get("most"))

    def places_of(self, field: Field) -> int:
        return field.options.get("places", self.places)

    def store(self, field: Field, value: Any) -> tuple[Any, ...]:
        return (None if value is None else scaled(value, self.places_of(field)),)

    def load(self, field: Field, raw: tuple[Any, ...]) -> Any:
        return None if raw[0] is None else unscaled(raw[0], self.places_of(field))

    def json(self, field: Field, value: Any) -> Any:
        return None if value is None else f"{value:f}"

    def typed(self, field: Field, value: Any, formats: Formats) -> str:
        return typed_number(value, formats)

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        places = self.places_of(field)
        return "" if value is None else writer(formats, places)(scaled(value, places))

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        write = writer(formats, self.places_of(field))
        return lambda *raw: "" if raw[0] is None else write(raw[0])

    def control(self, field: Field, at: Control) -> Html:
        return text_input(at, class_="input is-number", inputmode="decimal", autocomplete="off")
