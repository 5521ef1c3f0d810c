"""The field types' own word on how their values are stored."""

from __future__ import annotations

from functools import cache

from engine.parts import field_type
from engine.parts.fields.contract import Column, FieldType


@cache
def kind_of(word: str) -> FieldType:
    """The one instance of a field type."""
    try:
        return field_type(word)
    except KeyError:
        return _until_it_is_written(word)


def _until_it_is_written(word: str) -> FieldType:
    kind = type(word, (FieldType,), {"word": word})()
    integers = ("integer", "decimal", "percent", "yes_no", "datetime", "duration")
    if word in ("computed", "rollup", "children", "references"):
        kind.stored = False
    elif word == "money":
        kind.columns = lambda field: (Column("", "integer"), Column("currency"))
    elif word in ("reference", "user", "team"):
        kind.columns = lambda field: (Column("", "integer", references=field.options.get("entity", word)),)
    elif word in integers:
        kind.columns = lambda field: (Column("", "integer"),)
    return kind
