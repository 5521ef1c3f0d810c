"""What a record's past tells, to whom, and that nobody rewrites it quietly."""

from __future__ import annotations

import pytest

from engine.errors import NotFound, Refused
from engine.records.history import history, verify
from tests.office import Office


def tamper(office: Office, text: str, *values: object) -> None:
    with office.database.writing() as connection:
        marks = "?" if connection.dialect == "sqlite" else "%s"
        assert connection.change(text.replace("?", marks), values) == 1


def test_history_tells_who_did_what_with_titles(office: Office) -> None:
    deal = office.deal(office.asha)
    office.update(office.meera, "deal", deal.id, 1, owner=str(office.ravi.user), name="Tables")
    office.move(office.ravi, "deal", deal.id, 2, "hold")
    moved, changed, created = history(office.reads, office.meera, "deal", deal.id)
    assert (moved.action, moved.transition, moved.stage_from, moved.stage_to) == ("moved", "Put on hold", "New", "On hold")
    assert changed.actor and changed.actor.title == "Meera"
    told = {c.field.name: (c.was, c.now) for c in changed.changes}
    assert told["name"] == ("A thousand chairs", "Tables")
    assert (told["owner"][0].title, told["owner"][1].title) == ("Asha", "Ravi")
    assert created.action == "created" and created.stage_to == "New"


def test_of_a_hidden_field_asha_learns_only_that_something_changed(office: Office) -> None:
    deal = office.deal(office.asha)
    office.update(office.meera, "deal", deal.id, 1, budget="5000")
    told, _ = history(office.reads, office.asha, "deal", deal.id)
    assert (told.hidden, told.changes) == (True, ())
    full, _ = history(office.reads, office.meera, "deal", deal.id)
    assert not full.hidden and full.changes[0].field.name == "budget"


def test_history_of_a_record_out_of_scope_is_not_found(office: Office) -> None:
    deal = office.deal(office.asha)
    with pytest.raises(NotFound):
        history(office.reads, office.ravi, "deal", deal.id)
    with pytest.raises(NotFound):
        history(office.reads, office.asha, "account", deal.id)


def test_refused_deeds_are_told_to_who_administers_only(office: Office) -> None:
    account = office.create(office.asha, "account", name="Acme")
    with pytest.raises(Refused):
        office.update(office.ravi, "account", account.id, 1, name="x")
    assert [e.action for e in history(office.reads, office.asha, "account", account.id)] == ["created"]
    refused, _ = history(office.reads, office.dev, "account", account.id)
    assert refused.action == "refused" and "does not let you change this account" in (refused.said or "")


def test_history_pages_backwards(office: Office) -> None:
    deal = office.deal(office.asha)
    for version in range(1, 6):
        office.update(office.asha, "deal", deal.id, version, name=f"Name {version}")
    first = history(office.reads, office.asha, "deal", deal.id, limit=4)
    rest = history(office.reads, office.asha, "deal", deal.id, limit=4, before=first[-1].id)
    assert [len(first), len(rest)] == [4, 2]
    assert rest[-1].action == "created"


def test_untouched_history_is_whole_also_after_a_clock_went_back(office: Office) -> None:
    deal = office.deal(office.asha)
    office.clock.pass_time(hours=-3)
    office.update(office.asha, "deal", deal.id, 1, name="Tables")
    office.move(office.asha, "deal", deal.id, 2, "hold")
    office.move(office.asha, "deal", deal.id, 3, "resume")
    office.delete(office.meera, "deal", deal.id, 4)
    assert list(verify(office.reads)) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("update crm_history set changes = '{}' where id = ?", "This history row was changed after it was written."),
        ("update crm_history set actor = 7 where id = ?", "This history row was changed after it was written."),
        ("delete from crm_history where id = ?", "A history row before this one is missing or was put in."),
    ],
)
def test_a_history_row_that_was_changed_or_taken_out_is_found(office: Office, text: str, message: str) -> None:
    deal = office.deal(office.asha)
    office.update(office.asha, "deal", deal.id, 1, name="Tables")
    office.update(office.asha, "deal", deal.id, 2, name="Beds")
    middle = history(office.reads, office.asha, "deal", deal.id)[1]
    tamper(office, text, middle.id)
    assert message in [fault.message for fault in verify(office.reads)]


def test_history_that_was_cut_off_at_its_end_is_found(office: Office) -> None:
    deal = office.deal(office.asha)
    office.update(office.asha, "deal", deal.id, 1, name="Tables")
    tamper(office, "delete from crm_history where id = ?", history(office.reads, office.asha, "deal", deal.id)[0].id)
    (fault,) = verify(office.reads)
    assert (fault.entity, fault.record) == ("deal", deal.id)
    assert fault.message == "The record's last history row is missing or is not its own."
