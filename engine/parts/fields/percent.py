"""A share of a hundred."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.markup import Html
from engine.parts.controls import affixed
from engine.parts.fields.contract import Control, Example
from engine.parts.fields.decimal import Type as DecimalType
from engine.parts.numerals import scaled, writer

D = Decimal


class Type(DecimalType):
    label = "Percent"
    doc = "A share of a hundred: 12.5 means 12.5 %. In a formula divide it by 100."
    schema = {"least": {"type": "number"}, "most": {"type": "number"}}
    examples = (
        Example("12.5", D("12.50"), "12.5%", "12.50"),
        Example("12.5 %", D("12.50"), "12.5%", "12.50"),
        Example(40, D("40.00"), "40%", "40.00"),
        Example("", None, "", None),
        Example("half", refusal='"half" is not a number. Write digits, for example 12.5.'),
        Example("101", refusal="101 is too large. It must be at most 100.", options={"most": 100}),
    )

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        plain = (
            given.strip().removesuffix("%").removesuffix("\u066a").strip()
            if isinstance(given, str)
            else given
        )
        try:
            return super().read(field, plain, at)
        except ValueError as refused:
            raise type(refused)(str(refused).replace("1250.50", "12.5")) from None

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        return (
            ""
            if value is None
            else _writer(formats, self.places_of(field))(scaled(value, self.places_of(field)))
        )

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        write = _writer(formats, self.places_of(field))
        return lambda *raw: "" if raw[0] is None else write(raw[0])

    def control(self, field: Field, at: Control) -> Html:
        return affixed(None, super().control(field, at), "%")


def _writer(formats: Formats, places: int) -> Callable[[int], str]:
    """Without idle zeros: shares are mostly whole."""
    whole, tenths = writer(formats, 0, "", "%"), writer(formats, 1, "", "%")
    full, unit = writer(formats, places, "", "%"), 10**places

    def write(raw: int) -> str:
        if raw % unit == 0:
            return whole(raw // unit)
        return tenths(raw * 10 // unit) if raw * 10 % unit == 0 else full(raw)

    return write
