# ruff: noqa: E501 (what is printed stays on one line)
"""Ten thousand reminders come due at one moment, with workers that are killed and a Redis that goes away: `make soak`.

Each test prints what it measured; what it asserts is that nothing is lost and how often something may come twice.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from redis import Redis

from engine.actor import robot
from engine.compiler import compile_set
from engine.records.apply import apply
from engine.records.commands import Create
from engine.records.database import Database
from engine.records.plan import plan
from engine.runtime import Runtime
from engine.settings import settings_for
from tests.delivery.conftest import FIRM
from tests.delivery.sink import Sink, sink
from tests.real import redis as real_redis
from tests.real.databases import Databases
from tests.real.redis import free_port

pytestmark = pytest.mark.soak

MESSAGES = int(os.environ.get("CRM_STORM", "10000"))
AHEAD = 25  # seconds from the making of the records to the moment at which all are due
KILLS = 5
SET = """notifications:
  new_lead: removed
  handed_over: removed
  dearer: removed
  welcome: removed
  storm:
    entity: lead
    at: {before: call_at, by: 1 hour}
    to: [%s]
    through: [%s]
    if_missed: all
    text: "{{ name }} soon."
"""
MAIL = "    subject: Soon\n"
HOLD = "    if_uncertain: hold\n"


@dataclass
class Storm:
    folder: Path
    url: str
    environment: dict[str, str]
    runtime: Runtime
    due: float = 0.0
    programs: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *command: str) -> subprocess.Popen[str]:
        started = subprocess.Popen(
            [sys.executable, "-m", "engine", *command], env=self.environment, stdout=subprocess.DEVNULL, text=True
        )
        self.programs.append(started)
        return started

    def work(self) -> subprocess.Popen[str]:
        return self.start("work", str(self.folder))

    def fill(self) -> None:
        """The leads, due together; their schedule has begun before."""
        crm = self.runtime.current
        do, engine = crm.writes.do, robot(crm.blueprint)
        owners = [
            do(engine, Create("user", {"name": f"C{n}", "email": f"c{n}@firm.example", "role": "caller"})).id
            for n in range(50)
        ]
        moment = datetime.now(UTC) + timedelta(hours=1, seconds=AHEAD + MESSAGES / 1500)
        given = [
            {"name": f"Lead {n}", "owner": str(owners[n % 50]), "email": f"l{n}@client.example", "call_at": moment.isoformat()}
            for n in range(MESSAGES)
        ]
        with crm.database.hurried():
            crm.writes.create_many(engine, "lead", given)
        self.due = (moment - timedelta(hours=1)).timestamp()

    def asked(self, text: str) -> list[Any]:
        with self.runtime.database.reading() as connection:
            return connection.run(text)

    def states(self) -> dict[str, int]:
        return dict(self.asked("select state, count(*) from crm_delivery group by state"))

    def close(self) -> None:
        for program in self.programs:
            program.kill()
            program.wait()
        self.runtime.close()


@contextmanager
def storm(
    databases: Databases, tmp_path: Path, to: str, through: str, hold: bool = False, **environment: str
) -> Iterator[Storm]:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "crm.yaml").write_text(f"name: storm\ntitle: Storm\nextends: {FIRM}\n")
    (folder / "entities.yaml").write_text("entities:\n  lead: {fields: {call_at: {type: datetime}}}\n")
    more = (MAIL if through == "email" else "") + (HOLD if hold else "")
    (folder / "notifications.yaml").write_text(SET % (to, through) + more)
    blueprint, url = compile_set(folder), databases.empty()
    database = Database(url)
    apply(plan(blueprint, database), database)
    database.close()
    given = {**os.environ, "CRM_DATABASE_URL": url, "CRM_FILES": str(tmp_path / "files"), **environment}
    runtime = Runtime(folder, settings_for(folder, given), read_set=lambda _: blueprint)
    opened = Storm(folder, url, given, runtime)
    try:
        yield opened
    finally:
        opened.close()


def until(true: Any, seconds: float) -> float:
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.1)
    return time.time()


def load() -> str:
    return f"load {os.getloadavg()[0]:.1f}"


def told(storm: Storm) -> int:
    return int(storm.asked("select count(*) from crm_notice")[0][0])


def p99(address: str, token: str, seconds: float, stop: threading.Event | None = None) -> float:
    """Milliseconds of a list asked again and again by one person."""
    taken, ends = [], time.monotonic() + seconds
    with httpx2.Client(base_url=address, headers={"authorization": f"Bearer {token}"}) as client:
        while time.monotonic() < ends and not (stop and stop.is_set()):
            began = time.perf_counter()
            assert client.get("/api/v1/lead?limit=50").status_code == 200
            taken.append((time.perf_counter() - began) * 1000)
            time.sleep(0.01)
    return sorted(taken)[int(len(taken) * 0.99)]


def test_in_app_reminders_are_all_there_within_a_minute_and_nobody_waits_for_them(
    databases: Databases, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with storm(databases, tmp_path, "owner", "app") as at:
        port = free_port()
        at.start("serve", str(at.folder), "--port", str(port))
        address = f"http://127.0.0.1:{port}"
        until(lambda: _answers(address), 60)
        at.fill()
        crm = at.runtime.current
        user = at.asked("select id from \"user\" order by id limit 1")[0][0]
        _, token = crm.tokens.make(_person(at, user), "storm")
        idle = p99(address, token, min(8, max(2.0, at.due - time.time() - 2)))
        until(lambda: time.time() >= at.due, 60)
        stop, busy = threading.Event(), []
        asking = threading.Thread(target=lambda: busy.append(p99(address, token, 120, stop)))
        asking.start()
        done = until(lambda: told(at) >= MESSAGES, 180)
        stop.set()
        asking.join()
        time.sleep(3)
        doubled = at.asked("select count(*) from (select record from crm_notice group by record having count(*) > 1) as d")[0][0]
        with capsys.disabled():
            print(f"\n{at.url.split(':')[0]}: {MESSAGES} in-app reminders visible {done - at.due:.1f} s after they were due; "
                  f"list p99 idle {idle:.1f} ms, during {busy[0]:.1f} ms ({busy[0] / idle:.2f}x); {load()}")  # fmt: skip
        assert told(at) == MESSAGES
        assert doubled == 0
        assert done - at.due < 60


@pytest.mark.parametrize("hold", [False, True], ids=["again", "hold"])
def test_mails_outlive_workers_that_are_killed(
    databases: Databases, tmp_path: Path, hold: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with sink(tmp_path) as mail, storm(databases, tmp_path, "client", "email", hold, CRM_SMTP_URL=mail.url) as at:
        first = at.work()
        until(lambda: at.asked("select count(*) from crm_watermark")[0][0] > 0, 60)
        at.fill()
        kills = _killed(at, mail, first)
        at.work()
        done = until(lambda: sum(n for s, n in at.states().items() if s in ("sent", "uncertain", "dead")) >= MESSAGES, 900)
        seen = Counter(mail.ids())
        twice = sum(1 for count in seen.values() if count > 1)
        states = at.states()
        with capsys.disabled():
            print(f"\n{at.url.split(':')[0]}, {'hold' if hold else 'send again'}: {kills} kills, {len(seen)} of {MESSAGES} mails "
                  f"arrived, {twice} twice, states {states}, {done - at.due:.0f} s after due; {load()}")  # fmt: skip
        if hold:
            assert twice == 0
            assert states.get("sent", 0) + states.get("uncertain", 0) == MESSAGES
            assert MESSAGES - len(seen) <= states.get("uncertain", 0)
        else:
            assert len(seen) == MESSAGES == states.get("sent", 0)
            assert max(seen.values()) <= 2
            assert twice <= kills


def test_mail_goes_out_at_a_hundred_and_fifty_a_second(
    databases: Databases, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sink(tmp_path) as mail, storm(databases, tmp_path, "client", "email", CRM_SMTP_URL=mail.url) as at:
        at.work()
        until(lambda: at.asked("select count(*) from crm_watermark")[0][0] > 0, 60)
        at.fill()
        began = until(lambda: mail.count() > 0, 120)
        done = until(lambda: mail.count() >= MESSAGES, 600)
        with capsys.disabled():
            print(f"\n{at.url.split(':')[0]}: {MESSAGES} mails in {done - began:.1f} s, {MESSAGES / (done - began):.0f} a second; {load()}")
        assert len(set(mail.ids())) == MESSAGES


def test_redis_may_stop_be_emptied_and_come_back(
    databases: Databases, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        server = real_redis.start()
    except real_redis.Unavailable as reason:
        pytest.skip(str(reason))
    with storm(databases, tmp_path, "owner", "app", CRM_REDIS_URL=server) as at:
        for _ in range(2):
            at.work()
        until(lambda: at.asked("select count(*) from crm_watermark")[0][0] > 0, 60)
        at.fill()
        connection = Redis.from_url(server)
        connection.flushall()
        until(lambda: told(at) > MESSAGES // 10, 120)
        connection.shutdown(nosave=True)
        done = until(lambda: told(at) >= MESSAGES, 180)
        time.sleep(2)
        with capsys.disabled():
            print(f"\n{at.url.split(':')[0]}: Redis emptied and stopped: all {MESSAGES} told {done - at.due:.1f} s after due; {load()}")
        assert told(at) == MESSAGES


@pytest.mark.parametrize("schedulers", [2, 5])
def test_several_schedulers_make_one_occurrence(
    databases: Databases, tmp_path: Path, schedulers: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with storm(databases, tmp_path, "owner", "app") as at:
        for _ in range(schedulers):
            at.work()
        until(lambda: at.asked("select count(*) from crm_watermark")[0][0] > 0, 90)
        at.fill()
        done = until(lambda: told(at) >= MESSAGES, 240)
        time.sleep(5)
        with capsys.disabled():
            print(f"\n{at.url.split(':')[0]}: {schedulers} schedulers: all {MESSAGES} told {done - at.due:.1f} s after due, {told(at)} in all; {load()}")
        assert told(at) == MESSAGES
        assert at.asked("select count(*) from crm_occurrence") == [(MESSAGES,)] or at.asked(
            "select count(distinct record) from crm_occurrence"
        ) == [(MESSAGES,)]


def _killed(at: Storm, mail: Sink, first: subprocess.Popen[str]) -> int:
    """Kills workers at random points while the mails go out; how many were killed."""
    dice, worker, kills = random.Random(7), first, 0
    for _ in range(KILLS):
        wanted = mail.count() + dice.randrange(1, MESSAGES // (KILLS + 2))
        until(lambda wanted=wanted: mail.count() >= wanted, 400)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        kills += 1
        worker = at.work()
    return kills


def _answers(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/healthz").status_code == 200
    except httpx2.HTTPError:
        return False


def _person(at: Storm, user: int) -> Any:
    person = at.runtime.current.accounts.people
    with at.runtime.database.reading() as connection:
        found = person.by_id(connection, user)
    assert found is not None
    return found.actor(at.runtime.current.blueprint)
