"""A record's own number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading
from engine.parts.fields.contract import Example
from engine.parts.links import id_in
from engine.parts.plain import Whole
from engine.parts.refusals import is_blank


class Type(Whole):
    label = "Number of the record"
    doc = (
        "Given by the engine when a record is made; later records have larger ones. "
        "JSON carries it as text, for it is longer than JSON's numbers are exact."
    )
    operators = ("is", "is_not", "in", "not_in")
    numeric = False
    examples = (
        Example("374215681638400001", 374215681638400001, "374215681638400001", "374215681638400001"),
        Example(12, 12, "12", "12"),
        Example("", None, "", None),
        Example("twelve", refusal='"twelve" is not the number of a record. Choose one from the list.'),
        Example(-1, refusal='"-1" is not the number of a record. Choose one from the list.'),
    )

    def read(self, field: Field, given: Any, at: Reading) -> Any:
        return None if is_blank(given) else id_in(given)

    def json(self, field: Field, value: Any) -> Any:
        return None if value is None else str(value)

    def cell(self, field: Field, formats: Formats) -> Callable[..., str]:
        return lambda *raw: "" if raw[0] is None else str(raw[0])
