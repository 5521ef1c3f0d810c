"""Redis wakes the workers; what is due is in the database, whatever becomes of Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from engine.actor import robot
from engine.cli._server import start_ringing
from engine.compiler import compile_set
from engine.jobs.queue import Bell, queue_name
from engine.records.apply import apply
from engine.records.commands import Create
from engine.records.database import Database
from engine.records.plan import plan
from engine.runtime import Runtime
from engine.settings import settings_for
from tests.real import redis as real_redis
from tests.records.changing import ask

RSOFT = Path(__file__).resolve().parents[2] / "config" / "rsoft"


class Desk:
    """A firm's database, a Redis of its own, and worker programs that come and go."""

    def __init__(self, tmp_path: Path) -> None:
        self.environment = {
            **os.environ, "CRM_DATABASE_URL": f"sqlite:///{tmp_path / 'crm.db'}", "CRM_FILES": str(tmp_path / "files"),
            "CRM_REDIS_URL": real_redis.start(),
        }  # fmt: skip
        blueprint = compile_set(RSOFT)
        database = Database(self.environment["CRM_DATABASE_URL"])
        apply(plan(blueprint, database), database)
        database.close()
        self.runtime = Runtime(RSOFT, settings_for(RSOFT, self.environment), read_set=lambda _: blueprint)
        self.workers: list[subprocess.Popen[str]] = []
        values = {"name": "Dev", "email": "dev@rsoft.example", "role": "administrator"}
        self.runtime.current.writes.do(robot(blueprint), Create("user", values))

    def worker(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "engine", "work", str(RSOFT)]
        started = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)
        self.workers.append(started)
        assert started.stdout is not None
        assert "working" in started.stdout.readline()
        return started

    def lead(self, name: str) -> None:
        crm = self.runtime.current
        crm.writes.do(robot(crm.blueprint), Create("lead", {"first_name": name, "phone": "98765 43210"}))

    def told(self) -> int:
        return len(ask(self.runtime.database, "select id from crm_notice where notification = 'new_lead'"))

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.runtime.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    try:
        opened = Desk(tmp_path)
    except real_redis.Unavailable as reason:
        pytest.skip(str(reason))
    yield opened
    opened.close()


def eventually(true: Callable[[], bool], seconds: float = 20) -> float:
    """How long it took."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if true():
            return time.monotonic() - began
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")


def test_a_worker_is_woken_by_what_a_web_process_wrote_and_ends_when_told(desk: Desk) -> None:
    worker = desk.worker()
    start_ringing(desk.runtime)  # the web process rings
    desk.lead("Anil")
    eventually(lambda: desk.told() == 1)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=30) == 0


def test_a_job_that_names_anything_else_is_not_run(desk: Desk, tmp_path: Path) -> None:
    connection = Redis.from_url(desk.environment["CRM_REDIS_URL"])
    queue = Queue(queue_name(desk.runtime), connection=connection, serializer=JSONSerializer)
    job = queue.enqueue_call("os.system", args=[f"touch {tmp_path / 'owned'}"])
    desk.worker()
    eventually(lambda: job.get_status(refresh=True) == "failed")
    assert not (tmp_path / "owned").exists()
    desk.lead("Anil")
    eventually(lambda: desk.told() == 1)  # and the worker goes on


def test_what_redis_forgets_is_found_in_the_database(desk: Desk) -> None:
    Bell(desk.runtime).ring()
    Redis.from_url(desk.environment["CRM_REDIS_URL"]).flushall()
    desk.lead("Anil")
    desk.worker()
    eventually(lambda: desk.told() == 1)


def test_nobody_notices_that_redis_is_away(desk: Desk) -> None:
    desk.worker()
    desk.lead("Anil")
    eventually(lambda: desk.told() == 1)
    Redis.from_url(desk.environment["CRM_REDIS_URL"]).shutdown(nosave=True)
    desk.lead("Bina")
    assert eventually(lambda: desk.told() == 2) < 15


def test_redis_holds_nothing_of_a_record(desk: Desk) -> None:
    desk.lead("Anil Kumar")
    Bell(desk.runtime).ring()
    connection = Redis.from_url(desk.environment["CRM_REDIS_URL"])
    kept = b" ".join(
        key + b" " + b" ".join(connection.hgetall(key).values() if connection.type(key) == b"hash" else [])
        for key in connection.keys("*")
    )
    assert b"crm.round" in kept
    assert b"Anil" not in kept
    assert b"43210" not in kept
