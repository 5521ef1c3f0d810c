"""What one run of the tests shares, however many worker processes it has.

- `shared_folder`: the run's own folder, the same for all its workers.
- `once`: does something in the first worker that wants it; the others wait and are given its answer.
- `end_with_run`: a server and its folder do not outlive the run, even when the run is killed.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

RUN_PID = "CRM_TESTS_RUN_PID"


class Unavailable(Exception):
    """The service cannot be had on this machine; the text says why and what would help."""


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    base = factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


def once(folder: Path, name: str, make: Callable[[], Any]) -> Any:
    """The JSON value that `make` gave to the first worker who asked; what it raised as Unavailable, raised again."""
    answer = folder / f"{name}.json"
    with locked(folder / f"{name}.lock"):
        if not answer.exists():
            answer.write_text(json.dumps(attempt(make)))
    said = json.loads(answer.read_text())
    if "unavailable" in said:
        raise Unavailable(said["unavailable"])
    return said["value"]


def attempt(make: Callable[[], Any]) -> dict[str, Any]:
    try:
        return {"value": make()}
    except Unavailable as reason:
        return {"unavailable": str(reason)}


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# A worker may finish before the others who use its server, and a killed run cleans nothing up:
# so a small watcher follows the run itself.
WATCH = """
while kill -0 "$1" 2>/dev/null; do sleep 1; done
kill -INT "$2" 2>/dev/null
tries=0
while kill -0 "$2" 2>/dev/null && [ $tries -lt 10 ]; do sleep 0.2; tries=$((tries + 1)); done
kill -KILL "$2" 2>/dev/null
rm -rf "$3"
"""


def end_with_run(server_pid: int, folder: Path) -> None:
    quiet = subprocess.DEVNULL
    watched = [os.environ[RUN_PID], str(server_pid), str(folder)]
    subprocess.Popen(
        ["sh", "-c", WATCH, "watch", *watched],
        stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True, cwd="/",
    )  # fmt: skip


def remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
