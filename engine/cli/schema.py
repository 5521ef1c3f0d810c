"""crm schema: the JSON Schemas of a set's files, for editors."""

from __future__ import annotations

import json
from pathlib import Path

import click

from engine.compiler.schemas import FILES, editor_schema


@click.command(name="schema")
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="Write a file for each into FOLDER.")
@click.argument("file", required=False, type=click.Choice(FILES), metavar="[FILE]")
def command(folder: Path | None, file: str | None) -> None:
    """Print the schema of FILE (crm, entities, workflows, roles, notifications, reports or imports), or of all of them.

    With --to, they are written for editors that complete and check YAML.
    """
    schemas = {name: editor_schema(name) for name in ([file] if file else FILES)}
    if folder is None:
        click.echo(_json(schemas[file] if file else schemas))
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas.items():
        (folder / f"{name}.json").write_text(_json(schema) + "\n", encoding="utf-8")
    click.echo(_hint(folder, list(schemas)))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _hint(folder: Path, names: list[str]) -> str:
    first = "entities" if "entities" in names else names[0]
    return (
        f"{len(names)} schema{'s' if len(names) > 1 else ''} written to {folder}.\n"
        f"In an editor with yaml-language-server, begin {first}.yaml with the line\n"
        f"    # yaml-language-server: $schema={folder.as_posix()}/{first}.json\n"
        "and the other files likewise; files in imports/ take imports.json."
    )
