"""crm diagram: a workflow drawn."""

from __future__ import annotations

from pathlib import Path

import click

from engine.blueprint.workflows import PREVIOUS, Transition, Workflow
from engine.cli._options import compiled, fail


@click.command(name="diagram")
@click.argument("folder", metavar="[SET]", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--workflow", help="Its name; without it, all of them.")
@click.option("--format", "form", type=click.Choice(["mermaid", "dot"]), default="mermaid", show_default=True)
def command(folder: Path, workflow: str | None, form: str) -> None:
    """Print the stages and moves of SET's workflows as Mermaid or Graphviz text."""
    found = compiled(folder).workflows
    if workflow is not None and workflow not in found:
        fail([f'There is no workflow "{workflow}". There are {", ".join(found)}.'])
    draw = {"mermaid": mermaid, "dot": dot}[form]
    click.echo("\n\n".join(draw(one) for one in found.values() if workflow in (None, one.name)))


def mermaid(workflow: Workflow) -> str:
    ids = {name: f"s{number}" for number, name in enumerate(workflow.stages)}
    lines = [f"---\ntitle: {workflow.label}\n---", "stateDiagram-v2"]
    lines += [f"    {ids[s.name]} : {s.label}" for s in workflow.stages.values()]
    lines.append(f"    [*] --> {ids[workflow.starts_at]}")
    for move in workflow.transitions.values():
        lines += [f"    {ids[source]} --> {ids[target]} : {_label(move)}" for source, target in _ways(move)]
    lines += [f"    {ids[s.name]} --> [*]" for s in workflow.stages.values() if s.ends]
    return "\n".join(lines)


def dot(workflow: Workflow) -> str:
    lines = [f"digraph {_quoted(workflow.name)} {{", "    node [shape=box, style=rounded];"]
    for stage in workflow.stages.values():
        doubled = ", peripheries=2" if stage.ends else ""
        lines.append(f"    {_quoted(stage.name)} [label={_quoted(stage.label)}{doubled}];")
    for move in workflow.transitions.values():
        lines += [f"    {_quoted(a)} -> {_quoted(b)} [label={_quoted(_label(move))}];" for a, b in _ways(move)]
    return "\n".join([*lines, "}"])


def _ways(move: Transition) -> list[tuple[str, str]]:
    """From where to where; a move back to an earlier stage is drawn at each stage that it leaves."""
    return [(source, source if move.target == PREVIOUS else move.target) for source in move.sources]


def _label(move: Transition) -> str:
    return f"{move.label} (back)" if move.target == PREVIOUS else move.label


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
