"""A file's rows become records, through the write door: by a mapping of the set, or by headers that name the fields.

- A cell that the mapping calls empty is empty; `words` turn what the file says into what the field says.
- A reference is found by one field of the other entity, each text once; it is made when the mapping says so.
- The stage is where a new record starts; an import never moves a record that is there already.
- A row that cannot be kept is told with its reasons, and stands with them in a file that can be mended and imported again.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.blueprint.conditions import Word
from engine.blueprint.entities import Entity, Field
from engine.blueprint.imports import Column, ImportMapping
from engine.errors import BadRequest, Complaint, CrmError, NotFound
from engine.folding import fold
from engine.parts import field_type
from engine.parts.words import is_point, value_of
from engine.records.commands import Create
from engine.records.many import REJECTED, Imported
from engine.records.sheets import Line, Sheet, read_sheet
from engine.records.write import Writes

REASON = "What is wrong"  # the column that the file of rejected rows has more
POINTERS = ("reference", "user", "team")


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
            out = csv.writer(file)
            out.writerow([*self.headers, REASON])
            for row in self.rejected:
                out.writerow([*row.line, row.reasons])


def import_file(
    writes: Writes, actor: Actor, mapping: ImportMapping, path: Path, *, keep: bool = True,
    progress: Callable[[int], None] = lambda done: None,
) -> Report:  # fmt: skip
    """Imports the file, or with `keep=False` only says what would happen. `progress` hears the number of rows read.

    Raises BadRequest when the file does not fit the mapping, Refused without the import right."""
    sheet = read_sheet(path)
    run = _Run(writes, actor, mapping, sheet, keep, progress)
    given = run.given()
    stages: list[str | None] = run.stages
    if mapping.key:
        done = writes.upsert_many(actor, mapping.entity, mapping.key, given, stages=stages, keep=keep)
    else:
        done = writes.create_many(actor, mapping.entity, given, stages=stages, keep=keep)
    return run.report(done)


def mapping_of_headers(blueprint: Blueprint, entity: Entity, headers: Line, key: str | None) -> ImportMapping:
    """Headers that are names or labels of fields. Raises BadRequest for a key that is not among them."""
    by_word = {fold(word): f for f in entity.fields.values() for word in (f.label, f.name)}
    by_word.update({fold(f.name): f for f in entity.fields.values()})
    found = {header: by_word[fold(header)] for header in headers if fold(header) in by_word}
    taken = {f.name: header for header, f in found.items() if _importable(f)}
    if key is not None and key not in taken:
        raise BadRequest(f"No column of the file is the field {key}, by which records would be found again.")
    if not taken:
        raise BadRequest("No column of the file has a field's name or label. Give a mapping with --mapping.")
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
    unique = [f for f in fields if f.unique and f.type in ("text", "email")]
    numbered = [f for f in fields if f.type == "reference_number"]
    named = [f for f in fields if f.name == "name"] or [f for f in fields if f.type == "text"]
    order = [*named, *unique, *numbered] if other.name in ("user", "team") else [*unique, *named, *numbered]
    return order[0].name if order else None


def _importable(described: Field) -> bool:
    kind = field_type(described.type)
    return not described.system and (kind.stored or described.type == "references")


@dataclass(slots=True)
class _Run:
    writes: Writes
    actor: Actor
    mapping: ImportMapping
    sheet: Sheet
    keep: bool
    progress: Callable[[int], None]
    stages: list[str | None] = field(default_factory=list)
    taken: list[tuple[int, Line]] = field(default_factory=list)  # the rows that were handed on, in order
    refused: list[Rejected] = field(default_factory=list)
    known: dict[tuple[str, str, str], str | Complaint] = field(default_factory=dict)
    made: dict[str, int] = field(default_factory=dict)

    def given(self) -> Iterator[Mapping[str, Any]]:
        """The values of each row that can be read, as the write door wants them."""
        places = self._places()
        empty = {fold(word) for word in self.mapping.empty} | {""}
        for number, line in enumerate(self.sheet.rows, 2):
            if number % 500 == 0:
                self.progress(number - 1)
            values, complaints = self._values(line, places, empty)
            if complaints:
                self.refused.append(Rejected(number, line, tuple(complaints)))
                continue
            self.stages.append(self._stage(values))
            self.taken.append((number, line))
            yield values

    def report(self, done: Imported) -> Report:
        wrong = [Rejected(*self.taken[row.number], row.complaints) for row in done.rows if row.result == REJECTED]
        rejected = sorted([*self.refused, *wrong], key=lambda row: row.number)
        count = done.count
        return Report(
            self.sheet.headers, count("created"), count("changed"), count("same"), tuple(rejected), dict(self.made)
        )

    def _stage(self, values: dict[str, Any]) -> str | None:
        fields = self.writes.blueprint.entities[self.mapping.entity].fields
        stages = [values.pop(name) for name in list(values) if fields[name].type == "stage"]
        return next((stage for stage in stages if stage), None)

    def _places(self) -> list[tuple[Column, tuple[int, ...], Field]]:
        entity = self.writes.blueprint.entities[self.mapping.entity]
        at = {fold(header): place for place, header in enumerate(self.sheet.headers)}
        missing = [h for c in self.mapping.columns for h in c.headers if fold(h) not in at]
        if missing:
            raise BadRequest(
                f"The file has no column named {', '.join(dict.fromkeys(missing))}. "
                f"Its columns are {', '.join(self.sheet.headers)}."
            )
        return [(c, tuple(at[fold(h)] for h in c.headers), entity.fields[c.field]) for c in self.mapping.columns]

    def _values(
        self, line: Line, places: list[tuple[Column, tuple[int, ...], Field]], empty: set[str]
    ) -> tuple[dict[str, Any], list[Complaint]]:
        values: dict[str, Any] = {}
        complaints: list[Complaint] = []
        for column, at, described in places:
            value = self._value(column, [line[i] for i in at], described, empty)
            if isinstance(value, Complaint):
                complaints.append(value)
            else:
                values[column.field] = value
        return values, complaints

    def _value(self, column: Column, cells: list[str], described: Field, empty: set[str]) -> Any:
        text = column.value if not cells else column.join.join(c.strip() for c in cells if fold(c) not in empty)
        text = _worded(column, text or "")
        if column.match and text:
            return self._reference(column, described, text)
        if described.type in ("date", "datetime") and is_point(text):
            reading = self.writes.reads.reading(self.actor)
            return field_type(described.type).json(described, value_of(described, Word(text), reading))
        return text

    # ---- references

    def _reference(self, column: Column, described: Field, text: str) -> str | None | Complaint:
        entity = described.options.get("entity") or described.type
        wanted = (entity, column.match or "", text)
        if wanted not in self.known:
            self.known[wanted] = self._found(column, *wanted)
        found = self.known[wanted]
        if isinstance(found, Complaint):
            return Complaint(column.field, found.message)
        return found or None

    def _found(self, column: Column, entity: str, match: str, text: str) -> str | Complaint:
        ids = self._ids(entity, match, text)
        label = self.writes.blueprint.entities[entity].label.lower()
        if len(ids) > 1:
            return Complaint(None, f'More than one {label} is called "{text}".')
        if ids:
            return ids[0]
        if column.make is None:
            return Complaint(None, f'There is no {label} "{text}".')
        self.made[entity] = self.made.get(entity, 0) + 1
        return self._make(entity, {match: text, **column.make})

    def _ids(self, entity: str, match: str, text: str) -> list[str]:
        reads = self.writes.reads
        try:
            query = reads.query(self.actor, entity, [(match, text), ("limit", "2")])
        except NotFound:
            return []
        return [str(row[0]) for row in reads.page(self.actor, query).rows]

    def _make(self, entity: str, values: Mapping[str, Any]) -> str | Complaint:
        if not self.keep:
            return ""  # a dry run leaves the reference out: what is not there cannot be pointed to
        try:
            return str(self.writes.do(self.actor, Create(entity, values)).id)
        except CrmError as error:
            complaints = getattr(error, "complaints", ())
            return Complaint(None, " ".join([error.message, *(f"{c.field}: {c.message}" for c in complaints)]))


def _worded(column: Column, text: str) -> str:
    if text in column.words:
        return column.words[text]
    if column.words and column.otherwise is not None:
        return column.otherwise
    return text


__all__ = ["REASON", "Rejected", "Report", "import_file", "mapping_of_headers"]
