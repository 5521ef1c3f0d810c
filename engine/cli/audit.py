"""crm audit: whether the history is what was written."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from engine.cli._options import opened, running, set_argument

MOST_TOLD = 50


@click.group(name="audit")
def command() -> None:
    """Look after the history."""


@command.command()
@set_argument
def verify(folder: Path) -> None:
    """Check the chain of hashes in every record's history. Exit 1 when a row was changed, taken out or put in."""
    from engine.records.journal import verify_chain

    with running(folder) as runtime:
        entities = tuple(runtime.current.blueprint.entities)
    faults = 0
    with opened(folder) as database, database.reading(snapshot=True) as connection:
        count = connection.run("select count(*) from crm_history")[0][0]
        for fault in verify_chain(connection, entities):
            faults += 1
            if faults <= MOST_TOLD:
                row = f", row {fault.row}" if fault.row else ""
                click.echo(f"{fault.entity}/{fault.record}{row}: {fault.message}", err=True)
    if faults:
        click.echo(f"{faults:,} faults in {count:,} rows of history. Compare with a backup.", err=True)
        sys.exit(1)
    click.echo(f"{count:,} rows of history are as they were written.")
