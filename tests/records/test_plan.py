"""An officer changes the set; the plan says what happens to the data, and applying it does just that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.blueprint.entities import Choice
from engine.errors import Unusable
from engine.records.database import Database
from engine.records.plan import plan
from engine.records.restore import restore_entity, restore_field
from tests.records.changing import (
    ask,
    brought_to,
    put,
    renamed_entity,
    renamed_field,
    with_entity,
    with_field,
    with_stages,
    without_entity,
    without_field,
)
from tests.small import entity, field, small


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    brought_to(made, small())
    yield made
    made.close()


def words(database: Database, blueprint) -> list[str]:
    return [step.words for step in plan(blueprint, database).steps]


def test_the_first_plan_names_each_entity_and_the_second_has_nothing_to_do(database_url: str) -> None:
    database = Database(database_url)
    told = words(database, small())
    assert told[0] == "The engine's own tables are new."
    assert "Entity Deal is new: table with 24 columns." in told
    brought_to(database, small())
    assert plan(small(), database).lines() == ["Nothing to do."]
    database.close()


def test_a_renamed_field_keeps_its_values_and_its_search(database: Database) -> None:
    put(database, "deal", name="Ravi's school", name__find="ravi's school")
    new = renamed_field(small(), "deal", "name", "subject")
    assert words(database, new) == ["Field Deal / name is now named subject: its value is kept."]
    brought_to(database, new)
    assert ask(database, "select subject, subject__find from deal") == [("Ravi's school", "ravi's school")]
    assert plan(new, database).is_empty


def test_a_renamed_entity_keeps_its_records_links_and_what_points_to_it(database: Database) -> None:
    account = put(database, "account", name="Acme")
    deal = put(database, "deal", name="Ravi", account=account)
    with database.writing() as connection:
        connection.change(f"insert into deal__interests values ({deal}, {account}, 0)")
    new = renamed_entity(small(), "deal", "enquiry")
    assert words(database, new) == ["Entity deal is now named enquiry: its record is kept."]
    brought_to(database, new)
    assert ask(database, "select name, account from enquiry") == [("Ravi", account)]
    assert ask(database, "select record_id, target_id from enquiry__interests") == [(deal, account)]
    assert plan(new, database).is_empty
    put(database, "call", deal=deal, outcome="RNR")


def test_a_field_that_goes_is_told_with_its_values_and_uses(database: Database) -> None:
    put(database, "deal", name="A", budget=100)
    put(database, "deal", name="B")
    step = plan(without_field(small(), "deal", "budget"), database).losses[0]
    assert step.words == (
        "Field Deal / Budget goes: 1 value would be archived; it is used by the list and the form and the board, "
        "field Expected value, transition Won, role Tele-caller, report Deals by source."
    )


def test_values_are_not_dropped_unless_that_was_allowed(database: Database) -> None:
    put(database, "deal", name="A", source="Google")
    without = without_field(small(), "deal", "source")
    with pytest.raises(Unusable, match="allow-loss"):
        brought_to(database, without)
    assert ask(database, "select source from deal") == [("Google",)]


def test_a_dropped_field_is_brought_back_with_its_values(database: Database) -> None:
    account = put(database, "account", name="Acme")
    deal = put(
        database, "deal", name="Ravi", phone="+919876543210", phone__find="919876543210", account=account
    )
    with database.writing() as connection:
        connection.change(f"insert into deal__interests values ({deal}, {account}, 3)")
    for name in ("phone", "account", "interests"):
        brought_to(database, without_field(small(), "deal", name), allow_loss=True)
        brought_to(database, small())
        assert restore_field(database, small(), "deal", name).restored == 1
    assert ask(database, "select phone, account from deal") == [("+919876543210", account)]
    assert ask(database, "select target_id, position from deal__interests") == [(account, 3)]
    assert ask(database, "select phone__find from deal")[0][0]
    assert ask(database, "select count(*) from crm_archive") == [(0,)]


def test_a_restored_value_does_not_overwrite_a_newer_one(database: Database) -> None:
    put(database, "deal", name="Ravi", source="Google")
    brought_to(database, without_field(small(), "deal", "source"), allow_loss=True)
    brought_to(database, small())
    with database.writing() as connection:
        connection.change("update deal set source = 'Website'")
    done = restore_field(database, small(), "deal", "source")
    assert (done.restored, done.left) == (0, 1)
    assert ask(database, "select source from deal") == [("Website",)]


def test_an_entity_that_goes_is_archived_and_brought_back(database: Database) -> None:
    deal = put(database, "deal", name="Ravi")
    call = put(database, "call", deal=deal, outcome="RNR", seconds=12, chain="abc")
    without = without_field(
        without_field(without_entity(small(), "call"), "deal", "calls"), "deal", "call_count"
    )
    told = plan(without, database)
    assert [s.words for s in told.losses] == ["Entity Call goes: 1 record would be archived."]
    brought_to(database, without, allow_loss=True)
    brought_to(database, small())
    assert restore_entity(database, small(), "call").restored == 1
    assert ask(database, "select id, deal, outcome, seconds, chain from call") == [
        (call, deal, "RNR", 12, "abc")
    ]


def test_the_records_of_a_stage_that_goes_move_where_the_set_sends_them(database: Database) -> None:
    put(database, "deal", name="Ravi", status="PROPOSAL")
    without = with_stages(small(), "deal_sales", without=["PROPOSAL"], gone={"PROPOSAL": "FOLLOW-UP"})
    assert words(database, without) == ["Stage PROPOSAL of Deal / Status goes: 1 record moves to FOLLOW-UP."]
    brought_to(database, without)
    assert ask(database, "select status, version from deal") == [("FOLLOW-UP", 2)]
    assert ask(database, "select action, stage_from, stage_to from crm_history") == [
        ("moved", "PROPOSAL", "FOLLOW-UP")
    ]
    assert ask(database, "select d.chain = h.hash from deal d, crm_history h")[0][0]
    assert plan(without, database).is_empty


def test_a_stage_with_records_does_not_go_until_they_have_somewhere_to_go(database: Database) -> None:
    put(database, "deal", name="Ravi", status="PROPOSAL")
    told = plan(with_stages(small(), "deal_sales", without=["PROPOSAL"]), database)
    assert told.steps[0].words == "Stage PROPOSAL of Deal / Status goes: 1 record stands there."
    assert "gone:" in told.steps[0].refusal
    with pytest.raises(Unusable, match="nothing was changed"):
        brought_to(database, with_stages(small(), "deal_sales", without=["PROPOSAL"]))


def test_a_renamed_stage_takes_its_records_along(database: Database) -> None:
    put(database, "deal", name="Ravi", status="PROPOSAL")
    new = with_stages(small(), "deal_sales", renamed={"PROPOSAL": "QUOTE SENT"})
    assert words(database, new) == [
        "Stage PROPOSAL of Deal / Status is now named QUOTE SENT: its record is kept."
    ]
    brought_to(database, new)
    assert ask(database, "select status from deal") == [("QUOTE SENT",)]
    assert plan(new, database).is_empty


def test_a_renamed_choice_takes_its_records_along(database: Database) -> None:
    put(database, "deal", name="Ravi", source="Google")
    choices = (
        Choice("Search", "Search", was="Google"),
        Choice("Website", "Website"),
        Choice("Walk-in", "Walk-in"),
    )
    new = with_field(small(), "deal", field("source", "choice", choices=choices))
    assert words(database, new) == ["Choice Google of Deal / Source is now named Search: its record is kept."]
    brought_to(database, new)
    assert ask(database, "select source from deal") == [("Search",)]


def test_one_of_several_choices_is_renamed_in_its_place(database: Database) -> None:
    before = field("colours", "choices", choices=(Choice("Red", "Red"), Choice("Deep Red", "Deep Red")))
    brought_to(database, with_field(small(), "deal", before))
    put(database, "deal", name="Ravi", colours='["Deep Red","Red"]')
    after = field(
        "colours",
        "choices",
        choices=(Choice("Crimson", "Crimson", was="Red"), Choice("Deep Red", "Deep Red")),
    )
    brought_to(database, with_field(small(), "deal", after))
    assert ask(database, "select colours from deal") == [('["Deep Red","Crimson"]',)]


def test_a_reference_to_one_of_several_entities_follows_a_renamed_entity(database: Database) -> None:
    about = field("about", "reference_any", entities=("deal", "account"))
    old = with_field(small(), "call", about)
    brought_to(database, old)
    deal = put(database, "deal", name="Ravi")
    put(database, "call", deal=deal, outcome="RNR", about=deal, about__entity="deal")
    new = renamed_entity(old, "deal", "enquiry")
    fields = new.entities["call"].fields
    new = with_field(new, "call", replace(fields["about"], options={"entities": ("enquiry", "account")}))
    brought_to(database, new)
    assert ask(database, "select about, about__entity from call") == [(deal, "enquiry")]


def test_a_reference_number_counts_on_after_its_entity_is_renamed(database: Database) -> None:
    with database.writing() as connection:
        connection.change("insert into crm_series (name, period, last) values ('deal.number', '2026', 41)")
    brought_to(database, renamed_entity(small(), "deal", "enquiry"))
    assert ask(database, "select name, last from crm_series") == [("enquiry.number", 41)]


def test_a_renamed_role_is_kept_by_its_people(database: Database) -> None:
    put(database, "user", name="Asha", email="asha@example.com", role="caller")
    roles = {("agent" if n == "caller" else n): r for n, r in small().roles.items()}
    roles["agent"] = replace(roles["agent"], name="agent", was="caller")
    new = replace(small(), roles=roles, hash="roles")
    assert words(database, new) == ["Role caller is now named agent: 1 person keeps it."]
    brought_to(database, new)
    assert ask(database, 'select role from "user"') == [("agent",)]


def test_a_role_that_somebody_has_does_not_go(database: Database) -> None:
    put(database, "user", name="Asha", email="asha@example.com", role="caller")
    roles = {n: r for n, r in small().roles.items() if n != "caller"}
    told = plan(replace(small(), roles=roles, hash="roles"), database)
    assert told.refused[0].words == "Role Tele-caller goes: 1 person has it."


def test_a_role_that_reports_to_another_changes_who_reaches_whom(database: Database) -> None:
    ids = [put(database, "user", name=r, email=f"{r}@example.com", role=r) for r in ("caller", "manager")]
    brought_to(database, replace(small(), hash="again"))
    below = 'select superior from crm_reach where superior <> "user"'
    assert ask(database, below) == [(ids[1],)]
    roles = {**small().roles, "caller": replace(small().roles["caller"], reports_to="administrator")}
    new = replace(small(), roles=roles, hash="roles")
    assert words(database, new) == [
        "Role Tele-caller now reports to Administrator: who is below whom is worked out again."
    ]
    brought_to(database, new)
    assert ask(database, below) == []


def test_widening_a_type_keeps_every_value(database: Database) -> None:
    deal = put(database, "deal", name="Ravi", discount=1250)
    call = put(database, "call", deal=deal, outcome="RNR", seconds=75)
    new = with_field(small(), "call", field("seconds", "text"))
    assert words(database, new) == ["Field Call / Seconds changes from integer to text: its value is kept."]
    brought_to(database, new)
    assert ask(database, "select id, seconds from call") == [(call, "75")]
    assert plan(new, database).is_empty


def test_narrowing_a_type_is_refused_with_the_values_that_do_not_fit(database: Database) -> None:
    put(database, "deal", name="12")
    put(database, "deal", name="twelve")
    told = plan(with_field(small(), "deal", field("name", "integer")), database)
    step = next(s for s in told.steps if s.kind == "converted field")
    assert step.count == 1 and "1 of 2 values do not fit" in step.words and "twelve" in step.words
    assert told.refused


def test_what_points_to_a_record_does_not_become_a_number(database: Database) -> None:
    account = put(database, "account", name="Acme")
    put(database, "deal", name="Ravi", account=account)
    told = plan(
        with_field(without_field(small(), "account", "deals"), "deal", field("account", "integer")), database
    )
    assert any("Add a new field" in s.refusal for s in told.refused)


def test_one_reference_becomes_many_and_one_again(database: Database) -> None:
    account = put(database, "account", name="Acme")
    deal = put(database, "deal", name="Ravi", account=account)
    base = without_field(small(), "account", "deals")
    many = with_field(base, "deal", field("account", "references", entity="account"))
    brought_to(database, many)
    assert ask(database, "select record_id, target_id from deal__account") == [(deal, account)]
    brought_to(database, base)
    assert ask(database, "select id, account from deal") == [(deal, account)]
    assert plan(base, database).is_empty


def test_a_newly_unique_field_with_duplicates_is_refused_by_name(database: Database) -> None:
    put(database, "account", name="Acme")
    put(database, "account", name="Acme")
    known = small().entities["account"].fields["name"]
    told = plan(with_field(small(), "account", replace(known, unique=True)), database)
    assert "1 value stands in more than one record, for example Acme" in told.refused[0].words


def test_a_unique_value_may_come_again_once_the_first_is_in_the_bin(database: Database) -> None:
    put(database, "team", name="North", deleted_at=5)
    put(database, "team", name="North")
    with pytest.raises(Exception) as refusal:
        put(database, "team", name="North")
    assert plan(small(), database).tables.duplicate(refusal.value) == ("team", "name")


def test_a_field_that_becomes_required_says_how_many_lack_it(database: Database) -> None:
    put(database, "account", name="Acme")
    put(database, "account", name="Beta", industry="Retail")
    known = small().entities["account"].fields["industry"]
    new = with_field(small(), "account", replace(known, required=True))
    assert words(database, new) == [
        "Field Account / Industry becomes required: 1 record has none until it is next edited."
    ]


def test_a_new_field_fills_old_records_with_its_default(database: Database) -> None:
    put(database, "account", name="Acme")
    new = with_field(small(), "account", field("vip", "yes_no", default=False))
    assert "1 record gets its default, No" in words(database, new)[0]
    brought_to(database, new)
    assert ask(database, "select vip from account") == [(0,)]


def test_a_field_that_is_searched_from_now_on_finds_old_records(database: Database) -> None:
    put(database, "deal", name="Ravi", notes="ÉCOLE Normale")
    new = with_field(small(), "deal", replace(small().entities["deal"].fields["notes"], search=True))
    brought_to(database, new)
    assert ask(database, "select notes__find from deal") == [("ecole normale",)]
    brought_to(database, small())
    assert plan(small(), database).is_empty


def test_a_database_of_a_newer_program_is_left_alone(database: Database) -> None:
    with database.writing() as connection:
        connection.change("update crm_applied set engine_schema = 999")
    with pytest.raises(Unusable, match="newer version"):
        plan(small(), database)


def test_a_foreign_table_in_the_way_is_named(database_url: str) -> None:
    database = Database(database_url)
    with database.writing() as connection:
        connection.change("create table deal (id integer)")
    with pytest.raises(Unusable, match="table deal"):
        plan(small(), database)
    database.close()


def test_a_table_that_somebody_altered_is_noticed(database: Database) -> None:
    with database.writing() as connection:
        connection.change("alter table account drop column website")
    with pytest.raises(Unusable, match="lacks website"):
        plan(small(), database)


def test_a_new_entity_may_point_to_one_that_comes_with_it(database: Database) -> None:
    first = entity("visit", (field("name", "text"), field("room", "reference", entity="room")))
    second = entity("room", (field("name", "text"), field("visit", "reference", entity="visit")))
    new = with_entity(with_entity(small(), first), second)
    brought_to(database, new)
    room = put(database, "room", name="Blue")
    put(database, "visit", name="Vera", room=room)
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        put(database, "visit", name="Vera", room=12345)


def test_the_plan_is_also_told_as_json(database: Database) -> None:
    put(database, "deal", name="A", source="Google")
    told = plan(without_field(small(), "deal", "source"), database).json()
    assert told["possible"] is True and told["loses_values"] is True
    assert told["steps"][0]["entity"] == "deal" and told["steps"][0]["count"] == 1
