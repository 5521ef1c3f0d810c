"""What a mail looks like: one small layout that old and new mail programs show alike, in light and dark, in any direction.

Mail programs know no style sheets of ours, so the styles stand at each element; every text is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.markup import escape
from engine.parts.channels.contract import Sheet
from engine.parts.letter_sheets import sheet_as_html, sheet_as_text

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "sd", "ug", "yi", "dv", "ku"})
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_FONT = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
_DARK = (
    "@media (prefers-color-scheme:dark){.page{background:#111412!important}.card{background:#1b1f1d!important}"
    ".ink{color:#e8ecea!important}.faint{color:#9aa39e!important}.rule{border-color:#313734!important}}"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A message within the letter; a digest has several."""

    heading: str
    text: str
    link: str | None = None
    link_label: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    sheets: tuple[Sheet, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    title: str  # of the firm
    color: str
    language: str
    pieces: Sequence[Piece]
    foot: str = ""


def as_text(letter: Letter) -> str:
    parts = []
    for piece in letter.pieces:
        lines = [piece.heading, "", piece.text] if len(letter.pieces) > 1 else [piece.text]
        lines += [line for sheet in piece.sheets for line in ("", *sheet_as_text(sheet))]
        lines += [f"{label}: {url}" for label, url in piece.buttons]
        lines += [f"{piece.link_label}: {piece.link}"] if piece.link else []
        parts.append("\n".join(lines))
    return "\n\n".join([*parts, *(["-- ", letter.foot] if letter.foot else [])]) + "\n"


def as_html(letter: Letter) -> str:
    color = letter.color if _COLOR.fullmatch(letter.color) else "#2f6f4f"
    way = "rtl" if letter.language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"
    start = "right" if way == "rtl" else "left"
    inside = "".join(_piece(piece, color, last) for piece, last in _with_last(letter.pieces))
    foot = (
        f'<p class="faint" style="margin:16px 8px;font-size:12px;line-height:18px;color:#6b736f">{_lines(letter.foot)}</p>'
        if letter.foot
        else ""
    )
    return (
        f'<!doctype html><html lang="{escape(letter.language)}" dir="{way}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f'<meta name="supported-color-schemes" content="light dark"><title>{escape(letter.title)}</title>'
        f"<style>{_DARK}</style></head>"
        f'<body class="page" style="margin:0;padding:0;background:#f4f6f5;{_FONT}">'
        '<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" '
        'style="background:#f4f6f5"><tr><td align="center" style="padding:24px 12px">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" '
        f'style="max-width:560px;text-align:{start}" dir="{way}"><tr>'
        f'<td class="card" style="background:#ffffff;border-radius:10px;border-top:4px solid {color};padding:24px 28px">'
        f'<p class="faint" style="margin:0 0 14px;font-size:13px;font-weight:600;color:#6b736f">{escape(letter.title)}</p>'
        f"{inside}</td></tr><tr><td>{foot}</td></tr></table></td></tr></table></body></html>"
    )


def _piece(piece: Piece, color: str, last: bool) -> str:
    heading = (
        f'<h1 class="ink" style="margin:0 0 10px;font-size:19px;line-height:26px;color:#16201b">'
        f'<bdi>{escape(piece.heading)}</bdi></h1>'
        if piece.heading
        else ""
    )
    text = "".join(
        f'<p class="ink" style="margin:0 0 14px;font-size:15px;line-height:23px;color:#26302b">{_lines(part)}</p>'
        for part in re.split(r"\n\s*\n", piece.text)
        if part.strip()
    )
    text += "".join(sheet_as_html(sheet, color) for sheet in piece.sheets)
    buttons = "".join(_button(label, url, color) for label, url in piece.buttons)
    if piece.link:
        buttons += _button(piece.link_label, piece.link, color, quiet=bool(piece.buttons))
    rule = "" if last else '<hr class="rule" style="border:0;border-top:1px solid #dfe4e1;margin:22px 0">'
    return f"{heading}{text}{buttons}{rule}"


def _button(label: str, url: str, color: str, *, quiet: bool = False) -> str:
    if not url.startswith(("https://", "http://")):
        return ""
    face = f"color:{color}" if quiet else f"background:{color};color:{_ink(color)}"
    return (
        f'<a href="{escape(url)}" style="display:inline-block;margin:4px 0 4px;margin-inline-end:10px;padding:9px 18px;'
        f'border:1px solid {color};border-radius:7px;font-size:14px;font-weight:600;text-decoration:none;{face}">'
        f"{escape(label)}</a>"
    )


def _ink(color: str) -> str:
    """Black or white, whichever is read more easily on it."""
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#ffffff" if 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 else "#111111"


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _lines(text: str) -> str:
    return "<br>".join(str(escape(line)) for line in text.splitlines())


def _with_last(pieces: Sequence[Piece]) -> list[tuple[Piece, bool]]:
    return [(piece, number == len(pieces)) for number, piece in enumerate(pieces, 1)]
