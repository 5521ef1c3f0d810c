"""crm user: people who sign in."""

from __future__ import annotations

from pathlib import Path

import click

from engine.actor import robot
from engine.cli._options import fail, running, set_argument, told
from engine.errors import CrmError, Invalid
from engine.records.accounts import Accounts
from engine.records.commands import Create
from engine.runtime import Crm


@click.group(name="user")
def command() -> None:
    """Add people and set their passwords."""


@command.command()
@set_argument
@click.option("--name", required=True)
@click.option("--email", required=True)
@click.option("--role", required=True, help="A role's name in roles.yaml.")
@click.option("--team", help="The team's name.")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
def add(folder: Path, name: str, email: str, role: str, team: str | None, password: str) -> None:
    """Add a person who can sign in."""
    with running(folder) as runtime:
        crm = runtime.current
        values = {"name": name, "email": email, "role": role, "active": True}
        if team:
            values["team"] = _team(crm, team)
        try:
            made = crm.writes.do(robot(crm.blueprint, "Command line"), Create("user", values))
            Accounts(crm.blueprint, crm.database).set_password(made.id, password)
        except CrmError as error:
            fail(told(error))
    click.echo(f"{name} can sign in as {email} ({crm.blueprint.roles[role].label}).")


@command.command()
@set_argument
@click.argument("email")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
def password(folder: Path, email: str, password: str) -> None:
    """Set a person's password; who is signed in as them is signed out."""
    with running(folder) as runtime:
        accounts = Accounts(runtime.current.blueprint, runtime.current.database)
        user = accounts.find(email)
        if user is None:
            fail([f"Nobody has the e-mail address {email}."])
        try:
            accounts.set_password(user, password)
        except Invalid as error:
            fail(told(error))
        accounts.sign_out_everywhere(robot(runtime.current.blueprint, "Command line"), user)
    click.echo(f"The password of {email} is set.")


@command.command(name="list")
@set_argument
def list_(folder: Path) -> None:
    """Who there is."""
    with running(folder) as runtime:
        crm = runtime.current
        query = crm.reads.query(robot(crm.blueprint, "Command line"), "user", [("limit", "200")])
        page = crm.reads.page(robot(crm.blueprint, "Command line"), query)
        for item in crm.reads.items(page.columns, page.rows):
            click.echo(f"{item.get('email') or '-':32} {item['role']:16} {item['name']}")


def _team(crm: Crm, name: str) -> str:
    found = crm.reads.pick(robot(crm.blueprint, "Command line"), "team", name, 2)
    exact = [ref for ref in found if ref.title == name]
    if not exact:
        fail([f'There is no team "{name}".'])
    return str(exact[0].id)
