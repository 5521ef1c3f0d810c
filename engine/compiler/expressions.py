"""Formulas: `quantity * price * (1 - discount / 100)`, read by a real parser into our own bounded nodes.

Nothing that a node cannot say gets through: no attribute, no subscript, no call but of FUNCTIONS, no constant folded.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from jinja2 import TemplateSyntaxError, nodes
from jinja2.parser import Parser

from engine.blueprint.formulas import Binary, Call, Choose, ListOf, Literal, Name, Node, Unary
from engine.text import PARSING, Unclear, syntax_told

LONGEST_FORMULA = 1_000  # characters
DEEPEST = 60  # brackets within brackets, and operators within operators: a sum of 60 fields is one

FUNCTIONS: Mapping[str, tuple[int, int]] = {  # name -> fewest and most arguments
    "round": (1, 2),
    "min": (2, 10),
    "max": (2, 10),
    "abs": (1, 1),
    "days_between": (2, 2),
    "if_empty": (2, 2),
    "lower": (1, 1),
    "upper": (1, 1),
    "length": (1, 1),
}


def parse_expression(text: str) -> Node:
    """The formula as plain nodes; what its names mean is not asked here. Raises Unclear."""
    if len(text) > LONGEST_FORMULA:
        raise Unclear(f"The formula is longer than {LONGEST_FORMULA:,} characters.", "Divide it into several fields.")
    if not text.strip():
        raise Unclear("The formula is empty.")
    try:
        return _node(_parsed(text), 0)
    except RecursionError:
        raise _too_deep() from None


def _parsed(text: str) -> nodes.Expr:
    if _nesting(text) > DEEPEST:
        raise _too_deep()
    try:
        parser = Parser(PARSING, text, state="variable")
        parsed = parser.parse_expression()
    except TemplateSyntaxError as error:
        raise Unclear(*syntax_told(error, "formula")) from None
    _at_end(parser)
    return parsed


def _at_end(parser: Parser) -> None:
    rest = parser.stream.current
    if rest.type == "assign":
        raise Unclear("One = does not compare.", "Write == to compare.")
    if rest.type != "eof":
        raise Unclear(f'The formula cannot go on with "{rest.value}".', "An operator is missing before it.")


def _nesting(text: str) -> int:
    depth = deepest = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    return deepest


def _too_deep() -> Unclear:
    return Unclear("The formula is nested too deeply.", "Divide it into several fields.")


_BINARY: Mapping[type[nodes.Node], str] = {
    nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/", nodes.And: "and", nodes.Or: "or",
}  # fmt: skip
_COMPARE = {"eq": "=", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">=", "in": "in"}

_TOLD_FORMULA: Mapping[type[nodes.Node], tuple[str, str]] = {
    nodes.Getattr: ("A formula cannot look into a field with a dot.", "Use fields of the same record."),
    nodes.Getitem: ("A formula cannot look into a value with [ ].", "Use fields of the same record."),
    nodes.Filter: ("A formula has no |.", "Write a function, as in upper(name)."),
    nodes.Test: ("A formula cannot ask with is.", "Write == to compare, or if_empty(field, value)."),
    nodes.Tuple: ("A list of values needs square brackets.", "Write [a, b]."),
    nodes.Pow: ("** is not known in a formula.", "Known: + - * / ~."),
    nodes.FloorDiv: ("// is not known in a formula.", "Known: + - * / ~."),
    nodes.Mod: ("% is not known in a formula.", "Known: + - * / ~."),
    nodes.Dict: ("A formula has no { }.", ""),
}


def _node(node: nodes.Node, depth: int) -> Node:
    if depth > DEEPEST:
        raise _too_deep()
    match node:
        case nodes.Const(value=value):
            return _literal(value)
        case nodes.Name(name=name):
            return Name(name)
        case nodes.Not(node=operand):
            return Unary("not", _node(operand, depth + 1))
        case nodes.Neg(node=operand):
            return _negative(_node(operand, depth + 1))
        case nodes.Pos(node=operand):
            return _node(operand, depth + 1)
        case nodes.CondExpr():
            return _choose(node, depth + 1)
        case nodes.Concat(nodes=parts):
            return _chain("~", [_node(part, depth + 1) for part in parts])
        case nodes.Compare():
            return _compare(node, depth + 1)
        case nodes.List(items=items):
            return ListOf(tuple(_node(item, depth + 1) for item in items))
        case nodes.Call():
            return _call(node, depth + 1)
    return _binary(node, depth + 1)


def _literal(value: Any) -> Literal:
    if isinstance(value, float):
        number = Decimal(repr(value))  # the shortest text that reads back equal: as it was typed, up to 15 digits
        if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
            raise Unclear("A number in a formula has at most 15 digits.")
        return Literal(number)
    if isinstance(value, int) and abs(value) >= 10**15:
        raise Unclear("A number in a formula has at most 15 digits.")
    return Literal(value)


def _negative(node: Node) -> Node:
    if isinstance(node, Literal) and isinstance(node.value, (int, Decimal)) and not isinstance(node.value, bool):
        return Literal(-node.value)
    return Unary("-", node)


def _choose(node: nodes.CondExpr, depth: int) -> Node:
    otherwise = Literal(None) if node.expr2 is None else _node(node.expr2, depth)
    return Choose(_node(node.test, depth), _node(node.expr1, depth), otherwise)


def _chain(operator: str, parts: list[Node]) -> Node:
    chained = parts[0]
    for part in parts[1:]:
        chained = Binary(operator, chained, part)
    return chained


def _compare(node: nodes.Compare, depth: int) -> Node:
    """`0 < a < 10` means `0 < a and a < 10`."""
    left, tests = _node(node.expr, depth), []
    for operand in node.ops:
        right = _node(operand.expr, depth)
        tests.append(_one_compare(operand.op, left, right))
        left = right
    return _chain("and", tests)


def _one_compare(operator: str, left: Node, right: Node) -> Node:
    if operator == "notin":
        return Unary("not", Binary("in", left, right))
    return Binary(_COMPARE[operator], left, right)


def _call(node: nodes.Call, depth: int) -> Node:
    name = node.node.name if isinstance(node.node, nodes.Name) else ""
    if name not in FUNCTIONS:
        raise Unclear(f'"{name}" is not a function.', word=name, known=tuple(FUNCTIONS))
    if node.kwargs or node.dyn_args or node.dyn_kwargs:
        raise Unclear(f"{name} takes plain values only.")
    fewest, most = FUNCTIONS[name]
    if not fewest <= len(node.args) <= most:
        wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
        raise Unclear(f"{name} takes {wanted} values in its brackets; {len(node.args)} stand there.")
    return Call(name, tuple(_node(argument, depth) for argument in node.args))


def _binary(node: nodes.Node, depth: int) -> Node:
    operator = _BINARY.get(type(node))
    if operator is None or not isinstance(node, nodes.BinExpr):
        raise Unclear(*_TOLD_FORMULA.get(type(node), ("A formula cannot do this.", "")))
    return Binary(operator, _node(node.left, depth), _node(node.right, depth))


def written(node: Node) -> str:
    """The formula's text again, with brackets wherever two operators meet."""
    match node:
        case Literal(value):
            return _literal_text(value)
        case Name(field):
            return field
        case Unary(operator, operand):
            return f"({operator} {written(operand)})"
        case Binary(operator, left, right):
            return f"({written(left)} {'==' if operator == '=' else operator} {written(right)})"
        case ListOf(items):
            return f"[{', '.join(map(written, items))}]"
        case Choose(test, then, otherwise):
            return f"({written(then)} if {written(test)} else {written(otherwise)})"
        case Call(function, arguments):
            return f"{function}({', '.join(map(written, arguments))})"
    raise TypeError(node)


def _literal_text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    number = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return f"({number})" if value < 0 else number
