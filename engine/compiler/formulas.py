"""Computed fields and roll-ups: what each is made of, and of which type its value is.

1. A field's kind is the type word of its value. That of a computed field is worked out from its formula, that of a
   roll-up from the field that it takes; both ask for the kinds of other fields, deeper and deeper.
2. A field that is asked for while its own kind is being worked out is computed from itself: a circle.
3. Kinds are families: numbers compare and add up with numbers, texts with texts, dates with dates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from engine.blueprint.entities import Field
from engine.blueprint.formulas import Binary, Call, Choose, Formula, ListOf, Literal, Name, Node, Unary
from engine.compiler.draft import Draft, frozen
from engine.compiler.expressions import parse_expression
from engine.compiler.sentences import did_you_mean, one_of
from engine.compiler.spot import Spot
from engine.parts.currencies import digits
from engine.parts.registry import field_types
from engine.text import Unclear

NOTHING = "nothing"  # the kind of `none`
NUMBERS = ("integer", "decimal", "money", "percent")
RESULTS = (*NUMBERS, "text", "yes_no", "date", "datetime")
TEXTS = frozenset(
    (
        "text", "long_text", "choice", "stage", "role", "email", "phone", "url", "reference_number",
    )
)  # fmt: skip
FAMILY = {"integer": "number", "decimal": "number", "money": "number", "percent": "number", "text": "text",
          "yes_no": "yes or no", "date": "date", "datetime": "date and time"}  # fmt: skip
SUMMED = (*NUMBERS, "duration")
PLACES = 2  # decimals of a computed number that nobody declared, unless what it is made of has more
MOST_PLACES = 6


class Mismatch(Exception):
    """Two parts of a formula that do not go together; told once, at the formula."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def settle_formulas(draft: Draft) -> None:
    settling = _Settling(draft)
    for entity, fields in draft.fields.items():
        for field in tuple(fields.values()):
            if field.type in ("computed", "rollup"):
                settling.kind(entity, field)


class _Settling:
    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.kinds: dict[tuple[str, str], str | None] = {}
        self.open: list[tuple[str, str]] = []

    def kind(self, entity: str, field: Field) -> str | None:
        """The type word of the field's value; None when it cannot be known, which has then been told."""
        if field.type not in ("computed", "rollup"):
            return field.type
        place = (entity, field.name)
        if place in self.open:
            self._tell_circle(place)
            return None
        if place not in self.kinds:
            self.open.append(place)
            settle = self._computed if field.type == "computed" else self._rollup
            self.kinds[place] = settle(entity, field, self._spot(entity, field))
            self.open.pop()
        return self.kinds[place]

    def _spot(self, entity: str, field: Field) -> Spot:
        return field_spot(self.draft, entity, field.name)

    def _tell_circle(self, place: tuple[str, str]) -> None:
        circle = [*self.open[self.open.index(place) :], place]
        told = " -> ".join(f"{entity}.{name}" for entity, name in circle)
        for entity, name in circle[:-1]:
            self.kinds.setdefault((entity, name), None)
        spot = field_spot(self.draft, *min(circle))
        spot = spot.get("formula") or spot.get("of") or spot
        self.draft.tell(spot, "circle", f"This is computed from itself: {told}.", "Take one of them out.")

    # ---- computed

    def _computed(self, entity: str, field: Field, spot: Spot) -> str | None:
        at = spot.get("formula")
        if at is None or at.word is None:
            return None
        try:
            tree = parse_expression(at.word)
            kind = self._result(entity, tree, spot)
        except Unclear as problem:
            hint = did_you_mean(problem.word, problem.known) or one_of("Known", problem.known) or problem.hint
            self.draft.tell(at, "formula", problem.message, hint)
            return None
        except Mismatch as problem:
            self.draft.tell(at, "formula", problem.message, problem.hint)
            return None
        if kind is not None:
            self._keep(entity, field, Formula(at.word, tree, kind, at.source), kind)
        return kind

    def _keep(self, entity: str, field: Field, formula: Formula, kind: str) -> None:
        fields = self.draft.fields[entity]
        used = [fields[name] for name in sorted(formula.fields) if name in fields]
        shape = self._shape_of(entity, kind, used)
        declared = {key: field.options[key] for key in ("places",) if kind == "decimal" and key in field.options}
        options = {**field.options, "formula": formula, "result": kind, **shape, **declared}
        self.draft.fields[entity][field.name] = replace(field, options=frozen(options))

    def _shape_of(self, entity: str, kind: str, used: Iterable[Field]) -> dict[str, Any]:
        """The options that a field of this kind would have."""
        if kind == "money":
            currency = self._currency(used)
            return {"currency": currency, "currencies": (currency,), "places": digits(currency)}
        if kind == "decimal":
            places = [field.options.get("places", PLACES) for field in used if kind_is_decimal(field)]
            return {"places": max((PLACES, *places))}
        return {}

    def _currency(self, used: Iterable[Field]) -> str:
        found = [f.options["currency"] for f in used if f.options.get("currency")]
        return found[0] if found else self.draft.manifest.currency

    def _result(self, entity: str, tree: Node, spot: Spot) -> str | None:
        kind = _Typing(self, entity, spot["formula"]).of(tree)
        declared = spot.get("result")
        if kind is None:
            return None
        if declared is None or declared.word not in RESULTS:
            return "text" if kind == NOTHING else kind
        if kind != NOTHING and FAMILY[kind] != FAMILY[declared.word]:
            self.draft.tell(declared, "formula", f'The formula gives {told_kind(kind)}, not {told_kind(declared.word)}.',
                            f"Write {kind}, or leave `result` out.")  # fmt: skip
        return declared.word

    # ---- roll-up

    def _rollup(self, entity: str, field: Field, spot: Spot) -> str | None:
        children = self._children_of(entity, spot.get("of"))
        child = children.options.get("entity") if children else None
        take = spot.text("take")
        if children is None or child is None or children.options.get("through") is None or take is None:
            return None
        taken = self._taken(child, spot, take)
        if taken is None and take != "count":
            return None
        kind = self._rollup_kind(child, taken, take, spot)
        if kind is not None:
            self._keep_rollup(entity, field, children, taken, kind)
        return kind

    def _children_of(self, entity: str, spot: Spot | None) -> Field | None:
        if spot is None or spot.word is None:
            return None
        children = self.draft.field_named(entity, spot)
        if children is not None and children.type != "children":
            known = [f.name for f in self.draft.fields[entity].values() if f.type == "children"]
            self.draft.unknown(spot, spot.word, f"a field of type children of {entity}", known)
            return None
        return children

    def _taken(self, child: str, spot: Spot, take: str) -> Field | None:
        at = spot.get("field")
        if take == "count":
            if at is not None:
                self.draft.tell(at, "no-effect", "A count needs no field.", "Remove it.", at_key=True)
            return None
        if at is None:
            self.draft.tell(spot, "missing-key", f'"field" is missing: the {take} of which field of {child}?')
            return None
        return self.draft.field_named(child, at)

    def _rollup_kind(self, child: str, taken: Field | None, take: str, spot: Spot) -> str | None:
        if taken is None:
            return "integer"
        kind = self.kind(child, taken)
        part = field_types().get(kind) if kind else None
        if kind is None or part is None:
            return None
        if take in ("sum", "average"):
            return self._summed(child, taken, kind, take, spot)
        if not part.sortable or part.many or not part.stored:
            self.draft.tell(spot["field"], "wrong-value", f"{child}.{taken.name} has no order.")
            return None
        return kind

    def _summed(self, child: str, taken: Field, kind: str, take: str, spot: Spot) -> str | None:
        if kind not in SUMMED:
            hint = one_of("Fields with numbers", self.numbers_of(child))
            self.draft.tell(spot["field"], "wrong-value", f"{child}.{taken.name} holds no number to {take}.", hint)
            return None
        return "decimal" if take == "average" and kind == "integer" else kind

    def numbers_of(self, entity: str) -> list[str]:
        return [f.name for f in self.draft.fields[entity].values() if f.type in SUMMED and not f.system]

    def _keep_rollup(self, entity: str, field: Field, children: Field, taken: Field | None, kind: str) -> None:
        used = self._used_by(children, taken)
        shape = self._shape_of(entity, kind, used)
        link = {"entity": children.options["entity"], "through": children.options["through"]}
        options = {**field.options, **link, "child": used[0] if used else None, "result": kind, **shape}
        self.draft.fields[entity][field.name] = replace(field, options=frozen(options))

    def _used_by(self, children: Field, taken: Field | None) -> list[Field]:
        """Read again: the taken field may itself have been settled since."""
        return [] if taken is None else [self.draft.fields[children.options["entity"]][taken.name]]


def kind_is_decimal(field: Field) -> bool:
    return "decimal" in (field.type, field.options.get("result"))


def told_kind(kind: str) -> str:
    return {"yes_no": "yes or no", "integer": "a whole number", "decimal": "a number", "money": "money", "text": "a text",
            "percent": "a percentage", "date": "a date", "datetime": "a date and time"}.get(kind, kind)  # fmt: skip


def field_spot(draft: Draft, entity: str, name: str) -> Spot:
    spot = draft.section("entities").get(entity)
    fields = spot.get("fields") if spot else None
    return (fields.get(name) if fields else None) or spot or draft.section("entities")


class _Typing:
    """The kind of each part of one formula; raises Mismatch."""

    def __init__(self, settling: _Settling, entity: str, spot: Spot) -> None:
        self.settling = settling
        self.draft = settling.draft
        self.entity = entity
        self.spot = spot

    def of(self, node: Node) -> str | None:
        """None where a name's kind is not known; the rest is still looked at."""
        match node:
            case Literal(value):
                return _literal_kind(value)
            case Name(name):
                return self._name(name)
            case Unary("not", operand):
                return self._flag(operand)
            case Unary(_, operand):
                return self._number(operand)
            case Binary():
                return self._binary(node)
            case Choose(test, then, otherwise):
                self._flag(test)
                return self._common((then, otherwise), "the two values around if")
            case Call(function, arguments):
                return self._call(function, arguments)
        raise Mismatch("A list of values can only follow in.", "Write field in [a, b].")

    def _name(self, name: str) -> str | None:
        field = self.draft.field_named(self.entity, self.spot, name)
        if field is None:
            return None
        kind = self.settling.kind(self.entity, field)
        if kind is None or kind in RESULTS:
            return kind
        return "text" if kind in TEXTS else self._unusable(field)

    def _unusable(self, field: Field) -> str | None:
        if field_types()[field.type].numeric:
            return "decimal"
        hint = "Make a roll-up of it and use that." if field.type == "children" else ""
        raise Mismatch(f"A formula cannot use {field.name}: it is of type {field.type}.", hint)

    def _flag(self, node: Node) -> str:
        kind = self.of(node)
        if kind not in (None, "yes_no", NOTHING):
            raise Mismatch(f"{told_part(node)} is {told_kind(kind)} where yes or no is asked for.",
                           "Compare it with something, as in amount > 0.")  # fmt: skip
        return "yes_no"

    def _number(self, node: Node) -> str | None:
        kind = self.of(node)
        if kind not in (None, *NUMBERS):
            hint = "Write days_between(earlier, later)." if kind in ("date", "datetime") else ""
            raise Mismatch(f"{told_part(node)} is {told_kind(kind)}; only numbers can be computed with.", hint)
        return kind

    def _binary(self, node: Binary) -> str | None:
        if node.operator in ("and", "or"):
            self._flag(node.left)
            return self._flag(node.right)
        if node.operator == "~":
            self.of(node.left)
            self.of(node.right)
            return "text"
        if node.operator == "in":
            return self._within(node)
        if node.operator in "+-*/":
            return self._arithmetic(node)
        return self._compared(node)

    def _arithmetic(self, node: Binary) -> str | None:
        left, right = self._number(node.left), self._number(node.right)
        if left is None or right is None:
            return None
        if left == right == "money" and node.operator in "*/":
            if node.operator == "*":
                raise Mismatch("Money times money is nothing.", "Multiply money by a number.")
            return "decimal"
        if "money" in (left, right):
            return "money"
        return "integer" if left == right == "integer" and node.operator != "/" else "decimal"

    def _compared(self, node: Binary) -> str:
        self._common((node.left, node.right), "what is compared")
        self._check_words(node.left, (node.right,))
        self._check_words(node.right, (node.left,))
        return "yes_no"

    def _within(self, node: Binary) -> str:
        if not isinstance(node.right, ListOf):
            raise Mismatch("After in comes a list of values.", "Write field in [a, b].")
        self._common((node.left, *node.right.items), "what is compared")
        self._check_words(node.left, node.right.items)
        return "yes_no"

    def _check_words(self, name: Node, others: Iterable[Node]) -> None:
        """`source == "Gogle"`: a word that the field can never hold."""
        field = self.draft.fields[self.entity].get(name.field) if isinstance(name, Name) else None
        known = self.draft.choices_of(field) if field else None
        if field is None or known is None:
            return
        for other in others:
            word = other.value if isinstance(other, Literal) else None
            if isinstance(word, str) and word not in known:
                what = "stage" if field.type == "stage" else "choice"
                self.draft.unknown(self.spot, word, f"a {what} of {self.entity}.{field.name}", known)

    def _common(self, nodes: Iterable[Node], what: str) -> str | None:
        kinds = [(node, self.of(node)) for node in nodes]
        known = [(node, kind) for node, kind in kinds if kind not in (None, NOTHING)]
        if not known:
            return None if any(kind is None for _, kind in kinds) else NOTHING
        first, kind = known[0]
        for node, other in known[1:]:
            if FAMILY[other] != FAMILY[kind]:
                raise Mismatch(f"{told_part(first)} is {told_kind(kind)} and {told_part(node)} is {told_kind(other)}: "
                               f"{what} must be alike.")  # fmt: skip
            kind = _wider(kind, other)
        return kind

    def _call(self, function: str, arguments: tuple[Node, ...]) -> str | None:
        if function in ("min", "max", "if_empty"):
            return self._common(arguments, f"the values of {function}")
        if function == "round":
            self._check_digits(arguments[1:])
            return self._number(arguments[0])
        if function == "abs":
            return self._number(arguments[0])
        if function == "days_between":
            self._expect(function, arguments, ("date", "datetime"), "dates")
            return "integer"
        self._expect(function, arguments, ("text",), "texts")
        return "integer" if function == "length" else "text"

    def _check_digits(self, digits: tuple[Node, ...]) -> None:
        for node in digits:
            if not isinstance(node, Literal) or not isinstance(node.value, int) or not 0 <= node.value <= MOST_PLACES:
                raise Mismatch(f"round takes as its second value a whole number from 0 to {MOST_PLACES}.")

    def _expect(self, function: str, arguments: tuple[Node, ...], kinds: tuple[str, ...], told: str) -> None:
        for node in arguments:
            kind = self.of(node)
            if kind is not None and kind not in (NOTHING, *kinds):
                raise Mismatch(f"{function} takes {told}; {told_part(node)} is {told_kind(kind)}.")


def _literal_kind(value: Any) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes_no"
    return {str: "text", int: "integer"}.get(type(value), "decimal")


def _wider(kind: str, other: str) -> str:
    if kind == other:
        return kind
    return "money" if "money" in (kind, other) else "decimal" if FAMILY[kind] == "number" else kind


def told_part(node: Node) -> str:
    match node:
        case Name(name):
            return name
        case Literal(value):
            return f'"{value}"' if isinstance(value, str) else str(value).lower()
        case Call(function, _):
            return f"{function}(...)"
    return "The part in brackets" if isinstance(node, (Binary, Unary, Choose)) else "The list"
