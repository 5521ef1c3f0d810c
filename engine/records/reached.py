"""How far records came: from their kept stays, how many reached each stage, entered there, went on, and how long they were.

For each record the stages that it reached are one number, a bit for each; records are counted by that number, so that the
database answers with a few rows, and whatever is asked of them (who reached, who went further) is worked out here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.actor import Actor
from engine.blueprint.conditions import AllOf, AnyOf, Condition, Test, Word
from engine.blueprint.reports import Measure, Report, Series
from engine.blueprint.values import Ref
from engine.blueprint.workflows import Stage
from engine.parts import operator
from engine.parts.stays import ENTERED
from engine.parts.tables import Axis, Column, Line
from engine.records import lists
from engine.records.aggregate import Group, Select, group_value, titled
from engine.records.database import Connection
from engine.records.periods import Period, span_text, within
from engine.records.query import Query
from engine.records.scope import Scope, Sql
from engine.records.spans import values_at
from engine.records.statement import prepare
from engine.rules.deriving import quotient
from engine.words import said, speech

if TYPE_CHECKING:
    from engine.records.read import Reads

COLUMNS = (
    ("reached", said("Reached"), "count"), ("entered", said("Entered here"), "count"),
    ("went_on", said("Went on"), "percent"),
    ("here", said("There now"), "count"), ("stay", said("Average stay"), "days"),
)  # fmt: skip


def table(
    reads: Reads, actor: Actor, report: Report, series: Series, where: Condition, period: Period | None,
    lent: Connection, tests: Callable[[tuple[Axis, ...], tuple[Any, ...]], Iterable[Condition]],
) -> tuple[tuple[Axis, ...], tuple[Column, ...], list[Line], None]:  # fmt: skip
    """The axes, columns and lines of a report about stages; it has no total, as most records reach several stages. `tests`:
    what holds of the records of a group."""
    asking = _Asking(reads, actor, report, series, where, period)
    known = stages_of(reads, series.entity, asking.field)
    masks = asking.rows(lent, asking.masks(known))
    stays = asking.rows(lent, asking.stays())
    groups = list(dict.fromkeys(key for key, _ in (*masks, *stays)))
    titles = reads.titles(actor, {v for key in groups for v in key if isinstance(v, Ref)}, lent)
    told = {key: tuple(titled(value, titles) for value in key) for key in groups}
    lines = [
        _line(asking, at, stage, known, told[key], [r for k, r in masks if k == key], [r for k, r in stays if k == key])
        for at, stage in enumerate(known)
        for key in groups
    ]
    field = reads.blueprint.entities[series.entity].fields[asking.field]
    axis = Axis(field.name, field.label, field, None, tuple(stage.name for stage in known))
    others = tuple(
        Axis(group.name, group.label, group.field, group.bucket, tuple(dict.fromkeys(told[key][at] for key in groups)))
        for at, group in enumerate(asking.groups)
    )
    opened = [replace(line, opens=asking.opens(line, known, tuple(tests(others, line.keys[1:])))) for line in lines]
    return (axis, *others), _columns(actor), opened, None


def _columns(actor: Actor) -> tuple[Column, ...]:
    words = speech(actor.language)
    told = [(name, words.tell(label), kind) for name, label, kind in COLUMNS]
    return tuple(Column(name, label, kind, None, Measure(name, label, "stages"), name) for name, label, kind in told)


def stages_of(reads: Reads, entity: str, field: str) -> list[Stage]:
    """All stages that records may have in this field, in the order of the set."""
    flows = [flow for flow in reads.blueprint.workflows_of(entity) if flow.field == field]
    return list({stage.name: stage for flow in flows for stage in flow.stages.values()}.values())


class _Asking:
    def __init__(
        self, reads: Reads, actor: Actor, report: Report, series: Series, where: Condition, period: Period | None
    ) -> None:
        self.reads, self.actor, self.series, self.where, self.period = reads, actor, series, where, period
        self.field = str(report.stages)
        self.scope: Scope = reads.scope(actor)
        self.groups: tuple[Group, ...] = ()

    def masks(self, known: Sequence[Stage]) -> sa.Select[Any]:
        """By what is grouped by: the set of stages, the stage where they entered, and how many records have these."""
        stay, by, where = self.parts()
        bits = sa.case({stage.name: 1 << at for at, stage in enumerate(known)}, value=stay.c.stage, else_=0)
        named = [column.label(f"g{at}") for at, column in enumerate(by)]
        mask, first = sa.func.sum(sa.distinct(bits)).label("mask"), sa.func.min(stay.c.id).label("first")
        inner = sa.select(*named, stay.c.record, mask, first)
        inner = inner.where(*where).group_by(*(column for column in by), stay.c.record)
        each = inner.subquery()
        entry = self.scope.tables.system("stage_time").alias()
        start = sa.select(entry.c.stage).where(entry.c.id == each.c.first, *self.first_ever(entry)).scalar_subquery()
        shown = [each.c[f"g{at}"] for at in range(len(by))]
        outer = sa.select(*shown, each.c.mask, start.label("start"), sa.func.count()).select_from(each)
        return outer.group_by(*(sa.literal_column(str(at + 1)) for at in range(len(by) + 2)))

    def stays(self) -> sa.Select[Any]:
        """By what is grouped by and stage: how many are there, how many have left, and how long those stayed in all."""
        stay, by, where = self.parts()
        long = sa.func.sum(stay.c.left_at - stay.c.entered_at)
        here = sa.func.count(sa.case((stay.c.left_at.is_(None), 1)))
        asked = sa.select(*by, stay.c.stage, here, sa.func.count(stay.c.left_at), long).where(*where)
        return asked.group_by(*(sa.literal_column(str(at + 1)) for at in range(len(by) + 1)))

    def parts(self) -> tuple[Any, list[Sql], list[Sql]]:
        """The stays, what is grouped by, and what must hold of the stay and of its record."""
        row = self.scope.table(self.series.entity)
        stay = self.scope.tables.system("stage_time").alias()
        select = Select(self.scope, self.series.entity, row, self.actor.zone)
        self.groups = tuple(select.group(name) for name in self.series.group_by)
        mine = [stay.c.record == row.c.id, stay.c.entity == self.series.entity, stay.c.field == self.field]
        query = Query(self.series.entity, where=self.where)
        where = [*mine, *self.entered(stay), *lists.conditions(self.scope, query, row, None)]
        return stay, select.sql, where

    def entered(self, stay: Any) -> Iterable[Sql]:
        """Within the period."""
        at = self.reads.reading(self.actor)
        for test in within(ENTERED.name, self.period):
            part = operator(str(test.operator))
            yield part.sql(ENTERED, (stay.c.entered_at,), part.resolve(ENTERED, test.value, at))

    def first_ever(self, entry: Any) -> Iterable[Sql]:
        """Whether a record's first stay of the period is its first of all."""
        if self.period is not None:
            earlier = self.scope.tables.system("stage_time").alias()
            same = sa.and_(earlier.c.record == entry.c.record, earlier.c.field == entry.c.field, earlier.c.id < entry.c.id)
            yield ~sa.select(sa.literal_column("1")).select_from(earlier).where(same).correlate(entry).exists()

    # ---- the records behind the numbers

    def opens(
        self, line: Line, known: Sequence[Stage], group: tuple[Condition, ...]
    ) -> Mapping[str, tuple[str, Condition]]:
        """By column. How long stays lasted is of those that ended, which no list shows."""
        stage = line.keys[0]
        found = {"reached": self.came(stage), "entered": self.began(stage), "here": self.stays_in(stage)}
        further = further_than(stage, known)
        if further:
            found["went_on"] = AllOf((self.came(stage), AnyOf(tuple(map(self.came, further)))))
        base = self.where.parts if isinstance(self.where, AllOf) else (self.where,)
        return {name: (self.series.entity, AllOf((*base, *group, test))) for name, test in found.items()}

    def came(self, stage: str) -> Condition:
        return Test(self.field, "entered", (stage, *self.span)) if self.span else Test(self.field, "reached", stage)

    def began(self, stage: str) -> Condition:
        return Test(self.field, "began", (stage, *self.span))

    def stays_in(self, stage: str) -> Condition:
        here = Test(self.field, "is", stage)
        return AllOf((here, Test(self.field, "since", self.span[0]))) if self.span else here

    @property
    def span(self) -> tuple[Word, ...]:
        return (Word(span_text(self.period)),) if self.period is not None else ()

    def rows(self, lent: Connection, asked: sa.Select[Any]) -> list[tuple[tuple[Any, ...], tuple[Any, ...]]]:
        """(the values of the groups, the rest) of each row."""
        prepared, at = prepare(asked, self.reads.dialect, self.scope.live), self.reads.reading(self.actor)
        found = lent.rows_afresh(prepared.statement, self.reads._values(self.actor, prepared, None, None, **values_at(at)))
        year_starts, size = self.reads.blueprint.manifest.financial_year_starts, sum(g.stop - g.start for g in self.groups)
        return [(tuple(group_value(g, row, year_starts) for g in self.groups), tuple(row[size:])) for row in found]


def _line(
    asking: _Asking, at: int, stage: Stage, known: Sequence[Stage], key: tuple[Any, ...], masks: list[Any], stays: list[Any]
) -> Line:
    bit, names = 1 << at, further_than(stage.name, known)
    further = sum(1 << n for n, other in enumerate(known) if other.name in names)
    reached = sum(count for mask, _, count in masks if int(mask) & bit)
    entered = sum(count for _, start, count in masks if start == stage.name)
    went = sum(count for mask, _, count in masks if int(mask) & bit and int(mask) & further)
    here = sum(row[1] for row in stays if row[0] == stage.name)
    left = sum(row[2] for row in stays if row[0] == stage.name)
    long = sum(int(row[3] or 0) for row in stays if row[0] == stage.name)
    went_on = quotient(went, reached) if further else None
    numbers = (reached, entered, went_on, here, timedelta(milliseconds=long // left) if left else None)
    return Line((stage.name, *key), numbers, {})


def further_than(name: str, known: Sequence[Stage]) -> tuple[str, ...]:
    """The stages to which records of this one may go on, without those that mean it was lost; of one that ends none."""
    at = next(at for at, stage in enumerate(known) if stage.name == name)
    return () if known[at].ends is not None else tuple(s.name for s in known[at + 1 :] if s.ends != "lost")


__all__ = ["COLUMNS", "stages_of", "table"]
