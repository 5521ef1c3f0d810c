"""One deed for many records: who may, what becomes of each, and what is left when a worker is killed in the middle."""

from __future__ import annotations

from typing import Any

import pytest

from engine.actor import Actor
from engine.errors import Invalid, NotFound, Refused, TooMany
from engine.jobs.bulks import Bulks
from engine.records import bulk_work, bulks
from engine.records.bulks import Bulk, Fate, Wish
from engine.records.history import verify
from engine.records.query import Query
from tests.office import Office


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch ends by its size here, however slow the machine is."""
    monkeypatch.setattr(bulk_work, "LONGEST", 60)


def ask(office: Office, actor: Actor, wish: Wish, ids: list[int], held: int = 0) -> int:
    with office.database.writing() as connection:
        bulk_work.check(office.writes.task(connection, actor), wish)
        return bulks.put(connection, actor, wish, bulks.check_ids(ids), office.clock(), held=held)


def carried_out(office: Office, actor: Actor, id: int) -> Bulk:
    step = Bulks(office)  # type: ignore[arg-type]
    for _ in range(100):
        if not step.run(office.clock()):
            break
    return bulk(office, actor, id)


def bulk(office: Office, actor: Actor, id: int) -> Bulk:
    with office.database.reading() as connection:
        return bulks.find(connection, actor, id)


def fates(office: Office, id: int, state: str) -> list[Fate]:
    with office.database.reading() as connection:
        return bulks.fates(connection, id, state)


def taken_back(office: Office, actor: Actor, id: int) -> Bulk:
    with office.database.writing() as connection:
        undo = bulks.put_undo(connection, actor, id, office.clock())
    return carried_out(office, actor, undo)


def names(office: Office) -> list[str]:
    return [name for (name,) in office.rows("select name from deal order by id")]


def counts(of: Bulk) -> tuple[str, int, int, int]:
    return of.state, of.done, of.skipped, of.failed


# ---- what becomes of each


def test_what_can_be_done_is_done_and_the_rest_is_told_with_its_reason(office: Office) -> None:
    deals = [office.deal(office.asha, f"Deal {n}").id for n in range(3)]
    office.move(office.asha, "deal", deals[1], 1, "hold")
    theirs = office.deal(office.nils).id
    gone = office.deal(office.asha)
    office.delete(office.meera, "deal", gone.id, 1)
    id = ask(office, office.meera, Wish("deal", "move", {"transition": "hold"}), [*deals, theirs, gone.id])
    done = carried_out(office, office.meera, id)
    assert counts(done) == ("done", 2, 3, 0)
    why = {fate.record: fate.why for fate in fates(office, id, "skipped")}
    assert why[deals[1]] == "Put on hold starts from New, Follow-up or Proposal, and the stage is On hold."
    assert why[theirs] == why[gone.id] == bulk_work.GONE


def test_a_value_that_a_record_cannot_take_fails_for_that_record_only(office: Office) -> None:
    person = office.hire("Tara", "caller")
    others = [office.hire(name, "caller").user for name in ("Uma", "Vik")]
    wish = Wish("user", "update", {"values": {"email": "one@firm.example"}})
    done = carried_out(office, office.dev, ask(office, office.dev, wish, [person.user, *others]))
    assert counts(done) == ("done", 1, 0, 2)
    assert "Another user has this email already." in {fate.why for fate in fates(office, done.id, "failed")}


def test_tags_are_added_and_taken_away(office: Office) -> None:
    first, second = office.deal(office.asha, tags=["old", "vip"]), office.deal(office.asha, tags=["vip"])
    wish = Wish("deal", "tag", {"field": "tags", "add": ["vip"], "remove": ["old"]})
    done = carried_out(office, office.meera, ask(office, office.meera, wish, [first.id, second.id]))
    assert counts(done) == ("done", 1, 1, 0)
    assert [fate.why for fate in fates(office, done.id, "skipped")] == [bulk_work.ALREADY]
    assert office.values("deal", first.id)["tags"] == ("vip",)


def test_all_that_a_question_finds_is_what_it_found_when_it_was_asked(office: Office) -> None:
    for n in range(7):
        office.deal(office.asha, f"Deal {n}", notes="yes" if n % 2 else "no")
    query = office.reads.query(office.meera, "deal", [("notes", "yes")])
    ids = bulks.ids_of(office.reads, office.meera, query)
    id = ask(office, office.meera, Wish("deal", "update", {"values": {"name": "Same"}}), ids)
    office.deal(office.asha, "Late", notes="yes")
    assert counts(carried_out(office, office.meera, id)) == ("done", 3, 0, 0)
    assert names(office).count("Same") == 3 and "Late" in names(office)


def test_others_are_told_of_each_when_the_time_to_take_it_back_is_over(office: Office) -> None:
    office.writes.know.told["deal"] = frozenset({"changed"})
    deal = office.deal(office.asha)
    id = ask(office, office.meera, Wish("deal", "update", {"values": {"name": "New"}}), [deal.id], held=10_000)
    carried_out(office, office.meera, id)
    assert [due - made for due, made in office.rows("select due_at, created_at from crm_outbox")] == [10_000]
    taken_back(office, office.meera, id)
    assert office.rows("select 1 from crm_outbox") == []


# ---- who may


def test_without_the_bulk_right_nothing_is_begun(office: Office) -> None:
    deal = office.deal(office.asha)
    with pytest.raises(Refused):
        ask(office, office.asha, Wish("deal", "update", {"values": {"name": "Mine"}}), [deal.id])
    assert office.rows("select 1 from crm_bulk") == []


def test_a_right_that_was_taken_away_meanwhile_ends_it(office: Office) -> None:
    deal = office.deal(office.asha)
    id = ask(office, office.meera, Wish("deal", "update", {"values": {"name": "Mine"}}), [deal.id])
    office.update(office.dev, "user", office.meera.user, 1, role="caller")
    done = carried_out(office, office.meera, id)
    assert (done.state, done.done) == ("refused", 0)
    assert done.reason and "change many of deals" in done.reason
    assert names(office) == ["A thousand chairs"]


def test_who_may_not_sign_in_any_more_changes_nothing(office: Office) -> None:
    deal = office.deal(office.asha)
    id = ask(office, office.meera, Wish("deal", "delete"), [deal.id])
    office.update(office.dev, "user", office.meera.user, 1, active=False)
    assert carried_out(office, office.meera, id).state == "refused"
    assert office.rows("select deleted_at from deal") == [(None,)]


def test_a_token_for_one_thing_does_not_do_another(office: Office) -> None:
    deal = office.deal(office.asha)
    rights = frozenset({("deal", "read"), ("deal", "update"), ("deal", "bulk")})
    only = Actor(office.meera.user, "Meera", "manager", only=rights)
    with pytest.raises(Refused):
        ask(office, only, Wish("deal", "delete"), [deal.id])
    id = ask(office, only, Wish("deal", "update", {"values": {"name": "New"}}), [deal.id])
    with office.database.writing() as connection:  # the row's kind cannot be what the token may not
        connection.change("update crm_bulk set kind = 'delete'")
    assert counts(carried_out(office, office.meera, id)) == ("done", 0, 1, 0)


def test_the_stage_is_not_changed_by_an_edit(office: Office) -> None:
    deal = office.deal(office.asha)
    with pytest.raises(Invalid):
        ask(office, office.meera, Wish("deal", "update", {"values": {"status": "WON"}}), [deal.id])
    with office.database.writing() as connection:
        wish = Wish("deal", "update", {"values": {"status": "WON"}})
        id = bulks.put(connection, office.meera, wish, [deal.id], office.clock())
    assert counts(carried_out(office, office.meera, id)) == ("done", 0, 0, 1)
    assert office.values("deal", deal.id)["status"] == "NEW"


def test_nobody_looks_at_or_stops_what_somebody_else_asked_for(office: Office) -> None:
    deal = office.deal(office.asha)
    id = ask(office, office.meera, Wish("deal", "delete"), [deal.id])
    for deed in (bulks.stop, bulks.put_undo):
        with office.database.writing() as connection, pytest.raises(NotFound):
            deed(connection, office.dev, id, office.clock())
    with office.database.reading() as connection, pytest.raises(NotFound):
        bulks.find(connection, office.dev, id)


def test_one_person_has_three_under_way_at_most(office: Office) -> None:
    deal = office.deal(office.asha)
    for _ in range(bulks.MOST_AT_WORK):
        ask(office, office.meera, Wish("deal", "delete"), [deal.id])
    with pytest.raises(TooMany):
        ask(office, office.meera, Wish("deal", "delete"), [deal.id])


def test_no_record_and_too_many_are_told(office: Office) -> None:
    with pytest.raises(Invalid, match="No record"):
        bulks.check_ids([])
    with pytest.raises(Invalid, match="more than 2 records"):
        bulks.check_ids([1, 2, 3], 2)
    for n in range(3):
        office.deal(office.asha, f"Deal {n}")
    with pytest.raises(Invalid, match="more than 2 records"):
        bulks.ids_of(office.reads, office.meera, Query("deal"), 2)


# ---- beforehand


def test_a_trial_says_what_would_happen_and_changes_nothing(office: Office) -> None:
    deals = [office.deal(office.asha, f"Deal {n}").id for n in range(3)]
    office.move(office.asha, "deal", deals[0], 1, "hold")
    before = office.everything()
    tried = bulk_work.trial(office.writes, office.meera, Wish("deal", "move", {"transition": "hold"}), deals)
    assert (tried.tried, tried.done, tried.left_out) == (3, 2, 1)
    assert tried.reasons == (("Put on hold starts from New, Follow-up or Proposal, and the stage is On hold.", 1),)
    assert office.everything() == before


# ---- back again


def test_all_of_it_is_taken_back_but_for_what_somebody_changed_since(office: Office) -> None:
    deals = [office.deal(office.asha, f"Deal {n}").id for n in range(4)]
    id = ask(office, office.meera, Wish("deal", "move", {"transition": "lose", "values": {"lost_reason": "Price"}}), deals)
    carried_out(office, office.meera, id)
    office.update(office.asha, "deal", deals[2], 2, notes="They called again")
    undone = taken_back(office, office.meera, id)
    assert counts(undone) == ("done", 3, 1, 0)
    assert [(f.record, f.why) for f in fates(office, undone.id, "skipped")] == [
        (deals[2], "Somebody changed it since, so it stays as it is.")
    ]
    assert [stage for (stage,) in office.rows("select status from deal order by id")] == ["NEW", "NEW", "LOST", "NEW"]
    assert list(verify(office.reads)) == []
    with pytest.raises(Invalid):  # once
        taken_back(office, office.meera, id)


def test_after_an_hour_a_bulk_stays(office: Office) -> None:
    id = ask(office, office.meera, Wish("deal", "delete"), [office.deal(office.asha).id])
    carried_out(office, office.meera, id)
    office.clock.pass_time(minutes=61)
    with pytest.raises(Invalid):
        taken_back(office, office.meera, id)


def test_what_was_stopped_is_done_as_far_as_it_came_and_can_be_taken_back(office: Office, monkeypatch: Any) -> None:
    monkeypatch.setattr("engine.jobs.bulks.A_TURN", 0)
    monkeypatch.setattr(bulk_work, "BATCH", 2)
    deals = [office.deal(office.asha, f"Deal {n}").id for n in range(6)]
    id = ask(office, office.meera, Wish("deal", "update", {"values": {"name": "New"}}), deals)
    Bulks(office).run(office.clock())  # type: ignore[arg-type]
    with office.database.writing() as connection:
        bulks.stop(connection, office.meera, id, office.clock())
    assert counts(carried_out(office, office.meera, id)) == ("stopped", 2, 0, 0)
    assert counts(taken_back(office, office.meera, id)) == ("done", 2, 0, 0)
    assert names(office) == [f"Deal {n}" for n in range(6)]


# ---- killed


class Killed(BaseException):
    pass


def test_who_is_killed_in_the_middle_did_nothing_twice_and_the_next_one_goes_on(office: Office, monkeypatch: Any) -> None:
    monkeypatch.setattr(bulk_work, "BATCH", 4)
    deals = [office.deal(office.asha, f"Deal {n}").id for n in range(10)]
    id = ask(office, office.meera, Wish("deal", "update", {"values": {"name": "New"}}), deals)
    left, perform = [6], bulk_work.perform

    def until_killed(*given: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return perform(*given)

    monkeypatch.setattr(bulk_work, "perform", until_killed)
    with pytest.raises(Killed):
        Bulks(office).run(office.clock())  # type: ignore[arg-type]
    monkeypatch.setattr(bulk_work, "perform", perform)
    assert names(office).count("New") == bulk(office, office.meera, id).done == 4
    assert carried_out(office, office.meera, id).state == "claimed"  # its lease is the dead one's still
    office.clock.pass_time(minutes=2)
    assert counts(carried_out(office, office.meera, id)) == ("done", 10, 0, 0)
    changes = office.rows("select record, count(*) from crm_history where action = 'changed' group by record")
    assert sorted(n for _, n in changes) == [1] * 10
    assert list(verify(office.reads)) == []
