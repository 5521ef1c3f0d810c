"""How the databases find the rows of the everyday questions, among twenty thousand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.actor import Actor
from engine.blueprint.conditions import Condition, Test as Condition_Test
from engine.records.query import Query
from tests.real.databases import Databases
from tests.records.firm import Firm, asha, meera, opened
from tests.records.many import fill

COLUMNS = ("title", "phone", "source", "status", "owner", "account", "created_at")
FOLLOW_UP = Condition_Test("status", "is", "FOLLOW-UP")


@pytest.fixture(scope="module")
def firm(kept_databases: Databases) -> Iterator[Firm]:
    firm = opened(kept_databases.copy_of("reads-many", fill))
    yield firm
    firm.close()


def way(firm: Firm, actor: Actor, query: Query) -> str:
    """The plan in the database's own words."""
    firm.reads.page(actor, query)
    place = firm.reads._place(actor, query)
    hunt = firm.reads.hunt(actor, query)
    prepared = firm.reads._listed(actor, query, hunt, place, None).prepared
    edge = {f"edge{i}": v for i, v in enumerate(place[1])} if place else {}
    values = firm.reads._values(actor, prepared, hunt, limit=51, parent=0, **edge)
    explain = "explain query plan " if firm.database.dialect == "sqlite" else "explain "
    with firm.database.reading() as lent:
        lines = lent.run(explain + prepared.statement.text, prepared.statement.bind(values))
    return "\n".join(str(line[-1]) for line in lines)


def is_walked(plan: str) -> bool:
    """Whether the whole table is read, or rows are sorted."""
    return any(word in plan for word in ("SCAN t1", "TEMP B-TREE", "Seq Scan on deal", "Sort"))


@pytest.mark.parametrize("where", [None, FOLLOW_UP])
def test_own_deals_newest_first_are_one_range_of_an_index(firm: Firm, where: Condition | None) -> None:
    query = Query("deal", COLUMNS, where, limit=50)
    plan = way(firm, asha, query)
    assert not is_walked(plan), plan
    assert ("deal__owner_status__list" if where else "deal__owner__list") in plan
    later = Query("deal", COLUMNS, where, limit=50, cursor=firm.reads.page(asha, query).next)
    assert not is_walked(way(firm, asha, later))


def test_a_managers_newest_deals_are_found_without_a_sort(firm: Firm) -> None:
    """Nearly all are hers, so the newest rows are walked from the end until there are fifty."""
    plan = way(firm, meera, Query("deal", COLUMNS, limit=50))
    assert "TEMP B-TREE" not in plan and "Sort" not in plan, plan


def test_a_search_is_answered_by_trigrams(firm: Firm) -> None:
    plan = way(firm, asha, Query("deal", COLUMNS, search="gita men", limit=50))
    assert ("VIRTUAL TABLE INDEX" in plan) or ("Bitmap Index Scan" in plan) or ("deal__owner__list" in plan), plan
    assert "SCAN t1" not in plan and "Seq Scan on deal" not in plan, plan


def test_a_page_of_twenty_thousand_reads_like_a_page_of_fifty(firm: Firm) -> None:
    page = firm.reads.page(asha, Query("deal", COLUMNS, FOLLOW_UP, limit=50))
    assert len(page.rows) == 50 and page.next
    rows: list[Any] = page.rows
    assert rows == sorted(rows, key=lambda row: -row[0])
