"""crm work: a worker of its own, beside `crm serve`."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli._options import running, set_argument

if TYPE_CHECKING:
    from engine.jobs.worker import Worker
    from engine.runtime import Runtime

NICE = 5  # steps behind who waits for a page; with more, a machine that is full would starve it
LONGEST_END = 20.0  # seconds to finish what was begun


@click.command(name="work")
@set_argument
@click.option("--kept", is_flag=True, hidden=True, help="Started by `crm serve`: ends with it.")
def command(folder: Path, kept: bool) -> None:
    """Work off what waits for SET, until told to end. Any number of workers may run; with CRM_REDIS_URL they are woken
    through Redis, else they look each second. `kill -HUP` reads the set anew."""
    life = _Life() if kept else None
    with running(folder) as runtime:
        from engine.cli._collector import settle
        from engine.cli._watch import reload_on_hangup

        click.echo(f"{runtime.current.blueprint.manifest.title}: working.")
        reload_on_hangup(runtime)
        settle()
        if runtime.settings.redis_url and not kept:
            from engine.jobs import queue

            queue.work(runtime)
        else:
            _work(runtime, life)


def _work(runtime: Runtime, life: _Life | None) -> None:
    from engine.jobs.worker import Worker

    worker = Worker(runtime)
    for told in (signal.SIGTERM, signal.SIGINT):  # both reach the server too, and it is for the server to end this one
        signal.signal(told, signal.SIG_IGN if life is not None else lambda *_: worker.stop())
    _listen(runtime)
    if life is not None:
        life.ends(worker)
    worker.start()
    worker.join()


def _listen(runtime: Runtime) -> None:
    """To the web processes that `crm serve` runs beside this one."""
    from engine.cli._watch import reload
    from engine.jobs.bell import VARIABLE, Listener

    path = os.environ.get(VARIABLE)
    if path and Path(path).is_fifo():
        Listener(Path(path), runtime.news.set, lambda: reload(runtime)).start()


class _Life(threading.Thread):
    """Ends with whoever started this process: its standard input is closed then, however it went."""

    def __init__(self) -> None:
        super().__init__(daemon=True, name="crm-life")
        self.worker: Worker | None = None
        if hasattr(os, "nice"):
            os.nice(NICE)
        self.start()

    def run(self) -> None:
        sys.stdin.buffer.read()
        _forget_pipe()  # who was killed could not do so
        if self.worker is None:  # nothing was begun
            os._exit(0)
        self.worker.stop()
        self.worker.join(LONGEST_END)
        os._exit(0)

    def ends(self, worker: Worker) -> None:
        self.worker = worker


def _forget_pipe() -> None:
    from engine.jobs.bell import VARIABLE

    path = os.environ.get(VARIABLE)
    if path:
        shutil.rmtree(Path(path).parent, ignore_errors=True)
