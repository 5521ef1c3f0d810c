"""The calendar as JSON."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.planner import Planner, open_planner
from tests.real.databases import Databases


@pytest.fixture
def planner(sqlite_databases: Databases) -> Iterator[Planner]:
    opened = open_planner(sqlite_databases)
    yield opened
    opened.close()


def test_a_program_reads_what_its_person_has_ahead(planner: Planner) -> None:
    made = planner.meet("asha", "Demo", "2026-11-24T11:00", length="1:30", people=[str(planner.desk.meera.user)])
    planner.meet("ravi", "Not hers", "2026-11-24T11:00")
    told = planner.program("asha").get("/api/v1/calendar?from=2026-11-24&to=2026-11-24").json()
    assert told["more"] == []
    (item,) = told["items"]
    assert item["id"] == str(made.id) and item["entity"] == "appointment" and item["title"] == "Demo"
    assert (item["starts"], item["ends"], item["all_day"]) == ("2026-11-24T05:30:00Z", "2026-11-24T07:00:00Z", False)
    assert [person["title"] for person in item["people"]] == ["Meera"]


def test_a_manager_asks_for_people_or_for_all(planner: Planner) -> None:
    planner.meet("asha", "Ashas", "2026-11-24T11:00")
    planner.meet("ravi", "Ravis", "2026-11-24T11:00")
    meera, ravi = planner.program("meera"), planner.desk.ravi.user

    def titles(people: str) -> list[str]:
        return [i["title"] for i in meera.get(f"/api/v1/calendar?from=2026-11-24&people={people}").json()["items"]]

    assert titles("me") == []
    assert titles(str(ravi)) == ["Ravis"]
    assert sorted(titles("all")) == ["Ashas", "Ravis"]


@pytest.mark.parametrize(
    "asked",
    ["from=soon", "from=2026-11-24&to=2026-11-23", "from=2026-01-01&to=2027-06-01", "people=asha", "people=,",
     "from=0001-01-01"],
)  # fmt: skip
def test_what_makes_no_sense_is_a_problem_with_a_sentence(planner: Planner, asked: str) -> None:
    answer = planner.program("asha").get(f"/api/v1/calendar?{asked}")
    assert answer.status_code == 400 and answer.json()["detail"]


def test_kinds_are_chosen_and_what_is_unknown_is_empty(planner: Planner) -> None:
    planner.meet("asha", "Demo", "2026-11-24T11:00")
    asha = planner.program("asha")
    assert asha.get("/api/v1/calendar?from=2026-11-24&kinds=task").json()["items"] == []
    assert asha.get("/api/v1/calendar?from=2026-11-24&kinds=user,nothing").json()["items"] == []
    assert len(asha.get("/api/v1/calendar?from=2026-11-24&kinds=appointment").json()["items"]) == 1
