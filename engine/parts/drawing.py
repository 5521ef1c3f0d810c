"""What charts are drawn with: scales with round steps, and an SVG of lines, rectangles and words.

Numbers in markup have one decimal. Words in a picture are cut by an estimate of their width: nothing measures letters here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from engine.markup import Html, join, tag
from engine.parts.charts.contract import Look

# The series' colours where no style sheet goes along: those of chart.css in the light theme.
COLOURS = (
    "#2a62c9", "#0c8a7b", "#c26a14", "#8b4bc2", "#c23a6b", "#5b7a1f", "#1f86b8", "#8a6d3b", "#223273", "#2ba594", "#743713",
    "#c95fae",
)  # fmt: skip
INK, LINE, PAPER = "#55524c", "#dcd8d0", "#ffffff"
LETTER = 6.1  # pixels of an average letter at 11 pixels
COLUMN = 540  # pixels of a picture in one of two columns: its words are as large as those around it
FEW = 5  # steps of a scale


@dataclass(frozen=True, slots=True)
class Scale:
    """From `low` to `high` in round steps, over `length` pixels."""

    low: Decimal
    high: Decimal
    step: Decimal
    length: float

    def at(self, number: Decimal) -> float:
        return float((number - self.low) / (self.high - self.low)) * self.length

    @property
    def ticks(self) -> list[Decimal]:
        count = int((self.high - self.low) / self.step)
        return [self.low + self.step * n for n in range(count + 1)]


def scale(numbers: Sequence[Decimal], length: float, steps: int = FEW) -> Scale:
    """With nothing in it, so that lengths can be compared."""
    low, high = min((*numbers, Decimal(0))), max((*numbers, Decimal(0)))
    if low == high:
        high = low + 1
    step = _round_step((high - low) / steps, all(number == number.to_integral_value() for number in numbers))
    bottom = (low / step).to_integral_value("ROUND_FLOOR") * step
    top = (high / step).to_integral_value("ROUND_CEILING") * step
    return Scale(bottom, top, step, length)


def _round_step(least: Decimal, whole: bool) -> Decimal:
    """1, 2 or 5 times a power of ten."""
    unit = Decimal(10) ** least.adjusted()
    step = next(unit * n for n in (1, 2, 5, 10) if unit * n >= least)
    return max(step, Decimal(1)) if whole else step


def cut(text: str, pixels: float) -> str:
    most = max(3, int(pixels / LETTER))
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


# ---- SVG


def svg(look: Look, height: float, *children: Any) -> Html:
    """`look.width` wide; it grows and shrinks with its place."""
    return tag(
        "svg", *children, viewBox=f"0 0 {look.width} {n(height)}", class_="drawing",
        width=look.width if look.plain else None,
        height=n(height) if look.plain else None, xmlns="http://www.w3.org/2000/svg" if look.plain else None,
        font_family="Helvetica, Arial, sans-serif" if look.plain else None, font_size="11" if look.plain else None,
        direction="rtl" if look.mirrored else None,
    )  # fmt: skip


def colour(look: Look, series: int, *, line: bool = False) -> dict[str, Any]:
    """A series' colour, as a class or written out."""
    number = series % len(COLOURS)
    if not look.plain:
        return {"class_": f"c{number} is-line" if line else f"c{number}"}
    return {"fill": "none", "stroke": COLOURS[number], "stroke_width": 2} if line else {"fill": COLOURS[number]}


def words(look: Look, x: float, y: float, text: str, at: str = "start", faint: bool = False) -> Html:
    """`at`: which end of the text stands at x: start (left), middle, end (right), whatever the direction of reading."""
    if look.mirrored:  # an SVG's start is where reading starts
        at = {"start": "end", "end": "start"}.get(at, at)
    kind: dict[str, Any] = {"fill": INK} if look.plain else {"class_": "faint" if faint else None}
    return tag("text", text, x=n(x), y=n(y), text_anchor=None if at == "start" else at, **kind)


def rule(look: Look, x1: float, y1: float, x2: float, y2: float) -> Html:
    kind: dict[str, Any] = {"stroke": LINE} if look.plain else {"class_": "rule"}
    return tag("line", x1=n(x1), y1=n(y1), x2=n(x2), y2=n(y2), **kind)


def mark(look: Look, shape: Html, told: str, place: str | None, series: int = 0) -> Html:
    """A shape with what is told when one points at it; it opens its records."""
    body = tag("g", tag("title", told), shape, data_series=series)
    return tag("a", body, href=place, aria_label=told) if place and not look.plain else body


def n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def legend(look: Look, names: Sequence[str]) -> Html:
    """HTML beneath the picture; with script a click hides a series."""
    keys = [
        tag("li", tag("span", class_=f"key c{at % len(COLOURS)}"), tag("bdi", name), data_series=at)
        for at, name in enumerate(names)
    ]
    return tag("ul", *keys, class_="legend", role="list")


def both_sizes(look: Look, draw: Any) -> Html:
    """Drawn once for wide places and once for a telephone, as words in a picture shrink with it; CSS shows one. What is
    broader than a column is drawn as a column too, for a page on which it has no more room."""
    if look.plain:
        return draw(look)
    wide, narrow = draw(replace(look, width=min(look.width, COLUMN))), draw(replace(look, width=360))
    sizes = join(tag("div", wide, class_="is-wide"), tag("div", narrow, class_="is-narrow"))
    return join(tag("div", draw(look), class_="is-broad"), sizes) if look.width > COLUMN else sizes


__all__ = ["COLOURS", "Scale", "both_sizes", "colour", "cut", "legend", "mark", "n", "rule", "scale", "svg", "words"]
