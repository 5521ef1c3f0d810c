"""crm show: where a key comes from, what it says in the end, and what it does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli._options import fail

if TYPE_CHECKING:
    from engine.compiler.overlay import MergedSet


@click.command(name="show")
@click.argument("key")
@click.argument("folder", metavar="[SET]", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
def command(key: str, folder: Path) -> None:
    """Show KEY, for example entities.account.fields.name: what each layer says of it, which wins, and the value.

    Of a notification or a rule also when it goes off, and when a schedule runs next."""
    from engine.compiler.overlay import load_set
    from engine.compiler.schemas import described

    merged = load_set(folder)
    steps = merged.steps(key)
    if not steps:
        fail([_unknown(merged, key)])
    if told := described(steps):
        click.echo(f"{told}\n")
    for number, origin in enumerate(merged.history(steps)):
        source = origin.source
        click.echo(f"{'wins ' if number == 0 else 'under'}  {source.file}:{source.line}  {origin.deed} it")
    node = merged.root.at(steps)
    click.echo("\n" + ("removed" if node is None else "\n".join(yaml_lines(node.data()))))
    if occasion := _occasion(merged, steps):
        click.echo("\n" + "\n".join(occasion))


def _occasion(merged: MergedSet, steps: tuple[str | int, ...]) -> list[str]:
    """When a notification or a rule goes off; nothing for other keys, and for a set that is broken."""
    from engine.blueprint.triggers import Every
    from engine.clock import system_clock
    from engine.compiler import check_merged
    from engine.rules.occasions import next_runs, occasion

    if len(steps) != 2 or steps[0] not in ("notifications", "rules"):
        return []
    blueprint, _ = check_merged(merged)
    one = getattr(blueprint, str(steps[0])).get(steps[1]) if blueprint else None
    if blueprint is None or one is None:
        return []
    told = occasion(blueprint, one)
    if isinstance(one.trigger, Every):
        runs = next_runs(blueprint, one.trigger, system_clock(), one.working_hours_only)
        told += ["Next:", *(f"  {run}" for run in runs)]
    return told


def _unknown(merged: MergedSet, key: str) -> str:
    from difflib import get_close_matches

    parts = key.split(".")
    for length in range(len(parts) - 1, -1, -1):
        steps = merged.steps(".".join(parts[:length])) if length else ()
        node = merged.root.at(steps) if length else merged.root
        if node is not None and (not length or steps) and node.is_map:
            near = get_close_matches(parts[length], [str(k) for k in node.value], 1, 0.5)
            hint = f' Did you mean "{".".join([*parts[:length], near[0]])}"?' if near else ""
            place = f' in {".".join(parts[:length])}' if length else ""
            return f'There is no "{parts[length]}"{place}.{hint}'
    return f'There is no "{key}".'


def yaml_lines(value: Any, indent: str = "") -> list[str]:
    """Plain data as YAML of the language's own kind: words that could be read as something else in quotes."""
    if isinstance(value, dict) and value:
        return [line for key, item in value.items() for line in _entry(f"{indent}{_word(str(key))}:", item, indent)]
    if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        return [line for item in value for line in _entry(f"{indent}-", item, indent)]
    return [indent + _flat(value)]


def _entry(start: str, item: Any, indent: str) -> list[str]:
    if isinstance(item, (dict, list)) and item and not _is_short(item):
        return [start, *yaml_lines(item, indent + "  ")]
    return [f"{start} {_flat(item)}"]


def _is_short(item: Any) -> bool:
    nested = item.values() if isinstance(item, dict) else item
    return len(_flat(item)) < 90 and not any(isinstance(one, (dict, list)) for one in nested)


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_word(str(k))}: {_flat(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value)) + "]"
    return _word(value) if isinstance(value, str) else json.dumps(value)


def _word(text: str) -> str:
    plain = text and text[0].isalnum() and text == text.strip() and not set(text) & set(":#,[]{}\"'\n")
    safe = plain and text not in ("true", "false", "null", "removed") and not text[0].isdigit()
    return text if safe else json.dumps(text, ensure_ascii=False)
