# ruff: noqa: E501 (a line of YAML stays on one line)
"""An officer proves a set by stories, and is told where a story and the set part ways."""

from __future__ import annotations

from datetime import datetime

import pytest

from engine.blueprint.scenarios import Message
from engine.blueprint.triggers import Span
from tests.rehearsal.conftest import Plays, Read


def told(problems: object) -> list[str]:
    return [f"{p.line}:{p.column} {p.sentence}" for p in problems]  # type: ignore[attr-defined]


def test_a_scenario_is_read_as_it_is_written(read: Read) -> None:
    (scenario,), problems = read(
        "  it is lost:\n    steps:\n      - {passes: 15 minutes}\n"
        "      - {as: Asha, do: lose, on: Anil, with: {lost_reason: Price}, expect: {told: {Meera: [lost_lead by app at 10:15]}}}\n"
    )
    assert not problems
    assert scenario.now == datetime(2026, 12, 1, 10)
    assert [g.name for g in scenario.given] == ["Asha", "Ravi", "Meera", "Anil"]
    waits, loses = scenario.steps
    assert waits.passes == Span(15, "minutes")
    assert (loses.who, loses.deed, loses.on, loses.values) == ("Asha", "lose", "Anil", {"lost_reason": "Price"})
    assert loses.expect and loses.expect.told == {"Meera": (Message("lost_lead", "app", "10:15"),)}


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ("{as: Ashe, do: lose}", '8:14 "Ashe" is not somebody of this scenario. Did you mean "Asha"?'),
        ("{as: Asha, do: loose}", '8:24 "loose" is not something to do. Did you mean "lose"?'),
        ("{as: Asha, do: lose, on: Amil}", '8:34 "Amil" is not a record of this scenario. Did you mean "Anil"?'),
        ("{do: lose}", "8:9 Nobody does it. Write as: NAME beside it."),
        ("{as: Asha, do: lose, with: {lost_raeson: x}}", '8:37 "lost_raeson" is not a field of lead. Did you mean "lost_reason"?'),
        ("{as: Asha, do: create laed}", '8:24 "laed" is not an entity. Did you mean "lead"?'),
        ("{time: 14:45}", '8:16 "14:45" is not a local time. Write 2026-12-01 14:45.'),
        ("{passes: a while}", '8:18 "a while" is not a length of time. Write 15 minutes, 2 hours or 3 days.'),
        ("{expect: {told: {Meera: [lost_laed]}}}", '8:34 "lost_laed" is not a notification. Did you mean "lost_lead"?'),
        ("{expect: {may: {Asha: [losse]}}}", '8:32 "losse" is not a transition. Did you mean "lose"?'),
        ("{expect: {statsu: Lost}}", '8:19 "statsu" is not a field of lead. Did you mean "status"?'),
        ("{expect: {count: {leads: 1}}}", '8:27 "leads" is not an entity. Did you mean "lead"?'),
        ("{exepct: {status: Lost}}", '8:10 Unknown key "exepct". Did you mean "expect"?'),
    ],
)
def test_a_slip_in_a_scenario_is_told_where_it_stands(read: Read, step: str, sentence: str) -> None:
    _, problems = read(f"  it is lost:\n    steps:\n      - {step}\n")
    assert sentence in told(problems)


def test_a_scenario_without_a_moment_is_told(read: Read) -> None:
    _, problems = read("given: {people: {Asha: caller}}\nscenarios:\n  x: {steps: [{passes: 1 hour}]}\n")
    assert told(problems) == ["3:6 No `now` says when this begins. Write now: 2026-12-01 10:00 under given."]


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ("{muted: [lost_laed]}", '1:66 "lost_laed" is not a notification. Did you mean "lost_lead"?'),
        ("{off: [emial]}", '1:64 "emial" is not a channel. Did you mean "email"?'),
        ("{digset: 18:00}", '1:58 Unknown key "digset". Did you mean "digest"?'),
    ],
)
def test_a_slip_in_what_somebody_wishes_is_told(read: Read, wishes: str, sentence: str) -> None:
    given = f"given: {{now: 2026-12-01 10:00, people: {{Asha: {{role: caller, wishes: {wishes}}}}}}}\n"
    _, problems = read(f"{given}scenarios:\n  x: {{steps: [{{passes: 1 hour}}]}}\n")
    assert [one.partition(" ")[2] for one in told(problems)] == [sentence.partition(" ")[2]]


def test_a_digest_that_is_no_time_is_told(read: Read) -> None:
    given = "given: {now: 2026-12-01 10:00, people: {Asha: {role: caller, wishes: {digest: at six}}}}\n"
    _, problems = read(f"{given}scenarios:\n  x: {{steps: [{{passes: 1 hour}}]}}\n")
    assert len(told(problems)) == 1 and "at six" in told(problems)[0]


def test_a_story_that_goes_as_told_has_no_failures(plays: Plays) -> None:
    (played,) = plays(
        "  it is lost:\n    steps:\n"
        "      - {as: Asha, do: lose, expect: {refused: Lost sub-status is empty., status: FOLLOW-UP}}\n"
        "      - {as: Asha, do: change, with: {budget: 25000}, expect: {budget: 25000, owner: Asha}}\n"
        "      - {as: Asha, do: create call, with: {subject: Anil, outcome: Answered, about: Anil}, expect: {outcome: Answered}}\n"
        "      - {as: Asha, do: lose, on: Anil, with: {lost_reason: Price}, expect: {status: CLOSE TO LOOSE}}\n"
        "      - {expect: {sees: {Asha: [Anil, call], Ravi: []}, may: {Asha: [re_engage], Ravi: []}, count: {lead: 1, call: 1}}}\n"
    )
    assert played.failures == ()


@pytest.mark.parametrize(
    ("step", "what", "expected", "found"),
    [
        ("{as: Asha, do: lose, with: {lost_reason: Price}, expect: {status: FOLLOW-UP}}", "expect.status", "FOLLOW-UP", "CLOSE TO LOOSE"),
        ("{as: Asha, do: lose}", "Asha does lose", "it is done", "Lost sub-status is empty."),
        ("{as: Asha, do: change, with: {budget: 1}, expect: {refused: No.}}", "expect.refused", "No.", "It was done."),
        ("{expect: {sees: {Ravi: [Anil]}}}", "expect.sees", "Ravi: Anil", "none"),
        ("{expect: {count: {lead: 2}}}", "expect.count", "lead: 2", "1"),
        ("{as: Asha, do: change, with: {budget: 2}, expect: {told: {Asha: [new_lead]}}}", "expect.told", "Asha: new_lead", "nothing"),
    ],
)
def test_what_is_not_as_told_is_told_with_its_line(plays: Plays, step: str, what: str, expected: str, found: str) -> None:
    (played,) = plays(f"  it is lost:\n    steps:\n      - {step}\n")
    (failure,) = played.failures
    assert failure.source.line == 8
    assert failure.what == what
    assert failure.expected == expected
    assert found in failure.found
