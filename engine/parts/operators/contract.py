"""What every operator answers. One operator is one file; the file's name is the word in a condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from engine.blueprint.entities import Field
from engine.formats import Formats, Reading

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


class Operator:
    """Base of the operators; a subclass named `Part` in each file. Its SQL and its Python must agree on empty values:
    an empty field matches nothing but `empty: true` and the negative operators (`is_not`, `not_in`)."""

    word: ClassVar[str] = ""
    label: ClassVar[str] = ""  # in a filter's menu: "is at least"
    doc: ClassVar[str] = ""
    # value, list, flag, span (`today`, `last month`, `2026-01`), condition, stay (a stage and a span: `{NEW: today}`)
    takes: ClassVar[str] = "value"

    def read(self, field: Field, given: Any, at: Reading | None) -> Any:
        """The operand from YAML or a query string: values of the field's type, or a conditions.Word; raises Unreadable."""
        raise NotImplementedError

    def resolve(self, field: Field, value: Any, at: Reading) -> Any:
        """The operand with its Words made values (`today`, `me`); call it once before `sql` or `holds`.

        `my team` and `my subordinates` stay Words: the reader puts a subquery, or a set of ids, in their place."""
        raise NotImplementedError

    def sql(self, field: Field, columns: tuple[ColumnElement[Any], ...], value: Any) -> ColumnElement[bool]:
        """`value` has no Words left; `columns` are the field's, in order (the folded `find` column last when it has one)."""
        raise NotImplementedError

    def holds(self, field: Field, have: Any, value: Any) -> bool:
        raise NotImplementedError

    def sentence(self, field: Field, value: Any, formats: Formats) -> str:
        """`amount is above 10,000`; values in the reader's words."""
        raise NotImplementedError
