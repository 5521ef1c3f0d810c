"""The reports that go with a mail: for each receiver the numbers of their own rights, in the words of their language."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.actor import Actor
from engine.blueprint.notifications import Notification
from engine.errors import BadRequest, NotFound
from engine.formats import Formats
from engine.parts.channels.contract import Attached, Sheet
from engine.parts.tables import Table, size_of
from engine.parts.telling import key_of, number_of
from engine.records import report_files
from engine.records.database import Connection
from engine.records.reporting import Asked, table_of
from engine.runtime import Crm
from engine.words import speech

MOST_ROWS = 30  # in a letter; the whole table goes as a file


def tables_for(crm: Crm, connection: Connection, actor: Actor, notification: Notification) -> list[Table]:
    """Those of which there is something for this receiver."""
    return list(_tables(crm, connection, actor, notification))


def _tables(crm: Crm, connection: Connection, actor: Actor, notification: Notification) -> Iterator[Table]:
    for name in notification.reports:
        try:
            yield table_of(crm.reads, actor, crm.blueprint.reports[name], Asked(notification.period), connection)
        except (NotFound, BadRequest):
            continue


def sheet_of(table: Table, actor: Actor, formats: Formats, house: str) -> Sheet:
    say: Callable[[str], str] = speech(actor.language).say
    heads, words = report_files.heads(table), len(table.axes)
    link = f"{house}/reports/{table.report.name}" if house else None
    if table.page is not None:
        rows = [tuple(str(cell) for cell in row) for row in report_files.rows(table, formats, say)]
        words = len(heads)
    else:
        rows = [tuple(_line(table, at, formats, say)) for at in range(len(table.lines))]
    note = "" if rows else say("Nothing to count here.")
    if len(rows) > MOST_ROWS:
        note = say("There are more rows; they are in the report.")
    total = _total(table, formats, say) if len(rows) > 1 else ()
    return Sheet(table.report.label, tuple(heads), tuple(rows[:MOST_ROWS]), words, _sizes(table), total, note, link)


def _line(table: Table, at: int, formats: Formats, say: Callable[[str], str]) -> Iterator[str]:
    line = table.lines[at]
    told = [key_of(axis, value, formats, say) for axis, value in zip(table.axes, line.keys, strict=True)]
    yield from [say("Others"), *told[1:]] if line.is_rest and told else told
    yield from (number_of(column, n, formats) or "–" for column, n in zip(table.columns, line.numbers, strict=True))


def _total(table: Table, formats: Formats, say: Callable[[str], str]) -> tuple[str, ...]:
    if table.total is None or not table.axes:
        return ()
    numbers = (number_of(column, n, formats) for column, n in zip(table.columns, table.total.numbers, strict=True))
    return (say("Total"), *([""] * (len(table.axes) - 1)), *numbers)


def _sizes(table: Table) -> tuple[float | None, ...]:
    """How long the bars are; a table of two groups has none."""
    if len(table.axes) != 1:
        return ()
    sizes = [size_of(line.numbers[0]) for line in table.lines[:MOST_ROWS]]
    most = max((size for size in sizes if size is not None), default=None)
    return tuple(float(size / most) if size is not None and most else None for size in sizes) if most and most > 0 else ()


def files_of(notification: Notification, tables: list[Table], actor: Actor, formats: Formats) -> Iterator[Attached]:
    say = speech(actor.language).say
    for table in tables:
        for kind in notification.report_files:
            content = report_files.content_of(table, kind, formats, say)
            yield Attached(f"{table.report.name}.{kind}", report_files.MEDIA[kind].partition(";")[0], content)


__all__ = ["files_of", "sheet_of", "tables_for"]
