"""A whole number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.markup import Html
from engine.parts.controls import text_input
from engine.parts.fields.contract import Control, Example
from engine.parts.numerals import typed_number, whole_in, writer
from engine.parts.plain import Whole


class Type(Whole):
    label = "Whole number"
    doc = "A whole number, up to 9,007,199,254,740,991 either way."
    schema = {"least": {"type": "integer"}, "most": {"type": "integer"}}
    operators = ("is", "is_not", "in", "not_in", "above", "at_least", "below", "at_most", "between", "empty")
    examples = (
        Example("1,00,000", 100_000, "100,000", 100_000),
        Example(" 12 ", 12, "12", 12),
        Example("-7", -7, "-7", -7),
        Example(3.0, 3, "3", 3),
        Example("٤٢", 42, "42", 42),
        Example("", None, "", None),
        Example("1.5", refusal="1.5 has too many decimals. Write a whole number."),
        Example("abc", refusal='"abc" is not a number. Write digits, for example 42.'),
        Example(True, refusal='"True" is not a number. Write digits, for example 42.'),
        Example(
            "10000000000000000",
            refusal="10,000,000,000,000,000 is too large. At most 9,007,199,254,740,991 fits.",
        ),
        Example("3", refusal="3 is too small. It must be at least 5.", options={"least": 5}),
        Example("11", refusal="11 is too large. It must be at most 10.", options={"most": 10}),
    )

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        return whole_in(given, at.formats, field.options.get("least"), field.options.get("most"))

    def typed(self, field: Field, value: Any, formats: Formats) -> str:
        return typed_number(value, formats)

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        return "" if value is None else writer(formats, 0)(value)

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        write = writer(formats, 0)
        return lambda *raw: "" if raw[0] is None else write(raw[0])

    def control(self, field: Field, at: Control) -> Html:
        return text_input(at, class_="input is-number", inputmode="numeric", autocomplete="off")
