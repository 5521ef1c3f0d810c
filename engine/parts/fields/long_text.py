"""Text of several lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from engine.blueprint.entities import Field
from engine.folding import fold
from engine.formats import Formats, Reading
from engine.markup import Html, escaped, tag
from engine.parts.controls import text_area
from engine.parts.fields.contract import Control, Example
from engine.parts.plain import EMPTY, Plain, folded_needle
from engine.parts.refusals import text_of, within_length

_SHOWN = 160  # characters of it in a list
_FOUND = 2_000  # characters of it that search looks in


class Type(Plain):
    label = "Long text"
    doc = "Text of several lines, kept as it was typed."
    schema = {
        "longest": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1_000_000,
            "description": "Characters; 20,000 unless given.",
        }
    }
    operators = ("contains", "empty")
    sortable = False
    longest: ClassVar[int] = 20_000
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "Called.\r\nWill call back.\n",
            "Called.\nWill call back.",
            "Called.\nWill call back.",
            "Called.\nWill call back.",
        ),
        Example(" \n ", None, "", None),
        Example(
            "<script>alert(1)</script>",
            "<script>alert(1)</script>",
            "<script>alert(1)</script>",
            "<script>alert(1)</script>",
        ),
        Example([1], refusal='"[1]" is not text. Give text.'),
        Example("abcd", refusal="The text has 4 characters. At most 3 fit.", options={"longest": 3}),
    )

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        if given is None:
            return None
        text = text_of(given).replace("\r\n", "\n").replace("\r", "\n")
        return within_length(text, field.options.get("longest", self.longest)) or None

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        return _first_line

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        return EMPTY if value is None else tag("div", value, class_="prose is-plain", dir="auto")

    def control(self, field: Field, at: Control) -> Html:
        return text_area(at, rows=4, dir="auto", maxlength=field.options.get("longest", self.longest))

    def find(self, field: Field, value: Any) -> str | None:
        return fold(value[:_FOUND]) or None if value else None

    def needle(self, field: Field, typed: str, formats: Formats) -> str | None:
        return folded_needle(typed)


def _first_line(*raw: Any) -> str:
    if raw[0] is None:
        return ""
    line = raw[0][: _SHOWN + 1].partition("\n")[0]
    return escaped(line if len(line) <= _SHOWN else line[:_SHOWN] + "…")
