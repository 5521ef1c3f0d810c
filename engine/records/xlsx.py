"""The child process that reads a spreadsheet: `python -m engine.records.xlsx IN.xlsx OUT.csv` prints the number of lines.

It limits its own memory and time before it opens the file. Exit 3: the last line of its errors is for the person.
"""

from __future__ import annotations

import csv
import sys
import zipfile
from datetime import date, datetime, time
from typing import Any

MOST_MEMORY = 1500 * 1024 * 1024  # bytes
MOST_SECONDS = 100
MOST_UNFOLDED = 1024 * 1024 * 1024  # bytes, as the archive itself declares them
MOST_LINES = 2_000_001


def main(given: str, to: str) -> None:
    _limit()
    try:
        _check_archive(given)
        print(_write(given, to))
    except MemoryError:
        _refuse("is too large when unfolded. Save it as CSV.")


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the parent's deadline stands
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_UNFOLDED, MOST_UNFOLDED))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _check_archive(given: str) -> None:
    try:
        with zipfile.ZipFile(given) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNFOLDED:
                _refuse("is too large when unfolded. Save it as CSV.")
    except (zipfile.BadZipFile, OSError) as error:
        _refuse(f"cannot be read as XLSX: {error}.")


def _write(given: str, to: str) -> int:
    from python_calamine import CalamineError, CalamineWorkbook

    lines = 0
    with open(to, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        try:
            for line in CalamineWorkbook.from_path(given).get_sheet_by_index(0).iter_rows():
                lines += 1
                if lines > MOST_LINES:
                    _refuse(f"has more than {MOST_LINES - 1:,} rows. Split it into smaller files.")
                out.writerow(map(text_of, line))
        except (CalamineError, ValueError, IndexError) as error:
            _refuse(f"cannot be read as XLSX: {error}.")
    if not lines:
        _refuse("is empty.")
    return lines


def text_of(cell: Any) -> str:
    """As a CSV file would hold it."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime):
        finest = "milliseconds" if cell.microsecond else "seconds"
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec=finest)
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return str(cell)


def _refuse(sentence: str) -> None:
    print(sentence, file=sys.stderr)
    sys.exit(3)


if __name__ == "__main__":
    main(*sys.argv[1:])
