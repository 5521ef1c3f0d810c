"""A pipeline over time, worked out a second time from a log of what each sale was when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.blueprint.conditions import Test as Asking, Word
from engine.blueprint.values import Ref
from engine.parts.tables import Line, Table
from engine.parts.words import Span
from engine.records.periods import Period
from engine.records.query import Query
from engine.records.reporting import Asked, moved_of, table_of
from tests.desk import ROOT, open_desk
from tests.real.databases import Databases
from tests.records.sales import OPEN, Sales, made

REPORTS = """
reports:
  reached: {entity: opportunity, stages: stage}
  reached_by_seller: {entity: opportunity, stages: stage, group_by: [owner]}
  changed: {entity: opportunity, when: {stage: {ends: open}}, period: this month, changes: amount, chart: waterfall}
  changed_by_close:
    entity: opportunity
    when: {stage: {ends: open}, close_date: {within: 2026-12-20 to 2027-01-31}}
    period: last 30 days
    changes: amount
"""
WINDOW = (date(2026, 12, 20), date(2027, 1, 31))
STAGES = ("Prospecting", "Discussion", "Proposal", "Committed", "On hold", "Won", "Lost")
PERIODS = (None, Word("2026-12"), Word("last 30 days"), Span(date(2026, 12, 20), date(2027, 1, 11)), Word("2019"))


@pytest.fixture(scope="module")
def sales(kept_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sales]:
    folder = tmp_path_factory.mktemp("pipeline")
    (folder / "crm.yaml").write_text(f"name: tried\ntitle: Tried\nextends: {ROOT}\n")
    (folder / "reports.yaml").write_text(REPORTS)
    desk = open_desk(kept_databases.empty(), str(folder))
    yield made(desk, 45, 160)
    desk.close()


def table(sales: Sales, name: str, period: Period | None = None, **asked: Any) -> Table:
    desk = sales.desk
    return table_of(desk.crm.reads, desk.meera, desk.crm.blueprint.reports[name], Asked(period, **asked))


def ends(sales: Sales, period: Period | None) -> tuple[datetime, datetime]:
    """The first moment of a period and the first after it, worked out here."""
    zone, today = ZoneInfo(sales.desk.meera.zone), sales.desk.clock.now.astimezone(ZoneInfo(sales.desk.meera.zone)).date()
    days = {
        None: (date(1999, 1, 1), date(2099, 1, 1)),
        "2026-12": (date(2026, 12, 1), date(2027, 1, 1)),
        "2019": (date(2019, 1, 1), date(2020, 1, 1)),
        "last 30 days": (date.fromordinal(today.toordinal() - 29), date.fromordinal(today.toordinal() + 1)),
    }
    first, last = (period.start, period.end) if isinstance(period, Span) else days[period.text if period else None]
    return tuple(datetime(day.year, day.month, day.day, tzinfo=zone) for day in (first, last))  # type: ignore[return-value]


def found(sales: Sales, line: Line, column: str) -> set[int]:
    """The records of the list that a number opens."""
    entity, condition = line.opens[column]
    page = sales.desk.crm.reads.page(sales.desk.meera, Query(entity, ("name",), condition, limit=200))
    return {row[0] for row in page.rows}


# ---- how far they came


@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_a_stage_report_is_what_the_log_says_and_each_number_opens_its_records(sales: Sales, period: Period | None) -> None:
    start, end = ends(sales, period)
    there = [id for id in sales.ids if not sales.now(id).deleted]
    for name in ("reached", "reached_by_seller"):
        for line in table(sales, name, period).lines:
            owner = line.keys[1].id if len(line.keys) > 1 and isinstance(line.keys[1], Ref) else None
            mine = [id for id in there if owner is None or sales.now(id).owner == owner]
            wanted = reached_by_hand(sales, mine, str(line.keys[0]), start, end)
            numbers = dict(zip(("reached", "entered", "went_on", "here", "stay"), line.numbers, strict=True))
            for column in ("reached", "entered", "here"):
                assert numbers[column] == len(wanted[column]), (line.keys, column)
                assert found(sales, line, column) == wanted[column], (line.keys, column)
            if "went_on" in line.opens:
                assert found(sales, line, "went_on") == wanted["went_on"]
                whole = len(wanted["reached"])
                assert numbers["went_on"] == (round(len(wanted["went_on"]) / whole, 6) if whole else None) or abs(
                    float(numbers["went_on"]) - len(wanted["went_on"]) / whole
                ) < 1e-6


def reached_by_hand(sales: Sales, ids: list[int], stage: str, start: datetime, end: datetime) -> dict[str, set[int]]:
    within = {id: [s for s in sales.stays(id) if start <= s[1] < end] for id in ids}
    further = [s for s in STAGES[STAGES.index(stage) + 1 :] if s != "Lost"]
    reached = {id for id in ids if any(s[0] == stage for s in within[id])}
    return {
        "reached": reached,
        "entered": {id for id in ids if within[id] and within[id][0] == sales.stays(id)[0] and within[id][0][0] == stage},
        "went_on": {id for id in reached if any(s[0] in further for s in within[id])},
        "here": {id for id in ids if any(s[0] == stage and s[2] is None for s in within[id])},
    }


# ---- what changed since


@pytest.mark.parametrize("period", PERIODS[1:], ids=str)
@pytest.mark.parametrize("name", ["changed", "changed_by_close"])
def test_what_changed_is_what_the_log_says(sales: Sales, name: str, period: Period) -> None:
    for whose in (None, sales.sellers[0].user):
        where = {} if whose is None else {"opportunity": Asking("owner", "is", whose)}
        told = table(sales, name, period, where=where)
        mine = {line.keys[0]: (plain(line.numbers[0]), line.numbers[1]) for line in told.lines}
        wanted = changed_by_hand(sales, name, *ends(sales, period), whose)
        assert mine == wanted
        changes = [value for line, (value, _) in mine.items() if line not in ("start", "end")]
        assert mine["start"][0] + sum(changes) == mine["end"][0]


def plain(number: Any) -> Any:
    one = number[0] if isinstance(number, tuple) else number
    return one.amount if one is not None else 0


def changed_by_hand(
    sales: Sales, name: str, start: datetime, end: datetime, whose: int | None
) -> dict[str, tuple[Any, int]]:
    """By the definition: a record's first and last state of the period, and those in between."""
    found: dict[str, list[Any]] = {"start": [], "end": []}

    def inside(sale: Any) -> bool:
        if sale is None or sale.deleted or sale.stage not in OPEN or (whose and sale.owner != whose):
            return False
        return name == "changed" or (sale.close_date is not None and WINDOW[0] <= sale.close_date <= WINDOW[1])

    now = sales.desk.clock.now
    start, end = min(start, now), min(end, now)
    for id in sales.ids:
        path = [sales.at(id, start), *(s for s in sales.of(id) if start <= s.at < end)]
        ins = [at for at, sale in enumerate(path) if inside(sale)]
        if not ins:
            continue
        last = path[-1] if inside(path[-1]) else path[ins[-1] + 1]
        value = last.amount or 0
        if ins[0] == 0:
            before = path[0].amount or 0
            found["start"].append(before)
            if before != value:
                found.setdefault("raised" if value > before else "lowered", []).append(value - before)
        else:
            was = path[ins[0] - 1]
            how = "new" if path[0] is None else "back" if was.deleted or was.stage in ("Won", "Lost") else "came"
            found.setdefault(how, []).append(value)
        if inside(path[-1]):
            found["end"].append(value)
        else:
            how = "deleted" if last.deleted else {"Won": "won", "Lost": "lost"}.get(last.stage, "went")
            found.setdefault(how, []).append(-value)
    return {line: (sum(values), len(values)) for line, values in found.items()}


@pytest.mark.parametrize("name", ["changed", "changed_by_close"])
def test_each_line_lists_just_its_records(sales: Sales, name: str) -> None:
    desk, period = sales.desk, Word("last 30 days")
    report, asked = desk.crm.blueprint.reports[name], Asked(period)
    for line in table(sales, name, period).lines:
        records, count = moved_of(desk.crm.reads, desk.meera, report, asked, str(line.keys[0]))
        assert len(records) == count == line.numbers[1]
        assert sum(plain(one.change) for one in records) == plain(line.numbers[0])
        assert all(one.record.title.startswith("Sale ") for one in records)
    (last,) = [line for line in table(sales, name, period).lines if line.keys[0] == "end"]
    assert len(found(sales, last, "")) == last.numbers[1]


def test_a_seller_is_told_only_of_what_is_hers_now(sales: Sales) -> None:
    desk, sita = sales.desk, sales.sellers[0]
    told = table_of(desk.crm.reads, sita, desk.crm.blueprint.reports["changed"], Asked(Word("last 30 days")))
    for line in told.lines:
        records, _ = moved_of(desk.crm.reads, sita, told.report, Asked(Word("last 30 days")), str(line.keys[0]))
        assert {sales.now(one.record.id).owner for one in records} <= {sita.user}
    assert "deleted" not in {line.keys[0] for line in told.lines}  # she may not delete, so there is no bin for her
