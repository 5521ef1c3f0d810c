"""A report's table as a file: CSV, a spreadsheet with typed cells, JSON. Texts are never formulas."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from engine.blueprint.values import FileRef, Money, Ref
from engine.formats import Formats
from engine.parts import field_type
from engine.parts.derived import effective
from engine.parts.tables import Axis, Column, Line, Table, size_of
from engine.parts.telling import key_of, number_of
from engine.records.columns import Shown, value_of
from engine.records.exporting import headers_of, text_of

MEDIA = {
    "csv": "text/csv; charset=utf-8", "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
KINDS = tuple(MEDIA)
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for one, at the beginning of a text
PERCENT, AMOUNT, WHOLE = "0.0%", "#,##0.00", "#,##0"


def content_of(table: Table, kind: str, formats: Formats, say: Any = str) -> bytes:
    """The file of that kind, in the reader's words."""
    if kind == "csv":
        return csv_of(table, formats, say)
    if kind == "json":
        return json_of(table, formats)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        xlsx_to(table, path, formats, say)
        return path.read_bytes()


def csv_of(table: Table, formats: Formats, say: Any = str) -> bytes:
    """UTF-8 with its mark, so that spreadsheets read it right; numbers as plain digits."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_harmless(head) for head in heads(table)])
    for row in rows(table, formats, say):
        writer.writerow([_harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def heads(table: Table) -> list[str]:
    if table.page is not None:
        return headers_of(table.page.columns)
    return [*(axis.label for axis in table.axes), *(column.label for column in table.columns)]


def rows(table: Table, formats: Formats, say: Any = str) -> Iterator[list[Any]]:
    """Words, and numbers that a program can add: percents as parts of one, stays in days."""
    if table.page is not None:
        for row in table.page.rows:
            yield [text_of(shown, value_of(shown, row), formats) for shown in table.page.columns]
        return
    for line in table.lines:
        numbers = zip(table.columns, line.numbers, strict=True)
        yield [*_keys(table.axes, line, formats, say), *(_plain(column, n, formats) for column, n in numbers)]


def _keys(axes: tuple[Axis, ...], line: Line, formats: Formats, say: Any) -> list[str]:
    told = [key_of(axis, value, formats, say) for axis, value in zip(axes, line.keys, strict=True)]
    return [str(say("Others")), *told[1:]] if line.is_rest and told else told


def in_words(table: Table, formats: Formats, say: Any = str) -> Iterator[list[str]]:
    """As people read them; of a list of records the cells of its columns."""
    if table.page is not None:
        for row in table.page.rows:
            yield [_shown(shown, value_of(shown, row), formats) for shown in table.page.columns]
        return
    for line in table.lines:
        numbers = zip(table.columns, line.numbers, strict=True)
        yield [*_keys(table.axes, line, formats, say), *(number_of(column, n, formats) or "–" for column, n in numbers)]


def total_in_words(table: Table, formats: Formats, say: Any = str) -> list[str]:
    """Nothing where a table has one line, or none."""
    if table.total is None or not table.axes or len(table.lines) < 2:
        return []
    numbers = (number_of(column, n, formats) for column, n in zip(table.columns, table.total.numbers, strict=True))
    return [str(say("Total")), *([""] * (len(table.axes) - 1)), *numbers]


def _shown(shown: Shown, value: Any, formats: Formats) -> str:
    one = value[0] if isinstance(value, tuple) and value else value
    if one is None or isinstance(one, (Ref, FileRef)):
        return text_of(shown, value, formats)
    plain = effective(shown.field)
    return field_type(plain.type).show(plain, value, formats)


def _plain(column: Column, number: Any, formats: Formats) -> Any:
    if number is None:
        return ""
    if isinstance(number, timedelta):
        return round(number.total_seconds() / 86_400, 2)
    size = size_of(number)
    return number_of(column, number, formats) if size is None else size


def _harmless(text: str) -> str:
    """A spreadsheet would work out a text that begins like a formula; an apostrophe keeps it a text."""
    return f"'{text}" if text.startswith(FORMULA) else text


def json_of(table: Table, formats: Formats) -> bytes:
    """The groups and measures by their names; money with its currency, moments as they are."""
    lines = [
        {**{axis.name: key_as_json(axis, key) for axis, key in zip(table.axes, line.keys, strict=True)},
         **{column.name: number_as_json(number) for column, number in zip(table.columns, line.numbers, strict=True)},
         **({"others": True} if line.is_rest else {})}
        for line in table.lines
    ]  # fmt: skip
    if table.page is not None:
        lines = [dict(zip(headers_of(table.page.columns), row, strict=True)) for row in rows(table, formats)]
    notes = {"notes": table.notes} if table.notes else {}
    return orjson.dumps({"report": table.report.name, "as_of": table.as_of, "period": table.period, "rows": lines,
                         "left_out": [str(sentence) for sentence in table.left_out], **notes})  # fmt: skip


def key_as_json(axis: Axis, key: Any) -> Any:
    if isinstance(key, Ref):
        return {"id": str(key.id), "title": key.title}
    if key is None or axis.bucket:
        return key
    plain = effective(axis.field)
    return field_type(plain.type).json(plain, key)


def number_as_json(number: Any) -> Any:
    if isinstance(number, tuple):
        return [number_as_json(one) for one in number]
    if isinstance(number, Money):
        return {"amount": f"{number.amount:f}", "currency": number.currency}
    if isinstance(number, timedelta):
        return round(number.total_seconds())
    return f"{number:f}" if isinstance(number, Decimal) else number


def xlsx_to(table: Table, path: Path, formats: Formats, say: Any = str) -> None:
    """Typed cells: counts, amounts, percents."""
    from xlsxwriter import Workbook

    book = Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("".join(c for c in table.report.label if c not in "[]:*?/\\'")[:31] or "Report")
    bold = book.add_format({"bold": True})
    forms = {form: book.add_format({"num_format": form}) for form in (PERCENT, AMOUNT, WHOLE)}
    for at, head in enumerate(heads(table)):
        sheet.write_string(0, at, head, bold)
    sheet.freeze_panes(1, len(table.axes))
    for number, row in enumerate(rows(table, formats, say), 1):
        for at, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, at, cell)
            else:
                sheet.write_number(number, at, float(cell), forms[_form(table, at)])
    book.close()


def _form(table: Table, at: int) -> str:
    column = table.columns[at - len(table.axes)]
    return {"percent": PERCENT, "count": WHOLE}.get(column.kind, AMOUNT)


__all__ = ["KINDS", "MEDIA", "content_of", "heads", "in_words", "key_as_json", "number_as_json", "rows", "total_in_words"]
