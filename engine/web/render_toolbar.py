"""What stands above the records of a list or a board: search, filters in force, quick filters, order and groups."""

from __future__ import annotations

from typing import Any

from engine.blueprint.entities import Entity, Field
from engine.markup import Html, trusted
from engine.records.groups import GROUPABLE
from engine.records.query import Query, words
from engine.web.frame import Screen
from engine.web.render import hidden
from engine.web.render_filters import Chip, Filters


def toolbar(
    seen: Screen, entity: Entity, filters: Filters, query: Query, *, without: tuple[str, ...] = (),
    sorts: dict[str, Any] | None = None, groups: dict[str, Any] | None = None,
) -> Html:  # fmt: skip
    """`without`: fields that the look itself shows, as a board's columns. `sorts`, `groups`: where there are such."""
    chips = filters.chips() if filters.pairs else []
    return seen.render(
        "toolbar.html", entity=entity, chips=chips, search=query.search, kept=hidden(filters.without(["q"])),
        quick=[one for one in _quick(filters, chips) if one[0].name not in without], active=_active(filters, chips),
        filter_forms=trusted(filters.sheet()), sorts=sorts, groups=groups, base=filters.base, builder=filters.builder(),
        clear=filters.place(_cleared(filters)), asks=bool(chips or query.search), counts=_counts(filters),
    )  # fmt: skip


def _cleared(filters: Filters) -> list[tuple[str, str]]:
    """Without any question, but looking the same."""
    return [(name, text) for name, text in filters.pairs if name in words() and name not in ("q", "where")]


def _quick(filters: Filters, chips: list[Chip]) -> list[tuple[Field, Html]]:
    """The set's own filters, each with its form; those in force are among the chips."""
    active = {chip.field.name for chip in chips if chip.field is not None and chip.opens}
    return [(field, filters.form(field)) for field in filters.quick() if field.name not in active]


def _active(filters: Filters, chips: list[Chip]) -> list[tuple[Field, Html]]:
    fields = {chip.field.name: chip.field for chip in chips if chip.field is not None and chip.opens}
    return [(field, filters.form(field)) for field in fields.values()]


def _counts(filters: Filters) -> dict[str, str]:
    """By field: where its form asks how many records each of its choices would leave."""
    return {
        field.name: filters.place(
            [pair for pair in filters.pairs if pair not in filters.of(field)],
            f"/{filters.entity.name}/counts/{field.name}",
        )
        for field in filters.quick()
        if field.type in GROUPABLE
    }


__all__ = ["toolbar"]
