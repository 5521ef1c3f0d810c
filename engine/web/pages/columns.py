"""Which columns a list has, in which order and how wide. What is chosen is in the address, and is how one's lists of this
entity begin from then on."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.responses import Response

from engine.blueprint.entities import Entity
from engine.errors import BadRequest
from engine.records.looks import Columns
from engine.records.query import NARROWEST, WIDEST, columns_in
from engine.records.sight import targets_of
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.signs import text_of
from engine.web.pages.views import asked_pairs
from engine.web.render import address
from engine.web.render_builder import FAR
from engine.web.render_filters import UNASKED
from engine.web.render_tables import MOST_COLUMNS, columns_asked, is_visible
from engine.web.viewed import PLACE, columns_text, place_of_pairs, viewed
from engine.words import said

Pairs = list[tuple[str, str]]
MANY = frozenset({"children"})  # what no column can show


def show(ask: Ask) -> Response:
    seen = screen(ask)
    entity = seen.entity()
    v = viewed(seen, entity, ask.request.query_params.multi_items())
    chosen = tuple(columns_in(dict(v.pairs).get("columns", ""))) or v.shelf.habits.columns
    widths = dict(chosen)
    names = columns_asked(seen, entity, chosen).shown
    pairs = [pair for pair in v.pairs if pair[0] not in ("columns", *PLACE)]
    return _page(seen, entity, tuple((name, widths.get(name)) for name in names), pairs)


def choose(ask: Ask) -> Response:
    """`do`: up:N, down:N, drop:N, add, reset, apply; `keep` is apply for a script, without an answer to look at."""
    seen = screen(ask)
    entity = seen.entity()
    columns, pairs, deed = _columns(ask), asked_pairs(ask), text_of(ask, "do")
    if deed == "reset":
        seen.crm.views.like_columns(seen.actor, entity.name, ())
        return go(ask, _place(seen, entity, pairs), seen.say("The columns are as they were."))
    if deed in ("apply", "keep"):
        kept = _kept(seen, entity, columns)
        seen.crm.views.like_columns(seen.actor, entity.name, kept)
        if deed == "keep":
            return Response(status_code=204)
        return go(ask, _place(seen, entity, [*pairs, ("columns", columns_text(kept))]))
    return _page(seen, entity, _pressed(ask, columns, deed), pairs)


def _place(seen: Screen, entity: Entity, pairs: Pairs) -> str:
    shelf = seen.crm.views.shelf(seen.actor, entity.name)
    return place_of_pairs(f"/{entity.name}", entity, shelf, pairs)


def _columns(ask: Ask) -> Columns:
    names = [name for name in ask.form.getlist("column") if isinstance(name, str)] if ask.form is not None else []
    return tuple((name, _width(text_of(ask, f"width.{name}"))) for name in dict.fromkeys(names) if "," not in name)


def _width(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        return None
    return min(max(int(text), NARROWEST), WIDEST) or None


def _kept(seen: Screen, entity: Entity, columns: Columns) -> Columns:
    """Raises BadRequest for a list of no columns, or of more than there can be."""
    readable = seen.sight.fields(seen.actor.role, entity.name)
    kept = tuple(one for one in columns if is_visible(seen, readable, one[0]))
    if not kept:
        raise BadRequest(said("A list has at least one column."))
    if len(kept) > MOST_COLUMNS:
        raise BadRequest(said("A list has at most {most_columns} columns.", most_columns=MOST_COLUMNS))
    return kept


def _pressed(ask: Ask, columns: Columns, deed: str) -> Columns:
    word, _, text = deed.partition(":")
    more = text_of(ask, "more")
    if word == "add" and more and more not in dict(columns):
        return (*columns, (more, None))
    if not text.isdigit() or int(text) >= len(columns):
        return columns
    at, rest = int(text), list(columns)
    one = rest.pop(at)
    if word in ("up", "down"):
        rest.insert(max(at - 1, 0) if word == "up" else at + 1, one)
    return tuple(rest)


# ---- the page


def _page(seen: Screen, entity: Entity, columns: Columns, pairs: Pairs) -> Response:
    readable = seen.sight.fields(seen.actor.role, entity.name)
    rows = [(name, _label(seen, entity, name), width) for name, width in columns if is_visible(seen, readable, name)]
    chosen = {name for name, _, _ in rows}
    offered = [(group, [one for one in more if one[0] not in chosen]) for group, more in _offered(seen, entity)]
    body = seen.render(
        "columns.html", entity=entity, rows=rows, offered=[one for one in offered if one[1]], proof=proof(seen.ask),
        asked=address("", pairs).removeprefix("?"), place=f"/{entity.name}/columns", narrowest=NARROWEST, widest=WIDEST,
        back=_place(seen, entity, pairs),
    )  # fmt: skip
    return seen.page(seen.say("Columns of {plural}", plural=entity.plural.lower()), body, entity.name)


def _label(seen: Screen, entity: Entity, name: str) -> str:
    first, _, rest = name.partition(".")
    if name == "title" and "title" not in entity.fields:
        return entity.label
    field = entity.fields[first]
    if not rest:
        return field.label
    there = seen.crm.blueprint.entities[targets_of(field)[0]].fields.get(rest)
    return f"{field.label}: {there.label if there else rest}"


def _offered(seen: Screen, entity: Entity) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The entity's own fields, then those one step away."""
    role, sight = seen.actor.role, seen.sight
    own = [f for f in sight.fields(role, entity.name).values() if f.type not in MANY and f.name not in UNASKED]
    yield "", [(field.name, field.label) for field in own]
    for field in own:
        if field.type not in ("reference", "user", "team") or field.name in FAR:
            continue
        there = sight.fields(role, targets_of(field)[0]).values()
        names = [(f"{field.name}.{f.name}", f.label) for f in there if f.type not in MANY and not f.system]
        if names:
            yield field.label, names


__all__ = ["choose", "show"]
