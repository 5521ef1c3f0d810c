"""A condition as somebody puts it together on a page: a tree of groups and rows that an address's parameters say.

    w.join=any   w.0.field=status   w.0.op=in   w.0.value=NEW   w.0.value=WON
    w.1.join=all   w.1.0.field=account.industry   w.1.0.op=is   w.1.0.value=Steel
    do=add:w.1

Each press of a button is a request with the whole tree, and gives it back changed: so it works without script, and a script
need know nothing of fields and operators.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.blueprint import Blueprint
from engine.blueprint.conditions import ALWAYS, AllOf, AnyOf, Condition, Not, Test, Word
from engine.blueprint.entities import Field
from engine.blueprint.values import Money, Ref
from engine.errors import BadRequest
from engine.formats import Formats, Reading
from engine.parts import field_type, operator
from engine.parts.derived import effective
from engine.parts.fields.contract import Unreadable
from engine.parts.stays import ANY_TIME
from engine.records.sight import Sight, targets_of
from engine.records.where import MOST_TESTS, operators_of
from engine.words import said as sentence

ROOT = "w"
DEEPEST = 4  # groups within groups on the page
JOINS = ("all", "any", "none")
MOST_NODES = 60
_NAME = re.compile(r"(w(?:\.\d{1,2})*)\.(join|field|op|value)")


@dataclass(frozen=True, slots=True)
class Row:
    """`field` may be one step away: `account.industry`. `inner`: what is asked of other records (`calls: one with ...`)."""

    field: str = ""
    op: str = ""
    values: tuple[str, ...] = ()
    inner: Group | None = None
    wrong: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    join: str = "all"
    parts: tuple[Row | Group, ...] = field(default_factory=tuple)


Node = Row | Group


# ---- from an address


def read_tree(given: Iterable[tuple[str, str]]) -> Group | None:
    """None where the address says no tree. Raises BadRequest for one that is too large."""
    said: dict[str, dict[str, list[str]]] = {}
    for name, text in given:
        found = _NAME.fullmatch(name)
        if found:
            said.setdefault(found[1], {}).setdefault(found[2], []).append(text)
    if not said:
        return None
    if len(said) > MOST_NODES:
        raise BadRequest(sentence("At most {most_tests} things can be asked for at once.", most_tests=MOST_TESTS))
    node = _node(said, ROOT, 0)
    return node if isinstance(node, Group) else Group("all", (node,))


def _node(said: Mapping[str, Mapping[str, list[str]]], path: str, depth: int) -> Node:
    here = said.get(path, {})
    below = sorted((p for p in said if p.startswith(f"{path}.") and "." not in p[len(path) + 1 :]), key=_number)
    parts = tuple(_node(said, one, depth + 1) for one in below) if depth <= 2 * DEEPEST else ()
    join = next(iter(here.get("join", [])), None)
    if "field" in here:
        inner = Group(join or "all", parts) if parts or join else None
        return Row(_first(here, "field"), _first(here, "op"), tuple(t for t in here.get("value", ()) if t != ""), inner)
    return Group(join if join in JOINS else JOINS[0], parts)


def _first(here: Mapping[str, list[str]], name: str) -> str:
    return next(iter(here.get(name, [])), "")


def _number(path: str) -> int:
    return int(path.rpartition(".")[2])


# ---- pressing a button


def pressed(tree: Group, deed: str) -> Group:
    """The tree after `add:PATH`, `group:PATH` or `drop:PATH`; any other deed leaves it."""
    word, _, path = deed.partition(":")
    steps = [int(step) for step in path.split(".")[1:] if step.isdigit()]
    if word not in ("add", "group", "drop") or not path.startswith(ROOT):
        return tree
    if word == "drop":
        return _dropped(tree, steps) if steps else Group(tree.join)
    new: Node = Row() if word == "add" else Group("any", (Row(),))
    return _changed(tree, steps, lambda group: replace(group, parts=(*group.parts, new)))


def _changed(group: Group, steps: list[int], change: Any) -> Group:
    if not steps:
        changed: Group = change(group)
        return changed
    at, *rest = steps
    if at >= len(group.parts):
        return group
    return replace(group, parts=(*group.parts[:at], _inside(group.parts[at], rest, change), *group.parts[at + 1 :]))


def _inside(node: Node, steps: list[int], change: Any) -> Node:
    if isinstance(node, Group):
        return _changed(node, steps, change)
    return replace(node, inner=_changed(node.inner or Group(), steps, change))


def _dropped(tree: Group, steps: list[int]) -> Group:
    *above, at = steps
    return _changed(tree, above, lambda group: replace(group, parts=(*group.parts[:at], *group.parts[at + 1 :])))


# ---- from a condition


def tree_of(blueprint: Blueprint, entity: str, condition: Condition, formats: Formats) -> Group:
    """The tree that means a condition, with values as its reader types them."""
    node = _of(blueprint, entity, condition, formats)
    return node if isinstance(node, Group) else Group("all", (node,))


def _of(blueprint: Blueprint, entity: str, condition: Condition, formats: Formats) -> Node:
    match condition:
        case AllOf(parts):
            return Group("all", tuple(_of(blueprint, entity, part, formats) for part in parts))
        case AnyOf(parts):
            return Group("any", tuple(_of(blueprint, entity, part, formats) for part in parts))
        case Not(AnyOf(parts)):
            return Group("none", tuple(_of(blueprint, entity, part, formats) for part in parts))
        case Not(part):
            return Group("none", (_of(blueprint, entity, part, formats),))
        case Test():
            return _row(blueprint, entity, condition, formats)
    raise TypeError(f"Not a condition: {condition!r}")


def _row(blueprint: Blueprint, entity: str, test: Test, formats: Formats) -> Row:
    one = blueprint.entities[entity].fields[test.field]
    if isinstance(test.value, (Test, AllOf, AnyOf, Not)):
        there = targets_of(one)[0]
        inner = _of(blueprint, there, test.value, formats)
        if test.operator == "where" and isinstance(inner, Row) and "." not in inner.field and inner.inner is None:
            return replace(inner, field=f"{test.field}.{inner.field}")
        return Row(test.field, test.operator, (), inner if isinstance(inner, Group) else Group("all", (inner,)))
    values = test.value if isinstance(test.value, (tuple, list, frozenset)) else (test.value,)
    if operator(test.operator).takes == "stay" and len(values) == 1:
        values = (*values, Word(ANY_TIME))
    return Row(test.field, test.operator, tuple(typed(one, value, formats) for value in values))


def typed(one: Field, value: Any, formats: Formats) -> str:
    if isinstance(value, Word):
        return value.text
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Ref):
        return f"{value.entity}/{value.id}" if one.type == "reference_any" else str(value.id)
    plain = effective(one)
    part = field_type(plain.type)
    if isinstance(value, str) or (isinstance(value, int) and plain.type != "duration"):
        return str(value)
    if plain.type == "datetime" and not hasattr(value, "hour"):
        return str(value.isoformat())
    text = part.typed(plain, value, formats)
    return str(text) if not isinstance(value, Money) or text else ""


# ---- to a condition


@dataclass(frozen=True, slots=True)
class Built:
    """`tree` has the complaints at their rows; `condition` leaves out rows in which nothing is asked yet."""

    tree: Group
    condition: Condition
    is_wrong: bool


def build(sight: Sight, role: str, entity: str, tree: Group, at: Reading) -> Built:
    maker = _Maker(sight, role, at)
    node, condition = maker.group(entity, tree)
    if maker.tests > MOST_TESTS:
        raise BadRequest(sentence("At most {most_tests} things can be asked for at once.", most_tests=MOST_TESTS))
    return Built(node, condition or ALWAYS, maker.wrong)


class _Maker:
    def __init__(self, sight: Sight, role: str, at: Reading) -> None:
        self.sight, self.role, self.at = sight, role, at
        self.tests, self.wrong = 0, False

    def group(self, entity: str, group: Group) -> tuple[Group, Condition | None]:
        made = [self.node(entity, part) for part in group.parts]
        conditions = tuple(condition for _, condition in made if condition is not None)
        return replace(group, parts=tuple(node for node, _ in made)), _joined(group.join, conditions)

    def node(self, entity: str, node: Node) -> tuple[Node, Condition | None]:
        if isinstance(node, Group):
            return self.group(entity, node)
        if not node.field or not node.op:
            return node, None
        try:
            return self.row(entity, node)
        except (BadRequest, Unreadable) as problem:
            self.wrong = True
            return replace(node, wrong=problem.message), None

    def row(self, entity: str, row: Row) -> tuple[Row, Condition | None]:
        first, _, rest = row.field.partition(".")
        found = self.sight.field(self.role, entity, first)
        if rest:
            there = self.there(found)
            inner, condition = self.row(there, replace(row, field=rest))
            test = Test(first, "where", condition) if condition is not None else None
            return replace(inner, field=row.field), test
        if row.op not in operators_of(found):
            raise BadRequest(sentence('{label} cannot be asked "{op}".', label=found.label, op=row.op[:40]))
        self.tests += 1
        if operator(row.op).takes == "condition":
            inner_group, condition = self.group(self.there(found), row.inner or Group())
            asked = condition if condition is not None else AllOf()
            return replace(row, inner=inner_group), Test(first, row.op, asked)
        return row, self.test(found, row)

    def there(self, found: Field) -> str:
        targets = targets_of(found)
        if len(targets) != 1 or not self.sight.fields(self.role, targets[0]):
            raise BadRequest(sentence("Nothing can be asked of the records behind {label}.", label=found.label))
        return targets[0]

    def test(self, found: Field, row: Row) -> Condition | None:
        part = operator(row.op)
        if part.takes == "flag":
            return Test(found.name, row.op, part.read(found, _flag(row.values), self.at))
        if not row.values:
            return None
        if part.takes == "stay" and len(row.values) == 1:
            row = replace(row, values=(*row.values, ANY_TIME))
        given: Any = _items(found, row) if part.takes == "list" else row.values if part.takes == "stay" else row.values[0]
        value = part.read(found, given, self.at)
        return Test(found.name, row.op, tuple(value) if isinstance(value, (list, set)) else value)


def _items(found: Field, row: Row) -> list[str]:
    """Ticked ones stand by themselves; what is typed has commas."""
    has_choices = bool(choices_of(found)) or bool(targets_of(found))
    if has_choices or row.op == "between":
        return list(row.values)
    return [piece.strip() for text in row.values for piece in text.split(",") if piece.strip()]


def _flag(values: tuple[str, ...]) -> bool:
    return not values or values[0] in ("true", "yes")


def _joined(join: str, parts: tuple[Condition, ...]) -> Condition | None:
    if not parts:
        return None
    if join == "none":
        return Not(parts[0] if len(parts) == 1 else AnyOf(parts))
    if len(parts) == 1:
        return parts[0]
    return AnyOf(parts) if join == "any" else AllOf(parts)


def choices_of(found: Field) -> tuple[Any, ...]:
    plain = effective(found)
    return tuple(plain.options.get("stages") or plain.options.get("choices") or ())


def rows_in(node: Node) -> Iterator[Row]:
    if isinstance(node, Row):
        yield node
    inner = node.parts if isinstance(node, Group) else node.inner.parts if node.inner else ()
    for part in inner:
        yield from rows_in(part)


__all__ = [
    "DEEPEST", "JOINS", "ROOT", "Built", "Group", "Node", "Row", "build", "choices_of", "pressed", "read_tree", "rows_in",
    "tree_of",
]  # fmt: skip
