"""`crm serve` has a worker beside it: a process of its own, so that no request waits for the interpreter while it works.

- It is `crm work`, told that it is kept: it ends when its standard input does, so also when this process is killed.
- When it dies it is started again, at once the first time, later and later when it keeps dying; the log says so, and the
  table of workers, from which /readyz and /metrics tell.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from engine.jobs.bell import VARIABLE

PATIENCE = 25.0  # seconds that a worker gets to finish what it has begun
STEADY = 60.0  # seconds after which a worker that dies did not die of its start
LONGEST_PAUSE = 30.0  # seconds between two starts

log = logging.getLogger("crm")


class Keeper(threading.Thread):
    """`bell` is the pipe by which web processes wake the worker; None where the system has no such pipes."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True, name="crm-keeper")
        self.folder = folder.resolve()
        self.ended = threading.Event()
        self.child: subprocess.Popen[bytes] | None = None
        self.place = Path(tempfile.mkdtemp(prefix="crm-bell-"))  # nobody else's: mode 0700
        self.bell = _pipe(self.place / "bell")
        if self.bell is not None:
            os.environ[VARIABLE] = str(self.bell)

    def run(self) -> None:
        deaths = 0
        while not self.ended.is_set():
            began = time.monotonic()
            code = self._launched().wait()
            if self.ended.is_set():
                return
            deaths = 1 if time.monotonic() - began > STEADY else deaths + 1
            pause = 0.0 if deaths == 1 else min(2.0 ** (deaths - 2), LONGEST_PAUSE)
            log.warning("The worker ended (%s); another begins%s.", _how(code), f" in {pause:.0f} s" if pause else "")
            self.ended.wait(pause)

    def stop(self) -> None:
        """Lets the worker finish what it has begun."""
        self.ended.set()
        child = self.child
        if child is not None:
            assert child.stdin is not None
            child.stdin.close()
            try:
                child.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        shutil.rmtree(self.place, ignore_errors=True)

    def _launched(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "engine", "work", "--kept", str(self.folder)]
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        if self.ended.is_set():  # told to end meanwhile
            self.child.kill()
        return self.child


def _pipe(path: Path) -> Path | None:
    if not hasattr(os, "mkfifo"):
        return None
    os.mkfifo(path, 0o600)
    return path


def _how(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"


__all__ = ["Keeper"]
