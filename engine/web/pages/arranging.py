"""How a person's own page of tiles and charts is arranged: which are shown, in which order, which are wide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.responses import Response

from engine.blueprint.reports import Dashboard, Report, Tile
from engine.records.arranging import (
    PARTS,
    Arrangement,
    Kept,
    Piece,
    arrangement_of,
    forget_arrangement,
    keep_arrangement,
)
from engine.records.reporting import may_see
from engine.records.tiles import reports_on, tile_series
from engine.serving import Ask
from engine.web.frame import Screen, go, proof, screen
from engine.web.pages.reports import dashboard_of
from engine.web.pages.signs import text_of
from engine.web.render import address

LONGEST = 4000  # characters of what the page is narrowed by


@dataclass(frozen=True, slots=True)
class Row:
    piece: Piece
    label: str


def show(ask: Ask) -> Response:
    seen = screen(ask)
    found = dashboard_of(seen)
    with seen.crm.database.reading() as lent:
        liked = arrangement_of(lent, seen.actor.user, found)
    asked = ask.request.query_params.multi_items()
    return _page(seen, found, {part: liked.of(part, _known(seen, found, part)) for part in PARTS}, liked, asked)


def change(ask: Ask) -> Response:
    """`do`: up:PART:N, down:PART:N, look; apply and reset are kept."""
    seen = screen(ask)
    found, deed = dashboard_of(seen), text_of(ask, "do")
    asked = parse_qsl(text_of(ask, "asked")[:LONGEST], keep_blank_values=True)
    back = address(f"/dashboards/{found.name}", asked)
    if deed == "reset":
        forget_arrangement(seen.crm.database, seen.actor.user, found)
        return go(ask, back, seen.say("The page is as the program has it."))
    pieces = {part: _typed(seen, found, part) for part in PARTS}
    if deed == "apply":
        kept = {part: _kept(some) for part, some in pieces.items()}
        keep_arrangement(seen.crm.database, seen.crm.reads.clock, seen.actor.user, found, kept)
        return go(ask, back)
    moved = {part: _pressed(part, some, deed) for part, some in pieces.items()}
    return _page(seen, found, moved, Arrangement(), asked)


def _known(seen: Screen, found: Dashboard, part: str) -> Sequence[Tile | Report]:
    """What this person sees of the page."""
    if part == "tiles":
        return [tile for tile in found.tiles.values() if tile_series(seen.crm.reads, seen.actor, tile) is not None]
    reports = reports_on(seen.crm.blueprint, found).values()
    return [one for one in reports if may_see(seen.crm.reads, seen.actor, one)]


def _typed(seen: Screen, found: Dashboard, part: str) -> tuple[Piece, ...]:
    """The form's rows; what it does not speak of stands where the set has it."""
    form, known = seen.ask.form, _known(seen, found, part)
    order = [name for name in form.getlist(part) if isinstance(name, str)] if form is not None else []
    shown, wide = (set(form.getlist(f"{part}.{what}")) if form is not None else set() for what in ("shown", "wide"))
    hidden = frozenset(name for name in order if name not in shown)
    return _typed_in(Kept(tuple(order), hidden, frozenset(order) & wide), known)


def _typed_in(kept: Kept, known: Sequence[Tile | Report]) -> tuple[Piece, ...]:
    return Arrangement({"": kept}).of("", known)


def _kept(pieces: Sequence[Piece]) -> Kept:
    return Kept(
        tuple(piece.name for piece in pieces),
        frozenset(piece.name for piece in pieces if piece.hidden),
        frozenset(piece.name for piece in pieces if piece.wide),
    )


def _pressed(part: str, pieces: tuple[Piece, ...], deed: str) -> tuple[Piece, ...]:
    word, _, where = deed.partition(":")
    of, _, text = where.partition(":")
    if word not in ("up", "down") or of != part or not (text.isascii() and text.isdigit()) or int(text) >= len(pieces):
        return pieces
    at, rest = int(text), list(pieces)
    one = rest.pop(at)
    rest.insert(max(at - 1, 0) if word == "up" else at + 1, one)
    return tuple(rest)


def _page(
    seen: Screen, found: Dashboard, pieces: dict[str, tuple[Piece, ...]], liked: Arrangement, asked: list[tuple[str, str]]
) -> Response:
    at = f"/dashboards/{found.name}"
    titles = {"tiles": seen.say("Tiles"), "charts": seen.say("Charts and lists")}
    parts = [(part, titles[part], list(_rows(seen, found, part, some))) for part, some in pieces.items() if some]
    body = seen.render(
        "arrange.html", desk=found, parts=parts, place=f"{at}/arrange", back=address(at, asked), proof=proof(seen.ask),
        asked=address("", asked).removeprefix("?"), is_own=liked.is_own,
    )  # fmt: skip
    return seen.page(seen.say("Arrange {label}", label=found.label), body, f"dashboards/{found.name}")


def _rows(seen: Screen, found: Dashboard, part: str, pieces: Sequence[Piece]) -> Iterator[Row]:
    named = found.tiles if part == "tiles" else reports_on(seen.crm.blueprint, found)
    for piece in pieces:
        yield Row(piece, named[piece.name].label)


__all__ = ["change", "show"]
