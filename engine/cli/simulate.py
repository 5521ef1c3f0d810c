"""crm simulate: the coming days on a copy of the data."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from engine.cli._options import opened, running, set_argument

if TYPE_CHECKING:
    from engine.rehearsal.forecast import Forecast, Foretold

LONGEST = 110  # characters of a message that are shown; JSON has all
DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M"])


@click.command(name="simulate")
@set_argument
@click.option("--from", "start", type=DAY, help="Local time of the firm; now unless said.")
@click.option("--to", "end", type=DAY, help="Local time of the firm; seven days later unless said.")
@click.option("--person", metavar="NAME", help="Only messages to this person or address.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(folder: Path, start: datetime | None, end: datetime | None, person: str | None, form: str) -> None:
    """Play the coming days of SET on a copy of its data: who would be told what, when, through what, and why."""
    from engine.rehearsal.forecast import Forecast, forecast

    with running(folder) as runtime:  # tells when the database does not fit the set
        blueprint, settings = runtime.current.blueprint, runtime.settings
    zone = ZoneInfo(blueprint.manifest.zone)
    begins = start.replace(tzinfo=zone) if start else datetime.now(zone)
    ends = end.replace(tzinfo=zone) if end else begins + timedelta(days=7)
    if end is not None and end.time() == time():
        ends += timedelta(days=1)  # `--to 2026-12-05` means: with that day
    with opened(folder) as database:
        found = forecast(blueprint, folder, database, settings, begins, ends)
    if person:
        found = Forecast(tuple(m for m in found.messages if person.casefold() in m.who.casefold()))
    click.echo(_json(found) if form == "json" else _text(found, begins, ends, zone))


def _text(found: Forecast, begins: datetime, ends: datetime, zone: ZoneInfo) -> str:
    span = f"{begins:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M} ({zone.key})"
    if not found.messages:
        return f"Nobody would be told anything from {span}."
    lines = [f"{len(found.messages)} messages from {span}"]
    day: date | None = None
    for message in found.messages:
        if message.at.date() != day:
            day = message.at.date()
            lines += ["", f"{day:%A %Y-%m-%d}"]
        lines += _lines(message)
    lines += ["", "Messages a day"]
    lines += [f"  {day}  {n:4}  {who}" for day, who, n in found.a_day()]
    return "\n".join(lines)


def _lines(message: Foretold) -> list[str]:
    why = ", ".join(f"{label}: {value or 'empty'}" for label, value in message.why.items())
    first = f"  {message.at:%H:%M}  {message.label} to {message.who} by {message.channel}"
    about = f"         {message.about}" + (f" ({why})" if why else "")
    return [first, *([about] if message.about else []), f"         {shorten(message.text, LONGEST, placeholder=' ...')}"]


def _json(found: Forecast) -> str:
    import json

    told = [
        {"at": m.at.isoformat(), "notification": m.notification, "who": m.who, "channel": m.channel, "about": m.about,
         "text": m.text, "why": dict(m.why)}
        for m in found.messages
    ]  # fmt: skip
    days = [{"day": day.isoformat(), "who": who, "messages": n} for day, who, n in found.a_day()]
    return json.dumps({"messages": told, "a_day": days}, ensure_ascii=False, indent=2)
