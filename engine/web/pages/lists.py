"""An entity's list. All that it shows is in its address: filters, search, order, place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from starlette.responses import RedirectResponse, Response

from engine.blueprint.entities import Entity, Field
from engine.errors import BadRequest
from engine.markup import Html, escape, trusted
from engine.parts import field_type
from engine.records.columns import Shown
from engine.records.query import Query
from engine.records.read import COUNTED, Page
from engine.records.sight import targets_of
from engine.rules.permissions import may
from engine.serving import Ask
from engine.web.frame import Screen, screen
from engine.web.render import address, article, counted, hidden, render
from engine.web.render_filters import Chip, Filters, filters_of
from engine.web.render_rows import Look, Rows, looks, rows_of, title_column

LONGEST_SEARCH = 200


def show(ask: Ask) -> Response:
    seen = screen(ask)
    entity = seen.entity()
    pairs = ask.request.query_params.multi_items()
    if any(not text.strip() for _, text in pairs):
        return RedirectResponse(address(f"/{entity.name}", [pair for pair in pairs if pair[1].strip()]), 303)
    try:
        query = seen.crm.reads.query(seen.actor, entity.name, pairs)
    except BadRequest as error:
        return _misread(seen, entity, error)
    return _listed(seen, entity, query, filters_of(seen, entity, pairs))


def _misread(seen: Screen, entity: Entity, error: BadRequest) -> Response:
    """An address with a filter that makes no sense: what is wrong with it, and the way to the whole list."""
    body = render("list_misread.html", entity=entity, complaints=error.complaints, message=error.message)
    return seen.page(entity.plural, body, entity.name, error.status)


def _listed(seen: Screen, entity: Entity, query: Query, filters: Filters) -> Response:
    reads = seen.crm.reads
    columns = columns_of(seen, entity)
    page = reads.page(
        seen.actor, replace(query, columns=columns.asked, sort=query.sort or _sort_of(seen, entity))
    )
    count = _count(seen, query, page)
    return seen.page(entity.plural, _body(seen, entity, query, filters, page, count), entity.name)


def _count(seen: Screen, query: Query, page: Page) -> int:
    """A list that fits on one page is counted already."""
    if page.next is None and page.previous is None:
        return len(page.rows)
    return seen.crm.reads.count(seen.actor, replace(query, cursor=None, sort=()), COUNTED)


# ---- columns


@dataclass(frozen=True, slots=True)
class Columns:
    """`asked` are those of the set that the role may read; a title is asked for beside them where the cell that opens
    the record may be empty."""

    asked: tuple[str, ...]
    has_title: bool


def columns_of(seen: Screen, entity: Entity) -> Columns:
    key = ("columns", seen.actor.role, seen.actor.only, entity.name)
    return seen.face.once(key, lambda: _columns(seen, entity))


def _columns(seen: Screen, entity: Entity) -> Columns:
    readable = seen.sight.fields(seen.actor.role, entity.name)
    names = tuple(name for name in entity.list.columns if _is_visible(seen, readable, name)) or ("title",)
    is_sure = "title" in names or _never_empty(entity, names, readable)
    return Columns(names if is_sure else (*names, "title"), not is_sure)


def _is_visible(seen: Screen, readable: Mapping[str, Field], column: str) -> bool:
    first, _, inner = column.partition(".")
    if column == "title":
        return True
    if not inner or first not in readable:
        return column in readable
    return any(inner in seen.sight.fields(seen.actor.role, target) for target in targets_of(readable[first]))


def _never_empty(entity: Entity, names: tuple[str, ...], readable: Mapping[str, Field]) -> bool:
    """Whether the cell that opens the record always says something."""
    shown = tuple(Shown(n, n, readable[n], 0, 0, entity.name) for n in names if n in readable)
    opens = title_column(entity, shown).field if shown else None
    return opens is not None and (opens.required or opens.type == "reference_number")


def _sort_of(seen: Screen, entity: Entity) -> tuple[tuple[str, bool], ...]:
    """The set's order, as far as the role may read what it goes by."""
    readable = seen.sight.fields(seen.actor.role, entity.name)
    return tuple((name, down) for name, down in entity.list.sort if name in readable)


# ---- the page


def _body(seen: Screen, entity: Entity, query: Query, filters: Filters, page: Page, count: int) -> Html:
    chips = filters.chips() if filters.pairs else []
    makes = seen.crm.writes.can_create(seen.actor, entity.name)
    return render(
        "list.html", entity=entity, count=counted(count, COUNTED), total=count, page=page, chips=chips,
        search=query.search, kept=hidden(filters.without(["q"])), quick=_quick(filters, chips), active=_active(filters, chips),
        filter_forms=trusted(filters.sheet()), table=_table(seen, entity, query, filters, page) if page.rows else None,
        shown=len(page.rows), pages=_pages(entity, filters, page), sorts=_sorts(seen, entity, query, filters),
        plain=f"/{entity.name}", exports=_exports(seen, entity, filters), makes=makes,
        bin=may(seen.crm.blueprint, seen.actor, "delete", entity.name), newcomer=article(entity.label),
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


def _pages(entity: Entity, filters: Filters, page: Page) -> dict[str, str | None]:
    def at(cursor: str | None) -> str | None:
        return address(f"/{entity.name}", [*filters.pairs, ("cursor", cursor)]) if cursor else None

    return {"previous": at(page.previous), "next": at(page.next)}


def _sorts(seen: Screen, entity: Entity, query: Query, filters: Filters) -> dict[str, Any]:
    """The order in force, in words, and the ways to change it without a table's head (a telephone's cards have none)."""
    readable = seen.sight.fields(seen.actor.role, entity.name)
    kept = filters.without(["sort"])
    now = query.sort or _sort_of(seen, entity) or (("created_at", True),)
    offered = [("created_at", True), ("created_at", False)]
    offered += [
        (n, False)
        for n in entity.list.columns
        if n in readable and n != "created_at" and _sortable(readable[n])
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


def _sortable(field: Field) -> bool:
    return field_type(field.type).sortable and field.type not in ("children", "references")


# ---- the table


def _table(seen: Screen, entity: Entity, query: Query, filters: Filters, page: Page) -> Html:
    return trusted(
        table(seen, entity, page, _head(seen, entity, query, filters, page), "table is-pinned is-cards")
    )


def table(seen: Screen, entity: Entity, page: Page, head: str | None, classes: str) -> str:
    """A table of a page's rows; without a `head` of its own it gets one that does not sort."""
    columns, rows = drawn(seen, entity, page)
    if head is None:
        head = "".join(f"<th{_classes(look)}>{escape(look.label)}</th>" for look in columns)
    return f'<table class="{classes}" data-rows><thead><tr>{head}</tr></thead><tbody>{rows(page.rows)}</tbody></table>'


Drawn: TypeAlias = tuple[tuple[Look, ...], Rows]


def drawn(seen: Screen, entity: Entity, page: Page) -> Drawn:
    """The looks of a page's columns, and the function that draws its rows: made once."""
    key = (
        "rows",
        seen.actor.role,
        seen.formats,
        entity.name,
        tuple((s.name, s.start, s.late) for s in page.columns),
    )
    return seen.face.once(key, lambda: _made(seen, entity, page))


def _made(seen: Screen, entity: Entity, page: Page) -> Drawn:
    beside = columns_of(seen, entity)
    columns = page.columns
    title = columns[-1] if beside.has_title and columns[-1].name == "title" else None
    seen_columns = looks(entity, columns[:-1] if title else columns)
    return seen_columns, rows_of(entity, seen.formats, seen_columns, title)


def _head(seen: Screen, entity: Entity, query: Query, filters: Filters, page: Page) -> str:
    columns, _ = drawn(seen, entity, page)
    kept = filters.without(["sort"])
    start = address(f"/{entity.name}", [*kept, ("sort", "")])
    now = (query.sort or _sort_of(seen, entity) or (("created_at", True),))[0]
    return "".join([_header(look, now, start) for look in columns])


def _header(look: Look, now: tuple[str, bool], start: str) -> str:
    name, label = look.shown.name, escape(look.label)
    if "." in name or (name == "title" and look.shown.field.system) or not _sortable(look.shown.field):
        return f"<th{_classes(look)}>{label}</th>"
    is_now = name == now[0]
    order = f' aria-sort="{"descending" if now[1] else "ascending"}"' if is_now else ""
    turned = "-" if (is_now and not now[1]) or (not is_now and name in NEWEST_FIRST) else ""
    return f'<th{_classes(look)}{order}><a href="{escape(start)}{turned}{name}">{label}</a></th>'


NEWEST_FIRST = frozenset({"created_at", "updated_at"})


def _classes(look: Look) -> str:
    return f' class="{look.classes}"' if look.classes else ""


__all__ = ["columns_of", "show", "table"]
