"""crm work: a worker of its own, beside `crm serve`."""

from __future__ import annotations

import signal
from pathlib import Path

import click

from engine.cli._options import running, set_argument


@click.command(name="work")
@set_argument
def command(folder: Path) -> None:
    """Work off what waits in the outbox of SET, until told to end. Any number of workers may run."""
    from engine.jobs.worker import Worker

    with running(folder) as runtime:
        worker = Worker(runtime)
        for told in (signal.SIGTERM, signal.SIGINT):
            signal.signal(told, lambda *_: worker.stop())
        click.echo(f"{runtime.current.blueprint.manifest.title}: working.")
        worker.start()
        worker.join()
