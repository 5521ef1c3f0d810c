"""crm demo: a set with believable data, running in a minute."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from pathlib import Path

import click

from engine.actor import robot
from engine.cli._options import compiled, fail, opened, set_argument
from engine.cli._watch import Watch
from engine.compiler import compile_set
from engine.records import outbox
from engine.records.apply import apply
from engine.records.commands import Create
from engine.records.keys import milliseconds
from engine.records.plan import plan
from engine.runtime import Crm, Runtime
from engine.story import Replay, stories

PASSWORD = "show me around"
NEWS = timedelta(days=2)  # what happened earlier in the story is no news for anybody's bell


@click.command(name="demo")
@set_argument
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, help="The next free one is taken when it is in use.")
@click.option("--fresh", is_flag=True, help="Begin anew: the demo's dates are counted from today.")
@click.option("--no-serve", is_flag=True, help="Only fill the database.")
def command(folder: Path, host: str, port: int, fresh: bool, no_serve: bool) -> None:
    """Fill SET with demo data, serve it, and say who can sign in. The set's files are followed while it runs."""
    _keep_inside()
    database = _own_database(folder)
    if fresh and database:
        _forget(database)
    compiled(folder)
    _fit(folder)
    runtime = Runtime(folder)
    crm = runtime.current
    if not _people(crm):
        _fill(runtime)
    _tell(crm, None if no_serve else f"http://{host}:{(port := _free(host, port))}/")
    if no_serve:
        return
    from engine.cli._server import serve

    Watch(runtime, lambda: _fit(folder)).start()
    serve(runtime, host, port)


def _keep_inside() -> None:
    """A demo writes to nobody, unless it is told of a mail server."""
    if not os.environ.get("CRM_SMTP_URL"):
        os.environ.setdefault("CRM_REHEARSAL", "yes")


def _own_database(folder: Path) -> Path | None:
    """Without CRM_DATABASE_URL a demo has a file of its own, so that it never meets real data."""
    if os.environ.get("CRM_DATABASE_URL"):
        return None
    path = (folder / "data" / "demo.db").resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    os.environ["CRM_DATABASE_URL"] = f"sqlite:///{path}"
    return path


def _forget(database: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)


def _fit(folder: Path) -> None:
    """Raises BrokenSet: the watch, which calls this too, goes on with the running set then."""
    blueprint = compile_set(folder)
    with opened(folder) as database:
        apply(plan(blueprint, database), database)


def _fill(runtime: Runtime) -> None:
    crm = runtime.current
    replay = Replay(crm, runtime.clock())
    found = list(stories(crm))
    if not found:
        _one_of_each_role(crm)
        click.echo("There is no demo/story.jsonl, so nothing happened here yet: one person has each role.")
    with crm.database.hurried():
        done = sum(replay.play(path) for path in found)
    with crm.database.writing() as connection:
        outbox.forget(connection, milliseconds(runtime.clock() - NEWS))
    for line in replay.skipped[:10]:
        click.echo(line, err=True)
    for email in _people(crm):
        crm.accounts.set_password(crm.accounts.find(email) or 0, PASSWORD)
    if found:
        click.echo(f"{done} deeds of the demo's story were done, {len(replay.skipped)} were refused by the rules.")


def _one_of_each_role(crm: Crm) -> None:
    firm = crm.blueprint.manifest.name.replace("_", "-")  # no address has a _ there
    for role in crm.blueprint.roles.values():
        values = {"name": role.label, "email": f"{role.name}@{firm}.example", "role": role.name}
        crm.writes.do(robot(crm.blueprint, "Command line"), Create("user", values))


def _people(crm: Crm) -> dict[str, tuple[str, str]]:
    """Name and role by e-mail address of who may sign in."""
    query = crm.reads.query(robot(crm.blueprint, "Command line"), "user", [("limit", "200"), ("active", "true")])
    page = crm.reads.page(robot(crm.blueprint, "Command line"), query)
    items = crm.reads.items(page.columns, page.rows)
    return {item["email"]: (item["name"], item["role"]) for item in items if item.get("email")}


def _tell(crm: Crm, address: str | None) -> None:
    click.echo(f"\n{crm.blueprint.manifest.title}" + (f" runs at {address}" if address else ""))
    if crm.settings.rehearsal:
        click.echo("Messages to clients are kept to be looked at, and not sent.")
    click.echo(f"Sign in with the password: {PASSWORD}\n")
    people = _people(crm).items()
    order = list(crm.blueprint.roles)
    for email, (name, role) in sorted(people, key=lambda p: (order.index(p[1][1]), p[1][0])):
        label = crm.blueprint.roles[role].label
        click.echo(f"  {email:28} {name:20} {label}")
    click.echo("")


def _free(host: str, port: int) -> int:
    for candidate in range(port, port + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
            except OSError:
                continue
            return candidate
    return fail([f"No port from {port} to {port + 49} is free on {host}. Choose one with --port."])
