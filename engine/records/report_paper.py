"""Reports on paper: one, or a dashboard of them, as a PDF for one reader; and a chart as a picture of its own.

All is made of the tables that the reader was given: what they may not read is in no paper and no picture of theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.errors import NotFound
from engine.formats import Formats
from engine.parts import field_type
from engine.parts.brand import LOGOS, colour_of, logo_of
from engine.parts.charts.contract import Chart, Look
from engine.parts.paper.picture import Picture, data_of, picture, png_of, svg_of
from engine.parts.paper.printing import printed
from engine.parts.plotting import heads_of
from engine.parts.registry import charts
from engine.parts.tables import Table
from engine.parts.telling import key_of, number_of
from engine.records.period_words import MOMENT
from engine.records.read import Reads
from engine.records.report_files import MEDIA as TABLES, content_of, heads, in_words, total_in_words
from engine.words import Speech, direction, said, speech
from engine.words.bidi import isolated

MOST_PRINTED = 1000  # rows of a table; nobody reads more on paper, and a file has all
MOST_DRAWN = 60  # groups in a picture that cannot be pointed at
MOST_ACROSS = 14  # columns that stand side by side on a page
WIDE = 8  # columns beyond which the page is turned
LONGEST = 300  # characters of a cell
UNBROKEN = 28  # of a word, before it may be broken
PICTURES = {"svg": "image/svg+xml", "png": "image/png"}
MEDIA = {"pdf": "application/pdf", **TABLES, **PICTURES}


@dataclass(frozen=True, slots=True)
class Tile:
    """A number of a dashboard, in words; `note` is its change."""

    label: str
    number: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom something is printed: their name, words and way of writing, and whose house it comes from."""

    blueprint: Blueprint
    name: str
    formats: Formats
    speech: Speech

    @property
    def mirrored(self) -> bool:
        return direction(self.formats.language) == "rtl"

    @property
    def look(self) -> Look:
        return Look(self.formats, self.speech.say, mirrored=self.mirrored, plain=True)

    @classmethod
    def of(cls, reads: Reads, actor: Actor) -> Reader:
        return cls(reads.blueprint, actor.name, reads.formats(actor), speech(actor.language))

    def moment(self, at: datetime) -> str:
        return field_type("datetime").show(MOMENT, at, self.formats)


@dataclass(frozen=True, slots=True)
class Paper:
    """`facts`: what it was asked about, in pairs of words. `counts`: what each series counts, likewise."""

    title: str
    at: datetime
    tables: Sequence[Table]
    help: str | None = None
    facts: Sequence[tuple[str, str]] = ()
    tiles: Sequence[Tile] = ()
    counts: Sequence[tuple[str, str]] = ()
    periods: Sequence[str] = ()  # of each table, where they differ


def pdf_of(paper: Paper, reader: Reader) -> bytes:
    """Raises Unusable."""
    return printed("paper.typ", _data(paper, reader), paper.at)


def paper_of(table: Table, facts: Sequence[tuple[str, str]] = (), counts: Sequence[tuple[str, str]] = ()) -> Paper:
    """Of one report."""
    return Paper(table.report.label, table.as_of, [table], table.report.help, facts, (), counts)


def file_of(
    table: Table, kind: str, reader: Reader, facts: Sequence[tuple[str, str]] = (), counts: Sequence[tuple[str, str]] = ()
) -> bytes:
    """One report as a file of one of MEDIA. Raises NotFound for a picture of what is not drawn, Unusable."""
    if kind == "pdf":
        return pdf_of(paper_of(table, facts, counts), reader)
    if kind in PICTURES:
        return picture_of(table, kind, reader, " · ".join(words for _, words in facts))
    return content_of(table, kind, reader.formats, reader.speech.say)


def picture_of(table: Table, kind: str, reader: Reader, told: str = "") -> bytes:
    """The chart as one of PICTURES, with its heading. Raises NotFound where it is words, Unusable."""
    made = _picture(table, reader.look, (table.report.label, told))
    if made is None:
        raise NotFound(said("There is no picture of this report: it is read as a table."))
    return svg_of(made) if kind == "svg" else png_of(made, table.as_of, _language(reader.formats))


# ---- the data of a paper


def _data(paper: Paper, reader: Reader) -> dict[str, Any]:
    say, mirrored = reader.speech.say, reader.mirrored
    at = reader.moment(paper.at)
    facts = [*paper.facts, (say("As of"), at), (say("Made for"), reader.name)]
    periods = paper.periods or [""] * len(paper.tables)
    pairs = zip(paper.tables, periods, strict=True)
    sections = [_section(table, reader, period, alone=_is_alone(paper)) for table, period in pairs]
    firm = reader.blueprint.manifest.title
    foot = " · ".join(isolated(part, mirrored) for part in (firm, reader.name, at))
    return {
        "language": _language(reader.formats), "mirrored": mirrored, "firm": firm, "title": paper.title,
        "colour": colour_of(reader.blueprint.manifest.brand), "logo": _logo(reader.blueprint),
        "help": isolated(paper.help, mirrored) if paper.help else None,
        "facts": [(label, isolated(words, mirrored)) for label, words in facts if words],
        "tiles": [_tile(tile, mirrored) for tile in paper.tiles],
        "sections": sections, "landscape": any(len(s["table"]["heads"]) > WIDE for s in sections if s["table"]),
        "counts": [(what, isolated(words, mirrored)) for what, words in paper.counts],
        "counts-head": say("Why these numbers"), "foot": foot,
    }  # fmt: skip


def _tile(tile: Tile, mirrored: bool) -> dict[str, str | None]:
    return {"label": tile.label, "number": isolated(tile.number, mirrored), "note": tile.note}


def _is_alone(paper: Paper) -> bool:
    return len(paper.tables) == 1 and paper.tables[0].report.label == paper.title


def _section(table: Table, reader: Reader, period: str, *, alone: bool) -> dict[str, Any]:
    """On a paper of one report its name stands at the head."""
    say = reader.speech.say
    drawn = _picture(table, reader.look)
    sheet = _sheet(table, reader) if table.lines or (table.page is not None and table.page.rows) else None
    notes = [*table.notes, *(say(sentence) for sentence in table.left_out)]
    if sheet is None:
        notes.append(say("Nothing to count here."))
    elif sheet.pop("more"):
        notes.append(say("There are more rows; they are in the spreadsheet."))
    return {
        "title": None if alone else table.report.label, "help": None if alone else table.report.help,
        "period": period or None, "picture": data_of(drawn) if drawn else None, "table": sheet, "notes": notes,
    }  # fmt: skip


def _sheet(table: Table, reader: Reader) -> dict[str, Any]:
    """The first rows in words; what stands across on the screen does so on paper, while there is room."""
    across = len(table.axes) == 2 and _kind(table).axes == (2,) and len(table.axes[1].values) <= MOST_ACROSS
    names, words, found, total = _across(table, reader) if across else _down(table, reader)
    rows = list(islice(found, MOST_PRINTED + 1))
    return {
        "heads": [_cell(name, reader) for name in names], "words": words, "more": len(rows) > MOST_PRINTED,
        "rows": [[_cell(text, reader) for text in row] for row in rows[:MOST_PRINTED]],
        "total": [_cell(text, reader) for text in total],
    }  # fmt: skip


def _down(table: Table, reader: Reader) -> tuple[list[str], int, Any, list[str]]:
    names = heads(table)
    words = len(names) if table.page is not None else len(table.axes)
    formats, say = reader.formats, reader.speech.say
    return names, words, in_words(table, formats, say), total_in_words(table, formats, say)


def _across(table: Table, reader: Reader) -> tuple[list[str], int, Any, list[str]]:
    """The first group down, the second across, the first measure between them."""
    formats, say, column = reader.formats, reader.speech.say, table.columns[0]
    by_key = {line.keys: line for line in table.lines}
    others = table.axes[1].values
    names = [table.axes[0].label, *(key_of(table.axes[1], value, formats, say) for value in others)]

    def row(head: Any) -> list[str]:
        lines = [by_key.get((head, other)) for other in others]
        rest = any(line is not None and line.is_rest for line in lines)
        told = say("Others") if rest else key_of(table.axes[0], head, formats, say)
        return [told, *(number_of(column, one.numbers[0], formats) if one else "" for one in lines)]

    return names, 1, map(row, heads_of(table)), []


def _picture(table: Table, look: Look, heading: tuple[str, str] | None = None) -> Picture | None:
    many = table.page is not None or len(table.lines) > MOST_DRAWN * max(1, len(table.axes))
    return None if many else picture(_kind(table), table, replace(look, width=640), heading)


def _kind(table: Table) -> Chart:
    return charts()[table.report.chart]


def _cell(text: str, reader: Reader) -> str:
    """On one page's width: cut where it is very long, and to be broken within a very long word."""
    short = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    words = [_broken(word) if len(word) > UNBROKEN else word for word in short.split(" ")]
    return isolated(" ".join(words), reader.mirrored)


def _broken(word: str) -> str:
    return "\u200b".join(word[at : at + UNBROKEN] for at in range(0, len(word), UNBROKEN))


def _logo(blueprint: Blueprint) -> dict[str, Any] | None:
    found = logo_of(blueprint.manifest.brand, blueprint.folders)
    return {"content": list(found[0]), "format": LOGOS[found[1]]} if found else None


def _language(formats: Formats) -> str:
    """As typst takes it: two or three letters."""
    short = formats.language.partition("-")[0].lower()
    return short if short.isascii() and short.isalpha() and 2 <= len(short) <= 3 else "en"


__all__ = ["MEDIA", "PICTURES", "Paper", "Reader", "Tile", "file_of", "pdf_of"]
