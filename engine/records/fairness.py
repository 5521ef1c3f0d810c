"""How fairly an assignment gives: who got how many, who has how many, who was passed over and why, and what waits.

Counted are records that the actor may read, and people as the actor may see them: who manages sees their own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.blueprint.assignments import Assignment
from engine.blueprint.conditions import ALWAYS
from engine.blueprint.values import Ref
from engine.records.assigning import passed_in
from engine.records.database import Connection
from engine.records.read import Reads
from engine.records.rows import rows
from engine.rules.assignment import KINDS, Passed

MOST = 5_000  # gifts of the period that are looked at, the newest
IN_ONE = 200
LATEST = 20


@dataclass(frozen=True, slots=True)
class Share:
    """One person. `share` in per cent of what was given; `passed`: kind -> how often."""

    person: Ref
    given: int
    share: int
    load: int
    passed: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Gift:
    """One record that was given, or that waits (`to` None), and why."""

    at: datetime
    record: Ref
    to: Ref | None
    state: str
    why: str
    passed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fairness:
    """`cut`: there were more than MOST."""

    assignment: Assignment
    given: int
    waiting: int
    cut: bool
    people: tuple[Share, ...] = ()
    latest: tuple[Gift, ...] = ()


@dataclass(slots=True)
class _Tally:
    given: Counter[int] = field(default_factory=Counter)
    passed: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    waiting: int = 0


def may_see(blueprint: Blueprint, actor: Actor) -> bool:
    """Whoever administers, and whose role has roles below it."""
    role = blueprint.roles.get(actor.role)
    return role is not None and (role.administers or any(r.reports_to == role.name for r in blueprint.roles.values()))


def assignments_of(reads: Reads, actor: Actor) -> list[Assignment]:
    """Those that give records which the actor's role may read."""
    every = reads.blueprint.assignments.values() if may_see(reads.blueprint, actor) else ()
    return [one for one in every if reads.sight.may_open(actor, one.entity)]


def fairness(reads: Reads, actor: Actor, assignment: Assignment, since: datetime) -> Fairness:
    """What was given since that moment, and what waits now."""
    whole = reads.sight.scope(actor, assignment.entity, "read") == ALWAYS
    with reads.lent(None) as connection:
        found = _found(connection, assignment, since, None if whole else actor.user)
        seen = list(_visible(reads, connection, actor, assignment, found[:MOST]))
        telling = _Telling(reads, connection, actor, assignment, seen)
    loads = _loads(reads, actor, assignment)
    return Fairness(
        assignment, sum(telling.tally.given.values()), telling.tally.waiting, len(found) > MOST,
        telling.people(loads), tuple(telling.gift(row) for row in seen[:LATEST]),
    )  # fmt: skip


class _Telling:
    """Gifts for one actor. Who does not see every record is told of their own people, and of no numbers of others."""

    def __init__(
        self, reads: Reads, connection: Connection, actor: Actor, assignment: Assignment, seen: list[tuple[Any, ...]]
    ) -> None:
        self.assignment, self.tally = assignment, _tallied(seen)
        self.whole = reads.sight.scope(actor, assignment.entity, "read") == ALWAYS
        users = {*self.tally.given, *self.tally.passed}
        self.names = reads.titles(actor, {Ref("user", user) for user in users}, connection)
        self.titles = reads.titles(actor, {Ref(assignment.entity, row[1]) for row in seen[:LATEST]}, connection)
        below = rows(connection, 'select "user" from crm_reach where superior = ?', (actor.user,))
        self.mine = users if self.whole else users & {actor.user, *(user for (user,) in below)}

    def people(self, loads: Mapping[int, int]) -> tuple[Share, ...]:
        given, total = self.tally.given, sum(self.tally.given.values())
        found = [
            Share(self._person(user), given[user], round(100 * given[user] / (total or 1)), loads.get(user, 0),
                  self.tally.passed.get(user, {}))
            for user in self.mine if ("user", user) in self.names
        ]  # fmt: skip
        return tuple(sorted(found, key=lambda one: (-one.given, str(one.person.title))))

    def gift(self, row: tuple[Any, ...]) -> Gift:
        at, record, user, state, why, passed = row
        entity = self.assignment.entity
        ref = Ref(entity, record, self.titles.get((entity, record)))
        said = passed_in(passed)
        told = tuple(self._passed(other, said[other]) for other in said if other in self.mine)
        moment = datetime.fromtimestamp(at / 1000, UTC)
        return Gift(moment, ref, self._person(user) if user else None, state, why if self.whole else "", told)

    def _person(self, user: int) -> Ref:
        return Ref("user", user, self.names.get(("user", user)))

    def _passed(self, user: int, why: Passed) -> str:
        return why.said if self.whole else f"{self._person(user).title or 'Somebody'}: {KINDS.get(why.kind, why.kind)}"


def _found(
    connection: Connection, assignment: Assignment, since: datetime, superior: int | None
) -> list[tuple[Any, ...]]:
    """What was given; to `superior` and whoever is below them, where one is named: what others got cuts nothing off."""
    theirs = ' and ("user" = ? or "user" in (select "user" from crm_reach where superior = ?))' if superior else ""
    text = (
        'select at, record, "user", state, why, passed from crm_given where assignment = ? '
        f"and (at >= ? or state = 'waiting'){theirs} order by id desc limit ?"
    )
    who = (superior, superior) if superior else ()
    return rows(connection, text, (assignment.name, round(since.timestamp() * 1000), *who, MOST + 1))


def _visible(
    reads: Reads, connection: Connection, actor: Actor, assignment: Assignment, found: list[tuple[Any, ...]]
) -> Iterator[tuple[Any, ...]]:
    """Of records that the actor may read."""
    for start in range(0, len(found), IN_ONE):
        some = found[start : start + IN_ONE]
        readable = reads.titles(actor, {Ref(assignment.entity, row[1]) for row in some}, connection)
        yield from (row for row in some if (assignment.entity, row[1]) in readable)


def _tallied(seen: list[tuple[Any, ...]]) -> _Tally:
    tally = _Tally()
    for _, _, user, state, _, passed in seen:
        if user is not None:
            tally.given[user] += 1
        tally.waiting += state == "waiting"
        for other, why in passed_in(passed).items():
            tally.passed[other][why.kind] += 1
    return tally


def _loads(reads: Reads, actor: Actor, assignment: Assignment) -> dict[int, int]:
    counts = None if assignment.counts == ALWAYS else assignment.counts
    if "owner" not in reads.sight.fields(actor.role, assignment.entity):
        return {}
    summary = reads.aggregate(actor, assignment.entity, counts, ("owner",))
    return {row[0].id: row[1] for row in summary.rows if row[0] is not None}
