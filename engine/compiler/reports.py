"""reports.yaml: reports, and dashboards made of tiles and reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from engine.blueprint.entities import Field
from engine.blueprint.reports import DERIVED, Dashboard, Forecast, Measure, Report, Series, Tile
from engine.compiler.changes import read_changes
from engine.compiler.conditions import kind_of, read_condition
from engine.compiler.draft import Draft, frozen, label_from
from engine.compiler.entities import field_one_step_away, read_columns
from engine.compiler.forecasts import by_month, check_forecast, read_forecast
from engine.compiler.formulas import SUMMED
from engine.compiler.periods import read_period
from engine.compiler.sentences import one_of
from engine.compiler.spot import Spot
from engine.compiler.stretches import read_stretch
from engine.compiler.suggest import nearest
from engine.parts.registry import charts, field_types
from engine.parts.tables import AGE

COUNT = "count"
SUMS = ("sum", "average", "median", "weighted")
TAKES = (*SUMS, "distinct", "smallest", "largest")
ANY_TIME = "any time"  # what `over` says where no period narrows
BESIDE = ("when", "label")  # keys of a measure that do not say what is taken
MOST_GROUPS = 2
FILTERED = ("choice", "stage", "reference", "user", "team", "yes_no", "role")  # a page of reports can be narrowed by these
BUCKETS = ("hour", "day", "week", "month", "quarter", "year", "financial_year")
WHOLE_DAYS = BUCKETS[1:]
UNGROUPED = frozenset(
    (
        "children", "file", "picture", "long_text", "rich_text", "place",
    )
)  # fmt: skip


def build_reports(draft: Draft) -> None:
    for name, spot in draft.section("reports").items():
        report = _report(draft, name, spot) if spot.node.is_map else None
        if report is not None:
            draft.reports[name] = report
    for name, spot in draft.section("dashboards").items():
        if spot.node.is_map:
            draft.dashboards[name] = _dashboard(draft, name, spot)


def _report(draft: Draft, name: str, spot: Spot) -> Report | None:
    before = len(draft.problems)
    series = _all_series(draft, name, spot)
    if not series:
        return None
    _check_kind(draft, spot)
    derived = _derived(draft, spot.get("measures"), [m for one in series.values() for m in one.measures])
    ahead = spot.get("forecast")
    if ahead is not None:
        check_forecast(draft, spot, series, derived)
        series = {name: by_month(one) for name, one in series.items()}
    report = Report(
        name=name,
        label=spot.text("label") or label_from(name),
        series=frozen(series),
        derived=frozen(derived),
        period=read_period(draft, spot.get("period")),
        columns=columns_of_list(draft, next(iter(series.values())).entity, spot.get("columns")),
        stages=_stages(draft, next(iter(series.values())).entity, spot.get("stages")),
        changes=read_changes(draft, next(iter(series.values())), spot),
        forecast=_forecast(draft, next(iter(series.values())), ahead),
        chart=spot.text("chart") or ("table" if ahead is None else "forecast"),
        top=spot.number("top"),
        roles=_roles(draft, spot) if spot.get("roles") else None,
        help=spot.text("help"),
        was=spot.text("was"),
        source=spot.source,
    )
    if len(draft.problems) == before:
        _check_chart(draft, report, spot.get("chart"))
    return replace(report, order=_order(draft, report, spot.get("order")))


def _forecast(draft: Draft, sales: Series, spot: Spot | None) -> Forecast | None:
    return read_forecast(draft, sales, spot, _part, _pipeline_measure) if spot is not None and spot.node.is_map else None


def _part(draft: Draft, name: str, spot: Spot) -> Series | None:
    """What a forecast asks beside its own report: how many, or what `measure` says. The program has words for both."""
    found, at = _series(draft, name, "", spot), spot.get("measure")
    measure = _measure(draft, found.entity, name, "", at) if found is not None else None
    return by_month(replace(found, measures=frozen({name: measure}))) if found is not None and measure is not None else None


def _pipeline_measure(draft: Draft, entity: str, spot: Spot) -> Measure | None:
    return _measure(draft, entity, "pipeline", "", spot)


def _check_chart(draft: Draft, report: Report, spot: Spot | None) -> None:
    refusal = charts()[report.chart].refusal(report) if report.chart in charts() else None
    if refusal is not None and spot is not None:
        message = f"This report cannot be drawn as {report.chart}: {refusal}."
        draft.tell(spot, "wrong-value", message, "Choose another chart.")


def _check_kind(draft: Draft, spot: Spot) -> None:
    """Measures of groups, a list of records, the stages of a workflow, or what changed: one of the four."""
    kinds = [key for key in ("columns", "stages", "changes") if spot.get(key)]
    own = spot.get("measures")
    if not kinds and own is None and spot.get("series") is None:
        draft.tell(spot, "missing-key", "Nothing is measured.", "Add measures, columns, stages or changes.")
    if kinds and own is not None:
        message = f"A report with {kinds[0]} has no measures of its own."
        draft.tell(own, "contradiction", message, "Remove one of the two.", at_key=True)
    if len(kinds) > 1:
        message = "A report is a list of records, about stages, or about what changed: one of these."
        draft.tell(spot.get(kinds[-1]) or spot, "contradiction", message, "Remove the others.", at_key=True)


# ---- series


def _all_series(draft: Draft, name: str, spot: Spot) -> dict[str, Series]:
    several = spot.get("series")
    if several is None:
        found = _series(draft, name, spot.text("label") or label_from(name), spot)
        return {"": replace(found, name="")} if found is not None else {}
    for key in ("entity", "when", "over", "group_by"):
        at = spot.get(key)
        if at is not None:
            message = f"In a report with series, each series says its own {key}."
            draft.tell(at, "contradiction", message, "Move it into the series.", at_key=True)
    named = [(key, at) for key, at in several.items() if at.node.is_map]
    built = {key: _series(draft, key, at.text("label") or label_from(key), at) for key, at in named}
    kept = {key: one for key, one in built.items() if one is not None}
    _check_alike(draft, several, kept)
    return kept


def _series(draft: Draft, name: str, label: str, spot: Spot) -> Series | None:
    at = spot.get("entity")
    if at is None:
        _tell_no_entity(draft, name, spot)
    entity = draft.entity_named(at)
    if entity is None:
        return None
    return Series(
        name=name,
        label=label,
        entity=entity,
        group_by=_groups(draft, entity, spot.get("group_by")),
        measures=_measures(draft, entity, spot.get("measures")),
        when=read_condition(draft, entity, spot.get("when")),
        over=_over(draft, entity, spot.get("over")),
        source=spot.source,
    )


def _tell_no_entity(draft: Draft, name: str, spot: Spot) -> None:
    """A report that a set beneath does not have is often one of its reports, misspelt."""
    near = nearest(name, [other for other in draft.section("reports").node.value if other != name])
    if near:
        message = f'"{name}" is new here, and is not complete.'
        draft.tell(spot, "unknown-name", message, f'Did you mean "{near}"?', at_key=True)
    else:
        draft.tell(spot, "missing-key", '"entity" is missing.', "Say whose records are counted.")


def _over(draft: Draft, entity: str, spot: Spot | None) -> str:
    if spot is not None and spot.word == ANY_TIME:
        return ""
    field = draft.field_named(entity, spot) if spot is not None and spot.word else None
    if field is None or spot is None:
        return "created_at"
    if kind_of(field) not in ("date", "datetime"):
        draft.tell(spot, "wrong-value", f"{field.name} is no date, so no period can narrow it.", "Name a date or a moment.")
    return field.name


def _check_alike(draft: Draft, spot: Spot, series: Mapping[str, Series]) -> None:
    """The series of a report stand side by side, so they are grouped by things of one kind."""
    shapes = {name: tuple(_shape(draft, one.entity, group) for group in one.group_by) for name, one in series.items()}
    first = next(iter(shapes), None)
    for name, shape in shapes.items():
        if first is not None and shape != shapes[first]:
            message = f"{name} is not grouped by the same things as {first}."
            at = spot.get(name)
            draft.tell((at.get("group_by") if at else None) or spot, "wrong-value", message, "Group both alike.")
    names = [measure for one in series.values() for measure in one.measures]
    for name in sorted({name for name in names if names.count(name) > 1}):
        draft.tell(spot, "duplicate", f"Two series have a measure {name}.", "Rename one of them.")


def _shape(draft: Draft, entity: str, group: str) -> tuple[str, ...]:
    """What values a group has: a stretch of time, records of an entity, words."""
    name, _, bucket = group.partition(" by ")
    field = one_step_away(draft, entity, name)
    if field is None:
        return ("?",)
    kind = kind_of(field)
    if bucket == AGE:
        return (AGE,)
    if kind in ("date", "datetime"):
        return ("time", bucket or "day")
    return field.targets or ("words" if kind in ("choice", "stage", "text", "role") else kind,)


def one_step_away(draft: Draft, entity: str, name: str) -> Field | None:
    """`amount`, or `account.industry`; None where there is none, which is told elsewhere."""
    first, _, rest = name.partition(".")
    field = draft.fields[entity].get(first)
    if field is None or not rest:
        return field
    return draft.fields[field.targets[0]].get(rest) if len(field.targets) == 1 and field.targets[0] in draft.fields else None


# ---- what the whole report says


def _stages(draft: Draft, entity: str, spot: Spot | None) -> str | None:
    field = draft.field_named(entity, spot) if spot is not None and spot.word else None
    if field is None or spot is None:
        return None
    if field.type != "stage":
        known = [f.name for f in draft.fields[entity].values() if f.type == "stage"]
        draft.tell(spot, "wrong-value", f"{field.name} is no stage.", one_of("Stages of " + entity, known))
        return None
    return field.name


def columns_of_list(draft: Draft, entity: str, spot: Spot | None) -> tuple[str, ...]:
    return read_columns(draft, entity, spot) if spot is not None else ()


def _order(draft: Draft, report: Report, spot: Spot | None) -> tuple[tuple[str, bool], ...]:
    known = [*report.measures, *report.group_by]
    kept: list[tuple[str, bool]] = []
    for at in spot.each() if spot else ():
        name = (at.word or "").removeprefix("-")
        if report.columns:
            if draft.field_named(report.entity, at, name) is not None:
                kept.append((name, (at.word or "").startswith("-")))
        elif name in known:
            kept.append((name, (at.word or "").startswith("-")))
        elif at.word:
            draft.unknown(at, name, "a measure or a group of this report", known)
    return tuple(kept)


def _roles(draft: Draft, spot: Spot) -> tuple[str, ...]:
    named = [draft.role_named(at) for _, at in spot.words("roles")]
    return tuple(dict.fromkeys(role for role in named if role))


def _groups(draft: Draft, entity: str, spot: Spot | None) -> tuple[str, ...]:
    kept = [at.word for at in spot.each() if at.word and _is_group(draft, entity, at)] if spot else []
    if spot is not None and len(kept) > MOST_GROUPS:
        draft.tell(spot, "too-many", f"A report is grouped by at most {MOST_GROUPS} things.", "Take one out.")
    return tuple(dict.fromkeys(kept))[:MOST_GROUPS]


def _is_group(draft: Draft, entity: str, spot: Spot) -> bool:
    return read_group(draft, entity, spot, "A report")


def read_group(draft: Draft, entity: str, spot: Spot, what: str) -> bool:
    """`source`, `created_at by month`, or `account.industry`."""
    name, _, bucket = (spot.word or "").partition(" by ")
    field = field_one_step_away(draft, entity, spot, name.strip())
    if field is None:
        return False
    kind = kind_of(field)
    if field.type in UNGROUPED:
        draft.tell(spot, "wrong-value", f"{what} cannot group by {field.name}, a field of type {field.type}.")
        return False
    own_stage = kind == "stage" and name in draft.fields[entity]
    if bucket == AGE and what == "A report" and (own_stage or kind in ("date", "datetime")):
        return True
    return not bucket or _is_bucket(draft, spot, name, bucket, kind)


def _is_bucket(draft: Draft, spot: Spot, name: str, bucket: str, kind: str) -> bool:
    if kind not in ("date", "datetime"):
        message = f'{name} is no date, so "by {bucket}" means nothing.'
        draft.tell(spot, "wrong-value", message, f"Write {name}.")
        return False
    known = BUCKETS if kind == "datetime" else WHOLE_DAYS
    if bucket not in known:
        draft.unknown(spot, bucket, f"a part of time by which {name} can be grouped", known)
    return bucket in known


# ---- measures


def _measures(draft: Draft, entity: str, spot: Spot | None) -> Mapping[str, Measure]:
    """Those that are taken from records; what is derived from them is read for the whole report."""
    items = [(name, at) for name, at in spot.items() if not _is_derived(at)] if spot and spot.node.is_map else []
    found = {name: _measure(draft, entity, name, _label(name, at), at) for name, at in items}
    return frozen({name: measure for name, measure in found.items() if measure is not None})


def _label(name: str, spot: Spot) -> str:
    return (spot.text("label") if spot.node.is_map else None) or label_from(name)


def _is_derived(spot: Spot) -> bool:
    return spot.node.is_map and any(spot.get(key) for key in DERIVED)


def _measure(draft: Draft, entity: str, name: str, label: str, spot: Spot | None) -> Measure | None:
    """`count`, or `{sum: amount, when: {...}}`."""
    if spot is None or spot.word == COUNT:
        return Measure(name, label, COUNT)
    if not spot.node.is_map:
        draft.unknown(spot, spot.word, "a measure", (COUNT, *(f"{{{take}: FIELD}}" for take in TAKES)))
        return None
    taken = _taken(draft, spot, (COUNT, *TAKES))
    if taken is None:
        return None
    take, at = taken
    when = read_condition(draft, entity, spot.get("when"))
    if take == COUNT:
        return Measure(name, label, COUNT, when=when) if _is_records(draft, at) else None
    if at.node.is_map:
        stretch = read_stretch(draft, entity, take, at)
        return Measure(name, label, take, when=when, stretch=stretch) if stretch is not None else None
    field = draft.field_named(entity, at)
    return Measure(name, label, take, field.name, when) if field and _measurable(draft, entity, field, take, at) else None


def _taken(draft: Draft, spot: Spot, known: tuple[str, ...]) -> tuple[str, Spot] | None:
    """The one key that says what is taken."""
    found = [(key, at) for key, at in spot.items() if key not in BESIDE]
    for key, at in found:
        if key not in known:
            draft.unknown(at, key, "a measure", (*known, *DERIVED), at_key=True)
            return None
    if len(found) == 1:
        return found[0]
    message = "A measure takes one thing." if found else "Nothing is taken."
    draft.tell(spot, "wrong-value", message, "Write for example {sum: amount}.")
    return None


def _is_records(draft: Draft, spot: Spot) -> bool:
    if spot.word == "records":
        return True
    draft.tell(spot, "wrong-value", f'What is counted is "records", not {spot.word or "this"}.', "Write count: records.")
    return False


def _measurable(draft: Draft, entity: str, field: Field, take: str, spot: Spot) -> bool:
    part = field_types().get(kind_of(field))
    if take in SUMS and kind_of(field) not in SUMMED:
        known = [f.name for f in draft.fields[entity].values() if kind_of(f) in SUMMED and not f.system]
        draft.tell(spot, "wrong-value", f"{field.name} holds no number to {take}.", one_of("Fields with numbers", known))
        return False
    if part is None or part.many or field.type == "children" or not (part.sortable or take == "distinct"):
        draft.tell(spot, "wrong-value", f"{field.name} has no {take} value: it is of type {field.type}.")
        return False
    if take == "weighted" and not any(f.type == "stage" for f in draft.fields[entity].values()):
        draft.tell(spot, "wrong-value", f"{entity} has no stages, so nothing has a probability.", "Use sum.", at_key=True)
        return False
    return True


def _derived(draft: Draft, spot: Spot | None, taken: list[str]) -> dict[str, Measure]:
    found: dict[str, Measure] = {}
    for name, at in spot.items() if spot and spot.node.is_map else ():
        if at.node.is_map and _is_derived(at):
            one = _taken(draft, at, DERIVED)
            if one is not None:
                plain = [key for key, other in spot.items() if not _is_derived(other)] if spot else []
                broken = {key for key in plain if key not in taken}
                of = tuple(_named_measures(draft, one[0], one[1], [*taken, *found], broken))
                found[name] = Measure(name, _label(name, at), one[0], of=of)
    return {name: measure for name, measure in found.items() if measure.of}


OF_MEASURES = {
    "ratio": (2, 2, "two measures", "Write ratio: [won, all]."),
    "product": (2, 5, "two to five measures", "Write product: [open, rate, size]."),
}


def _named_measures(draft: Draft, take: str, spot: Spot, known: list[str], broken: set[str]) -> Iterator[str]:
    """`broken`: measures whose own line is wrong, which was told there."""
    places = list(spot.each()) if spot.node.is_list else [spot]
    least, most, told, hint = OF_MEASURES.get(take, (1, 1, "one measure", f"Write {take}: MEASURE."))
    if not least <= len(places) <= most or spot.node.is_list != (most > 1):
        draft.tell(spot, "wrong-value", f"{take} is worked out from {told}.", hint)
        return
    for at in places:
        if at.word in known:
            yield at.word
        elif at.word and at.word not in broken:
            draft.unknown(at, at.word, "a measure that stands before this one", known)


def _dashboard(draft: Draft, name: str, spot: Spot) -> Dashboard:
    tiles = spot.get("tiles")
    built = {key: _tile(draft, key, at) for key, at in tiles.items()} if tiles else {}
    return Dashboard(
        name=name,
        label=spot.text("label") or label_from(name),
        roles=_roles(draft, spot),
        tiles=frozen({key: tile for key, tile in built.items() if tile is not None}),
        reports=_reports(draft, spot),
        views=tuple(_desk_views(draft, spot)),
        filters=tuple(_desk_filters(draft, spot)),
        period=read_period(draft, spot.get("period")),
        was=spot.text("was"),
        source=spot.source,
    )


def _desk_filters(draft: Draft, spot: Spot) -> Iterator[str]:
    """`period`, and fields that something on the page has, or its owner."""
    reports = [draft.reports[name] for name, _ in spot.words("reports") if name in draft.reports]
    entities = {one.entity for report in reports for one in report.series.values()}
    entities |= {word.partition(".")[0] for word, _ in spot.words("views")}
    tiles = spot.get("tiles")
    entities |= {at.text("entity") or "" for _, at in tiles.items()} if tiles else set()
    there = entities & set(draft.fields)
    people = {"user"} & set(draft.fields) if any("owner" in draft.fields[entity] for entity in there) else set()
    fields = [field for entity in there | people for field in draft.fields[entity].values()]
    known = sorted({field.name for field in fields if field.type in FILTERED})
    for word, at in spot.words("filters"):
        if word == "period" or word in known:
            yield word
        elif draft.can_judge("reports", "entities"):
            draft.unknown(at, word, "a choice, a person or a record that this page's reports have", ["period", *known])


def _reports(draft: Draft, spot: Spot) -> tuple[str, ...]:
    known = draft.section("reports").node.value
    for word, at in spot.words("reports"):
        if word not in known and draft.can_judge("reports"):
            draft.unknown(at, word, "a report", known)
    return tuple(word for word, _ in spot.words("reports") if word in known)


def _desk_views(draft: Draft, spot: Spot) -> Iterator[tuple[str, str]]:
    """`lead.hot`: a view of an entity."""
    known = [f"{one.name}.{key}" for one in draft.entities.values() for key in one.views]
    for word, at in spot.words("views"):
        name, _, view = word.partition(".")
        if word in known:
            yield name, view
        elif known and draft.can_judge("entities"):
            draft.unknown(at, word, "a view of an entity", known)
        elif draft.can_judge("entities"):
            hint = "Give an entity views first, and name one as ENTITY.VIEW."
            draft.tell(at, "unknown-name", f'"{word}" is not a view of an entity: no entity has views.', hint)


def _tile(draft: Draft, name: str, spot: Spot) -> Tile | None:
    entity = draft.entity_named(spot.get("entity"))
    if entity is None:
        return None
    at = spot.get("measure")
    label = spot.text("label") or (_label(name, at) if at is not None else label_from(name))
    measure = _measure(draft, entity, name, label, at)
    when, over = read_condition(draft, entity, spot.get("when")), _over(draft, entity, spot.get("over"))
    hue, was = spot.text("color"), spot.text("was")
    return None if measure is None else Tile(name, label, entity, measure, when, hue, over, was, spot.source)
