"""What happens when somebody moves a record to another stage."""

from __future__ import annotations

import pytest

from engine.errors import BadRequest, Conflict, Invalid, MoveRefused, NotFound, Refused
from engine.records.history import stage_times
from tests.office import Actor, Office
from tests.writes.test_create import complaints


def offered(office: Office, actor: Actor, deal: int) -> dict[str, bool]:
    return {m.transition: m.allowed for m in office.writes.moves(actor, "deal", deal)}


def answered(office: Office, actor: Actor, deal: int) -> None:
    office.create(actor, "call", deal=str(deal), outcome="Answered")


def proposal(office: Office, **more: str) -> int:
    """A deal of Asha's in the stage PROPOSAL, at version 3."""
    deal = office.deal(office.asha)
    answered(office, office.asha, deal.id)
    office.move(office.asha, "deal", deal.id, 1, "attend", follow_up_at="2026-12-01 15:00")
    office.move(office.asha, "deal", deal.id, 2, "propose")
    return deal.id


def test_a_guard_says_what_is_missing_in_the_sets_own_words(office: Office) -> None:
    deal = office.deal(office.asha)
    before = office.everything()
    with pytest.raises(MoveRefused) as error:
        office.move(office.asha, "deal", deal.id, 1, "attend", follow_up_at="2026-12-01 15:00")
    assert error.value.message == "Deal DEAL-2026-00001 cannot move to Follow-up yet: Log an answered call first."
    assert office.everything() == before


def test_a_guard_that_holds_lets_the_deal_move(office: Office) -> None:
    deal = office.deal(office.asha)
    answered(office, office.asha, deal.id)
    moved = office.move(office.asha, "deal", deal.id, 1, "attend", follow_up_at="2026-12-01 15:00")
    assert (moved.stage, moved.version) == ("FOLLOW-UP", 2)
    assert office.values("deal", deal.id)["status"] == "FOLLOW-UP"


def test_another_callers_call_does_not_open_the_guard(office: Office) -> None:
    deal = office.deal(office.asha)
    answered(office, office.meera, deal.id)
    with pytest.raises(MoveRefused, match="Log an answered call first"):
        office.move(office.asha, "deal", deal.id, 1, "attend", follow_up_at="2026-12-01 15:00")


def test_what_the_target_stage_requires_is_asked_for_and_named_when_it_is_empty(office: Office) -> None:
    deal = office.deal(office.asha)
    with pytest.raises(MoveRefused) as error:
        office.move(office.asha, "deal", deal.id, 1, "lose")
    assert [(r.field, r.message) for r in error.value.complaints] == [("lost_reason", "Lost reason is empty.")]
    assert office.move(office.asha, "deal", deal.id, 1, "lose", lost_reason="Price").stage == "LOST"


def test_all_reasons_are_told_at_once(office: Office) -> None:
    deal = office.deal(office.asha)
    with pytest.raises(MoveRefused) as error:
        office.move(office.asha, "deal", deal.id, 1, "attend")
    said = "Log an answered call first; Follow up at is empty."
    assert error.value.message == f"Deal DEAL-2026-00001 cannot move to Follow-up yet: {said}"


def test_the_buttons_and_the_door_agree_for_everyone_on_every_stage(office: Office) -> None:
    """Each offered move is tried: what is offered as possible is done, what is not is refused."""
    asks = {"attend": {"follow_up_at": "2026-12-01 15:00"}, "lose": {"lost_reason": "Price"}}
    for actor in (office.asha, office.meera, office.dev):
        for stage in ("NEW", "FOLLOW-UP", "PROPOSAL", "ON HOLD", "LOST"):
            for name, allowed in offered(office, actor, in_stage(office, actor, stage)).items():
                deal = in_stage(office, actor, stage)
                try:
                    office.move(actor, "deal", deal, 1, name, **asks.get(name, {}))
                    done = True
                except (MoveRefused, Refused):
                    done = False
                assert done == allowed, (actor.name, stage, name)


def in_stage(office: Office, actor: Actor, stage: str) -> int:
    from engine.records.commands import Create

    values = {"name": "x", "follow_up_at": "2026-12-01 15:00", "lost_reason": "Price", "owner": str(actor.user)}
    owner = office.dev if actor is office.dev else office.meera
    return office.writes.do(owner, Create("deal", values, stage=stage)).id


def test_a_move_that_is_not_the_roles_says_who_may(office: Office) -> None:
    deal = proposal(office)
    with pytest.raises(Refused) as error:
        office.move(office.asha, "deal", deal, 3, "win")
    assert error.value.who == ("Sales manager",)
    assert "Sales manager may do this" in error.value.message
    assert not offered(office, office.asha, deal)["win"]


def test_even_an_administrator_does_not_make_a_move_that_names_other_roles(office: Office) -> None:
    deal = proposal(office)
    office.update(office.meera, "deal", deal, 3, budget="100")
    with pytest.raises(Refused):
        office.move(office.dev, "deal", deal, 4, "win")


def test_a_rule_on_a_hidden_field_works_and_does_not_name_it(office: Office) -> None:
    deal = proposal(office)
    with pytest.raises(MoveRefused) as error:
        office.move(office.meera, "deal", deal, 3, "win")
    assert error.value.message == "Deal DEAL-2026-00001 cannot move to Won yet: Won is not possible now."
    office.update(office.meera, "deal", deal, 3, budget="100")
    assert office.move(office.meera, "deal", deal, 4, "win").stage == "WON"


def test_a_stage_is_not_skipped(office: Office) -> None:
    deal = office.deal(office.asha)
    with pytest.raises(MoveRefused) as error:
        office.move(office.asha, "deal", deal.id, 1, "propose")
    assert "Send proposal starts from Follow-up, and the stage is New." in error.value.message
    assert "propose" not in offered(office, office.asha, deal.id)


def test_a_deal_on_hold_goes_back_to_where_it_came_from(office: Office) -> None:
    deal = proposal(office)
    office.move(office.asha, "deal", deal, 3, "hold")
    assert office.move(office.asha, "deal", deal, 4, "resume").stage == "PROPOSAL"


def test_a_deal_that_began_on_hold_has_nowhere_to_go_back_to(office: Office) -> None:
    deal = in_stage(office, office.meera, "ON HOLD")
    with pytest.raises(MoveRefused, match="There is no earlier stage to go back to"):
        office.move(office.meera, "deal", deal, 1, "resume")


def test_a_move_does_what_its_effects_say(office: Office) -> None:
    deal = office.deal(office.asha, is_hot="yes")
    office.move(office.asha, "deal", deal.id, 1, "lose", lost_reason="Price")
    assert office.values("deal", deal.id)["is_hot"] is False


def test_a_move_takes_only_what_it_asks_for(office: Office) -> None:
    deal = office.deal(office.asha)
    with pytest.raises(Invalid) as error:
        office.move(office.asha, "deal", deal.id, 1, "hold", name="Smuggled", budget="1", wings="2")
    assert complaints(error) == {
        "name": "Name is not asked for by this move.",
        "budget": '"budget" is not a field of Deal that you may fill.',
        "wings": '"wings" is not a field of Deal that you may fill.',
    }


def test_a_forged_move_is_a_bad_request_and_a_stale_one_a_conflict(office: Office) -> None:
    deal = office.deal(office.asha)
    with pytest.raises(BadRequest, match='Deal has no move "teleport"'):
        office.move(office.asha, "deal", deal.id, 1, "teleport")
    with pytest.raises(Conflict):
        office.move(office.asha, "deal", deal.id, 2, "hold")
    with pytest.raises(NotFound):
        office.move(office.ravi, "deal", deal.id, 1, "hold")


def test_activities_are_not_added_where_the_stage_does_not_allow_them(office: Office) -> None:
    from dataclasses import replace

    from tests.office import office_on

    workflow = office.blueprint.workflows["deal_sales"]
    stages = {**workflow.stages, "NEW": replace(workflow.stages["NEW"], allows=())}
    changed = replace(office.blueprint, workflows={"deal_sales": replace(workflow, stages=stages)})
    stricter = office_on(office.database.url, changed, office.clock)
    deal = office.deal(office.asha)
    with pytest.raises(Invalid) as error:
        stricter.create(office.asha, "call", deal=str(deal.id), outcome="RNR")
    assert complaints(error) == {"deal": "Calls are not added to a deal in the stage New."}
    stricter.database.close()


def test_stays_in_stages_are_told_with_their_time(office: Office) -> None:
    deal = office.deal(office.asha)
    office.clock.pass_time(hours=2)
    office.move(office.asha, "deal", deal.id, 1, "hold")
    office.clock.pass_time(minutes=5)
    stays = stage_times(office.reads, office.asha, "deal", deal.id)
    assert [(s.label, round(s.seconds(office.clock()) / 60)) for s in stays] == [("New", 120), ("On hold", 5)]
    assert [s.left_at is None for s in stays] == [False, True]


def test_a_token_made_for_reading_does_not_move(office: Office) -> None:
    deal = office.deal(office.asha)
    reader = Actor(office.asha.user, "Asha", "caller", only=frozenset({("deal", "read")}))
    with pytest.raises(Refused):
        office.move(reader, "deal", deal.id, 1, "hold")
    assert office.writes.moves(reader, "deal", deal.id) == ()
