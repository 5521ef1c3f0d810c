"""crm token: keys for programs that call the API."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from engine.actor import robot
from engine.cli._options import fail, running, told
from engine.errors import CrmError
from engine.records.accounts import Accounts
from engine.records.tokens import Tokens


@click.group(name="token")
def command() -> None:
    """Make API tokens."""


@command.command()
@click.argument("user", metavar="USER")
@click.argument("folder", metavar="[SET]", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--name", default="made on the command line", show_default=True, help="What the token is for.")
@click.option("--only", multiple=True, metavar="ENTITY:ACTION", help="Narrow it: account:read. May be given again.")
@click.option("--days", type=click.IntRange(1, 3650), help="How long it lives; without it, until it is revoked.")
def create(user: str, folder: Path, name: str, only: tuple[str, ...], days: int | None) -> None:
    """Make a token for USER, an e-mail address. It is shown this once."""
    with running(folder) as runtime:
        crm = runtime.current
        person = Accounts(crm.blueprint, crm.database).find(user)
        if person is None:
            fail([f"Nobody has the e-mail address {user}."])
        narrowed = [(entity, action) for entity, colon, action in (pair.partition(":") for pair in only) if colon]
        if len(narrowed) != len(only):
            fail(["--only takes ENTITY:ACTION, for example --only account:read."])
        expires = runtime.clock() + timedelta(days=days) if days else None
        try:
            _, text = Tokens(crm.blueprint, crm.database).make(
                robot(crm.blueprint, "Command line"), name, user=person, only=narrowed or None, expires=expires
            )
        except CrmError as error:
            fail(told(error))
    click.echo(text)
