"""Taking back what one just did: who may, how long, what comes back, and who hears of it."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, strategies as st

from engine.actor import Actor
from engine.errors import Conflict, CrmError, Invalid, NotFound, Refused
from engine.records.commands import Create, Delete, Move, One, Outcome, Undo, Update
from engine.records.history import verify
from engine.records.write import Writes
from tests.office import Office, office_on, open_office
from tests.real.databases import copy_sqlite

LATER = "2026-12-01 15:00"


def by_hand(office: Office, actor: Actor, command: One) -> Outcome:
    return office.writes.do(actor, command, by_hand=True)


def back(office: Office, actor: Actor, outcome: Outcome) -> Outcome:
    assert outcome.history is not None
    return by_hand(office, actor, Undo(outcome.entity, outcome.id, outcome.version, outcome.history))


def events(office: Office) -> list[dict[str, Any]]:
    return [orjson.loads(payload) for (payload,) in office.rows("select payload from crm_outbox order by id")]


def in_bin(office: Office, id: int) -> bool:
    return office.rows("select deleted_at from deal where id = ?", id)[0][0] is not None


# ---- what comes back


def test_an_edit_is_as_it_was_and_its_history_says_so(office: Office) -> None:
    deal = office.deal(office.asha, phone="+91 98400 12345", tags=["vip"])
    before = office.values("deal", deal.id)
    edited = by_hand(office, office.asha, Update("deal", deal.id, 1, {"name": "Two chairs", "tags": [], "phone": ""}))
    taken = back(office, office.asha, edited)
    after = office.values("deal", deal.id)
    assert {n: v for n, v in after.items() if n not in ("updated_at", "version")} == {
        n: v for n, v in before.items() if n not in ("updated_at", "version")
    }
    assert taken.version == 3
    assert [a for (a,) in office.rows("select action from crm_history where record = ? order by id", deal.id)] == [
        "created", "changed", "undone",
    ]  # fmt: skip
    assert list(verify(office.reads)) == []


def test_a_new_record_goes_into_the_bin_and_a_deleted_one_comes_back(office: Office) -> None:
    made = by_hand(office, office.asha, Create("deal", {"name": "Slip"}))
    back(office, office.asha, made)  # a caller may delete nothing, but nobody has heard of this one
    assert in_bin(office, made.id)
    kept = office.deal(office.meera)
    gone = by_hand(office, office.meera, Delete("deal", kept.id, 1))
    back(office, office.meera, gone)
    assert not in_bin(office, kept.id)


def test_a_move_goes_back_with_its_stay_as_if_it_had_not_been(office: Office) -> None:
    deal = office.deal(office.asha)
    office.clock.pass_time(days=2)
    stays = office.rows("select stage, entered_at, left_at from crm_stage_time where record = ?", deal.id)
    lost = by_hand(office, office.asha, Move("deal", deal.id, 1, "lose", {"lost_reason": "Price"}))
    taken = back(office, office.asha, lost)
    assert taken.stage == "NEW"
    assert office.values("deal", deal.id)["lost_reason"] is None
    assert office.rows("select stage, entered_at, left_at from crm_stage_time where record = ?", deal.id) == stays
    held = office.move(office.asha, "deal", deal.id, taken.version, "hold")
    assert office.move(office.asha, "deal", deal.id, held.version, "resume").stage == "NEW"


def test_a_deal_given_away_comes_back_to_who_no_longer_sees_it(office: Office) -> None:
    deal = office.deal(office.meera)
    nils_cannot = office.deal(office.asha)
    given = by_hand(office, office.meera, Update("deal", deal.id, 1, {"owner": str(office.asha.user)}))
    back(office, office.meera, given)
    assert office.values("deal", deal.id)["owner"].id == office.meera.user
    with pytest.raises(NotFound):
        by_hand(office, office.nils, Undo("deal", nils_cannot.id, 1, nils_cannot.history or 0))


# ---- who, and how long


def test_nobody_takes_back_what_somebody_else_did(office: Office) -> None:
    deal = office.deal(office.asha)
    edited = by_hand(office, office.asha, Update("deal", deal.id, 1, {"name": "Hers"}))
    for somebody in (office.meera, office.dev, office.ravi, Actor(0, "CRM", "administrator")):
        with pytest.raises(NotFound):
            back(office, somebody, edited)
    assert office.values("deal", deal.id)["name"] == "Hers"


def test_a_deed_of_another_record_is_no_warrant(office: Office) -> None:
    one, other = office.deal(office.asha), office.deal(office.asha)
    edited = office.update(office.asha, "deal", one.id, 1, name="Slip")
    with pytest.raises(NotFound):
        by_hand(office, office.asha, Undo("deal", other.id, 1, edited.history or 0))
    with pytest.raises(NotFound):
        by_hand(office, office.asha, Undo("account", one.id, 2, edited.history or 0))


def test_after_an_hour_it_stays(office: Office) -> None:
    deal = office.deal(office.asha)
    edited = by_hand(office, office.asha, Update("deal", deal.id, 1, {"name": "Slip"}))
    office.clock.pass_time(minutes=61)
    with pytest.raises(Invalid, match="time to take this back is over"):
        back(office, office.asha, edited)
    assert office.values("deal", deal.id)["name"] == "Slip"


def test_what_somebody_changed_since_is_told_and_stays(office: Office) -> None:
    deal = office.deal(office.asha)
    edited = by_hand(office, office.asha, Update("deal", deal.id, 1, {"name": "Slip"}))
    office.update(office.meera, "deal", deal.id, 2, notes="Called them")
    with pytest.raises(Conflict) as met:
        back(office, office.asha, edited)
    assert met.value.theirs == {"notes": (None, "Called them")}
    with pytest.raises(Conflict):  # the version of now is no help: it is not her deed that was last
        by_hand(office, office.asha, Undo("deal", deal.id, 3, edited.history or 0))
    assert office.values("deal", deal.id)["name"] == "Slip"


def test_what_became_of_a_record_out_of_sight_is_not_told(office: Office) -> None:
    deal = office.deal(office.meera)
    given = by_hand(office, office.meera, Update("deal", deal.id, 1, {"owner": str(office.asha.user)}))
    office.update(office.dev, "deal", deal.id, 2, owner=str(office.nils.user), notes="A secret")
    with pytest.raises(Invalid, match="Somebody changed it since"):
        back(office, office.meera, given)


def test_rights_are_those_of_now(office: Office) -> None:
    deal = office.deal(office.meera, budget="100")
    edited = by_hand(office, office.meera, Update("deal", deal.id, 1, {"budget": "200"}))
    before = office.everything()
    demoted = replace(office.meera, role="caller")  # callers read no budget
    with pytest.raises(Refused):
        back(office, demoted, edited)
    assert office.everything() == before
    sold = office.deal(office.meera, budget="100")
    for step in ("hold", "resume"):
        sold = by_hand(office, office.meera, Move("deal", sold.id, sold.version, step))
    with pytest.raises(Refused):
        gone = by_hand(office, office.meera, Delete("deal", sold.id, sold.version))
        back(office, demoted, gone)


def test_a_new_record_that_others_heard_of_is_a_matter_of_deleting(office: Office) -> None:
    made = by_hand(office, office.asha, Create("deal", {"name": "Slip"}))
    office.clock.pass_time(seconds=11)
    with pytest.raises(Refused):
        back(office, office.asha, made)
    assert not in_bin(office, made.id)


def test_after_the_set_was_changed_nothing_is_taken_back(office: Office) -> None:
    deal = office.deal(office.asha)
    edited = by_hand(office, office.asha, Update("deal", deal.id, 1, {"name": "Slip"}))
    blueprint = replace(office.blueprint, hash="another")
    writes = Writes(blueprint, office.database, office.tables, office.reads, office.clock)
    with pytest.raises(Invalid, match="The set was changed"):
        writes.do(office.asha, Undo("deal", deal.id, 2, edited.history or 0))


def test_a_taking_back_is_not_taken_back(office: Office) -> None:
    deal = office.deal(office.asha)
    taken = back(office, office.asha, by_hand(office, office.asha, Update("deal", deal.id, 1, {"name": "Slip"})))
    with pytest.raises(Invalid, match="do it again"):
        back(office, office.asha, taken)


def test_a_value_that_another_has_by_now_is_told(office: Office) -> None:
    person = office.hire("Tara", "caller")
    edited = by_hand(office, office.dev, Update("user", person.user, 1, {"email": "new@firm.example"}))
    office.hire("Uma", "caller", email="tara@firm.example")
    with pytest.raises(Invalid, match="correct"):
        back(office, office.dev, edited)


def test_done_once_whatever_is_sent_twice(office: Office) -> None:
    deal = office.deal(office.asha)
    edited = by_hand(office, office.asha, Update("deal", deal.id, 1, {"name": "Slip"}))
    undo = Undo("deal", deal.id, edited.version, edited.history or 0)
    first, second = (office.writes.do(office.asha, undo, "once", by_hand=True) for _ in range(2))
    assert (second.replayed, second.version) == (True, first.version)


# ---- who hears of it


def test_what_a_person_does_is_told_when_the_time_to_take_it_back_is_over(office: Office) -> None:
    by_hand(office, office.asha, Create("deal", {"name": "Chairs"}))
    office.deal(office.asha)
    (by_hand_due, made), (at_once, born) = office.rows("select due_at, created_at from crm_outbox order by id")
    assert (by_hand_due - made, at_once - born) == (10_000, 0)


def test_what_was_taken_back_in_time_nobody_hears_of(office: Office) -> None:
    made = by_hand(office, office.asha, Create("deal", {"name": "Slip"}))
    back(office, office.asha, made)
    assert events(office) == []


def test_what_was_told_already_is_told_again(office: Office) -> None:
    office.writes.know.told["deal"] = frozenset({"created", "deleted"})
    made = by_hand(office, office.meera, Create("deal", {"name": "Slip"}))
    with office.database.writing() as connection:
        connection.change("update crm_outbox set state = 'done'")
    back(office, office.meera, made)
    assert [event["on"] for event in events(office)] == [["created", "assigned"], ["deleted"]]


# ---- whatever one did

TEXTS = st.sampled_from(["", "x", "Chairs", "طاولة", "  ", "0" * 40])
GIVEN = st.fixed_dictionaries({}, optional={
    "name": TEXTS, "phone": st.sampled_from(["", "+91 98400 12345", "nonsense"]), "notes": TEXTS,
    "tags": st.sampled_from([[], ["vip"], ["a", "b"]]), "budget": st.sampled_from(["", "12.50", "-1"]),
    "discount": st.sampled_from(["", "5", "101"]), "closes_on": st.sampled_from(["", "2026-12-01"]),
    "follow_up_at": st.sampled_from(["", LATER]), "is_hot": st.booleans(),
    "owner": st.sampled_from(["asha", "ravi", "meera"]),
})  # fmt: skip
DEED = st.one_of(
    st.tuples(st.just("update"), GIVEN),
    st.tuples(st.sampled_from(["hold", "resume", "lose", "propose", "attend"]), st.fixed_dictionaries({}, optional={
        "lost_reason": st.sampled_from(["Price", ""]), "follow_up_at": st.just(LATER)})),
    st.tuples(st.just("delete"), st.just({})),
)  # fmt: skip
ORIGINAL = Path(tempfile.mkdtemp(prefix="crm-undoing-")) / "office.db"


def an_office() -> tuple[Office, Path]:
    if not ORIGINAL.exists():
        open_office(f"sqlite:///{ORIGINAL}").database.close()
    folder = Path(tempfile.mkdtemp(prefix="crm-undoing-"))
    copy_sqlite(ORIGINAL, folder / "office.db")
    office = office_on(f"sqlite:///{folder}/office.db")
    for id, name, role in office.rows('select id, name, role from "user"'):
        office.people[name.lower()] = Actor(id, name, role)
    office.clock.pass_time(hours=1)
    return office, folder


def seen(office: Office, id: int) -> Any:
    """All that a person could see of it but for when and how often it was written."""
    columns = office.writes.know.shapes["deal"].columns
    row = dict(zip(columns, office.rows(f"select {', '.join(columns)} from deal where id = ?", id)[0], strict=True))
    stays = office.rows("select stage, entered_at, left_at from crm_stage_time where record = ? order by entered_at", id)
    kept = {n: v for n, v in row.items() if n not in ("version", "updated_at", "updated_by", "chain")}
    return kept, stays, office.rows("select key from crm_key where record = ? order by key", id)


@given(st.lists(DEED, min_size=1, max_size=6), st.sampled_from(["asha", "meera"]))
def test_whatever_one_did_and_took_back_is_as_it_was(deeds: list[tuple[str, dict[str, Any]]], who: str) -> None:
    office, folder = an_office()
    office.writes.know.told["deal"] = frozenset({"created", "changed", "moved", "deleted", "restored", "assigned"})
    actor = office.people[who]
    version = (deal := office.deal(office.asha)).version
    try:
        for kind, given_values in deeds:
            before, waiting = seen(office, deal.id), len(events(office))
            values = {n: str(office.people[v].user) if n == "owner" else v for n, v in given_values.items()}
            command: One = (
                Update("deal", deal.id, version, values) if kind == "update"
                else Delete("deal", deal.id, version) if kind == "delete"
                else Move("deal", deal.id, version, kind, values)
            )  # fmt: skip
            try:
                done = by_hand(office, actor, command)
            except CrmError:
                assert seen(office, deal.id) == before
                continue
            version = done.version
            if done.history is not None:
                version = back(office, actor, done).version
            assert seen(office, deal.id) == before
            assert len(events(office)) == waiting
        assert list(verify(office.reads)) == []
    finally:
        office.database.close()
        shutil.rmtree(folder)
