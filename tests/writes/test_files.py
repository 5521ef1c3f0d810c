"""A file belongs to the record that holds it; nobody slips somebody else's into their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.actor import Actor
from engine.errors import Invalid
from tests.office import Office, open_office
from tests.small import field, small
from tests.writes.test_create import complaints


@pytest.fixture
def office(databases) -> Iterator[Office]:
    firm = small()
    deal = firm.entities["deal"]
    fields = {**deal.fields, "contract": field("contract", "file")}
    office = open_office(databases.empty(), replace(firm, entities={**firm.entities, "deal": replace(deal, fields=fields)}))
    yield office
    office.database.close()


def upload(office: Office, id: int, who: Actor) -> str:
    marks = "?, ?, 'a.pdf', 3, 'application/pdf', 'x', 1, ?"
    with office.database.writing() as connection:
        text = f"insert into crm_file (id, key, name, size, media_type, sha256, created_at, created_by) values ({marks})"
        text = text if connection.dialect == "sqlite" else text.replace("?", "%s")
        connection.change(text, (id, f"key{id}", who.user))
    return str(id)


def test_an_uploaded_file_belongs_to_its_deal(office: Office) -> None:
    deal = office.deal(office.asha, contract=upload(office, 5, office.asha))
    assert office.rows("select entity, record, field from crm_file") == [("deal", deal.id, "contract")]
    office.update(office.meera, "deal", deal.id, 1, contract="5", name="Same file")


def test_nobody_takes_a_file_that_another_uploaded_or_another_record_holds(office: Office) -> None:
    deal = office.deal(office.asha, contract=upload(office, 5, office.asha))
    upload(office, 6, office.ravi)
    for file in ("5", "6", "7"):
        with pytest.raises(Invalid) as error:
            office.deal(office.asha, contract=file)
        assert complaints(error) == {"contract": "There is no such file. Upload it again."}
    assert office.rows("select record from crm_file where id = 5") == [(deal.id,)]
