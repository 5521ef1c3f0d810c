"""Tables of records: which columns a role sees of an entity's list, their heads and their rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from engine.blueprint.entities import Entity, Field
from engine.markup import escape
from engine.parts import field_type
from engine.records.columns import Shown
from engine.records.query import Query
from engine.records.read import Page
from engine.records.sight import targets_of
from engine.rules.permissions import may
from engine.web.frame import Screen
from engine.web.render_filters import Filters
from engine.web.render_rows import Look, Rows, looks, rows_of, title_column

Sort: TypeAlias = tuple[tuple[str, bool], ...]
NEWEST_FIRST = frozenset({"created_at", "updated_at"})
MOST_COLUMNS = 40
NOT_IN_CELLS = frozenset({"file", "picture"})  # a file is given on the record's own form
USUAL_WIDTH, TICK_WIDTH = 150, 48  # pixels


def table(seen: Screen, entity: Entity, page: Page, classes: str) -> str:
    """A table of a page's rows whose heads do not sort."""
    made = drawn(seen, entity, page)
    opened = f'<table class="{classes}" data-rows><thead><tr>{made.heads}</tr></thead><tbody>'
    return f"{opened}{made.rows(page.rows)}</tbody></table>"


@dataclass(frozen=True, slots=True)
class Drawn:
    """How a page's columns look, and the function that draws its rows; `heads` are those that do not sort."""

    looks: tuple[Look, ...]
    rows: Rows
    heads: str


def drawn(seen: Screen, entity: Entity, page: Page, ticked: bool = False, columns: Columns | None = None) -> Drawn:
    """Made once for a role and columns. `ticked`: each row begins with a box that ticks it."""
    asked = columns or columns_of(seen, entity)
    key = (
        "rows",
        ticked,
        asked.has_title,
        seen.actor.role,
        seen.formats,
        entity.name,
        tuple((s.name, s.start, s.late) for s in page.columns),
    )
    return seen.face.once(key, lambda: _made(seen, entity, page, ticked, asked))


def _made(seen: Screen, entity: Entity, page: Page, ticked: bool, asked: Columns) -> Drawn:
    columns = page.columns
    title = columns[-1] if asked.has_title and columns[-1].name == "title" else None
    seen_columns = looks(entity, columns[:-1] if title else columns)
    heads = "".join(f"<th{_classes(look)}>{escape(look.label)}</th>" for look in seen_columns)
    called = seen.say("Select {title}", title="{title}") if ticked else None
    return Drawn(seen_columns, rows_of(entity, seen.formats, seen_columns, title, called), heads)


# ---- columns


@dataclass(frozen=True, slots=True)
class Columns:
    """`asked` are those of the set, or of the reader's choice, that the role may read; a title is asked for beside them
    where the cell that opens the record may be empty. `widths` are in pixels, by name, where they were chosen."""

    asked: tuple[str, ...]
    has_title: bool
    widths: tuple[tuple[str, int], ...] = ()

    @property
    def shown(self) -> tuple[str, ...]:
        return self.asked[:-1] if self.has_title else self.asked


def columns_of(seen: Screen, entity: Entity) -> Columns:
    """Those of the set."""
    return columns_asked(seen, entity, ())


def columns_asked(seen: Screen, entity: Entity, chosen: tuple[tuple[str, int | None], ...]) -> Columns:
    """Those that were chosen, as far as the role may read them; where none are left, those of the set."""
    key = ("columns", seen.actor.role, seen.actor.only, entity.name, chosen)
    return seen.face.once(key, lambda: _columns(seen, entity, chosen))


def _columns(seen: Screen, entity: Entity, chosen: tuple[tuple[str, int | None], ...]) -> Columns:
    readable = seen.sight.fields(seen.actor.role, entity.name)
    of_set = tuple(name for name in entity.list.columns if is_visible(seen, readable, name))
    names = tuple(name for name, _ in chosen if is_visible(seen, readable, name))[:MOST_COLUMNS] or of_set or ("title",)
    is_sure = "title" in names or _never_empty(entity, names, readable)
    widths = tuple((name, width) for name, width in chosen if width and name in names)
    return Columns(names if is_sure else (*names, "title"), not is_sure, widths)


def is_visible(seen: Screen, readable: Mapping[str, Field], column: str) -> bool:
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


def sort_of(seen: Screen, entity: Entity) -> tuple[tuple[str, bool], ...]:
    """The set's order, as far as the role may read what it goes by."""
    readable = seen.sight.fields(seen.actor.role, entity.name)
    return tuple((name, down) for name, down in entity.list.sort if name in readable)


def head(columns: Columns, table: Drawn, query: Query, filters: Filters) -> str:
    """The heads by which the list is sorted."""
    start = f"{filters.place([*filters.without(['sort']), ('sort', '')])}"
    now = (query.sort or (("created_at", True),))[0]
    filler = '<th class="cell-filler" aria-hidden="true"></th>' if columns.widths else ""
    edits = editable(filters.screen, filters.entity)
    return "".join([*(_header(look, now, start, edits) for look in table.looks), filler])


def widths(columns: Columns, table: Drawn, ticked: bool) -> str:
    """The table's columns with their widths, where some were chosen: then every column has one."""
    if not columns.widths:
        return ""
    chosen = dict(columns.widths)
    sizes = [TICK_WIDTH, *(chosen.get(look.shown.name, USUAL_WIDTH) for look in table.looks)]
    cols = [f'<col width="{size}">' for size in (sizes if ticked else sizes[1:])]
    return f"<colgroup>{''.join(cols)}<col></colgroup>"


def editable(seen: Screen, entity: Entity) -> frozenset[str]:
    """The fields that this role may change in a list's cells."""
    if not may(seen.crm.blueprint, seen.actor, "update", entity.name):
        return frozenset()
    writable = seen.crm.writes.writable(seen.actor, entity.name)
    return frozenset(name for name in writable if entity.fields[name].type not in NOT_IN_CELLS)


def _header(look: Look, now: tuple[str, bool], start: str, edits: frozenset[str]) -> str:
    name, label = look.shown.name, escape(look.label)
    mark = f' data-column="{escape(name)}"' + (" data-edit" if name in edits else "")
    if "." in name or (name == "title" and look.shown.field.system) or not is_sortable(look.shown.field):
        return f"<th{_classes(look)}{mark}>{label}</th>"
    is_now = name == now[0]
    order = f' aria-sort="{"descending" if now[1] else "ascending"}"' if is_now else ""
    turned = "-" if (is_now and not now[1]) or (not is_now and name in NEWEST_FIRST) else ""
    return f'<th{_classes(look)}{mark}{order}><a href="{escape(start)}{turned}{name}">{label}</a></th>'


def _classes(look: Look) -> str:
    return f' class="{look.classes}"' if look.classes else ""


def is_sortable(field: Field) -> bool:
    return field_type(field.type).sortable and field.type not in ("children", "references")


__all__ = [
    "Columns", "Drawn", "columns_asked", "columns_of", "drawn", "editable", "head", "is_sortable", "is_visible", "sort_of",
    "table", "widths",
]  # fmt: skip
