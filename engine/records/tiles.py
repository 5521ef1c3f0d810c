"""A dashboard's tiles: one number each, for one reader, and how it stands against the period before."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.actor import Actor
from engine.blueprint.conditions import ALWAYS, AllOf, Condition
from engine.blueprint.reports import Series, Tile
from engine.parts.tables import Column
from engine.records.database import Connection
from engine.records.periods import earlier_of
from engine.records.query import Query
from engine.records.read import COUNTED, Reads
from engine.records.reporting import Asked, column_of, readable_series, where_of
from engine.rules.deriving import change


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


__all__ = ["Figure", "figure_of", "tile_series"]
