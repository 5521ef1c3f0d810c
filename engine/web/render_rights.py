"""A scope in words: whose records a role may touch."""

from __future__ import annotations

from engine.blueprint.conditions import AllOf, AnyOf, Condition, Not, Test, Word
from engine.blueprint.entities import Entity
from engine.parts import operator
from engine.records.sight import targets_of
from engine.web.frame import Screen

OWNED = {"me": "own", "my team": "the team's", "my subordinates": "their people's"}
THEMSELVES = {
    "me": "themselves",
    "my team": "their team",
    "my subordinates": "their people",
}  # whom they hand over to


def told(seen: Screen, entity: Entity, scope: Condition) -> str:
    """`own or their people's`; anything else in the operators' own sentences."""
    match scope:
        case Test():
            return _test(seen, entity, scope)
        case Not(part):
            return f"not ({told(seen, entity, part)})"
        case AllOf(parts):
            return " and ".join(told(seen, entity, part) for part in parts)
        case AnyOf(parts):
            return " or ".join(dict.fromkeys(told(seen, entity, part) for part in parts))
    return ""


def _test(seen: Screen, entity: Entity, test: Test) -> str:
    words = test.value if isinstance(test.value, (tuple, list, frozenset)) else (test.value,)
    known = THEMSELVES if entity.name == "user" else OWNED
    said = [known[w.text] for w in words if isinstance(w, Word) and w.text in known]
    if said and test.field in ("owner", "team", "id"):
        return " or ".join(said)
    field = entity.fields[test.field]
    if isinstance(test.value, (Test, AllOf, AnyOf, Not)):
        target = seen.crm.blueprint.entities[targets_of(field)[0]]
        return f"{field.label} where {told(seen, target, test.value)}"
    if test.operator == "visible":
        return f"those whose {field.label.lower()} they may open"
    return operator(test.operator).sentence(field, test.value, seen.formats)
