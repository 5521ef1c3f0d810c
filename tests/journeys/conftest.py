from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

AXE = Path(__file__).parents[2] / "engine/web/assets/node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="session")
def axe() -> str:
    if not AXE.is_file():
        pytest.skip("no axe-core: it comes with the assets' npm packages")
    return AXE.read_text()


@pytest.fixture(autouse=True)
def nobody_stays(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whoever came for a journey leaves after it: a page that is open hears of all that others do, and asks again."""
    yield
    if "browser" in request.fixturenames:
        for context in request.getfixturevalue("browser").contexts:
            context.close()
