"""How the cells of a row become one field's value: worked out once for a file, and once for each text of a column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from engine.blueprint import Blueprint
from engine.blueprint.conditions import Word
from engine.blueprint.entities import Field
from engine.blueprint.imports import Column, ImportMapping
from engine.errors import BadRequest, Complaint
from engine.folding import fold
from engine.parts import field_type
from engine.parts.words import is_point, value_of
from engine.records.mentions import TO_BE_MADE, Mentions
from engine.records.sheets import Line, plain_cell
from engine.words import said as sentence

KEPT = 5000  # texts of a column whose meaning is kept
LONGEST_KEPT = 200  # characters
POINTING = ("reference", "references", "user", "team")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MIDNIGHT = re.compile(r"\d{4}-\d\d-\d\d[ T]00:00(:00)?")
Cell: TypeAlias = Any  # the text of one column, or a tuple of the texts of several


class Known(dict[Cell, Any]):
    """What cells mean; one that is asked for the first time is worked out, and kept where it is likely to come again."""

    def __init__(self, value_of: Callable[[Cell], Any]) -> None:
        self.value_of = value_of

    def __missing__(self, cell: Cell) -> Any:
        value = self.value_of(cell)
        if len(self) < KEPT and len(cell) < LONGEST_KEPT:
            self[cell] = value
        return value


@dataclass(slots=True)
class Cells:
    """One field of a mapping. A value is a text, a list of ids, mentions.TO_BE_MADE, or a Complaint.

    `places` are those of its texts in a line; none where the mapping says the value itself."""

    column: Column
    described: Field
    places: tuple[int, ...]
    empty: frozenset[str]
    mentions: Mentions
    known: Known = field(init=False)

    def __post_init__(self) -> None:
        as_said = not self.column.match and self.described.type not in ("date", "datetime")
        self.known = Known(self._text if as_said else lambda cell: self._value(self._text(cell)))

    @property
    def name(self) -> str:
        return self.column.field

    def value(self, line: Line) -> Any:
        return self.known[self._cell(line)]

    def text(self, line: Line) -> str:
        return self._text(self._cell(line))

    def _cell(self, line: Line) -> Cell:
        return line[self.places[0]] if len(self.places) == 1 else tuple(line[place] for place in self.places)

    def _text(self, cell: Cell) -> str:
        column = self.column
        if not self.places:
            return column.value or ""
        said = self._bare(cell) if isinstance(cell, str) else column.join.join(filter(None, map(self._bare, cell)))
        if said in column.words:
            return column.words[said]
        return column.otherwise if column.words and column.otherwise is not None else said

    def _bare(self, cell: str) -> str:
        text = cell.strip()
        return "" if fold(text) in self.empty else plain_cell(text)

    def _value(self, text: str) -> Any:
        if self.column.match and text:
            return self._reference(text)
        if self.described.type in ("date", "datetime") and is_point(text):
            reading = self.mentions.writes.reads.reading(self.mentions.actor)
            return field_type(self.described.type).json(self.described, value_of(self.described, Word(text), reading))
        return to_the_point(self.described.type, text)

    def _reference(self, text: str) -> Any:
        entity = entity_of(self.described)
        if self.described.type != "references":
            return self.mentions.id_of(self.column, entity, text)
        ids = [self.mentions.id_of(self.column, entity, one.strip()) for one in _several(text) if one.strip()]
        wrong = next((found for found in ids if isinstance(found, Complaint)), None)
        return wrong or ([id for id in ids if id is not TO_BE_MADE])


Filled: TypeAlias = Callable[[Line], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Columns:
    """`values` makes of a line what every row gets, `first` what only a new record gets; `special` are those of the
    values that may be something else than a text; `later` point into the imported entity itself."""

    values: Filled
    first: Filled
    special: tuple[str, ...]
    later: tuple[Cells, ...]
    stages: tuple[Cells, ...]

    def stage(self, line: Line) -> str | None:
        for cells in self.stages:
            if stage := cells.value(line):
                return str(stage)
        return None


def readers_of(blueprint: Blueprint, mapping: ImportMapping, headers: Line, mentions: Mentions) -> Columns:
    """Raises BadRequest when the file lacks a column that the mapping names."""
    at = {fold(header): place for place, header in enumerate(headers)}
    wanted = dict.fromkeys(h for c in mapping.columns for h in c.headers)
    if missing := [header for header in wanted if fold(header) not in at]:
        raise BadRequest(sentence(
            "The file has no column named {names}. Its columns are {names2}.",
            names=', '.join(missing), names2=', '.join(headers)
        ))
    fields, empty = blueprint.entities[mapping.entity].fields, frozenset(map(fold, mapping.empty)) | {""}
    cells = [
        Cells(c, fields[c.field], tuple(at[fold(h)] for h in c.headers), empty, mentions) for c in mapping.columns
    ]
    # What the mapping says by itself comes before what the file says of the same field.
    return _sorted(mapping, sorted(cells, key=lambda one: bool(one.places)))


def _sorted(mapping: ImportMapping, cells: Iterable[Cells]) -> Columns:
    plain, first, later, stages = [], [], [], []
    for one in cells:
        if one.described.type == "stage":
            stages.append(one)
        elif one.places and is_later(mapping, one):
            later.append(one)
        elif is_first(one):
            first.append(one)
        else:
            plain.append(one)
    special = tuple(one.name for one in plain if one.column.match)
    return Columns(_filled(plain), _filled(first), special, tuple(later), tuple(stages))


def _filled(cells: list[Cells]) -> Filled:
    """A function made once for the mapping (decision 7): its text holds only names of fields and places in a line."""
    known: dict[str, Any] = {}
    pieces = []
    for number, one in enumerate(cells):
        cell = ", ".join(f"line[{place}]" for place in one.places)
        known[f"known{number}"] = one.known if cell else one.value(())
        pieces.append(f"{one.name!r}: known{number}" + (f"[{cell}]" if cell else ""))
    return eval(compile(f"lambda line: {{{', '.join(pieces)}}}", "<line>", "eval"), known)  # type: ignore[no-any-return]  # noqa: S307


def is_first(cells: Cells) -> bool:
    """A day that is counted from today says how a record begins; another day it would say something else."""
    column = cells.column
    words = (*column.words.values(), column.otherwise, column.value)
    return cells.described.type in ("date", "datetime") and any(word is not None and is_point(word) for word in words)


def is_later(mapping: ImportMapping, cells: Cells) -> bool:
    described, column = cells.described, cells.column
    itself = described.type == "reference" and entity_of(described) == mapping.entity
    return bool(itself and column.match and mapping.key and not described.required)


def to_the_point(kind: str, text: str) -> str:
    """A spreadsheet knows no difference between a day and the midnight at its start."""
    if kind == "datetime" and _DAY.fullmatch(text):
        return f"{text} 00:00"
    return text[:10] if kind == "date" and _MIDNIGHT.fullmatch(text) else text


def entity_of(described: Field) -> str:
    return described.options.get("entity") or described.type


def _several(text: str) -> list[str]:
    return text.split(";") if ";" in text else text.split(",")


__all__ = ["Cells", "Columns", "readers_of"]
