"""What happens when somebody changes, hands over or deletes a record."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from engine.errors import Conflict, CrmError, Invalid, NotFound, Refused
from engine.records.commands import Delete, Outcome, Restore, Update
from tests.office import Actor, Office
from tests.writes.test_create import complaints


def test_asha_changes_her_deal(office: Office) -> None:
    deal = office.deal(office.asha)
    changed = office.update(office.asha, "deal", deal.id, 1, name="Two thousand chairs", tags=["big"])
    assert (changed.version, set(changed.changed)) == (2, {"name", "tags"})
    assert office.values("deal", deal.id)["name"] == "Two thousand chairs"


def test_saving_what_is_there_already_changes_nothing(office: Office) -> None:
    deal = office.deal(office.asha, phone="9876543210")
    before = office.everything()
    same = office.update(office.asha, "deal", deal.id, 1, name="A thousand chairs", phone="+91 98765 43210")
    assert (same.version, same.changed) == (1, ())
    assert office.everything() == before


def test_ravi_does_not_find_ashas_deal(office: Office) -> None:
    deal = office.deal(office.asha)
    before = office.everything()
    for command in (Update("deal", deal.id, 1, {"name": "Mine"}), Delete("deal", deal.id, 1)):
        with pytest.raises(NotFound):
            office.writes.do(office.ravi, command)
    assert office.everything() == before


def test_ravi_may_read_but_not_change_an_account_and_is_told_who_may(office: Office) -> None:
    account = office.create(office.asha, "account", name="Acme")
    with pytest.raises(Refused) as error:
        office.update(office.ravi, "account", account.id, 1, name="Ravi's")
    assert error.value.message == (
        "Your role does not let you change this account. Sales manager or Administrator may do this."
    )


def test_the_second_of_two_who_opened_the_same_version_is_shown_what_the_first_did(office: Office) -> None:
    deal = office.deal(office.asha)
    office.update(office.meera, "deal", deal.id, 1, name="Chairs and tables", budget="5000")
    office.update(office.meera, "deal", deal.id, 2, name="Tables")
    with pytest.raises(Conflict) as error:
        office.update(office.asha, "deal", deal.id, 1, phone="9876543210")
    assert error.value.version == 3
    assert error.value.theirs == {"name": ("A thousand chairs", "Tables")}  # she may not read the budget


def test_a_version_that_has_not_been_yet_is_a_conflict(office: Office) -> None:
    deal = office.deal(office.asha)
    with pytest.raises(Conflict, match="is at version 1; 7 has not been yet"):
        office.update(office.asha, "deal", deal.id, 7, name="Later")


def test_of_two_who_save_at_the_same_moment_one_wins(office: Office) -> None:
    deal, both = office.deal(office.asha), Barrier(2)

    def save(actor: Actor) -> Outcome | CrmError:
        both.wait()
        try:
            return office.update(actor, "deal", deal.id, 1, name=f"{actor.name}'s chairs")
        except CrmError as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(save, (office.asha, office.meera)))
    assert sorted(type(r).__name__ for r in results) == ["Conflict", "Outcome"]
    assert office.rows("select version from deal where id = ?", deal.id) == [(2,)]


def test_the_stage_has_no_other_setter_than_a_move(office: Office) -> None:
    deal = office.deal(office.dev)
    with pytest.raises(Invalid) as error:
        office.update(office.dev, "deal", deal.id, 1, status="WON")
    assert complaints(error) == {"status": '"status" is not a field of Deal that you may fill.'}


def test_a_required_field_cannot_be_emptied(office: Office) -> None:
    deal = office.deal(office.asha)
    with pytest.raises(Invalid) as error:
        office.update(office.asha, "deal", deal.id, 1, name="  ")
    assert complaints(error) == {"name": "Name is empty."}


def test_what_the_stage_requires_cannot_be_emptied_while_the_record_stands_there(office: Office) -> None:
    deal = office.deal(office.asha)
    lost = office.move(office.asha, "deal", deal.id, 1, "lose", lost_reason="Price")
    with pytest.raises(Invalid) as error:
        office.update(office.asha, "deal", deal.id, lost.version, lost_reason="")
    assert complaints(error) == {"lost_reason": "Lost reason is empty."}


def test_asha_cannot_hand_her_deal_to_ravi_and_meera_can(office: Office) -> None:
    deal = office.deal(office.asha)
    with pytest.raises(Refused, match="does not let you give this deal"):
        office.update(office.asha, "deal", deal.id, 1, owner=str(office.ravi.user))
    office.update(office.meera, "deal", deal.id, 1, owner=str(office.ravi.user))
    with pytest.raises(NotFound):
        office.update(office.asha, "deal", deal.id, 2, name="Still mine")


def test_the_owner_of_an_owned_record_cannot_be_taken_away(office: Office) -> None:
    deal = office.deal(office.asha)
    with pytest.raises(Invalid):
        office.update(office.meera, "deal", deal.id, 1, owner="")


def test_a_deleted_deal_lies_in_the_bin_and_comes_back(office: Office) -> None:
    deal = office.deal(office.asha)
    with pytest.raises(Refused):
        office.delete(office.asha, "deal", deal.id, 1)
    gone = office.delete(office.meera, "deal", deal.id, 1)
    with pytest.raises(NotFound):
        office.update(office.asha, "deal", deal.id, gone.version, name="Ghost")
    with pytest.raises(NotFound):
        office.writes.do(office.nils, Restore("deal", deal.id, gone.version))
    back = office.writes.do(office.meera, Restore("deal", deal.id, gone.version))
    assert office.update(office.asha, "deal", deal.id, back.version, name="Back").version == 4


def test_restoring_a_person_whose_address_was_taken_is_told(office: Office) -> None:
    gone = office.delete(office.dev, "user", office.ravi.user, 1)
    office.create(office.dev, "user", name="Other", email="ravi@firm.example", role="caller")
    with pytest.raises(Invalid) as error:
        office.writes.do(office.dev, Restore("user", office.ravi.user, gone.version))
    assert complaints(error) == {"email": "Another user has this email already."}


def test_nobody_deletes_or_demotes_themselves(office: Office) -> None:
    with pytest.raises(Invalid):
        office.delete(office.dev, "user", office.dev.user, 1)
    with pytest.raises(Invalid) as error:
        office.update(office.dev, "user", office.dev.user, 1, role="caller", active="no")
    assert set(complaints(error)) == {"role", "active"}


def test_a_new_manager_reaches_the_deals_of_their_people_at_once(office: Office) -> None:
    deal = office.deal(office.asha)
    with pytest.raises(NotFound):
        office.update(office.nils, "deal", deal.id, 1, name="Nils was here")
    office.update(office.dev, "user", office.asha.user, 1, manager=str(office.nils.user))
    office.update(office.nils, "deal", deal.id, 1, name="Nils was here")
    with pytest.raises(NotFound):
        office.update(office.meera, "deal", deal.id, 2, name="Meera was here")


def test_a_bulk_change_needs_the_right_and_tells_each_row(office: Office) -> None:
    mine, other = office.deal(office.asha), office.deal(office.nils)
    commands = [Update("deal", i, v, {"name": "All"}) for i, v in ((mine.id, 1), (other.id, 1), (mine.id, 9))]
    with pytest.raises(Refused, match="does not let you change many of deals"):
        office.writes.bulk(office.asha, commands)
    outcome = office.writes.bulk(office.meera, commands)
    assert [type(r).__name__ for r in outcome.results] == ["Outcome", "NotFound", "Conflict"]
    assert outcome.done == 1


def test_a_refused_deed_is_remembered_with_who_and_what(office: Office) -> None:
    account = office.create(office.asha, "account", name="Acme")
    with pytest.raises(Refused):
        office.update(office.ravi, "account", account.id, 1, name="Secret plan")
    ((actor, record, changes),) = office.rows("select actor, record, changes from crm_history where action = 'refused'")
    assert (actor, record) == (office.ravi.user, account.id)
    assert '"deed":"update"' in changes and "Secret" not in changes


def test_a_storm_of_refusals_does_not_fill_the_history(office: Office) -> None:
    deal = office.deal(office.asha)
    for _ in range(45):
        with pytest.raises(NotFound):
            office.delete(office.ravi, "deal", deal.id, 1)
    ((count,),) = office.rows("select count(*) from crm_history where action = 'refused'")
    assert 20 < count <= 60
