"""How problems are gathered and told."""

from __future__ import annotations

import json

from engine.blueprint.source import Source
from engine.compiler.problems import FORMATS, Problem, Problems, as_github, as_json, as_text

WIN = Problem(
    "workflows.yaml", 22, 9, "unknown-name", "workflows.lead.transitions.win.to",
    '"CLOSE TO WIN" is not a stage of lead.', 'Did you mean "CLOSE TO WON"?',
)  # fmt: skip
ROLE = Problem("roles.yaml", 3, 1, "syntax", "", "50% of, what:\nthis", "")


def test_a_problem_reads_as_in_the_style_guide() -> None:
    assert as_text([WIN]) == (
        "workflows.yaml:22:9  workflows.lead.transitions.win.to\n"
        '    "CLOSE TO WIN" is not a stage of lead. Did you mean "CLOSE TO WON"?'
    )


def test_problems_come_by_file_line_and_column_however_they_were_found() -> None:
    late = Problem("roles.yaml", 3, 11, "x", "", "m")
    assert list(Problems([WIN, late, ROLE])) == [ROLE, late, WIN]
    assert as_text([WIN, ROLE]).startswith("roles.yaml:3:1\n")


def test_json_holds_exactly_what_was_promised() -> None:
    assert json.loads(as_json([WIN])) == [
        {
            "file": "workflows.yaml",
            "line": 22,
            "column": 9,
            "code": "unknown-name",
            "message": '"CLOSE TO WIN" is not a stage of lead.',
            "hint": 'Did you mean "CLOSE TO WON"?',
        }
    ]
    assert json.loads(as_json([])) == []


def test_a_github_annotation_cannot_be_broken_by_what_it_quotes() -> None:
    assert as_github([ROLE]) == (
        "::error file=roles.yaml,line=3,col=1,title=syntax::50%25 of, what:%0Athis"
    )  # fmt: skip
    odd = Problem("a,b:c%.yaml", 1, 1, "x", "", "m")
    assert as_github([odd]).startswith("::error file=a%2Cb%3Ac%25.yaml,line=1,")


def test_without_problems_nothing_is_printed() -> None:
    assert (FORMATS["text"]([]), FORMATS["github"]([])) == ("", "")


def test_the_same_problem_told_twice_is_kept_once() -> None:
    problems = Problems([WIN])
    problems.add(WIN)
    problems.extend([WIN, ROLE])
    assert len(problems) == 2


def test_what_could_not_be_spelled_is_not_also_called_wrong() -> None:
    problems = Problems()
    here = Source("roles.yaml", 5, 5)
    problems.tell(here, "alias", '"*x" is an alias.')
    problems.tell(here, "wrong-type", "An empty value is not a map.")
    problems.tell(Source("roles.yaml", 5, 6), "wrong-type", "x", path=("a", 0))
    assert [(p.code, p.path) for p in problems] == [("alias", ""), ("wrong-type", "a.0")]
