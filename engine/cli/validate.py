"""crm validate: every problem of a set, at once."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import click

from engine.cli._options import set_argument
from engine.compiler import check_set
from engine.compiler.problems import FORMATS
from engine.compiler.translations import missing


@click.command(name="validate")
@set_argument
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
def command(folder: Path, form: str) -> None:
    """Check SET and tell every problem. Exit 0 when valid, 1 when not."""
    gc.disable()  # a tenth of the time, for a program that ends before there is anything to collect
    blueprint, problems = check_set(folder)
    written = FORMATS[form](problems)
    if written:
        click.echo(written)
    if blueprint is None:
        sys.exit(1)
    if form == "text":
        click.echo(
            f"{blueprint.manifest.title} is valid: {len(blueprint.entities)} entities, "
            f"{len(blueprint.workflows)} workflows, {len(blueprint.roles)} roles, {len(blueprint.reports)} reports."
        )
        for language in blueprint.manifest.languages:
            left = len(missing(blueprint, blueprint.words[language])) if language in blueprint.words else 0
            if left:
                said = "1 word is" if left == 1 else f"{left} words are"
                click.echo(f"{said} not told in {language} yet. See them with `crm translate {language} {folder}`.")
