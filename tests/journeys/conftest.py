from __future__ import annotations

from pathlib import Path

import pytest

AXE = Path(__file__).parents[2] / "engine/web/assets/node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="session")
def axe() -> str:
    if not AXE.is_file():
        pytest.skip("no axe-core: it comes with the assets' npm packages")
    return AXE.read_text()
