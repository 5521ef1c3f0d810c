"""Rows out of a CSV or XLSX file, as texts; rows into one. What a cell says is never run and never a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from engine.errors import BadRequest

LARGEST = 200 * 1024 * 1024  # bytes of a file
LONGEST = 100_000  # characters of a cell
MOST_ROWS = 2_000_000
MOST_COLUMNS = 500

Line = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`rows` come one by one; `count` is their number where it is known before they are read, else None."""

    headers: Line
    rows: Iterator[Line]
    count: int | None = None


def read_sheet(path: Path) -> Sheet:
    """The first sheet of an XLSX file, or a CSV file in whatever encoding and with whatever separator it has.

    Raises BadRequest when it cannot be one."""
    if path.stat().st_size > LARGEST:
        raise BadRequest(f"{path.name} is larger than {LARGEST // 1024 // 1024} MB. Split it into smaller files.")
    with path.open("rb") as file:
        start = file.read(4)
    return _xlsx(path) if start.startswith(b"PK") else _csv(path)


def _csv(path: Path) -> Sheet:
    content = _decoded(path)
    try:
        dialect: Any = csv.Sniffer().sniff(content[:20_000], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    dialect.doublequote = True
    csv.field_size_limit(LONGEST)
    lines = csv.reader(io.StringIO(content, newline=""), dialect, strict=False)
    try:
        headers = tuple(header.strip() for header in next(lines, []))
    except csv.Error as error:
        raise BadRequest(f"{path.name} cannot be read as CSV: {error}.") from error
    return Sheet(_checked(headers, path), _capped(lines, path, len(headers)))


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    if b"\0" in content[:1000] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadRequest(f"{path.name} is neither CSV nor XLSX.")
    for encoding in ("utf-8-sig", "utf-16") if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig",):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    from charset_normalizer import from_bytes  # loaded for the rare file that is not UTF-8

    best = from_bytes(content[:500_000]).best()
    return content.decode(best.encoding if best else "cp1252", errors="replace")


def _xlsx(path: Path) -> Sheet:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        lines = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=True)
    except (CalamineError, ValueError, IndexError) as error:
        raise BadRequest(f"{path.name} cannot be read as XLSX: {error}.") from error
    if not lines:
        raise BadRequest(f"{path.name} is empty.")
    headers = tuple(_text(cell).strip() for cell in lines[0])
    rows = ([_text(cell) for cell in line] for line in lines[1:])
    return Sheet(_checked(headers, path), _capped(rows, path, len(headers)), len(lines) - 1)


def _text(cell: Any) -> str:
    """As a CSV file would hold it."""
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)


def _checked(headers: Line, path: Path) -> Line:
    if not any(headers):
        raise BadRequest(f"{path.name} has no headers: its first line must name the columns.")
    if len(headers) > MOST_COLUMNS:
        raise BadRequest(f"{path.name} has {len(headers)} columns; {MOST_COLUMNS} are the most that are taken.")
    twice = sorted({header for header in headers if header and headers.count(header) > 1})
    if twice:
        raise BadRequest(f"{path.name} has two columns named {', '.join(twice)}. Rename one.")
    return headers


def _capped(lines: Iterable[Sequence[str]], path: Path, width: int) -> Iterator[Line]:
    read = iter(lines)
    for number in range(MOST_ROWS + 1):
        try:
            line = next(read, None)
        except csv.Error as error:
            raise BadRequest(f"{path.name}, row {number + 2}: {error}.") from error
        if line is None:
            return
        if any(line):
            yield (*line, *[""] * (width - len(line)))
    raise BadRequest(f"{path.name} has more than {MOST_ROWS:,} rows. Split it into smaller files.")


def safe_cell(text: str) -> str:
    """A text that a spreadsheet will not take for a formula; a number with its sign stays one."""
    if text and text[0] in "=+-@\t\r" and not text[1:].replace(" ", "").replace(".", "").replace(",", "").isdigit():
        return f"'{text}"
    return text


__all__ = ["LARGEST", "Line", "Sheet", "read_sheet", "safe_cell"]
