"""Lists as files for programs: a worker writes them, and they are given out only to who asked and still may."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.jobs.bulks import Bulks
from tests.firm import Firm


@pytest.fixture
def busy(quick_firm: Firm, tmp_path: Path) -> Firm:
    quick_firm.runtime.current.files.folder = tmp_path
    for n in range(4):
        quick_firm.deal("asha", f"Deal {n}" if n else "=1+1")
    return quick_firm


def worked(firm: Firm) -> None:
    step = Bulks(firm.runtime.current)
    while step.run(firm.office.clock()):
        step.exports.wait(30)


def asked(firm: Firm, name: str = "meera", **given: Any) -> dict[str, Any]:
    answer = firm.program(name).post("/api/v1/deal/export", json={"format": "csv", **given})
    assert answer.status_code == 202, answer.text
    return answer.json()


def test_a_program_asks_for_a_file_sees_how_far_it_is_and_fetches_it(busy: Firm) -> None:
    bulk = asked(busy, filter={"name.contains": "Deal"}, columns="name,owner", sort="-name")
    meera, place = busy.program("meera"), f"/api/v1/bulk/{bulk['id']}"
    assert bulk["state"] == "waiting" and bulk["count"] == 3 and bulk["file"] is None
    assert meera.get(f"{place}/file").status_code == 404
    worked(busy)
    done = meera.get(place).json()
    assert done["state"] == "done" and done["position"] == 3
    answer = meera.get(done["file"])
    assert answer.headers["content-disposition"] == 'attachment; filename="deal.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == ["Deal 3", "Deal 2", "Deal 1"]
    assert busy.program("dev").get(done["file"]).status_code == 404  # it is hers alone
    busy.office.clock.now += timedelta(days=1, minutes=1)
    assert busy.program("meera").get(done["file"]).status_code == 404


def test_all_columns_are_those_that_the_bearer_may_read_and_texts_are_no_formulas(busy: Firm) -> None:
    place = f"/api/v1/bulk/{asked(busy)['id']}/file"
    worked(busy)
    text = busy.program("meera").get(place).content.decode("utf-8-sig")
    assert "'=1+1" in text and "Chain" not in text.splitlines()[0]


@pytest.mark.parametrize("before", [True, False])
def test_a_right_that_is_taken_away_while_it_runs_or_after_is_refused(busy: Firm, before: bool) -> None:
    place = f"/api/v1/bulk/{asked(busy)['id']}/file"
    if not before:
        worked(busy)
    busy.office.update(busy.actor("dev"), "user", busy.actor("meera").user, 1, role="caller")
    worked(busy)
    answer = busy.program("meera").get(place)
    assert answer.status_code in (403, 404)
    assert "Deal 1" not in answer.text


def test_who_left_the_team_whose_records_it_holds_gets_it_no_more(busy: Firm) -> None:
    place = f"/api/v1/bulk/{asked(busy)['id']}/file"
    worked(busy)
    team = busy.office.create(busy.actor("dev"), "team", name="East").id
    busy.office.update(busy.actor("dev"), "user", busy.actor("meera").user, 1, team=str(team))
    answer = busy.program("meera").get(place)
    assert answer.status_code == 403 and "Your rights have changed" in answer.json()["detail"]


WRONG = [{"format": "exe"}, {"columns": "chain"}, {"filter": {"nothing": 1}}, {"format": 1}, {"x": 1}]


@pytest.mark.parametrize("given", WRONG)
def test_what_makes_no_sense_is_told_at_once(busy: Firm, given: dict[str, Any]) -> None:
    answer = busy.program("meera").post("/api/v1/deal/export", json=given)
    assert answer.status_code in (400, 422), answer.text
    assert busy.program("asha").post("/api/v1/deal/export", json={}).status_code == 403
