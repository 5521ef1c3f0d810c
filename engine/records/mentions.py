"""Which records a file's texts mean: looked up once each, made when the mapping says so, else told with the nearest name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from engine.actor import Actor
from engine.blueprint.conditions import Test
from engine.blueprint.imports import Column
from engine.errors import BadRequest, Complaint, CrmError, NotFound
from engine.folding import fold
from engine.parts import field_type, operator
from engine.parts.fields.contract import Unreadable
from engine.records.commands import Create
from engine.records.query import MOST, Query
from engine.records.write import Writes
from engine.words import said

COMPARED = 2000  # names that a missing one is compared with
TO_BE_MADE: Any = object()  # instead of an id, in a dry run


@dataclass(slots=True)
class Mentions:
    """`made` counts, by entity, the records that were missing."""

    writes: Writes
    actor: Actor
    keep: bool
    made: dict[str, int] = field(default_factory=dict)
    _known: dict[tuple[str, str, str], str | Complaint] = field(default_factory=dict)
    _names: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def id_of(self, column: Column, entity: str, text: str) -> str | Complaint:
        """The id of the record whose field `column.match` is this text, TO_BE_MADE, or why there is none."""
        wanted = (entity, column.match or "", text)
        if wanted not in self._known:
            self._known[wanted] = self._found(column, *wanted)
        found = self._known[wanted]
        return Complaint(column.field, found.message) if isinstance(found, Complaint) else found

    def is_there(self, entity: str, match: str, text: str) -> bool:
        return bool(self._ids(entity, match, text))

    def _found(self, column: Column, entity: str, match: str, text: str) -> str | Complaint:
        ids = self._ids(entity, match, text)
        if len(ids) > 1:
            return Complaint(None, said(
                'More than one {label} is called "{text}".', label=self._label(entity), text=text
            ))
        if ids:
            return ids[0]
        if column.make is None:
            return Complaint(None, self.missing(entity, match, text))
        self.made[entity] = self.made.get(entity, 0) + 1
        return self._make(entity, {match: text, **column.make}) if self.keep else TO_BE_MADE

    def missing(self, entity: str, match: str, text: str) -> str:
        """`There is no product "GTXPro". Did you mean "GTX Pro"?`"""
        names = self._all_names(entity, match)
        near = get_close_matches(_bare(text), names, 1, 0.75)
        hint = f' Did you mean "{names[near[0]]}"?' if near else ""
        return f'There is no {self._label(entity)} "{text}".{hint}'

    def _ids(self, entity: str, match: str, text: str) -> list[str]:
        described = self.writes.blueprint.entities[entity].fields[match]
        reading = self.writes.reads.reading(self.actor)
        try:
            value = field_type(described.type).read(described, text, reading)
            where = Test(match, "is", operator("is").read(described, value, reading))
            page = self.writes.reads.page(self.actor, Query(entity, (match,), where, limit=2))
        except (Unreadable, NotFound, BadRequest):
            return []
        return [str(row[0]) for row in page.rows]

    def _all_names(self, entity: str, match: str) -> dict[str, str]:
        """The names that the actor may see, by their bare form; a missing one is asked for once and for all."""
        if (entity, match) not in self._names:
            self._names[entity, match] = {_bare(name): name for name in self._read_names(entity, match)}
        return self._names[entity, match]

    def _read_names(self, entity: str, match: str) -> list[str]:
        names: list[str] = []
        reads, cursor = self.writes.reads, None
        described = self.writes.blueprint.entities[entity].fields[match]
        formats = reads.formats(self.actor)
        while len(names) < COMPARED:
            try:
                page = reads.page(self.actor, Query(entity, (match,), limit=MOST, cursor=cursor))
            except (NotFound, BadRequest):
                break
            shown, kind = page.columns[0], field_type(described.type)
            raws = (row[shown.start : shown.stop] for row in page.rows)
            names += [kind.show(described, kind.load(described, raw), formats) for raw in raws]
            cursor = page.next
            if cursor is None:
                break
        return names

    def _make(self, entity: str, values: Mapping[str, Any]) -> str | Complaint:
        try:
            return str(self.writes.do(self.actor, Create(entity, values)).id)
        except CrmError as error:
            return Complaint(None, " ".join([error.message, *(f"{c.field}: {c.message}" for c in error.complaints)]))

    def _label(self, entity: str) -> str:
        return self.writes.blueprint.entities[entity].label.lower()


def _bare(text: str) -> str:
    """Without case, spaces and signs."""
    return "".join(filter(str.isalnum, fold(text)))


__all__ = ["TO_BE_MADE", "Mentions"]
