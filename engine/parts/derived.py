"""What a field worked out from others shares with the type of its result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.markup import Html, tag
from engine.parts.fields.contract import Column, Control, FieldType, Unreadable
from engine.parts.plain import Plain
from engine.parts.refusals import is_blank
from engine.parts.registry import field_type


class Derived(Plain):
    """Its raw columns, value and looks are those of `result(field)`; nobody writes it."""

    stored: ClassVar[bool] = False

    def result(self, field: Field) -> Field:
        """A field of the result's type that stands for this one."""
        raise NotImplementedError

    def kind(self, field: Field) -> FieldType:
        return field_type(self.result(field).type)

    def columns(self, field: Field) -> tuple[Column, ...]:
        return self.kind(field).columns(self.result(field))

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        if is_blank(given):
            return None
        raise Unreadable(f"{field.label} is worked out from other fields. Leave it out.")

    def store(self, field: Field, value: Any) -> tuple[Any, ...]:
        return self.kind(field).store(self.result(field), value)

    def load(self, field: Field, raw: tuple[Any, ...]) -> Any:
        return self.kind(field).load(self.result(field), raw)

    def json(self, field: Field, value: Any) -> Any:
        return self.kind(field).json(self.result(field), value)

    def typed(self, field: Field, value: Any, formats: Formats) -> str:
        return self.kind(field).typed(self.result(field), value, formats)

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        return self.kind(field).show(self.result(field), value, formats)

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        return self.kind(field).cell(self.result(field), formats)

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        return self.kind(field).html(self.result(field), value, formats)

    def control(self, field: Field, at: Control) -> Html:
        return tag("output", at.text, class_="input", id=f"f-{at.name}", aria_describedby=at.described_by)


def effective(field: Field) -> Field:
    """The field itself, or what stands for its result when it is worked out."""
    kind = field_type(field.type)
    return effective(kind.result(field)) if isinstance(kind, Derived) else field


def operators_of(field: Field) -> tuple[str, ...]:
    """The operators that make sense for a field: of a derived one, those of its result."""
    offered, result = field_type(field.type).operators, field_type(effective(field).type).operators
    return tuple(word for word in result if word in offered)
