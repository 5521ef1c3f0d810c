"""What a move does beside changing the stage."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.blueprint.conditions import ALWAYS, Test, Word
from engine.blueprint.workflows import Action
from engine.errors import MoveRefused
from engine.records.history import verify
from tests.office import Office, office_on


def with_effects(office: Office, *effects: Action) -> Office:
    """The office whose move `hold` does this besides."""
    workflow = office.blueprint.workflows["deal_sales"]
    hold = replace(workflow.transitions["hold"], then=effects)
    workflow = replace(workflow, transitions={**workflow.transitions, "hold": hold})
    return office_on(office.database.url, replace(office.blueprint, workflows={"deal_sales": workflow}), office.clock)


def account_of(**more: object) -> Action:
    settings = {"entity": "account", "copy": {"name": "name", "owner": "owner"}, "set": {"industry": "Steel"}}
    settings |= {"link": None, "keep_in": "account", "when": Test("account", "empty", True)}
    return Action("create", {**settings, **more})


def test_a_deal_on_hold_makes_an_account_and_keeps_it(office: Office) -> None:
    strict = with_effects(office, account_of())
    deal = office.deal(office.asha, name="Acme chairs")
    strict.move(office.asha, "deal", deal.id, 1, "hold")
    kept = office.values("deal", deal.id)["account"]
    account = office.values("account", kept.id)
    assert (account["name"], account["industry"], account["owner"].id) == ("Acme chairs", "Steel", office.asha.user)
    assert list(verify(office.reads)) == []
    strict.database.close()


def test_a_condition_keeps_it_from_making_a_second_one(office: Office) -> None:
    strict = with_effects(office, account_of())
    account = office.create(office.meera, "account", name="Acme")
    deal = office.deal(office.asha, account=str(account.id))
    strict.move(office.asha, "deal", deal.id, 1, "hold")
    assert office.rows("select count(*) from account") == [(1,)]
    strict.database.close()


def test_a_record_that_cannot_be_made_refuses_the_move_and_nothing_is_left(office: Office) -> None:
    strict = with_effects(office, account_of(copy={"name": "notes"}, when=ALWAYS))
    deal = office.deal(office.asha)
    before = office.everything()
    with pytest.raises(MoveRefused) as error:
        strict.move(office.asha, "deal", deal.id, 1, "hold")
    assert error.value.message.endswith("cannot move to On hold yet: The new account: Name is empty.")
    assert office.everything() == before
    strict.database.close()


def test_words_in_effects_mean_the_moment_and_the_person(office: Office) -> None:
    strict = with_effects(office, Action("set", {"follow_up_at": Word("now"), "owner": Word("me")}))
    deal = office.deal(office.asha)
    strict.move(office.meera, "deal", deal.id, 1, "hold")
    values = office.values("deal", deal.id)
    assert values["owner"].id == office.meera.user
    assert abs((values["follow_up_at"] - office.clock()).total_seconds()) < 5
    strict.database.close()
