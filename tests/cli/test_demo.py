"""The demo of a set that nobody has written a story for."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli import main


def test_a_new_set_can_be_looked_at_by_one_person_of_each_role(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_DATABASE_URL", f"sqlite:///{tmp_path}/demo.db")
    folder = tmp_path / "north_sales"
    assert CliRunner().invoke(main, ["new", str(folder)]).exit_code == 0
    for _ in range(2):  # a second call finds them there
        done = CliRunner().invoke(main, ["demo", str(folder), "--no-serve"])
        assert done.exit_code == 0, done.output
        assert done.output.count("@north-sales.example") == 3
        assert "administrator@north-sales.example" in done.output
