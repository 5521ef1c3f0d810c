"""The firm of the set that a test file names in its SET."""

from __future__ import annotations

import pytest

from tests.two_worlds.worlds import Founded, founded


@pytest.fixture(scope="module")
def firm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Founded:
    name = request.module.SET
    path = tmp_path_factory.mktemp(name) / "firm.db"
    return path, founded(name, path)
