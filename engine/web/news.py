"""What a person is told arrives without a reload: one look at the new notices for everybody who listens, in each process.

A tab listens only while it is seen, so that a person with many tabs does not use up what their browser will open. A
stream ends after a while and the browser begins another: that is when the session is asked again.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import contextmanager
from typing import Any

from engine.clock import Clock
from engine.errors import CrmError
from engine.records.database import Database
from engine.records.notices import recent

LOOK = 1.5  # seconds between two looks
LASTS = 300.0  # seconds of a stream
MOST_LINES = 10  # streams of one person, in each process: tabs that are seen at once
BREATH = 20.0  # seconds after which a silent stream says that it is alive


class Newsroom:
    """Whoever listens is woken when they have a new notice. Lives on the server's event loop."""

    def __init__(self, database: Callable[[], Database], clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.listeners: dict[int, set[asyncio.Event]] = defaultdict(set)
        self.looking: asyncio.Task[None] | None = None
        self.seen: dict[int, int] = {}  # of the last moments: notice -> whose

    def has_room(self, user: int) -> bool:
        """Whether this person may listen once more. Asked on the server's event loop, or beside it: a guess is enough."""
        return len(self.listeners.get(user, ())) < MOST_LINES

    async def wakes(self, user: int) -> AsyncIterator[bool]:
        """True when there is news for this person, False to say that the line is alive; ends after LASTS."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + LASTS
        if not self.has_room(user):  # several came at the same moment
            return
        with self._listening(user) as woken:
            yield True  # what came while nobody listened
            while (left := ends - loop.time()) > 0:
                try:
                    await asyncio.wait_for(woken.wait(), min(BREATH, left))
                except TimeoutError:
                    yield False
                else:
                    woken.clear()
                    yield True

    @contextmanager
    def _listening(self, user: int) -> Any:
        woken = asyncio.Event()
        self.listeners[user].add(woken)
        if self.looking is None or self.looking.done():
            self.looking = asyncio.create_task(self._look())
        try:
            yield woken
        finally:
            self.listeners[user].discard(woken)
            if not self.listeners[user]:
                del self.listeners[user]

    async def _look(self) -> None:
        """Until nobody listens."""
        while self.listeners:
            await asyncio.sleep(LOOK)
            for user in await asyncio.to_thread(self._told):
                for woken in self.listeners.get(user, ()):
                    woken.set()

    def _told(self) -> set[int]:
        """Who was told something since the look before."""
        try:
            found = recent(self.database(), self.clock())
        except CrmError:  # the database is away for a moment: the next look finds what came meanwhile
            return set()
        fresh = {user for id, user in found.items() if id not in self.seen}
        self.seen = found
        return fresh
