"""Who gets what comes in: by turns, by load, by place, skill and hours; and what waits until somebody can."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from engine.cli.explain import _by_itself
from engine.errors import MoveRefused
from engine.records.assigning import given
from engine.records.commands import Update
from engine.records.fairness import Fairness, assignments_of, fairness
from tests.desk import Desk
from tests.jobs.conftest import Opened, values, work

ON_ENTRY = """
  on_entry: {label: New ones, entity: lead, on: created, when: {owner: {empty: true}}, then: [{assign: desk}]}
"""
DESK = """assignments:
  desk: {label: Lead desk, entity: lead, among: {role: {is: caller}}}
"""


def lead(desk: Desk, name: str = "Kiran", **more: Any) -> Any:
    return desk.create(desk.engine, "lead", name=name, **more)


def owner(desk: Desk, made: Any) -> str | None:
    ref = values(desk, made)["owner"]
    return next((name for name, actor in desk.people.items() if ref and actor.user == ref.id), None)


def person(desk: Desk, name: str, **more: Any) -> None:
    id = desk.people[name].user
    desk.crm.writes.do(desk.dev, Update("user", id, desk.crm.reads.record(desk.dev, "user", id).version, more))


def why(desk: Desk, made: Any) -> Any:
    with desk.runtime.database.reading() as connection:
        return given(connection, made.id)[0]


def passed(desk: Desk, made: Any) -> list[str]:
    return [one.said for one in why(desk, made).passed.values()]


def told(desk: Desk, name: str) -> list[str]:
    return [notice.text for notice in reversed(desk.crm.notices.latest(desk.people[name]))]


def test_leads_go_to_asha_and_ravi_by_turns_and_it_is_kept_why(desk_with: Opened) -> None:
    desk = desk_with(ON_ENTRY, DESK)
    made = [lead(desk) for _ in range(5)]
    work(desk)
    assert [owner(desk, one) for one in made] == ["asha", "ravi", "asha", "ravi", "asha"]
    told_why = why(desk, made[1])
    assert (told_why.assignment, told_why.rule, told_why.state) == ("desk", "on_entry", "given")
    assert told_why.why == "Lead desk: It is Ravi's turn. 2 could take it."


def test_who_may_not_sign_in_or_is_away_gets_none(desk_with: Opened) -> None:
    desk = desk_with(ON_ENTRY, DESK)
    person(desk, "asha", away_from="2026-11-20", away_until="2026-11-25")
    one = lead(desk)
    work(desk)
    assert owner(desk, one) == "ravi"
    assert passed(desk, one) == ["Asha is away until Nov 25, 2026"]
    desk.clock.now = datetime(2026, 11, 25, 19, 0, tzinfo=UTC)  # the 26th in Kolkata
    person(desk, "ravi", active="no")
    two = lead(desk)
    work(desk)
    assert owner(desk, two) == "asha"


def test_the_least_loaded_is_asked_and_only_open_leads_count(desk_with: Opened) -> None:
    desk = desk_with(ON_ENTRY, """assignments:
  desk: {entity: lead, among: {role: {is: caller}}, how: least_loaded, counts: {status: {is: New}}}
""")
    for number in range(3):
        mine = desk.create(desk.asha, "lead", name=f"Asha's {number}")
        if number:
            desk.move(desk.asha, "lead", mine, "call")
    for number in range(2):
        desk.create(desk.ravi, "lead", name=f"Ravi's {number}")
    made = lead(desk)
    work(desk)
    assert owner(desk, made) == "asha"


def test_nobody_is_given_more_than_they_can_carry_and_what_waits_is_given_as_soon_as_somebody_can(
    desk_with: Opened,
) -> None:
    desk = desk_with(ON_ENTRY, """assignments:
  desk: {label: Lead desk, entity: lead, among: {role: {is: caller}}, counts: {status: {is: New}}, capacity: 1}
""")
    person(desk, "asha", capacity=2)
    made = [lead(desk, f"Lead {n}") for n in range(5)]
    work(desk)
    assert sorted(filter(None, (owner(desk, one) for one in made))) == ["asha", "asha", "ravi"]
    waiting = [one for one in made if owner(desk, one) is None]
    assert len(waiting) == 2
    assert sorted(passed(desk, waiting[0])) == ["Asha has 2 of 2", "Ravi has 1 of 1"]
    assert told(desk, "dev") == ["Lead desk: nobody can take Lead Lead 3. It waits, and is tried again."]  # once
    mine = next(one for one in made if owner(desk, one) == "ravi")
    version = desk.crm.reads.record(desk.dev, "lead", mine.id).version
    desk.move(desk.ravi, "lead", type(mine)("lead", mine.id, version), "call")
    desk.clock.pass_time(minutes=2)
    work(desk)
    assert sorted(str(owner(desk, one)) for one in waiting) == ["None", "ravi"]
    assert desk.rows("select count(*) from crm_given where state = 'waiting'") == [(1,)]


def test_what_somebody_took_meanwhile_is_not_given_away(desk_with: Opened) -> None:
    desk = desk_with(ON_ENTRY, DESK)
    for name in ("asha", "ravi"):
        person(desk, name, away_from="2026-11-01")
    made = lead(desk)
    work(desk)
    version = desk.crm.reads.record(desk.dev, "lead", made.id).version
    desk.crm.writes.do(desk.dev, Update("lead", made.id, version, {"owner": str(desk.meera.user)}))
    person(desk, "asha", away_from=None)
    desk.clock.pass_time(minutes=20)
    work(desk)
    assert owner(desk, made) == "meera"
    assert desk.rows("select count(*) from crm_given where state = 'waiting'") == [(0,)]


def test_a_lead_goes_to_the_most_specific_territory_then_to_the_one_above_then_over_the_edge(desk_with: Opened) -> None:
    desk = desk_with(ON_ENTRY, """assignments:
  desk:
    label: Desk
    entity: lead
    among: {role: {is: caller}}
    overflow: bosses
    territories:
      kerala:
        when: {state: {is: Kerala}}
        among: {name: {in: [Asha, Ravi]}}
        territories: {kochi: {when: {town: {is: Kochi}}, among: {name: {is: Asha}}}}
      tamil_nadu: {label: Tamil Nadu, when: {state: {is: Tamil Nadu}}, among: {name: {is: Ravi}}}
  bosses: {label: The bosses, entity: lead, among: {role: {is: manager}}}
""")
    kochi = [lead(desk, state="Kerala", town="Kochi") for _ in range(2)]
    south = lead(desk, state="Tamil Nadu")
    work(desk)
    assert [owner(desk, one) for one in kochi] == ["asha", "asha"]
    assert owner(desk, south) == "ravi"
    assert why(desk, south).why == "Desk, Tamil Nadu: Ravi is the only one who can take it."
    person(desk, "asha", away_from="2026-11-01")
    above = lead(desk, state="Kerala", town="Kochi")
    work(desk)
    assert owner(desk, above) == "ravi"
    assert why(desk, above).why == (
        "Desk, Kerala, Kochi: nobody can take it. Desk, Kerala: Ravi is the only one who can take it."
    )
    person(desk, "ravi", away_from="2026-11-01")
    over = lead(desk, state="Kerala")
    work(desk)
    assert owner(desk, over) == "meera"
    assert "The bosses: Meera is the only one" in why(desk, over).why


def test_a_lead_that_wants_tamil_goes_to_who_speaks_it(desk_with: Opened) -> None:
    desk = desk_with(ON_ENTRY, DESK.replace("}}}", "}}, skill: language}"))
    person(desk, "ravi", skills="tamil, Hindi")
    made = [lead(desk, language=["Tamil"]), lead(desk, language=["Hindi", "Tamil"]), lead(desk)]
    work(desk)
    assert [owner(desk, one) for one in made] == ["ravi", "ravi", "asha"]
    assert passed(desk, made[0]) == ["Asha has no skill Tamil"]


def test_working_hours_are_those_of_the_persons_own_zone(desk_with: Opened) -> None:
    desk = desk_with(
        ON_ENTRY, DESK.replace("}}}", "}}, only_in: working hours}"), "working_hours: {monday-friday: 09:30-18:30}\n"
    )
    person(desk, "ravi", zone="Europe/Berlin")
    desk.clock.now = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)  # 19:30 in Kolkata, 15:00 in Berlin
    made = lead(desk)
    work(desk)
    assert owner(desk, made) == "ravi"
    assert passed(desk, made) == ["Asha is not at work now"]


def test_what_lay_idle_goes_to_somebody_else(desk_with: Opened) -> None:
    desk = desk_with("""
  idle: {entity: lead, on: changed, fields: [heat], then: [{reassign: desk}]}
""", DESK)
    made = desk.create(desk.asha, "lead", name="Kiran")
    desk.update(desk.asha, "lead", made, heat=1)
    work(desk)
    assert owner(desk, made) == "ravi"
    assert passed(desk, made) == ["Asha has it now"]


HAND_OVER = """
      hand_over: {from: [New], to: Called, then: [{set: {kind: Hot}}, {assign: desk}]}
"""


def test_a_move_gives_the_lead_away_in_its_own_transaction(desk_with: Opened) -> None:
    desk = desk_with("", DESK, moves=HAND_OVER)
    made = desk.create(desk.meera, "lead", name="Kiran")
    desk.move(desk.meera, "lead", made, "hand_over")
    assert owner(desk, made) == "asha"
    assert desk.rows("select count(*) from crm_history where record = " + str(made.id)) == [(2,)]


def test_a_move_that_finds_nobody_is_made_all_the_same_and_the_lead_is_given_later(desk_with: Opened) -> None:
    desk = desk_with("", DESK, moves=HAND_OVER)
    for name in ("asha", "ravi"):
        person(desk, name, away_from="2026-11-01")
    made = desk.create(desk.meera, "lead", name="Kiran")
    desk.move(desk.meera, "lead", made, "hand_over")
    assert (owner(desk, made), values(desk, made)["status"]) == ("meera", "Called")
    person(desk, "ravi", away_from=None)
    desk.clock.pass_time(minutes=2)
    work(desk)
    assert owner(desk, made) == "ravi"


def test_a_refused_move_gives_nobody_a_turn(desk_with: Opened) -> None:
    desk = desk_with("", DESK, moves=HAND_OVER.replace("from: [New], to: Called", "from: [New], to: Lost"))
    made = desk.create(desk.meera, "lead", name="Kiran")
    with pytest.raises(MoveRefused):
        desk.move(desk.meera, "lead", made, "hand_over")
    assert desk.rows("select count(*) from crm_given") == desk.rows("select count(*) from crm_run") == [(0,)]


MANY = """assignments:
  desk: {label: Lead desk, entity: lead, among: {role: {in: [caller, manager]}}, counts: {status: {is: New}}}
"""


def report(desk: Desk, name: str) -> Fairness:
    actor = desk.people[name]
    (assignment,) = assignments_of(desk.crm.reads, actor)
    return fairness(desk.crm.reads, actor, assignment, desk.clock() - timedelta(days=30))


def test_the_report_tells_who_got_how_many_who_has_how_many_and_who_was_passed_over(desk_with: Opened) -> None:
    desk = desk_with(ON_ENTRY, DESK.replace("}}}", "}}, counts: {status: {is: New}}, capacity: 3}"))
    person(desk, "ravi", capacity=1)
    made = [lead(desk, f"Lead {n}") for n in range(6)]
    work(desk)
    told_to_dev = report(desk, "dev")
    assert [(one.person.title, one.given, one.share, one.load, dict(one.passed)) for one in told_to_dev.people] == [
        ("Asha", 3, 75, 3, {"full": 2}), ("Ravi", 1, 25, 1, {"full": 4}),
    ]  # fmt: skip
    assert (told_to_dev.given, told_to_dev.waiting, told_to_dev.cut) == (4, 2, False)
    newest = told_to_dev.latest[0]
    assert (newest.record.id, newest.to, newest.state) == (made[5].id, None, "waiting")
    assert newest.passed == ("Asha has 3 of 3", "Ravi has 1 of 1")


def test_a_manager_is_told_of_her_own_people_and_of_no_numbers_of_others(desk_with: Opened) -> None:
    desk = desk_with(ON_ENTRY, MANY)
    nils = desk.create(desk.engine, "user", name="Nils", email="nils@firm.example", role="manager", capacity=0)
    lead(desk, "Kiran")
    work(desk)
    seen = report(desk, "meera")
    assert seen.given == 1 and "Nils" not in [one.person.title for one in seen.people]
    assert nils.id and seen.latest[0].passed == () and seen.latest[0].why == ""
    assert report(desk, "dev").latest[0].passed == ("Nils has 0 of 0",)


def test_crm_explain_says_why_a_lead_went_to_whom(desk_with: Opened) -> None:
    desk = desk_with(ON_ENTRY, DESK)
    person(desk, "asha", away_from="2026-11-01")
    made = lead(desk)
    work(desk)
    assert _by_itself(desk.crm, made.id) == [
        "2026-11-21 15:00 Lead desk: Ravi is the only one who can take it. Passed over: Asha is away.",
        '2026-11-21 15:00 Rule "New ones": done.',
    ]


def test_a_caller_is_shown_no_report(desk_with: Opened) -> None:
    desk = desk_with(ON_ENTRY, DESK)
    assert assignments_of(desk.crm.reads, desk.asha) == []


@pytest.mark.parametrize("capacity", [None, 7])
def test_five_workers_at_once_give_everyone_their_turn_and_nobody_too_many(desk_with: Opened, capacity: int | None) -> None:
    limit = f", capacity: {capacity}" if capacity else ""
    desk = desk_with(ON_ENTRY, DESK.replace("}}}", "}}" + limit + "}"))
    for number in range(40):
        lead(desk, f"Lead {number}")
    workers = [threading.Thread(target=work, args=(desk,)) for _ in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    work(desk)
    counts = dict(desk.rows('select owner, count(*) from lead where owner is not null group by owner'))
    assert sorted(counts.values()) == ([capacity, capacity] if capacity else [20, 20])
    turns = [user for (user,) in desk.rows("select \"user\" from crm_given where state = 'given' order by id")]
    assert all(first != second for first, second in pairwise(turns))
    assert desk.rows("select count(*) from crm_run where state not in ('done', 'skipped')") == [(0,)]
