"""crm test: the set's scenarios, played with a clock of their own."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from engine.cli._options import compiled, fail, set_argument


@click.command(name="test")
@set_argument
@click.option("--only", metavar="WORDS", help="Only scenarios whose name or file has these words.")
@click.option("--coverage", is_flag=True, help="Tell which notifications, stages and transitions no scenario shows.")
def command(folder: Path, only: str | None, coverage: bool) -> None:
    """Play the scenarios in tests/ of SET. Exit 0 when all went as expected, 1 when not."""
    from engine.compiler.problems import as_text
    from engine.compiler.scenarios import load_scenarios
    from engine.rehearsal.company import company

    blueprint = compiled(folder)
    scenarios, problems = load_scenarios(folder, blueprint)
    if problems:
        fail([as_text(problems)])
    chosen = [s for s in scenarios if not only or only.casefold() in f"{s.source.file} {s.name}".casefold()]
    if not chosen:
        fail(["There is no such scenario." if scenarios else f"There is no scenario in {folder / 'tests'}."])
    with company(blueprint, folder) as playing:
        failed = sum(_told(playing.play(scenario)) for scenario in chosen)
        click.echo(f"{len(chosen)} scenarios, {failed} failed." if failed else f"{len(chosen)} scenarios, all as expected.")
        if coverage:
            _tell_coverage(playing.coverage.missing(blueprint))
    sys.exit(1 if failed else 0)


def _told(played: object) -> bool:
    from engine.rehearsal.company import Played

    assert isinstance(played, Played)
    click.echo(f"{'failed' if played.failures else 'ok    '}  {played.scenario.name}")
    for failure in played.failures:
        click.echo(f"  {failure}")
    return bool(played.failures)


def _tell_coverage(missing: Mapping[str, Sequence[str]]) -> None:
    if not missing:
        click.echo("Every notification, stage and transition is shown by a scenario.")
    for kind, names in missing.items():
        click.echo(f"Not shown, {kind}: {', '.join(names)}")
