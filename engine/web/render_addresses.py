"""A test of a condition as the filter of an address that means the same, where a plain filter can say it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.blueprint import Blueprint
from engine.blueprint.conditions import AllOf, AnyOf, Condition, Not, Test, Word
from engine.blueprint.entities import Field
from engine.blueprint.values import Money, Ref
from engine.formats import Formats
from engine.parts import field_type, operator
from engine.parts.derived import effective
from engine.records.sight import targets_of


def pair_of(
    blueprint: Blueprint, fields: Mapping[str, Field], test: Condition, formats: Formats
) -> tuple[str, str] | None:
    if not isinstance(test, Test):
        return None
    field = fields[test.field]
    if test.operator == "where":
        return _there(blueprint, field, test.value, formats)
    if isinstance(test.value, (Test, AllOf, AnyOf, Not)) or operator(test.operator).takes == "stay":
        return None
    return f"{test.field}.{test.operator}", _text(field, test.value, formats)


def _there(blueprint: Blueprint, field: Field, where: Any, formats: Formats) -> tuple[str, str] | None:
    targets = targets_of(field)
    parts = where.parts if isinstance(where, AllOf) else (where,)
    if len(targets) != 1 or len(parts) != 1 or not isinstance(parts[0], Test) or parts[0].operator == "where":
        return None
    inner = pair_of(blueprint, blueprint.entities[targets[0]].fields, parts[0], formats)
    return (f"{field.name}.{inner[0]}", inner[1]) if inner else None


def _text(field: Field, value: Any, formats: Formats) -> str:
    if isinstance(value, (tuple, list, frozenset)):
        line = io.StringIO()
        csv.writer(line).writerow([_text(field, one, formats) for one in value])
        return line.getvalue().rstrip("\r\n")
    if isinstance(value, Word):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Ref):
        return f"{value.entity}/{value.id}" if field.type == "reference_any" else str(value.id)
    if isinstance(value, (str, int)):
        return str(value)
    if isinstance(value, Money):
        return f"{value.amount:f}"
    if type(value) is date:  # a whole day, also of a moment
        return value.isoformat()
    plain = effective(field)
    return str(field_type(plain.type).typed(plain, value, formats))
