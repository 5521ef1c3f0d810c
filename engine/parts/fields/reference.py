"""Another record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from engine.blueprint.entities import Field
from engine.blueprint.values import Ref
from engine.formats import Formats, Reading
from engine.markup import Html, trusted
from engine.parts.fields.contract import Column, Control, Example
from engine.parts.links import id_in, id_of, link, linker, picker, told
from engine.parts.plain import EMPTY, Plain
from engine.parts.refusals import is_blank

_SAMPLE = {"entity": "account"}


class Type(Plain):
    """Read and kept as an id; the reader makes it a Ref with the title that this actor may see."""

    label = "Reference"
    doc = (
        "One record of another entity. Whoever may not open that record sees that there is one, and no more."
    )
    schema = {
        "to": {"type": "string", "description": "The entity it points at.", "examples": ["account"]},
        "when": {"type": "object", "description": "A condition on the records that may be picked."},
    }
    needs: ClassVar[tuple[str, ...]] = ("to",)
    operators: ClassVar[tuple[str, ...]] = ("is", "is_not", "in", "not_in", "where", "visible", "empty")
    beside = ("title",)
    noun: ClassVar[str] = "record"
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "374215681638400001",
            374215681638400001,
            "#374215681638400001",
            {"id": "374215681638400001"},
            options=_SAMPLE,
        ),
        Example({"id": "12"}, 12, "#12", {"id": "12"}, options=_SAMPLE),
        Example("", None, "", None, options=_SAMPLE),
        Example(
            "Acme", refusal='"Acme" is not the number of a record. Choose one from the list.', options=_SAMPLE
        ),
        Example(
            True, refusal='"True" is not the number of a record. Choose one from the list.', options=_SAMPLE
        ),
    )

    def entity_of(self, field: Field) -> str:
        return field.options["entity"]

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column(kind="integer", references=self.entity_of(field)),)

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        return None if is_blank(given) else id_in(given, self.noun)

    def store(self, field: Field, value: Any) -> tuple[Any, ...]:
        return (id_of(value),)

    def json(self, field: Field, value: Any) -> Any:
        if value is None:
            return None
        bare = {"id": str(id_of(value))}
        return {**bare, "title": value.title} if isinstance(value, Ref) else bare

    def typed(self, field: Field, value: Any, formats: Formats) -> str:
        return "" if value is None else str(id_of(value))

    def show(self, field: Field, value: Any, formats: Formats) -> str:
        return told(value)

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        return linker(self.entity_of(field))

    def fact(self, field: Field, formats: Formats) -> Callable[..., str] | None:
        return self.cell(field, formats)

    def html(self, field: Field, value: Any, formats: Formats) -> Html:
        if value is None:
            return EMPTY
        ref = value if isinstance(value, Ref) else Ref(self.entity_of(field), value, told(value))
        return trusted(link(ref.entity, ref.id, ref.title))

    def control(self, field: Field, at: Control) -> Html:
        return picker(at)
