"""A list's rows as HTML, by a function made for its columns.

The rows stay the raw tuples that the database gave. The text of the function holds only what the program itself wrote;
what people typed goes through each type's `cell`, which escapes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from engine.blueprint.entities import Entity, Field
from engine.formats import Formats
from engine.markup import escape
from engine.parts import field_type
from engine.parts.derived import effective
from engine.records.columns import ID, Row, Shown
from engine.web.render import NIL

Rows = Callable[[list[Row]], str]
IN_TITLES = frozenset({"text", "reference_number", "email", "long_text"})
PLAIN = frozenset({"text", "reference_number"})  # one raw column that is shown as it is
MUTED = frozenset({"created_at", "created_by", "updated_at", "updated_by"})
ON_A_CARD = 4  # columns that a telephone's card shows beside the title and the stage
_SPECIAL = re.compile("[&<>\"']").search


@dataclass(frozen=True, slots=True)
class Look:
    """How a column looks: what its header says, and the classes of its cells."""

    shown: Shown
    label: str
    classes: str
    is_title: bool = False


def looks(entity: Entity, columns: tuple[Shown, ...]) -> tuple[Look, ...]:
    """`columns` without the title that was asked for beside them."""
    title = title_column(entity, columns)
    on_card = [s for s in columns if s is not title and not _is_stage(s) and not _is_faint(s)][:ON_A_CARD]
    return tuple(_look(entity, shown, shown is title, shown in on_card) for shown in columns)


def title_column(entity: Entity, columns: tuple[Shown, ...]) -> Shown:
    """The column whose cell opens the record: what the title is made of, else the number, else the first."""
    plain = [s for s in columns if _is_entitled(s)]
    named = [s for s in plain if s.name == "title" or s.name in entity.title.fields]
    texts = [s for s in named if s.field.type != "reference_number"]
    return next(iter((*texts, *named, *plain, *columns)))


def _is_entitled(shown: Shown) -> bool:
    return "." not in shown.name and effective(shown.field).type in IN_TITLES


def _is_stage(shown: Shown) -> bool:
    return shown.field.type == "stage" and "." not in shown.name


def _is_faint(shown: Shown) -> bool:
    return shown.field.type == "reference_number" or shown.name in MUTED


def _look(entity: Entity, shown: Shown, is_title: bool, is_on_card: bool) -> Look:
    if is_title:
        made = shown.name == "title" and "title" not in entity.fields
        return Look(shown, entity.label if made else shown.label, "cell-title", True)
    if _is_stage(shown):
        return Look(shown, shown.label, "cell-stage")
    classes = [
        "num" if field_type(effective(shown.field).type).numeric else "",
        "" if is_on_card else "is-extra",
        "muted" if _is_faint(shown) else "",
    ]
    return Look(shown, shown.label, " ".join(filter(None, classes)))


# ---- the function


@dataclass(frozen=True, slots=True)
class Text:
    """A piece that is the same in every row."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """A piece that is worked out for each row `r`: an expression that gives escaped text."""

    text: str


Piece = Text | Code


def rows_of(
    entity: Entity, formats: Formats, columns: tuple[Look, ...], title: Shown | None, ticked: str | None = None
) -> Rows:
    """The function from raw rows to the `<tr>`s; `title` is what the opening cell falls back to. `ticked`: how a box that
    ticks the row is called, with `{title}` where its title goes."""
    known: dict[str, Any] = {"nil": str(NIL), "x": escaped}
    pieces: list[Piece] = [Text("<tr>"), *(_tick(formats, columns, title, ticked, known) if ticked else ())]
    for number, look in enumerate(columns):
        pieces += _cell(entity, formats, look, f"c{number}", title, known)
    row = ", ".join(_written([*pieces, Text("</tr>")]))
    return eval(compile(f"lambda rows: ''.join([t for r in rows for t in ({row})])", "<rows>", "eval"), known)  # noqa: S307


def _cell(
    entity: Entity, formats: Formats, look: Look, name: str, title: Shown | None, known: dict[str, Any]
) -> list[Piece]:
    value = _value(look, formats, name, known)
    if look.is_title:
        last = f"x(r[{title.stop - 1}])" if title else "nil"
        opening = Text(f'<td class="cell-title"><a href="/{entity.name}/')
        return [opening, Code(f"str(r[{ID}])"), Text('">'), Code(f"{value} or {last}"), Text("</a></td>")]
    attributes = f' class="{look.classes}"' if look.classes else ""
    label = "" if look.classes == "cell-stage" else f' data-label="{escape(look.label)}"'
    return [Text(f"<td{attributes}{label}>"), Code(f"{value} or nil"), Text("</td>")]


def _tick(
    formats: Formats, columns: tuple[Look, ...], title: Shown | None, called: str, known: dict[str, Any]
) -> list[Piece]:
    look = next(look for look in columns if look.is_title)
    value, last = _value(look, formats, "tick", known), f"x(r[{title.stop - 1}])" if title else "''"
    before, _, after = escape(called).partition("{title}")
    box = '<td class="cell-check"><input type="checkbox" class="check" form="bulk" name="id" value="'
    named = (Text(f'" aria-label="{before}'), Code(f"{value} or {last}"), Text(f'{after}"></td>'))
    return [Text(box), Code(f"str(r[{ID}])"), *named]


def _value(look: Look, formats: Formats, name: str, known: dict[str, Any]) -> str:
    shown = look.shown
    if shown.field.type in PLAIN:
        return f"x(r[{shown.start}])"
    if shown.late == "links":
        known[name] = _linked(shown.field, formats)
        return f"{name}(r[{shown.start}])"
    known[name] = (
        _plainly(shown.field, formats)
        if look.is_title
        else field_type(shown.field.type).cell(shown.field, formats)
    )
    given = ", ".join(f"r[{n}]" for n in range(shown.start, shown.stop))
    return f"{name}({given})"


def _linked(field: Field, formats: Formats) -> Callable[[Any], str]:
    cell = field_type(field.type).cell(field, formats)
    return lambda pairs: cell(*pairs) if pairs else ""


def _plainly(field: Field, formats: Formats) -> Callable[..., str]:
    """The cell inside the link to the record: a link within a link is none."""
    kind = field_type(field.type)
    return lambda *raw: (
        str(escape(kind.show(field, kind.load(field, raw), formats))) if raw[0] is not None else ""
    )


def escaped(text: str | None) -> str:
    if not text or not _SPECIAL(text):
        return text or ""
    return str(escape(text))


def _written(pieces: Iterable[Piece]) -> Iterable[str]:
    """As Python; texts that follow one another become one."""
    for kind, some in groupby(pieces, type):
        if kind is Text:
            yield repr("".join(piece.text for piece in some))
        else:
            yield from (piece.text for piece in some)


__all__ = ["Look", "Rows", "looks", "rows_of", "title_column"]
