"""What the cast sees of each other's deals, by every way of reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import pytest

from engine.actor import Actor
from engine.blueprint.conditions import Test as Condition_Test, Word
from engine.blueprint.reports import Measure
from engine.blueprint.values import Money, Ref
from engine.errors import BadRequest, NotFound, Refused
from engine.records.query import Query
from tests.real.databases import Databases
from tests.records.firm import ASHA, RAVI, Firm, asha, dev, meera, opened, ravi, vera
from tests.records.world import ACME, fill


@pytest.fixture(scope="module")
def firm(kept_databases: Databases) -> Iterator[Firm]:
    firm = opened(kept_databases.copy_of("reads-world", fill))
    yield firm
    firm.close()


@pytest.fixture
def own_firm(databases: Databases) -> Iterator[Firm]:
    """For a test that writes."""
    firm = opened(databases.copy_of("reads-world", fill))
    yield firm
    firm.close()


def asked(firm: Firm, actor: Actor, *given: tuple[str, str], entity: str = "deal") -> Query:
    return firm.reads.query(actor, entity, given)


def ids(firm: Firm, actor: Actor, *given: tuple[str, str], entity: str = "deal") -> list[int]:
    return [row[0] for row in firm.reads.page(actor, asked(firm, actor, *given, entity=entity)).rows]


# ---- whose rows


def test_a_caller_sees_her_own_deals_newest_first(firm: Firm) -> None:
    assert ids(firm, asha) == [103, 102, 101]


def test_a_manager_sees_her_own_and_her_peoples_deals(firm: Firm) -> None:
    assert ids(firm, meera) == [401, 202, 201, 103, 102, 101]


def test_the_administrator_sees_all(firm: Firm) -> None:
    assert len(ids(firm, dev)) == 7


def test_a_stranger_to_the_roles_finds_nothing_to_open(firm: Firm) -> None:
    with pytest.raises(NotFound) as unknown:
        firm.reads.page(dev, Query("spaceship"))
    with pytest.raises(NotFound) as denied:
        firm.reads.page(vera, Query("deal"))
    assert denied.value.message == unknown.value.message


def test_a_token_for_calls_only_reads_no_deals(firm: Firm) -> None:
    narrow = replace(asha, only=frozenset({("call", "read")}))
    assert ids(firm, narrow, entity="call") == [501]
    with pytest.raises(NotFound):
        firm.reads.page(narrow, Query("deal"))


def test_another_callers_deal_reads_like_one_that_is_not_there(firm: Firm) -> None:
    with pytest.raises(NotFound) as hers:
        firm.reads.record(asha, "deal", 201)
    with pytest.raises(NotFound) as nobodys:
        firm.reads.record(asha, "deal", 999)
    assert hers.value.message == nobodys.value.message


def test_a_deleted_deal_is_only_in_the_bin_of_who_may_delete(own_firm: Firm) -> None:
    firm = own_firm
    firm.delete("deal", 101)
    assert ids(firm, asha) == [103, 102]
    assert ids(firm, asha, ("deleted", "true")) == []
    assert ids(firm, meera, ("deleted", "true")) == [101]
    assert firm.reads.record(meera, "deal", 101, deleted=True).title == "Zoë Kumar"


def test_who_may_read_a_deal_may_not_delete_it_by_that(firm: Firm) -> None:
    assert firm.reads.allowed(asha, "update", "deal", 101)
    assert not firm.reads.allowed(asha, "delete", "deal", 101)
    assert not firm.reads.allowed(asha, "read", "deal", 201)
    assert not firm.reads.allowed(vera, "read", "deal", 301)


# ---- fields


@pytest.mark.parametrize(
    "given",
    [("budget", "100"), ("budget.above", "1"), ("expected.empty", "true"), ("sort", "-budget"), ("sort", "expected")],
)
def test_a_hidden_budget_reads_like_a_field_that_does_not_exist(firm: Firm, given: tuple[str, str]) -> None:
    hidden = given[0].split(".")[0] if given[0] != "sort" else given[1].lstrip("-")
    unknown = "zzzzzz"
    with pytest.raises(BadRequest) as one:
        asked(firm, asha, given)
    with pytest.raises(BadRequest) as other:
        asked(firm, asha, tuple(part.replace(hidden, unknown) for part in given))  # type: ignore[arg-type]
    assert one.value.message.replace(hidden, unknown) == other.value.message
    assert asked(firm, meera, given)


@pytest.mark.parametrize("name", ["budget", "expected", "account.nothing", "nothing"])
def test_a_caller_cannot_ask_for_a_hidden_column(firm: Firm, name: str) -> None:
    with pytest.raises(BadRequest, match="has no field"):
        firm.reads.page(asha, Query("deal", (name,)))


def test_a_caller_cannot_group_or_sum_by_a_hidden_budget(firm: Firm) -> None:
    with pytest.raises(BadRequest, match='has no field "budget"'):
        firm.reads.aggregate(asha, "deal", None, ("budget",))
    with pytest.raises(BadRequest, match='has no field "budget"'):
        firm.reads.aggregate(asha, "deal", None, (), {"value": Measure("value", "Value", "sum", "budget")})
    with pytest.raises(BadRequest, match='has no field "budget"'):
        firm.reads.aggregate(asha, "deal", Condition_Test("budget", "empty", False))


def test_a_record_shows_only_what_the_role_may_read(firm: Firm) -> None:
    assert not {"budget", "expected"} & set(firm.reads.record(asha, "deal", 101).values)
    assert firm.reads.record(meera, "deal", 102).values["expected"].amount == Decimal("270.00")
    assert b"budget" not in firm.reads.record_json(asha, "deal", 101)


def test_json_carries_ids_as_text_and_money_exactly(firm: Firm) -> None:
    item = orjson.loads(firm.reads.record_json(meera, "deal", 101))
    assert item["id"] == "101" and item["budget"] == {"amount": "100.00", "currency": "INR"}
    assert item["owner"] == {"id": str(ASHA), "title": "Asha"}
    assert item["interests"] == [{"id": "21", "title": "Acme"}, {"id": "22", "title": "Bell"}]


# ---- filters


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([("status", "FOLLOW-UP")], [103, 102]),
        ([("status", "NEW"), ("source", "Google")], [201, 101]),
        ([("source.in", "Google,Website")], [201, 102, 101]),
        ([("source.not_in", "Google,Website")], [401, 202, 103]),
        ([("source.is_not", "Google")], [401, 202, 103, 102]),
        ([("budget.above", "100")], [201, 102]),
        ([("budget.empty", "true")], [401, 103]),
        ([("follow_up_at.within", "today")], [103, 102]),
        ([("follow_up_at.before", "2026-11-20 09:00")], [103]),
        ([("closes_on.within", "2026-11")], [101]),
        ([("name.contains", "kumar")], [201, 101]),
        ([("name.starts_with", "zoe")], [101]),
        ([("tags.has", "vip")], [103]),
        ([("interests.has", "22")], [101]),
        ([("interests.empty", "true"), ("owner", "4")], [202, 201]),
        ([("owner", "me")], [401]),
        ([("owner.in", "me,4")], [401, 202, 201]),
        ([("account.industry", "Steel")], [201, 101]),
        ([("account.name.contains", "bel")], [103]),
        ([("call_count.above", "1")], [101]),
        ([("expected.at_least", "270")], [102]),
        ([("is_hot", "true")], [202]),
        ([("status", "")], [401, 202, 201, 103, 102, 101]),
    ],
)
def test_filters_from_an_address_find_what_they_say(firm: Firm, given: list[tuple[str, str]], found: list[int]) -> None:
    assert ids(firm, meera, *given) == found


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("budget.above", "much"), "is not a number"),
        (("status.above", "NEW"), 'Status cannot be filtered by "above"'),
        (("limit", "0"), "Ask for 1 to 200"),
        (("limit", "9999999999"), "Ask for 1 to 200"),
        (("deleted", "maybe"), "neither true nor false"),
        (("account.some", "x"), 'Account cannot be filtered by "some"'),
        (("name.industry", "x"), 'Name has no "industry"'),
        (("sort", "calls"), "cannot be sorted by"),
    ],
)
def test_what_an_address_cannot_mean_is_told(firm: Firm, given: tuple[str, str], told: str) -> None:
    with pytest.raises(BadRequest) as refused:
        asked(firm, dev, given)
    assert told in refused.value.message


def test_every_mistake_in_an_address_is_told_at_once(firm: Firm) -> None:
    with pytest.raises(BadRequest) as refused:
        asked(firm, asha, ("colour", "red"), ("limit", "x"), ("source", "Nowhere"))
    assert [c.field for c in refused.value.complaints] == ["colour", "source", "limit"]


# ---- order and place


def test_empty_values_are_smallest_on_both_databases(firm: Firm) -> None:
    assert ids(firm, meera, ("sort", "budget")) == [103, 401, 202, 101, 102, 201]
    assert ids(firm, meera, ("sort", "-budget")) == [201, 102, 101, 202, 401, 103]


def test_texts_sort_by_their_folded_form_and_stages_as_the_set_lists_them(firm: Firm) -> None:
    assert ids(firm, asha, ("sort", "name")) == [102, 103, 101]
    assert ids(firm, meera, ("sort", "status,name")) == [201, 101, 102, 103, 401, 202]
    assert ids(firm, meera, ("sort", "owner,-id")) == [103, 102, 101, 401, 202, 201]


@pytest.mark.parametrize(
    "sort",
    ["-created_at", "created_at", "budget", "-budget", "source,-budget", "-account,name", "-closes_on", "owner"],
)
def test_walking_pages_forth_and_back_meets_every_row_once(firm: Firm, sort: str) -> None:
    whole = ids(firm, meera, ("sort", sort))
    query = asked(firm, meera, ("sort", sort), ("limit", "2"))
    forth = [first := firm.reads.page(meera, query)]
    while forth[-1].next:
        forth.append(firm.reads.page(meera, replace(query, cursor=forth[-1].next)))
    assert [row[0] for page in forth for row in page.rows] == whole
    back = [forth[-1]]
    while back[-1].previous:
        back.append(firm.reads.page(meera, replace(query, cursor=back[-1].previous)))
    assert [row[0] for page in reversed(back) for row in page.rows] == whole
    assert first.previous is None and back[-1].previous is None


@pytest.mark.parametrize("forged", ["x", "WzAsIngiLDFd", "!!!!", "W10", "é", "A" * 3000])
def test_a_forged_place_is_refused(firm: Firm, forged: str) -> None:
    with pytest.raises(BadRequest, match="Start again from the first page"):
        firm.reads.page(asha, replace(asked(firm, asha), cursor=forged))


def test_a_place_of_another_order_is_refused(firm: Firm) -> None:
    page = firm.reads.page(asha, asked(firm, asha, ("limit", "1")))
    with pytest.raises(BadRequest):
        firm.reads.page(asha, asked(firm, asha, ("sort", "name"), ("cursor", page.next or "")))


def test_counts_stop_at_their_cap(firm: Firm) -> None:
    assert firm.reads.count(asha, Query("deal")) == 3
    assert firm.reads.count(dev, Query("deal"), cap=5) == 5


# ---- search


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("kumar", [101]), ("ZOE", [101]), ("zoë kum", [101]), ("98765 43210", [101]), ("098765-43210", [101]),
        ("+91 98765", [102, 101]),
        ("43210", [101]), ("6543210", [101]), ("876543210", [101]),
        ("an", [102]), ("kumar zz", []), ('"; drop', []), ("%", []), ("da bin", [103]), ("(", []),
    ],
)  # fmt: skip
def test_search_finds_words_in_any_order_and_phones_in_any_form(firm: Firm, typed: str, found: list[int]) -> None:
    assert ids(firm, asha, ("q", typed)) == found


def test_search_over_everything_stays_inside_what_the_actor_sees(firm: Firm) -> None:
    assert firm.reads.search(asha, "kumar") == {"deal": [Ref("deal", 101, "Zoë Kumar")]}
    assert [r.id for r in firm.reads.search(meera, "kumar")["deal"]] == [201, 101]
    assert firm.reads.search(asha, "demo")["call"][0].id == 501
    assert firm.reads.search(ravi, "demo") == {}


def test_a_search_of_a_novel_is_refused(firm: Firm) -> None:
    with pytest.raises(BadRequest, match="at most 200 characters"):
        ids(firm, asha, ("q", "x" * 201))


# ---- other records


def test_a_picker_offers_only_what_the_actor_may_read(firm: Firm) -> None:
    assert [r.title for r in firm.reads.pick(asha, "deal", "kum")] == ["Zoë Kumar"]
    assert [r.title for r in firm.reads.pick(asha, "account")] == ["Bell", "Acme"]
    steel = Condition_Test("industry", "is", "Steel")
    assert [r.title for r in firm.reads.pick(asha, "account", when=steel)] == ["Acme"]


def test_a_call_on_a_deal_that_one_may_not_read_hides_its_title(firm: Firm) -> None:
    assert firm.reads.record(ravi, "call", 502).values["deal"] == Ref("deal", 101, None)
    assert firm.reads.record(asha, "call", 501).values["deal"] == Ref("deal", 101, "Zoë Kumar")
    page = firm.reads.page(ravi, Query("call", ("deal", "deal.name", "deal.phone")))
    hers, anothers = (row[2:] for row in page.rows)
    assert hers == (201, "Ravi's Kumar", "Ravi's Kumar", "+919812345678")
    assert anothers == (101, None, None, None)


def test_roll_ups_count_only_the_calls_that_the_actor_may_read(firm: Firm) -> None:
    assert firm.reads.record(asha, "deal", 101).values["call_count"] == 1
    assert firm.reads.record(meera, "deal", 101).values["call_count"] == 2
    assert ids(firm, asha, ("call_count.above", "1")) == []


def test_related_records_are_those_of_the_record_and_of_the_actor(firm: Firm) -> None:
    assert [r[0] for r in firm.reads.related(meera, "deal", 101, "calls").rows] == [502, 501]
    assert [r[0] for r in firm.reads.related(asha, "deal", 101, "calls").rows] == [501]
    assert firm.reads.related_count(meera, "deal", 101, "calls") == 2
    with pytest.raises(NotFound):
        firm.reads.related(ravi, "deal", 101, "calls")


def test_titles_come_only_for_what_the_actor_may_read(firm: Firm) -> None:
    refs = [Ref("deal", 101), Ref("deal", 201), Ref("account", ACME), Ref("account", 999)]
    assert firm.reads.titles(asha, refs) == {("deal", 101): "Zoë Kumar", ("account", ACME): "Acme"}


# ---- conditions for the write door


def test_a_guard_sees_only_the_actors_calls(firm: Firm) -> None:
    unanswered = Condition_Test("calls", "some", Condition_Test("outcome", "is", "RNR"))
    with firm.database.reading() as lent:
        assert firm.reads.holds(lent, meera, "deal", 101, unanswered)
        assert not firm.reads.holds(lent, asha, "deal", 101, unanswered)


def test_deals_are_assigned_downward(firm: Firm) -> None:
    below = Condition_Test("id", "in", (Word("my subordinates"),))
    with firm.database.reading() as lent:
        assert firm.reads.holds(lent, meera, "user", RAVI, below)
        assert not firm.reads.holds(lent, asha, "user", RAVI, below)


# ---- numbers


def test_a_report_sums_exactly_and_only_ones_own(firm: Firm) -> None:
    measures = {
        "deals": Measure("deals", "Deals", "count"),
        "value": Measure("value", "Value", "sum", "budget"),
        "mean": Measure("mean", "Mean", "average", "budget"),
    }
    report = firm.reads.aggregate(meera, "deal", None, ("source",), measures)
    told = [(source, deals, value.amount, mean.amount) for source, deals, value, mean in report.rows]
    assert told == [("Google", 2, 1000, 500), ("Website", 1, 300, 300), (None, 3, 50, 50)]
    assert report.rows[0][2] == Money(Decimal("1000.00"), "INR")
    assert firm.reads.aggregate(asha, "deal").total == 3


def test_moments_are_gathered_by_the_readers_own_days(firm: Firm) -> None:
    in_kolkata = firm.reads.aggregate(asha, "deal", None, ("follow_up_at by day",))
    assert in_kolkata.rows == [(date(2026, 11, 20), 2), (None, 1)]
    in_utc = firm.reads.aggregate(replace(asha, zone="UTC"), "deal", None, ("follow_up_at by day",))
    assert in_utc.rows == [(date(2026, 11, 19), 1), (date(2026, 11, 20), 1), (None, 1)]
    in_london = firm.reads.aggregate(replace(asha, zone="Europe/London"), "deal", None, ("closes_on by financial_year",))
    assert in_london.rows == [(date(2026, 4, 1), 1), (None, 2)]


def test_groups_by_a_reference_carry_titles_that_the_actor_may_see(firm: Firm) -> None:
    report = firm.reads.aggregate(ravi, "call", None, ("deal",))
    assert report.rows == [(Ref("deal", 101, None), 1), (Ref("deal", 201, "Ravi's Kumar"), 1)]


# ---- export and explanations


def test_an_export_is_a_right_of_its_own(firm: Firm) -> None:
    with pytest.raises(Refused) as refused:
        firm.reads.export(asha, Query("deal"))
    assert refused.value.who == ("Sales manager", "Administrator")
    export = firm.reads.export(meera, Query("deal", ("name", "interests")))
    assert [row[0] for rows in export.batches for row in rows] == [401, 202, 201, 103, 102, 101]


def test_it_can_be_told_why_somebody_sees_a_deal_or_not(firm: Firm) -> None:
    own = "Tele-caller may read Deal records where Owner is themselves"
    assert firm.reads.why(asha, "deal", 101)[0] == f"Asha may read it: {own}."
    assert firm.reads.why(asha, "deal", 201)[0].startswith(f"Asha may not read it: {own}, and")
    assert firm.reads.why(meera, "deal", 101)[0].endswith("where Owner is themselves or below them.")
    assert firm.reads.why(asha, "deal", 101)[-1] == "Tele-caller does not see Budget, Expected value."
    assert firm.reads.why(asha, "deal", 999) == ["There is no Deal 999."]


def test_only_a_handful_of_queries_make_a_page(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.records.database import Connection

    counted: list[Any] = []
    rows = Connection.rows
    monkeypatch.setattr(Connection, "rows", lambda self, *given: counted.append(given) or rows(self, *given))
    columns = ("title", "name", "owner", "account", "account.name", "call_count", "expected")
    firm.reads.page(meera, Query("deal", columns))
    assert len(counted) == 2  # hers are few enough to be named, and then the page
    firm.reads.page(meera, Query("deal", ("name", "interests")))
    assert len(counted) == 6  # and the page's links, and the titles that they point to


def test_the_same_question_is_compiled_once_for_a_role(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.records import lists

    compiled: list[Any] = []
    listed = lists.listed
    monkeypatch.setattr(lists, "listed", lambda *given, **few: compiled.append(given) or listed(*given, **few))
    given = (("status", "FOLLOW-UP"), ("follow_up_at.within", "today"), ("limit", "7"))
    assert ids(firm, asha, *given) == [103, 102]
    assert ids(firm, ravi, *given) == []
    assert len(compiled) == 1

