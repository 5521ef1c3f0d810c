"""How long something took, or has lasted, as SQL; and how long ago it was, in steps.

What depends on the moment is bound (`values_at`), so that one statement serves every day.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy import FromClause

from engine.blueprint.entities import Field
from engine.blueprint.reports import Stretch
from engine.formats import Reading
from engine.parts.derived import effective
from engine.parts.moments import start_of
from engine.parts.sql_functions import day_number
from engine.parts.tables import AGES
from engine.records import buckets
from engine.records.keys import milliseconds
from engine.records.scope import Scope, Sql

NOW = sa.bindparam("now_ms", 0, type_=sa.BigInteger())
TODAY = sa.bindparam("today_number", 0, type_=sa.BigInteger())
EDGES = (-1, *(last for _, last in AGES[:-1]))  # days ago; what is nearer than the first is still to come


def values_at(at: Reading) -> dict[str, Any]:
    """What statements of this file are given."""
    zone, days = at.formats.zoneinfo, [at.today - timedelta(days=edge) for edge in EDGES]
    return {
        "now_ms": milliseconds(at.now),
        "today_number": (at.today - buckets.EPOCH).days,
        **{f"age_moment{n}": milliseconds(start_of(day, zone)) for n, day in enumerate(days)},
        **{f"age_day{n}": day.isoformat() for n, day in enumerate(days)},
    }


def age_of(column: Sql, is_day: bool) -> Sql:
    """Which of the steps, counted from 0, a day or a moment is ago; -1 for what is to come."""
    name, kind = ("age_day", sa.Text()) if is_day else ("age_moment", sa.BigInteger())
    edges = [sa.bindparam(f"{name}{n}", date.min.isoformat() if is_day else 0, type_=kind) for n in range(len(EDGES))]
    steps = [(column >= edge, _whole(n - 1)) for n, edge in enumerate(edges)]
    return sa.case(*steps, (column.is_not(None), _whole(len(EDGES) - 1)))


def entered(scope: Scope, field: Field, row: FromClause) -> Sql:
    """When the record came into its present stage, ms."""
    stay = scope.stay()
    here = (stay.c.record == row.c.id, stay.c.field == field.name, stay.c.left_at.is_(None))
    return sa.select(stay.c.entered_at).where(*here).correlate_except(stay).scalar_subquery()


def lasting(scope: Scope, entity: str, row: FromClause, zone: str, stretch: Stretch) -> Sql:
    """Milliseconds; where a day without an hour takes part, of whole days. Null where an end is not known."""
    first = scope.sight.field(scope.who.role, entity, stretch.start)
    if stretch.stage is not None:
        return _spent(scope, first, row, stretch.stage)
    last = scope.sight.field(scope.who.role, entity, stretch.end) if stretch.end is not None else None
    if "date" not in {effective(field).type for field in (first, last) if field is not None}:
        end = NOW if last is None else _moment(scope, last, entity, row)
        return end - _moment(scope, first, entity, row)
    end = TODAY if last is None else _day(scope, last, entity, row, zone)
    return (end - _day(scope, first, entity, row, zone)) * _whole(buckets.DAY)


def _spent(scope: Scope, field: Field, row: FromClause, stage: str) -> Sql:
    """All stays in the stage together, the present one until now."""
    stay = scope.stay()
    long = sa.func.sum(sa.func.coalesce(stay.c.left_at, NOW) - stay.c.entered_at)
    mine = (stay.c.record == row.c.id, stay.c.field == field.name, stay.c.stage == stage)
    return sa.select(long).where(*mine).correlate_except(stay).scalar_subquery()


def _moment(scope: Scope, field: Field, entity: str, row: FromClause) -> Sql:
    return entered(scope, field, row) if field.type == "stage" else scope.columns(field, entity, row)[0]


def _day(scope: Scope, field: Field, entity: str, row: FromClause, zone: str) -> Sql:
    """The number of the local day since 1970."""
    if effective(field).type == "date":
        return day_number(scope.columns(field, entity, row)[0])
    return local_day(_moment(scope, field, entity, row), zone)


def local_day(moment: Sql, zone: str) -> Sql:
    local = moment + offset(moment, zone)
    return (local - rest(local, buckets.DAY)) // buckets.DAY


def offset(column: Sql, zone: str) -> Any:
    """Milliseconds to add to a moment for the zone's wall clock."""
    turns = buckets.offsets(zone)
    spans = [(column < until, _whole(added)) for (_, added), (until, _) in pairwise(turns)]
    return sa.case(*spans, else_=_whole(turns[-1][1])) if spans else _whole(turns[0][1])


def rest(number: Sql, size: int) -> Sql:
    """Of a division that rounds down, also below nothing."""
    return ((number % _whole(size)) + _whole(size)) % _whole(size)


def _whole(number: int) -> Sql:
    return sa.literal_column(str(number), sa.BigInteger())


__all__ = ["age_of", "entered", "lasting", "local_day", "offset", "rest", "values_at"]
