"""Raw rows as JSON: one function generated for each list of columns.

What its type would make of a raw value is made here directly for the kinds that fill most lists, and remembered for
the others, as it depends on nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from engine.parts import field_type
from engine.parts.derived import effective
from engine.parts.fields.contract import FieldType
from engine.parts.formulas import places_of
from engine.records.columns import Row, Shown, value_of
from engine.records.sight import targets_of
from engine.records.titles import POINTERS

Items = Callable[[list[Row]], list[dict[str, Any]]]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SCALED = frozenset({"decimal", "percent"})


def items_of(shown: tuple[Shown, ...]) -> Items:
    """A function from raw rows to what orjson writes. Its text holds only names and numbers of the plan."""
    known: dict[str, Any] = {}
    pieces = ["'id': str(r[0])", "'version': r[1]", *(f"{s.name!r}: {_piece(s, known)}" for s in shown)]
    text = f"lambda rows: [{{{', '.join(pieces)}}} for r in rows]"
    return eval(compile(text, "<columns>", "eval"), known)  # noqa: S307 - four times as quick as a loop


def _piece(shown: Shown, known: dict[str, Any]) -> str:
    at, name = f"r[{shown.start}]", f"json{shown.start}"
    if shown.field.type == "id" or shown.field.name == "id":
        return f"str({at})"
    if shown.field.type in POINTERS:
        return f"None if {at} is None else {{'id': str({at}), 'title': r[{shown.start + 1}]}}"
    if _is_itself(shown):
        return at
    if effective(shown.field).type == "yes_no":
        return f"None if {at} is None else {at} == 1"
    known[name], of_row = _made(shown)
    return f"{name}(r)" if of_row else f"None if {at} is None else {name}({at})"


def _is_itself(shown: Shown) -> bool:
    kind = type(field_type(shown.field.type))
    return kind.json is FieldType.json and kind.load is FieldType.load and not _points(shown) and not shown.late


def _points(shown: Shown) -> bool:
    """Of what is worked out, whether its result points: a roll-up also knows the entity of its children."""
    return bool(targets_of(effective(shown.field)))


def _made(shown: Shown) -> tuple[Callable[[Any], Any], bool]:
    """The function, and whether it wants the whole row rather than the first raw value, which is not None."""
    field, kind = shown.field, effective(shown.field)
    if kind.type == "datetime":
        return moment, False
    if kind.type in SCALED:
        return scaled_by(places_of(kind)), False
    if shown.late or _points(shown):
        return lambda row: field_type(field.type).json(field, value_of(shown, row)), True
    if shown.stop - shown.start == 1:
        part = field_type(field.type)
        return lru_cache(4096)(lambda raw: part.json(field, part.load(field, (raw,)))), False
    return lambda row: field_type(field.type).json(field, value_of(shown, row)), True


@lru_cache(16_384)
def moment(milliseconds: int) -> str:
    """As the type `datetime` writes it: `2026-01-31T14:30:00Z`, with milliseconds where there are any."""
    text = (EPOCH + timedelta(milliseconds=milliseconds)).isoformat(timespec="milliseconds")
    return f"{text[:19]}Z" if text[19:23] == ".000" else f"{text[:23]}Z"


def scaled_by(places: int) -> Callable[[int], str]:
    """A scaled integer as an exact decimal text."""
    unit = 10**places
    if not places:
        return str

    def write(raw: int) -> str:
        whole, rest = divmod(abs(raw), unit)
        return f"{'-' if raw < 0 else ''}{whole}.{rest:0{places}}"

    return write
