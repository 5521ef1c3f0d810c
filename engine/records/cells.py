"""How the cells of a row become one field's value: worked out once for a file, and once for each text of a column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from operator import itemgetter
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

KEPT = 5000  # texts of a column whose meaning is kept
LONGEST_KEPT = 200  # characters
POINTING = ("reference", "references", "user", "team")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MIDNIGHT = re.compile(r"\d{4}-\d\d-\d\d[ T]00:00(:00)?")
Cell: TypeAlias = Any  # the text of one column, or a tuple of the texts of several


@dataclass(slots=True)
class Cells:
    """One field of a mapping. A value is a text, a list of ids, mentions.TO_BE_MADE, or a Complaint."""

    column: Column
    described: Field
    cell_of: Callable[[Line], Cell]
    empty: frozenset[str]
    mentions: Mentions
    known: dict[Cell, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.column.field

    def value(self, line: Line) -> Any:
        cell = self.cell_of(line)
        return self.known[cell] if cell in self.known else self.read(cell)

    def text(self, line: Line) -> str:
        return self._text(self.cell_of(line))

    def read(self, cell: Cell) -> Any:
        """The value that the cell means; kept, where it is likely to come again."""
        value = self._value(self._text(cell))
        if len(self.known) < KEPT and len(cell) < LONGEST_KEPT:
            self.known[cell] = value
        return value

    def _text(self, cell: Cell) -> str:
        column = self.column
        cells = (cell,) if isinstance(cell, str) else cell
        said = column.join.join(plain_cell(c.strip()) for c in cells if fold(c.strip()) not in self.empty)
        if said in column.words:
            return column.words[said]
        return column.otherwise if column.words and column.otherwise is not None else said

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


Plain: TypeAlias = tuple[str, Callable[[Line], Cell], dict[Cell, Any], Callable[[Cell], Any]]


@dataclass(frozen=True, slots=True)
class Columns:
    """`first` fill only what is made; `later` point into the imported entity itself."""

    constant: dict[str, Any]
    plain: tuple[Plain, ...]
    first: tuple[Cells, ...]
    later: tuple[Cells, ...]
    stages: tuple[Cells, ...]

    def stage(self, line: Line) -> str | None:
        return next((stage for cells in self.stages if (stage := cells.value(line))), None)


def readers_of(blueprint: Blueprint, mapping: ImportMapping, headers: Line, mentions: Mentions) -> Columns:
    """Raises BadRequest when the file lacks a column that the mapping names."""
    at = {fold(header): place for place, header in enumerate(headers)}
    wanted = dict.fromkeys(h for c in mapping.columns for h in c.headers)
    if missing := [header for header in wanted if fold(header) not in at]:
        raise BadRequest(f"The file has no column named {', '.join(missing)}. Its columns are {', '.join(headers)}.")
    fields, empty = blueprint.entities[mapping.entity].fields, frozenset(map(fold, mapping.empty)) | {""}
    cells = [
        Cells(c, fields[c.field], itemgetter(*(at[fold(h)] for h in c.headers)), empty, mentions)
        for c in mapping.columns
        if c.headers
    ]
    said = [Cells(c, fields[c.field], lambda line: "", empty, mentions) for c in mapping.columns if not c.headers]
    return _sorted(mapping, cells, said)


def _sorted(mapping: ImportMapping, cells: Iterable[Cells], said: Iterable[Cells]) -> Columns:
    constant: dict[str, Any] = {}
    plain, first, later, stages = [], [], [], []
    for one in said:
        one.known[""] = one._value(one.column.value or "")
        if one.described.type == "stage":
            stages.append(one)
        elif is_first(one):
            first.append(one)
        else:
            constant[one.name] = one.known[""]
    for one in cells:
        if one.described.type == "stage":
            stages.append(one)
        elif is_later(mapping, one):
            later.append(one)
        elif is_first(one):
            first.append(one)
        else:
            plain.append((one.name, one.cell_of, one.known, one.read))
    return Columns(constant, tuple(plain), tuple(first), tuple(later), tuple(stages))


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
