"""A board's columns in numbers: how many records each holds, what they add up to, and since when each card stands there.

One select for all columns. A column is counted and added up to so many records; of more, only that there are more is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import FromClause

from engine.actor import Actor
from engine.blueprint.conditions import Condition, Test
from engine.blueprint.entities import Entity, Field
from engine.errors import BadRequest
from engine.parts import field_type
from engine.parts.derived import effective
from engine.parts.moments import moment_of
from engine.records import lists
from engine.records.database import Connection
from engine.records.few import Few, among
from engine.records.late import in_places
from engine.records.query import Query, both
from engine.records.read import Reads, asked
from engine.records.rows import rows
from engine.records.scope import Scope, Sql, Who
from engine.records.search import Hunt
from engine.records.statement import Prepared, prepare

MOST = 5_001  # records of a column that are counted and added up


@dataclass(frozen=True, slots=True)
class Total:
    """`count` is no more than was asked for. `sums` are values of the summed field, one for each currency; `likely` the
    same, each weighed by how probably its stage is won."""

    count: int = 0
    sums: tuple[Any, ...] = ()
    likely: tuple[Any, ...] = ()


def column_of(by: str, value: str | None) -> Condition:
    """What the records of one column have in common."""
    return Test(by, "empty", True) if value is None else Test(by, "is", value)


def totals(
    reads: Reads, lent: Connection, actor: Actor, query: Query, by: str, values: Sequence[str | None], added: str | None,
    most: int = MOST,
) -> dict[str | None, Total]:  # fmt: skip
    """By column. Raises NotFound for the entity, BadRequest for a field that the actor may not read."""
    reads.sight.entity(actor, query.entity)
    few = reads.few(actor, query, lent)
    hunt = reads.hunt(actor, query, few)
    shape = (hunt.shape if hunt else None, few is not None)
    key = ("board", Who.of(actor), query.entity, query.where, by, tuple(values), added, shape)
    prepared = reads.kept(
        key, lambda: _prepared(reads, actor, query, by, values, added, hunt, few), lambda made: made.lasting
    )
    found = asked(lent, query)(prepared.statement, reads._values(actor, prepared, hunt, few, limit=most))
    field = reads.sight.field(actor.role, query.entity, added) if added else None
    return {value: _total([row for row in found if row[0] == n], field) for n, value in enumerate(values)}


def standing_since(lent: Connection, field: str, ids: Iterable[int]) -> dict[int, datetime]:
    """Since when each record stands in its stage of that field. `ids` are records that the actor was shown, with it."""
    found: dict[int, datetime] = {}
    for piece in in_places(list(ids)):
        marks = ", ".join("?" * len(piece))
        text = f"select record, entered_at from crm_stage_time where record in ({marks}) and field = ? and left_at is null"
        found |= {record: moment_of(entered) for record, entered in rows(lent, text, (*piece, field))}
    return found


# ---- the select


def _prepared(
    reads: Reads, actor: Actor, query: Query, by: str, values: Sequence[str | None], added: str | None,
    hunt: Hunt | None, few: Few | None,
) -> Prepared:  # fmt: skip
    scope = reads.scope(actor)
    columns = [_column(reads, scope, query, by, value, n, added, hunt, few) for n, value in enumerate(values)]
    every: Any = columns[0] if len(columns) == 1 else sa.union_all(*columns)
    return prepare(every, reads.dialect, scope.live)


def _column(
    reads: Reads, scope: Scope, query: Query, by: str, value: str | None, number: int, added: str | None,
    hunt: Hunt | None, few: Few | None,
) -> sa.Select[Any]:  # fmt: skip
    """Its number, how many; and of each currency the sum and what is likely of it."""
    row = scope.table(query.entity)
    source, found = lists.source_of(scope, query.entity, row, hunt)
    mine = replace(query, where=both(query.where, column_of(by, value)))
    where = [*lists.conditions(scope, mine, row, None), *found, *among(few, row, reads.dialect)]
    some = sa.select(*_added(reads, scope, query.entity, by, value, added, row)).select_from(source).where(*where)
    held = some.limit(sa.bindparam("limit", 0, type_=sa.Integer())).subquery()
    told: list[Sql] = [sa.literal_column(str(number)), sa.func.count()]
    if added is None:
        return sa.select(*told).select_from(held)
    told += [held.c.currency, sa.func.sum(held.c.amount), sa.func.sum(held.c.likely)]
    return sa.select(*told).select_from(held).group_by(held.c.currency)


def _added(
    reads: Reads, scope: Scope, entity: str, by: str, value: str | None, added: str | None, row: FromClause
) -> list[Sql]:
    if added is None:
        return [sa.literal_column("1").label("one")]
    field = scope.sight.field(scope.who.role, entity, added)
    amount, *currency = scope.columns(field, entity, row)
    chance = _chance(reads, scope, entity, by, value, row)
    likely = sa.cast(sa.null(), sa.Float) if chance is None else sa.cast(amount, sa.Float) * chance
    return [
        amount.label("amount"), (currency[0] if currency else sa.cast(sa.null(), sa.String)).label("currency"),
        likely.label("likely"),
    ]  # fmt: skip


def _chance(reads: Reads, scope: Scope, entity: str, by: str, value: str | None, row: FromClause) -> Sql | None:
    """How probable it is in this stage, in percent, by the workflow that a record follows; None where nobody said, or where
    the choice of the workflow hangs on what the reader may not read."""
    cases: list[tuple[Sql, Sql]] = []
    for workflow in reads.blueprint.workflows_of(entity):
        stage = workflow.stages.get(value or "") if workflow.field == by else None
        if stage is None or stage.ends or stage.probability is None:
            continue
        try:
            scope.sight.check(scope.who.role, entity, workflow.applies)
        except BadRequest:
            return None
        cases.append((scope.holds(workflow.applies, entity, row), sa.literal_column(str(stage.probability))))
    return sa.case(*cases, else_=sa.literal_column("0")) if cases else None


# ---- what it told


def _total(found: list[Any], field: Field | None) -> Total:
    if field is None:
        return Total(found[0][1] if found else 0)
    known = [row for row in found if row[3] is not None]
    sums = tuple(_value(field, row[3], row[2]) for row in known)
    likely = tuple(_value(field, _weighed(row[4]), row[2]) for row in known if row[4] is not None)
    return Total(sum(row[1] for row in found), sums, likely)


def _weighed(percents: Any) -> int:
    return int((Decimal(str(percents)) / 100).quantize(Decimal(1), ROUND_HALF_EVEN))


def _value(field: Field, raw: Any, currency: str | None) -> Any:
    plain, raw = effective(field), int(raw) if isinstance(raw, Decimal) else raw
    several = len(field_type(plain.type).columns(plain)) > 1
    return field_type(plain.type).load(plain, (raw, currency) if several else (raw,))


def is_board_of(entity: Entity, readable: Iterable[str]) -> bool:
    """Whether there is a board of this entity for somebody who may read these fields."""
    return entity.board is not None and entity.board.by in readable


__all__ = ["MOST", "Total", "column_of", "is_board_of", "standing_since", "totals"]
