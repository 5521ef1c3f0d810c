"""What can be asked of the write door, and what it answers. Values are as given: text or JSON; the door reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from engine.errors import CrmError


@dataclass(frozen=True, slots=True)
class Cause:
    """Which rule asks, how many rules led to it, this one too, and whose deed set off the first; 0: nobody's."""

    depth: int
    rule: str
    whose: int = 0


@dataclass(frozen=True, slots=True)
class Create:
    """A new record. `stage` (a stage's name, or one by stage field) needs the import right: elsewhere a record starts
    where its workflow starts."""

    entity: str
    values: Mapping[str, Any]
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Changed fields of the record as it was at `version`. A change of owner needs the right to assign."""

    entity: str
    id: int
    version: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Move:
    """A transition; `values` are what its dialog asks for."""

    entity: str
    id: int
    version: int
    transition: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delete:
    """Into the bin."""

    entity: str
    id: int
    version: int


@dataclass(frozen=True, slots=True)
class Restore:
    """Out of the bin."""

    entity: str
    id: int
    version: int


@dataclass(frozen=True, slots=True)
class Merge:
    """Another record of the same entity becomes part of this one. `choose`: field -> this, other or both; what is not
    chosen the engine decides. The other one goes into the bin."""

    entity: str
    id: int
    version: int
    other: int
    other_version: int
    choose: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unmerge:
    """Takes a merge into this record back; `merge` is its id."""

    entity: str
    id: int
    version: int
    merge: int


@dataclass(frozen=True, slots=True)
class Undo:
    """Takes back what one did oneself: the deed of this history row, as long as it is the last one of the record.
    `judged`: whether there is still time for it was asked already, as for a bulk of many."""

    entity: str
    id: int
    version: int
    history: int
    judged: bool = False


One: TypeAlias = "Create | Update | Move | Delete | Restore | Merge | Unmerge | Undo"


@dataclass(frozen=True, slots=True)
class Bulk:
    """Many commands of one entity, each in its own transaction; needs the bulk right. See `Writes.bulk`."""

    commands: tuple[One, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done: the record as it is now. `changed` are the names of the fields that changed, also those that the
    actor may not read: a face shows only readable ones. `replayed`: the same request had been done before."""

    entity: str
    id: int
    version: int
    changed: tuple[str, ...] = ()
    stage: str | None = None  # of the moved workflow, or of the entity's first one
    replayed: bool = False
    lists: Mapping[str, Sequence[str]] | None = None  # of what was taken back: back, kept, failed, in sentences
    history: int | None = None  # the row of its history by which it can be taken back; None when nothing changed


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """One answer per command, in order: an Outcome, or the error that it met."""

    results: tuple[Outcome | CrmError, ...]

    @property
    def done(self) -> int:
        return sum(isinstance(r, Outcome) for r in self.results)
