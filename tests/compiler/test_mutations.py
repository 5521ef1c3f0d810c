"""Faults planted at random in the sets that we ship: each is refused, and nearly each is told where it stands."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from engine.compiler import check_merged
from engine.compiler.overlay import load_set
from engine.compiler.problems import Problem
from tests.compiler.mutants import Mutant, Planter

ROOT = Path(__file__).resolve().parents[2]
SETS = {"base": ROOT, "rsoft": ROOT / "config/rsoft", "raalink": ROOT / "config/raalink"}
KINDS = {"key": 32, "name": 32, "named_key": 28, "type": 32, "stage": 12}
BY_ITSELF = {"by_itself_key": 20, "by_itself_name": 25, "by_itself_field": 25, "by_itself_type": 20}
WANTED = 0.97


@pytest.mark.parametrize("name", ["base", "rsoft", pytest.param("raalink", marks=pytest.mark.soak)])
def test_a_fault_in_a_shipped_set_is_told_on_its_own_line_with_the_right_word(name: str, tmp_path: Path) -> None:
    _judge(name, tmp_path, seed=2026, times=1)


@pytest.mark.parametrize("name", ["rsoft"])
def test_a_fault_in_what_happens_by_itself_is_told_on_its_own_line(name: str, tmp_path: Path) -> None:
    """Triggers, channels, rules, assignments, duplicates, clients and ways in."""
    _judge(name, tmp_path, seed=2026, times=1, kinds=BY_ITSELF)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("name", SETS)
def test_thousands_of_faults_are_told_on_their_own_line(name: str, seed: int, tmp_path: Path) -> None:
    _judge(name, tmp_path, seed, times=6, kinds=KINDS | BY_ITSELF)


def _judge(name: str, folder: Path, seed: int, times: int, kinds: Mapping[str, int] = KINDS) -> None:
    told, missed = 0, []
    for mutant, problems in _met(name, folder, seed, times, kinds):
        assert problems, f"accepted in silence: {mutant.file}:{mutant.line} {mutant.kind} {mutant.planted}"
        if _is_told(mutant, problems):
            told += 1
        else:
            missed.append(f"{mutant.file}:{mutant.line} {mutant.kind} {mutant.planted}: {problems[0].sentence}")
    assert told / (told + len(missed)) >= WANTED, "\n".join(missed)


def _met(
    name: str, folder: Path, seed: int, times: int, kinds: Mapping[str, int]
) -> Iterator[tuple[Mutant, tuple[Problem, ...]]]:
    beneath = None if name == "base" else load_set(ROOT).root
    planter = Planter(SETS[name], seed, beneath)
    for file, text in planter.texts.items():
        _write(folder / file, text)
    if (SETS[name] / "files").is_dir():  # what messages take along
        shutil.copytree(SETS[name] / "files", folder / "files")
    for kind, count in kinds.items():
        for mutant in planter.mutants(kind, count * times):
            _write(folder / mutant.file, mutant.text)
            yield mutant, check_merged(load_set(folder, shown_as=""))[1]
            _write(folder / mutant.file, planter.texts[mutant.file])


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def _is_told(mutant: Mutant, problems: tuple[Problem, ...]) -> bool:
    if mutant.kind == "stage":
        lines = mutant.text.split("\n")
        return any(_names_stage(mutant, problem, lines) for problem in problems)
    own = [p for p in problems if (p.file, p.line) == (mutant.file, mutant.line)]
    return any(mutant.word is None or mutant.word in problem.sentence for problem in own)


def _names_stage(mutant: Mutant, problem: Problem, lines: list[str]) -> bool:
    here = problem.file == mutant.file and mutant.word in lines[problem.line - 1]
    return here or f'"{mutant.word}"' in problem.sentence
