"""What stands on a dashboard for one reader: reports, lists, and tiles, one number each and what it was a period before."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.blueprint.conditions import ALWAYS, AllOf, Condition
from engine.blueprint.entities import Entity
from engine.blueprint.reports import Dashboard, Report, Series, Tile
from engine.parts.tables import Column
from engine.records.database import Connection
from engine.records.periods import earlier_of
from engine.records.query import Query
from engine.records.read import COUNTED, Reads
from engine.records.reporting import Asked, column_of, readable_series, where_of
from engine.rules.deriving import change

MOST_COLUMNS = 5  # of a view that stands on a page


def reports_on(blueprint: Blueprint, found: Dashboard) -> dict[str, Report]:
    """The reports of a page, and its views as lists: `lead.hot`, a name that no report has."""
    views = (list_of(blueprint.entities[entity], view) for entity, view in found.views)
    return {one.name: one for one in (*(blueprint.reports[name] for name in found.reports), *views)}


def list_of(entity: Entity, name: str) -> Report:
    """A view's records as a report lists them: in its order, with its first columns."""
    view = entity.views[name]
    called, was = f"{entity.name}.{name}", f"{entity.name}.{view.was}" if view.was else None
    series = Series("", view.label, entity.name, (), {}, view.when)
    columns, order = view.columns or entity.list.columns, view.sort or entity.list.sort
    roles = tuple(view.roles) or None
    return Report(called, view.label, {"": series}, order=order, columns=columns[:MOST_COLUMNS], roles=roles, was=was)


@dataclass(frozen=True, slots=True)
class Figure:
    """`where`: the records that it counts. `part`: what it is more or less than in the period before, as a part of that.
    `more`: there are more than were counted."""

    tile: Tile
    column: Column
    number: Any
    where: Condition
    part: Decimal | None = None
    more: bool = False


def tile_series(reads: Reads, actor: Actor, tile: Tile) -> Series | None:
    """None where the reader may not read what the tile speaks of."""
    series = Series(tile.name, tile.label, tile.entity, (), {tile.name: tile.measure}, tile.when, tile.over)
    kept = readable_series(reads, actor, series)
    return kept if kept is not None and kept.measures else None


def figure_of(reads: Reads, actor: Actor, tile: Tile, asked: Asked, lent: Connection) -> Figure | None:
    """None as `tile_series`."""
    series = tile_series(reads, actor, tile)
    if series is None:
        return None
    where, column = where_of(series, asked.period, asked), column_of(reads.blueprint, tile.entity, tile.measure, "")
    whole = AllOf((where, tile.measure.when)) if tile.measure.when != ALWAYS else where
    if tile.measure.take == "count" and asked.period is None:
        count = reads.count(actor, Query(tile.entity, where=whole), COUNTED, connection=lent)
        return Figure(tile, column, count, whole, more=count >= COUNTED)
    number = _number(reads, actor, series, where, lent)
    if asked.period is None:
        return Figure(tile, column, number, whole)
    earlier = where_of(series, earlier_of(reads, actor, asked.period), asked)
    return Figure(tile, column, number, whole, change(number, _number(reads, actor, series, earlier, lent)))


def _number(reads: Reads, actor: Actor, series: Series, where: Condition, lent: Connection) -> Any:
    return reads.aggregate(actor, series.entity, where, (), series.measures, connection=lent).total


__all__ = ["Figure", "figure_of", "list_of", "reports_on", "tile_series"]
