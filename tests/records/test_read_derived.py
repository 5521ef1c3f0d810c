"""Roll-ups, formulas and titles that the plain way cannot make, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from engine.blueprint import Blueprint
from engine.blueprint.conditions import Test as ConditionTest
from engine.blueprint.templates import Template
from engine.blueprint.values import FileRef, Ref
from engine.records.query import Query
from tests.real.databases import Databases
from tests.records.firm import Firm, asha, founded, meera, opened, ravi
from tests.records.world import ACME, CALLS, DEALS
from tests.small import field, small

TAKES = ("sum", "average", "smallest", "largest", "latest")


def richer() -> Blueprint:
    """Deals sum up their calls, accounts their deals; a call's title speaks of its deal, an account's is shaped."""
    blueprint = small()
    entities = dict(blueprint.entities)
    deal, call, account = entities["deal"], entities["call"], entities["account"]
    answered = ConditionTest("outcome", "is", "Answered")
    takes = {take: rollup("calls", take, call.fields["seconds"]) for take in TAKES}
    more = {f"{take}_seconds": replace(made, name=f"{take}_seconds") for take, made in takes.items()}
    more["answered"] = field("answered", "rollup", of="calls", take="count", field=None, when=answered)
    worth = rollup("deals", "sum", deal.fields["budget"])
    mean = rollup("deals", "average", deal.fields["budget"])
    worths = {"worth": replace(worth, name="worth"), "mean": replace(mean, name="mean")}
    more["paper"] = field("paper", "file")
    entities["deal"] = replace(deal, fields={**deal.fields, **more})
    entities["account"] = replace(
        account, fields={**account.fields, **worths}, title=Template("{{ name | upper }}", frozenset({"name"}))
    )
    entities["call"] = replace(call, title=Template("{{ outcome }}: {{ deal }}", frozenset({"outcome", "deal"})))
    return replace(blueprint, entities=entities, hash="richer")


def rollup(of: str, take: str, child: Any) -> Any:
    return field(take, "rollup", of=of, take=take, field=child.name, when=None, child=child)


def fill(url: str) -> None:
    firm = founded(url, richer())
    firm.add("account", ACME, name="Acme", owner=2)
    firm.add_many("deal", [{**deal, "account": ACME, "interests": (ACME,)} for deal in DEALS])
    firm.add_many("call", [dict(call) for call in CALLS])
    with firm.database.writing() as lent:
        paper = {"id": 77, "key": "k77", "name": "offer.pdf", "size": 9, "media_type": "application/pdf"}
        lent.execute(firm.tables.system("file").insert(), {**paper, "sha256": "", "created_at": 1})
        lent.change("update deal set paper = 77 where id = 101")
    firm.close()


@pytest.fixture(scope="module")
def firm(kept_databases: Databases) -> Iterator[Firm]:
    firm = opened(kept_databases.copy_of("reads-derived", partial(fill)), richer())
    yield firm
    firm.close()


def test_roll_ups_gather_what_each_reader_may_see(firm: Firm) -> None:
    names = ("sum_seconds", "average_seconds", "smallest_seconds", "largest_seconds", "latest_seconds", "answered")
    meeras = firm.reads.record(meera, "deal", 101).values
    assert [meeras[n] for n in names] == [65, Decimal("32.50"), 5, 60, 5, 1]
    ashas = firm.reads.record(asha, "deal", 101).values
    assert [ashas[n] for n in names] == [60, Decimal("60.00"), 60, 60, 60, 1]
    assert firm.reads.record(asha, "deal", 102).values["sum_seconds"] is None


def test_a_roll_up_of_a_hidden_field_is_hidden(firm: Firm) -> None:
    assert "worth" not in firm.reads.record(asha, "account", ACME).values
    values = firm.reads.record(meera, "account", ACME).values
    assert (values["worth"].amount, values["mean"].amount) == (Decimal("1350.00"), Decimal("337.50"))


def test_roll_ups_filter_and_sort(firm: Firm) -> None:
    longest = firm.reads.query(meera, "deal", [("sum_seconds.above", "30"), ("sort", "-sum_seconds")])
    assert [row[0] for row in firm.reads.page(meera, longest).rows] == [101, 201]


def test_a_shaped_title_is_shown_wherever_the_record_is_named(firm: Firm) -> None:
    page = firm.reads.page(asha, Query("deal", ("account", "interests"), limit=1))
    assert page.rows[0][2:] == (ACME, "ACME", ((ACME, "ACME"),))
    assert firm.reads.record(asha, "account", ACME).title == "ACME"
    assert firm.reads.pick(asha, "account") == [Ref("account", ACME, "ACME")]
    assert firm.reads.titles(asha, [Ref("account", ACME)]) == {("account", ACME): "ACME"}


def test_a_title_within_a_title_is_empty_where_one_may_not_read_it(firm: Firm) -> None:
    meeras = [r.title for r in firm.reads.pick(meera, "call")]
    assert meeras == ["Answered: Ravi's Kumar", "RNR: Zoë Kumar", "Answered: Zoë Kumar"]
    assert [r.title for r in firm.reads.pick(ravi, "call")] == ["Answered: Ravi's Kumar", "RNR:"]


def test_a_file_is_told_by_its_key_and_name(firm: Firm) -> None:
    assert firm.reads.record(asha, "deal", 101).values["paper"] == FileRef("k77", "offer.pdf", 9, "application/pdf")
    assert firm.reads.record(asha, "deal", 102).values["paper"] is None
    assert b'"name":"offer.pdf"' in firm.reads.record_json(asha, "deal", 101)


def test_an_export_fills_in_titles_too(firm: Firm) -> None:
    export = firm.reads.export(meera, Query("deal", ("account.name", "account", "interests"), limit=1))
    rows = [row for batch in export.batches for row in batch]
    assert len(rows) == 6 and rows[0][2:] == ("Acme", ACME, "ACME", ((ACME, "ACME"),))
