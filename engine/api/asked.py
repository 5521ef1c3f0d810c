"""A list that is asked for by a view: `GET /api/v1/deal?view=hot`."""

from __future__ import annotations

from dataclasses import replace

from engine.blueprint.conditions import ALWAYS
from engine.errors import BadRequest
from engine.records.looks import Looks
from engine.records.query import Query, both
from engine.records.views import EVERYTHING
from engine.serving import Ask


def asked_as_view(ask: Ask, query: Query, key: str | None) -> Query:
    """The query together with what a view asks. What the address says of order, columns and search counts before the view.

    Raises NotFound for a view that is not there."""
    if key is None or key == EVERYTHING:
        return query
    view = ask.crm.views.view(ask.who(), query.entity, key)
    if view.wrong is not None:
        raise BadRequest(view.wrong)
    looks = view.looks
    where = both(query.where, looks.when)
    return replace(
        query, where=None if where == ALWAYS else where, search=query.search or looks.search,
        sort=query.sort or looks.sort, columns=query.columns or _readable(ask, query.entity, looks),
    )  # fmt: skip


def _readable(ask: Ask, entity: str, looks: Looks) -> tuple[str, ...]:
    fields = ask.crm.reads.sight.fields(ask.who().role, entity)
    return tuple(name for name, _ in looks.columns if name == "title" or name.partition(".")[0] in fields)


__all__ = ["asked_as_view"]
