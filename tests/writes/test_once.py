"""A form that is sent twice is done once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.errors import Invalid, NotFound
from engine.records.commands import Create, Move, Update
from engine.records.idempotency import forget_old
from engine.records.keys import milliseconds
from tests.office import Office


def test_a_twice_sent_form_makes_one_deal_and_both_get_the_same_answer(office: Office) -> None:
    first, second = (office.create(office.asha, "deal", key="form-1", name="Chairs") for _ in range(2))
    assert (first.id, first.version, first.stage) == (second.id, second.version, second.stage)
    assert (first.replayed, second.replayed) == (False, True)
    assert office.rows("select count(*) from deal") == [(1,)]


def test_eight_clicks_at_the_same_moment_make_one_deal(office: Office) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: office.create(office.asha, "deal", key="form-1", name="Chairs"), range(8)))
    assert len({m.id for m in made}) == 1 and sum(not m.replayed for m in made) == 1
    assert office.rows("select count(*) from deal") == [(1,)]


def test_a_replayed_move_does_not_conflict_with_itself(office: Office) -> None:
    deal = office.deal(office.asha)
    moves = [office.writes.do(office.asha, Move("deal", deal.id, 1, "hold"), "move-1") for _ in range(2)]
    assert [m.version for m in moves] == [2, 2]


def test_the_same_key_for_another_request_is_refused(office: Office) -> None:
    deal = office.create(office.asha, "deal", key="form-1", name="Chairs")
    for command in (Create("deal", {"name": "Tables"}), Update("deal", deal.id, 1, {"name": "Chairs"})):
        with pytest.raises(Invalid) as error:
            office.writes.do(office.asha, command, "form-1")
        assert error.value.complaints[0].message == "This idempotency key was used for another request. Use a new one."


def test_two_people_may_use_the_same_key(office: Office) -> None:
    made = {office.create(who, "deal", key="1", name="Chairs").id for who in (office.asha, office.ravi)}
    assert len(made) == 2


def test_a_refused_request_leaves_its_key_free(office: Office) -> None:
    with pytest.raises(Invalid):
        office.create(office.asha, "deal", key="form-1", name="")
    assert not office.create(office.asha, "deal", key="form-1", name="Chairs").replayed


def test_a_replay_of_what_one_may_no_longer_see_tells_only_what_was_told_before(office: Office) -> None:
    deal = office.create(office.asha, "deal", key="form-1", name="Chairs")
    office.update(office.meera, "deal", deal.id, 1, owner=str(office.ravi.user), name="Other")
    again = office.create(office.asha, "deal", key="form-1", name="Chairs")
    assert (again.id, again.version) == (deal.id, 1)
    with pytest.raises(NotFound):
        office.update(office.asha, "deal", deal.id, 2, name="Mine")


def test_a_key_is_kept_for_a_day(office: Office) -> None:
    first = office.create(office.asha, "deal", key="form-1", name="Chairs")
    office.clock.pass_time(hours=25)
    assert office.create(office.asha, "deal", key="form-1", name="Chairs").id != first.id
    office.clock.pass_time(hours=25)
    with office.database.writing() as connection:
        assert forget_old(connection, milliseconds(office.clock())) == 1


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_an_empty_or_endless_key_is_refused(office: Office, key: str) -> None:
    with pytest.raises(Invalid):
        office.create(office.asha, "deal", key=key, name="Chairs")
