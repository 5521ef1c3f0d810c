"""What each question of the screens costs at a million leads, and beside a small database of the same kind.

    python -m bench.scale --database sqlite:////var/tmp/crm-bench-1000000.db --small sqlite:////var/tmp/crm-bench-10000.db
    python -m bench.scale --database postgresql://crm@127.0.0.1/big --rows 1000000      # fills it when it is empty
    python -m bench.scale --database ... --only searches --who caller --plans           # with what the database planned

ms are CPU: of this thread and, on a PostgreSQL of this machine, of its process for our connection. Each question is
asked eight times before it counts (PostgreSQL keeps a plan from the eighth on), then the least of several is taken.
`wall` is the least time that passed: larger than the CPU where PostgreSQL works with several processes.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.fill import CALLERS, SET, _person, fill, fit
from bench.questions import NEWCOMER, STARTER, Question, Questions
from engine.actor import robot
from engine.errors import CrmError
from engine.records.database import Connection, Database
from engine.runtime import Crm, Runtime
from engine.settings import Settings

WARM, TIMES = 8, 7
LONGEST = 3.0  # seconds for one question; a slow one is asked less often
BINNED = 500  # leads in the bin
OWN = 20  # leads of the newcomer
SLOW = 50.0  # ms: what a search may cost
GROWTH, NOISE = 1.3, 0.5  # of a list from small to large; ms that do not count


@dataclass(frozen=True, slots=True)
class Cost:
    kind: str
    who: str
    name: str
    cpu: float
    wall: float


def main() -> None:
    told = _told()
    prepare(told.database, told.rows)
    if told.small:
        prepare(told.small, told.rows // 100)
    small = {(c.kind, c.who, c.name): c for c in measured(told.small, told)} if told.small else {}
    print(f"{'':14} {'':14} {'':34} {'ms':>9} {'wall':>9} {'small':>9} {'times':>6}")
    found = []
    for cost in measured(told.database, told):
        found.append((cost, small.get((cost.kind, cost.who, cost.name))))
        print(line(*found[-1]), flush=True)
    if told.json:
        rows = [{**asdict(cost), "small": less.cpu if less else None} for cost, less in found]
        told.json.write_text(json.dumps(rows, indent=1))


def _told() -> argparse.Namespace:
    given = argparse.ArgumentParser(
        prog="python -m bench.scale", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    given.add_argument("--database", required=True, help="an address as in CRM_DATABASE_URL; filled when it is empty")
    given.add_argument("--small", help="one of the same kind with a hundredth of the leads, to compare with")
    given.add_argument("--rows", type=int, default=1_000_000, help="leads, where it must be filled")
    given.add_argument("--only", action="append", default=[], help="lists, sorts, filters, searches, records, desks, others")
    given.add_argument("--who", action="append", default=[], help="caller, newcomer, manager, administrator")
    given.add_argument("--name", default="", help="questions with this in their names")
    given.add_argument("--plans", action="store_true", help="print what is asked and how the database goes about it")
    given.add_argument("--json", type=Path)
    return given.parse_args()


def line(cost: Cost, less: Cost | None) -> str:
    ratio = cost.cpu / less.cpu if less and less.cpu else None
    grown = ratio is not None and less is not None and ratio > GROWTH and cost.cpu - less.cpu > NOISE
    marks = ("SLOW " if max(cost.cpu, cost.wall) > SLOW else "") + ("GROWS" if grown else "")
    beside = f"{less.cpu:9.2f} {ratio:6.1f}" if less and ratio is not None else ""
    return f"{cost.kind:14} {cost.who:14} {cost.name:34} {cost.cpu:9.2f} {cost.wall:9.2f} {beside:16} {marks}"


# ---- what is measured


def measured(url: str, told: Any) -> Iterator[Cost]:
    runtime = Runtime(SET, Settings(database_url=url, files=Path("/tmp")))
    crm = runtime.current
    spy = Spy(crm.database)
    for question in Questions(crm).all():
        if _is_asked(question, told):
            if told.plans:
                spy.explain(question)
            try:
                yield _cost(question, crm, spy)
            except CrmError as error:
                print(f"{question.kind:14} {question.who:14} {question.name:34} REFUSED: {error}")
    runtime.close()


def _is_asked(question: Question, told: Any) -> bool:
    kinds, people = told.only, told.who
    return (
        (not kinds or question.kind in kinds)
        and (not people or question.who in people)
        and told.name in question.name
    )


def _cost(question: Question, crm: Crm, spy: Spy) -> Cost:
    began = time.perf_counter()
    taken = []
    for at in range(WARM + TIMES):
        cpu, wall = spy.cpu(), time.perf_counter()
        question.ask()
        taken.append((spy.cpu() - cpu, time.perf_counter() - wall))
        if time.perf_counter() - began > LONGEST and at > 1:
            break
    kept = taken[WARM:] or taken[-2:]
    return Cost(
        question.kind, question.who, question.name, 1000 * min(c for c, _ in kept), 1000 * min(w for _, w in kept)
    )


class Spy:
    """The CPU that our side and, where it can be seen, the server's process for our connection have used.

    The connection given back last is lent first, so that one thread is served by one of them."""

    def __init__(self, database: Database) -> None:
        self.database, self.file = database, None
        if database.dialect == "postgresql":
            with database.reading() as connection:
                pid = connection.run("select pg_backend_pid()")[0][0]
            file = Path(f"/proc/{pid}/schedstat")
            self.file = file if file.exists() else None

    def cpu(self) -> float:
        """Seconds."""
        theirs = int(self.file.read_text().split()[0]) / 1e9 if self.file else 0.0
        return time.thread_time() + theirs

    def explain(self, question: Question) -> None:
        asked: list[tuple[str, Any]] = []
        rows = Connection.rows

        def heard(self: Connection, statement: Any, values: Any) -> Any:
            asked.append((statement.text, statement.bind(values)))
            return rows(self, statement, values)

        Connection.rows = heard  # type: ignore[method-assign]
        try:
            question.ask()
        finally:
            Connection.rows = rows  # type: ignore[method-assign]
        print(f"\n---- {question.who}: {question.kind}, {question.name}", file=sys.stderr)
        for text, values in asked:
            self._explain(text, values)

    def _explain(self, text: str, values: Any) -> None:
        how = "explain query plan" if self.database.dialect == "sqlite" else "explain (analyze, buffers)"
        with self.database.reading() as connection:
            plan = connection.run(f"{how} {text}", values)
        print(text, values, *(row[-1] for row in plan), sep="\n", file=sys.stderr)


# ---- what it is measured on


def prepare(url: str, rows: int) -> None:
    """Fills an empty database; adds what the million does not have: a newcomer with few leads, a bin, notices."""
    if _is_empty(url):
        fill(url, rows)
    else:
        fit(url)
    runtime = Runtime(SET, Settings(database_url=url, files=Path("/tmp")))
    crm = runtime.current
    with crm.database.reading() as connection:
        known = {name: id for id, name in connection.run('select id, name from "user"')}
    if NEWCOMER not in known:
        _add_the_rest(crm, known)
    runtime.close()


def _is_empty(url: str) -> bool:
    fit(url)
    database = Database(url)
    with database.reading() as connection:
        found = connection.run("select 1 from lead limit 1")
    database.close()
    return not found


def _add_the_rest(crm: Crm, known: dict[str, int]) -> None:
    with crm.database.reading() as connection:
        team = connection.run("select id from team limit 1")[0][0]
    who = robot(crm.blueprint, "Fill")
    starter = _person(crm, who, STARTER, "manager", known["Dev Menon"], team)
    newcomer = _person(crm, who, NEWCOMER, "caller", starter, team)
    with crm.database.writing() as connection:
        mark = connection.mark
        ids = [row[0] for row in connection.run("select id from lead order by id")]
        own, binned = ids[:: len(ids) // OWN][:OWN], ids[7 :: len(ids) // BINNED][:BINNED]
        connection.change_many(f"update lead set owner = {mark} where id = {mark}", [(newcomer, id) for id in own])
        connection.change_many(
            f"update lead set deleted_at = {mark} where id = {mark}", [(1_700_000_000_000, id) for id in binned]
        )
        notices = [
            (ids[0] + n, user, n, "told", "lead", ids[n], "A lead came in", n if n % 3 else None)
            for n, user in enumerate(list(known.values()) * (min(len(ids), 100_000) // CALLERS))
            if n < len(ids)
        ]
        columns = ("id", "user", "at", "notification", "entity", "record", "text", "read_at")
        connection.insert_many("crm_notice", columns, notices)
        if connection.dialect == "postgresql":  # as its own housekeeping would; SQLite has no such
            connection.change("analyze")


if __name__ == "__main__":
    main()
