"""The reports that go with a mail: for each receiver the numbers of their own rights, in the words of their language."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.actor import Actor
from engine.blueprint.notifications import Notification
from engine.errors import BadRequest, NotFound
from engine.formats import Formats
from engine.parts.channels.contract import Attached, Sheet
from engine.parts.tables import Table, size_of
from engine.records import report_files
from engine.records.database import Connection
from engine.records.period_words import period_told
from engine.records.report_paper import MEDIA, Paper, Reader, file_of, pdf_of
from engine.records.reporting import Asked, period_of, table_of
from engine.runtime import Crm
from engine.words import speech

PDF = "pdf"
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
    rows = [tuple(row) for row in report_files.in_words(table, formats, say)]
    if table.page is not None:
        words = len(heads)
    note = " ".join(table.notes) if rows else say("Nothing to count here.")
    if len(rows) > MOST_ROWS:
        note = say("There are more rows; they are in the report.")
    total = tuple(report_files.total_in_words(table, formats, say))
    return Sheet(table.report.label, tuple(heads), tuple(rows[:MOST_ROWS]), words, _sizes(table), total, note, link)


def _sizes(table: Table) -> tuple[float | None, ...]:
    """How long the bars are; a table of two groups has none."""
    if len(table.axes) != 1:
        return ()
    sizes = [size_of(line.numbers[0]) for line in table.lines[:MOST_ROWS]]
    most = max((size for size in sizes if size is not None), default=None)
    if not most or most <= 0:
        return ()
    return tuple(max(float(size / most), 0.0) if size is not None else None for size in sizes)


def files_of(crm: Crm, notification: Notification, tables: list[Table], actor: Actor) -> Iterator[Attached]:
    """Raises Unusable where a paper cannot be made now: then the mail waits."""
    crm = crm.in_language(actor.language)
    reader = Reader.of(crm.reads, actor)
    if PDF in notification.report_files:
        yield Attached(f"{notification.name}.pdf", MEDIA[PDF], pdf_of(_paper(crm, notification, tables, actor), reader))
    for table in tables:
        for kind in notification.report_files:
            if kind != PDF:
                yield Attached(f"{table.report.name}.{kind}", MEDIA[kind].partition(";")[0], file_of(table, kind, reader))


def _paper(crm: Crm, notification: Notification, tables: list[Table], actor: Actor) -> Paper:
    """One for all of them: it is read, not worked on."""
    title = crm.blueprint.notifications[notification.name].label if len(tables) > 1 else tables[0].report.label
    periods = [_period(crm, notification, table, actor) for table in tables]
    one = len(set(periods)) == 1
    facts = [(speech(actor.language).say("Period"), periods[0])] if one else []
    return Paper(title, tables[0].as_of, tables, None, facts, (), (), () if one else periods)


def _period(crm: Crm, notification: Notification, table: Table, actor: Actor) -> str:
    period = period_of(table.report, Asked(notification.period))
    return period_told(crm.reads, actor, period, speech(actor.language))


__all__ = ["files_of", "sheet_of", "tables_for"]
