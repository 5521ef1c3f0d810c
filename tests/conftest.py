"""What every test may ask for. Real services, or a skip that says why."""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from engine.web import render_desk
from tests.real import chromium, postgres, redis
from tests.real.databases import Databases, PostgresDatabases, SQLiteDatabases
from tests.real.run import RUN_PID, Unavailable, once, shared_folder

# `ci` says the same on every run; `soak` looks further (make soak).
UNHURRIED = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
settings.register_profile(
    "ci", max_examples=50, deadline=None, derandomize=True, database=None, print_blob=True, suppress_health_check=UNHURRIED
)
settings.register_profile("soak", max_examples=3000, deadline=None, print_blob=True, suppress_health_check=UNHURRIED)
settings.load_profile("ci")


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(100_000, 50, 100)  # to look for what thousands of firms left is a fifth of the time
    render_desk.PATIENCE = render_desk.LONG = 600.0  # a page waits for all its charts, however slow the machine is
    if not hasattr(config, "workerinput"):
        os.environ[RUN_PID] = str(os.getpid())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long begin first, so that no worker has one left when the other is done."""
    items.sort(key=lambda item: not any(item.path.is_relative_to(folder) for folder in SLOW))


SLOW = [Path(__file__).parent / name for name in ("two_worlds", "journeys")]


@pytest.fixture
def sqlite_databases(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> SQLiteDatabases:
    return SQLiteDatabases(tmp_path, shared_folder(tmp_path_factory))


@pytest.fixture(scope="session")
def postgres_socket(tmp_path_factory: pytest.TempPathFactory) -> str:
    try:
        return once(shared_folder(tmp_path_factory), "postgres", postgres.start)
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture
def postgres_databases(
    postgres_socket: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PostgresDatabases]:
    databases = PostgresDatabases(postgres_socket, shared_folder(tmp_path_factory))
    yield databases
    databases.drop_all()


@pytest.fixture(params=["sqlite", "postgres"])
def databases(request: pytest.FixtureRequest) -> Databases:
    """The test runs twice: on SQLite and on PostgreSQL."""
    return request.getfixturevalue(f"{request.param}_databases")


@pytest.fixture
def sqlite_url(sqlite_databases: SQLiteDatabases) -> str:
    return sqlite_databases.empty()


@pytest.fixture
def postgres_url(postgres_databases: PostgresDatabases) -> str:
    return postgres_databases.empty()


@pytest.fixture
def database_url(databases: Databases) -> str:
    """The address of an empty database; the test runs twice, on SQLite and on PostgreSQL."""
    return databases.empty()


@pytest.fixture(scope="session")
def redis_server() -> str:
    try:
        return redis.start()
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The address of an empty Redis that no other worker uses."""
    from redis import Redis

    with Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


# By module, not by run: Playwright leaves an event loop in this thread, and asyncio's own tests would trip over it.
@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Playwright browser; `browser.new_context(viewport=...)` is a new person at a new machine."""
    try:
        with chromium.started() as started:
            yield started
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture
def free_port() -> int:
    return redis.free_port()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(why_skipped(report) for report in skipped)
    if reasons:
        terminalreporter.section("not tested here")
    for reason, count in reasons.most_common():
        terminalreporter.line(f"{count} skipped: {reason}")


def why_skipped(report: pytest.TestReport) -> str:
    where_and_why = report.longrepr
    reason = where_and_why[2] if isinstance(where_and_why, tuple) else str(where_and_why)
    return reason.removeprefix("Skipped: ")
