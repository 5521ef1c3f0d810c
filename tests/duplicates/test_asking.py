"""While a form is filled in, its reader is told who that is, as far as they may know."""

from __future__ import annotations

from engine.records.pairs import about, open_pairs
from tests.duplicates.test_merging import NUMBER, merge, pair
from tests.office import Actor, Office


def told(office: Office, who: Actor, id: int):
    with office.database.reading() as connection:
        return about(office.reads, connection, who, "lead", id, True)


def test_one_is_told_of_ones_own_records_by_name_and_of_others_that_they_are_there(office: Office) -> None:
    mine = office.create(office.asha, "lead", first_name="Kavya", phone=NUMBER)
    warned = office.writes.ask(office.asha, "lead", {"phone": "9876543210"}).warned
    assert warned is not None
    assert [(r.id, r.title) for r in warned.records] == [(mine.id, "Kavya")]
    assert (warned.same, warned.hidden, warned.blocks) == ("this mobile", None, False)
    theirs = office.writes.ask(office.ravi, "lead", {"phone": "9876543210"}).warned
    assert theirs is not None and theirs.records == ()
    assert theirs.hidden == (
        "There is a lead of this person that you do not see. Administrator or Sales manager can help."
    )


def test_nothing_is_written_and_nothing_found_for_somebody_new(office: Office) -> None:
    before = office.everything()
    asked = office.writes.ask(office.asha, "lead", {"phone": "98765 11111", "first_name": "x" * 5000, "nothing": "1"})
    assert asked.warned is None and asked.complaints == ()
    assert office.everything() == before


def test_a_check_is_told_while_one_types_at_what_was_touched(office: Office) -> None:
    given = {"city": "Mumbai", "budget": "500"}
    asked = office.writes.ask(office.asha, "lead", given, touched={"city", "budget"})
    assert [(c.field, c.message) for c in asked.complaints] == [("budget", "In Mumbai nothing is that cheap.")]
    assert office.writes.ask(office.asha, "lead", {"city": "Mumbai"}, touched={"city"}).complaints == ()


def test_who_asks_about_many_numbers_learns_no_more(office: Office) -> None:
    office.create(office.asha, "lead", first_name="Kavya", phone=NUMBER)
    answers = [office.writes.ask(office.ravi, "lead", {"phone": NUMBER}).warned for _ in range(70)]
    assert answers[0] is not None and answers[-1] is None


def test_a_record_tells_whom_it_may_be_the_same_as(office: Office) -> None:
    this, other = pair(office)
    found = told(office, office.asha, this)
    assert [(p.record.id, p.other.id, p.merges) for p in found.pairs] == [(other, this, True)]
    assert not found.hidden
    assert [p.record.id for p in open_pairs(office.reads, office.asha, 50)[0]] == [other]
    assert open_pairs(office.reads, office.ravi, 50) == ((), None)


def test_of_somebody_elses_record_only_that_it_is_there(office: Office) -> None:
    office.create(office.asha, "lead", first_name="Kavya", phone=NUMBER)
    mine = office.create(office.ravi, "lead", first_name="Kavya", phone=NUMBER).id
    found = told(office, office.ravi, mine)
    assert (found.pairs, found.hidden, found.helpers) == ((), True, ("Administrator", "Sales manager"))


def test_who_knows_better_says_so_and_is_not_told_again(office: Office) -> None:
    this, _ = pair(office)
    (one,) = told(office, office.asha, this).pairs
    office.writes.dismiss(office.asha, one.id)
    assert told(office, office.asha, this).pairs == ()
    office.writes.dismiss(office.asha, one.id, "open")
    assert len(told(office, office.asha, this).pairs) == 1


def test_a_merged_pair_is_settled_and_what_went_is_named(office: Office) -> None:
    this, other = pair(office)
    merge(office, office.asha, this, other)
    found = told(office, office.asha, this)
    assert found.pairs == () and not found.hidden
    assert [joined.called for joined in found.joined] == ["LEAD-00002 Kavya R"]


def test_what_would_be_merged_is_told_before(office: Office) -> None:
    this, other = pair(office)
    lines = {c.field.name: c for c in office.writes.compare(office.asha, "lead", this, other)}
    assert "secret" not in lines and "status" not in lines
    assert (lines["first_name"].preferred, lines["email"].preferred, lines["tags"].preferred) == ("other", "other", "both")
    assert lines["phone"].same
