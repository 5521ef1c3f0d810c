"""Databases that a whole file's tests share, as they only read: a copy for each test would cost more than the test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.databases import Databases, PostgresDatabases, SQLiteDatabases
from tests.real.run import shared_folder


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def kept_databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """As `databases`, for as long as the file's tests run."""
    shared = shared_folder(tmp_path_factory)
    if request.param == "sqlite":
        yield SQLiteDatabases(tmp_path_factory.mktemp("kept"), shared)
        return
    databases = PostgresDatabases(request.getfixturevalue("postgres_socket"), shared)
    yield databases
    databases.drop_all()
