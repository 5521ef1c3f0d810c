"""The columns of what is not stored: formulas over the record, and roll-ups of its children.

A roll-up gathers only the children that the actor may read, so two people may see two numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import FromClause

from engine.blueprint.entities import Field
from engine.parts import formulas
from engine.records.scope import Scope, Sql

BIG = sa.BigInteger()


def computed(scope: Scope, field: Field, entity: str, row: FromClause) -> tuple[Sql, ...]:
    """The raw columns, as `load` of the field's type wants them; none for a type that has no value of its own."""
    if field.type == "computed":
        fields = scope.sight.blueprint.entities[entity].fields
        return (formulas.sql(field, fields, lambda named: scope.columns(named, entity, row)[0]),)
    if field.type == "rollup":
        return rolled_up(scope, field, entity, row)
    return ()


def rolled_up(scope: Scope, field: Field, entity: str, row: FromClause) -> tuple[Sql, ...]:
    described, take = scope.sight.blueprint.entities, field.options["take"]
    children = described[entity].fields[field.options["of"]]
    child = children.options["entity"]
    if take == "count":
        return (_gathered(scope, field, children, entity, row, lambda columns, there: sa.func.count()),)
    source = described[child].fields[field.options["field"]]
    width = len(scope.columns(source, child, scope.table(child)))
    return tuple(
        _gathered(scope, field, children, entity, row, _taken(take, source, at), source, take) for at in range(width)
    )


def _taken(take: str, source: Field, at: int) -> Callable[..., Any]:
    """What is taken of the source's column `at`: the first is its amount, a second its currency."""
    if take == "latest":
        return lambda columns, there: columns[at]
    return lambda columns, there: TAKES[take](columns[0], source) if at == 0 else _one_word(columns[at])


def _gathered(
    scope: Scope, field: Field, children: Field, entity: str, row: FromClause, make: Callable[..., Any],
    source: Field | None = None, take: str = "count",
) -> Sql:  # fmt: skip
    child = children.options["entity"]
    there = scope.table(child)
    columns = scope.columns(source, child, there) if source else ()
    where = [scope.child_of(children, entity, row, child, there), scope.rows(child, there)]
    if field.options.get("when") is not None:
        where.append(scope.holds(field.options["when"], child, there))
    select = sa.select(make(columns, there)).where(*where)
    if take == "latest":
        select = select.where(columns[0].is_not(None)).order_by(there.c.id.desc()).limit(sa.literal_column("1"))
    return select.correlate_except(there).scalar_subquery()


def _one_word(column: Sql) -> Sql:
    """The currency, where all children have the same; amounts of several are no sum."""
    return sa.case((sa.func.min(column) == sa.func.max(column), sa.func.min(column)))


def _sum(column: Sql, source: Field) -> Sql:
    return sa.cast(sa.func.sum(column), BIG)


def _average(column: Sql, source: Field) -> Sql:
    """Rounded half to even; of whole numbers to two places."""
    total = sa.cast(sa.func.sum(column), BIG) * sa.literal_column("100" if source.type == "integer" else "1", BIG)
    count = sa.func.nullif(sa.func.count(column), 0, type_=BIG)
    rest = (total % count + count) % count
    whole = sa.cast((total - rest) // count, BIG)
    up = sa.or_(rest * 2 > count, sa.and_(rest * 2 == count, whole % 2 != 0))
    return sa.cast(whole + sa.case((up, sa.literal_column("1", BIG)), else_=sa.literal_column("0", BIG)), BIG)


TAKES: dict[str, Callable[[Sql, Field], Sql]] = {
    "sum": _sum,
    "average": _average,
    "smallest": lambda column, source: sa.func.min(column, type_=column.type),
    "largest": lambda column, source: sa.func.max(column, type_=column.type),
}
