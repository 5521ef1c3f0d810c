"""A pipeline over time, worked out a second time from a log of what each sale was when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.blueprint.conditions import Test as Asking, Word
from engine.blueprint.values import Ref
from engine.parts.tables import Line, Table
from engine.parts.words import Span
from engine.records.look import RecordLook
from engine.records.periods import Period
from engine.records.query import Query
from engine.records.reporting import Asked, moved_of, table_of
from engine.rules.conditions import holds
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
  waiting:
    entity: opportunity
    when: {stage: {ends: open}}
    over: any time
    group_by: [stage by age]
    measures:
      count: count
      waiting: {average: {since: stage}}
      middle: {median: {since: stage}}
      longest: {largest: {since: stage}}
  closing: {entity: opportunity, over: any time, group_by: [close_date by age], measures: {count: count}}
  made: {entity: opportunity, over: any time, group_by: [created_at by age, owner], measures: {count: count}}
  took:
    series:
      open: {entity: opportunity, when: {stage: {ends: open}}, over: any time, group_by: [owner], measures: {open: count}}
      closed:
        entity: opportunity
        when: {stage: {ends: [won, lost]}}
        over: closed_on
        group_by: [owner]
        measures:
          closed: count
          won: {count: records, when: {stage: {ends: won}}}
          value: {sum: amount, when: {stage: {ends: won}}}
          days: {average: {from: created_at, to: closed_on}, when: {stage: {ends: won}}}
          proposal: {average: {time_in: {stage: Proposal}}}
    measures:
      rate: {ratio: [won, closed]}
      size: {ratio: [value, won]}
      expected: {product: [open, rate, size]}
      velocity: {ratio: [expected, days]}
"""
AGES = ((0, 7), (8, 14), (15, 30), (31, 60), (61, 10**6))
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


# ---- how long


def local_day(sales: Sales, moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(sales.desk.meera.zone)).date()


def step(days: int | None) -> int | None:
    if days is None:
        return None
    return -1 if days < 0 else next(n for n, (least, most) in enumerate(AGES) if least <= days <= most)


@pytest.mark.parametrize("name", ["waiting", "closing", "made"])
def test_ages_are_counted_in_steps_that_open_their_records(sales: Sales, name: str) -> None:
    today, there = local_day(sales, sales.desk.clock.now), [id for id in sales.ids if not sales.now(id).deleted]
    wanted: dict[Any, set[int]] = {}
    for id in there:
        entered, closing = sales.stays(id)[-1][1], sales.now(id).close_date
        day = {"waiting": local_day(sales, entered), "closing": closing, "made": local_day(sales, sales.of(id)[0].at)}[name]
        if name != "waiting" or sales.now(id).stage in OPEN:
            key = step((today - day).days if day else None)
            wanted.setdefault((key, sales.now(id).owner) if name == "made" else (key,), set()).add(id)
    told = table(sales, name)
    for line in told.lines:
        key = tuple(one.id if isinstance(one, Ref) else one for one in line.keys)
        assert line.numbers[0] == len(wanted.get(key, ())), key
        assert found(sales, line, "") == wanted.get(key, set())
    assert sum(line.numbers[0] for line in told.lines) == sum(map(len, wanted.values()))


def near(one: timedelta | None, other: timedelta | None) -> bool:
    return one == other or (one is not None and other is not None and abs(one - other) < timedelta(seconds=2))


def test_how_long_records_wait_is_the_time_since_they_came_into_their_stage(sales: Sales) -> None:
    now = sales.desk.clock.now
    for line in table(sales, "waiting").lines:
        long = sorted(now - sales.stays(id)[-1][1] for id in found(sales, line, ""))
        if long:
            assert near(line.numbers[1], sum(long, timedelta()) / len(long))
            assert near(line.numbers[2], (long[(len(long) - 1) // 2] + long[len(long) // 2]) / 2)
            assert near(line.numbers[3], long[-1])
        else:
            assert line.numbers[1:] == (None, None, None)


def test_velocity_is_open_times_rate_times_size_by_days(sales: Sales) -> None:
    told = table(sales, "took")
    names = [column.name for column in told.columns]
    for line in (*told.lines, told.total):
        assert line is not None
        mine = dict(zip(names, line.numbers, strict=True))
        owner = {line.keys[0].id} if line.keys else {seller.user for seller in sales.sellers}
        there = [s for s in map(sales.now, sales.ids) if not s.deleted and s.owner in owner]
        won = [s for s in there if s.stage == "Won"]
        ended = [s for s in there if s.stage in ("Won", "Lost")]
        days = [(local_day(sales, sales.stays(s.id)[-1][1]) - local_day(sales, sales.of(s.id)[0].at)).days for s in won]
        spent = [sum((end - at for stage, at, end in sales.stays(s.id) if stage == "Proposal" and end), timedelta())
                 for s in ended if any(stage == "Proposal" for stage, _, _ in sales.stays(s.id))]  # fmt: skip
        value = sum(s.amount or 0 for s in won)
        open_ = sum(s.stage in OPEN for s in there)
        assert (mine["open"], mine["won"], mine["closed"]) == (open_, len(won), len(ended))
        assert near(mine["days"], timedelta(days=sum(days)) / len(days))
        assert near(mine["proposal"], sum(spent, timedelta()) / len(spent))
        by_hand = open_ * len(won) / len(ended) * float(value) / len(won) / (sum(days) / len(days))
        assert abs(float(plain(mine["velocity"])) - by_hand) < 0.05


def test_a_period_narrows_what_closed_and_not_what_is_open(sales: Sales) -> None:
    whole, narrow = table(sales, "took"), table(sales, "took", Word("2019"))
    assert [line.numbers[0] for line in narrow.lines] == [line.numbers[0] for line in whole.lines]
    assert all(line.numbers[1] == 0 for line in narrow.lines)


# ---- a record in hand


@pytest.mark.parametrize(
    "condition",
    [
        Asking("stage", "reached", "Proposal"), Asking("stage", "began", ("Prospecting", Word("2026-12"))),
        Asking("stage", "entered", ("Proposal", Word("last 30 days"))), Asking("stage", "since", Word("last 30 days")),
    ],
    ids=lambda condition: condition.operator,
)  # fmt: skip
def test_a_guard_is_told_of_a_records_past_what_a_list_is(sales: Sales, condition: Asking) -> None:
    desk, entity = sales.desk, sales.desk.crm.blueprint.entities["opportunity"]
    reads = desk.crm.reads
    met = {row[0] for row in reads.page(desk.dev, Query("opportunity", ("name",), condition, limit=200)).rows}
    assert 0 < len(met) < len(sales.ids)
    with reads.lent(None) as lent:
        for id in sales.ids:
            look = RecordLook(reads, lent, desk.dev, "opportunity", id)
            if not sales.now(id).deleted:
                assert holds(condition, entity.fields, {}, reads.reading(desk.dev), look) is (id in met)
        assert not holds(condition, entity.fields, {}, reads.reading(desk.dev), replace(look, id=None))


def test_what_was_before_a_change_knows_only_the_stages_before_it(sales: Sales) -> None:
    reads = sales.desk.crm.reads
    with reads.lent(None) as lent:
        for id in sales.ids:
            for stage, _, left in sales.stays(id):
                moved = next(at for s, at in stored(sales, id) if s == stage) if left is None else None
                if moved is not None:
                    look = RecordLook(reads, lent, sales.desk.dev, "opportunity", id, until=moved)
                    assert [stay.stage for stay in look.stays("stage")] == [s for s, at in stored(sales, id) if at < moved]
                    assert all(stay.left_at is None for stay in look.stays("stage")[-1:])


def stored(sales: Sales, id: int) -> list[tuple[str, int]]:
    return sales.desk.rows(f"select stage, entered_at from crm_stage_time where record = {id} order by id")
