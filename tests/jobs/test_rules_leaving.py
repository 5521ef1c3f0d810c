"""What rules and moves send, and rules that time sets off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from engine.errors import MoveRefused
from engine.jobs.round import Round
from tests.desk import Desk
from tests.jobs.conftest import Opened, values, work

DESK = """assignments:
  desk: {label: Lead desk, entity: lead, among: {role: {is: caller}}}
"""
TOLD = """notifications:
  hot_lead: {entity: lead, to: [owner], text: "{{ name }} is hot."}
  for_dev: {entity: lead, to: [role: administrator], text: "{{ name }} is {{ status }}."}
channels:
  other_program: {kind: webhook, url_from: OTHER_PROGRAM_URL, secret_from: OTHER_PROGRAM_SECRET}
"""
LEAVING = """
  hot:
    entity: lead
    on: created
    then:
      - {notify: hot_lead}
      - {call: other_program}
      - {send_file: {file: brochure.pdf, with: for_dev}}
      - {set: {kind: Hot}}
"""


def told(desk: Desk, name: str) -> list[str]:
    return [notice.text for notice in reversed(desk.crm.notices.latest(desk.people[name]))]


def planned(desk: Desk) -> list[tuple[Any, ...]]:
    return desk.rows("select notification, channel from crm_delivery order by id")


def test_a_rule_tells_calls_and_sends_once_it_is_done(desk_with: Opened) -> None:
    desk = desk_with(LEAVING, told=TOLD)
    desk.create(desk.asha, "lead", name="Kiran")
    work(desk)
    assert planned(desk) == [("hot_lead", "app"), ("hot", "other_program"), ("for_dev", "app")]
    causes = [orjson.loads(cause) for (cause,) in desk.rows("select cause from crm_delivery order by id")]
    assert [cause["rule"] for cause in causes] == ["hot"] * 3
    assert causes[2]["files"] == [["brochure.pdf", None]]
    Round(desk.crm).run(desk.clock())
    assert told(desk, "asha") == ["Kiran is hot."]
    assert told(desk, "dev") == ["Kiran is New."]


def test_a_rule_that_is_refused_sends_nothing(desk_with: Opened) -> None:
    desk = desk_with(LEAVING.replace("{set: {kind: Hot}}", "{move: {transition: lose}}"), told=TOLD)
    desk.create(desk.asha, "lead", name="Kiran")
    work(desk)
    assert planned(desk) == []


MOVE = """
      heat: {from: [New], to: Called, then: [{notify: hot_lead}, {notify: for_dev}, {call: other_program}]}
      cool: {from: [New], to: Lost, then: [{notify: for_dev}]}
"""


def test_a_move_sends_in_its_own_transaction_and_its_author_is_not_told(desk_with: Opened) -> None:
    desk = desk_with(moves=MOVE, told=TOLD)
    made = desk.create(desk.asha, "lead", name="Kiran")
    with pytest.raises(MoveRefused):
        desk.move(desk.asha, "lead", made, "cool")
    assert planned(desk) == []
    desk.move(desk.asha, "lead", made, "heat")
    assert planned(desk) == [("for_dev", "app"), ("other_program", "other_program")]
    Round(desk.crm).run(desk.clock())
    assert told(desk, "dev") == ["Kiran is Called."]
    assert told(desk, "asha") == []


def until(desk: Desk, end: datetime, step: timedelta) -> None:
    at_work = Round(desk.crm)
    while desk.clock.now < end:
        desk.clock.now = min(desk.clock.now + step, end)
        at_work.until_quiet(desk.clock.now)


def test_what_lay_idle_for_two_days_goes_to_somebody_else(desk_with: Opened) -> None:
    rule = "  idle: {entity: lead, at: {idle: 2 days}, when: {status: {is: New}}, then: [{reassign: desk}]}\n"
    desk = desk_with(rule, DESK)
    made = desk.create(desk.asha, "lead", name="Kiran")
    busy = desk.create(desk.asha, "lead", name="Lata")
    Round(desk.crm).until_quiet(desk.clock())
    start = desk.clock.now
    until(desk, start + timedelta(days=1), timedelta(hours=6))
    desk.update(desk.asha, "lead", busy, heat=1)
    until(desk, start + timedelta(days=2, hours=6), timedelta(hours=6))
    assert values(desk, made)["owner"].id == desk.ravi.user
    assert values(desk, busy)["owner"].id == desk.asha.user
    assert desk.rows("select rule, state from crm_run") == [("idle", "done")]


def test_a_rule_waits_for_working_hours(desk_with: Opened) -> None:
    hours = "working_hours: {monday-friday: 09:30-18:30}\n"
    rule = "  warm: {entity: lead, on: created, only_in: working hours, then: [{set: {kind: Hot}}]}\n"
    desk = desk_with(rule, crm=hours)
    made = desk.create(desk.asha, "lead", name="Kiran")  # on a Saturday
    until(desk, datetime(2026, 11, 23, 3, 59, tzinfo=UTC), timedelta(hours=7))
    assert values(desk, made)["kind"] is None
    desk.clock.now = datetime(2026, 11, 23, 4, 0, 1, tzinfo=UTC)  # Monday, 9:30 in Kolkata
    Round(desk.crm).until_quiet(desk.clock())
    assert values(desk, made)["kind"] == "Hot"
