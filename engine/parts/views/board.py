"""Records as cards in columns."""

from __future__ import annotations

from engine.blueprint.entities import Entity
from engine.parts.views.contract import Example, ViewKind
from engine.words import said

WORD = {"type": "string", "minLength": 1, "maxLength": 100}
USUAL = "Left out: as the entity's board."


class Kind(ViewKind):
    label = said("Board")
    icon = "square-kanban"
    doc = "Records as cards, a column for each stage or choice. To drag a card into another column makes the move."
    place = "/board"
    common = ("sort",)
    schema = {
        "by": {**WORD, "x-field": True, "description": f"The stage or choice that makes the columns. {USUAL}"},
        "card": {
            "type": "array", "minItems": 1, "items": WORD, "x-field": True,
            "description": f"Fields that stand on a card. {USUAL}",
        },
        "sum": {**WORD, "x-field": True, "description": f"The number or money that is added up. {USUAL}"},
    }  # fmt: skip
    examples = (
        Example({}, {}, ()),
        Example(
            {"by": "status", "card": ["budget", "phone"], "sum": "budget"},
            {"by": "status", "card": ("budget", "phone"), "sum": "budget"},
            (("by", "status"), ("card", "budget,phone"), ("sum", "budget")),
        ),
    )

    def suits(self, entity: Entity) -> bool:
        return entity.board is not None
