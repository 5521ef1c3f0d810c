"""Both servers on copies of one database, asked the same things in turn; CPU of the server counts first."""

from __future__ import annotations

import json
import os
import random
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from bench.client import Heard, ask, request
from bench.fill import CALLERS, FIRST, LAST, SET, caller_key, worn
from engine.records.accounts import hashed
from engine.web.security import form_token

HERE = Path(__file__).parent.parent
ROUNDS = 7
STAGES = ("NOT ATTEMPTED", "FOLLOW-UP", "DEMO CONFIRMED", "CLOSE TO LOOSE")


@dataclass(frozen=True, slots=True)
class Lead:
    id: int
    owner: int  # the caller's number
    status: str
    version: int
    phone: str


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of request; `make` gives as many as are asked for."""

    name: str
    make: Callable[[int], list[bytes]]
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one server at one work: CPU ms of the server per request, requests a second, ms for the middle and the slowest."""

    cpu: float
    rate: float
    p50: float
    p99: float
    bytes: int


class Server:
    """`ours` or `theirs`, in a process of its own."""

    def __init__(self, which: str, database: Path) -> None:
        self.which, self.port = which, _free()
        settings = {"CRM_DATABASE_URL": f"sqlite:///{database}", "BENCH_DATABASE": str(database), "CRM_API_BUDGET": "0"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.serve", which, str(self.port)], cwd=HERE, env={**os.environ, **settings}
        )
        self._wait()

    def cpu(self) -> float:
        """ms of all its threads so far."""
        total = 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
        return total / 1e6

    def memory(self) -> float:
        """MB that are resident now."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))

    def _wait(self) -> None:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        raise SystemExit(f"{self.which} did not start")

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def compare(
    data: Path, leads: int, only: Sequence[str] = (), rounds: int = ROUNDS, scale: float = 1.0
) -> dict[str, dict[str, Figures]]:
    found: dict[str, dict[str, Figures]] = {}
    database = worn(data, leads)
    _sign_in(database)
    works = [w for w in works_on(database) if not only or w.name in only]
    servers = [Server(which, database) for which in ("ours", "theirs")]
    try:
        for work in works:
            found[work.name] = _measured(work, servers, rounds, max(32, int(work.count * scale)))
            print(row(work.name, found[work.name]), flush=True)
    finally:
        for server in servers:
            server.close()
    return found


def _measured(work: Work, servers: list[Server], rounds: int, count: int) -> dict[str, Figures]:
    some: dict[str, list[Figures]] = {server.which: [] for server in servers}
    for number in range(rounds + 1):
        for server in servers if number % 2 else servers[::-1]:
            figures = _asked(server, work.make(count if number else 64))
            if number:  # the first round warms both
                some[server.which].append(figures)
    return {which: _middle(figures) for which, figures in some.items()}


def _asked(server: Server, requests: list[bytes]) -> Figures:
    before = server.cpu()
    heard = ask(server.port, requests)
    spent = server.cpu() - before
    _check(server, heard)
    times = sorted(heard.seconds)
    return Figures(
        spent / len(times), len(times) / heard.whole, times[len(times) // 2] * 1000,
        times[int(len(times) * 0.99)] * 1000, heard.bytes // len(times),
    )  # fmt: skip


def _check(server: Server, heard: Heard) -> None:
    if any(status >= 400 for status in heard.statuses):
        raise SystemExit(f"{server.which} answered {heard.statuses}: {heard.bodies[0][:500]!r}")


def _middle(figures: list[Figures]) -> Figures:
    each = zip(*(asdict(one).values() for one in figures), strict=True)
    cpu, rate, p50, p99, size = (statistics.median(values) for values in each)
    return Figures(round(cpu, 4), round(rate, 1), round(p50, 2), round(p99, 2), int(size))


# ---- what is asked


def works_on(database: Path) -> list[Work]:
    leads, draw = _leads(database), random.Random(7)
    draw.shuffle(leads)
    fresh = [lead for lead in leads if lead.status == "NOT ATTEMPTED" and lead.version == 1]

    def key() -> str:
        return caller_key(draw.randrange(CALLERS))

    def many(one: Callable[[], bytes]) -> Callable[[int], list[bytes]]:
        return lambda count: [one() for _ in range(count)]

    def listing(path: str) -> Callable[[], bytes]:
        return lambda: request("GET", f"{path}?status={quote(draw.choice(STAGES))}", key())

    def search(path: str, text: Callable[[], str]) -> Callable[[], bytes]:
        return lambda: request("GET", f"{path}?q={quote(text())}", key())

    def name() -> str:
        return f"{draw.choice(FIRST)} {draw.choice(LAST)}"

    def phone() -> str:
        return draw.choice(leads).phone[-7:]

    def one(path: str) -> Callable[[], bytes]:
        def made() -> bytes:
            lead = draw.choice(leads[1000:3000])
            return request("GET", f"{path}/{lead.id}", caller_key(lead.owner))

        return made

    def create() -> bytes:
        first, last = draw.choice(FIRST), draw.choice(LAST)
        values = {
            "first_name": first, "last_name": last, "phone": f"98{draw.randrange(10**8):08}", "source": "Google",
            "email": f"{first}.{last}{draw.randrange(10**9)}@example.com".lower(), "city": "Pune",
        }  # fmt: skip
        return _post("/api/v1/lead", key(), values, draw)

    def move() -> bytes:
        lead = fresh.pop()
        values = {"transition": "lose", "version": lead.version, "values": {"lost_reason": "Price"}}
        return _post(f"/api/v1/lead/{lead.id}/transitions", caller_key(lead.owner), values, draw)

    return [
        Work("list HTML", many(listing("/lead")), 400),
        Work("list JSON", many(listing("/api/v1/lead")), 600),
        Work("detail HTML", many(one("/lead")), 300),
        Work("detail JSON", many(one("/api/v1/lead")), 800),
        Work("search name JSON", many(search("/api/v1/lead", name)), 600),
        Work("search phone JSON", many(search("/api/v1/lead", phone)), 600),
        Work("search name HTML", many(search("/lead", name)), 300),
        Work("stage change", many(move), 250),
        Work("create", many(create), 250),
    ]


def _post(path: str, key: str, values: object, draw: random.Random) -> bytes:
    headers = {"X-CSRF-Token": form_token(key), "Idempotency-Key": f"{draw.randrange(10**18):018}"}
    return request("POST", path, key, json.dumps(values).encode(), headers)


def _leads(database: Path) -> list[Lead]:
    with sqlite3.connect(database) as raw:
        owners = dict(raw.execute("select id, cast(substr(name, 8) as integer) from user where role = 'caller'"))
        rows = raw.execute("select id, owner, status, version, phone from lead order by id desc limit 60000")
        return [Lead(id, owners[owner], status, version, phone) for id, owner, status, version, phone in rows]


def _sign_in(database: Path) -> None:
    """The sessions in the file are as old as the file."""
    now = int(datetime.now(UTC).timestamp() * 1000)
    with sqlite3.connect(database) as raw:
        raw.execute("update crm_session set seen_at = ?, expires_at = ?", (now + 3_600_000, now + 10**9))


# ---- how it is told


def row(name: str, both: dict[str, Figures]) -> str:
    ours, theirs = both["ours"], both["theirs"]
    return (
        f"{name:18} {ours.cpu:7.3f} {theirs.cpu:7.3f} {ours.cpu / theirs.cpu:6.2f}x  {ours.rate:7.0f} {theirs.rate:7.0f}"
        f"  {ours.p50:6.1f} {ours.p99:7.1f}  {theirs.p50:6.1f} {theirs.p99:7.1f}  {ours.bytes:7} {theirs.bytes:7}"
    )


HEAD = (
    f"{'':18} {'CPU ms a request':>23}  {'requests/s':>15}  {'ours p50 p99':>14}  {'hand p50 p99':>14}  {'bytes':>15}\n"
    f"{'':18} {'ours':>7} {'hand':>7} {'ratio':>7}  {'ours':>7} {'hand':>7}"
)


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


__all__ = ["HEAD", "SET", "compare", "hashed", "row"]
