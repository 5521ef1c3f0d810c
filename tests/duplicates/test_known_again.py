"""A person who comes again is known again, by every way in, however they are written."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from engine.errors import Invalid
from engine.records.apply import apply
from engine.records.plan import plan
from tests.desk import open_desk
from tests.duplicates.desk import ENTITIES, desk as compiled
from tests.office import Actor, Office, office_on, open_office

NUMBER = "+91 98765 43210"


def kind(office: Office, id: int) -> str:
    return office.values("lead", id)["kind"]


def pairs(office: Office) -> list[tuple[int, int, str]]:
    return [tuple(row) for row in office.rows("select record, other, outcome from crm_duplicate order by id")]


def told(office: Office) -> list[list[str]]:
    rows = office.rows("select payload from crm_outbox where kind = 'event' order by id")
    return [json.loads(row[0])["on"] for row in rows]


@pytest.mark.parametrize("written", ["9876543210", "098765-43210", "0091 98765 43210"[2:], "(+91) 98765.43210"])
def test_a_number_is_known_in_any_spelling(office: Office, written: str) -> None:
    first = office.create(office.asha, "lead", first_name="Kavya", phone=NUMBER)
    second = office.create(office.ravi, "lead", first_name="K", phone=written)
    assert kind(office, second.id) == "Duplicate"
    assert pairs(office) == [(second.id, first.id, "duplicate")]
    assert told(office)[-1] == ["created", "duplicate", "assigned"]


def test_somebody_new_is_new(office: Office) -> None:
    office.create(office.asha, "lead", first_name="Kavya", phone=NUMBER)
    second = office.create(office.asha, "lead", first_name="Divya", phone="98765 43211", email="d@example.com")
    assert kind(office, second.id) == "New"
    assert not pairs(office)


def test_the_second_number_is_looked_for_among_first_ones_and_in_accounts(office: Office) -> None:
    office.create(office.asha, "account", name="Acme", telephone="98765 43219")
    first = office.create(office.asha, "lead", first_name="Kavya", phone=NUMBER)
    second = office.create(office.asha, "lead", first_name="K", second_phone=NUMBER, phone="98765 43219")
    assert {other for _, other, _ in pairs(office)} >= {first.id}
    assert len(pairs(office)) == 2
    assert kind(office, second.id) == "Duplicate"


def test_an_address_is_known_in_capitals(office: Office) -> None:
    office.create(office.asha, "lead", first_name="Kavya", email="Kavya@Example.com")
    assert kind(office, office.create(office.asha, "lead", email="kavya@example.com").id) == "Duplicate"


def test_who_was_lost_is_re_engaged(office: Office) -> None:
    first = office.create(office.asha, "lead", first_name="Kavya", phone=NUMBER)
    office.move(office.asha, "lead", first.id, 1, "lose", lost_reason="Price")
    second = office.create(office.ravi, "lead", first_name="Kavya", phone=NUMBER)
    assert kind(office, second.id) == "Re-engaged"
    assert told(office)[-1] == ["created", "re_engaged", "assigned"]


@pytest.mark.parametrize(
    "name", [("Lakshmi", "Rao"), ("Laxmi", "Raao"), ("rao", "LAKSHMI"), ("लक्ष्मी", "राओ")]
)
def test_a_name_is_known_by_its_sound_in_the_same_city(office: Office, name: tuple[str, str]) -> None:
    office.create(office.asha, "lead", first_name="Lakshmi", last_name="Rao", city="Kochi", phone="98765 00001")
    elsewhere = office.create(
        office.asha, "lead", first_name=name[0], last_name=name[1], city="Delhi", phone="98765 00002"
    )
    here = office.create(office.asha, "lead", first_name=name[0], last_name=name[1], city="KOCHI ", phone="98765 00003")
    assert (kind(office, elsewhere.id), kind(office, here.id)) == ("New", "Duplicate")


def test_what_has_no_way_to_be_reached_may_be_junk_by_itself(office: Office) -> None:
    assert kind(office, office.create(office.asha, "lead", last_name="Test").id) == "Junk"
    assert told(office)[-1] == ["created", "assigned"]


def test_a_number_that_is_added_later_is_asked_about_then_and_once(office: Office) -> None:
    first = office.create(office.asha, "lead", first_name="Kavya", phone=NUMBER)
    second = office.create(office.asha, "lead", first_name="K", email="k@example.com")
    office.update(office.asha, "lead", second.id, 1, phone=NUMBER)
    assert kind(office, second.id) == "Duplicate"
    office.update(office.asha, "lead", second.id, 2, kind="New")
    office.update(office.asha, "lead", second.id, 3, second_phone=NUMBER)
    assert kind(office, second.id) == "New"
    assert pairs(office) == [(second.id, first.id, "duplicate")]


def test_what_lies_in_the_bin_is_not_known_until_it_comes_out(office: Office) -> None:
    first = office.create(office.dev, "lead", first_name="Kavya", phone=NUMBER)
    office.delete(office.dev, "lead", first.id, 1)
    assert kind(office, office.create(office.dev, "lead", first_name="A", phone=NUMBER).id) == "New"


def test_an_old_number_is_forgotten_when_it_is_changed(office: Office) -> None:
    first = office.create(office.asha, "lead", first_name="Kavya", phone=NUMBER)
    office.update(office.asha, "lead", first.id, 1, phone="98765 00001")
    assert kind(office, office.create(office.asha, "lead", phone=NUMBER).id) == "New"
    assert kind(office, office.create(office.asha, "lead", phone="98765 00001").id) == "Duplicate"


def test_a_rule_that_blocks_names_the_other_only_to_who_may_read_it(office: Office) -> None:
    office.create(office.asha, "member", name="Kavya Nair", email="kavya@example.com")
    with pytest.raises(Invalid) as mine:
        office.create(office.asha, "member", name="K", email="Kavya@example.com")
    assert [(c.field, c.message) for c in mine.value.complaints] == [
        ("email", "Member Kavya Nair has this e-mail already.")
    ]
    with pytest.raises(Invalid) as theirs:
        office.create(office.ravi, "member", name="K", email="kavya@example.com")
    assert [c.message for c in theirs.value.complaints] == [
        "There is a member with this e-mail already, which you do not see. Administrator or Sales manager can help."
    ]
    assert office.create(office.ravi, "member", name="K", email="other@example.com")


def test_an_import_knows_again_what_is_there_and_what_came_just_before(office: Office) -> None:
    first = office.create(office.asha, "lead", first_name="Kavya", phone=NUMBER)
    given = [
        {"first_name": "K", "phone": "9876543210"},
        {"first_name": "New", "phone": "98765 11111"},
        {"first_name": "New again", "phone": "+919876511111"},
        {"first_name": "Nobody else", "phone": "98765 22222"},
    ]
    done = office.writes.create_many(office.meera, "lead", given)
    assert [kind(office, row.id) for row in done.rows] == ["Duplicate", "New", "Duplicate", "New"]
    assert pairs(office) == [
        (done.rows[0].id, first.id, "duplicate"), (done.rows[2].id, done.rows[1].id, "duplicate"),
    ]  # fmt: skip


def test_a_check_is_told_at_its_field(office: Office) -> None:
    with pytest.raises(Invalid) as refusal:
        office.create(office.asha, "lead", first_name="Kavya")
    assert [(c.field, c.message) for c in refusal.value.complaints] == [("phone", "Give a phone or an e-mail.")]
    lead = office.create(office.asha, "lead", first_name="Kavya", phone=NUMBER, budget="500")
    with pytest.raises(Invalid) as cheap:
        office.update(office.asha, "lead", lead.id, 1, city="Mumbai")
    assert [(c.field, c.message) for c in cheap.value.complaints] == [("budget", "In Mumbai nothing is that cheap.")]
    assert office.update(office.asha, "lead", lead.id, 1, city="Kochi").version == 2


def test_of_two_who_come_in_at_once_one_knows_the_other(office: Office) -> None:
    for number in range(8):
        start = Barrier(2)

        def enter(who: Actor, phone: str, start: Barrier = start) -> str:
            start.wait()
            return kind(office, office.create(who, "lead", first_name="Kavya", phone=phone).id)

        with ThreadPoolExecutor(2) as pool:
            found = pool.map(enter, (office.asha, office.ravi), [f"98765 1000{number}"] * 2)
        assert sorted(found) == ["Duplicate", "New"]


def test_a_lead_made_by_a_move_is_asked_about_too(tmp_path: Path, sqlite_url: str) -> None:
    desk = open_desk(sqlite_url)
    try:
        desk.create(desk.asha, "lead", first_name="Kavya", phone=NUMBER)
        enquiry = desk.create(desk.ravi, "enquiry", first_name="Kavya", phone=NUMBER)
        assert desk.rows(f"select kind from enquiry where id = {enquiry.id}") == [("Duplicate",)]
        desk.move(desk.ravi, "enquiry", enquiry, "confirm")
        assert desk.rows("select kind from lead order by id") == [("New",), ("Duplicate",)]
    finally:
        desk.close()


def test_a_set_that_begins_to_look_for_duplicates_reads_the_records_that_are_there(sqlite_url: str, tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    for folder in (before, after):
        folder.mkdir()
    bare = ENTITIES.replace("    duplicates:\n      once: {match: [email], outcome: duplicate, block: true}\n", "")
    office = open_office(sqlite_url, compiled(before, bare))
    office.create(office.asha, "member", name="Kavya", email="kavya@example.com")
    office.database.close()
    later = office_on(sqlite_url, compiled(after))
    found = plan(later.blueprint, later.database)
    assert found.lines() == ["What a duplicate of Member is known by changes: 1 record is read again."]
    apply(found, later.database)
    assert plan(later.blueprint, later.database).is_empty
    with pytest.raises(Invalid):
        later.create(office.asha, "member", name="K", email="KAVYA@example.com")
    later.database.close()
