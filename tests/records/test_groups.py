"""Groups of a list: each tells what its rows tell, nobody is counted whom one may not see, and a million is bounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest

from engine.actor import Actor
from engine.blueprint.conditions import ALWAYS
from engine.blueprint.reports import Measure
from engine.errors import BadRequest
from engine.records.groups import SIZES, Grouped, groups_of, pairs_of
from tests.real.databases import Databases
from tests.records.firm import Firm, asha, dev, meera, opened
from tests.records.test_read_conditions import FIELDS, WORLD, fill, picked

BUDGET = {"budget": Measure("budget", "Budget", "sum", "budget")}
DATES = tuple(f"{name} by {size}" for name in ("closes_on", "follow_up_at") for size in SIZES)
EVERY_GROUP = ("status", "source", "owner", "account", "is_hot", *DATES)


@pytest.fixture(scope="module")
def firm(kept_databases: Databases) -> Iterator[Firm]:
    firm = opened(kept_databases.copy_of("reads-conditions", fill))
    yield firm
    firm.close()


def grouped(
    firm: Firm, actor: Actor, by: str, *pairs: tuple[str, str], most: int = 20_000,
    measures: dict[str, Measure] | None = None,
) -> Grouped:  # fmt: skip
    query = firm.reads.query(actor, "deal", [*pairs, ("group", by)])
    with firm.database.reading() as lent:
        return groups_of(firm.reads, lent, actor, query, measures or {}, most)


@pytest.mark.parametrize("by", EVERY_GROUP)
@pytest.mark.parametrize("actor", [asha, meera, dev], ids=lambda actor: actor.name)
def test_the_groups_are_the_rows_divided(firm: Firm, actor: Actor, by: str) -> None:
    """Each group's own filters find as many as it tells, no record is in two, and all are in one."""
    found = grouped(firm, actor, by)
    met: list[int] = []
    for one in found.groups:
        query = firm.reads.query(actor, "deal", [*one.pairs, ("limit", "200")])
        ids = [row[0] for row in firm.reads.page(actor, query).rows]
        assert len(ids) == one.count, one.key
        met += ids
    assert Counter(met) == Counter(picked(actor, ALWAYS))
    assert found.is_whole


def test_sums_are_of_the_group_and_not_told_where_not_all_were_looked_at(firm: Firm) -> None:
    found = grouped(firm, dev, "status", measures=BUDGET)
    for one in found.groups:
        amounts = [d["budget"].amount for d in WORLD["deal"] if d["status"] == one.value and d["budget"]]
        total = one.measures["budget"]
        told = total[0].amount if isinstance(total, tuple) else total.amount
        assert told == sum(amounts)
    some = grouped(firm, dev, "status", measures=BUDGET, most=5)
    assert not some.is_whole
    assert {one.value for one in some.groups} >= {"NEW", "FOLLOW-UP", "WON"}
    assert all(one.measures == {} and (one.count is None or one.count <= 6) for one in some.groups)


def test_a_hidden_field_groups_nothing_and_is_summed_nowhere(firm: Firm) -> None:
    for by in ("budget", "expected"):
        with pytest.raises(BadRequest, match="has no field"):
            grouped(firm, asha, by)
    with pytest.raises(BadRequest, match="has no field"):
        grouped(firm, asha, "status", measures=BUDGET)


@pytest.mark.parametrize(
    ("by", "told"),
    [("name", "cannot be grouped"), ("tags", "cannot be grouped"), ("interests", "cannot be grouped"),
     ("budget", "cannot be grouped"), ("call_count", "cannot be grouped"), ("status by month", "cannot be grouped by"),
     ("closes_on by hour", "cannot be grouped by"), ("nothing", "no field")],
)  # fmt: skip
def test_what_cannot_be_grouped_is_told(firm: Firm, by: str, told: str) -> None:
    with pytest.raises(BadRequest, match=told):
        grouped(firm, dev, by)


def test_filters_and_search_come_first(firm: Firm) -> None:
    found = grouped(firm, dev, "status", ("source.is", "Google"), ("q", "zo"))
    wanted = Counter(d["status"] for d in WORLD["deal"] if d["source"] == "Google" and "zo" in d["name"].lower())
    assert {one.value: one.count for one in found.groups} == dict(wanted)


def test_a_stretch_of_time_is_said_as_an_address_says_it() -> None:
    field, day = FIELDS["deal"]["closes_on"], date(2026, 4, 1)
    assert pairs_of(field, "quarter", day, (4, 1)) == (("closes_on.within", "2026-Q2"),)
    assert pairs_of(field, "financial_year", day, (4, 1)) == (
        ("closes_on.at_least", "2026-04-01"), ("closes_on.before", "2027-04-01"),
    )  # fmt: skip
