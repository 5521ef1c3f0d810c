"""The operators that ask of a record's past in its stages, from the kept stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from engine.blueprint.entities import Field
from engine.blueprint.values import Stayed
from engine.formats import Formats, Reading
from engine.parts.fields.contract import Unreadable
from engine.parts.operands import operand, shown
from engine.parts.operators.contract import Operator
from engine.parts.refusals import said
from engine.parts.registry import operator
from engine.parts.words import Span
from engine.words import said as sentence

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

EVER, FIRST, NOW = "ever", "first", "now"  # which of the stays are asked: any of them, the first of all, the present one
ANY_TIME = "any time"
ENTERED = Field("entered_at", "datetime", "Entered")  # what a span of time is asked of


class OfStays(Operator):
    """`sql` is given the stage and the moment of entry of one stay; the reader says that there is such a stay, among those
    that `asks` names. `have` are the record's stays, the first one first."""

    asks: ClassVar[str] = EVER

    def among(self, have: tuple[Stayed, ...]) -> tuple[Stayed, ...]:
        """Those of a record's stays that are asked."""
        if self.asks == FIRST:
            return have[:1]
        return tuple(stay for stay in have if stay.left_at is None) if self.asks == NOW else have

    def holds(self, field: Field, have: Any, value: Any) -> bool:
        return any(self.stayed(stay, value) for stay in self.among(have))

    def stayed(self, stay: Stayed, value: Any) -> bool:
        raise NotImplementedError


class Entry(OfStays):
    """`{Proposal: last month}`: a stage, and when it was entered. The operand is (stage, span), or (stage,) for any time."""

    takes: ClassVar[str] = "stay"

    def read(self, field: Field, given: Any, at: Reading | None) -> Any:
        stage, span = _pair(given)
        stage = operand(field, stage, at)
        if isinstance(span, str) and " ".join(span.split()).lower() == ANY_TIME:
            return (stage,)
        return stage, operator("within").read(ENTERED, span, at)

    def resolve(self, field: Field, value: Any, at: Reading) -> Any:
        return value[0], operator("within").resolve(ENTERED, value[1], at) if len(value) > 1 else None

    def sql(self, field: Field, columns: tuple[ColumnElement[Any], ...], value: Any) -> ColumnElement[bool]:
        stage, span = value
        there = operator("is").sql(field, columns[:1], stage)
        return there if span is None else there & operator("within").sql(ENTERED, columns[1:], span)

    def stayed(self, stay: Stayed, value: Any) -> bool:
        return stay.stage == value[0] and (value[1] is None or _in(stay, value[1]))

    def sentence(self, field: Field, value: Any, formats: Formats) -> str:
        when = value[1].text if len(value) > 1 else ANY_TIME
        return f"{field.label} {self.label} {shown(field, value[0], formats)}, {when}"


def _pair(given: Any) -> tuple[Any, Any]:
    """`{Proposal: last month}`, or the two of them in a row. Raises Unreadable."""
    if isinstance(given, Mapping) and len(given) == 1:
        return next(iter(given.items()))
    if isinstance(given, (list, tuple)) and len(given) == 2:
        return given[0], given[1]
    raise Unreadable(
        sentence(
            "{given} is not a stage with a span of time. Write for example {{Proposal: last month}}.", given=said(given)
        )
    )


def _in(stay: Stayed, span: Span) -> bool:
    return operator("within").holds(ENTERED, stay.entered_at, span)


__all__ = ["ANY_TIME", "ENTERED", "EVER", "FIRST", "NOW", "Entry", "OfStays"]
