"""entities.yaml, `board`: cards in columns. An entity with stages has one without a word; others say by what."""

from __future__ import annotations

from dataclasses import replace

from engine.blueprint.entities import TWO_WEEKS, Board, Entity, Field
from engine.compiler.draft import Draft
from engine.compiler.spans import read_span
from engine.compiler.spot import Spot
from engine.parts.derived import effective

COLUMNS = ("stage", "choice")
NUMBERS = ("money", "integer", "decimal", "duration")
ON_A_CARD = 2  # fields of a card that nobody described, beside its title, its worth and its owner
NOT_ON_A_CARD = frozenset(
    ("children", "references", "long_text", "rich_text", "file", "picture", "stage", "reference_number", "id")
)  # fmt: skip


def build_boards(draft: Draft) -> None:
    for name, entity in tuple(draft.entities.items()):
        spot = draft.section("entities").get(name)
        said = spot.get("board") if spot is not None else None
        board = _board(draft, entity, said if said is not None and said.node.is_map else None)
        draft.entities[name] = replace(entity, board=board)


def _board(draft: Draft, entity: Entity, spot: Spot | None) -> Board | None:
    by, added = _by(draft, entity, spot), _sum(draft, entity, spot)
    card = _card(draft, entity, spot.get("card") if spot else None)
    too_long = read_span(draft, spot.get("too_long")) if spot else None
    if by is None:
        return None
    return Board(by.name, _usual_card(entity, added) if card is None else card, added, too_long or TWO_WEEKS)


def _by(draft: Draft, entity: Entity, spot: Spot | None) -> Field | None:
    at = spot.get("by") if spot else None
    if at is not None:
        return _named(draft, entity, at, COLUMNS)
    stage = next(iter(entity.fields_of("stage")), None)
    if stage is None and spot is not None:
        message = f"{entity.name} has no stages, so this board has no columns."
        draft.tell(spot, "missing-key", message, "Say with `by` which choice makes them.", at_key=True)
    return stage


def _named(draft: Draft, entity: Entity, spot: Spot, kinds: tuple[str, ...]) -> Field | None:
    field = draft.field_named(entity.name, spot)
    kind = field and (field.type if kinds == COLUMNS else effective(field).type)
    if field is None or kind in kinds:
        return field
    message = f"{field.name} is a field of type {field.type}."
    draft.tell(spot, "wrong-value", message, f"Here stands a field of type {', '.join(kinds[:-1])} or {kinds[-1]}.")
    return None


def _sum(draft: Draft, entity: Entity, spot: Spot | None) -> str | None:
    at = spot.get("sum") if spot else None
    if at is not None:
        field = _named(draft, entity, at, NUMBERS)
        return field.name if field else None
    money = [f.name for f in entity.fields_of("money")]
    return next((name for name in entity.list.columns if name in money), next(iter(money), None))


def _card(draft: Draft, entity: Entity, spot: Spot | None) -> tuple[str, ...] | None:
    if spot is None:
        return None
    kept: list[str] = []
    for at in spot.each():
        field = draft.field_named(entity.name, at) if at.word else None
        if field is None:
            continue
        if field.type == "children":
            message = f"{field.name} cannot stand on a card: it is many records."
            draft.tell(at, "wrong-value", message, "Make a roll-up of it.")
        else:
            kept.append(field.name)
    return tuple(dict.fromkeys(kept))


def _usual_card(entity: Entity, added: str | None) -> tuple[str, ...]:
    """The first columns of the list that say something which the rest of the card does not."""
    told = {*entity.title.fields, "owner", "title", added}
    fields = [entity.fields[name] for name in entity.list.columns if name in entity.fields and name not in told]
    return tuple(f.name for f in fields if not f.system and f.type not in NOT_ON_A_CARD)[:ON_A_CARD]


__all__ = ["build_boards"]
