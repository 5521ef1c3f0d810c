"""The schemas as validators of jsonschema, one for each section of a set, made when it is first asked for.

1. What a schema marks with `x-compiler` is taken out: the rooms judge it that know more than the shape.
2. A definition is put where it is referred to, but for those that hold themselves: to follow a reference costs time.
3. `if: type is WORD, then: ...` for each of thirty types becomes one look-up by the word, `x-cases`. Asked one after
   the other they cost 0.34 s for 2,000 lines.
4. A rule that JSON Schema cannot say is a keyword of ours, or a stricter one of its own, in the library's own way.

The library is imported with the first validator: who starts a server or reads the help waits for it no sooner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from engine.compiler.overlay import FILE_OF
from engine.compiler.schemas import Schema, schema_for, used

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

BY_FILE = ("imports", "capture")  # folders: each file is checked by itself
SECTIONS = ("manifest", *FILE_OF, *BY_FILE)


@cache
def validator_for(section: str) -> Validator:
    """The validator of the plain data of a section; for a folder, of one file. Raises KeyError for an unknown one."""
    whole = schema_for({"manifest": "crm", **FILE_OF}.get(section, section))
    schema = whole["properties"][section] if section in FILE_OF else whole
    definitions = whole["$defs"]
    circular = {name: inner for name, inner in definitions.items() if name in used(inner, definitions)}
    inlined = {name: inner for name, inner in definitions.items() if name not in circular}
    kept = {name: _judged(inner, inlined) for name, inner in circular.items()}
    return _validators()({**_judged({**schema, "$defs": {}}, inlined), "$defs": kept})


def _judged(schema: Any, definitions: Mapping[str, Schema]) -> Any:
    """The schema as the structure check reads it."""
    if isinstance(schema, list):
        return [_judged(item, definitions) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    name = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    if name in definitions:
        return _judged(definitions[name], definitions)
    left = (key for key in schema if key not in schema.get("x-compiler", ()))
    made = {key: _judged(schema[key], definitions) for key in left}
    return _by_word(made) if "allOf" in made else made


def _by_word(schema: Schema) -> Schema:
    """Each case with all its keys, so that what is wrong is told once, by the case that fits."""
    rest = {key: inner for key, inner in schema.items() if key not in ("allOf", "properties", "propertyNames")}
    common, every = schema["properties"], schema["propertyNames"]["enum"]
    cases: dict[str, Schema] = {}
    homes: dict[str, list[str]] = {}
    for case in schema["allOf"]:
        ((by, asked),) = case["if"]["properties"].items()
        own = case["then"]["properties"]
        for key in own:
            homes.setdefault(key, []).append(asked["const"])
        keys = {"properties": {**common, **own}, "additionalProperties": False}
        cases[asked["const"]] = {"required": case["then"]["required"], **keys, "x-homes": homes, "x-by": by}
    otherwise = {"properties": {**dict.fromkeys(every, True), **common}, "additionalProperties": False}
    return {**rest, "x-cases": {"by": by, "cases": cases, "otherwise": otherwise}}


@cache
def _validators() -> type[Validator]:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    integer = Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer)
    return extend(Draft202012Validator, KEYWORDS, type_checker=integer)


def _is_integer(_: object, value: object) -> bool:
    """1.0 is none: what is written as a decimal is meant as one."""
    return isinstance(value, int) and not isinstance(value, bool)


# ---- keywords: each is given the validator, its own value, the data and the schema around it


Errors = Iterator["ValidationError"]


def _cases(validator: Any, value: Schema, data: Any, schema: Schema) -> Errors:
    """The schema of the case that the data names."""
    if isinstance(data, dict):
        word = data.get(value["by"])
        case = value["cases"].get(word) if isinstance(word, str) else None
        yield from validator.descend(data, case or value["otherwise"], schema_path=word)


def _near(validator: Any, key: str, data: Any, schema: Schema) -> Errors:
    """Nothing wrong by itself: something that lacks the key must not have nearly another's name."""
    if isinstance(data, dict) and key not in data:
        yield _error("may be another's name misspelt")


def _min_length(validator: Any, least: int, data: Any, schema: Schema) -> Errors:
    """Blanks are no text."""
    if isinstance(data, str) and len(data.strip()) < least:
        yield _error("is too short")


def _unique_items(validator: Any, unique: bool, data: Any, schema: Schema) -> Errors:
    """One error for each item that stands there already. 2026 and "2026" are the same word."""
    seen: set[str] = set()
    for index, item in enumerate(data if unique and isinstance(data, list) else ()):
        if not isinstance(item, (dict, list)):
            if str(item) in seen:
                yield _error("is there already", path=[index])
            seen.add(str(item))


def _error(message: str, path: Any = ()) -> ValidationError:
    from jsonschema import ValidationError

    return ValidationError(message, path=path)


KEYWORDS = {"x-cases": _cases, "x-near": _near, "minLength": _min_length, "uniqueItems": _unique_items}
