# ruff: noqa: E501 (a line of YAML stays on one line)
"""A set of one's own with scenarios beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.blueprint import Blueprint
from engine.blueprint.scenarios import Scenario
from engine.compiler import compile_set
from engine.compiler.problems import Problem
from engine.compiler.scenarios import load_scenarios
from engine.rehearsal.company import Played, company

RSOFT = Path(__file__).resolve().parents[2] / "config" / "rsoft"
GIVEN = """given:
  now: 2026-12-01 10:00
  people: {Asha: caller, Ravi: caller, Meera: manager}
  lead Anil: {first_name: Anil, phone: "98765 43210", medium: Online, owner: Asha, status: FOLLOW-UP, follow_up_at: 2026-12-01 15:00}
scenarios:
"""

Read = Callable[[str], tuple[tuple[Scenario, ...], tuple[Problem, ...]]]
Plays = Callable[[str], list[Played]]


@pytest.fixture(scope="session")
def rsoft() -> Blueprint:
    return compile_set(RSOFT)


@pytest.fixture
def read(rsoft: Blueprint, tmp_path: Path) -> Read:
    """The scenarios beneath GIVEN, as an officer writes them."""

    def of(text: str) -> tuple[tuple[Scenario, ...], tuple[Problem, ...]]:
        folder = tmp_path / "tests"
        folder.mkdir(exist_ok=True)
        (folder / "leads.yaml").write_text(text if text.startswith("given") else GIVEN + text)
        return load_scenarios(tmp_path, rsoft)

    return of


@pytest.fixture
def plays(rsoft: Blueprint, read: Read) -> Plays:
    def of(text: str) -> list[Played]:
        scenarios, problems = read(text)
        assert not problems
        with company(rsoft, RSOFT) as playing:
            return [playing.play(scenario) for scenario in scenarios]

    return of
