"""What reports.yaml means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.blueprint.conditions import ALWAYS, Condition
from engine.blueprint.source import Source


@dataclass(frozen=True, slots=True)
class Measure:
    name: str
    label: str
    take: str  # count, sum, average, smallest, largest
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    name: str
    label: str
    entity: str
    group_by: tuple[str, ...]
    measures: Mapping[str, Measure]
    when: Condition = ALWAYS
    chart: str = "table"
    roles: tuple[str, ...] | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Tile:
    name: str
    label: str
    entity: str
    measure: Measure
    when: Condition = ALWAYS
    hue: str | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Dashboard:
    name: str
    label: str
    roles: tuple[str, ...]
    tiles: Mapping[str, Tile]
    reports: tuple[str, ...] = ()
    source: Source | None = None
