"""crm translate: which words of a set are missing in a language, and a file to fill them in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from engine.cli._options import set_argument
from engine.compiler import compile_set
from engine.compiler.manifest import LANGUAGE
from engine.compiler.translations import FOLDER, missing

Missing = list[tuple[tuple[str, ...], str]]


@click.command(name="translate")
@click.argument("language")
@set_argument
def command(language: str, folder: Path) -> None:
    """Tell which words of SET are missing in LANGUAGE, and write them down to be filled in.

    Without a file for the language one is written; else what it lacks is printed, to be put into it. What is left empty
    is told in the set's own language. The set offers the language when crm.yaml lists it in `languages`.
    """
    if not LANGUAGE.fullmatch(language):
        raise click.ClickException(f'"{language}" is not the code of a language, as in hi, ar or pt-BR.')
    blueprint = compile_set(folder)
    found = missing(blueprint, blueprint.words.get(language, {}))
    click.echo(told(language, found), err=True)
    file = folder / FOLDER / f"{language}.yaml"
    if found and not file.exists():
        file.parent.mkdir(exist_ok=True)
        file.write_text(stub(found), encoding="utf-8")
        click.echo(f"Written to {file}.", err=True)
    elif found:
        click.echo(stub(found), nl=False)


def told(language: str, found: Missing) -> str:
    """`ar: 12 words are missing: 8 in entities, 4 in workflows.`"""
    if not found:
        return f"{language}: no word is missing."
    counts = Counter(path[0] for path, _ in found)
    where = ", ".join(f"{count} in {name}" for name, count in counts.items())
    return f"{language}: {len(found)} {'word is' if len(found) == 1 else 'words are'} missing: {where}."


def stub(found: Missing) -> str:
    """The missing words as YAML, each empty, with what the set says there beside it."""
    lines: list[str] = []
    before: tuple[str, ...] = ()
    for path, said in found:
        shared = _shared(before, path)
        lines += [f"{'  ' * depth}{_key(path[depth])}:" for depth in range(shared, len(path) - 1)]
        lines.append(f"{'  ' * (len(path) - 1)}{_key(path[-1])}:  # {' '.join(said.split())}")
        before = path
    return "\n".join(lines) + "\n"


def _shared(before: Iterable[str], path: tuple[str, ...]) -> int:
    """How many keys at the beginning are the same, but for the last one."""
    count = 0
    for one, other in zip(before, path[:-1], strict=False):
        if one != other:
            break
        count += 1
    return count


def _key(key: str) -> str:
    plain = key.replace("_", "").replace(" ", "").replace("-", "")
    return key if plain.isalnum() and plain.isascii() and not plain[0].isdigit() else json.dumps(key, ensure_ascii=False)
