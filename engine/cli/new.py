"""crm new: a folder with the smallest set that is of use."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from engine.cli._options import fail

STARTER = Path(__file__).parents[1] / "starter"


@click.command(name="new")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--title", help="What the CRM is called; without it, made of the folder's name.")
def command(folder: Path, title: str | None) -> None:
    """Make FOLDER with a set that extends the base set, ready to be changed."""
    name = re.sub(r"[^a-z0-9]+", "_", folder.resolve().name.lower()).strip("_")
    if not name or not name[0].isalpha():
        fail([f'"{folder.name}" cannot name a set. Begin with a letter, and use letters, digits and _.'])
    if folder.exists() and any(folder.iterdir()):
        fail([f"{folder} is not empty. Name a new folder."])
    folder.mkdir(parents=True, exist_ok=True)
    title = title or f"{name.replace('_', ' ').title()} CRM"
    for file in sorted(STARTER.glob("*.yaml")):
        text = file.read_text(encoding="utf-8").replace("NAME", name).replace("TITLE", json.dumps(title, ensure_ascii=False))
        (folder / file.name).write_text(text, encoding="utf-8")
    click.echo(f"{folder} is made. Look at it with `crm demo {folder}`; after a change, `crm validate {folder}`.")
