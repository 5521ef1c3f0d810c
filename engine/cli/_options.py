"""What several commands take."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from engine.actor import Actor, robot
from engine.blueprint import Blueprint
from engine.compiler import BrokenSet, compile_set
from engine.errors import CrmError
from engine.settings import settings_for

if TYPE_CHECKING:
    from engine.records.database import Database
    from engine.runtime import Crm, Runtime

set_argument = click.argument(
    "folder", metavar="[SET]", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path)
)


def compiled(folder: Path) -> Blueprint:
    """The blueprint of the set; prints every problem and ends with 1 when there are any."""
    try:
        return compile_set(folder)
    except BrokenSet as broken:
        fail(str(broken).splitlines())


def fail(lines: Iterable[str], code: int = 1) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(code)


@contextmanager
def opened(folder: Path) -> Iterator[Database]:
    """The database of the set's settings, closed at the end."""
    from engine.records.database import Database  # not at the top: `crm validate` needs no database

    settings = settings_for(folder)
    settings.files.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def running(folder: Path) -> Iterator[Runtime]:
    """The set with its database, ready to read and write; what is in the way is told and ends the command."""
    from engine.runtime import Runtime

    try:
        runtime = Runtime(folder)
    except BrokenSet as broken:
        fail(str(broken).splitlines())
    try:
        yield runtime
    finally:
        runtime.close()


def told(error: CrmError) -> list[str]:
    """The message and every complaint, a line each."""
    return [error.message, *(f"  {c.field}: {c.message}" if c.field else f"  {c.message}" for c in error.complaints)]


def person(crm: Crm, email: str | None) -> Actor:
    """Somebody by e-mail address; nobody named is the command line itself."""
    if email is None:
        return robot(crm.blueprint, "Command line")
    actor = crm.accounts.actor(email)
    if actor is None:
        fail([f"Nobody who may sign in has the e-mail address {email}."])
    return actor
