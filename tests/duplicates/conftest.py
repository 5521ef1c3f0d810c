from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.records.rows import rows
from tests.duplicates.desk import desk
from tests.office import Actor, Office, office_on, open_office


@pytest.fixture
def office(databases, tmp_path: Path) -> Iterator[Office]:
    """The desk with its people, on both databases."""
    blueprint = desk(tmp_path)

    def fill(url: str) -> None:
        open_office(url, blueprint).database.close()

    office = office_on(databases.copy_of("the desk of duplicates", fill), blueprint)
    with office.database.reading() as connection:
        for id, name, role in rows(connection, 'select id, name, role from "user"'):
            office.people[name.lower()] = Actor(id, name, role, zone="Asia/Kolkata")
    office.clock.pass_time(hours=1)
    yield office
    office.database.close()
