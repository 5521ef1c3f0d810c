"""A list's groups: how many records each has, and the sums of its numbers. Bounded at any size.

The question is asked of no more than so many records. Where more fit, each group has at least what is told, sums are not
told, and choices that were not met are there all the same: a number that looks exact is exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from engine.actor import Actor
from engine.blueprint.entities import Field
from engine.blueprint.reports import Measure
from engine.blueprint.values import Ref
from engine.errors import BadRequest
from engine.parts.derived import effective
from engine.records import lists
from engine.records.aggregate import COUNT, Plan, Select, Summary
from engine.records.database import Connection
from engine.records.few import among
from engine.records.query import Query
from engine.records.read import Reads
from engine.records.scope import Who
from engine.records.statement import prepare
from engine.words import said

MOST = 10_000  # records that are looked at
MOST_GROUPS = 200  # groups that are shown
GROUPABLE = frozenset({"stage", "choice", "role", "reference", "user", "team", "yes_no", "date", "datetime"})
SIZES = ("day", "week", "month", "quarter", "year", "financial_year")


@dataclass(frozen=True, slots=True)
class One:
    """`value`: a choice's word, a Ref with its title, True, the first day of a stretch of time; None for nothing.
    `pairs` are the filters by which an address means its records. `count` is None where it is not known."""

    value: Any
    count: int | None
    measures: Mapping[str, Any]
    pairs: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        return "&".join(f"{name}={text}" for name, text in self.pairs)


@dataclass(frozen=True, slots=True)
class Grouped:
    """`is_whole`: every record that fits was looked at. `left`: groups that are not shown, as there are too many."""

    field: Field
    size: str | None
    groups: tuple[One, ...]
    is_whole: bool
    left: int = 0


def groups_of(
    reads: Reads, lent: Connection, actor: Actor, query: Query, measures: Mapping[str, Measure], most: int = MOST
) -> Grouped:
    """Raises BadRequest for a field that the actor may not read, or by which nothing can be grouped."""
    name, _, size = (query.group or "").partition(" by ")
    field = reads.sight.field(actor.role, query.entity, name)
    check_groupable(field, size)
    asked = {"count": replace(COUNT, name="count"), **measures}
    found = _summary(reads, lent, actor, query, f"{name} by {size}" if size else name, asked, most)
    at = {measure.name: n for n, measure in enumerate(found.measures, len(found.groups))}
    seen = sum(row[at["count"]] for row in found.rows)
    is_whole = seen <= most
    year_starts = reads.blueprint.manifest.financial_year_starts
    groups = [
        One(
            row[0], row[at["count"]], {n: row[at[n]] for n in measures} if is_whole else {},
            pairs_of(field, size or None, row[0], year_starts),
        )
        for row in found.rows
    ]  # fmt: skip
    if not is_whole:
        groups = _with_unseen(field, groups)
    return Grouped(field, size or None, tuple(groups[:MOST_GROUPS]), is_whole, max(len(groups) - MOST_GROUPS, 0))


def counts_of(reads: Reads, lent: Connection, actor: Actor, query: Query, most: int = MOST) -> Grouped:
    """How many records each choice of a filter would leave; `query.group` names its field."""
    return groups_of(reads, lent, actor, query, {}, most)


def check_groupable(field: Field, size: str) -> None:
    kind = effective(field).type
    if kind not in GROUPABLE or field.type == "rollup":
        raise BadRequest(said("A list cannot be grouped by {label}.", label=field.label))
    if size and (kind not in ("date", "datetime") or size not in SIZES):
        raise BadRequest(said('{label} cannot be grouped by "{size}".', label=field.label, size=size[:30]))


def pairs_of(field: Field, size: str | None, value: Any, year_starts: tuple[int, int]) -> tuple[tuple[str, str], ...]:
    """The filters that leave one group's records."""
    name = field.name
    if value is None:
        return ((f"{name}.empty", "true"),)
    if isinstance(value, bool):
        return ((f"{name}.is", "yes" if value else "no"),)
    if isinstance(value, Ref):
        return ((f"{name}.is", str(value.id)),)
    if not isinstance(value, date):
        return ((f"{name}.is", str(value)),)
    if size in ("week", "financial_year"):
        end = value + timedelta(days=7) if size == "week" else value.replace(year=value.year + 1)
        return ((f"{name}.at_least", value.isoformat()), (f"{name}.before", end.isoformat()))
    written = {"month": f"{value:%Y-%m}", "quarter": f"{value.year}-Q{(value.month + 2) // 3}", "year": f"{value.year}"}
    return ((f"{name}.within", written.get(size or "day", value.isoformat())),)


def _with_unseen(field: Field, groups: list[One]) -> list[One]:
    """Every choice, also those of which none was met: there may be some."""
    choices = field.options.get("stages") or field.options.get("choices") or ()
    known = {one.value: one for one in groups}
    unseen = {c.value: One(c.value, None, {}, ((f"{field.name}.is", c.value),)) for c in choices}
    every = [known.pop(value, one) for value, one in unseen.items()]
    return [*every, *known.values()] if choices else groups


def _summary(
    reads: Reads, lent: Connection, actor: Actor, query: Query, by: str, asked: Mapping[str, Measure], most: int
) -> Summary:
    few = reads.few(actor, query, lent)
    hunt = reads.hunt(actor, query, few)
    shape = (hunt.shape if hunt else None, few is not None)
    key = ("groups", Who.of(actor), actor.zone, query.entity, query.where, by, tuple(asked.values()), shape)
    plan: Plan = reads.kept(
        key, lambda: _plan(reads, actor, query, by, asked, hunt, few), lambda made: made.prepared.lasting
    )
    values = reads._values(actor, plan.prepared, hunt, few, most=most + 1)
    rows = lent.rows_afresh(plan.prepared.statement, values)
    return reads.aggregates._summary(lent, actor, plan, tuple(asked.values()), reads.aggregates._gathered(plan, rows))


def _plan(
    reads: Reads, actor: Actor, query: Query, by: str, asked: Mapping[str, Measure], hunt: Any, few: Any
) -> Plan:
    """The records that are looked at are chosen inside, by their ids."""
    scope = reads.scope(actor)
    inner = scope.table(query.entity)
    source, found = lists.source_of(scope, query.entity, inner, hunt)
    where = [*lists.conditions(scope, query, inner, None), *found, *among(few, inner, reads.dialect)]
    most = sa.bindparam("most", 0, type_=sa.Integer())
    looked_at = sa.select(inner.c.id).select_from(source).where(*where).limit(most)
    row = scope.table(query.entity)
    select = Select(scope, query.entity, row, actor.zone)
    groups = (select.group(by),)
    taken = tuple(select.take(measure) for measure in asked.values())
    grouped: sa.Select[Any] = sa.select(*select.sql).select_from(row).where(row.c.id.in_(looked_at))
    grouped = grouped.group_by(*(sa.literal_column(str(at + 1)) for at in select.grouped))
    return Plan(prepare(grouped, reads.dialect, scope.live), groups, taken)


__all__ = ["GROUPABLE", "MOST", "SIZES", "Grouped", "One", "check_groupable", "counts_of", "groups_of", "pairs_of"]
