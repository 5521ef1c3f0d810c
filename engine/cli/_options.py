"""What several commands take."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from engine.blueprint import Blueprint
from engine.compiler import BrokenSet, compile_set
from engine.settings import settings_for

if TYPE_CHECKING:
    from engine.records.database import Database

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
