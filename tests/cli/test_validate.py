"""What an officer sees who checks a set: all problems at once, in the form that was asked for."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli import main
from engine.compiler.overlay import MergedSet, load_set
from engine.compiler.structure import check_structure
from tests.gallery.cases import GOOD

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The good set with a stage and a role misspelt, as the current folder."""
    for file in (GOOD / "firm").glob("*.yaml"):
        text = file.read_text().replace("to: PROPOSAL}", "to: PROPOSALS}")
        text = text.replace("reports_to: manager", "reports_to: manger")
        (tmp_path / file.name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_valid_set_says_what_it_holds_and_ends_with_0() -> None:
    result = CliRunner().invoke(main, ["validate", str(GOOD / "firm")])
    assert result.exit_code == 0
    assert result.output == "Small firm is valid: 5 entities, 1 workflows, 2 roles, 1 reports.\n"


def test_every_problem_of_a_broken_set_is_told_as_text_and_ends_with_1(broken: Path) -> None:
    result = CliRunner().invoke(main, ["validate"])
    assert result.exit_code == 1
    assert result.output == (
        "roles.yaml:9:17  roles.caller.reports_to\n"
        '    "manger" is not a role. Did you mean "manager"?\n'
        "workflows.yaml:14:40  workflows.lead_sales.transitions.propose.to\n"
        '    "PROPOSALS" is not a stage of lead_sales. Did you mean "PROPOSAL"?\n'
    )


def test_programs_read_the_problems_as_json(broken: Path) -> None:
    result = CliRunner().invoke(main, ["validate", "--format", "json"])
    assert result.exit_code == 1
    assert json.loads(result.output)[0] == {
        "file": "roles.yaml",
        "line": 9,
        "column": 17,
        "code": "unknown-name",
        "message": '"manger" is not a role.',
        "hint": 'Did you mean "manager"?',
    }


def test_a_valid_set_is_an_empty_list_in_json_and_nothing_for_github() -> None:
    for form, output in (("json", "[]\n"), ("github", "")):
        result = CliRunner().invoke(main, ["validate", str(GOOD / "firm"), "--format", form])
        assert (result.exit_code, result.output) == (0, output)


def test_github_shows_each_problem_beside_its_line(broken: Path) -> None:
    result = CliRunner().invoke(main, ["validate", "--format", "github"])
    assert result.exit_code == 1
    assert result.output.startswith("::error file=roles.yaml,line=9,col=17,title=unknown-name::")
    assert len(result.output.splitlines()) == 2


HEAVY = ("sqlalchemy", "starlette", "uvicorn", "phonenumbers", "rq", "redis")


def test_checking_waits_for_no_library_that_it_does_not_need() -> None:
    code = "import sys, engine.compiler as c; c.check_set('config/raalink'); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not [name for name in HEAVY if name in run.stdout.split()]


def test_reading_the_help_waits_for_no_checker() -> None:
    code = "import sys; from engine.cli import main; main(['--help'], standalone_mode=False); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "click" in run.stdout.split()
    assert "jsonschema" not in run.stdout.split()


def test_a_set_of_two_thousand_lines_is_checked_in_under_half_a_second(tmp_path: Path) -> None:
    write_large_set(tmp_path, entities=50)
    lines = sum(len(file.read_text().splitlines()) for file in tmp_path.glob("*.yaml"))
    assert lines >= 2000
    command = [sys.executable, "-m", "engine", "validate", str(tmp_path)]
    limit = 0.5 if os.getloadavg()[0] < 1 else 1.0  # a processor that is shared counts the same work as more time
    assert min(_seconds(command) for _ in range(4)) < limit


def test_the_shape_of_two_thousand_lines_is_checked_in_a_moment(tmp_path: Path) -> None:
    write_large_set(tmp_path, entities=50)
    merged = load_set(tmp_path)
    check_structure(merged)
    assert min(_processor_time(merged) for _ in range(3)) < 0.25  # 0.06 on a quiet machine; 0.4 without x-cases


def _processor_time(merged: MergedSet) -> float:
    start = time.process_time()
    check_structure(merged)
    return time.process_time() - start


def _seconds(command: list[str]) -> float:
    """Of processor time, so that a busy machine does not decide: the command waits for nothing."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    after, passed = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    return min(passed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def write_large_set(folder: Path, entities: int) -> None:
    """A set of its own, as dense as those that we ship: some 40 lines for each entity with its workflow."""
    names = [f"thing_{n}" for n in range(entities)]
    (folder / "crm.yaml").write_text("name: large\ntitle: Large\nzone: Asia/Kolkata\ncurrency: INR\n")
    (folder / "entities.yaml").write_text("entities:\n" + "".join(ENTITY.replace("NAME", name) for name in names))
    (folder / "workflows.yaml").write_text("workflows:\n" + "".join(WORKFLOW.replace("NAME", name) for name in names))
    (folder / "roles.yaml").write_text(ROLES + "".join(RIGHT.replace("NAME", name) for name in names))


ENTITY = """  NAME:
    label: Thing
    title: "{{ first_name }} {{ last_name }}"
    fields:
      first_name:  {type: text, required: true}
      last_name:   {type: text, longest: 80}
      phone:       {type: phone}
      source:      {type: choice, choices: [Google, Website, Walk-in]}
      quantity:    {type: integer, least: 1, most: 100}
      price:       {type: money}
      total:       {type: computed, formula: "quantity * price"}
      follow_up_at: {type: datetime, shown_when: {source: {is: Google}}}
      lost_reason: {type: choice, choices: [Price, No answer]}
      within:      {type: reference, to: NAME}
      parts:       {type: children, of: NAME, through: within}
      value:       {type: rollup, of: parts, take: sum, field: price}
    form:
      - {section: Who, fields: [first_name, last_name, phone, owner]}
      - {section: Interest, fields: [source, quantity, price]}
    list: {columns: [first_name, source, status, owner], sort: [-created_at], filters: [status, source]}

"""
WORKFLOW = """  NAME_flow:
    entity: NAME
    field: status
    starts_at: NEW
    stages:
      NEW:       {color: grey}
      FOLLOW-UP: {color: blue, requires: [follow_up_at]}
      WON:       {color: green, ends: won}
      LOST:      {color: red, ends: lost, requires: [lost_reason]}
    transitions:
      attend:  {from: [NEW], to: FOLLOW-UP, asks: [follow_up_at]}
      win:
        from: [FOLLOW-UP]
        to: WON
        when: {quantity: {above: 1}, source: {in: [Google, Website]}}
        refusal: Talk to them first.
      lose:    {from: any, to: LOST, asks: [lost_reason]}

"""
ROLES = """roles:
  manager:
    administers: true
    rights:
      everything: {read: all, create: all, update: all, delete: all, assign: all, transitions: any}
  caller:
    reports_to: manager
    rights:
"""
RIGHT = "      NAME: {read: own, create: own, update: own, transitions: [attend, win, lose]}\n"
