"""`period: last month`: the stretch of time that reports are asked about."""

from __future__ import annotations

from engine.blueprint.conditions import Word
from engine.compiler.draft import Draft
from engine.compiler.spot import Spot
from engine.parts.fields.contract import Unreadable
from engine.parts.words import span_word


def read_period(draft: Draft, spot: Spot | None) -> Word | None:
    """None where there is none, or after telling what is wrong with it."""
    if spot is None or spot.word is None:
        return None
    try:
        return span_word(spot.word)
    except Unreadable as problem:
        draft.tell(spot, "wrong-value", str(problem))
        return None
