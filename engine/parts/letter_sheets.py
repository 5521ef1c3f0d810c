"""A report's table in a letter: with bars that are cells of a table, as mail programs know no pictures of ours."""

from __future__ import annotations

from collections.abc import Iterator

from engine.markup import escape
from engine.parts.channels.contract import Sheet

CELL = "padding:6px 10px 6px 0;font-size:14px;line-height:20px;border-top:1px solid #dfe4e1;vertical-align:middle"
BAR = 120  # pixels of the longest


def sheet_as_text(sheet: Sheet) -> Iterator[str]:
    """Columns that stand beneath one another."""
    yield sheet.heading
    lines = [sheet.heads, *sheet.rows, *([sheet.total] if sheet.total else [])]
    widths = [max(len(line[at]) for line in lines if at < len(line)) for at in range(len(sheet.heads))]
    for line in lines:
        pairs = enumerate(zip(line, widths, strict=False))
        cells = [text.ljust(width) if at < sheet.words else text.rjust(width) for at, (text, width) in pairs]
        yield "  ".join(cells).rstrip()
    if sheet.note:
        yield sheet.note
    if sheet.link:
        yield sheet.link


def sheet_as_html(sheet: Sheet, color: str) -> str:
    faint = "color:#6b736f;font-weight:600;font-size:12px"
    heads = "".join(_cell("th", text, at >= sheet.words, faint) for at, text in enumerate(sheet.heads))
    bars = any(size is not None for size in sheet.sizes)
    rows = "".join(_row(sheet, at, color, bars) for at in range(len(sheet.rows)))
    foot = "".join(_cell("td", text, at >= sheet.words, "font-weight:600") for at, text in enumerate(sheet.total))
    between = '<td style="border-top:1px solid #dfe4e1"></td>' if bars else ""
    total = f"<tr>{_with_bar(sheet, foot, between)}</tr>" if foot else ""
    heading: str = escape(sheet.heading)
    if sheet.link:
        heading = f'<a href="{escape(sheet.link)}" style="color:{color};text-decoration:none">{heading}</a>'
    style = "margin:4px 0 0;font-size:12px;color:#6b736f"
    note = f'<p class="faint" style="{style}">{escape(sheet.note)}</p>' if sheet.note else ""
    return (
        f'<h2 class="ink" style="margin:22px 0 6px;font-size:15px;line-height:21px;color:#16201b">{heading}</h2>'
        f'<table width="100%" cellpadding="0" cellspacing="0" class="ink" style="border-collapse:collapse;color:#26302b">'
        f"<tr>{_with_bar(sheet, heads, between.replace('td', 'th'))}</tr>{rows}{total}</table>{note}"
    )


def _row(sheet: Sheet, at: int, color: str, bars: bool) -> str:
    cells = "".join(_cell("td", text, n >= sheet.words) for n, text in enumerate(sheet.rows[at]))
    size = sheet.sizes[at] if at < len(sheet.sizes) else None
    width = round(BAR * max(0.0, min(1.0, size))) if size else 0
    style = f"width:{width}px;height:12px;background:{color};border-radius:2px"
    drawn = f'<div style="{style}"></div>' if width else ""
    bar = f'<td width="{BAR}" style="{CELL}">{drawn}</td>'
    return f"<tr>{_with_bar(sheet, cells, bar if bars else '')}</tr>"


def _with_bar(sheet: Sheet, cells: str, bar: str) -> str:
    """The bar stands between the words and the numbers."""
    if not bar:
        return cells
    parts = cells.split("</td>" if "</td>" in cells else "</th>")
    end = "</td>" if "</td>" in cells else "</th>"
    return end.join(parts[: sheet.words]) + end + bar + end.join(parts[sheet.words :])


def _cell(tag: str, text: str, is_number: bool, more: str = "") -> str:
    way = "end" if is_number else "start"
    return f'<{tag} style="{CELL};text-align:{way};{more}"><bdi>{escape(text)}</bdi></{tag}>'


__all__ = ["sheet_as_html", "sheet_as_text"]
