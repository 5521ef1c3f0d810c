"""`crm serve` has a worker beside it: a process that is there for as long as the server is, and not longer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from engine.actor import robot
from engine.jobs.bell import NEW_SET, Bell, Listener
from engine.records.apply import apply
from engine.records.commands import Create
from engine.records.database import Database
from engine.records.plan import plan
from engine.runtime import Runtime
from engine.settings import settings_for
from tests.delivery.conftest import FIRM
from tests.desk import compiled
from tests.real.redis import free_port

SMALL = f"""name: small
title: Small
extends: {FIRM}
"""


@dataclass
class Served:
    folder: Path
    environment: dict[str, str]
    runtime: Runtime
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None

    def start(self, *more: str) -> Served:
        command = [sys.executable, "-m", "engine", "serve", str(self.folder), "--port", str(self.port), *more]
        self.process = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.DEVNULL, stderr=(self.folder / "log").open("w"), text=True
        )
        eventually(lambda: self.health().get("workers") == 1)
        return self

    def health(self) -> dict[str, Any]:
        try:
            return dict(httpx2.get(f"http://127.0.0.1:{self.port}/readyz").json())
        except httpx2.HTTPError:
            return {}

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def workers(self) -> list[tuple[int, str, str]]:
        """(process, set, state) of each, the newest last."""
        return [tuple(row) for row in self.asked("select pid, blueprint, state from crm_worker order by id")]

    def asked(self, text: str) -> list[Any]:
        with self.runtime.database.reading() as connection:
            return connection.run(text)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        self.runtime.close()


def eventually(true: Callable[[], bool], seconds: float = 120) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, f"not within {seconds} s"
        time.sleep(0.05)


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """To be started, and ended."""
    opened = prepared(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Goes on through the tests that leave it alive."""
    opened = prepared(tmp_path_factory.mktemp("running"))
    yield opened.start()
    opened.close()


def prepared(place: Path) -> Served:
    folder, url = place / "set", f"sqlite:///{place / 'crm.db'}"
    folder.mkdir()
    (folder / "crm.yaml").write_text(SMALL)
    database = Database(url)
    apply(plan(compiled(folder), database), database)
    database.close()
    environment = {**os.environ, "CRM_DATABASE_URL": url, "CRM_FILES": str(place / "files")}
    environment.pop("CRM_REDIS_URL", None)
    return Served(folder, environment, Runtime(folder, settings_for(folder, environment)))


def test_a_worker_that_dies_is_followed_by_another_and_everybody_can_tell(running: Served) -> None:
    os.kill(running.workers()[-1][0], signal.SIGKILL)
    eventually(lambda: len(running.workers()) == 2)
    assert [state for _, _, state in running.workers()] == ["lost", "at work"]
    assert (running.health()["workers"], running.health()["workers_lost"]) == (1, 1)
    assert "killed by signal 9" in running.log
    told = httpx2.get(f"http://127.0.0.1:{running.port}/metrics").text
    assert "crm_workers 1.0" in told
    assert "crm_workers_lost 1.0" in told


def test_what_is_written_in_the_server_is_told_by_the_worker(running: Served) -> None:
    crm = running.runtime.current
    values = {"name": "Dev", "email": "dev@firm.example", "role": "administrator"}
    crm.writes.do(robot(crm.blueprint), Create("user", values))
    person = crm.accounts.actor("dev@firm.example")
    assert person is not None
    _, token = crm.tokens.make(person, "test")
    address, headers = f"http://127.0.0.1:{running.port}/api/v1/lead", {"authorization": f"Bearer {token}"}
    assert httpx2.post(address, headers=headers, json={"name": "Kiran", "email": "k@client.example"}).status_code == 201
    eventually(lambda: running.asked("select count(*) from crm_delivery") != [(0,)])


def test_a_bell_is_heard_by_whoever_listens_and_waits_for_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "bell")
    bell, heard = Bell(tmp_path / "bell"), threading.Semaphore(0)
    anew = threading.Event()
    assert not bell.ring()  # nobody is there yet
    listener = Listener(tmp_path / "bell", heard.release, anew.set)
    listener.start()
    assert bell.ring()
    assert heard.acquire(timeout=10)
    assert not anew.is_set()
    bell.ring(NEW_SET)
    assert anew.wait(10)


@pytest.mark.parametrize("more", [(), ("--workers", "2")], ids=["one", "two web processes"])
def test_it_ends_with_a_server_that_is_killed(served: Served, more: tuple[str, ...]) -> None:
    served.start(*more)
    workers = [pid for pid, _, state in served.workers() if state == "at work"]
    assert len(workers) == 1
    assert served.process is not None
    others = children(served.process.pid)
    served.process.kill()
    served.process.wait()
    eventually(lambda: not is_there(workers[0]))
    for pid in others:
        if is_there(pid):
            os.kill(pid, signal.SIGTERM)


def test_it_says_goodbye_when_the_server_is_told_to_end(served: Served) -> None:
    served.start()
    assert served.process is not None
    served.process.terminate()
    served.process.wait(20)
    assert [state for _, _, state in served.workers()] == ["ended"]
    assert not any(is_there(pid) for pid, _, _ in served.workers())


def test_a_set_that_is_read_anew_reaches_it(running: Served) -> None:
    pid, before, _ = running.workers()[-1]
    (running.folder / "crm.yaml").write_text(SMALL.replace("title: Small", "title: Smaller"))
    assert running.process is not None
    running.process.send_signal(signal.SIGHUP)
    eventually(lambda: running.workers()[-1][1] != before)
    assert running.workers()[-1][0] == pid


def children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(one) for one in (task / "children").read_text().split()]
    return found
