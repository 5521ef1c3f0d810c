"""crm docs: the reference, written from the parts and schemas themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

MADE = "<!-- Made by `crm docs`; change the parts and schemas instead. -->"


@click.command(name="docs")
@click.option(
    "--to", "folder", default="docs/reference", show_default=True, type=click.Path(file_okay=False, path_type=Path)
)
def command(folder: Path) -> None:
    """Write the reference of field types, operators, the language's keys and the commands into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")
        click.echo(f"{folder / name}")


def pages() -> Mapping[str, str]:
    """The text of each page by its file's name."""
    made: dict[str, Callable[[], Iterator[str]]] = {
        "fields.md": _fields, "operators.md": _operators, "channels.md": _channels, "views.md": _views, "charts.md": _charts,
        "language.md": _language, "commands.md": _commands,
    }  # fmt: skip
    return {name: "\n".join([MADE, "", *lines()]).rstrip() + "\n" for name, lines in made.items()}


def _fields() -> Iterator[str]:
    from engine.compiler.schemas import written_types
    from engine.parts import field_type

    also = "The word in `type:`. Every field also takes the keys in [language.md](language.md)."
    yield from ("# Field types", "", also, "")
    for word in written_types():
        kind = field_type(word)
        yield from (f"## {word}", "", f"{kind.label}. {kind.doc}", "")
        yield from _keys(kind.schema, kind.needs)
        if kind.operators:
            yield from (f"Operators: {', '.join(f'`{name}`' for name in kind.operators)}.", "")
        yield from _examples(kind.examples)


def _examples(examples: tuple[Any, ...]) -> Iterator[str]:
    plain = [e for e in examples if isinstance(e.given, (str, int, bool)) and e.given != "" and not e.options][:5]
    if not plain:
        return
    yield from ("| given | becomes |", "|---|---|")
    for example in plain:
        yield f"| `{_cell(example.given)}` | {_cell(example.refusal or example.shown or '')} |"
    yield ""


def _operators() -> Iterator[str]:
    from engine.parts import operator, operators

    yield from ("# Operators", "", "The word in a condition: `field: {operator: value}`.", "")
    yield from ("| word | reads | takes | meaning |", "|---|---|---|---|")
    for word in operators():
        part = operator(word)
        yield f"| `{word}` | {_cell(part.label)} | {part.takes} | {_cell(part.doc)} |"


def _channels() -> Iterator[str]:
    from engine.parts.registry import channels

    also = (
        "The word in `kind:` under `channels` of notifications.yaml. Keys that end in `_from` name environment variables; "
        "`crm doctor` tells which are missing."
    )
    yield from ("# Channels", "", also, "")
    for word, kind in channels().items():
        yield from (f"## {word}", "", f"{kind.label}. {kind.doc}", "")
        yield from _keys(kind.schema, kind.needs)


def _charts() -> Iterator[str]:
    from engine.parts.registry import charts

    yield from ("# Charts", "", "The word in `chart:` of a report.", "")
    yield from ("| word | is | groups | meaning |", "|---|---|---|---|")
    for word, kind in charts().items():
        yield f"| `{word}` | {_cell(kind.label)} | {' or '.join(map(str, kind.axes))} | {_cell(kind.doc)} |"


def _views() -> Iterator[str]:
    from engine.parts.registry import view_kinds

    also = (
        "The word in `kind:` of a view, under `views` of an entity. Every view also takes the keys in "
        "[language.md](language.md); an address says a kind's own keys by the same names, with commas between several words."
    )
    yield from ("# Kinds of views", "", also, "")
    for word, kind in view_kinds().items():
        yield from (f"## {word}", "", f"{kind.label}. {kind.doc}", "", f"At `/ENTITY{kind.place}`.", "")
        if kind.common:
            yield from (f"Heeds {', '.join(f'`{key}`' for key in kind.common)}.", "")
        yield from _keys(kind.schema, ())


def _language() -> Iterator[str]:
    from engine.compiler.schemas import FILES, schema_for

    yield from ("# The files and their keys", "", "What each key does; `crm show KEY` tells where a set says it.", "")
    for file in FILES:
        schema = schema_for(file)
        name = schema["title"]
        yield from (f"## {name}", "", schema.get("description", ""), "")
        yield from _keys(schema.get("properties", {}), tuple(schema.get("required", ())))
        yield from _cases(schema, file)
        for name, definition in schema.get("$defs", {}).items():
            if definition.get("properties") and definition.get("description"):
                yield from (f"### {file}: {name}", "", definition["description"], "")
                yield from _keys(definition["properties"], tuple(definition.get("required", ())))


def _cases(schema: Mapping[str, Any], file: str) -> Iterator[str]:
    """The keys that go with one word of another key."""
    for case in schema.get("allOf", ()):
        ((by, asked),) = case["if"]["properties"].items()
        yield from (f"### {file}: {by}: {asked['const']}", "")
        yield from _keys(case["then"]["properties"], tuple(case["then"].get("required", ())))


def _keys(properties: Mapping[str, Any], needed: tuple[str, ...]) -> Iterator[str]:
    if not properties:
        return
    yield from ("| key | meaning |", "|---|---|")
    for key, schema in properties.items():
        said = schema.get("description", "") if isinstance(schema, dict) else ""
        yield f"| `{key}`{' (needed)' if key in needed else ''} | {_cell(said or _shape(schema))} |"
    yield ""


def _shape(schema: Any) -> str:
    if not isinstance(schema, dict):
        return ""
    if "enum" in schema:
        return " or ".join(f"`{word}`" for word in schema["enum"])
    limits = [f"{word} {schema[key]}" for key, word in (("minimum", "at least"), ("maximum", "at most")) if key in schema]
    return ", ".join([str(schema.get("type", "")), *limits]).strip(", ")


def _commands() -> Iterator[str]:
    from engine.cli import main

    yield from ("# Commands", "", "`crm COMMAND --help` says the same.", "")
    context = click.Context(main, info_name="crm")
    for name in main.list_commands(context):
        found = main.get_command(context, name)
        if found is not None:
            yield from _command(found, click.Context(found, info_name=name, parent=context), f"crm {name}")


def _command(found: click.Command, context: click.Context, called: str) -> Iterator[str]:
    usage = " ".join([called, *found.collect_usage_pieces(context)])
    yield from (f"## {called}", "", f"`{usage}`", "", " ".join((found.help or "").split()), "")
    rows = [record for p in found.params if isinstance(p, click.Option) and (record := p.get_help_record(context))]
    if rows:
        yield from ("| option | meaning |", "|---|---|")
        yield from (f"| `{_cell(option)}` | {_cell(said)} |" for option, said in rows)
        yield ""
    if isinstance(found, click.Group):
        for name in found.list_commands(context):
            inner = found.get_command(context, name)
            if inner is not None:
                yield from _command(inner, click.Context(inner, info_name=name, parent=context), f"{called} {name}")


def _cell(text: Any) -> str:
    return " ".join(str(text).replace("|", "\\|").split())
