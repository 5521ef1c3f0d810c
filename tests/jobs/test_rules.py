"""What happens by itself: rules are carried out once, by the robot, and stop when they set each other off."""

from __future__ import annotations

from typing import Any

from engine.jobs import rules as at_work
from engine.jobs.relay import Relay
from engine.jobs.rules import MOST_DEEP, Rules
from engine.records.commands import Delete
from engine.records.history import history, verify
from engine.records.keys import milliseconds
from tests.desk import Desk
from tests.jobs.conftest import Opened, values, work

HOT = """
  hot:
    label: Hot lead
    entity: lead
    on: created
    when: {source: {is: Google}}
    then:
      - {set: {kind: Hot}}
      - {create: {entity: task, copy: {subject: name}, link: lead}}
"""
def story(desk: Desk, made: Any, actor: str = "dev") -> list[tuple[str, str | None]]:
    return [(event.action, event.rule) for event in reversed(history(desk.crm.reads, desk.people[actor], "lead", made.id))]


def told(desk: Desk, name: str) -> list[str]:
    return [notice.text for notice in reversed(desk.crm.notices.latest(desk.people[name]))]


def left(desk: Desk) -> list[Any]:
    return desk.rows("select state, error from crm_outbox where kind = 'rule' order by id")


def test_a_lead_from_google_becomes_hot_by_itself_and_history_names_the_rule(desk_with: Opened) -> None:
    desk = desk_with(HOT)
    made = desk.create(desk.asha, "lead", name="Kiran", source="Google")
    work(desk)
    assert values(desk, made)["kind"] == "Hot"
    assert story(desk, made) == [("created", None), ("changed", "Hot lead")]
    assert desk.rows("select subject from task") == [("Kiran",)]
    assert left(desk) == [("done", None)]
    assert list(verify(desk.crm.reads)) == []


def test_a_lead_from_elsewhere_is_left_alone(desk_with: Opened) -> None:
    desk = desk_with(HOT)
    made = desk.create(desk.asha, "lead", name="Kiran", source="Website")
    work(desk)
    assert values(desk, made)["kind"] is None
    assert left(desk) == []


def test_a_rule_whose_condition_held_and_holds_no_more_does_nothing_and_says_why(desk_with: Opened) -> None:
    desk = desk_with(HOT)
    made = desk.create(desk.asha, "lead", name="Kiran", source="Google")
    Relay(desk.crm).deliver(desk.clock())
    desk.update(desk.asha, "lead", made, source="Website")
    work(desk)
    assert values(desk, made)["kind"] is None
    assert desk.rows("select rule, state, reason from crm_run") == [
        ("hot", "skipped", "Its condition did not hold any more.")
    ]


def test_nothing_is_written_into_the_outbox_when_nobody_listens(desk_with: Opened) -> None:
    desk = desk_with(HOT)
    before = desk.rows("select count(*) from crm_outbox")
    made = desk.create(desk.asha, "task", subject="Call")
    desk.update(desk.dev, "task", made, subject="Call again")
    assert desk.rows("select count(*) from crm_outbox") == before


def test_a_rule_moves_a_lead_as_its_stage_machine_allows(desk_with: Opened) -> None:
    desk = desk_with("""
  give_up:
    entity: lead
    on: changed
    fields: [heat]
    when: {heat: {below: 1}}
    then:
      - {set: {kind: Cold}}
      - {move: {transition: lose, set: {reason: Too cold}}}
""")
    made = desk.create(desk.asha, "lead", name="Kiran")
    desk.update(desk.asha, "lead", made, heat=0)
    work(desk)
    assert (values(desk, made)["status"], values(desk, made)["reason"]) == ("Lost", "Too cold")
    assert story(desk, made)[2:] == [("changed", "Give up"), ("moved", "Give up")]


LOSE = """
  give_up:
    label: Give up
    entity: lead
    on: created
    then: [{set: {kind: Cold}}, {move: {transition: lose}}]
"""


def test_what_a_rule_cannot_do_changes_nothing_and_is_told_on_the_record_and_to_those_who_administer(
    desk_with: Opened,
) -> None:
    desk = desk_with(LOSE)
    made = desk.create(desk.asha, "lead", name="Kiran")
    desk.create(desk.asha, "lead", name="Lata")
    work(desk)
    assert (values(desk, made)["status"], values(desk, made)["kind"]) == ("New", None)
    (state, said), _ = left(desk)
    assert state == "dead"
    assert said == 'Rule "Give up" (workflows.yaml:17): Lead Kiran cannot move to Lost yet: Reason is empty.'
    assert story(desk, made)[-1] == ("refused", "Give up")
    assert story(desk, made, "asha") == [("created", None)]
    assert told(desk, "dev") == [said]  # once, however many leads
    assert list(verify(desk.crm.reads)) == []
    assert told(desk, "asha") == []


TOGGLE = """
  heat_up:
    {entity: lead, on: changed, fields: [kind], when: {kind: {is: Cold}, name: {is_not: x}}, then: [{set: {kind: Hot}}]}
  cool_down:
    {entity: lead, on: changed, fields: [kind], when: {kind: {is: Hot}, name: {is_not: x}}, then: [{set: {kind: Cold}}]}
"""


def test_two_rules_that_toggle_a_field_are_stopped_and_both_are_named(desk_with: Opened) -> None:
    desk = desk_with(TOGGLE)
    made = desk.create(desk.asha, "lead", name="Kiran")
    desk.update(desk.asha, "lead", made, kind="Hot")
    work(desk)
    assert [event for event in story(desk, made) if event[0] == "changed"][1:] == [
        ("changed", ("Cool down", "Heat up")[n % 2]) for n in range(MOST_DEEP)
    ]
    state, said = left(desk)[-1]
    assert state == "dead"
    assert said == 'Rules "Heat up" and "Cool down" set each other off on Lead Kiran: 8 rules ran one after another.'
    assert told(desk, "dev") == [said]
    assert story(desk, made)[-1] == ("refused", "Cool down")


def test_a_rule_that_ran_too_often_waits_for_the_next_hour_and_loses_nothing(desk_with: Opened, monkeypatch: Any) -> None:
    monkeypatch.setattr(at_work, "MOST_IN_HOUR", 3)
    desk = desk_with(HOT)
    for number in range(5):
        desk.create(desk.asha, "lead", name=f"Lead {number}", source="Google")
    work(desk)
    assert desk.rows("select count(*) from task") == [(3,)]
    assert told(desk, "dev") == ['Rule "Hot lead" ran 3 times within an hour. The others wait for the next one.']
    desk.clock.pass_time(hours=1, minutes=1)
    work(desk)
    assert desk.rows("select count(*) from task") == [(5,)]


def test_a_rule_that_moves_a_lead_back_and_one_that_moves_it_forth_are_stopped(desk_with: Opened) -> None:
    desk = desk_with("""
  forth: {entity: lead, on: moved, into: [New], when: {name: {is_not: x}}, then: [{move: {transition: call}}]}
  back: {entity: lead, on: moved, into: [Called], when: {name: {is_not: x}}, then: [{move: {transition: back}}]}
""")
    made = desk.create(desk.asha, "lead", name="Kiran")
    desk.move(desk.asha, "lead", made, "call")
    work(desk)
    assert len(story(desk, made)) == 2 + MOST_DEEP + 1
    assert left(desk)[-1][0] == "dead"
    assert 'Rules "Forth" and "Back" set each other off' in left(desk)[-1][1]


def test_a_rule_that_runs_on_one_record_all_day_is_stopped_for_the_hour(desk_with: Opened) -> None:
    desk = desk_with("""
  count: {entity: lead, on: changed, fields: [heat], then: [{set: {reason: warm}}]}
""")
    made = desk.create(desk.asha, "lead", name="Kiran")
    for heat in range(25):
        version = values_version(desk, made)
        made = type(made)("lead", made.id, version)
        desk.update(desk.asha, "lead", made, heat=heat)
        work(desk)
    states = [state for state, _ in left(desk)]
    assert states.count("done") == 20 and states.count("dead") == 5
    assert left(desk)[-1][1] == 'Rule "Count": 20 runs on Lead Kiran within an hour are enough.'
    assert len(told(desk, "dev")) == 1


def values_version(desk: Desk, made: Any) -> int:
    return desk.crm.reads.record(desk.dev, "lead", made.id).version


def test_a_lead_in_the_bin_is_left_alone(desk_with: Opened) -> None:
    desk = desk_with(HOT)
    made = desk.create(desk.asha, "lead", name="Kiran", source="Google")
    Relay(desk.crm).deliver(desk.clock())
    desk.crm.writes.do(desk.dev, Delete("lead", made.id, made.version))
    work(desk)
    assert desk.rows("select state, reason from crm_run") == [("skipped", "The record is gone.")]


def test_a_worker_that_dies_before_the_end_leaves_no_half_of_it(desk_with: Opened) -> None:
    desk = desk_with(HOT)
    made = desk.create(desk.asha, "lead", name="Kiran", source="Google")
    Relay(desk.crm).deliver(desk.clock())
    with desk.runtime.database.writing() as connection:
        taken = at_work._claimed(connection, milliseconds(desk.clock()), 10)
    desk.clock.pass_time(seconds=61)  # its lease ran out
    work(desk)
    Rules(desk.crm)._one(taken[0], desk.clock())  # it wakes up again, and keeps nothing
    assert desk.rows("select count(*) from task") == [(1,)]
    assert story(desk, made) == [("created", None), ("changed", "Hot lead")]
