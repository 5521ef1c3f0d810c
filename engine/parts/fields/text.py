"""A line of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from engine.blueprint.entities import Field
from engine.folding import fold
from engine.formats import Formats, Reading
from engine.markup import Html, escaped, tag
from engine.parts.controls import text_input
from engine.parts.fields.contract import Control, Example
from engine.parts.plain import EMPTY, Plain, escaping, folded_needle
from engine.parts.refusals import line_of, within_length


class Type(Plain):
    label = "Text"
    doc = "One line of text. Blanks at its ends are dropped; a line break becomes a blank."
    schema = {
        "longest": {
            "type": "integer",
            "minimum": 1,
            "maximum": 10_000,
            "description": "Characters; 500 unless given.",
        }
    }
    operators = ("is", "is_not", "in", "not_in", "contains", "starts_with", "empty")
    searchable = True
    longest: ClassVar[int] = 500
    examples: ClassVar[tuple[Example, ...]] = (
        Example("  Asha Rao ", "Asha Rao", "Asha Rao", "Asha Rao"),
        Example("Rao\tAsha\n", "Rao Asha", "Rao Asha", "Rao Asha"),
        Example(
            "<script>alert(1)</script>",
            "<script>alert(1)</script>",
            "<script>alert(1)</script>",
            "<script>alert(1)</script>",
        ),
        Example("", None, "", None),
        Example(42, "42", "42", "42"),
        Example("a\0b", refusal="The text holds a NUL character. Remove it."),
        Example("\ud800", refusal="The text holds half a character. Give it as UTF-8."),
        Example({"a": 1}, refusal="\"{'a': 1}\" is not text. Give text."),
        Example("abcd", refusal="The text has 4 characters. At most 3 fit.", options={"longest": 3}),
    )

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        return within_length(line_of(given), field.options.get("longest", self.longest)) or None

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        return escaping

    def fact(self, field: Field, formats: Formats) -> Callable[..., str] | None:
        return lambda *raw: "" if raw[0] is None else f"<bdi>{escaped(raw[0])}</bdi>"

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        return EMPTY if value is None else tag("bdi", value)

    def control(self, field: Field, at: Control) -> Html:
        return text_input(at, maxlength=field.options.get("longest", self.longest))

    def find(self, field: Field, value: Any) -> str | None:
        return fold(value) or None if value else None

    def needle(self, field: Field, typed: str, formats: Formats) -> str | None:
        return folded_needle(typed)
