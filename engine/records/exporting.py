"""A list as a file: the rows and columns that the actor may read, written while they are read.

What is written can be imported again: days and moments as `2026-01-31 14:30` on the reader's clock, plain decimals, a
choice by its value, a reference by its title. One function is generated for each list of columns.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from engine.actor import Actor
from engine.blueprint.entities import Entity
from engine.blueprint.values import FileRef, Money, Ref
from engine.errors import BadRequest
from engine.formats import Formats
from engine.parts import field_type
from engine.parts.derived import effective
from engine.parts.fields.contract import FieldType
from engine.parts.fields.money import has_several
from engine.parts.formulas import places_of
from engine.records.columns import Row, Shown, value_of
from engine.records.items import SCALED, scaled_by
from engine.records.query import Query
from engine.records.read import Reads
from engine.records.sheets import FORMULA, safe_cell
from engine.records.titles import POINTERS
from engine.words import said

KINDS = {"csv": "text/csv; charset=utf-8", "json": "application/json",
         "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip
MOST_IN_XLSX = 1_048_575  # rows of a sheet beside its headers
DAY = 86_400_000  # ms
MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PLAIN = frozenset({"integer", "date", "time", "phone"})  # written as they are kept
TEXTS = frozenset({"text", "long_text", "email", "url", "reference_number"})  # hardly ever the same twice
SIGNS = frozenset(FORMULA)
MOST_KEPT = 4096  # texts of a column
NUMBERS = frozenset({"integer", "decimal", "percent", "money"})


def export_csv(reads: Reads, actor: Actor, query: Query) -> Iterator[bytes]:
    """The file, piece by piece. Raises Refused without the export right, before the first piece is asked for."""
    export = reads.export(actor, query)
    return _pieces(export.columns, export.batches, reads.formats(actor))


def _pieces(columns: tuple[Shown, ...], batches: Iterator[list[Row]], formats: Formats) -> Iterator[bytes]:
    lines = lines_of(columns, formats)
    yield b"\xef\xbb\xbf" + _written([headers_of(columns)])  # so that spreadsheets read it as UTF-8
    for rows in batches:
        yield _written(lines(rows))


def _written(lines: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode("utf-8", "replace")


def export_xlsx(reads: Reads, actor: Actor, query: Query, path: Path) -> int:
    """Writes a spreadsheet with typed cells and no formulas; the number of rows. Raises Refused, BadRequest."""
    export = reads.export(actor, query)
    return _workbook(path, reads.blueprint.entities[query.entity], export.columns, export.batches, reads.formats(actor))


def export_to(
    reads: Reads, actor: Actor, query: Query, kind: str, path: Path, heard: Callable[[int], None] = lambda rows: None
) -> int:
    """Writes a file of one of KINDS; how many rows. `heard` is told of each batch's rows; what it raises ends the export.
    Raises Refused without the export right."""
    export, formats = reads.export(actor, query), reads.formats(actor)
    batches = _Counted(export.batches, heard)
    if kind == "xlsx":
        return _workbook(path, reads.blueprint.entities[query.entity], export.columns, batches, formats)
    lines = _pieces(export.columns, batches, formats) if kind == "csv" else _items(reads, export.columns, batches)
    with path.open("wb") as file:
        file.writelines(lines)
    return batches.rows


class _Counted(Iterator[list[Row]]):
    """Batches that are told of as they pass."""

    def __init__(self, batches: Iterator[list[Row]], heard: Callable[[int], None]) -> None:
        self.batches, self.heard, self.rows = batches, heard, 0

    def __next__(self) -> list[Row]:
        rows = next(self.batches)
        self.rows += len(rows)
        self.heard(len(rows))
        return rows


def _items(reads: Reads, columns: tuple[Shown, ...], batches: Iterator[list[Row]]) -> Iterator[bytes]:
    """A list of objects, as the API writes them, one a line."""
    between = b"[\n"
    for rows in batches:
        for item in reads.items(columns, rows):
            yield between + orjson.dumps(item)
            between = b",\n"
    yield b"[]\n" if between == b"[\n" else b"\n]\n"


def every_column(reads: Reads, actor: Actor, entity: Entity) -> tuple[str, ...]:
    """All that the actor may read and a file can hold, in the set's order."""
    readable = reads.sight.fields(actor.role, entity.name).values()
    kept = (f for f in readable if not f.system or f.name in ("owner", "created_at"))
    return tuple(f.name for f in kept if f.type != "children")


def headers_of(columns: tuple[Shown, ...]) -> list[str]:
    """Labels; the name where two columns have one label."""
    labels = Counter(shown.label.casefold() for shown in columns)
    return [safe_cell(s.label if labels[s.label.casefold()] == 1 else s.name) for s in columns]


# ---- CSV


def lines_of(columns: tuple[Shown, ...], formats: Formats) -> Callable[[list[Row]], list[tuple[Any, ...]]]:
    """A function from raw rows to cells. Its text holds only numbers of the plan."""
    known: dict[str, Any] = {"safe_cell": safe_cell, "SIGNS": SIGNS}
    pieces = [_piece(shown, formats, known) for shown in columns]
    text = f"lambda rows: [({', '.join(pieces)},) for r in rows]"
    return eval(compile(text, "<export>", "eval"), known)  # noqa: S307 - as in items.py


def _piece(shown: Shown, formats: Formats, known: dict[str, Any]) -> str:
    at, name = f"r[{shown.start}]", f"text{shown.start}"
    kind, part = effective(shown.field).type, field_type(shown.field.type)
    if shown.field.type in POINTERS and shown.late is None:
        known[name], title = _Texts(safe_cell), f"r[{shown.start + 1}]"
        return f"'' if {at} is None or {title} is None else {name}[{title}]"
    if kind in PLAIN:
        return at  # what is None is written as nothing
    if kind in TEXTS and _is_one(shown):
        return f"'' if {at} is None else safe_cell({at}) if {at}[:1] in SIGNS else {at}"
    known[name], of_row = _writer(shown, kind, part, formats)
    if of_row:
        return f"{name}(r)"
    return f"'' if {at} is None else {name}" + (f"[{at}]" if isinstance(known[name], _Texts) else f"({at})")


def _is_one(shown: Shown) -> bool:
    """Whether the cell is made of one raw value, that is there at once."""
    return not shown.late and not shown.targets and shown.stop - shown.start == 1


class _Texts(dict[Any, str]):
    """Texts of raw values that come again and again; those of the first few thousand are kept."""

    def __init__(self, write: Callable[[Any], str]) -> None:
        self.write = write

    def __missing__(self, raw: Any) -> str:
        text = self.write(raw)
        if len(self) < MOST_KEPT:
            self[raw] = text
        return text


def _writer(shown: Shown, kind: str, part: FieldType, formats: Formats) -> tuple[Callable[[Any], Any] | _Texts, bool]:
    """What makes the text of a raw value, and whether it wants the whole row."""
    field = shown.field
    if kind == "datetime":
        return moments(formats.zoneinfo, exact=not field.system), False
    if kind in SCALED:
        return scaled_by(places_of(effective(field))), False
    if kind == "yes_no":
        return ("No", "Yes").__getitem__, False
    if not _is_one(shown):
        return lambda row: safe_cell(text_of(shown, value_of(shown, row), formats)), True
    return _Texts(lambda raw: safe_cell(text_of(shown, part.load(field, (raw,)), formats))), False


def text_of(shown: Shown, value: Any, formats: Formats) -> str:
    """A value as `read` of its type would take it back, where it can."""
    if value is None:
        return ""
    if isinstance(value, tuple) and value and isinstance(value[0], Ref):
        return "; ".join(ref.title or "" for ref in value)
    if isinstance(value, Ref):
        return value.title or ""
    if isinstance(value, FileRef):
        return value.name
    if isinstance(value, Money):
        return f"{value.currency} {value.amount:f}" if has_several(shown.field) else f"{value.amount:f}"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    typed = field_type(shown.field.type).typed(shown.field, value, formats)
    return typed if isinstance(typed, str) else field_type(shown.field.type).show(shown.field, value, formats)


def moments(zone: ZoneInfo, *, exact: bool) -> Callable[[int], str]:
    """Milliseconds as `2026-01-31 14:30` in a zone; with the offset in the hour that comes twice. `exact`: with seconds
    and milliseconds where there are any, so that an import finds the very same."""
    steady, day_of, minute_of = lru_cache(MOST_KEPT)(_steady_offset(zone)), lru_cache(MOST_KEPT)(_day), _minutes()
    unsteady = _unsteady(zone)

    def write(milliseconds: int) -> str:
        offset = steady(milliseconds // DAY)
        if offset is None:
            text, rest = unsteady(milliseconds), milliseconds % 60_000
        else:
            day, rest = divmod(milliseconds + offset, DAY)
            text, rest = day_of(day) + minute_of[rest // 60_000], rest % 60_000
        if not exact or not rest:
            return text
        seconds = f":{rest // 1000:02}.{rest % 1000:03}" if rest % 1000 else f":{rest // 1000:02}"
        return f"{text[:16]}{seconds}{text[16:]}"

    return write


def _steady_offset(zone: ZoneInfo) -> Callable[[int], int | None]:
    """A day of UTC -> how many ms the zone is ahead all that day, the day before and the day after; None where it
    changes its clocks, as an hour that comes twice may lie on either side."""

    def offset(day: int) -> int | None:
        there = {(EPOCH + timedelta(days=day + near)).astimezone(zone).utcoffset() for near in (-1, 0, 1, 2)}
        ahead = there.pop() or timedelta()
        return None if there or ahead % MINUTE else ahead // timedelta(milliseconds=1)

    return offset


def _day(number: int) -> str:
    return f"{(EPOCH + timedelta(days=number)):%Y-%m-%d} "


def _minutes() -> tuple[str, ...]:
    return tuple(f"{minute // 60:02}:{minute % 60:02}" for minute in range(24 * 60))


def _unsteady(zone: ZoneInfo) -> Callable[[int], str]:
    def write(milliseconds: int) -> str:
        local = (EPOCH + timedelta(milliseconds=milliseconds)).astimezone(zone)
        twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
        return f"{local:%Y-%m-%d %H:%M}" + (f"{local:%z}" if twice else "")

    return write


# ---- XLSX


def _workbook(
    path: Path, entity: Entity, columns: tuple[Shown, ...], batches: Iterator[list[Row]], formats: Formats
) -> int:
    from xlsxwriter import Workbook

    book = Workbook(str(path), {"constant_memory": True, "in_memory": False, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("".join(c for c in entity.plural if c not in "[]:*?/\\'")[:31] or "Records")
    styles = {name: book.add_format({"num_format": form}) for name, form in _FORMS.items()}
    bold = book.add_format({"bold": True})
    for at, header in enumerate(headers_of(columns)):
        sheet.write_string(0, at, header, bold)
    sheet.freeze_panes(1, 0)
    number = 0
    for rows in batches:
        for row in rows:
            number += 1
            if number > MOST_IN_XLSX:
                book.close()
                raise BadRequest(said(
                    "A spreadsheet holds {most_in_xlsx} rows at most. Export as CSV, or filter the list.",
                    most_in_xlsx=f'{MOST_IN_XLSX:,}'
                ))
            for at, shown in enumerate(columns):
                _cell(sheet, number, at, shown, value_of(shown, row), formats, styles)
    book.close()
    return number


_FORMS = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm", "decimal": "#,##0.00", "text": "@"}


def _cell(
    sheet: Any, row: int, at: int, shown: Shown, value: Any, formats: Formats, styles: dict[str, Any]
) -> None:
    if value is None or value == ():
        return
    if isinstance(value, bool):
        sheet.write_string(row, at, "Yes" if value else "No")
    elif isinstance(value, int) and effective(shown.field).type in NUMBERS and abs(value) < 10**15:
        sheet.write_number(row, at, value)
    elif isinstance(value, Decimal) and abs(value) < 10**15:
        sheet.write_number(row, at, float(value), styles["decimal"])
    elif isinstance(value, Money) and not has_several(shown.field) and abs(value.amount) < 10**15:
        sheet.write_number(row, at, float(value.amount), styles["decimal"])
    elif isinstance(value, datetime):
        sheet.write_datetime(row, at, value.astimezone(formats.zoneinfo).replace(tzinfo=None), styles["datetime"])
    elif isinstance(value, date) and value.year >= 1900:
        sheet.write_datetime(row, at, value, styles["date"])
    else:
        sheet.write_string(row, at, text_of(shown, value, formats)[:32_767])


__all__ = ["KINDS", "every_column", "export_csv", "export_to", "export_xlsx"]
