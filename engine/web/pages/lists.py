"""An entity's list. All that it shows is in its address: filters, search, order, place.

What an address says but for its place is drawn once and kept; a request reads its rows and fills them in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import RedirectResponse, Response

from engine.blueprint.entities import Entity, Field
from engine.errors import BadRequest
from engine.markup import Html, join, tag, trusted
from engine.records.query import Query
from engine.records.read import COUNTED, Page
from engine.records.sight import targets_of
from engine.rules.permissions import may
from engine.serving import Ask
from engine.web.frame import Screen, screen, slot
from engine.web.pages.bulk_bar import bar
from engine.web.render import address, article, counted, hidden, icon
from engine.web.render_filters import Chip, Filters, filters_of
from engine.web.render_tables import columns_of, drawn, head, is_sortable, sort_of

FOUND = 101  # finds of a search that are counted


def show(ask: Ask) -> Response:
    seen = screen(ask)
    entity = seen.entity()
    pairs = ask.request.query_params.multi_items()
    if not all(text.strip() for _, text in pairs):
        return RedirectResponse(address(f"/{entity.name}", [pair for pair in pairs if pair[1].strip()]), 303)
    try:
        query = seen.crm.reads.query(seen.actor, entity.name, pairs)
    except BadRequest as error:
        return _misread(seen, entity, error)
    return _listed(seen, entity, query, filters_of(seen, entity, pairs))


def _misread(seen: Screen, entity: Entity, error: BadRequest) -> Response:
    """An address with a filter that makes no sense: what is wrong with it, and the way to the whole list."""
    body = seen.render("list_misread.html", entity=entity, complaints=error.complaints, message=error.message)
    return seen.page(entity.plural, body, entity.name, error.status)


def _listed(seen: Screen, entity: Entity, query: Query, filters: Filters) -> Response:
    page, count = _read(seen, entity, query)
    if not page.rows:
        return seen.page(entity.plural, _drawn(seen, entity, query, filters, None), entity.name)
    shell = seen.face.shell(
        "list", _key(seen, entity, filters), lambda: str(_drawn(seen, entity, query, filters, page))
    )
    rows = drawn(seen, entity, page, may(seen.crm.blueprint, seen.actor, "bulk", entity.name)).rows
    slots = {
        "count": counted(count, _most(query)), "shown": str(len(page.rows)), "rows": rows(page.rows),
        "pages": _pages(entity, filters, page) if page.next or page.previous else "",
    }  # fmt: skip
    return seen.page(entity.plural, shell.fill(slots), entity.name)


def _read(seen: Screen, entity: Entity, query: Query) -> tuple[Page, int]:
    """The rows and how many there are, of one moment; a list that fits on one page is counted already."""
    reads, actor = seen.crm.reads, seen.actor
    sort = query.sort or sort_of(seen, entity)
    with seen.crm.database.reading() as lent:
        page = reads.page(
            actor, replace(query, columns=columns_of(seen, entity).asked, sort=sort), connection=lent
        )
        if page.next is None and page.previous is None:
            return page, len(page.rows)
        return page, reads.count(actor, replace(query, cursor=None, sort=()), _most(query), connection=lent)


def _most(query: Query) -> int:
    """How far is counted. A search must look whose each find is: at 1,000,000 leads 10,000 of one's own took 0.5 s."""
    return FOUND if query.search else COUNTED


def _key(seen: Screen, entity: Entity, filters: Filters) -> tuple[Any, ...]:
    """What a list's page depends on beside its rows; the filters' words may name people as the actor sees them."""
    actor = seen.actor
    return (
        actor.role,
        actor.language,
        actor.zone,
        entity.name,
        tuple(filters.pairs),
        actor.user if _names_records(entity, filters) else 0,
    )


def _names_records(entity: Entity, filters: Filters) -> bool:
    """Whether a filter is for a person or another record, whose title each actor may see or not."""
    names = {name.partition(".")[0] for name, _ in filters.pairs}
    return any(name in entity.fields and targets_of(entity.fields[name]) for name in names)


# ---- the page


def _drawn(seen: Screen, entity: Entity, query: Query, filters: Filters, page: Page | None) -> Html:
    """With a page: all of it but its rows. Without: the words for an empty list."""
    chips = filters.chips() if filters.pairs else []
    start = address(f"/{entity.name}", [*filters.without(["sort"]), ("sort", "")])
    return seen.render(
        "list.html", entity=entity, chips=chips, search=query.search, kept=hidden(filters.without(["q"])), slot=slot,
        quick=_quick(filters, chips), active=_active(filters, chips), filter_forms=trusted(filters.sheet()),
        head=trusted(head(seen, entity, query, start, page)) if page else None, sorts=_sorts(seen, entity, query, filters),
        plain=f"/{entity.name}", exports=_exports(seen, entity, filters), elsewhere=query.cursor is not None,
        makes=seen.crm.writes.can_create(seen.actor, entity.name), newcomer=article(entity.label),
        bin=may(seen.crm.blueprint, seen.actor, "delete", entity.name), bulk=bar(seen, entity, filters.pairs),
    )  # fmt: skip


def _quick(filters: Filters, chips: list[Chip]) -> list[tuple[Field, Html]]:
    """The set's own filters, each with its form; those in force are among the chips."""
    active = {chip.field.name for chip in chips}
    return [(field, filters.form(field)) for field in filters.quick() if field.name not in active]


def _active(filters: Filters, chips: list[Chip]) -> list[tuple[Field, Html]]:
    fields = {chip.field.name: chip.field for chip in chips}
    return [(field, filters.form(field)) for field in fields.values()]


def _exports(seen: Screen, entity: Entity, filters: Filters) -> str | None:
    if not may(seen.crm.blueprint, seen.actor, "export", entity.name):
        return None
    return address(f"/{entity.name}/export", filters.pairs)


def _pages(entity: Entity, filters: Filters, page: Page) -> str:
    """The buttons to the page before and the next."""
    before = _turn(
        entity, filters, page.previous, "prev", join(icon("chevron-left", "is-directional"), "Before")
    )
    return f"{before} {_turn(entity, filters, page.next, 'next', join('Next', icon('chevron-right', 'is-directional')))}"


def _turn(entity: Entity, filters: Filters, cursor: str | None, rel: str, label: Html) -> Html:
    if cursor is None:
        return tag("a", label, class_="button is-small", aria_disabled="true")
    place = address(f"/{entity.name}", [*filters.pairs, ("cursor", cursor)])
    return tag("a", label, class_="button is-small", href=place, rel=rel)


def _sorts(seen: Screen, entity: Entity, query: Query, filters: Filters) -> dict[str, Any]:
    """The order in force, in words, and the ways to change it without a table's head (a telephone's cards have none)."""
    readable = seen.sight.fields(seen.actor.role, entity.name)
    kept = filters.without(["sort"])
    now = query.sort or sort_of(seen, entity) or (("created_at", True),)
    offered = [("created_at", True), ("created_at", False)]
    offered += [
        (n, False)
        for n in entity.list.columns
        if n in readable and n != "created_at" and is_sortable(readable[n])
    ]
    rows = [
        (
            _told(readable, sort),
            address(f"/{entity.name}", [*kept, ("sort", f"{'-' if sort[1] else ''}{sort[0]}")]),
            now[:1] == (sort,),
        )
        for sort in offered
        if sort[0] in readable
    ]
    return {"now": _told(readable, now[0]), "offered": rows}


def _told(readable: Mapping[str, Field], sort: tuple[str, bool]) -> str:
    name, down = sort
    if name == "created_at":
        return "Newest first" if down else "Oldest first"
    label = readable[name].label if name in readable else name
    return f"{label}, last first" if down else label
