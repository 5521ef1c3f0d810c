"""What every chart answers: how a report's table is drawn. One kind is one file; its name is the word in YAML.

Drawn on the server, as HTML or SVG without script: the same for the page, mail, PDF and print. Colours are classes in the
page (`c0` to `c11`, so that a theme decides) and written out where no style sheet goes along.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from engine.blueprint.reports import Report
from engine.formats import Formats
from engine.markup import Html
from engine.parts.tables import Column, Line, Table


@dataclass(frozen=True, slots=True)
class World:
    """The outline of the countries: a picture at `address`, in which each lies under its ISO code and all under `land`."""

    address: str
    codes: frozenset[str]
    box: str  # the viewBox in which they lie


@dataclass(frozen=True, slots=True)
class Look:
    """For whom a chart is drawn. `say` tells the program's words in their language; `opens` gives the address of the
    records behind a number, or None. `plain`: for mail and print, colours are written out and nothing is a link."""

    formats: Formats
    say: Callable[[str], str] = str
    opens: Callable[[Line, Column], str | None] = lambda line, column: None
    width: int = 640  # pixels
    mirrored: bool = False
    plain: bool = False
    world: World | None = None  # left out where no picture goes along


class Chart:
    """Base of the kinds; a subclass named `Kind` in each file. Stateless."""

    word: ClassVar[str] = ""  # set from the file's name
    label: ClassVar[str] = ""
    doc: ClassVar[str] = ""
    axes: ClassVar[tuple[int, ...]] = (1,)  # by how many things a report for it may be grouped
    measures: ClassVar[int] = 1  # how many it needs at least
    is_text: ClassVar[bool] = False  # read as it is: it needs no table beside it
    on_pages_only: ClassVar[bool] = False  # where no page is around it, its table stands for it
    of_changes: ClassVar[bool] = False  # can draw what changed, which is no series of numbers

    @property
    def is_picture(self) -> bool:
        """Whether it is drawn where it stands alone, on paper or as a file."""
        return not (self.is_text or self.on_pages_only)

    def refusal(self, report: Report) -> str | None:
        """Why this report cannot be drawn so; None when it can."""
        if report.changes:
            return None if self.of_changes else "it is about what changed, which table and waterfall draw"
        groups = len(report.group_by) + (1 if report.stages else 0)
        if report.columns and 0 not in self.axes:
            return "it is a list of records"
        if not report.columns and groups not in self.axes:
            wanted = " or ".join({0: "nothing", 1: "one thing", 2: "two things"}[n] for n in self.axes)
            return f"it is drawn from a report that is grouped by {wanted}"
        if not report.columns and not report.stages and len(report.measures) < self.measures:
            return f"it needs {self.measures} measures"
        return None

    def keys(self, table: Table, look: Look) -> list[str]:
        """What the colours mean, in their order, for a picture that stands alone; empty for a colour that is not in it. None
        where there is one colour."""
        return []

    def draw(self, table: Table, look: Look) -> Html:
        """The chart. A table without numbers is not drawn: whoever shows it says that there is nothing."""
        raise NotImplementedError


__all__ = ["Chart", "Look", "World"]
