"""Gives a record to somebody, as an assignment says: gathers who there is, lets rules/assignment.py decide, keeps why.

- Those who give records of one entity at the same time go one after another: a lock that is a row (on SQLite there is one
  writer anyway). So nobody has two turns, and nobody more than their capacity.
- A territory is asked from its most specific branch upwards; then the assignment itself; then what it overflows to.
- When nobody can take the record, it stays as it is; that is kept too, who administers is told, and a message in the
  outbox tries again, later and later, at most LONGEST_WAIT apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from engine.actor import Actor, robot
from engine.blueprint import Blueprint
from engine.blueprint.assignments import Assignment, Territory
from engine.blueprint.conditions import ALWAYS, NEVER, AllOf, Condition, Test
from engine.blueprint.entities import Entity
from engine.blueprint.roles import Rights
from engine.folding import fold
from engine.formats import is_zone
from engine.parts.actions.contract import Gift
from engine.records import notices
from engine.records.columns import ID, value_of
from engine.records.journal import OUTBOX, queued
from engine.records.query import MOST, Query
from engine.records.rows import change, rows, target_id
from engine.records.task import Task, Values
from engine.rules.assignment import Candidate, Decision, Passed, Wanted, decide
from engine.rules.hours import OpenHours

FIRST_WAIT, LONGEST_WAIT = 60_000, 15 * 60_000  # ms between two tries
TOLD_EVERY = 3_600_000  # ms between two notices that an assignment finds nobody
PERSON = ("name", "role", "active", "zone", "skills", "capacity", "away_from", "away_until")
LOCK = 0  # the user of a turn that is nobody's


def give(task: Task, entity: Entity, id: int, values: Values, gift: Gift) -> dict[str, Any]:
    """The owner that the record gets; nothing when nobody can take it, and then it is tried again later."""
    given = choose(task, entity, id, values, gift)
    if given.user is not None:
        return {"owner": given.user}
    _later(task, entity, id, values, gift)
    tell_nobody(task, entity, id, values, gift)
    return {}


def choose(task: Task, entity: Entity, id: int, values: Values, gift: Gift) -> Decision:
    """Who gets it, kept with its reasons. The caller changes the owner in the same transaction."""
    _lock(task, entity.name)
    asked = _Asked(task, entity, id, values, gift)
    decision, by = asked.decided()
    _keep(task, entity, id, gift, by, decision)
    return decision


class _Asked:
    """One record that looks for an owner."""

    def __init__(self, task: Task, entity: Entity, id: int, values: Values, gift: Gift) -> None:
        self.task, self.entity, self.values, self.gift = task, entity, values, gift
        self.blueprint: Blueprint = task.know.blueprint
        self.robot: Actor = robot(self.blueprint)
        self.holds = replace(task, actor=self.robot).holds(entity, values, id)
        self.formats = task.know.reads.formats(self.robot)

    def decided(self) -> tuple[Decision, Assignment]:
        """By the assignment, or by one that it overflows to."""
        assignment = first = self.blueprint.assignments[self.gift.assignment]
        passed: dict[int, Passed] = {}
        said: list[str] = []
        while True:
            for place, among in _branches(assignment, self.holds):
                decision = self._decision(assignment, among)
                passed = {**decision.passed, **passed}
                if decision.user is not None:
                    why = " ".join([*said, f"{place}: {decision.why}"])
                    return Decision(decision.user, why, passed), assignment
                said.append(f"{place}: nobody can take it.")
            if assignment.overflow is None:
                return Decision(None, " ".join(said), passed), first
            assignment = self.blueprint.assignments[assignment.overflow]

    def _decision(self, assignment: Assignment, among: Condition) -> Decision:
        people = self._people(assignment, among)
        return decide(assignment.how, people, self._wanted(assignment), self.formats)

    def _wanted(self, assignment: Assignment) -> Wanted:
        owner = self.values.get("owner")
        not_user = target_id(owner) if self.gift.somebody_else and owner is not None else None
        return Wanted(self._skills(assignment), not_user, assignment.working_hours_only)

    def _skills(self, assignment: Assignment) -> dict[str, str]:
        value = self.values.get(assignment.skill) if assignment.skill else None
        words = value if isinstance(value, tuple) else (value,) if value else ()
        return {fold(str(word)): str(word) for word in words}

    # ---- people

    def _people(self, assignment: Assignment, among: Condition) -> list[Candidate]:
        found = list(_persons(self.task, self.robot, among))
        turns = _turns(self.task, assignment.name)
        loads = self._loads(assignment, found)
        return [self._candidate(assignment, one, turns, loads) for one in found]

    def _loads(self, assignment: Assignment, people: list[dict[str, Any]]) -> Mapping[int, int]:
        limited = assignment.capacity is not None or any(one.get("capacity") is not None for one in people)
        if assignment.how != "least_loaded" and not limited:
            return {}
        return loads(self.task, self.robot, assignment)

    def _candidate(
        self, assignment: Assignment, one: dict[str, Any], turns: Mapping[int, int], loads: Mapping[int, int]
    ) -> Candidate:
        id, role, capacity = one["id"], one.get("role"), one.get("capacity")
        zone = _zone(one.get("zone"), self.blueprint)
        return Candidate(
            id, one.get("name") or str(id), loads.get(id, 0),
            assignment.capacity if capacity is None else capacity,
            turns.get(id), frozenset(map(fold, one.get("skills") or ())), self._works(zone),
            bool(one.get("active", True)) and role in self.blueprint.roles,
            may_own(self.blueprint, role, self.entity.name),
            one.get("away_from"), one.get("away_until"), self.task.moment.astimezone(zone).date(),
        )  # fmt: skip

    def _works(self, zone: ZoneInfo) -> bool:
        return is_open(self.blueprint, zone, self.task.moment)


def may_own(blueprint: Blueprint, role: str | None, entity: str) -> bool:
    """Whether people of the role can have such records: they may read them."""
    known = blueprint.roles.get(role or "")
    return known is not None and known.rights.get(entity, Rights()).read != NEVER


def is_open(blueprint: Blueprint, zone: ZoneInfo, moment: datetime) -> bool:
    """Whether it is working time for somebody who lives there by the firm's hours."""
    return OpenHours(blueprint.manifest.hours, zone).opening(moment) <= moment


def loads(task: Task, actor: Actor, assignment: Assignment) -> dict[int, int]:
    """How many records that count each owner has."""
    counts = None if assignment.counts == ALWAYS else assignment.counts
    summary = task.know.reads.aggregate(actor, assignment.entity, counts, ("owner",))
    return {row[0].id: row[1] for row in summary.rows if row[0] is not None}


def _zone(name: str | None, blueprint: Blueprint) -> ZoneInfo:
    return ZoneInfo(name if name and is_zone(name) else blueprint.manifest.zone)


def _branches(assignment: Assignment, holds: Any) -> Iterator[tuple[str, Condition]]:
    """The branch that fits, the most specific first, and each above it, with a condition on people."""
    path: list[Territory] = []
    within = assignment.territories
    while (found := next((t for t in within if holds(t.when)), None)) is not None:
        path.append(found)
        within = found.territories
    for depth in range(len(path), -1, -1):
        names = (assignment.label, *(territory.label for territory in path[:depth]))
        parts = [part for part in (assignment.among, *(t.among for t in path[:depth])) if part != ALWAYS]
        yield ", ".join(names), parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _persons(task: Task, actor: Actor, among: Condition) -> Iterator[dict[str, Any]]:
    """Those who may sign in and are meant, in the order in which they came to the firm."""
    fields = task.know.blueprint.entities["user"].fields
    columns = tuple(name for name in PERSON if name in fields)
    active = Test("active", "is", True)
    where = active if among == ALWAYS else AllOf((active, among))
    query = Query("user", columns, where, sort=(("created_at", False),), limit=MOST)
    while True:
        page = task.know.reads.page(actor, query, connection=task.connection)
        for row in page.rows:
            yield {"id": row[ID], **{shown.name: value_of(shown, row) for shown in page.columns}}
        if page.next is None:
            return
        query = replace(query, cursor=page.next)


# ---- what is kept


def _lock(task: Task, entity: str) -> None:
    if task.connection.dialect == "postgresql":
        key = f"entity {entity}"
        text = 'insert into crm_turn (assignment, "user", last) values (?, ?, 0) on conflict do nothing'
        change(task.connection, text, (key, LOCK))
        rows(task.connection, 'select last from crm_turn where assignment = ? and "user" = ? for update', (key, LOCK))


def _turns(task: Task, assignment: str) -> dict[int, int]:
    return dict(rows(task.connection, 'select "user", last from crm_turn where assignment = ?', (assignment,)))


def _keep(task: Task, entity: Entity, id: int, gift: Gift, by: Assignment, decision: Decision) -> None:
    """Why it went to whom, or to nobody; and whose turn it was."""
    made = task.new_id()
    change(task.connection, "update crm_given set state = 'settled' where record = ? and state = 'waiting'", (id,))
    passed = orjson.dumps({str(user): list(why) for user, why in decision.passed.items()}).decode()
    state = "waiting" if decision.user is None else "given"
    change(
        task.connection,
        'insert into crm_given (id, assignment, entity, record, "user", at, rule, state, why, passed) '
        "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (made, by.name, entity.name, id, decision.user, task.now, task.rule, state, decision.why, passed),
    )
    if decision.user is not None:
        change(
            task.connection,
            'insert into crm_turn (assignment, "user", last) values (?, ?, ?) '
            'on conflict (assignment, "user") do update set last = excluded.last',
            (by.name, decision.user, made),
        )


# ---- nobody


def _later(task: Task, entity: Entity, id: int, values: Values, gift: Gift) -> None:
    owner = values.get("owner")
    payload = {
        "assign": gift.assignment, "somebody_else": gift.somebody_else, "entity": entity.name, "record": str(id),
        "owner": None if owner is None else str(target_id(owner)), "rule": task.rule,
        "depth": task.cause.depth if task.cause else 0, "tries": 1,
    }  # fmt: skip
    change(task.connection, OUTBOX, queued(task.new_id(), payload, task.now, task.now + FIRST_WAIT))


def wait_after(tries: int) -> int:
    """ms until the next try."""
    return min(FIRST_WAIT * 2 ** min(tries, 10), LONGEST_WAIT)


def tell_nobody(task: Task, entity: Entity, id: int, values: Values, gift: Gift) -> None:
    """Those who administer hear of it, once an hour for each assignment: one notice, however many records wait."""
    assignment = task.know.blueprint.assignments[gift.assignment]
    text = "select count(*) from crm_notice where notification = ? and at > ?"
    name = f"assignment {assignment.name}"
    if rows(task.connection, text, (name, task.now - TOLD_EVERY))[0][0]:
        return
    said = f"{assignment.label}: nobody can take {task.called(entity, values, id)}. It waits, and is tried again."
    tell_administrators(task, name, entity.name, id, said)


def tell_administrators(task: Task, name: str, entity: str, record: int, text: str) -> None:
    roles = [role.name for role in task.know.blueprint.roles.values() if role.administers]
    marks = ", ".join("?" * len(roles))
    found = rows(
        task.connection, f'select id from "user" where role in ({marks}) and deleted_at is null and active = 1', tuple(roles)
    )
    for (user,) in found:
        notices.tell(task.connection, task.new_id(), user, task.now, name, entity, record, text)


@dataclass(frozen=True, slots=True)
class Given:
    """A line of a record's story: why it went to whom. `user` None: nobody could take it."""

    at: int  # ms
    assignment: str
    user: int | None
    rule: str | None
    state: str
    why: str
    passed: Mapping[int, Passed]


def given(connection: Any, record: int, most: int = 20) -> list[Given]:
    """Newest first. That the reader may know is the caller's to ask."""
    text = 'select at, assignment, "user", rule, state, why, passed from crm_given where record = ? order by id desc limit ?'
    return [Given(*(*told, passed_in(passed))) for *told, passed in rows(connection, text, (record, most))]


def passed_in(text: str) -> dict[int, Passed]:
    """Who was passed over, as it was kept."""
    return {int(user): Passed(*why) for user, why in orjson.loads(text).items()}
