"""Whether the merged set has the right shape: the right keys, and values of the right kind beneath them.

1. The schemas (`schemas`) are made into shapes once, when the first set is checked. Only the keywords in KEYWORDS are
   known, so that none is written in a schema and then passed over; a test asks jsonschema whether it agrees.
2. A shape is laid over the nodes of the merged set, which know their places.
3. What a schema marks with `x-compiler` is left to the rooms that know more than the shape.
4. What a layer says under a misspelt name looks like something new and incomplete: then the name is told, not what it
   lacks. A key that was probably meant is put in its place, so that the rooms that follow do not complain of its lack.

Read by jsonschema itself the same schemas cost 0.2 s for its import alone, and its complaints name the parent of an
unknown key; here a set of 2,000 lines takes about 10 ms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from engine.blueprint.source import Source
from engine.compiler.merge import CHANGES
from engine.compiler.node import Node
from engine.compiler.overlay import FILE_OF, MergedSet
from engine.compiler.problems import Problem, Problems, problem_at
from engine.compiler.schemas import Schema, schema_for
from engine.compiler.sentences import missing_key, one_of, quoted, unknown_key, unknown_name, wrong_value
from engine.compiler.suggest import is_slip, nearest

KEYWORDS = {
    *("type", "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum"),
    *("items", "minItems", "uniqueItems", "oneOf", "allOf", "if", "then", "$ref", "$defs", "$schema"),
    *("properties", "additionalProperties", "propertyNames", "required", "minProperties", "maxProperties"),
    *("title", "description", "examples", "enumDescriptions", "x-what", "x-compiler", "x-near"),
}
KINDS = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
TOLD = {"object": "a map", "array": "a list", "string": "text", "boolean": "true or false", "integer": "a whole number",
        "number": "a number"}  # fmt: skip
FOUND = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
Path = tuple[str | int, ...]


def structure_problems(merged: MergedSet) -> tuple[Problem, ...]:
    """Every unknown and missing key, and every value of a wrong kind, in the whole set."""
    return check_structure(merged)[0]


def check_structure(merged: MergedSet) -> tuple[tuple[Problem, ...], MergedSet]:
    """The problems, and the set with misspelt keys under the names that were probably meant."""
    laying = _Laying(merged)
    for section, shape in _shapes().items():
        node = merged.section(section)
        laying.complete = section not in merged.unreadable
        if section == "imports":
            for name, file in node.items():
                laying.check(shape, file, (section, name))
        else:
            laying.check(shape, node, (section,))
    root = merged.root
    for path, meant in sorted(laying.meant, key=lambda found: -len(found[0])):  # the deepest first
        root = _renamed(root, path, meant)
    return laying.told(), replace(merged, root=root) if laying.meant else merged


def _renamed(node: Node, path: Path, meant: str) -> Node:
    step, *rest = path
    if node.is_list:
        return node.with_value([_renamed(item, tuple(rest), meant) if n == step else item for n, item in enumerate(node)])
    if rest:
        inner = {key: _renamed(child, tuple(rest), meant) if key == step else child for key, child in node.items()}
    else:
        inner = {meant if key == step else key: child for key, child in node.items()}
    return node.with_value(inner)


# ---- shapes


@dataclass(slots=True)
class Shape:
    """A schema, taken apart. `kinds` is empty when any will do."""

    kinds: frozenset[str] = frozenset()
    told: str = ""  # completes "... is not"
    enum: tuple[str, ...] | None = None
    pattern: re.Pattern[str] | None = None
    shortest: int = 0
    longest: int | None = None
    least: float | None = None
    most: float | None = None
    items: Shape | None = None
    fewest: int = 0
    unlike: bool = False
    properties: Mapping[str, Shape] = field(default_factory=dict)
    others: Shape | None = None
    closed: bool = False
    names: Shape | None = None
    needed: tuple[str, ...] = ()
    fewest_keys: int = 0
    most_keys: int | None = None
    by: str = ""  # the key whose word brings further keys: `type`
    cases: Mapping[str, Shape] = field(default_factory=dict)
    either: tuple[Shape, ...] = ()
    example: Any = None
    near: str = ""  # the key that something new must have when its name is nearly another's

    @property
    def allowed(self) -> tuple[str, ...] | None:
        """The keys that a map may have; None when any will do."""
        if self.names is not None and self.names.enum is not None:
            return self.names.enum
        return tuple(self.properties) if self.closed else None


@cache
def _shapes() -> Mapping[str, Shape]:
    shapes = {"manifest": _Shaping(schema_for("crm")).whole()}
    for file in dict.fromkeys(FILE_OF.values()):
        whole = _Shaping(schema_for(file)).whole()
        shapes.update(whole.properties)
    return {**shapes, "imports": _Shaping(schema_for("imports")).whole()}


class _Shaping:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.named: dict[str, Shape] = {}

    def whole(self) -> Shape:
        return self.shape(self.schema)

    def shape(self, schema: Any) -> Shape:
        unknown = set(schema) - KEYWORDS
        if unknown:
            raise ValueError(f"The structure check does not know the schema keyword {sorted(unknown)[0]}.")
        return self._referred(schema["$ref"]) if "$ref" in schema else self._fill(Shape(), schema)

    def _referred(self, reference: str) -> Shape:
        if reference not in self.named:
            self.named[reference] = Shape()  # there before it is filled: a condition holds conditions
            self._fill(self.named[reference], self.schema["$defs"][reference.removeprefix("#/$defs/")])
        return self.named[reference]

    def _fill(self, shape: Shape, schema: Schema) -> Shape:
        left = {key: value for key, value in schema.items() if key not in schema.get("x-compiler", ())}
        kinds = left.get("type", ())
        shape.kinds = frozenset([kinds] if isinstance(kinds, str) else kinds)
        shape.either = tuple(self.shape(inner) for inner in left.get("oneOf", ()))
        if shape.either:
            shape.kinds = frozenset(kind for inner in shape.either for kind in inner.kinds)
        shape.told = schema.get("x-what", "")
        shape.near = schema.get("x-near", "")
        shape.example = next(iter(schema.get("examples", ())), None)
        self._fill_scalar(shape, left)
        shape.told = shape.told or ("possible here" if shape.enum or shape.pattern else _told(shape.kinds))
        self._fill_list(shape, left)
        self._fill_map(shape, left)
        return shape

    def _fill_scalar(self, shape: Shape, schema: Schema) -> None:
        shape.enum = tuple(schema["enum"]) if "enum" in schema else None
        shape.kinds = shape.kinds or frozenset(["string"] if shape.enum else ())
        shape.pattern = re.compile(schema["pattern"]) if "pattern" in schema else None
        shape.shortest, shape.longest = schema.get("minLength", 0), schema.get("maxLength")
        shape.least, shape.most = schema.get("minimum"), schema.get("maximum")

    def _fill_list(self, shape: Shape, schema: Schema) -> None:
        shape.items = self.shape(schema["items"]) if "items" in schema else None
        shape.fewest, shape.unlike = schema.get("minItems", 0), schema.get("uniqueItems", False)

    def _fill_map(self, shape: Shape, schema: Schema) -> None:
        shape.properties = {key: self.shape(inner) for key, inner in schema.get("properties", {}).items()}
        others = schema.get("additionalProperties")
        shape.closed = others is False
        shape.others = self.shape(others) if isinstance(others, Mapping) else None
        shape.names = self.shape(schema["propertyNames"]) if "propertyNames" in schema else None
        shape.needed = tuple(schema.get("required", ()))
        shape.fewest_keys, shape.most_keys = schema.get("minProperties", 0), schema.get("maxProperties")
        shape.cases = dict(self._case(shape, inner) for inner in schema.get("allOf", ()))

    def _case(self, shape: Shape, schema: Schema) -> tuple[str, Shape]:
        """`if: {properties: {type: {const: choice}}}, then: ...`, the one form that is known."""
        ((shape.by, asked),) = schema["if"]["properties"].items()
        return asked["const"], self.shape(schema["then"])


def _told(kinds: Iterable[str]) -> str:
    found = [TOLD[kind] for kind in TOLD if kind in kinds and not (kind == "number" and "string" in kinds)]
    return " or ".join(found)


# ---- laying a shape over the set


class _Laying:
    def __init__(self, merged: MergedSet) -> None:
        self.merged = merged
        self.problems = Problems()
        self.complete = True  # False where a file could not be read: what it would have said is not missing
        self.lacking: list[tuple[Path, Problem, tuple[int, ...]]] = []  # with the lengths of the names on the path
        self.alike: list[tuple[Path, Problem]] = []  # new names that are nearly others
        self.meant: list[tuple[Path, str]] = []
        self.ranks: dict[str, int] = {}
        self.named: list[int] = []  # how long the path was at each name that a set chose for itself

    def told(self) -> tuple[Problem, ...]:
        misnamed: set[str] = set()
        for path, problem, named in self.lacking:
            told = self._misnamed(path, named)
            self.problems.add(told or problem)
            misnamed.add(told.path if told else "")
        self.problems.extend(problem for _, problem in self.alike if problem.path not in misnamed)
        return self.problems.sorted()

    def _misnamed(self, path: Path, named: tuple[int, ...]) -> Problem | None:
        """The topmost new name on the path that is nearly one of the layers beneath."""
        for length in named:
            *parents, key = path[:length]
            around = self.merged.root.at(parents)
            node = around.get(str(key)) if around else None
            if around is None or node is None or self.merged.was_beneath(path[:length]):
                continue
            near = nearest(str(key), self._beneath(around, node, tuple(parents)))
            if near:
                message = f"{quoted(key)} is new here, and is not complete."
                return problem_at(node.key_source, "unknown-name", message, f'Did you mean "{near}"?', path[:length])
        return None

    def _beneath(self, around: Node, node: Node, path: Path) -> list[str]:
        """What lower layers name in the same map, and what the engine itself puts there."""
        rank = self._rank(node.file)
        lower = {key for key, child in around.items() if self._rank(child.file) < rank}
        named = [key for key in around.value if key in lower or self.merged.was_beneath((*path, key))]
        return [*named, "owner"] if path[-1:] == ("fields",) and rank > 1 else named

    def _rank(self, file: str) -> int:
        """How high the layer of a file lies."""
        if file not in self.ranks:
            fitting = [(len(at.shown_as), n) for n, at in enumerate(self.merged.layers) if file.startswith(at.shown(""))]
            self.ranks[file] = max(fitting, default=(0, 0))[1]
        return self.ranks[file]

    def check(self, shape: Shape, node: Node, path: Path) -> None:
        kind = _kind(node)
        if shape.kinds and kind not in shape.kinds and not (kind == "integer" and "number" in shape.kinds):
            self.problems.add(_wrong_kind(shape, node, path))
            return
        if shape.either:
            shape = next(inner for inner in shape.either if _fits(inner, kind))
        if kind == "object":
            self._map(shape, node, path)
        elif kind == "array":
            self._list(shape, node, path)
        elif kind is not None:
            self._scalar(shape, node, path)

    # maps

    def _map(self, shape: Shape, node: Node, path: Path) -> None:
        case = self._case(shape, node)
        meant = self._check_keys(shape, case, node, path)
        self._check_count(shape, node, path)
        for key, child in node.value.items():
            name = meant.get(key) or key
            inner = (case and case.properties.get(name)) or shape.properties.get(name)
            if inner is not None:
                self.check(inner, child, (*path, key))
            elif shape.others is not None:
                self.named.append(len(path) + 1)
                self.check(shape.others, child, (*path, key))
                self.named.pop()

    def _case(self, shape: Shape, node: Node) -> Shape | None:
        word = node.get(shape.by) if shape.by else None
        return shape.cases.get(word.value) if word is not None and word.is_text else None

    def _check_keys(self, shape: Shape, case: Shape | None, node: Node, path: Path) -> dict[str, str | None]:
        """Returns the unknown keys, each with the one that was probably meant."""
        allowed = (case or shape).allowed
        meant: dict[str, str | None] = {}
        for key, child in node.value.items():
            if allowed is not None and key not in allowed:
                meant[key] = self._unknown(shape, allowed, node, key, child, (*path, key))
            elif shape.names is not None and shape.names.pattern is not None and not shape.names.pattern.search(key):
                message = f"{quoted(key)} cannot stand here: quotes, backslashes and commas alone are not allowed."
                self._tell(child.key_source, "bad-name", message, "", (*path, key))
        needed = dict.fromkeys((*shape.needed, *(case.needed if case else ())))
        for key in needed if self.complete else ():
            if key not in node.value and key not in meant.values():
                self._lacks(missing_key(node.key_source, path, key, _as_in(shape, case, key)), path)
        if shape.near and self.complete and shape.near not in node.value:
            self._check_near(shape.near, node, path)
        return meant

    def _lacks(self, problem: Problem, path: Path) -> None:
        self.lacking.append((path, problem, tuple(self.named)))

    def _check_near(self, key: str, node: Node, path: Path) -> None:
        *parents, name = path
        around = self.merged.root.at(parents)
        if around is None or self.merged.was_beneath(path):
            return
        for other in self._beneath(around, node, tuple(parents)):
            if other != name and is_slip(str(name), other):
                message = f'{quoted(name)} is new here, and "{other}" is nearly the same name.'
                hint = f'Did you mean "{other}"? If both are wanted, say in {key} how this one differs.'
                self.alike.append((path, problem_at(node.key_source, "two-meanings", message, hint, path)))
                return

    def _unknown(self, shape: Shape, allowed: tuple[str, ...], node: Node, key: str, child: Node, path: Path) -> str | None:
        """Tells it, and returns the key that was probably meant."""
        if shape.cases and shape.names is not None and key in (shape.names.enum or ()):
            word = node.value[shape.by].value
            fitting = [case for case, inner in shape.cases.items() if key in (inner.allowed or ())]
            message = f'A field of type {word} has no "{key}".'
            self._tell(child.key_source, "unknown-key", message, one_of("It goes with", fitting), path)
            return None
        free = [name for name in allowed if name not in node.value]
        near = nearest(key, free)
        self.problems.add(unknown_key(child.key_source, path, key, free if near else allowed))
        if near:
            self.meant.append((path, near))
        return near

    def _check_count(self, shape: Shape, node: Node, path: Path) -> None:
        count = len(node.value)
        if count < shape.fewest_keys:
            self._lacks(problem_at(node.source, "empty", "Nothing stands in this map.", _example(shape), path), path)
        elif shape.most_keys is not None and count > shape.most_keys:
            keys = ", ".join(node.value)
            self._tell(node.source, "wrong-value", f"Only one of these can stand here: {keys}.", "Keep one.", path)

    # lists

    def _list(self, shape: Shape, node: Node, path: Path) -> None:
        if len(node.value) < shape.fewest:
            hint = _example(shape) or "Name at least one, or remove the key."
            self._tell(node.source, "empty", "This list is empty.", hint, path)
        if shape.unlike:
            self._check_unlike(node, path)
        if shape.items is not None:
            for index, item in enumerate(node.value):
                self.check(shape.items, item, (*path, index))

    def _check_unlike(self, node: Node, path: Path) -> None:
        seen: set[Any] = set()
        for index, item in enumerate(node.value):
            word = item.text if item.is_scalar else None
            if word is not None and word in seen:
                message = f"{quoted(word)} is in this list already."
                self._tell(item.source, "duplicate", message, "Remove one of the two.", (*path, index))
            seen.add(word)

    # scalars

    def _scalar(self, shape: Shape, node: Node, path: Path) -> None:
        value = node.value
        if shape.enum is not None and value not in shape.enum:
            self.problems.add(unknown_name(node.source, path, value, shape.told, shape.enum))
        elif isinstance(value, str):
            self._text(shape, node, path)
        elif not isinstance(value, bool):
            self._number(shape, node, path)

    def _text(self, shape: Shape, node: Node, path: Path) -> None:
        if shape.shortest and not node.value.strip():
            self._tell(node.source, "empty", "This text is empty.", "Write something, or remove the key.", path)
        elif shape.longest is not None and len(node.value) > shape.longest:
            message = f"This text has {len(node.value):,} characters."
            self._tell(node.source, "wrong-value", message, f"At most {shape.longest:,} are possible.", path)
        elif shape.pattern is not None and not shape.pattern.search(node.value):
            hint = _example(shape)
            self.problems.add(wrong_value(node.source, path, node.value, shape.told, hint, "wrong-value"))

    def _number(self, shape: Shape, node: Node, path: Path) -> None:
        if shape.least is not None and node.value < shape.least:
            self._tell(node.source, "wrong-value", f"{node.value} is too small.", f"Write at least {shape.least:,}.", path)
        elif shape.most is not None and node.value > shape.most:
            self._tell(node.source, "wrong-value", f"{node.value} is too large.", f"Write at most {shape.most:,}.", path)

    def _tell(self, source: Source, code: str, message: str, hint: str, path: Path) -> None:
        self.problems.add(problem_at(source, code, message, hint, path))


def _kind(node: Node) -> str | None:
    return KINDS.get(type(node.value))


def _fits(shape: Shape, kind: str | None) -> bool:
    return kind in shape.kinds or (kind == "integer" and "number" in shape.kinds)


# ---- sentences


def _wrong_kind(shape: Shape, node: Node, path: Path) -> Problem:
    hint = "" if shape.kinds == {"boolean"} and node.value is not None else _how(shape, node)
    return wrong_value(node.source, path, node.value, _told(shape.kinds), hint)


def _how(shape: Shape, node: Node) -> str:
    """What would be right, made from what is there where it can be."""
    if node.value is None:
        return "Write something after the colon, or remove the key."
    if "array" in shape.kinds and node.is_scalar and (shape.items is None or "string" in shape.items.kinds):
        return f"Write [{node.text}]."
    if shape.kinds & {"integer", "number"} and "string" not in shape.kinds and isinstance(node.value, str):
        found = FOUND.search(node.value)
        return f"Write {found[0].replace(',', '')}." if found else "Write digits, as in 10."
    if shape.kinds & {"string"} and isinstance(node.value, bool):
        return f'Put it in quotes: "{node.text}".'
    if "string" in shape.kinds and node.is_list and len(node.value) == 1 and node.value[0].is_scalar:
        return f"Write {node.value[0].text}."
    if node.is_map and node.value and all(key in CHANGES for key in node.value):
        return "There is no list beneath that this could change; write the whole value."
    if shape.kinds <= {"string", "number"} and shape.kinds and not node.is_scalar:
        return _example(shape) or "Write a text in its place."
    return _example(shape)


def _as_in(shape: Shape, case: Shape | None, key: str) -> str:
    example = shape.example.get(key) if isinstance(shape.example, Mapping) else None
    inner = (case and case.properties.get(key)) or shape.properties.get(key)
    if example is None and inner is not None:
        example = inner.example
    return f"Add it, as in {key}: {_yaml(example)}." if example is not None else "Add it."


def _example(shape: Shape) -> str:
    return f"Write it as in {_yaml(shape.example)}." if shape.example is not None else ""


def _yaml(value: Any) -> str:
    """A value on one line, as an officer would write it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_yaml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return f'"{text}"' if text[:1] in "#{[\"'" or ": " in text or "{{" in text else text


