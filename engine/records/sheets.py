"""Rows out of a CSV or XLSX file, as texts; texts safe for one. What a cell says is never run and never a formula."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import BadRequest
from engine.words import said as sentence

LARGEST = 200 * 1024 * 1024  # bytes of a file
LONGEST = 100_000  # characters of a cell
MOST_ROWS = 2_000_000
MOST_COLUMNS = 500
DEADLINE = 120.0  # seconds for the child that reads an XLSX file
SEPARATORS = ",;\t|"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for the start of one

Line = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`rows` come one by one, each at least as long as `headers`; `count` is about how many there are."""

    name: str
    headers: Line
    rows: Iterator[Line]
    count: int


def read_sheet(path: Path) -> Sheet:
    """The first sheet of an XLSX file, or a CSV file in whatever encoding and with whatever separator it has.

    Raises BadRequest when it cannot be one."""
    if path.stat().st_size > LARGEST:
        raise BadRequest(sentence(
            "{name} is larger than {largest} MB. Split it into smaller files.",
            name=path.name, largest=LARGEST // 1024 // 1024
        ))
    with path.open("rb") as file:
        start = file.read(4)
    return _xlsx(path) if start == b"PK\3\4" else _csv(path)


# ---- CSV


def _csv(path: Path) -> Sheet:
    content = _decoded(path)
    separator = _separator(content)
    return _sheet(path, io.StringIO(content, newline=""), separator, max(0, content.count("\n") - 1))


def _sheet(path: Path, content: Iterable[str], separator: str, count: int) -> Sheet:
    csv.field_size_limit(LONGEST)
    lines = csv.reader(content, delimiter=separator)
    try:
        headers = tuple(header.strip() for header in next(lines, []))
    except csv.Error as error:
        raise BadRequest(sentence("{name} cannot be read as CSV: {error}.", name=path.name, error=error)) from error
    return Sheet(path.name, _checked(headers, path), _capped(lines, path, len(headers)), count)


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content[:1000]:
        raise BadRequest(sentence("{name} is neither CSV nor XLSX.", name=path.name))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes  # loaded for the rare file that is not UTF-8

        best = from_bytes(content[:500_000]).best()
        return content.decode(best.encoding if best else "cp1252", errors="replace")


def _separator(content: str) -> str:
    """The one that the first line has most of outside of quotes; the standard library's sniffer guesses worse."""
    first = "".join(content[:20_000].partition("\n")[0].split('"')[::2])
    return max(SEPARATORS, key=first.count)


# ---- XLSX


def _xlsx(path: Path) -> Sheet:
    """A child process with bounded memory and time makes a CSV file of it: a small XLSX may unfold to gigabytes."""
    folder = tempfile.TemporaryDirectory(prefix="crm-xlsx-")
    plain = Path(folder.name) / "sheet.csv"
    child = [sys.executable, "-m", "engine.records.xlsx", str(path.resolve()), str(plain)]
    try:
        done = subprocess.run(child, capture_output=True, timeout=DEADLINE, check=False, cwd=_ROOT)
    except subprocess.TimeoutExpired:
        folder.cleanup()
        raise BadRequest(sentence("{name} takes too long to be read. Save it as CSV.", name=path.name)) from None
    if done.returncode:
        folder.cleanup()
        said = done.stderr.decode(errors="replace").strip().splitlines() if done.returncode == 3 else []
        raise BadRequest(f"{path.name} {said[-1] if said else 'is too large when unfolded. Save it as CSV.'}")
    return _sheet(path, _lines_of(plain, folder), ",", int(done.stdout or b"1") - 1)


_ROOT = Path(__file__).parents[2]  # where the child finds the program


def _lines_of(plain: Path, folder: tempfile.TemporaryDirectory[str]) -> Iterator[str]:
    with folder, plain.open(newline="", encoding="utf-8") as file:
        yield from file


# ---- both


def _checked(headers: Line, path: Path) -> Line:
    if not any(headers):
        raise BadRequest(sentence("{name} has no headers: its first line must name the columns.", name=path.name))
    if len(headers) > MOST_COLUMNS:
        raise BadRequest(sentence(
            "{name} has {count} columns; {most_columns} are the most that are taken.",
            name=path.name, count=len(headers), most_columns=MOST_COLUMNS
        ))
    twice = sorted({header for header in headers if header and headers.count(header) > 1})
    if twice:
        raise BadRequest(sentence(
            "{name} has two columns named {names}. Rename one.", name=path.name, names=', '.join(twice)
        ))
    return headers


def _capped(lines: Iterator[list[str]], path: Path, width: int) -> Iterator[Line]:
    number = 0
    try:
        for number, line in enumerate(lines, 1):
            if number > MOST_ROWS:
                raise BadRequest(sentence(
                    "{name} has more than {most_rows} rows. Split it into smaller files.",
                    name=path.name, most_rows=f'{MOST_ROWS:,}'
                ))
            if any(line):
                yield tuple(line) if len(line) >= width else (*line, *[""] * (width - len(line)))
    except csv.Error as error:
        raise BadRequest(sentence(
            "{name}, row {number}: {error}.", name=path.name, number=number + 2, error=error
        )) from error


def safe_cell(text: str) -> str:
    """A text that a spreadsheet will not take for a formula; a number with its sign stays one."""
    if text.startswith(FORMULA) and not _is_number(text):
        return f"'{text}"
    return text


def plain_cell(text: str) -> str:
    """The inverse of `safe_cell`."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def _is_number(text: str) -> bool:
    digits = text[1:].replace(".", "", 1)
    return text[0] in "+-" and digits.isascii() and digits.isdigit()


__all__ = ["LARGEST", "Line", "Sheet", "plain_cell", "read_sheet", "safe_cell"]
