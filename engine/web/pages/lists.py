"""An entity's list. All that it shows is in its address: view, filters, search, order, columns, groups, place.

What an address says but for its place is drawn once and kept; a request reads its rows and fills them in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import RedirectResponse, Response

from engine.blueprint.entities import Entity, Field
from engine.errors import BadRequest
from engine.markup import Html, join, tag, trusted
from engine.parts import field_type
from engine.parts.derived import effective
from engine.records.database import Connection
from engine.records.groups import GROUPABLE
from engine.records.query import Query, columns_in, words
from engine.records.read import COUNTED, Page
from engine.records.sight import targets_of
from engine.rules.permissions import may
from engine.serving import Ask
from engine.web.frame import PART, Screen, proof, screen, slot
from engine.web.render import article, counted, icon
from engine.web.render_bulk import bar
from engine.web.render_filters import Filters, filters_of
from engine.web.render_groups import Groups, read_groups
from engine.web.render_tables import (
    Columns,
    columns_asked,
    columns_of,
    drawn,
    head,
    is_sortable,
    sort_of,
    widths,
)
from engine.web.render_toolbar import toolbar
from engine.web.render_views import looks_at, views_bar
from engine.web.viewed import Viewed, fields_of, place_of_view, viewed

FOUND = 101  # finds of a search that are counted


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks of a list. `query` has the columns and the order in force; `opened` are groups by their keys."""

    seen: Screen
    entity: Entity
    viewed: Viewed
    query: Query
    filters: Filters
    columns: Columns
    opened: tuple[str, ...] | None
    is_changed: bool

    @property
    def ticks(self) -> bool:
        return may(self.seen.crm.blueprint, self.seen.actor, "bulk", self.entity.name)


@dataclass(frozen=True, slots=True)
class Found:
    """What was read: a page of rows, or groups."""

    count: str
    page: Page | None = None
    groups: Groups | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.page.rows if self.page is not None else self.groups and self.groups.rows)


def show(ask: Ask) -> Response:
    seen = screen(ask)
    entity = seen.entity()
    given = ask.request.query_params.multi_items()
    with seen.crm.database.reading() as lent:
        v = viewed(seen, entity, given, "list", lent)
        if elsewhere := _elsewhere(seen, entity, v, given):
            return RedirectResponse(elsewhere, 303)
        try:
            asked = _asked(seen, entity, v, given)
            found = _read(asked, lent)
        except BadRequest as error:
            return _misread(seen, entity, error)
    return _answer(asked, _page(asked, found))


def _elsewhere(seen: Screen, entity: Entity, v: Viewed, given: list[tuple[str, str]]) -> str | None:
    """Where it should have been asked: a view of another kind, or an address without what was left empty."""
    filters = filters_of(seen, entity, v.pairs, None, v.shelf)
    if not all(text.strip() for _, text in given):
        return filters.place([pair for pair in v.pairs if pair[1].strip()])
    first = v.shelf.first if not given else v.view
    if first is not None and first.looks.kind != "list" and len(given) < 2:
        return place_of_view(entity, v.shelf, first)
    return None


def _asked(seen: Screen, entity: Entity, v: Viewed, given: list[tuple[str, str]]) -> Asked:
    """Raises BadRequest, with everything that is wrong."""
    if v.view is not None and v.view.wrong is not None:
        raise BadRequest(v.view.wrong)
    place = [pair for pair in given if pair[0] in ("cursor", "limit")]
    query = seen.crm.reads.query(seen.actor, entity.name, [*v.pairs, *place])
    is_changed = v.is_changed(entity, query, fields_of(seen))
    columns = columns_asked(seen, entity, tuple(columns_in(dict(v.pairs).get("columns", ""))) or v.shelf.habits.columns)
    query = replace(query, columns=columns.asked, sort=query.sort or sort_of(seen, entity))
    opened = [text for name, text in given if name == "open"]
    filters = filters_of(seen, entity, v.pairs, None, v.shelf)
    return Asked(seen, entity, v, query, filters, columns, tuple(opened) if opened else None, is_changed)


def _misread(seen: Screen, entity: Entity, error: BadRequest) -> Response:
    """An address with a filter that makes no sense: what is wrong with it, and the way to the whole list."""
    shelf = seen.crm.views.shelf(seen.actor, entity.name)
    plain = place_of_view(entity, shelf, None)
    body = seen.render(
        "list_misread.html", entity=entity, complaints=error.complaints, message=error.message, plain=plain
    )
    return seen.page(entity.plural, body, entity.name, error.status)


def _answer(asked: Asked, body: str | Html) -> Response:
    if asked.seen.ask.request.headers.get(PART):
        return asked.seen.piece(str(body))
    return asked.seen.page(asked.entity.plural, str(body), asked.entity.name)


# ---- the rows


def _read(asked: Asked, lent: Connection) -> Found:
    """The rows and how many there are, of one moment; a list that fits on one page is counted already."""
    reads, actor, query = asked.seen.crm.reads, asked.seen.actor, asked.query
    if query.group:
        groups = read_groups(asked.seen, lent, asked.entity, query, asked.filters, asked.columns, asked.opened, asked.ticks)
        return Found(groups.count, groups=groups)
    page = reads.page(actor, query, connection=lent)
    if page.next is None and page.previous is None:
        return Found(str(len(page.rows)), page)
    most = most_of(query)
    return Found(counted(reads.count(actor, replace(query, cursor=None, sort=()), most, connection=lent), most), page)


def most_of(query: Query) -> int:
    """How far is counted. A search must look whose each find is: at 1,000,000 leads 10,000 of one's own took 0.5 s."""
    return FOUND if query.search else COUNTED


# ---- the page


def _page(asked: Asked, found: Found) -> str | Html:
    seen, entity, page = asked.seen, asked.entity, found.page
    views = str(views_bar(seen, entity, asked.viewed, asked.filters, asked.is_changed))
    habits = asked.viewed.shelf.habits
    if found.is_empty:
        return str(_drawn(asked, found)).replace(str(slot("views")), views)
    shell = seen.face.shell("list", _key(asked), lambda: str(_drawn(asked, found)))
    table = page or (found.groups.page if found.groups else None)
    assert table is not None
    rows = found.groups.rows if found.groups else _body(asked, table)
    pages = _pages(asked, page) if page and (page.next or page.previous) else ""
    return shell.fill({
        "views": views, "count": found.count, "shown": str(len(page.rows) if page else ""), "rows": rows, "pages": pages,
        "proof": str(proof(seen.ask)), "height": "is-dense" if habits.rows == "dense" else "",
        "earlier": _earlier(asked, page), "note": found.groups.note if found.groups else "",
    })  # fmt: skip


def _body(asked: Asked, page: Page) -> str:
    rows = drawn(asked.seen, asked.entity, page, asked.ticks, asked.columns).rows
    return f"<tbody data-page>{rows(page.rows)}</tbody>"


def _key(asked: Asked) -> tuple[Any, ...]:
    """What a list's page depends on beside its rows; the filters' words may name people as the actor sees them."""
    actor, entity, filters = asked.seen.actor, asked.entity, asked.filters
    return (
        actor.role,
        actor.language,
        actor.zone,
        entity.name,
        tuple(filters.pairs),
        asked.columns,
        asked.viewed.shelf.first is None,
        actor.user if _names_records(entity, filters) else 0,
    )


def _names_records(entity: Entity, filters: Filters) -> bool:
    """Whether a filter is for a person or another record, whose title each actor may see or not."""
    names = {name.partition(".")[0] for name, _ in filters.pairs if name not in words() or name == "where"}
    return any(name == "where" or (name in entity.fields and targets_of(entity.fields[name])) for name in names)


def _drawn(asked: Asked, found: Found) -> Html:
    """All of it but what changes from request to request; where nothing is found, the words for that."""
    seen, entity, query, filters = asked.seen, asked.entity, asked.query, asked.filters
    page = found.page or (found.groups.page if found.groups else None)
    table = drawn(seen, entity, page, asked.ticks, asked.columns) if page is not None and not found.is_empty else None
    heads = head(asked.columns, table, query, filters) if table else None
    return seen.render(
        "list.html", entity=entity, slot=slot, head=trusted(heads) if heads else None,
        cols=trusted(widths(asked.columns, table, asked.ticks)) if table else "", search=query.search,
        toolbar=toolbar(seen, entity, filters, query, sorts=_sorts(asked), groups=_groups(asked)),
        chips=filters.chips() if found.is_empty else [], plain=place_of_view(entity, asked.viewed.shelf, None),
        exports=_exports(asked), elsewhere=query.cursor is not None, columns=_columns_place(asked),
        makes=seen.crm.writes.can_create(seen.actor, entity.name), newcomer=article(entity.label),
        bin=may(seen.crm.blueprint, seen.actor, "delete", entity.name), bulk=bar(seen, entity, filters.pairs),
        dense=asked.viewed.shelf.habits.rows, grouped=query.group is not None,
        looks=looks_at(seen, entity, asked.viewed, filters),
    )  # fmt: skip


def _exports(asked: Asked) -> str | None:
    if not may(asked.seen.crm.blueprint, asked.seen.actor, "export", asked.entity.name):
        return None
    return asked.filters.place(asked.filters.pairs, f"/{asked.entity.name}/export")


def _columns_place(asked: Asked) -> str:
    return asked.filters.place(asked.filters.pairs, f"/{asked.entity.name}/columns")


def _pages(asked: Asked, page: Page) -> str:
    """The buttons to the page before and the next."""
    seen = asked.seen
    before = join(icon("chevron-left", "is-directional"), seen.say("Before"))
    after = join(seen.say("Next"), icon("chevron-right", "is-directional"))
    return f"{_turn(asked, page.previous, 'prev', before)} {_turn(asked, page.next, 'next', after)}"


def _turn(asked: Asked, cursor: str | None, rel: str, label: Html) -> Html:
    if cursor is None:
        return tag("a", label, class_="button is-small", aria_disabled="true")
    return tag("a", label, class_="button is-small", href=_at(asked, cursor), rel=rel)


def _at(asked: Asked, cursor: str) -> str:
    return asked.filters.place([*asked.filters.pairs, ("cursor", cursor)])


def _earlier(asked: Asked, page: Page | None) -> str:
    """On top of a list that begins in its middle, as after a reload far down."""
    if page is None or page.previous is None:
        return ""
    label = join(icon("arrow-up"), asked.seen.say("Earlier ones"))
    return str(tag("a", label, class_="button is-quiet is-small list-earlier", href=_at(asked, page.previous), rel="prev"))


# ---- order and groups


def _sorts(asked: Asked) -> dict[str, Any]:
    """The order in force, in words, and the ways to change it without a table's head (a telephone's cards have none)."""
    readable = asked.seen.sight.fields(asked.seen.actor.role, asked.entity.name)
    kept = asked.filters.without(["sort"])
    now = asked.query.sort or (("created_at", True),)
    names = [n for n in asked.columns.asked if n in readable and n != "created_at" and is_sortable(readable[n])]
    offered = [("created_at", True), ("created_at", False), *((n, False) for n in names), *((n, True) for n in names)]
    rows = [
        (
            _told(asked.seen, readable, sort),
            asked.filters.place([*kept, ("sort", f"{'-' if sort[1] else ''}{sort[0]}")]),
            now[:1] == (sort,),
        )
        for sort in offered
        if sort[0] in readable
    ]
    return {"now": _told(asked.seen, readable, now[0]), "offered": rows}


def _told(seen: Screen, readable: Mapping[str, Field], sort: tuple[str, bool]) -> str:
    name, down = sort
    if name == "created_at":
        return seen.say("Newest first") if down else seen.say("Oldest first")
    if name not in readable or not down:
        return readable[name].label if name in readable else name
    kind = effective(readable[name]).type
    if kind in ("date", "datetime"):
        return seen.say("{label}, latest first", label=readable[name].label)
    if field_type(kind).numeric:
        return seen.say("{label}, largest first", label=readable[name].label)
    return seen.say("{label}, last first", label=readable[name].label)


def _groups(asked: Asked) -> dict[str, Any]:
    """What the rows can be grouped by, and by what they are."""
    seen, kept = asked.seen, asked.filters.without(["group"])
    readable = seen.sight.fields(seen.actor.role, asked.entity.name)
    fields = [f for f in readable.values() if f.type in GROUPABLE and f.name not in ("deleted_at", "updated_by")]
    offered = [
        (label, asked.filters.place([*kept, ("group", name)]), asked.query.group == name)
        for field in fields
        for name, label in _groupings(seen, field)
    ]
    now = next((label for label, _, is_now in offered if is_now), asked.query.group)
    return {"now": now, "offered": offered, "off": asked.filters.place(kept)}


def _groupings(seen: Screen, field: Field) -> list[tuple[str, str]]:
    if field.type not in ("date", "datetime"):
        return [(field.name, field.label)]
    sizes = (("month", seen.say("month")), ("week", seen.say("week")), ("day", seen.say("day")))
    return [(f"{field.name} by {size}", seen.say("{label} by {size}", label=field.label, size=told)) for size, told in sizes]


__all__ = ["columns_of", "most_of", "show"]
