"""Random conditions: what the database finds for an actor is what Python, looking with the actor's eyes, would pick."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from engine.actor import Actor
from engine.blueprint.conditions import AllOf, AnyOf, Condition, Not, Test as ConditionTest, Word
from engine.blueprint.entities import Field
from engine.blueprint.values import Money, Stayed
from engine.formats import Formats, Reading
from engine.parts import formulas, operator
from engine.parts.stays import OfStays
from engine.records.keys import milliseconds
from engine.records.query import Query
from tests.real.databases import Databases
from tests.records.firm import (
    ASHA,
    DEV,
    MEERA,
    NORTH,
    NOW,
    RAVI,
    SOUTH,
    VERA,
    Firm,
    asha,
    dev,
    founded,
    meera,
    opened,
    ravi,
)
from tests.small import small

BLUEPRINT = small()
FIELDS = {name: entity.fields for name, entity in BLUEPRINT.entities.items()}
AT = Reading(Formats("en", "Asia/Kolkata", "INR", "IN"), NOW, None, (4, 1))
BELOW = {DEV: {DEV, MEERA, ASHA, RAVI, VERA}, MEERA: {MEERA, ASHA, RAVI}, ASHA: {ASHA}, RAVI: {RAVI}}
MATES = {NORTH: {MEERA, ASHA, RAVI}, SOUTH: {VERA}}
ACTORS = (dev, meera, asha, ravi)


# ---- a world with every kind of value, and holes


def made() -> dict[str, list[dict[str, Any]]]:
    chosen = random.Random(11)
    accounts = [
        {"id": 21 + i, "name": f"Account {i}", "industry": chosen.choice(("Steel", "Retail", None)), "owner": MEERA}
        for i in range(4)
    ]
    return {"account": accounts, "deal": [deal(chosen, i) for i in range(48)], "call": [call(chosen, i) for i in range(60)]}


def deal(chosen: random.Random, i: int) -> dict[str, Any]:
    money = Money(Decimal(chosen.choice((0, 1, 99, 100, 101, 5000))), "INR")
    values = {
        "name": chosen.choice(("Zoë", "zoe kumar", "100%", "a_b", "É", "Rao, A")),
        "owner": chosen.choice((ASHA, RAVI, MEERA, VERA)),
        "status": chosen.choice(("NEW", "FOLLOW-UP", "WON")),
        "source": chosen.choice(("Google", "Website", None)),
        "budget": chosen.choice((money, None)),
        "discount": chosen.choice((Decimal("10.00"), Decimal("33.33"), None)),
        "follow_up_at": chosen.choice((NOW, NOW + timedelta(hours=chosen.randrange(-60, 60)), None)),
        "closes_on": chosen.choice((date(2026, 11, 20), date(2026, 11, 21), date(2026, 3, 31), None)),
        "is_hot": chosen.choice((True, False, None)),
        "account": chosen.choice((21, 22, 23, 24, None)),
        "interests": chosen.choice(((21,), (22, 23), None)),
        "tags": chosen.choice((("vip",), ("vip", "old"), None)),
        "team": chosen.choice((NORTH, SOUTH, None)),
    }
    return {"id": 1000 + i, **values}


def call(chosen: random.Random, i: int) -> dict[str, Any]:
    return {
        "id": 5000 + i, "deal": 1000 + chosen.randrange(48), "outcome": chosen.choice(("Answered", "RNR", "Busy")),
        "owner": chosen.choice((ASHA, RAVI, MEERA)), "seconds": chosen.choice((None, 0, 30, 300)),
    }  # fmt: skip


def stays(chosen: random.Random, deal: dict[str, Any]) -> tuple[Stayed, ...]:
    """Through some stages to the one where it is, back and forth; of a few nothing is kept."""
    stages = [chosen.choice(("NEW", "FOLLOW-UP", "WON")) for _ in range(chosen.randrange(4))] + [deal["status"]]
    moments = sorted(NOW - timedelta(hours=chosen.randrange(2000)) for _ in stages)
    ends = [*moments[1:], None]
    return tuple(map(Stayed, stages, moments, ends)) if chosen.random() < 0.95 else ()


WORLD = made()
STAYS = {d["id"]: stays(random.Random(d["id"]), d) for d in WORLD["deal"]}
BY_ID = {entity: {record["id"]: record for record in records} for entity, records in WORLD.items()}


def fill(url: str) -> None:
    firm = founded(url)
    for entity, records in WORLD.items():
        firm.add_many(entity, [dict(record) for record in records])
    with firm.database.writing() as lent:
        lent.execute(firm.tables.system("stage_time").insert(), list(stay_rows()))
    firm.close()


def stay_rows() -> Iterator[dict[str, Any]]:
    every = ((record, stay) for record, found in STAYS.items() for stay in found)
    for id, (record, stay) in enumerate(every):
        left = milliseconds(stay.left_at) if stay.left_at else None
        entered = milliseconds(stay.entered_at)
        yield {"id": id, "entity": "deal", "record": record, "field": "status", "stage": stay.stage,
               "entered_at": entered, "left_at": left}  # fmt: skip


@pytest.fixture(scope="module")
def firm(kept_databases: Databases) -> Iterator[Firm]:
    firm = opened(kept_databases.copy_of("reads-conditions", fill))
    yield firm
    firm.close()


# ---- conditions


def asked_of(entity: str, name: str, *pairs: tuple[str, list[Any]]) -> st.SearchStrategy[Condition]:
    field = FIELDS[entity][name]
    made = [ConditionTest(name, word, read(field, word, value)) for word, values in pairs for value in values]
    return st.sampled_from(made)


def read(field: Field, word: str, value: Any) -> Any:
    found = operator(word).read(field, value, AT)
    return tuple(found) if isinstance(found, list) else found


EMPTY = ("empty", [True, False])
CALL = st.one_of(
    asked_of("call", "outcome", ("is", ["Answered", "RNR"]), ("is_not", ["Busy"]), EMPTY),
    asked_of("call", "seconds", ("above", ["0", "30"]), ("at_most", ["30"]), EMPTY),
)
ACCOUNT = asked_of("account", "industry", ("is", ["Steel"]), ("is_not", ["Steel"]), ("in", [["Steel", "Retail"]]), EMPTY)
PEOPLE = st.sampled_from(
    [
        ConditionTest("owner", "is", Word("me")),
        ConditionTest("owner", "is_not", Word("me")),
        ConditionTest("owner", "in", (Word("my subordinates"), RAVI)),
        ConditionTest("owner", "not_in", (Word("my team"),)),
        ConditionTest("owner", "is", Word("my subordinates")),
        ConditionTest("team", "is", Word("my team")),
        ConditionTest("team", "is_not", Word("my team")),
    ]
)
ELSEWHERE = st.one_of(
    st.builds(lambda c: ConditionTest("calls", "some", c), CALL),
    st.builds(lambda c: ConditionTest("calls", "none", c), CALL),
    st.builds(lambda c: ConditionTest("account", "where", c), ACCOUNT),
    st.builds(lambda c: ConditionTest("interests", "some", c), ACCOUNT),
    st.builds(lambda c: ConditionTest("interests", "none", c), ACCOUNT),
    st.sampled_from([ConditionTest("account", "visible", flag) for flag in (True, False)]),
)
DEAL = st.one_of(
    asked_of("deal", "name", ("is", ["Zoë"]), ("contains", ["zoe", "%", "_", "e"]), ("starts_with", ["rao"])),
    asked_of("deal", "source", ("is", ["Google"]), ("is_not", ["Google"]), ("not_in", [["Google", "Website"]]), EMPTY),
    asked_of("deal", "status", ("is", ["NEW"]), ("in", [["NEW", "WON"]])),
    asked_of("deal", "status", ("reached", ["NEW", "WON"]), ("since", ["last 7 days", "until 2026-11-01", "this month"]),
             ("entered", [{"WON": "last month"}, {"NEW": "any time"}, {"NEW": "2026-10-01 to 2026-11-07"}]),
             ("began", [{"NEW": "any time"}, {"FOLLOW-UP": "last 30 days"}, {"WON": "from 2026-10-20"}])),
    asked_of("deal", "budget", ("above", ["100"]), ("at_least", ["100"]), ("between", [["1", "100"]]), ("is_not", ["0"]),
             EMPTY),
    asked_of("deal", "discount", ("is", ["33.33"]), ("below", ["33.33"]), EMPTY),
    asked_of("deal", "follow_up_at", ("before", ["now", "2026-11-20 16:00"]), ("after", ["2 hours ago"]),
             ("within", ["today", "yesterday", "next 7 days", "2026-11"]), EMPTY),
    asked_of("deal", "closes_on", ("is", ["today"]), ("after", ["today"]), 
             ("within", ["this month", "last financial year"]), EMPTY),
    asked_of("deal", "is_hot", ("is", [True, False]), ("is_not", [True]), EMPTY),
    asked_of("deal", "account", ("is", ["21"]), ("is_not", ["21"]), ("in", [["21", "22"]]), EMPTY),
    asked_of("deal", "interests", ("has", ["22"]), ("has_any", [["21", "23"]]), EMPTY),
    asked_of("deal", "tags", ("has", ["old"]), ("has_any", [["old", "new"]]), EMPTY),
    asked_of("deal", "call_count", ("is", ["0"]), ("above", ["1"])),
    asked_of("deal", "expected", ("above", ["66"]), ("at_most", ["67"]), EMPTY),
    PEOPLE,
    ELSEWHERE,
)  # fmt: skip
CONDITIONS = st.recursive(
    DEAL,
    lambda inner: st.one_of(
        st.builds(lambda parts: AllOf(tuple(parts)), st.lists(inner, max_size=3)),
        st.builds(lambda parts: AnyOf(tuple(parts)), st.lists(inner, max_size=3)),
        st.builds(Not, inner),
    ),
    max_leaves=6,
)


# ---- the same in Python


def picked(actor: Actor, condition: Condition) -> list[int]:
    return [d["id"] for d in reversed(WORLD["deal"]) if sees(actor, "deal", d) and holds(actor, condition, "deal", d)]


def sees(actor: Actor, entity: str, record: dict[str, Any]) -> bool:
    if actor is dev or entity == "account":
        return True
    return record["owner"] in (BELOW[actor.user] if actor is meera else {actor.user})


def holds(actor: Actor, condition: Condition, entity: str, record: dict[str, Any]) -> bool:
    match condition:
        case AllOf(parts):
            return all(holds(actor, p, entity, record) for p in parts)
        case AnyOf(parts):
            return any(holds(actor, p, entity, record) for p in parts)
        case Not(part):
            return not holds(actor, part, entity, record)
        case ConditionTest():
            return meets(actor, condition, FIELDS[entity][condition.field], record)
    raise AssertionError


def meets(actor: Actor, test: ConditionTest, field: Field, record: dict[str, Any]) -> bool:
    have = value_of(actor, field, record)
    if test.operator in ("where", "some", "none", "visible"):
        return looks(actor, test, field, record)
    part = operator(test.operator)
    if isinstance(part, OfStays):
        return part.holds(field, STAYS[record["id"]], part.resolve(field, test.value, AT))
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    if any(isinstance(v, Word) and v.text.startswith("m") for v in values):
        among = have in {id for v in values for id in people(actor, field, v)}
        return (have is None or not among) if test.operator in ("is_not", "not_in") else among
    return part.holds(field, have, part.resolve(field, test.value, AT))


def people(actor: Actor, field: Field, value: Any) -> set[int]:
    if not isinstance(value, Word):
        return {value}
    if value.text == "my team":
        return set(actor.teams) if field.type == "team" else {id for t in actor.teams for id in MATES[t]}
    return {actor.user} if value.text == "me" else BELOW[actor.user]


def looks(actor: Actor, test: ConditionTest, field: Field, record: dict[str, Any]) -> bool:
    others = [o for o in others_of(field, record) if sees(actor, field.options["entity"], o)]
    if test.operator == "visible":
        return bool(others) == test.value
    found = any(holds(actor, test.value, field.options["entity"], o) for o in others)
    return found != (test.operator == "none")


def others_of(field: Field, record: dict[str, Any]) -> list[dict[str, Any]]:
    if field.type == "children":
        return [c for c in WORLD["call"] if c["deal"] == record["id"]]
    ids = record[field.name] if field.type == "references" else (record[field.name],)
    return [BY_ID["account"][id] for id in ids or () if id]


def value_of(actor: Actor, field: Field, record: dict[str, Any]) -> Any:
    if field.name == "call_count":
        return sum(c["deal"] == record["id"] and sees(actor, "call", c) for c in WORLD["call"])
    if field.type == "computed":
        return formulas.evaluate(field, FIELDS["deal"], record)
    return record.get(field.name)


# ---- the law


@settings(max_examples=60)
@given(condition=CONDITIONS)
def test_the_database_finds_what_python_picks(firm: Firm, condition: Condition) -> None:
    for actor in (dev, meera):
        page = firm.reads.page(actor, Query("deal", ("name",), condition, limit=200))
        assert [row[0] for row in page.rows] == picked(actor, condition), actor.name
        assert firm.reads.count(actor, Query("deal", where=condition)) == len(page.rows)


@settings(max_examples=60)
@given(condition=CONDITIONS.filter(lambda c: "expected" not in str(c) and "budget" not in str(c)))
def test_a_caller_finds_what_python_picks_of_her_own(firm: Firm, condition: Condition) -> None:
    for actor in (asha, ravi):
        page = firm.reads.page(actor, Query("deal", ("name",), condition, limit=200))
        assert [row[0] for row in page.rows] == picked(actor, condition), actor.name


def test_words_are_worked_out_anew_at_each_use(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    condition = ConditionTest("follow_up_at", "before", Word("now"))
    before = [r[0] for r in firm.reads.page(dev, Query("deal", ("name",), condition, limit=200)).rows]
    monkeypatch.setattr(firm.reads, "clock", lambda: datetime(2020, 1, 1, tzinfo=UTC))
    assert before and firm.reads.page(dev, Query("deal", ("name",), condition)).rows == []
