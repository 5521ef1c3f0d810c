"""A config set becomes a blueprint, or every problem is told at once.

The order matters: names first, then what names can be given, then what is computed from fields, then conditions,
which may ask about anything computed, and last what speaks of all these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engine.blueprint import Blueprint
from engine.compiler.activities import build_activities
from engine.compiler.assignments import build_assignments
from engine.compiler.boards import build_boards
from engine.compiler.capture import build_captures
from engine.compiler.channels import build_channels
from engine.compiler.clients import build_clients
from engine.compiler.draft import Draft, frozen
from engine.compiler.duplicates import build_duplicates
from engine.compiler.entities import build_entities, finish_conditions, settle_children
from engine.compiler.fields import build_fields, finish_fields
from engine.compiler.formulas import settle_formulas
from engine.compiler.imports import build_imports
from engine.compiler.layers import MANIFEST
from engine.compiler.manifest import build_manifest
from engine.compiler.moments import settle_moments
from engine.compiler.notifications import build_notifications
from engine.compiler.overlay import MergedSet, load_set
from engine.compiler.paths import check_paths
from engine.compiler.problems import SPELLING, Problem, Problems, as_text
from engine.compiler.renames import check_renames
from engine.compiler.reports import build_reports
from engine.compiler.roles import build_roles
from engine.compiler.rules import build_rules
from engine.compiler.structure import check_structure
from engine.compiler.translations import read_translations
from engine.compiler.views import build_views
from engine.compiler.workflows import add_stage_fields, build_workflows
from engine.errors import Unusable

STEPS: tuple[Callable[[Draft], None], ...] = (
    build_manifest,
    build_fields,
    add_stage_fields,
    finish_fields,
    settle_children,
    settle_formulas,
    finish_conditions,
    build_workflows,
    build_entities,
    build_activities,
    build_boards,
    build_clients,
    build_duplicates,
    build_roles,
    build_views,
    check_paths,
    build_assignments,
    build_rules,
    build_channels,
    build_notifications,
    build_reports,
    build_imports,
    build_captures,
    settle_moments,
    check_renames,
)
ALWAYS_TOLD = SPELLING | {"missing-key"}


class BrokenSet(Unusable):
    """The set cannot be used; `problems` holds every problem, in the order of files and lines."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"The set has {count}.\n{as_text(problems)}")
        self.problems = problems


def compile_set(folder: Path | str) -> Blueprint:
    """The blueprint of the set in `folder`. Raises BrokenSet."""
    blueprint, problems = check_set(folder)
    if blueprint is None:
        raise BrokenSet(problems)
    return blueprint


def check_set(folder: Path | str) -> tuple[Blueprint | None, tuple[Problem, ...]]:
    """The blueprint, or None, and every problem."""
    return check_merged(load_set(folder))


def check_merged(merged: MergedSet) -> tuple[Blueprint | None, tuple[Problem, ...]]:
    """The same for a set that was read already: for editors and tests."""
    structural, as_meant = check_structure(merged)
    draft = Draft(as_meant, Problems())
    for step in STEPS:
        step(draft)
    blueprint = _blueprint(draft)
    found = _together(merged.problems, structural, draft.problems.sorted())
    return (None if found else blueprint), found


def _together(*layers: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Where two layers speak of one key, the later one is heard: it knows more than the shape. But what could not
    even be spelled is not called wrong, and what lacks a key is told so whatever else is wrong with it."""
    told: dict[tuple[str, int, str], list[Problem]] = {}
    kept: list[Problem] = []
    for layer in layers:
        here: dict[tuple[str, int, str], list[Problem]] = {}
        for problem in layer:
            here.setdefault((problem.file, problem.line, _path(problem)), []).append(problem)
            kept += [problem] if problem.code in ALWAYS_TOLD else []
        told.update(here)
    spelling = {(p.file, p.line, _path(p)) for p in kept if p.code in SPELLING}
    found = [p for place, problems in told.items() if place not in spelling for p in problems]
    return tuple(sorted({replace(problem, path=_path(problem)) for problem in (*found, *kept)}))


def _path(problem: Problem) -> str:
    """As it is written in the file: crm.yaml has no key `manifest`."""
    return problem.path.removeprefix("manifest").removeprefix(".") if problem.file.endswith(MANIFEST) else problem.path


def _blueprint(draft: Draft) -> Blueprint:
    made = _without_words(draft)
    return replace(made, words=frozen(read_translations(draft, made)))


def _without_words(draft: Draft) -> Blueprint:
    return Blueprint(
        manifest=draft.manifest,
        entities=frozen(draft.entities),
        workflows=frozen(draft.workflows),
        roles=frozen(draft.roles),
        notifications=frozen(draft.notifications),
        reports=frozen(draft.reports),
        dashboards=frozen(draft.dashboards),
        imports=frozen(draft.imports),
        channels=frozen(draft.channels),
        rules=frozen(draft.rules),
        assignments=frozen(draft.assignments),
        captures=frozen(draft.captures),
        folders=tuple(layer.folder for layer in draft.merged.layers),
        hash=draft.merged.hash,
    )
