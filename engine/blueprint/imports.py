"""What imports/NAME.yaml means: how the columns of a file become fields."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from engine.blueprint.source import Source


@dataclass(frozen=True, slots=True)
class Column:
    """One field's value: columns of the file (several are joined by `join`), or a `value` that is the same in each row.

    `words` maps what the file says to what the field says (a choice, a stage, or a word such as `tomorrow`); what is
    not in it stays, or becomes `otherwise`. `match` finds a referenced record by that field's value; `make` holds
    the other values of a referenced record that is made when it is missing (None: it is not made, the row is rejected).
    """

    field: str
    headers: tuple[str, ...] = ()
    join: str = " "
    value: str | None = None
    words: Mapping[str, str] = dataclasses.field(default_factory=dict)  # a column has a `field` of its own
    otherwise: str | None = None
    match: str | None = None
    make: Mapping[str, str] | None = None
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
