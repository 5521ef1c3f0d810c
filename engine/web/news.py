"""What a person is told arrives without a reload: one look for everybody who listens, in each process.

A look finds the new notices, the entities of which something changed, and who is at the records that are open. Each who
listens is told names only: `notice`, `changed lead call`, `presence`; the page then asks for its own address again, through
the read door.

A tab listens only while it is seen, so that a person with many tabs does not use up what their browser will open. A
stream ends after a while and the browser begins another: that is when the session is asked again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from engine.blueprint import Blueprint
from engine.clock import Clock
from engine.records import presence
from engine.records.database import Database
from engine.records.keys import milliseconds
from engine.records.notices import recent
from engine.records.presence import Tab
from engine.records.stirring import RECENT, Stirred, Stirring

log = logging.getLogger("crm")
LOOK = 1.5  # seconds between two looks
LASTS = 300.0  # seconds of a stream
MOST_LINES = 10  # streams of one person, in each process: tabs that are seen at once
BREATH = 20.0  # seconds after which a silent stream says that it is alive
GRACE = 2.0  # seconds that a page, and its asking to listen, may be on their way
RENEWED = 20.0  # seconds after which it is said again who is where
NOTICE, PRESENCE, END = "!notice", "!presence", "!end"  # no entity is called so
STILL = Stirred()
Heard = frozenset[str]  # NOTICE, PRESENCE, END, and names of entities of which something changed


@dataclass(slots=True, eq=False)
class Line:
    """One who listens. `tab`: the record at which this tab is."""

    user: int
    tab: Tab | None
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    heard: set[str] = field(default_factory=set)

    def tell(self, *names: str) -> None:
        self.heard.update(names)
        self.woken.set()

    def concerns(self, stirred: Stirred) -> frozenset[str]:
        """A list hears of all of its entity, a record's page of that record and what is done about it."""
        return stirred.entities if self.tab is None or stirred.touches(self.tab.record) else frozenset()

    def take(self) -> Heard:
        heard, self.heard = frozenset(self.heard), set()
        self.woken.clear()
        return heard


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found: who was told something, what changed, at which records people came or went."""

    told: frozenset[int] = frozenset()
    stirred: Stirred = STILL
    moved: frozenset[int] = frozenset()


class Newsroom:
    """Whoever listens is woken when there is something for them. Lives on the server's event loop."""

    def __init__(self, database: Callable[[], Database], blueprint: Callable[[], Blueprint], clock: Clock) -> None:
        self.database = database
        self.blueprint = blueprint
        self.clock = clock
        self.listeners: dict[int, set[Line]] = defaultdict(set)
        self.looking: asyncio.Task[None] | None = None
        self.seen: dict[int, int] = {}  # of the last moments: notice -> whose
        self.stirring = Stirring()
        self.lately: deque[tuple[float, Stirred]] = deque()  # what the looks of the last moments found, and when, s
        self.there: dict[int, frozenset[tuple[int, bool]]] = {}  # by record: who is at it
        self.said: dict[str, float] = {}  # by tab: when it was last said that it is there
        self.gone: set[str] = set()

    def has_room(self, user: int) -> bool:
        """Whether this person may listen once more. Asked on the server's event loop, or beside it: a guess is enough."""
        return len(self.listeners.get(user, ())) < MOST_LINES

    async def wakes(self, user: int, tab: Tab | None = None, age: float = 0) -> AsyncIterator[Heard]:
        """What there is for this person, by name; nothing to say that the line is alive. Ends after LASTS, with END.

        `age`: how many seconds ago the page was drawn. What was found since then is told again: it may not show it."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + LASTS
        if not self.has_room(user):  # several came at the same moment
            return
        with self._listening(Line(user, tab)) as line:
            missed = (line.concerns(stirred) for at, stirred in self.lately if at > loop.time() - age - GRACE)
            yield frozenset({NOTICE, *({PRESENCE} if tab else ())}.union(*missed))  # what came while nobody listened
            while (left := ends - loop.time()) > 0:
                try:
                    await asyncio.wait_for(line.woken.wait(), min(BREATH, left))
                except TimeoutError:
                    yield frozenset()
                else:
                    yield line.take()
        yield frozenset({END})

    @contextmanager
    def _listening(self, line: Line) -> Iterator[Line]:
        self.listeners[line.user].add(line)
        if self.looking is None or self.looking.done():
            self.looking = asyncio.create_task(self._look())
        try:
            yield line
        finally:
            self.listeners[line.user].discard(line)
            if not self.listeners[line.user]:
                del self.listeners[line.user]
            if line.tab is not None and self.said.pop(line.tab.key, None) is not None:
                self.gone.add(line.tab.key)

    async def _look(self) -> None:
        """Until nobody listens, and all who left are said to have."""
        while self.listeners or self.gone:
            await asyncio.sleep(LOOK)
            tabs = [line.tab for lines in self.listeners.values() for line in lines if line.tab is not None]
            gone, self.gone = self.gone, set()
            self._tell(await asyncio.to_thread(self._found, tabs, gone))

    def _tell(self, look: Look) -> None:
        self._keep(look.stirred)
        for user, lines in self.listeners.items():
            for line in lines:
                names = {NOTICE} if user in look.told else set()
                if line.tab is not None and line.tab.record in look.moved:
                    names.add(PRESENCE)
                if names := names | line.concerns(look.stirred):
                    line.tell(*names)

    def _keep(self, stirred: Stirred) -> None:
        now = asyncio.get_running_loop().time()
        while self.lately and self.lately[0][0] < now - RECENT.total_seconds():
            self.lately.popleft()
        if stirred.entities:
            self.lately.append((now, stirred))

    # ---- in a thread of its own

    def _found(self, tabs: list[Tab], gone: set[str]) -> Look:
        try:
            stirred = self.stirring.look(self.database(), self.blueprint(), self.clock())
            return Look(self._told(), stirred, self._moved(tabs, gone))
        except Exception:  # the database is away or busy for a moment: the next look finds what came meanwhile
            log.info("a look for news failed", exc_info=True)
            self.gone |= gone
            return Look()

    def _told(self) -> frozenset[int]:
        """Who was told something since the look before."""
        found = recent(self.database(), self.clock())
        fresh = {user for id, user in found.items() if id not in self.seen}
        self.seen = found
        return frozenset(fresh)

    def _moved(self, tabs: list[Tab], gone: set[str]) -> frozenset[int]:
        """Says who of this process is where, and finds at which records somebody came or went, wherever they are served."""
        if not (tabs or gone or self.there):
            return frozenset()
        now = milliseconds(self.clock())
        due = [tab for tab in tabs if now / 1000 - self.said.get(tab.key, 0) > RENEWED]
        if due or gone:
            presence.keep(self.database(), due, gone, now)
            self.said.update((tab.key, now / 1000) for tab in due)
        with self.database().reading() as connection:
            found = presence.at(connection, {tab.record for tab in tabs}, now)
        moved = {record for record in {*found, *self.there} if found.get(record) != self.there.get(record)}
        self.there = found
        return frozenset(moved)


__all__ = ["END", "NOTICE", "PRESENCE", "Heard", "Newsroom"]
