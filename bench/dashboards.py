"""Each dashboard of RSoft at a million leads and two million activities, beside its statements alone.

    python -m bench.dashboards --database sqlite:////var/tmp/desks.db             # filled when it is empty
    python -m bench.dashboards --database postgresql://crm@127.0.0.1/desks --slow 100

The page is asked of the ASGI application; each statement that it asks is kept, and asked again of the database alone in
the same run. Times are wall, the median of several. `first` is the very first page, `page` is what
a person waits for after that, `later` how many charts come after it, `whole` until the last of them is there, one after the
other; `ratio` is whole against the statements; MB is the most memory that the process has had.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from bench.fill import KEYS, SET, caller_key, fill, fit, renew
from engine.records.database import Connection, Database
from engine.runtime import Runtime
from engine.settings import Settings
from engine.web.app import make_app

LEADS, CALLS = 1_000_000, 1.9  # with an appointment for every tenth lead: two million activities
TIMES = 3
LATER = re.compile(r'data-later="([^"]+)"')
PEOPLE = {"caller": caller_key(0), "manager": KEYS["manager"], "administrator": KEYS["administrator"]}


@dataclass
class Spy:
    """What was asked of the database while `on`."""

    asked: list[tuple[str, Any]]
    on: bool = False

    def listen(self) -> None:
        for name in ("rows", "rows_afresh", "run", "run_unprepared"):
            setattr(Connection, name, self._heard(getattr(Connection, name)))

    def _heard(self, ask: Callable[..., Any]) -> Callable[..., Any]:
        def heard(connection: Connection, statement: Any, values: Any = ()) -> Any:
            if self.on:
                bare = isinstance(statement, str)
                self.asked.append((statement, values) if bare else (statement.text, statement.bind(values)))
            return ask(connection, statement, values)

        return heard


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--database", required=True)
    given.add_argument("--leads", type=int, default=LEADS)
    given.add_argument("--only", default="", help="dashboards with this in their names")
    given.add_argument("--who", choices=PEOPLE)
    given.add_argument("--slow", type=float, help="tell each statement that takes longer, in ms")
    told = given.parse_args()
    prepare(told.database, told.leads)
    runtime = Runtime(SET, Settings(database_url=told.database, files=Path("/tmp")))
    spy = Spy([])
    spy.listen()
    print(f"{'dashboard':18} {'who':14} {'first':>8} {'page':>8} {'later':>5} {'whole':>8} {'statements':>11} {'alone':>8} "
          f"{'ratio':>6} {'KB':>6} {'MB':>6}")  # fmt: skip
    for line in measured(runtime, spy, told):
        print(line, flush=True)
    runtime.close()


def prepare(url: str, leads: int) -> None:
    fit(url)
    database = Database(url)
    with database.reading() as connection:
        is_empty = not connection.run("select 1 from lead limit 1")
        people = dict(connection.run('select name, id from "user"'))
    if is_empty:
        fill(url, leads, calls=CALLS)
    else:
        renew_all(database, people)
    database.close()


def renew_all(database: Database, people: dict[str, int]) -> None:
    """Sessions end; the bench's own begin anew."""
    with database.writing() as connection:
        connection.change("delete from crm_session")
    names = {"caller": "Caller 00", "manager": "Manager 0", "administrator": "Dev Menon"}
    renew(database, {PEOPLE[who]: people[name] for who, name in names.items()})


def measured(runtime: Runtime, spy: Spy, told: Any) -> Iterator[str]:
    app = make_app(runtime)
    for who, key in PEOPLE.items():
        for name, desk in runtime.current.blueprint.dashboards.items():
            if who in desk.roles and told.only in name and told.who in (None, who):
                yield _line(app, runtime, spy, name, who, key, told.slow)


def _line(app: Any, runtime: Runtime, spy: Spy, name: str, who: str, key: str, slow: float | None) -> str:
    pages, wholes, size, later = [], [], 0, []
    for _ in range(TIMES + 1):  # the first learns which charts take long, and is not counted
        spy.asked.clear()
        spy.on, began = True, time.perf_counter()
        body = asyncio.run(get(app, f"/dashboards/{name}", key))
        pages.append(time.perf_counter() - began)
        later = [unescape(found) for found in LATER.findall(body.decode())]
        size = len(body) + sum(len(asyncio.run(get(app, place, key))) for place in later)
        wholes.append(time.perf_counter() - began)
        spy.on = False
    alone = _alone(runtime.database, list(spy.asked), slow)
    page, whole = statistics.median(pages[1:]), statistics.median(wholes[1:])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return (f"{name:18} {who:14} {pages[0]:7.2f}s {page:7.2f}s {len(later):>5} {whole:7.2f}s {len(spy.asked):>11} "
            f"{alone:7.2f}s {whole / alone:>6.2f} {size / 1024:>6.0f} {memory:>6}")  # fmt: skip


def _alone(database: Database, asked: list[tuple[str, Any]], slow: float | None) -> float:
    """Seconds of the statements, each the median of several."""
    whole = 0.0
    with database.reading() as connection:
        for text, values in asked:
            taken = []
            for _ in range(TIMES):
                began = time.perf_counter()
                connection.run(text, values)
                taken.append(time.perf_counter() - began)
            whole += (one := statistics.median(taken))
            if slow is not None and one * 1000 > slow:
                print(f"  {one * 1000:.0f} ms: {text}\n", flush=True)
    return whole


async def get(app: Any, address: str, key: str) -> bytes:
    path, _, query = address.partition("?")
    scope = {
        "type": "http", "method": "GET", "scheme": "http", "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "root_path": "", "http_version": "1.1", "server": ("crm.example", 80),
        "client": ("203.0.113.9", 50000), "headers": [(b"host", b"crm.example"), (b"cookie", f"crm={key}".encode())],
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert sent[0]["status"] == 200, (address, sent[0]["status"])
    return b"".join(m.get("body", b"") for m in sent[1:])


if __name__ == "__main__":
    main()
