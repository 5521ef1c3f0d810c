"""A chart as a picture of its own: colours written out on white, its heading above, what its colours mean beneath.

The words of a picture are kept beside its shapes, as typst sets words of every script right and its SVG reader does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from engine.markup import Html, join, tag, trusted
from engine.parts.charts.contract import Chart, Look
from engine.parts.drawing import COLOURS, INK, LETTER, PAPER, n
from engine.parts.paper.printing import FACES, printed
from engine.parts.tables import Table
from engine.words.bidi import isolated

SVG = "http://www.w3.org/2000/svg"
FAMILY = ", ".join((*FACES, "Arial", "sans-serif"))
EDGE = 16.0  # pixels of white around
HEAD, ROW, GAP, KEY = 44.0, 18.0, 12.0, 10.0
SMALL = 400.0  # narrower pictures have what their colours mean at their side
DARK = "#1d1b18"
SHARE = {"start": 0.0, "middle": 0.5, "end": 1.0}  # of a text, what stands left of its place


@dataclass(frozen=True, slots=True)
class Words:
    """A text of a picture: where its line stands, what part of it lies left of there."""

    x: float
    y: float
    text: str
    share: float
    size: float = 11.0
    colour: str = INK
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """In pixels. `shapes` is SVG markup without words."""

    width: float
    height: float
    shapes: Html
    words: tuple[Words, ...]
    mirrored: bool = False


def picture(kind: Chart, table: Table, look: Look, heading: tuple[str, str] | None = None) -> Picture | None:
    """None for a chart that is read as it is, and where there is nothing to draw."""
    if not kind.is_picture or table.is_empty:
        return None
    plain = replace(look, plain=True)
    drawn = _drawn(kind.draw(table, plain))
    if drawn is None:
        return None
    width, height, shapes, words = drawn
    whole = max(width, float(look.width))
    edge, top = (EDGE, EDGE + HEAD) if heading else (0.0, 0.0)
    left = whole - width if look.mirrored else 0.0
    parts = [tag("g", shapes, transform=f"translate({n(edge + left)},{n(top)})")]
    told = [replace(one, x=one.x + edge + left, y=one.y + top) for one in words]
    more, names, foot = _keys(kind.keys(table, plain), plain, edge, top, whole, width, height)
    if heading:
        names = [*_heading(heading, plain, edge, whole), *names]
    return Picture(whole + 2 * edge, foot + edge, join(*parts, *more), (*told, *names), look.mirrored)


def svg_of(made: Picture) -> bytes:
    """A file that any program opens: one light picture without links, script or style sheet."""
    whole = {"xmlns": SVG, "viewBox": f"0 0 {n(made.width)} {n(made.height)}", "font_family": FAMILY}
    ground = tag("rect", width=n(made.width), height=n(made.height), fill=PAPER)
    text = tag(
        "svg", ground, made.shapes, *(_text(one, made.mirrored) for one in made.words), width=n(made.width),
        height=n(made.height), direction="rtl" if made.mirrored else None, **whole,
    )  # fmt: skip
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def png_of(made: Picture, at: datetime, language: str) -> bytes:
    """Twice as fine as it is wide. Raises Unusable."""
    return printed("picture.typ", {"language": language, "picture": data_of(made)}, at, "png", 144)


def data_of(made: Picture) -> dict[str, Any]:
    """As the templates take it."""
    whole = tag("svg", made.shapes, xmlns=SVG, viewBox=f"0 0 {n(made.width)} {n(made.height)}")
    words = [
        {"x": one.x, "y": one.y, "text": isolated(one.text, made.mirrored), "share": one.share, "size": one.size,
         "colour": one.colour, "strong": one.strong}
        for one in made.words
    ]  # fmt: skip
    return {"width": made.width, "height": made.height, "shapes": str(whole), "words": words, "mirrored": made.mirrored}


# ---- the chart, its shapes and words apart


def _drawn(html: Html) -> tuple[float, float, Html, list[Words]] | None:
    text = str(html)
    start, end = text.find("<svg"), text.rfind("</svg>")
    if start < 0:
        return None
    root = ElementTree.fromstring(text[start : end + len("</svg>")])
    _, _, width, height = (float(part) for part in root.get("viewBox", "0 0 0 0").split())
    words = list(_taken_out(root, root.get("direction") == "rtl"))
    return width, height, trusted("".join(ElementTree.tostring(one, "unicode") for one in root)), words


def _taken_out(element: Element, mirrored: bool) -> Iterator[Words]:
    """The texts, each taken out of its place; what is told on pointing goes too."""
    for child in list(element):
        child.tag = child.tag.rpartition("}")[2]
        if child.tag == "text":
            element.remove(child)
            yield _words(child, mirrored)
        elif child.tag == "title":
            element.remove(child)
        else:
            yield from _taken_out(child, mirrored)


def _words(text: Element, mirrored: bool) -> Words:
    share = SHARE[text.get("text-anchor", "start")]
    return Words(
        float(text.get("x", "0")), float(text.get("y", "0")), "".join(text.itertext()), 1 - share if mirrored else share,
        float(text.get("font-size", "11")), text.get("fill", INK),
    )  # fmt: skip


def _text(one: Words, mirrored: bool) -> Html:
    share = 1 - one.share if mirrored else one.share
    anchor = next(word for word, part in SHARE.items() if part == share)
    return tag(
        "text", isolated(one.text, mirrored), x=n(one.x), y=n(one.y), fill=one.colour, font_size=n(one.size),
        text_anchor=anchor if anchor != "start" else None, font_weight="600" if one.strong else None,
    )  # fmt: skip


# ---- what stands around it


def _heading(heading: tuple[str, str], look: Look, edge: float, whole: float) -> list[Words]:
    x, share = (edge + whole, 1.0) if look.mirrored else (edge, 0.0)
    first = Words(x, edge + 15, heading[0], share, 16, DARK, True)
    return [first, Words(x, edge + 33, heading[1], share)] if heading[1] else [first]


def _keys(
    names: Sequence[str], look: Look, edge: float, top: float, whole: float, width: float, height: float
) -> tuple[list[Html], list[Words], float]:
    """Squares, their words, and where all of it ends."""
    beside = width < SMALL
    left, y = (width + 2 * GAP, top + ROW) if beside else (0.0, top + height + ROW)
    shapes, words, x = [], [], left
    for at, name in enumerate(names):
        if not name:
            continue
        room = KEY + 6 + len(name) * LETTER + GAP
        if at and (beside or x + room > whole):
            x, y = left, y + ROW
        shapes.append(_square(edge + (whole - x - KEY if look.mirrored else x), y - KEY + 1, at))
        start = whole - x - KEY - 6 if look.mirrored else x + KEY + 6
        words.append(Words(edge + start, y, name, 1.0 if look.mirrored else 0.0))
        x += room
    return shapes, words, max(top + height, y + 6 if names else 0.0)


def _square(x: float, y: float, at: int) -> Html:
    return tag("rect", x=n(x), y=n(y), width=n(KEY), height=n(KEY), rx="2", fill=COLOURS[at % len(COLOURS)])


__all__ = ["Picture", "data_of", "picture", "png_of", "svg_of"]
