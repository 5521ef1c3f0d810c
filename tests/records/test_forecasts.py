"""The forecast of real sales for each reader, put together by the database and a second time from the seller's own file."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any

import pytest

from engine.actor import Actor
from engine.blueprint.conditions import Test as Condition_Test
from engine.blueprint.reports import Measure
from engine.blueprint.values import Money
from engine.errors import NotFound
from engine.parts.tables import Line, Table
from engine.parts.words import months_on
from engine.records.importing import import_file
from engine.records.reporting import PARTLY, Asked, table_of
from engine.records.sheets import read_sheet
from tests.desk import ROOT, Desk, open_desk
from tests.real.databases import Databases

DATA = ROOT / "tests" / "excerpts"
FILES = ("products", "accounts", "sales_teams", "sales_pipeline")
ROLES = """
roles:
  clerk:    {label: Clerk, rights: {opportunity: {read: all}}}
  stranger: {label: Stranger, rights: {opportunity: {read: all}}, hides: {opportunity: [amount]}}
"""
RUNNING, NEXT = date(2026, 11, 1), date(2026, 12, 1)
NUMBERS = count()
LATER = 106  # months: the file's last one, December 2017, is then the last full one


@pytest.fixture(scope="module")
def seller(kept_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """What is written in a test does not change what the tests before it saw."""
    folder = tmp_path_factory.mktemp("sales")
    (folder / "crm.yaml").write_text(f"name: tried\ntitle: Tried\nextends: {ROOT / 'config' / 'raalink'}\n")
    (folder / "roles.yaml").write_text(ROLES)
    (folder / "entities.yaml").write_text("entities: {opportunity: {fields: {amount: {currencies: [USD, EUR]}}}}\n")
    with open(folder / "sales_pipeline.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, sales()[0])
        writer.writeheader()
        writer.writerows(sales())
    desk = open_desk(kept_databases.empty(), str(folder))
    for name in FILES:
        sheet = read_sheet((folder if name == "sales_pipeline" else DATA) / f"{name}.csv")
        assert not import_file(desk.crm.writes, desk.engine, desk.crm.blueprint.imports[name], sheet).rejected
    yield desk
    desk.close()


@cache
def sales() -> list[dict[str, str]]:
    with open(DATA / "sales_pipeline.csv", encoding="utf-8") as file:
        return [{**row, "engage_date": later(row["engage_date"]), "close_date": later(row["close_date"])}
                for row in csv.DictReader(file)]  # fmt: skip


def later(day: str) -> str:
    return months_on(date.fromisoformat(day), LATER).isoformat() if day else ""


def table(desk: Desk, actor: Actor | None = None, asked: Asked | None = None) -> Table:
    return table_of(desk.crm.reads, actor or desk.dev, desk.crm.blueprint.reports["sales_forecast"], asked or Asked())


def someone(desk: Desk, role: str) -> Actor:
    address = f"{role}{next(NUMBERS)}@firm.example"
    made = desk.create(desk.engine, "user", name=f"A {role}", email=address, role=role)
    return Actor(made.id, f"A {role}", role)


def cell(told: Table, month: date, label: str) -> Any:
    line = next(line for line in told.lines if line.keys == (month,))
    return plain(next(n for column, n in zip(told.columns, line.numbers, strict=True) if column.label == label))


def plain(number: Any) -> Any:
    one = number[0] if isinstance(number, tuple) else number
    return one.amount if isinstance(one, Money) else one


def test_the_past_is_what_the_file_says_and_the_months_to_come_have_a_range(seller: Desk) -> None:
    told, won = table(seller), Counter[str]()
    for row in sales():
        if row["deal_stage"] == "Won":
            won[row["close_date"][:7]] += int(row["close_value"])
    past = {f"{line.keys[0]:%Y-%m}": plain(line.numbers[0]) for line in told.lines if line.keys[0] < RUNNING}
    assert past == {month: Decimal(won[month]) for month in past}
    assert set(past) == set(won)
    coming = [line for line in told.lines if line.keys[0] >= RUNNING]
    assert [line.keys[0] for line in coming] == [RUNNING, NEXT, date(2027, 1, 1), date(2027, 2, 1)]
    for line in coming:
        value, low, high = (plain(number) for number in line.numbers[1:4])
        assert 0 <= low <= value <= high
    assert any("on average; the month before taken again" in note for note in told.notes)
    assert any(note.startswith("Held back from the choice, the last 3 months were off by") for note in told.notes)
    assert [heading for heading, _ in told.behind] == [
        "Methods that were tried", "The last months, each held back from the choice",
    ]  # fmt: skip


def test_two_dates_are_grouped_by_the_months_of_both(seller: Desk) -> None:
    """What the way from open to won is told from."""
    groups = ("engaged_on by month", "closed_on by month")
    found = seller.crm.reads.aggregate(seller.dev, "opportunity", None, groups, {"n": Measure("n", "N", "count")})
    months = Counter((row["engage_date"][:7] or None, row["close_date"][:7] or None) for row in sales())
    assert {tuple(day and f"{day:%Y-%m}" for day in row[:2]): row[2] for row in found.rows} == months


def test_each_sees_a_forecast_of_their_own_and_nothing_of_what_is_hidden(seller: Desk) -> None:
    clerk, stranger = someone(seller, "clerk"), someone(seller, "stranger")
    assert table(seller).left_out == ()
    theirs = table(seller, clerk)
    assert theirs.left_out == (PARTLY,)  # neither targets nor what comes before a sale
    assert {column.label for column in theirs.columns} == {"Sales", "Forecast", "At least", "At most", "Open pipeline"}
    with pytest.raises(NotFound):
        table(seller, stranger)
    new = table(seller, someone(seller, "manager"))
    assert new.notes[0] == "There are 0 full months to tell from. A forecast needs at least 7."
    assert cell(new, RUNNING, "Forecast") is None


def test_what_somebody_expects_stands_beside_the_forecast_for_who_may_read_it(seller: Desk) -> None:
    boss = someone(seller, "management")
    first = seller.create(boss, "expected_sale", month="2026-12-01", amount="9000")
    seller.create(boss, "expected_sale", month="2026-12-14", amount="7000", reason="A tender")
    before = cell(table(seller, boss), NEXT, "Forecast")
    assert cell(table(seller, boss), NEXT, "My number") == 7000
    seller.update(boss, "expected_sale", first, amount="8000")
    told = table(seller)
    assert cell(told, NEXT, "A management") == 8000  # the last that was changed
    assert cell(told, NEXT, "Forecast") == before
    column = next(column for column in told.columns if column.label == "A management")
    entity, condition = line_of(told, NEXT).opens[column.series]
    assert seller.crm.reads.aggregate(seller.dev, entity, condition).total == 2
    assert "A management" not in {column.label for column in table(seller, someone(seller, "clerk")).columns}
    part = Asked(where={"opportunity": Condition_Test("owner", "is", boss.user)})
    assert {column.label for column in table(seller, boss, part).columns} & {"My number", "Target"} == set()


def line_of(told: Table, month: date) -> Line:
    return next(line for line in told.lines if line.keys == (month,))


def won_now(desk: Desk, amount: str) -> None:
    account = desk.create(desk.dev, "account", name=f"Firm {next(NUMBERS)}").id
    given = {"name": "Late", "kind": "New sale", "amount": amount, "close_date": "2026-11-30", "account": account}
    made = desk.create(desk.dev, "opportunity", **given)
    for move in ("propose", "commit"):
        made = desk.move(desk.dev, "opportunity", made, move)
    desk.move(desk.dev, "opportunity", made, "win")


def test_what_is_sold_in_the_running_month_is_no_full_month_but_is_sold(seller: Desk) -> None:
    before = table(seller)
    won_now(seller, "90000000")
    told = table(seller)
    assert cell(told, RUNNING, "Sales") == cell(told, RUNNING, "Forecast") == cell(told, RUNNING, "At least") == 90_000_000
    assert cell(told, NEXT, "Forecast") == cell(before, NEXT, "Forecast")
    assert any(note.startswith("Nov 2026 is not over") for note in told.notes)


def test_amounts_of_several_currencies_are_never_forecast_together(seller: Desk) -> None:
    won_now(seller, "5000 EUR")
    told = table(seller)
    assert told.notes[0].startswith("There is no forecast: these amounts are in several currencies (EUR, ")
    assert cell(told, NEXT, "Forecast") is None
