"""An entity's board: the records of its list as cards, a column for each stage or choice. It has the list's filters.

A column is read by itself, so many cards at a time; what all columns hold is told by one statement.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from starlette.responses import RedirectResponse, Response

from engine.blueprint.conditions import Test
from engine.blueprint.entities import Board, Choice, Entity
from engine.errors import BadRequest, NotFound
from engine.markup import Html
from engine.parts.derived import effective
from engine.parts.fields.contract import Unreadable
from engine.parts.registry import view_kind
from engine.records.ahead import ahead
from engine.records.boards import MOST, Total, column_of, is_board_of, standing_since, totals
from engine.records.columns import ID, value_of
from engine.records.database import Connection
from engine.records.query import Query, both
from engine.records.read import Page
from engine.records.sight import NOT_FOUND
from engine.records.views import EVERYTHING
from engine.serving import Ask
from engine.web.frame import Screen, proof, screen
from engine.web.pages.ids import asked_id
from engine.web.render import address, counted
from engine.web.render_boards import Card, Pattern, briefly, cards_of, choices, in_full, pattern_of
from engine.web.render_filters import Filters, filters_of
from engine.web.render_tables import sort_of
from engine.web.render_toolbar import toolbar
from engine.web.render_views import looks_at, views_bar
from engine.web.viewed import Viewed, fields_of, place_of_pairs, viewed
from engine.words import said as sentence

FIRST, NEXT = 20, 30  # cards of a column: at once, and when more are asked for
EMPTY = Choice("", "", "grey")
COLUMN, CARD, FROM = "_column", "_card", "_from"  # no field begins with such a mark
KIND = view_kind("board")
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Column:
    """`number` is its place among the choices. `closed`: its cards are not shown until somebody opens it."""

    number: int
    choice: Choice
    total: Total
    count: str
    sums: tuple[tuple[str, str], ...]  # short, in full
    likely: tuple[tuple[str, str], ...]
    is_closed: bool
    cards: list[Card]
    more: str | None
    elsewhere: str  # the same records as a list

    @property
    def key(self) -> str:
        return self.choice.value


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks of a board."""

    seen: Screen
    entity: Entity
    viewed: Viewed
    board: Board
    pattern: Pattern
    query: Query
    filters: Filters
    choices: tuple[Choice, ...]  # one for each column; of value "" where nothing is chosen
    is_changed: bool

    @property
    def back(self) -> str:
        """This very board."""
        return self.filters.place(self.filters.pairs)

    def part(self, *more: tuple[str, str]) -> str:
        """The address of one of its pieces."""
        return address(f"{_base(self.entity)}/part", [*self.filters.pairs, *more])


def show(ask: Ask) -> Response:
    seen = screen(ask)
    entity, given = _entity(seen), _pairs(ask)
    with seen.crm.database.reading() as lent:
        v = viewed(seen, entity, given, KIND.word, lent)
        if not all(text.strip() for _, text in given):
            filled = [pair for pair in v.pairs if pair[1].strip()]
            return RedirectResponse(place_of_pairs(_base(entity), entity, v.shelf, filled), 303)
        try:
            body = _drawn(_asked(seen, entity, v), lent)
        except BadRequest as error:
            return _misread(seen, entity, v, error)
    return seen.page(entity.plural, body, entity.name)


def _misread(seen: Screen, entity: Entity, v: Viewed, error: BadRequest) -> Response:
    body = seen.render(
        "list_misread.html", entity=entity, complaints=error.complaints, message=error.message,
        plain=address(_base(entity), [("view", EVERYTHING)] if v.shelf.first else []),
    )  # fmt: skip
    return seen.page(entity.plural, body, entity.name, error.status)


def part(ask: Ask) -> Response:
    """What the script asks for: more cards of a column, or after a move the card and what all columns hold now."""
    seen = screen(ask)
    entity, given = _entity(seen), ask.request.query_params
    with seen.crm.database.reading() as lent:
        asked = _asked(seen, entity, viewed(seen, entity, _pairs(ask), KIND.word, lent))
        if CARD in given:
            body = _moved(asked, lent, asked_id(ask, CARD) or 0)
        else:
            body = _more(asked, lent, _column_asked(asked, given.get(COLUMN, "")), given.get(FROM) or None)
    return seen.piece(str(body), tells=CARD in given)


# ---- what is asked


def _entity(seen: Screen) -> Entity:
    """Raises NotFound where there is no board, or none that this role may see."""
    entity = seen.entity()
    if not is_board_of(entity, seen.sight.fields(seen.actor.role, entity.name)):
        raise NotFound(NOT_FOUND)
    return entity


def _pairs(ask: Ask) -> Pairs:
    return [(n, t) for n, t in ask.request.query_params.multi_items() if n not in (COLUMN, CARD, FROM, "cursor")]


def _base(entity: Entity) -> str:
    return f"/{entity.name}{KIND.place}"


def _asked(seen: Screen, entity: Entity, v: Viewed) -> Asked:
    """Raises BadRequest, with everything that is wrong."""
    if v.view is not None and v.view.wrong is not None:
        raise BadRequest(v.view.wrong)
    board = _board(seen, entity, dict(v.pairs))
    pattern = pattern_of(seen, entity, board)
    query = seen.crm.reads.query(seen.actor, entity.name, v.pairs)
    is_changed = v.is_changed(entity, query, fields_of(seen))
    query = replace(query, columns=pattern.asked, sort=query.sort or sort_of(seen, entity), group=None, limit=FIRST)
    field = entity.fields[board.by]
    known = choices(field) if field.type == "stage" or field.required else (*choices(field), EMPTY)
    filters = filters_of(seen, entity, v.pairs, _base(entity), v.shelf)
    return Asked(seen, entity, v, board, pattern, query, filters, known, is_changed)


def _board(seen: Screen, entity: Entity, given: dict[str, str]) -> Board:
    """As the set says, but for what the address says. Raises BadRequest."""
    board: Any = entity.board
    try:
        said = KIND.read(entity, given)
    except Unreadable as problem:
        raise BadRequest(problem.message) from None
    known = {name: seen.sight.field(seen.actor.role, entity.name, name) for name in KIND.fields(said)}
    if "by" in said and known[said["by"]].type not in ("stage", "choice"):
        raise BadRequest(sentence(
            "A board's columns are stages or choices, and {label} is neither.", label=known[said['by']].label
        ))
    if "sum" in said and effective(known[said["sum"]]).type not in ("money", "integer", "decimal", "duration"):
        raise BadRequest(sentence("{label} cannot be added up.", label=known[said['sum']].label))
    return replace(board, **said)


def _column_asked(asked: Asked, text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < len(asked.choices)):
        raise BadRequest(sentence('"{text}" is no column of this board.', text=text[:20]))
    return int(text)


# ---- the page


def _drawn(asked: Asked, lent: Connection) -> Html:
    seen, entity, filters, by = asked.seen, asked.entity, asked.filters, asked.entity.fields[asked.board.by]
    closed, held = _closed(asked), _totals(asked, lent)
    numbers = range(len(asked.choices))
    pages = {n: _page(asked, lent, n) for n in numbers if n not in closed and _held(asked, held, n).count}
    cards = _cards(asked, lent, pages)
    columns = [_column(asked, held, n, pages.get(n), cards.get(n, []), n in closed) for n in numbers]
    return seen.render(
        "board.html", entity=entity, columns=columns, proof=proof(seen.ask), by=by, again=asked.part(), back=asked.back,
        total=counted(sum(total.count for total in held.values()), MOST * max(len(held), 1)),
        toolbar=toolbar(seen, entity, filters, asked.query, without=(by.name,)),
        views=views_bar(seen, entity, asked.viewed, filters, asked.is_changed),
        looks=looks_at(seen, entity, asked.viewed, filters),
    )  # fmt: skip


def _totals(asked: Asked, lent: Connection) -> dict[str | None, Total]:
    values = [choice.value or None for choice in asked.choices]
    seen = asked.seen
    return totals(seen.crm.reads, lent, seen.actor, asked.query, asked.board.by, values, asked.pattern.worth)


def _held(asked: Asked, held: dict[str | None, Total], number: int) -> Total:
    return held[asked.choices[number].value or None]


def _page(asked: Asked, lent: Connection, number: int, cursor: str | None = None) -> Page:
    where = both(asked.query.where, column_of(asked.board.by, asked.choices[number].value or None))
    query = replace(asked.query, where=where, cursor=cursor, limit=NEXT if cursor else FIRST)
    return asked.seen.crm.reads.page(asked.seen.actor, query, connection=lent)


def _cards(asked: Asked, lent: Connection, pages: dict[int, Page]) -> dict[int, list[Card]]:
    """Of all columns together, so that what stands beside the rows costs one look for the whole board."""
    seen, entity = asked.seen, asked.entity
    ids = [row[ID] for page in pages.values() for row in page.rows]
    is_stage = entity.fields[asked.board.by].type == "stage"
    since = standing_since(lent, asked.board.by, ids) if is_stage and ids else {}
    open_ids = [row[ID] for n, page in pages.items() for row in page.rows if not asked.choices[n].ends]
    planned = ahead(seen.crm.reads, lent, seen.actor, entity.name, open_ids)
    return {
        n: cards_of(seen, asked.pattern, page.columns, page.rows, asked.choices[n], since, planned)
        for n, page in pages.items()
    }


def _column(
    asked: Asked, held: dict[str | None, Total], number: int, page: Page | None, cards: list[Card], closed: bool
) -> Column:
    choice, total = asked.choices[number], _held(asked, held, number)
    field = asked.entity.fields[asked.pattern.worth] if asked.pattern.worth else None
    formats, full = asked.seen.formats, total.count >= MOST
    sums, likely = (
        tuple((briefly(field, v, formats), in_full(field, v, formats)) for v in values) if field and not full else ()
        for values in (total.sums, total.likely)
    )
    wanted = (f"{asked.board.by}.in", f'"{choice.value}"' if "," in choice.value else choice.value)
    if not choice.value:
        wanted = (f"{asked.board.by}.empty", "true")
    kept = asked.filters.without(["view", asked.board.by, *KIND.words, wanted[0]])
    elsewhere = address(f"/{asked.entity.name}", [*kept, wanted])
    more = _more_place(asked, number, page.next if page else None) if closed or (page and page.next) else None
    return Column(number, choice, total, counted(total.count, MOST), sums, likely, closed, cards, more, elsewhere)


def _more_place(asked: Asked, number: int, cursor: str | None) -> str:
    return asked.part((COLUMN, str(number)), *([(FROM, cursor)] if cursor else []))


def _closed(asked: Asked) -> frozenset[int]:
    """The columns that their reader closed; before anybody touched one, those of stages that end."""
    kept = asked.seen.ask.request.cookies.get(f"board_{asked.entity.name}")
    if kept is None:
        return frozenset(n for n, choice in enumerate(asked.choices) if choice.ends)
    names = set(unquote(kept).split("\n"))
    return frozenset(n for n, choice in enumerate(asked.choices) if choice.value in names)


# ---- its pieces


def _more(asked: Asked, lent: Connection, number: int, cursor: str | None) -> Html:
    page = _page(asked, lent, number, cursor)
    cards = _cards(asked, lent, {number: page})[number]
    more = _more_place(asked, number, page.next) if page.next else None
    return asked.seen.render("board_more.html", entity=asked.entity, cards=cards, more=more, back=asked.back)


def _moved(asked: Asked, lent: Connection, id: int) -> Html:
    """The heads of all columns; and the card, unless it is out of the board's question or out of sight by now."""
    held = _totals(asked, lent)
    found = _find(asked, lent, id)
    columns = [_column(asked, held, n, None, [], False) for n in range(len(asked.choices))]
    cards = _cards(asked, lent, {found[0]: found[1]})[found[0]] if found else []
    return asked.seen.render(
        "board_moved.html", entity=asked.entity, columns=columns, cards=cards, back=asked.back,
        at=asked.choices[found[0]].value if found else None,
    )  # fmt: skip


def _find(asked: Asked, lent: Connection, id: int) -> tuple[int, Page] | None:
    reads, actor, by = asked.seen.crm.reads, asked.seen.actor, asked.board.by
    where = both(asked.query.where, Test("id", "is", id))
    query = replace(asked.query, where=where, columns=(*asked.query.columns, by), limit=1)
    page = reads.page(actor, query, connection=lent)
    if not page.rows:
        return None
    shown = next(one for one in page.columns if one.name == by)
    value = value_of(shown, page.rows[0]) or ""
    return next(((n, page) for n, choice in enumerate(asked.choices) if choice.value == value), None)
