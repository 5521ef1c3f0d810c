"""A file's rows become records, through the write door: by a mapping of the set, or by headers that name the fields.

- A cell that the mapping calls empty is empty; `words` turn what the file says into what the field says.
- A reference is found by one field of the other entity, each text once; it is made when the mapping says so.
- The stage, and a day counted from today, are where a new record starts: an import never moves a record that is there.
- A reference to the very entity that is imported waits until all rows are in, so that their order does not matter.
- A row that cannot be kept is told with its reasons, and stands with them in a file that can be mended and imported again.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.blueprint.entities import Entity, Field
from engine.blueprint.imports import Column, ImportMapping
from engine.errors import BadRequest, Complaint
from engine.folding import fold
from engine.parts import field_type
from engine.records.cells import Cells, readers_of
from engine.records.many import CHANGED, CREATED, REJECTED, SAME, Incoming, Row
from engine.records.mentions import TO_BE_MADE, Mentions
from engine.records.sheets import Line, Sheet, read_sheet, safe_cell
from engine.records.write import Writes
from engine.words import said

REASON = "What is wrong"  # the column that the file of rejected rows has more
POINTERS = ("reference", "references", "user", "team")
Progress: TypeAlias = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Rejected:
    """`number` is the row's in the file, counted as a spreadsheet counts: the headers are row 1."""

    number: int
    line: Line
    complaints: tuple[Complaint, ...]

    @property
    def reasons(self) -> str:
        return " ".join(f"{c.field}: {c.message}" if c.field else c.message for c in self.complaints)


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a file. `made`: referenced records that were missing, by entity."""

    headers: Line
    created: int
    changed: int
    same: int
    rejected: tuple[Rejected, ...]
    made: Mapping[str, int]

    def write_rejected(self, path: Path) -> None:
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            out, width = csv.writer(file), len(self.headers)
            out.writerow([*self.headers, REASON])
            for row in self.rejected:
                out.writerow([*map(safe_cell, row.line[:width]), safe_cell(row.reasons)])


def import_file(
    writes: Writes, actor: Actor, mapping: ImportMapping, given: Path | Sheet, *, keep: bool = True,
    progress: Progress = lambda done: None,
) -> Report:  # fmt: skip
    """Imports the file, or with `keep=False` only says what would happen. `progress` hears the number of rows done.

    Raises BadRequest when the file does not fit the mapping, Refused without the import right."""
    sheet = read_sheet(given) if isinstance(given, Path) else given
    return _Run(writes, actor, mapping, sheet, keep, progress).done()


def mapping_of_headers(blueprint: Blueprint, entity: Entity, headers: Line, key: str | None) -> ImportMapping:
    """Headers that are names or labels of fields. Raises BadRequest for a key that is not among them."""
    by_word = {fold(f.label): f for f in entity.fields.values()}
    by_word.update({fold(f.name): f for f in entity.fields.values()})
    found = {header: by_word[fold(header)] for header in headers if fold(header) in by_word}
    taken = {f.name: header for header, f in found.items() if _importable(f)}
    if key is not None and key not in taken:
        raise BadRequest(said(
            "No column of the file is the field {key}, by which records would be found again.", key=key
        ))
    if not taken:
        raise BadRequest(said("No column of the file has a field's name or label. Give a mapping with --mapping."))
    columns = tuple(
        Column(name, (header,), match=matched_by(blueprint, entity.fields[name])) for name, header in taken.items()
    )
    return ImportMapping(f"{entity.name}_headers", entity.plural, entity.name, key, columns)


def matched_by(blueprint: Blueprint, described: Field) -> str | None:
    """The field by which people name the records of the entity that a reference points to."""
    if described.type not in POINTERS:
        return None
    other = blueprint.entities[described.options.get("entity") or described.type]
    fields = other.fields.values()
    named = [f for f in fields if f.name == "name"] or [f for f in fields if f.type == "text"]
    numbered = [f for f in fields if f.type == "reference_number"]
    unique = [f for f in fields if f.unique and f.type in ("text", "email")]
    titled = [other.fields[n] for n in other.title.fields if other.fields[n] in (*named, *numbered, *unique)]
    order = [*(titled if len(other.title.fields) == 1 else ()), *named, *unique, *numbered]
    return order[0].name if order else None


def _importable(described: Field) -> bool:
    kind = field_type(described.type)
    if described.type in ("computed", "rollup", "reference_number", "file", "picture"):
        return False
    return not described.system and (kind.stored or described.type == "references")


@dataclass(slots=True)
class _Later:
    """A reference into the imported entity itself: set when every row is in."""

    number: int
    line: Line
    key: str
    cells: Cells
    text: str


@dataclass(slots=True)
class _Run:
    writes: Writes
    actor: Actor
    mapping: ImportMapping
    sheet: Sheet
    keep: bool
    progress: Progress
    mentions: Mentions = field(init=False)
    counts: dict[str, int] = field(default_factory=lambda: {CREATED: 0, CHANGED: 0, SAME: 0, REJECTED: 0})
    taken: dict[int, tuple[int, Line]] = field(default_factory=dict)  # rows that were handed on and not yet heard of
    handed: int = 0
    results: dict[int, str] = field(default_factory=dict)  # by row number, when something is to be set later
    later: list[_Later] = field(default_factory=list)
    names: set[str] = field(default_factory=set)  # what the file's own rows are called, when that is asked for
    pending: dict[int, set[str]] = field(default_factory=dict)  # dry run: fields that will be filled by what is made
    refused: list[Rejected] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mentions = Mentions(self.writes, self.actor, self.keep)

    def done(self) -> Report:
        self._write(self._rows())
        self._set_later()
        self.progress(self.handed + len(self.refused))
        rejected = tuple(sorted(self.refused, key=lambda row: row.number))
        made = {entity: count for entity, count in self.mentions.made.items() if count}
        counts = self.counts
        return Report(self.sheet.headers, counts[CREATED], counts[CHANGED], counts[SAME], rejected, made)

    def _write(self, rows: Iterable[Incoming]) -> None:
        writes, mapping = self.writes, self.mapping
        if mapping.key:
            writes.upsert_many(self.actor, mapping.entity, mapping.key, rows, keep=self.keep, heard=self._hear)
        else:
            writes.create_many(self.actor, mapping.entity, rows, keep=self.keep, heard=self._hear)

    # ---- rows

    def _rows(self) -> Iterator[Incoming]:
        """The values of each row that can be read, as the write door wants them."""
        columns = readers_of(self.writes.blueprint, self.mapping, self.sheet.headers, self.mentions)
        width, key = len(self.sheet.headers), self.mapping.key or ""
        for number, line in enumerate(self.sheet.rows, 2):
            values = columns.values(line)
            complaints = self._special(values, columns.special) if columns.special else []
            if len(line) > width and any(line[width:]):
                complaints.append(Complaint(None, said(
                    "The row has {count} cells, and there are {width} headers.", count=len(line), width=width
                )))
            if complaints:
                self._refuse(number, line, complaints)
                continue
            self.taken[self.handed] = (number, line)
            self.handed += 1
            for cells in columns.later:
                self._postpone(number, line, values.get(key, ""), cells, values)
            yield Incoming(values, columns.stage(line), columns.first(line))

    def _special(self, values: dict[str, Any], names: tuple[str, ...]) -> list[Complaint]:
        """What no record is named by; in a dry run, what will be made is left out."""
        for name in names:
            if values[name] is TO_BE_MADE:
                del values[name]
                self.pending.setdefault(self.handed, set()).add(name)
        return [value for name in names if isinstance(value := values.get(name), Complaint)]

    def _postpone(self, number: int, line: Line, key: str, cells: Cells, values: Mapping[str, Any]) -> None:
        self.names.add(values.get(cells.column.match or "", ""))
        if text := cells.text(line):
            self.later.append(_Later(number, line, key, cells, text))

    def _hear(self, rows: list[Row]) -> None:
        """What became of a batch; its lines need not be kept any longer."""
        for row in rows:
            number, line = self.taken.pop(row.number)
            expected = self.pending.pop(row.number, None)
            left = tuple(c for c in row.complaints if c.field not in expected) if expected else row.complaints
            result = CREATED if row.result == REJECTED and not left else row.result
            self.counts[result] += 1
            if result == REJECTED:
                self.refused.append(Rejected(number, line, left))
            elif self.later:
                self.results[number] = result
        self.progress(self.handed + len(self.refused))

    def _refuse(self, number: int, line: Line, complaints: Iterable[Complaint]) -> None:
        self.refused.append(Rejected(number, line, tuple(complaints)))

    # ---- references among the rows themselves

    def _set_later(self) -> None:
        lost = {row.number for row in self.refused}
        waiting = [one for one in self.later if one.number not in lost]
        found: list[tuple[_Later, Incoming]] = []
        for one in waiting:
            target = self._target(one)
            if isinstance(target, Complaint):
                told = Complaint(target.field, said("{value} The row was kept without it.", value=target.message))
                self._refuse(one.number, one.line, [told])
            elif target is not None:
                found.append((one, Incoming({self.mapping.key or "": one.key, one.cells.name: target})))
        if found:
            self._set([one for one, _ in found], [given for _, given in found])

    def _target(self, one: _Later) -> str | Complaint | None:
        """The id; None in a dry run, where the record is not yet there but will be."""
        column, entity = one.cells.column, self.mapping.entity
        if not self.keep and one.text in self.names:
            return None
        target = self.mentions.id_of(column, entity, one.text)
        return None if target is TO_BE_MADE else target

    def _set(self, waiting: list[_Later], given: list[Incoming]) -> None:
        def hear(rows: list[Row]) -> None:
            for row in rows:
                one = waiting[row.number]
                if row.result == REJECTED:
                    self._refuse(one.number, one.line, row.complaints)
                elif row.result == CHANGED and self.results.get(one.number) == SAME:
                    self.counts[SAME] -= 1
                    self.counts[CHANGED] += 1

        key = self.mapping.key or ""
        self.writes.upsert_many(self.actor, self.mapping.entity, key, given, keep=self.keep, heard=hear)


__all__ = ["REASON", "Rejected", "Report", "import_file", "mapping_of_headers", "matched_by"]
