"""What a field's value looks like in JSON, as JSON Schema: told by its type's own examples, choices and targets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.blueprint.entities import Field
from engine.parts import field_type
from engine.parts.derived import effective
from engine.records.sight import targets_of

Schema = dict[str, Any]
ID: Schema = {"type": "string", "pattern": "^[0-9]{1,19}$"}
REFERENCE: Schema = {
    "type": "object",
    "properties": {"entity": {"type": "string"}, "id": ID, "title": {"type": ["string", "null"]}},
    "required": ["id"],
}


def read_schema(field: Field) -> Schema:
    """As an answer has it; every field can be empty, which is null."""
    if field.name in ("id", "version"):
        return ID if field.name == "id" else {"type": "integer"}
    return {"title": field.label, **_or_null(_value(field)), **_help(field)}


def write_schema(field: Field) -> Schema:
    """As a request may give it: a reference also by its bare id."""
    schema = _value(field)
    if targets_of(field):
        bare = {"anyOf": [ID, REFERENCE]}
        schema = {"type": "array", "items": bare} if field_type(field.type).many else bare
    return {"title": field.label, **_or_null(schema), **_help(field)}


def _value(field: Field) -> Schema:
    if targets_of(field):
        return {"type": "array", "items": REFERENCE} if field_type(field.type).many else REFERENCE
    field = effective(field)
    part = field_type(field.type)
    words = [c.value for c in field.options.get("choices") or field.options.get("stages") or ()]
    if words:
        one: Schema = {"type": "string", "enum": words}
        return {"type": "array", "items": one} if part.many else one
    return schema_of(e.json for e in part.examples if e.refusal is None and e.json is not None)


def schema_of(values: Iterable[Any]) -> Schema:
    """The least that all of these are."""
    found: list[Schema] = []
    for value in values:
        schema = _shape(value)
        if schema not in found:
            found.append(schema)
    if len(found) > 1 and all(s.get("type") in ("integer", "number") for s in found):
        return {"type": "number"}
    if len({s.get("type") for s in found}) == 1 and len(found) > 1:
        return _joined(found)
    return found[0] if len(found) == 1 else {"anyOf": found} if found else {}


def _shape(value: Any) -> Schema:
    match value:
        case bool():
            return {"type": "boolean"}
        case int():
            return {"type": "integer"}
        case float():
            return {"type": "number"}
        case str():
            return {"type": "string"}
        case Mapping():
            return {"type": "object", "properties": {str(k): _or_null(_shape(v)) for k, v in value.items()}}
        case list() | tuple():
            return {"type": "array", "items": schema_of(value)}
    return {}


def _joined(schemas: list[Schema]) -> Schema:
    """One object for several with other names, one list for several with other items."""
    if schemas[0]["type"] == "object":
        names: Schema = {}
        for schema in schemas:
            for name, inner in schema["properties"].items():
                names[name] = inner if name not in names or len(names[name]) < len(inner) else names[name]
        return {"type": "object", "properties": names}
    if schemas[0]["type"] == "array":
        return max(schemas, key=lambda schema: len(schema["items"]))
    return schemas[0]


def _or_null(schema: Schema) -> Schema:
    if not schema:
        return {}
    if "enum" in schema:
        return {**schema, "type": [schema["type"], "null"], "enum": [*schema["enum"], None]}
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return schema if "type" in schema else {"anyOf": [*schema.get("anyOf", [schema]), {"type": "null"}]}


def _help(field: Field) -> Schema:
    return {"description": field.help} if field.help else {}
