"""Text with headings, lists and links, written in Markdown."""

from __future__ import annotations

from typing import Any

from engine.blueprint.entities import Field
from engine.formats import Formats
from engine.markup import Html, rich, tag
from engine.parts.fields.contract import Example
from engine.parts.fields.long_text import Type as LongText
from engine.parts.plain import EMPTY


class Type(LongText):
    label = "Rich text"
    doc = "Markdown: headings, lists, tables, emphasis and links. HTML in it is shown as text; pictures are not loaded."
    longest = 100_000
    schema = {
        "longest": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1_000_000,
            "description": "Characters; 100,000 unless given.",
        }
    }
    examples = (
        Example("**Agreed** on site", "**Agreed** on site", "**Agreed** on site", "**Agreed** on site"),
        Example("", None, "", None),
        Example(
            "<script>alert(1)</script>",
            "<script>alert(1)</script>",
            "<script>alert(1)</script>",
            "<script>alert(1)</script>",
        ),
        Example(True, refusal='"True" is not text. Give text.'),
    )

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        return EMPTY if value is None else tag("div", rich(value), class_="prose", dir="auto")
