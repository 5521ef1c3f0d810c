"""Who tries to give away what is theirs to keep, or to choose what they are let see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.blueprint.conditions import Test as Condition, Word
from engine.blueprint.roles import Rights
from engine.errors import Invalid, Refused
from tests.office import Office, open_office
from tests.real.databases import SQLiteDatabases
from tests.small import small


def generous() -> Blueprint:
    """The small firm, where a deal may be without an owner, a move hands it over, and all may mend their own record."""
    firm = small()
    deal, workflow = firm.entities["deal"], firm.workflows["deal_sales"]
    owner = replace(deal.fields["owner"], required=False)
    hold = replace(workflow.transitions["hold"], asks=("owner",))
    itself = Condition("id", "is", Word("me"))
    roles = {
        name: replace(role, rights={**role.rights, "user": replace(role.rights["user"], update=itself)})
        if name != "administrator"
        else role
        for name, role in firm.roles.items()
    }
    return replace(
        firm,
        entities={**firm.entities, "deal": replace(deal, fields={**deal.fields, "owner": owner})},
        workflows={"deal_sales": replace(workflow, transitions={**workflow.transitions, "hold": hold})},
        roles=roles,
    )


@pytest.fixture
def generous_office(sqlite_databases: SQLiteDatabases) -> Iterator[Office]:
    office = open_office(sqlite_databases.empty(), generous())
    yield office
    office.database.close()


def test_asha_cannot_make_her_deal_vanish_by_giving_it_up(generous_office: Office) -> None:
    office = generous_office
    deal = office.deal(office.asha)
    with pytest.raises(Refused, match="does not let you give this deal up"):
        office.update(office.asha, "deal", deal.id, 1, owner=None)
    with pytest.raises(Refused):
        office.update(office.meera, "deal", deal.id, 1, owner=None)
    assert office.update(office.dev, "deal", deal.id, 1, owner=None).version == 2


def test_a_deal_that_nobody_has_is_mended_without_being_given(generous_office: Office) -> None:
    office = generous_office
    deal = office.deal(office.dev, owner=None)
    assert office.update(office.dev, "deal", deal.id, 1, phone="9876543210").version == 2


@pytest.mark.parametrize("to", ["ravi", "meera", "dev", None])
def test_a_move_hands_over_to_no_one_whom_an_edit_would_not(generous_office: Office, to: str | None) -> None:
    office = generous_office
    deal = office.deal(office.asha)
    before = office.everything()
    with pytest.raises(Refused):
        office.move(office.asha, "deal", deal.id, 1, "hold", owner=office.people[to].user if to else None)
    assert office.everything() == before


def test_a_manager_hands_over_downward_by_a_move(generous_office: Office) -> None:
    office = generous_office
    deal = office.deal(office.asha)
    office.move(office.meera, "deal", deal.id, 1, "hold", owner=office.ravi.user)
    assert office.values("deal", deal.id)["owner"].id == office.ravi.user


@pytest.mark.parametrize("name", ["role", "manager", "team", "teams"])
@pytest.mark.parametrize("who", ["asha", "meera"])
def test_nobody_chooses_what_they_are_let_see_by_their_own_place_in_the_firm(
    generous_office: Office, who: str, name: str
) -> None:
    office = generous_office
    team = office.create(office.dev, "team", name="North")
    person: Actor = office.people[who]
    given = {"role": "administrator", "manager": office.dev.user, "team": team.id, "teams": [team.id]}[name]
    with pytest.raises(Invalid) as error:
        office.update(person, "user", person.user, 1, **{name: given})
    assert [complaint.field for complaint in error.value.complaints] == [name]


def test_asha_mends_her_own_name_and_number(generous_office: Office) -> None:
    office = generous_office
    assert office.update(office.asha, "user", office.asha.user, 1, phone="9876543210", name="Asha P").version == 2
    assert Rights().update != office.blueprint.roles["caller"].rights["user"].update
