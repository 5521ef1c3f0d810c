"""What a view is: a named question with its looks. Of a set, or kept by a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from engine.blueprint.conditions import ALWAYS, Condition, fields_in
from engine.blueprint.source import Source


@dataclass(frozen=True, slots=True)
class View:
    """A view that comes with the set: `views: {hot: {label: Hot leads, when: {...}}}` of an entity."""

    name: str
    label: str
    kind: str = "list"  # a part of parts/views
    when: Condition = ALWAYS
    columns: tuple[str, ...] = ()  # none: those of the entity's list
    sort: tuple[tuple[str, bool], ...] = ()  # (field, newest or largest first); none: as the entity's list
    group: str | None = None  # a field, or `field by month`
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))  # of its kind, read to their meaning
    roles: frozenset[str] = frozenset()  # none: everybody who may read the entity
    pinned: bool = False
    default: bool = False  # what these roles see first
    was: str | None = None
    source: Source | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """What it speaks of, but for what its kind's options name."""
        grouped = (self.group.partition(" by ")[0],) if self.group else ()
        return tuple(dict.fromkeys([*fields_in(self.when), *self.columns, *(name for name, _ in self.sort), *grouped]))
