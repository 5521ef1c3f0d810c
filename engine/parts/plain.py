"""What most field types share: one raw column, shown as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from engine.blueprint.entities import Field
from engine.folding import fold
from engine.formats import Formats
from engine.markup import Html, escaped, join
from engine.parts.controls import text_input
from engine.parts.fields.contract import Column, Control, FieldType

EMPTY = Html("")


class Plain(FieldType):
    """`show` says it all: cells, pages and controls are made from it unless a type knows better."""

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        load, show = self.load, self.show
        return lambda *raw: escaped(show(field, load(field, raw), formats)) if raw[0] is not None else ""

    def fact(self, field: Field, formats: Formats) -> Callable[..., str] | None:
        """A page shows what a list does, unless a type has something else for its pages."""
        return self.cell(field, formats) if type(self).html is Plain.html else None

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        return EMPTY if value is None else join(self.show(field, value, formats))

    def control(self, field: Field, at: Control) -> Html:
        return text_input(at)


class Whole(Plain):
    """Kept as an integer of 64 bits."""

    numeric: ClassVar[bool] = True

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(kind="integer"),)


def escaping(*raw: Any) -> str:
    """The cell of a text."""
    return "" if raw[0] is None else escaped(raw[0])


def folded_needle(typed: str) -> str | None:
    return fold(typed[:500]) or None
