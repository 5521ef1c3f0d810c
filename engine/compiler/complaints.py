"""What jsonschema finds wrong, in sentences for the person who wrote it: one function for each keyword.

An error knows the keyword and its value, the data that it was asked of (`instance`) and the schema around it. The node
at the same path knows where that stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.compiler.merge import CHANGES
from engine.compiler.node import Node
from engine.compiler.problems import Problem, problem_at
from engine.compiler.sentences import missing_key, one_of, quoted, unknown_key, unknown_name, wrong_value
from engine.compiler.suggest import nearest

if TYPE_CHECKING:
    from jsonschema import ValidationError

TOLD = {"object": "a map", "array": "a list", "string": "text", "boolean": "true or false", "integer": "a whole number",
        "number": "a number"}  # fmt: skip
FOUND = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
Path = tuple[str | int, ...]
Told = Iterator[Problem]


def complaints(error: ValidationError, node: Node, path: Path) -> Told:
    """The problems that an error means, at the node where it was found. `path` is the node's own, as it was written."""
    if _is_of_key(error):
        key = node.value[error.instance]
        node = Node(error.instance, key.file, key.key_line, key.key_column)
        path = (*path, error.instance)
    yield from SENTENCES[error.validator](error, node, path)


def single(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """One error for a text, a number or a key: the schemas ask first what matters most. And in the place of "none of
    these", what is wrong with the one that was probably meant."""
    heard = set()
    for error in _chosen(errors):
        scalar = None if isinstance(error.instance, (dict, list)) else (*error.absolute_path, error.instance)
        if scalar not in heard:
            yield error
        heard |= {scalar} - {None}


def _chosen(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    for error in errors:
        meant = list(_of_the_right_kind(error)) if error.validator == "oneOf" else []
        yield from _chosen(meant) if meant else (error,)


def _of_the_right_kind(error: ValidationError) -> Iterator[ValidationError]:
    wrong = {inner.schema_path[0] for inner in error.context if _is_wrong_kind(inner)}
    return (inner for inner in error.context if inner.schema_path[0] not in wrong)


def _is_wrong_kind(error: ValidationError) -> bool:
    return error.validator == "type" and not error.path


def _is_of_key(error: ValidationError) -> bool:
    """jsonschema tells what is wrong with a key at its map."""
    return list(error.schema_path)[-2:-1] == ["propertyNames"]


def misspelt(error: ValidationError, node: Node) -> dict[str, str]:
    """The unknown keys of a map that are nearly right ones, and these."""
    if error.validator != "additionalProperties":
        return {}
    near = {key: nearest(key, _free(error, node)) for key in _unknown(error, node) if not _homes(error, key)}
    return {key: name for key, name in near.items() if name}


# ---- keys


def _unknown_keys(error: ValidationError, node: Node, path: Path) -> Told:
    return (unknown(error, node, path, key) for key in _unknown(error, node))


def unknown(error: ValidationError, node: Node, path: Path, key: str) -> Problem:
    """One of the map's unknown keys."""
    source, homes, free = node.value[key].key_source, _homes(error, key), _free(error, node)
    if homes:
        message = _not_of_this_case(error, key)
        return problem_at(source, "unknown-key", message, one_of("It goes with", homes), (*path, key))
    return unknown_key(source, (*path, key), key, free if nearest(key, free) else error.schema["properties"])


def _not_of_this_case(error: ValidationError, key: str) -> str:
    by = error.schema["x-by"]
    case = error.instance[by]
    return f'A field of type {case} has no "{key}".' if by == "type" else f'With {by}: {case} there is no "{key}".'


def _unknown(error: ValidationError, node: Node) -> list[str]:
    return [key for key in node.value if key not in error.schema["properties"]]


def _free(error: ValidationError, node: Node) -> list[str]:
    return [name for name in error.schema["properties"] if name not in node.value]


def _homes(error: ValidationError, key: str) -> list[str]:
    """The other types that know this key."""
    return error.schema.get("x-homes", {}).get(key, [])


def _missing_keys(error: ValidationError, node: Node, path: Path) -> Told:
    for key in error.validator_value:  # jsonschema tells each, and names it in its message only
        if key not in node.value:
            yield missing_key(node.key_source, path, key, _as_in(error.schema, key))


def _too_few_keys(error: ValidationError, node: Node, path: Path) -> Told:
    yield problem_at(node.source, "empty", "Nothing stands in this map.", _as_example(error.schema), path)


def _too_many_keys(error: ValidationError, node: Node, path: Path) -> Told:
    message = f"Only one of these can stand here: {', '.join(node.value)}."
    yield problem_at(node.source, "wrong-value", message, "Keep one.", path)


# ---- lists


def _too_few_items(error: ValidationError, node: Node, path: Path) -> Told:
    hint = _as_example(error.schema) or "Name at least one, or remove the key."
    yield problem_at(node.source, "empty", "This list is empty.", hint, path)


def _twice(error: ValidationError, node: Node, path: Path) -> Told:
    message = f"{quoted(node.text)} is in this list already."
    yield problem_at(node.source, "duplicate", message, "Remove one of the two.", path)


# ---- scalars


def _wrong_kind(error: ValidationError, node: Node, path: Path) -> Told:
    kinds = _kinds(error)
    hint = "" if kinds == {"boolean"} and node.value is not None else _how(kinds, error.schema, node)
    expected = " or ".join(TOLD[kind] for kind in TOLD if kind in kinds and not (kind == "number" and "string" in kinds))
    yield wrong_value(node.source, path, node.value, expected, hint)


def _kinds(error: ValidationError) -> set[str]:
    """Those that would be right, of each choice where there are several."""
    if error.validator == "oneOf":
        return {kind for inner in error.context for kind in _kinds(inner)}
    return {error.validator_value} if isinstance(error.validator_value, str) else set(error.validator_value)


def _how(kinds: set[str], schema: Mapping[str, Any], node: Node) -> str:
    """What would be right, made from what is there where it can be."""
    if node.value is None:
        return "Write something after the colon, or remove the key."
    if "array" in kinds and node.is_scalar and _may_hold_text(schema):
        return f"Write [{node.text}]."
    if kinds & {"integer", "number"} and "string" not in kinds and isinstance(node.value, str):
        found = FOUND.search(node.value)
        return f"Write {found[0].replace(',', '')}." if found else "Write digits, as in 10."
    if "string" in kinds and isinstance(node.value, bool):
        return f'Put it in quotes: "{node.text}".'
    if "string" in kinds and node.is_list and len(node.value) == 1 and node.value[0].is_scalar:
        return f"Write {node.value[0].text}."
    if node.is_map and node.value and all(key in CHANGES for key in node.value):
        return "There is no list beneath that this could change; write the whole value."
    if kinds <= {"string", "number"} and not node.is_scalar:
        return _as_example(schema) or "Write a text in its place."
    return _as_example(schema)


def _may_hold_text(schema: Mapping[str, Any]) -> bool:
    return "string" in schema.get("items", {}).get("type", "string")


def _unknown_word(error: ValidationError, node: Node, path: Path) -> Told:
    if node.is_scalar:  # the rest is told to be of a wrong kind
        yield unknown_name(node.source, path, node.value, _wanted(error.schema), error.validator_value)


def _unfitting(error: ValidationError, node: Node, path: Path) -> Told:
    if _is_of_key(error):
        message = f"{quoted(node.value)} cannot stand here: quotes, backslashes and commas alone are not allowed."
        yield problem_at(node.source, "bad-name", message, "", path)
    else:
        yield wrong_value(node.source, path, node.value, _wanted(error.schema), _as_example(error.schema), "wrong-value")


def _blank(error: ValidationError, node: Node, path: Path) -> Told:
    yield problem_at(node.source, "empty", "This text is empty.", "Write something, or remove the key.", path)


def _too_long(error: ValidationError, node: Node, path: Path) -> Told:
    message, hint = f"This text has {len(node.value):,} characters.", f"At most {error.validator_value:,} are possible."
    yield problem_at(node.source, "wrong-value", message, hint, path)


def _too_small(error: ValidationError, node: Node, path: Path) -> Told:
    message, hint = f"{node.value} is too small.", f"Write at least {error.validator_value:,}."
    yield problem_at(node.source, "wrong-value", message, hint, path)


def _too_large(error: ValidationError, node: Node, path: Path) -> Told:
    message, hint = f"{node.value} is too large.", f"Write at most {error.validator_value:,}."
    yield problem_at(node.source, "wrong-value", message, hint, path)


SENTENCES: dict[str, Callable[[ValidationError, Node, Path], Told]] = {
    "additionalProperties": _unknown_keys,
    "required": _missing_keys,
    "minProperties": _too_few_keys,
    "maxProperties": _too_many_keys,
    "minItems": _too_few_items,
    "uniqueItems": _twice,
    "type": _wrong_kind,
    "oneOf": _wrong_kind,
    "enum": _unknown_word,
    "pattern": _unfitting,
    "minLength": _blank,
    "maxLength": _too_long,
    "minimum": _too_small,
    "maximum": _too_large,
}


# ---- what would be right


def _wanted(schema: Mapping[str, Any]) -> str:
    return schema.get("x-what", "possible here")


def _as_in(schema: Mapping[str, Any], key: str) -> str:
    example = _first_example(schema)
    found = example.get(key) if isinstance(example, Mapping) else None
    found = _first_example(schema.get("properties", {}).get(key, {})) if found is None else found
    return f"Add it, as in {key}: {_yaml(found)}." if found is not None else "Add it."


def _as_example(schema: Mapping[str, Any]) -> str:
    example = _first_example(schema)
    return f"Write it as in {_yaml(example)}." if example is not None else ""


def _first_example(schema: Mapping[str, Any]) -> Any:
    return next(iter(schema.get("examples", ())), None)


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
