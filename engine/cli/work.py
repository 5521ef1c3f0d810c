"""crm work: a worker of its own, beside `crm serve`."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli._options import running, set_argument

if TYPE_CHECKING:
    from engine.runtime import Runtime


@click.command(name="work")
@set_argument
def command(folder: Path) -> None:
    """Work off what waits for SET, until told to end. Any number of workers may run; with CRM_REDIS_URL they are woken
    through Redis, else they look each second."""
    with running(folder) as runtime:
        click.echo(f"{runtime.current.blueprint.manifest.title}: working.")
        if runtime.settings.redis_url:
            from engine.jobs import queue

            queue.work(runtime)
        else:
            _work(runtime)


def _work(runtime: Runtime) -> None:
    from engine.jobs.worker import Worker

    worker = Worker(runtime)
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, lambda *_: worker.stop())
    worker.start()
    worker.join()
