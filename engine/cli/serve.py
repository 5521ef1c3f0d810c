"""crm serve: the screens and the API."""

from __future__ import annotations

import gc
from pathlib import Path

import click

from engine.cli._options import running, set_argument


@click.command(name="serve")
@set_argument
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
def command(folder: Path, host: str, port: int, workers: int) -> None:
    """Serve SET. The database must fit it: `crm apply` sees to that. `kill -HUP` reads the set anew."""
    gc.disable()  # until `settle`: half a million things are made to stay, and nothing is left to collect
    from engine.cli._server import serve, serve_many

    with running(folder) as runtime:
        click.echo(f"{runtime.current.blueprint.manifest.title}: http://{host}:{port}/")
        if workers == 1:
            serve(runtime, host, port)
    if workers > 1:
        gc.enable()
        serve_many(folder, host, port, workers)
