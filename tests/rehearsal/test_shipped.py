"""What the shipped sets promise is shown by their own scenarios, and goes as they tell it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.compiler import compile_set
from engine.compiler.layers import base_folder
from engine.compiler.scenarios import load_scenarios
from engine.rehearsal.company import company

ROOT = base_folder()
SHIPPED = [ROOT, *sorted(path.parent for path in ROOT.glob("config/*/crm.yaml"))]


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda path: path.name)
def test_every_scenario_goes_as_told_and_nothing_is_left_unshown(folder: Path) -> None:
    blueprint = compile_set(folder)
    scenarios, problems = load_scenarios(folder, blueprint)
    assert not problems
    with company(blueprint, folder) as playing:
        failures = [str(failure) for scenario in scenarios for failure in playing.play(scenario).failures]
        assert not failures, "\n".join(failures)
        assert playing.coverage.missing(blueprint) == {}
