"""Reports over two hundred real sales, worked out a second time from the seller's own file."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

import pytest

from engine.blueprint.conditions import Test as Condition_Test, Word
from engine.blueprint.values import Money, Ref
from engine.errors import NotFound
from engine.parts.tables import Table
from engine.parts.words import Span
from engine.records.importing import import_file
from engine.records.reporting import Asked, table_of
from engine.records.sheets import read_sheet
from tests.desk import ROOT, Desk, open_desk
from tests.real.databases import Databases

DATA = ROOT / "tests" / "excerpts"
FILES = ("products", "accounts", "sales_teams", "sales_pipeline")
CHANCES = {"Won": 100, "Lost": 0}
REPORTS = """
reports:
  by_product:
    entity: opportunity
    over: closed_on
    group_by: [product]
    measures:
      all: count
      won: {count: records, when: {stage: {is: Closed Won}}}
      value: {sum: amount, when: {stage: {is: Closed Won}}}
      usual: {median: amount}
      mean: {average: amount}
      buyers: {distinct: account}
      rate: {ratio: [won, all]}
      deal: {ratio: [value, won]}
      share: {share_of: value}
    order: [-value]
  top_products: {entity: opportunity, group_by: [product], measures: {all: count, buyers: {distinct: account}}, top: 2}
  by_quarter:
    entity: opportunity
    when: {stage: {is: Closed Won}}
    group_by: [closed_on by quarter]
    measures:
      won: count
      value: {sum: amount}
      buyers: {distinct: account}
      usual: {median: amount}
      change: {change_of: won}
      so_far: {running: value}
  by_month_and_team:
    entity: opportunity
    when: {stage: {is: Closed Won}}
    group_by: [closed_on by month, owner.team]
    measures: {won: count, so_far: {running: won}}
  by_industry: {entity: opportunity, group_by: [account.industry], measures: {all: count}}
  against_time:
    entity: opportunity
    over: closed_on
    period: 2017-06
    group_by: [product]
    measures: {closed: count, change: {change_of: closed}}
  side_by_side:
    series:
      sales: {entity: opportunity, when: {stage: {is: Closed Won}}, group_by: [account], measures: {won: count}}
      firms: {entity: account, group_by: [parent], measures: {daughters: count}}
    measures: {each: {ratio: [won, daughters]}}
  listed: {entity: opportunity, columns: [name, amount], order: [-amount], top: 3}
  reached: {entity: opportunity, stages: stage}
"""


@pytest.fixture(scope="module")
def seller(kept_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Only looked at, so that one will do for all."""
    folder = tmp_path_factory.mktemp("sales")
    (folder / "crm.yaml").write_text(f"name: tried\ntitle: Tried\nextends: {ROOT / 'config' / 'raalink'}\n")
    (folder / "reports.yaml").write_text(REPORTS)
    desk = open_desk(kept_databases.empty(), str(folder))
    for name in FILES:
        sheet = read_sheet(DATA / f"{name}.csv")
        report = import_file(desk.crm.writes, desk.engine, desk.crm.blueprint.imports[name], sheet)
        assert not report.rejected
    yield desk
    desk.close()


def table(desk: Desk, name: str, asked: Asked | None = None) -> Table:
    return table_of(desk.crm.reads, desk.engine, desk.crm.blueprint.reports[name], asked or Asked())


def numbers(told: Table) -> dict[Any, dict[str, Any]]:
    """By the last group's or the only group's plain value: the measures by name."""
    names = [column.name for column in told.columns]
    return {_key(line.keys): dict(zip(names, map(_plain, line.numbers), strict=True)) for line in told.lines}


def _key(keys: tuple[Any, ...]) -> Any:
    plain = tuple(key.title if isinstance(key, Ref) else key for key in keys)
    return plain if len(plain) != 1 else plain[0]


def _plain(number: Any) -> Any:
    return number.amount if isinstance(number, Money) else number


# ---- the same from the file, by hand


def sales() -> list[dict[str, str]]:
    with open(DATA / "sales_pipeline.csv", encoding="utf-8") as file:
        return [{**row, "product": row["product"].replace("GTXPro", "GTX Pro")} for row in csv.DictReader(file)]


def by(rows: list[dict[str, str]], key: Callable[[dict[str, str]], Any]) -> dict[Any, list[dict[str, str]]]:
    found: dict[Any, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


def quarter(row: dict[str, str]) -> date:
    day = date.fromisoformat(row["close_date"])
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def test_a_report_by_product_is_what_the_file_says(seller: Desk) -> None:
    told = table(seller, "by_product")
    for product, rows in by(sales(), lambda row: row["product"]).items():
        won = [row for row in rows if row["deal_stage"] == "Won"]
        amounts = [Decimal(row["close_value"]) for row in rows if row["close_value"]]
        value = sum(Decimal(row["close_value"]) for row in won)
        mine = numbers(told)[product]
        assert (mine["all"], mine["won"], mine["value"]) == (len(rows), len(won), value if won else None)
        assert mine["buyers"] == len({row["account"] for row in rows if row["account"]})
        assert mine["usual"] == (round(Decimal(median(amounts)), 2) if amounts else None)
        assert mine["mean"] == (round(sum(amounts) / len(amounts), 2) if amounts else None)
        assert mine["rate"] == round(Decimal(len(won)) / len(rows), 6)
        assert mine["deal"] == (round(value / len(won), 2) if won else None)
    all_won = [row for row in sales() if row["deal_stage"] == "Won"]
    total = dict(zip([column.name for column in told.columns], map(_plain, told.total.numbers), strict=True))
    assert total["value"] == sum(Decimal(row["close_value"]) for row in all_won)
    assert total["buyers"] == len({row["account"] for row in sales() if row["account"]})
    assert total["share"] == 1
    values = [_plain(line.numbers[2]) for line in told.lines]
    assert values == sorted(values, key=lambda value: (value is None, -(value or 0)))


def test_what_is_not_among_the_first_is_put_together(seller: Desk) -> None:
    told = table(seller, "top_products")
    counts = Counter(row["product"] for row in sales()).most_common()
    assert [line.numbers[0] for line in told.lines] == [counts[0][1], counts[1][1], sum(n for _, n in counts[2:])]
    assert (told.lines[-1].is_rest, told.rest) == (True, len(counts) - 2)
    assert told.lines[-1].numbers[1] is None  # different buyers of several products cannot be added


def test_quarters_without_a_sale_are_rows_too_and_different_buyers_are_not_added_up_by_days(seller: Desk) -> None:
    won = [row for row in sales() if row["deal_stage"] == "Won"]
    mine = numbers(table(seller, "by_quarter"))
    before, so_far = None, Decimal(0)
    for start, rows in sorted(by(won, quarter).items()):
        so_far += sum(Decimal(row["close_value"]) for row in rows)
        assert mine[start]["won"] == len(rows)
        assert mine[start]["buyers"] == len({row["account"] for row in rows})
        assert mine[start]["usual"] == round(Decimal(median(Decimal(row["close_value"]) for row in rows)), 2)
        assert mine[start]["so_far"] == so_far
        assert mine[start]["change"] == (round(Decimal(len(rows) - before) / before, 6) if before else None)
        before = len(rows)


def test_the_team_of_each_seller_is_one_step_away(seller: Desk) -> None:
    with open(DATA / "sales_teams.csv", encoding="utf-8") as file:
        team = {row["sales_agent"]: row["regional_office"] for row in csv.DictReader(file)}
    won = [row for row in sales() if row["deal_stage"] == "Won"]
    counts = Counter((date.fromisoformat(row["close_date"]).replace(day=1), team[row["sales_agent"]]) for row in won)
    told = table(seller, "by_month_and_team")
    assert {key: line["won"] for key, line in numbers(told).items() if line["won"]} == counts
    last: dict[Any, int] = {}
    for (_, branch), line in sorted(numbers(told).items(), key=lambda pair: pair[0][0]):
        last[branch] = line["so_far"]
    assert last == Counter(branch for (_, branch), n in counts.items() for _ in range(n))


def test_a_period_narrows_a_report_and_the_one_before_is_compared_with(seller: Desk) -> None:
    months = Counter((row["close_date"][:7], row["product"]) for row in sales())
    for asked, now, before in (
        (None, "2017-06", "2017-05"), (Asked(Word("2017-09")), "2017-09", "2017-08"),
        (Asked(Span(date(2017, 7, 1), date(2017, 8, 1))), "2017-07", "2017-06"),
    ):  # fmt: skip
        for product, line in numbers(table(seller, "against_time", asked)).items():
            earlier, closed = months[before, product], months[now, product]
            assert line["closed"] == closed
            assert line["change"] == (round(Decimal(closed - earlier) / earlier, 6) if earlier else None)


def test_any_time_is_any_time_though_a_report_has_a_period_of_its_own(seller: Desk) -> None:
    sold = Counter(row["product"] for row in sales())
    told = numbers(table(seller, "against_time", Asked(any_time=True)))
    assert {product: line["closed"] for product, line in told.items()} == sold


def test_two_entities_stand_side_by_side(seller: Desk) -> None:
    mine = numbers(table(seller, "side_by_side"))
    won = Counter(row["account"] for row in sales() if row["deal_stage"] == "Won")
    with open(DATA / "accounts.csv", encoding="utf-8") as file:
        daughters = Counter(row["subsidiary_of"] or None for row in csv.DictReader(file))
    for account, line in mine.items():
        assert (line["won"], line["daughters"]) == (won[account], daughters[account])
        assert line["each"] == (round(Decimal(won[account]) / daughters[account], 6) if daughters[account] else None)


def test_each_number_opens_just_the_records_that_it_counts(seller: Desk) -> None:
    reads = seller.crm.reads
    for name in ("by_product", "by_quarter", "by_month_and_team", "by_industry", "against_time"):
        told = table(seller, name)
        for line in told.lines:
            entity, condition = line.opens[""]
            assert reads.aggregate(seller.engine, entity, condition).total == line.numbers[0], (name, line.keys)


def test_a_list_has_its_records_in_order(seller: Desk) -> None:
    page = table(seller, "listed").page
    wanted = sorted((Decimal(row["close_value"]) for row in sales() if row["close_value"]), reverse=True)[:3]
    at = next(shown for shown in page.columns if shown.name == "amount")
    assert [Decimal(row[at.start]) / 100 for row in page.rows] == wanted


def test_an_empty_period_has_nothing_and_says_so(seller: Desk) -> None:
    told = table(seller, "by_product", Asked(Word("1990")))
    assert (told.is_empty, told.lines) == (True, ())
    dear = Condition_Test("amount", "above", Money(Decimal(10**9), "USD"))
    assert table(seller, "by_quarter", Asked(where={"opportunity": dear})).is_empty


def test_what_a_role_does_not_see_is_left_out_and_that_is_said(seller: Desk) -> None:
    blueprint = seller.crm.blueprint
    told = table(seller, "by_product")
    assert told.left_out == ()
    outsider = type(seller.engine)(0, "Vera", "nobody")
    with pytest.raises(NotFound):
        table_of(seller.crm.reads, outsider, blueprint.reports["by_product"])
