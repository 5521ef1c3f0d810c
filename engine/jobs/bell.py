"""Web processes wake the worker of their machine: a byte down a named pipe says that something was written, or that the set
was read anew.

Nothing depends on it: a worker that hears nothing looks each second. A pipe by name is reached from any number of processes,
however they were started.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

from engine.runtime import Runtime

NEWS, NEW_SET = b"n", b"s"
VARIABLE = "CRM_BELL"  # where processes that `crm serve` starts find the pipe

log = logging.getLogger("crm")


class Bell:
    """The end that rings. Never waits, and minds nobody who does not listen."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.pipe: int | None = None

    def ring(self, what: bytes = NEWS) -> bool:
        """False when nobody listens."""
        for _ in range(2):  # once more, for a worker that has begun since
            try:
                if self.pipe is None:
                    self.pipe = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
                os.write(self.pipe, what)
                return True
            except BlockingIOError:  # it is full: it will be heard
                return True
            except OSError:
                self._drop()
        return False

    def _drop(self) -> None:
        pipe, self.pipe = self.pipe, None
        if pipe is not None:
            os.close(pipe)


class Ringer(threading.Thread):
    """In a web process: rings as soon as something was written, so that no request waits for it. `ring` is told whether the
    set is another since the last time."""

    GATHER = 0.05  # seconds: what is written together is one ring

    def __init__(self, runtime: Runtime, ring: Callable[[bool], object]) -> None:
        super().__init__(daemon=True, name="crm-ringer")
        self.runtime, self.ring = runtime, ring

    def run(self) -> None:
        crm = self.runtime.current
        while True:
            self.runtime.news.wait()
            self.runtime.news.clear()
            before, crm = crm, self.runtime.current
            self.ring(before is not crm)
            threading.Event().wait(self.GATHER)


class Listener(threading.Thread):
    """In the worker: hears what is rung at the pipe."""

    def __init__(self, path: Path, news: Callable[[], object], new_set: Callable[[], object]) -> None:
        super().__init__(daemon=True, name="crm-listener")
        self.news, self.new_set = news, new_set
        self.pipe = os.open(path, os.O_RDWR)  # to write as well: so that it never ends when the last web process does

    def run(self) -> None:
        while heard := os.read(self.pipe, 4096):
            if NEW_SET in heard:
                self.new_set()
            self.news()
