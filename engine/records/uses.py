"""What of a set speaks of a field, or of one of its words, in words: said when it is to go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from engine.blueprint import Blueprint
from engine.blueprint.conditions import Condition, fields_in, tests_in
from engine.blueprint.entities import Entity
from engine.blueprint.notifications import Notification
from engine.blueprint.reports import Report, Series
from engine.blueprint.roles import Rights
from engine.blueprint.rules import Rule
from engine.blueprint.triggers import fields_of, stages_of
from engine.blueprint.workflows import Workflow
from engine.parts.registry import view_kind

Use = tuple[str, str, str]  # entity, field, in words


def uses_of(blueprint: Blueprint) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """(entity, field) -> `the list`, `report Leads by source`, `role Tele-caller`, ..."""
    found: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for entity, field, words in _all(blueprint):
        found[entity, field.partition(".")[0]][words] = None
    return {key: tuple(words) for key, words in found.items()}


def word_uses_of(blueprint: Blueprint) -> Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]]:
    """(entity, field) -> stage or choice -> `notification Lost lead`, `report Leads by source`, ..."""
    found: dict[tuple[str, str], dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for entity, field, word, words in _all_words(blueprint):
        found[entity, field][word][words] = None
    return {key: {word: tuple(told) for word, told in of.items()} for key, of in found.items()}


def _all_words(blueprint: Blueprint) -> Iterator[tuple[str, str, str, str]]:
    for entity, one, words in _set_off(blueprint):
        for field in blueprint.entities[entity].fields_of("stage"):
            yield from ((entity, field.name, stage, words) for stage in stages_of(one.trigger))
        yield from _words_in(entity, one.when, words)
    for of in blueprint.entities.values():
        for view in of.views.values():
            yield from _words_in(of.name, view.when, f"view {view.label}")
    for report in blueprint.reports.values():
        for series in report.every_series:
            for when in (series.when, *(measure.when for measure in series.measures.values())):
                yield from _words_in(series.entity, when, f"report {report.label}")
        if report.forecast is not None and report.forecast.pipeline is not None:
            yield from _words_in(report.entity, report.forecast.pipeline.open, f"report {report.label}")
    for board in blueprint.dashboards.values():
        for tile in board.tiles.values():
            yield from _words_in(tile.entity, tile.when, f"tile {tile.label}")
    for role in blueprint.roles.values():
        for entity, rights in role.rights.items():
            for scope in (rights.read, rights.create, rights.update, rights.delete):
                yield from _words_in(entity, scope, f"role {role.label}")


def _set_off(blueprint: Blueprint) -> Iterator[tuple[str, Notification | Rule, str]]:
    """The notifications and rules that are about records: their entity, they, and what they are called."""
    for kind, named in (("notification", blueprint.notifications), ("rule", blueprint.rules)):
        for one in named.values():
            if one.entity is not None:
                yield one.entity, one, f"{kind} {one.label}"


def _words_in(entity: str, condition: Condition, words: str) -> Iterator[tuple[str, str, str, str]]:
    for test in tests_in(condition):
        values = test.value if isinstance(test.value, tuple) else (test.value,)
        yield from ((entity, test.field, value, words) for value in values if isinstance(value, str))


def _all(blueprint: Blueprint) -> Iterator[Use]:
    for entity in blueprint.entities.values():
        yield from _of_screens(entity)
        yield from _of_other_fields(entity)
    for workflow in blueprint.workflows.values():
        yield from _of_workflow(workflow)
    yield from _of_roles(blueprint)
    yield from _of_notifications(blueprint)
    yield from _of_reports(blueprint)


def _of_screens(entity: Entity) -> Iterator[Use]:
    shown = (*entity.list.columns, *(name for name, _ in entity.list.sort), *entity.list.filters)
    yield from _each(entity.name, shown, "the list")
    yield from _each(entity.name, (f for s in entity.form for f in s.fields), "the form")
    yield from _each(entity.name, entity.title.fields, "the title")
    for view in entity.views.values():
        named = (*view.fields, *view_kind(view.kind).fields(view.options))
        yield from _each(entity.name, named, f"view {view.label}")
    if entity.client is not None:
        yield from _each(entity.name, entity.client.fields, "the client")
    if entity.activity is not None:
        yield from _each(entity.name, entity.activity.fields, "the activity")
    if entity.board is not None:
        named = (entity.board.by, *entity.board.card, *([entity.board.sum] if entity.board.sum else []))
        yield from _each(entity.name, named, "the board")
    if entity.next_step is not None:
        yield entity.name, entity.next_step, "the next step"


def _of_other_fields(entity: Entity) -> Iterator[Use]:
    for field in entity.fields.values():
        words = f"field {field.label}"
        formula = field.options.get("formula")
        if formula is not None:
            yield from _each(entity.name, formula.fields, words)
        for condition in (field.shown_when, field.required_when):
            if condition is not None:
                yield from _each(entity.name, fields_in(condition), words)
        children = entity.fields.get(field.options.get("of") or "")
        if field.type == "rollup" and children and field.options.get("field"):
            yield children.options["entity"], field.options["field"], f"field {entity.label} / {field.label}"


def _of_workflow(workflow: Workflow) -> Iterator[Use]:
    for stage in workflow.stages.values():
        yield from _each(workflow.entity, stage.requires, f"stage {stage.label}")
    for move in workflow.transitions.values():
        yield from _each(workflow.entity, (*move.asks, *fields_in(move.when)), f"transition {move.label}")
    yield from _each(workflow.entity, fields_in(workflow.applies), f"workflow {workflow.label}")


def _of_roles(blueprint: Blueprint) -> Iterator[Use]:
    for role in blueprint.roles.values():
        for entity, rights in role.rights.items():
            yield from _each(entity, _in_rights(rights), f"role {role.label}")


def _in_rights(rights: Rights) -> Iterator[str]:
    for scope in (rights.read, rights.create, rights.update, rights.delete):
        yield from fields_in(scope)
    yield from rights.hidden | rights.locked


def _of_notifications(blueprint: Blueprint) -> Iterator[Use]:
    for notice in blueprint.notifications.values():
        names = (*_told(notice), *fields_of(notice.trigger), *fields_in(notice.when), *_recipients(notice.to))
        if notice.entity is not None:
            yield from _each(notice.entity, names, f"notification {notice.label}")
    for rule in blueprint.rules.values():
        yield from _each(rule.entity, (*fields_of(rule.trigger), *fields_in(rule.when)), f"rule {rule.label}")


def _told(notice: Notification) -> Iterator[str]:
    """What its words and what goes with them are made of."""
    yield from notice.text.fields | (notice.subject.fields if notice.subject else frozenset())
    yield from (one.field for one in notice.attach if one.field)
    if notice.invite is not None:
        parts = (notice.invite.starts, notice.invite.length, notice.invite.title, notice.invite.place)
        yield from (part for part in parts if part)


def _recipients(to: Iterable[str]) -> Iterator[str]:
    return (word.removeprefix("field:") for word in to if word.startswith("field:"))


def _of_reports(blueprint: Blueprint) -> Iterator[Use]:
    for report in blueprint.reports.values():
        for series in report.every_series:
            yield from _each(series.entity, _of_series(series), f"report {report.label}")
        yield from _of_forecast(report)
        shown = (*report.columns, *filter(None, (report.stages, report.changes)))
        yield from _each(report.entity, shown, f"report {report.label}")
    for board in blueprint.dashboards.values():
        for tile in board.tiles.values():
            names = (*fields_in(tile.when), *tile.measure.fields)
            yield from _each(tile.entity, names, f"dashboard {board.label}")


def _of_forecast(report: Report) -> Iterator[Use]:
    pipeline, override = (report.forecast.pipeline, report.forecast.override) if report.forecast else (None, None)
    if pipeline is not None:
        yield from _each(report.entity, (pipeline.entered, *fields_in(pipeline.open)), f"report {report.label}")
    if override is not None:
        yield from _each(override.entity, ("owner", override.month, override.value), f"report {report.label}")


def _of_series(series: Series) -> Iterator[str]:
    yield from (group.partition(" by ")[0].partition(".")[0] for group in series.group_by)
    yield from (*filter(None, [series.over]), *fields_in(series.when))
    for measure in series.measures.values():
        yield from (*measure.fields, *fields_in(measure.when))


def _each(entity: str, names: Iterable[str], words: str) -> Iterator[Use]:
    return ((entity, name, words) for name in names)


def told(uses: Iterable[str]) -> str:
    """`the list, 2 reports, role Tele-caller`; an empty text when nothing uses it."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for words in uses:
        kinds[words.partition(" ")[0]].append(words)
    return ", ".join(_several(kind, words) for kind, words in kinds.items())


def _several(kind: str, words: list[str]) -> str:
    if kind == "the":
        return " and ".join(words)
    return words[0] if len(words) == 1 else f"{len(words)} {kind}s"
