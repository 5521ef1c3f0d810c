"""Whether the program says that it is ready."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from engine.blueprint import Blueprint
from engine.compiler import compile_set
from engine.records.apply import apply
from engine.records.database import Database
from engine.records.plan import plan
from engine.records.pulse import pulse

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def firm(folder: Path, lead: str) -> Blueprint:
    folder.mkdir()
    (folder / "crm.yaml").write_text("name: firm\nextends: base\n")
    (folder / "entities.yaml").write_text(f"entities:\n  lead: {lead}\n")
    return compile_set(folder)


def test_a_new_label_that_dev_saves_leaves_the_program_ready_and_a_new_field_does_not(
    tmp_path: Path, sqlite_url: str
) -> None:
    database = Database(sqlite_url)
    apply(plan(firm(tmp_path / "first", "{label: Lead}"), database), database)
    assert pulse(database, firm(tmp_path / "label", "{label: Enquiry}"), NOW).ready
    assert not pulse(database, firm(tmp_path / "field", "{fields: {fax: {type: phone}}}"), NOW).ready
    database.close()


def test_a_database_that_nothing_was_applied_to_is_not_ready(tmp_path: Path, sqlite_url: str) -> None:
    database = Database(sqlite_url)
    assert not pulse(database, firm(tmp_path / "first", "{label: Lead}"), NOW).ready
    database.close()
