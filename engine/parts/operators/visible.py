"""Whether the reader may open the referenced record."""

from __future__ import annotations

from typing import Any

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.parts.nested import Nested
from engine.parts.operators.empty import flag
from engine.words import said


class Part(Nested):
    label = said("is open to the reader")
    doc = "true: the reference points at a record that the reader may open. An empty reference does not."
    takes = "flag"

    def read(self, field: Field, given: Any, at: Reading | None) -> Any:
        return flag(given)

    def sentence(self, field: Field, value: Any, formats: Formats) -> str:
        return f"{field.label} is {'' if value else 'not '}open to the reader"
