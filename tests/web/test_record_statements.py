"""A record's page asks the database a fixed number of times, however much has happened."""

from __future__ import annotations

import pytest

from engine.records.database import Connection
from tests.web.desks import Open, rsoft

__all__ = ["rsoft"]


def counted(rsoft: Open, lead: int, monkeypatch: pytest.MonkeyPatch) -> int:
    asha, asked = rsoft.browser("asha"), []
    asha.get(f"/lead/{lead}")  # what is compiled once
    for name in ("rows", "rows_afresh", "run", "run_unprepared"):
        original = getattr(Connection, name)

        def spy(self: Connection, statement: object, *values: object, original: object = original) -> object:
            asked.append(statement)
            return original(self, statement, *values)  # type: ignore[operator]

        monkeypatch.setattr(Connection, name, spy)
    asha.get(f"/lead/{lead}")
    monkeypatch.undo()
    return len(asked)


def test_a_record_with_a_past_costs_no_more_than_one_with_a_little(rsoft: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    little, much = rsoft.lead(), rsoft.lead()
    for lead, times in ((little, 1), (much, 12)):
        for n in range(times):
            rsoft.call(lead, subject=f"Call {n}")
            rsoft.note(lead, f"Note {n}")
            rsoft.task(lead, f"Task {n}")
    assert counted(rsoft, much.id, monkeypatch) == counted(rsoft, little.id, monkeypatch) == 16


def test_what_a_record_has_none_of_is_not_asked_for(rsoft: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    assert counted(rsoft, rsoft.lead().id, monkeypatch) == 12
