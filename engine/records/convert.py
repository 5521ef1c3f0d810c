"""A stored value of one field type as another's: what a person would read is read again by the new type.

So widening keeps everything, narrowing fails exactly where a form would refuse the value, and a new type needs nothing.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from engine.blueprint.entities import Field
from engine.blueprint.values import Money, Place
from engine.formats import Reading
from engine.parts import field_type
from engine.parts.fields.contract import Unreadable
from engine.records.shape import FieldShape, field_of

_POINTING = frozenset({"reference", "references", "reference_any", "user", "team", "file", "picture"})
_TEXTS = frozenset({"text", "long_text", "rich_text"})


class Unfit(ValueError):
    """This value cannot be one of the new type; the text says which and why."""


class Converter:
    """From the old raw columns to the new ones."""

    def __init__(self, old: FieldShape, new: Field, at: Reading) -> None:
        self._old = field_of(old)
        self._from = field_type(old.type)
        self._new = new
        self._to = field_type(new.type)
        self._at = at

    def converted(self, raw: tuple[Any, ...]) -> tuple[Any, ...]:
        """Raises Unfit."""
        value = self._from.load(self._old, raw)
        if value is None:
            return self._to.store(self._new, None)
        given = self._given(value)
        try:
            return self._to.store(self._new, self._to.read(self._new, given, self._at))
        except Unreadable as reason:
            raise Unfit(str(reason)) from reason

    def _given(self, value: Any) -> Any:
        if self._to.many:
            return list(value) if self._from.many else [str(value)]
        if self._from.many:
            return self._single(value)
        return self._text(value)

    def _single(self, value: tuple[Any, ...]) -> str:
        if len(value) > 1 and self._to.word not in _TEXTS:
            raise Unfit(f'"{", ".join(map(str, value))}" is more than one value.')
        return ", ".join(map(str, value))

    def _text(self, value: Any) -> Any:
        match value:
            case Money(amount, currency):
                return f"{currency} {amount}" if self._to.word in {*_TEXTS, "money"} else str(amount)
            case Place(address):
                return address
            case bool():
                return str(int(value)) if self._to.numeric else ("Yes" if value else "No")
            case Decimal():
                return f"{value:f}"
            case datetime() if self._to.word in ("date", "time"):
                local = value.astimezone(self._at.formats.zoneinfo)
                return (local.date() if self._to.word == "date" else local.time()).isoformat()
            case date() | time():
                return value.isoformat()
            case _:
                return str(value)


def impossible(old: FieldShape, new: FieldShape) -> str | None:
    """Why no value could be carried over, and what to do instead; None when each may be tried."""
    if not ({old.type, new.type} & _POINTING):
        return None
    if _targets(old) and _targets(old) == _targets(new):
        return None
    return "What it points to cannot become another kind of value. Add a new field, fill it, then remove the old one."


def _targets(field: FieldShape) -> str | None:
    """The entity that a reference or references field points to."""
    return field.links_to or next((c.references for c in field.columns if c.references), None)
