"""reports.yaml: reports, and dashboards made of tiles and reports."""

from __future__ import annotations

from collections.abc import Mapping

from engine.blueprint.reports import Dashboard, Measure, Report, Tile
from engine.compiler.conditions import kind_of, read_condition
from engine.compiler.draft import Draft, frozen, label_from
from engine.compiler.formulas import SUMMED
from engine.compiler.sentences import one_of
from engine.compiler.spot import Spot
from engine.parts.registry import field_types

COUNT = "count"
SUMS = ("sum", "average")
TAKES = (*SUMS, "smallest", "largest")
BUCKETS = ("hour", "day", "week", "month", "quarter", "year", "financial_year")
WHOLE_DAYS = BUCKETS[1:]
UNGROUPED = frozenset(
    (
        "children", "file", "picture", "long_text", "rich_text", "place",
    )
)  # fmt: skip


def build_reports(draft: Draft) -> None:
    for name, spot in draft.section("reports").items():
        entity = draft.entity_named(spot.get("entity"))
        if entity is not None:
            draft.reports[name] = _report(draft, name, entity, spot)
    for name, spot in draft.section("dashboards").items():
        if spot.node.is_map:
            draft.dashboards[name] = _dashboard(draft, name, spot)


def _report(draft: Draft, name: str, entity: str, spot: Spot) -> Report:
    return Report(
        name=name,
        label=spot.text("label") or label_from(name),
        entity=entity,
        group_by=_groups(draft, entity, spot.get("group_by")),
        measures=_measures(draft, entity, spot.get("measures")),
        when=read_condition(draft, entity, spot.get("when")),
        chart=spot.text("chart") or "table",
        roles=_roles(draft, spot) if spot.get("roles") else None,
        source=spot.source,
    )


def _roles(draft: Draft, spot: Spot) -> tuple[str, ...]:
    named = [draft.role_named(at) for _, at in spot.words("roles")]
    return tuple(dict.fromkeys(role for role in named if role))


def _groups(draft: Draft, entity: str, spot: Spot | None) -> tuple[str, ...]:
    kept = [at.word for at in spot.each() if at.word and _is_group(draft, entity, at)] if spot else []
    return tuple(dict.fromkeys(kept))


def _is_group(draft: Draft, entity: str, spot: Spot) -> bool:
    return read_group(draft, entity, spot, "A report")


def read_group(draft: Draft, entity: str, spot: Spot, what: str) -> bool:
    """`source`, or `created_at by month`."""
    name, _, bucket = spot.word.partition(" by ")
    field = draft.field_named(entity, spot, name.strip())
    if field is None:
        return False
    kind = kind_of(field)
    if field.type in UNGROUPED:
        draft.tell(spot, "wrong-value", f"{what} cannot group by {field.name}, a field of type {field.type}.")
        return False
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


def _measures(draft: Draft, entity: str, spot: Spot | None) -> Mapping[str, Measure]:
    found = {name: _measure(draft, entity, name, label_from(name), at) for name, at in spot.items()} if spot else {}
    return frozen({name: measure for name, measure in found.items() if measure is not None})


def _measure(draft: Draft, entity: str, name: str, label: str, spot: Spot | None) -> Measure | None:
    """`count`, or `{sum: amount}`."""
    if spot is None or spot.word == COUNT:
        return Measure(name, label, COUNT)
    if not spot.node.is_map:
        draft.unknown(spot, spot.word, "a measure", (COUNT, *(f"{{{take}: FIELD}}" for take in TAKES)))
        return None
    for take, at in spot.items():
        if take not in TAKES:
            draft.unknown(at, take, "a measure", TAKES, at_key=True)
            return None
        field = draft.field_named(entity, at)
        return Measure(name, label, take, field.name) if field and _measurable(draft, entity, take, at) else None
    return None


def _measurable(draft: Draft, entity: str, take: str, spot: Spot) -> bool:
    field = draft.fields[entity][spot.word]
    part = field_types().get(kind_of(field))
    if take in SUMS and kind_of(field) not in SUMMED:
        known = [f.name for f in draft.fields[entity].values() if kind_of(f) in SUMMED and not f.system]
        draft.tell(spot, "wrong-value", f"{field.name} holds no number to {take}.", one_of("Fields with numbers", known))
        return False
    if part is None or not part.sortable or part.many or field.type == "children":
        draft.tell(spot, "wrong-value", f"{field.name} has no {take} value: it is of type {field.type}.")
        return False
    return True


def _dashboard(draft: Draft, name: str, spot: Spot) -> Dashboard:
    tiles = spot.get("tiles")
    built = {key: _tile(draft, key, at) for key, at in tiles.items()} if tiles else {}
    return Dashboard(
        name=name,
        label=spot.text("label") or label_from(name),
        roles=_roles(draft, spot),
        tiles=frozen({key: tile for key, tile in built.items() if tile is not None}),
        reports=_reports(draft, spot),
        source=spot.source,
    )


def _reports(draft: Draft, spot: Spot) -> tuple[str, ...]:
    known = draft.section("reports").node.value
    for word, at in spot.words("reports"):
        if word not in known and draft.can_judge("reports"):
            draft.unknown(at, word, "a report", known)
    return tuple(word for word, _ in spot.words("reports") if word in known)


def _tile(draft: Draft, name: str, spot: Spot) -> Tile | None:
    entity = draft.entity_named(spot.get("entity"))
    if entity is None:
        return None
    label = spot.text("label") or label_from(name)
    measure = _measure(draft, entity, name, label, spot.get("measure"))
    when = read_condition(draft, entity, spot.get("when"))
    return None if measure is None else Tile(name, label, entity, measure, when, spot.text("color"), spot.source)
