"""Two firms that differ only in what an actor may not see answer every question of that actor alike.

The second firm is made from the first: whatever the actor may not read is changed, removed or added to, and fields that
are hidden from the role are changed on the records that the actor does read.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from engine.actor import Actor
from engine.blueprint.conditions import AllOf
from engine.blueprint.reports import Measure
from engine.blueprint.values import Money, Ref
from engine.errors import CrmError
from engine.records.query import Query
from tests.real.databases import Databases
from tests.records.firm import ASHA, MEERA, RAVI, VERA, Firm, asha, founded, meera, opened, ravi
from tests.records.test_read_conditions import CONDITIONS, WORLD, call, deal, sees

SEES_ALL_BUT = {"asha": asha, "ravi": ravi, "meera": meera}
HIDDEN = {"caller": ("budget",), "manager": ()}
STRANGERS = {"asha": (RAVI, MEERA, VERA), "ravi": (ASHA, MEERA, VERA), "meera": (VERA,)}
ENTITIES = ("deal", "call", "account", "user", "nothing")
COLUMNS = ("title", "name", "status", "owner", "account", "account.industry", "interests", "tags", "call_count")
SORTS = ("-created_at", "name", "status,-name", "owner", "call_count", "-account", "budget", "expected", "source,-name")
TYPED = ("zoe", "rao", "kumar", "a", "%", "stranger", "secret", "1", "e")
GROUPS = ((), ("source",), ("owner",), ("account", "status"), ("follow_up_at by month",), ("budget",))
MEASURES = {
    "count": Measure("n", "N", "count"),
    "sum": Measure("value", "Value", "sum", "budget"),
    "mean": Measure("mean", "Mean", "average", "discount"),
    "most": Measure("most", "Most", "largest", "call_count"),
}


# ---- the two worlds


def twin(actor: Actor, strangers: tuple[int, ...]) -> dict[str, list[dict[str, Any]]]:
    chosen = random.Random(actor.user)
    seen = [d for d in WORLD["deal"] if sees(actor, "deal", d)]
    deals = [seen_otherwise(chosen, actor, d) for d in seen]
    deals += [another(chosen, d, strangers) for d in WORLD["deal"] if d not in seen]
    deals += [another(chosen, {"id": 900 + 7 * i}, strangers) for i in range(9)]
    calls = [c for c in WORLD["call"] if sees(actor, "call", c) or chosen.random() < 0.4]
    calls += [call(chosen, 100 + i) | {"owner": chosen.choice(strangers)} for i in range(20)]
    return {"account": WORLD["account"], "deal": deals, "call": calls}


def another(chosen: random.Random, record: dict[str, Any], strangers: tuple[int, ...]) -> dict[str, Any]:
    secret = {"name": f"Secret stranger {chosen.randrange(99)}", "owner": chosen.choice(strangers), "phone": "+919800000001"}
    return deal(chosen, 0) | {"id": record["id"]} | secret


def seen_otherwise(chosen: random.Random, actor: Actor, record: dict[str, Any]) -> dict[str, Any]:
    money = Money(Decimal(chosen.randrange(10_000)), "INR")
    return record | {name: chosen.choice((money, None)) for name in HIDDEN[actor.role]}


def fill(url: str, world: dict[str, list[dict[str, Any]]]) -> None:
    firm = founded(url)
    for entity, records in world.items():
        firm.add_many(entity, [dict(record) for record in records])
    firm.close()


@pytest.fixture(params=SEES_ALL_BUT, scope="module")
def pair(request: pytest.FixtureRequest, kept_databases: Databases) -> Iterator[tuple[Actor, Firm, Firm]]:
    actor: Actor = SEES_ALL_BUT[request.param]
    other = twin(actor, STRANGERS[request.param])
    one = opened(kept_databases.copy_of("two-worlds", partial(fill, world=WORLD)))
    two = opened(kept_databases.copy_of(f"two-worlds-{request.param}", partial(fill, world=other)))
    yield actor, one, two
    one.close()
    two.close()


# ---- questions


def answer(ask: Callable[[Firm], Any], firm: Firm) -> Any:
    """What comes back, or the refusal in its own words."""
    try:
        return ask(firm)
    except CrmError as refused:
        return type(refused), refused.message, getattr(refused, "complaints", ())


def walked(firm: Firm, actor: Actor, query: Query) -> list[Any]:
    """Every page, with its tokens and its JSON."""
    pages = [firm.reads.page(actor, query)]
    while pages[-1].next and len(pages) < 30:
        pages.append(firm.reads.page(actor, replace(query, cursor=pages[-1].next)))
    return [(page.rows, page.next, page.previous, firm.reads.json(page)) for page in pages]


def listed(firm: Firm, actor: Actor, query: Query) -> list[Any]:
    return [walked(firm, actor, query), firm.reads.count(actor, query)]


QUERIES = st.builds(
    lambda where, sort, typed, limit, columns: (where, sort, typed, limit, columns),
    st.one_of(st.none(), CONDITIONS),
    st.sampled_from(SORTS),
    st.one_of(st.none(), st.sampled_from(TYPED)),
    st.sampled_from((3, 7, 50)),
    st.sampled_from((COLUMNS, (), ("name", "budget"), ("deal",))),
)


@settings(max_examples=40)
@given(asked=QUERIES)
def test_lists_counts_orders_and_places_are_alike(pair: tuple[Actor, Firm, Firm], asked: Any) -> None:
    actor, one, two = pair
    where, sort, typed, limit, columns = asked
    keys = tuple((key.removeprefix("-"), key.startswith("-")) for key in sort.split(","))
    query = Query("deal", columns, where, typed, keys, limit)
    assert answer(lambda firm: listed(firm, actor, query), one) == answer(lambda firm: listed(firm, actor, query), two)


@settings(max_examples=30)
@given(
    where=st.one_of(st.just(AllOf()), CONDITIONS), groups=st.sampled_from(GROUPS),
    measures=st.lists(st.sampled_from(sorted(MEASURES)), min_size=1, unique=True),
    typed=st.one_of(st.none(), st.sampled_from(TYPED)),
)  # fmt: skip
def test_reports_are_alike(
    pair: tuple[Actor, Firm, Firm], where: Any, groups: Any, measures: list[str], typed: str | None
) -> None:
    actor, one, two = pair

    def ask(firm: Firm) -> Any:
        return firm.reads.aggregate(actor, "deal", where, groups, {name: MEASURES[name] for name in measures}, typed).rows

    assert answer(ask, one) == answer(ask, two)


@pytest.mark.parametrize("typed", TYPED)
def test_searches_and_pickers_are_alike(pair: tuple[Actor, Firm, Firm], typed: str) -> None:
    actor, one, two = pair

    def ask(firm: Firm) -> Any:
        return [answer(partial(_picked, actor=actor, entity=e, typed=typed), firm) for e in ENTITIES]

    assert ask(one) == ask(two)
    assert one.reads.search(actor, typed) == two.reads.search(actor, typed)


def _picked(firm: Firm, actor: Actor, entity: str, typed: str) -> Any:
    return firm.reads.pick(actor, entity, typed)


def test_records_titles_and_related_lists_are_alike(pair: tuple[Actor, Firm, Firm]) -> None:
    actor, one, two = pair
    for id in (*range(1000, 1048), 900, 907, 999_999):
        for ask in (
            lambda f: (f.reads.record(actor, "deal", id), f.reads.record_json(actor, "deal", id)),  # noqa: B023
            lambda f: f.reads.related(actor, "deal", id, "calls").rows,  # noqa: B023
            lambda f: f.reads.titles(actor, [Ref("deal", id)]),  # noqa: B023
            lambda f: [f.reads.allowed(actor, a, "deal", id) for a in ("read", "update", "delete")],  # noqa: B023
        ):
            assert answer(ask, one) == answer(ask, two)


def test_exports_and_lists_of_calls_are_alike(pair: tuple[Actor, Firm, Firm]) -> None:
    actor, one, two = pair

    def ask(firm: Firm) -> Any:
        return [row for rows in firm.reads.export(actor, Query("deal", COLUMNS)).batches for row in rows]

    assert answer(ask, one) == answer(ask, two)
    calls = Query("call", ("deal", "deal.name", "deal.account", "outcome", "owner"), limit=200)
    assert one.reads.page(actor, calls) == two.reads.page(actor, calls)


def test_the_two_worlds_do_differ(pair: tuple[Actor, Firm, Firm]) -> None:
    """For the administrator: or the tests above would prove nothing."""
    _, one, two = pair
    dev = Actor(1, "Dev", "administrator")
    assert one.reads.count(dev, Query("deal")) != two.reads.count(dev, Query("deal"))
    assert one.reads.search(dev, "secret") != two.reads.search(dev, "secret")


