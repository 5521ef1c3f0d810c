"""The shipped sets become tables on both databases, and a second plan has nothing to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.compiler.compile import compile_set
from engine.records.database import Database
from engine.records.plan import plan
from tests.records.changing import brought_to

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("folder", [".", "config/rsoft", "config/raalink"])
def test_a_shipped_set_becomes_tables_once(database_url: str, folder: str) -> None:
    database = Database(database_url)
    blueprint = compile_set(ROOT / folder)
    assert not brought_to(database, blueprint).is_empty
    assert plan(blueprint, database).lines() == ["Nothing to do."]
    database.close()


def test_the_base_set_grows_into_a_client_s_set(database_url: str) -> None:
    database = Database(database_url)
    brought_to(database, compile_set(ROOT))
    client = compile_set(ROOT / "config/rsoft")
    brought_to(database, client, allow_loss=True)
    assert plan(client, database).is_empty
    database.close()
