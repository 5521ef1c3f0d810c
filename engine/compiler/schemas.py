"""The JSON Schemas of the files: the written ones in schema/, completed by what the parts say of their keys.

One schema describes a whole file, strictly. An editor sees one layer of a set at a time, so its schema wants less: no
key must be there, any key may be `removed`, and a list may be changed by `{add: [...], remove: [...]}`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from engine.compiler.endings import ENDINGS, ENDS
from engine.compiler.overlay import FILE_OF, FOLDERS
from engine.parts.registry import channels, field_types, operators, view_kinds

FILES = ("crm", "entities", "workflows", "roles", "notifications", "reports", "imports", "capture", "scenarios")
NOT_WRITTEN = ("stage", "id")  # a stage is made by a workflow, an id by the engine
LOOKS = ("columns", "sort", "group")  # keys of a view that not every kind heeds
DRAFT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

_HERE = Path(__file__).parent / "schema"


def schema_for(file: str) -> Schema:
    """The schema of a whole, merged file: `entities` for entities.yaml, `imports` for each file in imports/.

    Raises KeyError for a file that no set has.
    """
    if file not in FILES:
        raise KeyError(file)
    schema = _words_may_be_numbers(_written(file))
    shared = _words_may_be_numbers(_written("shared"))["$defs"]
    shared["test"] = _test(shared["test"])
    definitions = {**shared, **schema.get("$defs", {})}
    if file == "entities":
        definitions["field"] = _field(definitions["field"])
        definitions["view"] = _view(definitions["view"])
    if file == "notifications":
        definitions["channel"] = _channel(definitions["channel"])
        definitions["email_channel"] |= {"properties": _settings_of(channels()["email"])}
    return {**schema, "$defs": {name: definitions[name] for name in used(schema, definitions)}}


def editor_schema(file: str) -> Schema:
    """The schema for one layer of a set, as an editor shows it."""
    return _layered(schema_for(file))


def written_types() -> tuple[str, ...]:
    """The field types that a set may name."""
    return tuple(word for word in field_types() if word not in NOT_WRITTEN)


@cache
def _text(file: str) -> str:
    return (_HERE / f"{file}.json").read_text(encoding="utf-8")


def _written(file: str) -> Schema:
    return json.loads(_text(file))


def _words_may_be_numbers(schema: Any) -> Any:
    """`label: 2026` needs no quotes: what a set writes as text is kept as it was spelled."""
    if isinstance(schema, list):
        return [_words_may_be_numbers(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    made = {key: _words_may_be_numbers(value) for key, value in schema.items()}
    kinds = made.get("type")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if isinstance(kinds, list) and "string" in kinds and "pattern" not in made and "enum" not in made:
        made["type"] = [*kinds, *(["number"] if "number" not in kinds else [])]
    return made


def _field(field: Schema) -> Schema:
    """Each type brings its own keys, and those that must be there."""
    common = field["properties"]
    types = {word: field_types()[word] for word in written_types()}
    every = dict.fromkeys([*common, *(key for part in types.values() for key in part.schema)])
    common["type"] |= {"enum": list(types), "enumDescriptions": [part.doc for part in types.values()]}
    return {
        **field,
        "propertyNames": {"enum": list(every)},
        "allOf": [_of_type(word, part, tuple(common)) for word, part in types.items()],
    }


def _of_type(word: str, part: Any, common: tuple[str, ...]) -> Schema:
    properties = _words_may_be_numbers(json.loads(json.dumps(dict(part.schema))))
    for key in part.schema:
        if properties[key].get("description") is None:
            properties[key] = {"description": f"Of a field of type {word}.", **properties[key]}
        if key == "when":
            properties[key] = {"$ref": "#/$defs/condition", "description": properties[key]["description"]}
    return {
        "if": {"properties": {"type": {"const": word}}, "required": ["type"]},
        "then": {
            "properties": properties,
            "required": list(part.needs),
            "propertyNames": {"enum": [*common, *properties]},
        },
    }


def _view(view: Schema) -> Schema:
    """Each kind brings its own keys; a view of no kind is a list."""
    common, kinds = view["properties"], view_kinds()
    every = dict.fromkeys([*common, *(key for part in kinds.values() for key in part.schema)])
    common["kind"] |= {"enum": list(kinds), "enumDescriptions": [part.doc for part in kinds.values()]}
    cases = [
        {
            "if": {"properties": {"kind": {"const": word}}, "required": [] if word == "list" else ["kind"]},
            "then": {
                "properties": _settings_of(part),
                "required": [],
                "propertyNames": {"enum": [*(k for k in common if k not in LOOKS or k in part.common), *part.schema]},
                "x-compiler": ["propertyNames"],
            },
        }
        for word, part in kinds.items()
    ]
    return {**view, "propertyNames": {"enum": list(every)}, "allOf": cases}


def _channel(channel: Schema) -> Schema:
    """Each kind brings its own keys, as a field's type does."""
    common = channel["properties"]
    kinds = {word: part for word, part in channels().items() if not part.built_in}
    every = dict.fromkeys([*common, *(key for part in kinds.values() for key in part.schema)])
    common["kind"] |= {"enum": list(kinds), "enumDescriptions": [part.doc for part in kinds.values()]}
    cases = [
        {
            "if": {"properties": {"kind": {"const": word}}, "required": ["kind"]},
            "then": {
                "properties": _settings_of(part),
                "required": list(part.needs),
                "propertyNames": {"enum": [*common, *part.schema]},
            },
        }
        for word, part in kinds.items()
    ]
    return {**channel, "propertyNames": {"enum": list(every)}, "allOf": cases}


def _settings_of(part: Any) -> Schema:
    return _words_may_be_numbers(json.loads(json.dumps(dict(part.schema))))


def _test(test: Schema) -> Schema:
    asked: dict[str, Schema] = {}
    for word, operator in operators().items():
        if operator.takes == "condition":
            asked[word] = {"$ref": "#/$defs/condition", "description": operator.doc}
        else:
            asked[word] = {"description": operator.doc}
    asked[ENDS] = {"description": f"Of a stage: in one that ends so: {', '.join(ENDINGS)}.", "examples": ["won"]}
    return {**test, "properties": asked, "propertyNames": {"enum": list(asked)}}


def used(schema: Schema, definitions: Schema) -> list[str]:
    """The definitions that are referred to, also from other definitions."""
    found: list[str] = []
    waiting = _references({key: value for key, value in schema.items() if key != "$defs"})
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found.append(name)
            waiting += _references(definitions[name])
    return found


def _references(schema: Any) -> list[str]:
    if isinstance(schema, Mapping):
        here = [schema["$ref"].removeprefix("#/$defs/")] if isinstance(schema.get("$ref"), str) else []
        return here + [name for value in schema.values() for name in _references(value)]
    return [name for item in schema for name in _references(item)] if isinstance(schema, list) else []


# ---- one layer of a set


CHANGE_OF_LIST = "Changes the list of the set beneath: what to add and remove, and where the added ones go."


def _layered(schema: Schema) -> Schema:
    """The schema with every key optional, and every value beneath a key removable."""
    made = {key: value for key, value in schema.items() if key not in ("required", "minProperties")}
    made = {key: value for key, value in made.items() if not key.startswith("x-")}
    if "properties" in made:
        made["properties"] = {key: _removable(value) for key, value in made["properties"].items()}
    if isinstance(made.get("additionalProperties"), Mapping):
        made["additionalProperties"] = _removable(made["additionalProperties"])
    for key in ("items", "then"):
        if key in made:
            made[key] = _layered(made[key])
    for key in ("allOf", "oneOf"):
        if key in made:
            made[key] = [_layered(inner) for inner in made[key]]
    if "$defs" in made:
        made["$defs"] = {name: _layered(inner) for name, inner in made["$defs"].items()}
        made["$defs"] |= {"layer_word": {"const": "removed", "description": "Takes this key of the set beneath away."},
                          "layer_list": _CHANGE}  # fmt: skip
    return made


_CHANGE: Schema = {
    "description": CHANGE_OF_LIST,
    "type": "object",
    "additionalProperties": False,
    "minProperties": 1,
    "properties": {
        "add": {"type": "array", "minItems": 1, "description": "Items that come in."},
        "remove": {"type": "array", "minItems": 1, "description": "Items that go; of a map, some of its keys."},
        "before": {"description": "The item before which the added ones go."},
        "after": {"description": "The item after which the added ones go."},
    },
}


def _removable(schema: Any) -> Any:
    if not isinstance(schema, Mapping):
        return schema
    inner = _layered(dict(schema))
    told = {key: inner.pop(key) for key in ("description",) if key in inner}
    choices = [inner, {"$ref": "#/$defs/layer_list"}, {"$ref": "#/$defs/layer_word"}]
    return {**told, "anyOf": choices} if inner else told


def described(steps: tuple[str | int, ...]) -> str | None:
    """What a key of a set does, in the schema's words; None for a key that a set's author has named.

    `steps` begin with a section, as in overlay.MergedSet."""
    section, *rest = steps
    file = {"manifest": "crm", **FILE_OF}.get(str(section), str(section))
    if file not in FILES:
        return None
    root = schema_for(file)
    at = _resolved(root, root)
    if section in FILE_OF:
        rest = [section, *rest]
    elif section in FOLDERS:
        rest = rest[1:]
    for step in rest:
        at = _resolved(root, _below(at, step))
        if at is None:
            return None
    return at.get("description")


def _below(schema: Schema, step: str | int) -> Schema | None:
    if isinstance(step, int):
        return schema.get("items")
    found = schema.get("properties", {}).get(step)
    if found is not None:
        return found
    for rule in schema.get("allOf", ()):  # the keys of one type
        for part in (rule.get("then", {}), rule):
            if step in part.get("properties", {}):
                return part["properties"][step]
    more = schema.get("additionalProperties")
    return more if isinstance(more, dict) else None


def _resolved(root: Schema, schema: Schema | None) -> Any:
    """A `$ref` followed; what stands beside it has the last word."""
    while isinstance(schema, dict) and "$ref" in schema:
        aimed = root["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
        schema = {**aimed, **{k: v for k, v in schema.items() if k != "$ref"}}
    return schema
