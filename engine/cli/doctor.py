"""crm doctor: what is wrong here, and what to do about it."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli._options import set_argument
from engine.errors import CrmError
from engine.settings import Settings, settings_for

if TYPE_CHECKING:
    from engine.blueprint import Blueprint
    from engine.records.database import Database

LEAST_ROOM = 1_000_000_000  # bytes
WAITS_TOO_LONG = 300  # seconds
OK, ADVICE, WRONG = "ok", "advice", "wrong"
Finding = tuple[str, str]


@click.command(name="doctor")
@set_argument
def command(folder: Path) -> None:
    """Look at the set, its database, files and messages, and give advice. Exit 1 when something is wrong."""
    worst = OK
    for grade, sentence in _findings(folder):
        click.echo(f"{grade:7} {sentence}")
        worst = WRONG if grade == WRONG else worst
    sys.exit(1 if worst == WRONG else 0)


def _findings(folder: Path) -> Iterator[Finding]:
    from engine.compiler import check_set

    settings = settings_for(folder)
    blueprint, problems = check_set(folder)
    if blueprint is None:
        yield WRONG, f"The set has {len(problems)} problems. Look at them with `crm validate {folder}`."
    else:
        yield OK, f"{blueprint.manifest.title} is valid."
    yield from _about_files(settings)
    yield from _about_settings(settings)
    if blueprint is not None:
        yield from _about_channels(settings, blueprint)
        yield from _about_database(settings, blueprint, folder)


def _about_files(settings: Settings) -> Iterator[Finding]:
    try:
        settings.files.mkdir(parents=True, exist_ok=True)
        probe = settings.files / f".doctor-{os.getpid()}"
        probe.write_bytes(b"x")
        probe.unlink()
        yield OK, f"Files can be written to {settings.files}."
    except OSError as error:
        yield WRONG, f"Files cannot be written to {settings.files}: {error.strerror}. Set CRM_FILES, or mend its rights."
        return
    free = shutil.disk_usage(settings.files).free
    grade = OK if free > LEAST_ROOM else WRONG
    yield grade, f"{free / 1e9:,.1f} GB are free on the disk of the files." + ("" if grade == OK else " Make room.")


def _about_settings(settings: Settings) -> Iterator[Finding]:
    if settings.database_url.startswith("sqlite"):
        yield OK, "The database is a SQLite file: for one machine. CRM_DATABASE_URL names a PostgreSQL for more."
    if not settings.secure:
        yield ADVICE, "CRM_SECURE is not set: behind HTTPS set it to yes, so that cookies never go over plain HTTP."
    if settings.development:
        yield ADVICE, "CRM_DEVELOPMENT is set. Take it out where people work."


def _about_channels(settings: Settings, blueprint: Blueprint) -> Iterator[Finding]:
    """What is missing for messages to leave the house: by name, never by value."""
    from engine.jobs.sender import missing_for, way_of

    way = way_of(blueprint, settings)
    used = dict.fromkeys(name for notification in blueprint.notifications.values() for name in notification.through)
    for name in (*used, *(other for other in blueprint.channels if other not in used)):
        missing = missing_for(blueprint, name, way)
        if missing:
            yield (WRONG if name in used else ADVICE), f"{missing} What is to go out this way is not sent."
    if any(one.offers for one in blueprint.notifications.values()) and not settings.address:
        yield WRONG, "CRM_ADDRESS is not set: links by which clients answer cannot be made. Set it to https://..."
    elif len(used) > 1 and not settings.address:
        yield ADVICE, "CRM_ADDRESS is not set, so mails hold no link to their record. Set it to https://..."


def _about_database(settings: Settings, blueprint: Blueprint, folder: Path) -> Iterator[Finding]:
    from engine.records.database import Database

    try:
        database = Database(settings.database_url)
    except CrmError as error:
        yield WRONG, error.message
        return
    try:
        yield from _about_tables(database, blueprint, folder)
    except CrmError as error:
        yield WRONG, error.message
    finally:
        database.close()


def _about_tables(database: Database, blueprint: Blueprint, folder: Path) -> Iterator[Finding]:
    from engine.records.plan import plan

    changes = plan(blueprint, database)
    if changes.steps:
        yield WRONG, f"{len(changes.steps)} changes of the tables are waiting: `crm plan {folder}`, `crm apply {folder}`."
        return
    yield OK, "The database fits the set."
    with database.reading() as connection:
        waiting = connection.run("select count(*), min(created_at) from crm_outbox where state in ('waiting', 'claimed')")
        dead = connection.run("select count(*), max(error) from crm_outbox where state = 'dead'")
        people = connection.run("select count(*) from crm_password")
    yield from _about_messages(*waiting[0], *dead[0])
    if not people[0][0]:
        yield ADVICE, f"Nobody can sign in yet. Add somebody: crm user add {folder} --name ... --email ... --role ..."


def _about_messages(waiting: int, oldest: int | None, dead: int, error: str | None) -> Iterator[Finding]:
    age = time.time() - oldest / 1000 if oldest else 0.0
    if age > WAITS_TOO_LONG:
        yield WRONG, f"{waiting} messages wait, the oldest for {age / 60:,.0f} minutes. Is `crm serve` running?"
    else:
        yield OK, f"{waiting} messages wait."
    if dead:
        yield WRONG, f"{dead} messages were given up. The last reason: {error}"
