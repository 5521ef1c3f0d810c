from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.records.rows import rows
from tests.office import Actor, Office, office_on, open_office


def _people(office: Office) -> None:
    zone = office.blueprint.manifest.zone
    with office.database.reading() as connection:
        for id, name, role in rows(connection, 'select id, name, role from "user"'):
            office.people[name.lower()] = Actor(id, name, role, zone=zone)


@pytest.fixture
def office(databases) -> Iterator[Office]:
    """The small firm with its people, on both databases."""

    def fill(url: str) -> None:
        open_office(url).database.close()

    office = office_on(databases.copy_of("the small firm", fill))
    _people(office)
    office.clock.pass_time(hours=1)
    yield office
    office.database.close()
