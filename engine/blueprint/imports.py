"""What imports/NAME.yaml means: how the columns of a file become fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.blueprint.source import Source


@dataclass(frozen=True, slots=True)
class Column:
    """One field's value: a column of the file, or a `value` that is the same in each row.

    `match` finds a referenced record by that field's value; `make` makes it when it is missing.
    `words` maps what the file says to what the field says; what is not in it stays, or becomes `otherwise`.
    """

    field: str
    header: str | None = None
    value: str | None = None
    words: Mapping[str, str | None] = field(default_factory=dict)
    otherwise: str | None = None
    match: str | None = None
    make: bool = False
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class ImportMapping:
    name: str
    label: str
    entity: str
    key: str | None  # the field by which a row finds its record again
    columns: tuple[Column, ...]
    empty: frozenset[str] = frozenset({""})
    source: Source | None = None
