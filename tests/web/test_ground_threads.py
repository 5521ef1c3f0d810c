"""Calls are done in a few threads, answered in the loop that asked, and nobody waits for what failed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from engine.threads import Threads


@pytest.fixture
def threads() -> Iterator[Threads]:
    made = Threads(2, "test")
    yield made
    made.close()


def test_a_call_is_answered_from_another_thread(threads: Threads) -> None:
    async def asked() -> tuple[int, str]:
        return await threads.run(lambda a, b: (a + b, threading.current_thread().name), 1, 2)

    total, where = asyncio.run(asked())
    assert (total, where.startswith("test-")) == (3, True)


def test_what_a_call_raises_reaches_who_asked(threads: Threads) -> None:
    async def asked() -> None:
        await threads.run(lambda: 1 // 0)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(asked())
    assert asyncio.run(_answer(threads, 5)) == 5


def test_no_more_calls_are_done_at_once_than_there_are_threads(threads: Threads) -> None:
    lock, now, most = threading.Lock(), 0, 0

    def work() -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.01)
        with lock:
            now -= 1

    async def crowd() -> None:
        await asyncio.gather(*(threads.run(work) for _ in range(12)))

    asyncio.run(crowd())
    assert most == 2


def test_who_stops_waiting_holds_nobody_up(threads: Threads) -> None:
    async def impatient() -> int:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(threads.run(time.sleep, 0.1), 0.01)
        return await _answer(threads, 7)

    assert asyncio.run(impatient()) == 7


def test_closing_waits_for_what_was_begun() -> None:
    threads, done = Threads(1, "test"), []

    async def begin() -> None:
        threads.run(lambda: (time.sleep(0.05), done.append(True)))

    asyncio.run(begin())  # the loop is gone before the call ends
    threads.close()
    assert done == [True]


async def _answer(threads: Threads, value: int) -> int:
    return await threads.run(lambda: value)
