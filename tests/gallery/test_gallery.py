"""Each broken set of the gallery tells exactly the text that stands beside it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from engine.compiler import check_merged
from engine.compiler.overlay import load_set
from engine.compiler.problems import CODES, as_text
from tests.gallery.cases import GOOD, Case, cases, met, told

CASES = cases()
COMPILER = Path(__file__).resolve().parents[2] / "engine" / "compiler"
TELLERS = {"tell", "_tell", "problem_at", "_problem"}
NOT_SHOWN = {"unreadable"}  # an administrator's tests may read every file, so none can be made unreadable here


@pytest.mark.parametrize("folder", ["firm", "client"])
def test_the_good_set_is_good(folder: str) -> None:
    assert as_text(check_merged(load_set(GOOD / folder))[1]) == ""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.topic}: {case.name}")
def test_a_broken_set_is_told_in_these_words(case: Case, tmp_path: Path) -> None:
    problems = met(case, tmp_path)
    assert problems, "accepted in silence"
    assert told(problems) == case.expected


def test_the_gallery_is_large_and_its_cases_have_names_of_their_own() -> None:
    names = [(case.topic, case.name) for case in CASES]
    assert len(names) == len(set(names)) >= 80


def test_every_code_is_in_the_gallery(tmp_path: Path) -> None:
    shown = {problem.code for n, case in enumerate(CASES) for problem in met(case, tmp_path / str(n))}
    assert shown == set(CODES) - NOT_SHOWN


def test_every_code_that_the_compiler_can_tell_has_a_meaning() -> None:
    used = {code for file in COMPILER.glob("*.py") for code in _codes_in(ast.parse(file.read_text()))}
    assert len(used) > 30
    assert used <= set(CODES)


def _codes_in(tree: ast.AST) -> set[str]:
    found = set()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        at = {"wrong": slice(3, 6)}.get(name, slice(1, 2) if name in TELLERS else slice(0))
        given = call.args[at]
        found |= {a.value for a in given if isinstance(a, ast.Constant) and isinstance(a.value, str) and " " not in a.value}
    return found
