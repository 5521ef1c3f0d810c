"""A list's groups: a head for each with its count and sums, and beneath those that are open their first rows.

A page opens the first few; the others are a link away, which a script follows when they come into sight. A group's rows
are the list's own, with the group's filters added: so they page, sort and are judged as any list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.blueprint.entities import Choice, Entity, Field
from engine.blueprint.reports import Measure
from engine.blueprint.values import Ref
from engine.markup import Html, join, tag
from engine.parts import field_type
from engine.parts.derived import effective
from engine.parts.fields.choice import pill
from engine.records.aggregate import NUMBERS
from engine.records.database import Connection
from engine.records.groups import MOST, Grouped, One, groups_of
from engine.records.query import Query, both
from engine.records.read import Page
from engine.web.frame import Screen
from engine.web.render import NIL, icon
from engine.web.render_filters import Filters
from engine.web.render_rows import Look
from engine.web.render_tables import Columns, drawn

FIRST = 10  # rows of an open group
OPENED = 3  # groups that are open at first
MOST_OPEN = 6  # that an address may ask for: each costs a statement


@dataclass(frozen=True, slots=True)
class Groups:
    """`page` tells the columns; `rows` are the table's bodies, one for each group."""

    count: str
    page: Page
    rows: str
    note: str


def read_groups(
    seen: Screen, lent: Connection, entity: Entity, query: Query, filters: Filters, columns: Columns,
    opened: tuple[str, ...] | None, ticks: bool,
) -> Groups:  # fmt: skip
    """Raises BadRequest for what cannot be grouped."""
    reads = seen.crm.reads
    measures = _measures(entity, columns)
    found = groups_of(reads, lent, seen.actor, query, measures)
    keys = _opened(found, opened)
    pages = {one.key: _page(seen, lent, query, one) for one in found.groups if one.key in keys}
    first = next(iter(pages.values()), None) or reads.page(seen.actor, replace(query, group=None, limit=1), connection=lent)
    table = drawn(seen, entity, first, ticks, columns)
    bodies = []
    for one in found.groups:
        bodies.append(str(_head(seen, filters, found, one, table.looks, ticks, keys, measures)))
        bodies.append(_rows(seen, filters, one, pages, table, ticks))
    return Groups(_count(found), first, "".join(bodies), str(_note(seen, found)))


def _measures(entity: Entity, columns: Columns) -> Mapping[str, Measure]:
    """The sum of each number that stands in a column of its own, and its average."""
    numbers = [entity.fields[name] for name in columns.shown if name in entity.fields]
    kept = [f for f in numbers if effective(f).type in NUMBERS and f.type != "rollup" and not f.system]
    return {
        f"{take} {field.name}": Measure(f"{take} {field.name}", field.label, take, field.name)
        for field in kept
        for take in (("average",) if effective(field).type == "percent" else ("sum", "average"))
    }


def _opened(found: Grouped, opened: tuple[str, ...] | None) -> frozenset[str]:
    if opened is not None:
        return frozenset(opened[:MOST_OPEN])
    return frozenset([one.key for one in found.groups if one.count][:OPENED])


def _page(seen: Screen, lent: Connection, query: Query, one: One) -> Page:
    reads, actor = seen.crm.reads, seen.actor
    where = reads.query(actor, query.entity, one.pairs).where
    return reads.page(actor, replace(query, where=both(query.where, where), group=None, limit=FIRST), connection=lent)


# ---- a head


def _head(
    seen: Screen, filters: Filters, found: Grouped, one: One, looks: tuple[Look, ...], ticks: bool, keys: frozenset[str],
    measures: Mapping[str, Measure],
) -> Html:  # fmt: skip
    sums = {look.shown.name: _sum(seen, look, one) for look in looks if _is_measured(look, measures)}
    first = next((n for n, look in enumerate(looks) if look.shown.name in sums), len(looks))
    is_open = one.key in keys
    turned = (keys - {one.key}) if is_open else (keys | {one.key})
    place = filters.place([*filters.pairs, *[("open", key) for key in sorted(turned) or ["none"]]])
    toggle = tag(
        "a", icon("chevron-right", "is-directional"), tag("span", _label(seen, found, one), class_="group-label"),
        tag("span", _told(one, found), class_="count"), href=place, aria_expanded="true" if is_open else "false",
        class_="group-toggle", role="button",
    )  # fmt: skip
    head = tag("th", toggle, scope="rowgroup", colspan=str(first + ticks), class_="group-name")
    rest = [sums.get(look.shown.name, tag("td", class_="group-gap")) for look in looks[first:]]
    row = tag("tr", head, *rest, class_="group-head")
    return tag("tbody", row, class_="group", data_group=one.key)


def _is_measured(look: Look, measures: Mapping[str, Measure]) -> bool:
    return f"sum {look.shown.name}" in measures or f"average {look.shown.name}" in measures


def _label(seen: Screen, found: Grouped, one: One) -> Html | str:
    field, value = found.field, one.value
    if value is None:
        return seen.say("Without {label}", label=field.label)
    choice = _choice(field, value)
    if choice is not None:
        return pill(choice, effective(field).type)
    if isinstance(value, Ref):
        return value.title or seen.say("somebody or something that you may not see")
    if isinstance(value, bool):
        return f"{field.label}: {seen.say('Yes') if value else seen.say('No')}"
    if hasattr(value, "isoformat"):
        return _stretch(seen, found.size, value)
    plain = effective(field)
    return field_type(plain.type).show(plain, value, seen.formats)


def _choice(field: Field, value: Any) -> Choice | None:
    choices = effective(field).options.get("stages") or effective(field).options.get("choices") or ()
    return next((choice for choice in choices if choice.value == value), None)


def _stretch(seen: Screen, size: str | None, day: Any) -> str:
    from babel.dates import format_date, format_skeleton

    language = seen.formats.language
    if size == "month":
        return str(format_skeleton("yMMMM", day, locale=language.replace("-", "_")))
    if size == "quarter":
        return str(format_skeleton("yQQQ", day, locale=language.replace("-", "_")))
    if size == "year":
        return str(day.year)
    told = format_date(day, "medium", locale=language.replace("-", "_"))
    return seen.say("Week of {day}", day=told) if size == "week" else str(told)


def _told(one: One, found: Grouped) -> str:
    if one.count is None:
        return "…"
    return f"{one.count:,}" if found.is_whole else f"{one.count:,}+"


def _sum(seen: Screen, look: Look, one: One) -> Html:
    """The sum, with the average beside it for who points at it; of shares the average."""
    field = look.shown.field
    total, average = (one.measures.get(f"{take} {field.name}") for take in ("sum", "average"))
    classes = f"{look.classes} group-sum".strip()
    shown = total if total is not None else average
    if shown is None:
        return tag("td", NIL if one.measures else "", class_=classes)
    mean = _amount(seen, field, average) if average is not None else ""
    told = seen.say("Average {amount}", amount=mean) if total is not None else seen.say("Average")
    label = seen.say("{label}, together", label=field.label) if total is not None else told
    return tag("td", _amount(seen, field, shown), class_=classes, title=told, data_label=label)


def _amount(seen: Screen, field: Field, value: Any) -> str:
    plain = effective(field)
    if isinstance(value, tuple):  # one amount for each currency
        return ", ".join(_amount(seen, field, one) for one in value)
    if plain.type == "integer" and not isinstance(value, int):
        return f"{value:,}"
    return field_type(plain.type).show(plain, value, seen.formats)


# ---- its rows


def _rows(seen: Screen, filters: Filters, one: One, pages: Mapping[str, Page], table: Any, ticks: bool) -> str:
    page = pages.get(one.key)
    more = _more(seen, filters, one, len(table.looks) + ticks, page)
    if page is None:
        return f'<tbody class="group-rows" data-group-rows hidden>{more}</tbody>'
    return f'<tbody class="group-rows" data-group-rows>{table.rows(page.rows)}{more if page.next else ""}</tbody>'


def _more(seen: Screen, filters: Filters, one: One, width: int, page: Page | None) -> Html:
    """The way to all of the group's records; a script puts the next of them in here instead."""
    pairs = [*filters.without(["group"]), *one.pairs]
    next_place = filters.place([*pairs, ("limit", str(FIRST if page is None else 50)), *_cursor(page)])
    label = seen.say("Show all of them") if one.count is None else seen.say("Show all {count}", count=f"{one.count:,}")
    link = tag("a", label, href=filters.place(pairs), class_="group-more", data_rows_more=next_place)
    return tag("tr", tag("td", link, colspan=str(width), class_="group-more-cell"), class_="group-end")


def _cursor(page: Page | None) -> list[tuple[str, str]]:
    return [("cursor", page.next)] if page is not None and page.next else []


def _count(found: Grouped) -> str:
    total = sum(one.count or 0 for one in found.groups)
    return f"{total:,}" if found.is_whole and not found.left else f"{MOST if not found.is_whole else total:,}+"


def _note(seen: Screen, found: Grouped) -> Html | str:
    told = []
    if not found.is_whole:
        many = seen.say("More than {count} records fit, so these numbers are the least that there are.", count=f"{MOST:,}")
        told += [many, seen.say("There may be further groups. Filter to see sums and all groups.")]
    if found.left:
        told.append(seen.say_n("{n} more group is not shown.", "{n} more groups are not shown.", found.left))
    return tag("p", join(icon("info"), " ".join(told)), class_="list-note") if told else ""


__all__ = ["Groups", "read_groups"]
