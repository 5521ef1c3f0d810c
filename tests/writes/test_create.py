"""What happens when somebody adds a record."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.errors import Invalid, NotFound, Refused
from engine.records.commands import Create
from tests.office import Actor, Office


def complaints(error: pytest.ExceptionInfo[Invalid]) -> dict[str | None, str]:
    return {c.field: c.message for c in error.value.complaints}


def test_asha_adds_a_deal_and_it_is_hers(office: Office) -> None:
    made = office.deal(office.asha, phone="98765 43210", tags=["urgent"], closes_on="2026-12-24")
    values = office.values("deal", made.id)
    assert (made.version, made.stage) == (1, "NEW")
    assert values["owner"].id == office.asha.user and values["created_by"].id == office.asha.user
    assert (values["number"], values["status"], values["is_hot"]) == ("DEAL-2026-00001", "NEW", False)
    assert (values["phone"], values["tags"]) == ("+919876543210", ("urgent",))


def test_every_complaint_comes_at_once_by_field(office: Office) -> None:
    with pytest.raises(Invalid) as error:
        office.create(office.meera, "deal", phone="12", budget="lots", discount="140", closes_on="2026-13-01")
    assert set(complaints(error)) == {"name", "phone", "budget", "discount", "closes_on"}
    assert complaints(error)["name"] == "Name is empty."


CLOSED = ["wings", "budget", "source", "status", "created_at", "version", "number", "expected", "id"]


@pytest.mark.parametrize("name", CLOSED)
def test_unknown_hidden_locked_and_engine_fields_get_one_and_the_same_complaint(office: Office, name: str) -> None:
    before = office.everything()
    with pytest.raises(Invalid) as error:
        office.create(office.asha, "deal", name="Chairs", **{name: "1"})
    assert complaints(error) == {name: f'"{name}" is not a field of Deal that you may fill.'}
    assert office.everything() == before


def test_asha_cannot_add_a_deal_for_ravi(office: Office) -> None:
    before = office.everything()
    with pytest.raises(Refused) as error:
        office.deal(office.asha, owner=str(office.ravi.user))
    assert error.value.who == ("Sales manager", "Administrator")
    assert office.everything() == before


def test_meera_assigns_only_downward(office: Office) -> None:
    office.deal(office.meera, owner=str(office.asha.user))
    for above in (office.nils, office.dev):
        with pytest.raises(Refused, match="does not let you give this deal to that person"):
            office.deal(office.meera, owner=str(above.user))


def test_a_reference_to_a_record_that_asha_may_not_see_reads_like_one_that_is_not_there(office: Office) -> None:
    hers = office.deal(office.ravi)
    said = []
    for target in (hers.id, 12345):
        with pytest.raises(Invalid) as error:
            office.create(office.asha, "call", deal=str(target), outcome="RNR")
        said.append(complaints(error))
    assert said[0] == said[1] == {"deal": "There is no such deal, or none that you may choose."}


def test_a_deleted_account_cannot_be_chosen(office: Office) -> None:
    account = office.create(office.meera, "account", name="Acme")
    office.delete(office.meera, "account", account.id, 1)
    with pytest.raises(Invalid) as error:
        office.deal(office.asha, account=str(account.id), interests=[str(account.id)])
    assert set(complaints(error)) == {"account", "interests"}


def test_vera_from_outside_finds_no_such_thing(office: Office) -> None:
    vera = Actor(999, "Vera", "visitor")
    with pytest.raises(NotFound):
        office.deal(vera)


def test_a_role_that_reads_but_never_adds_is_told_who_may(office: Office) -> None:
    with pytest.raises(Refused) as error:
        office.create(office.asha, "user", name="Eve", email="eve@firm.example", role="caller")
    assert error.value.message == "Your role does not let you add this user. Administrator may do this."


def test_a_unique_value_is_told_on_its_field(office: Office) -> None:
    before = office.everything()
    with pytest.raises(Invalid) as error:
        office.create(office.dev, "user", name="Twin", email="asha@firm.example", role="caller")
    assert complaints(error) == {"email": "Another user has this email already."}
    assert office.everything() == before


def test_a_person_who_left_frees_the_e_mail_address(office: Office) -> None:
    office.delete(office.dev, "user", office.ravi.user, 1)
    office.create(office.dev, "user", name="Ravi II", email="ravi@firm.example", role="caller")


def test_reference_numbers_have_no_gaps_and_start_anew_each_year(office: Office) -> None:
    with pytest.raises(Invalid):
        office.deal(office.asha, name="")
    first, second = office.deal(office.asha), office.deal(office.ravi)
    office.clock.pass_time(days=60)
    third = office.deal(office.asha)
    numbers = [office.values("deal", made.id)["number"] for made in (first, second, third)]
    assert numbers == ["DEAL-2026-00001", "DEAL-2026-00002", "DEAL-2027-00001"]


def test_two_callers_at_once_never_get_one_number(office: Office) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda n: office.deal(office.asha if n % 2 else office.ravi), range(24)))
    numbers = {office.values("deal", m.id)["number"] for m in made}
    assert numbers == {f"DEAL-2026-{n:05}" for n in range(1, 25)}


def test_only_an_import_right_lets_a_record_begin_in_another_stage(office: Office) -> None:
    with pytest.raises(Refused):
        office.writes.do(office.asha, Create("deal", {"name": "Old"}, stage="WON"))
    made = office.writes.do(office.meera, Create("deal", {"name": "Old"}, stage="WON"))
    assert office.values("deal", made.id)["status"] == "WON"
    with pytest.raises(Invalid) as error:
        office.writes.do(office.meera, Create("deal", {"name": "Old"}, stage="GONE"))
    assert complaints(error) == {"status": '"GONE" is not a stage of Deal.'}


def test_a_record_that_begins_in_a_stage_has_what_the_stage_requires(office: Office) -> None:
    with pytest.raises(Invalid) as error:
        office.writes.do(office.meera, Create("deal", {"name": "Old"}, stage="LOST"))
    assert complaints(error) == {"lost_reason": "Lost reason is empty."}


def test_a_call_is_not_added_to_a_deal_in_a_stage_that_does_not_allow_it(office: Office) -> None:
    deal = office.writes.do(office.meera, Create("deal", {"name": "Old"}, stage="PROPOSAL"))
    office.create(office.meera, "call", deal=str(deal.id), outcome="Answered")  # PROPOSAL allows calls


def test_a_token_made_for_reading_does_not_write(office: Office) -> None:
    reader = Actor(office.asha.user, "Asha", "caller", only=frozenset({("deal", "read")}))
    with pytest.raises(Refused):
        office.deal(reader)


def test_the_outbox_names_the_record_and_holds_no_values(office: Office) -> None:
    made = office.deal(office.asha, name="Secret chairs")
    office.create(office.asha, "account", name="Acme")  # nobody is told about accounts
    ((payload,),) = office.rows("select payload from crm_outbox")
    assert str(made.id) in payload and "created" in payload and "Secret" not in payload
