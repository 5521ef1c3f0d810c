"""The folders are the lists: a file in fields/, operators/, actions/, channels/, charts/ or views/ is a word in YAML."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.parts.actions.contract import Action
from engine.parts.channels.contract import Channel
from engine.parts.charts.contract import Chart
from engine.parts.fields.contract import FieldType
from engine.parts.operators.contract import Operator
from engine.parts.views.contract import ViewKind


def field_type(word: str) -> FieldType:
    """The field type of that word. Raises KeyError."""
    return _FIELD_TYPES[word]


def field_types() -> Mapping[str, FieldType]:
    return MappingProxyType(_FIELD_TYPES)


def operator(word: str) -> Operator:
    """The operator of that word. Raises KeyError."""
    return _OPERATORS[word]


def operators() -> Mapping[str, Operator]:
    return MappingProxyType(_OPERATORS)


def action(word: str) -> Action:
    """The action of that word. Raises KeyError."""
    return _ACTIONS[word]


def actions() -> Mapping[str, Action]:
    return MappingProxyType(_ACTIONS)


def channel(word: str) -> Channel:
    """The kind of channel of that word. Raises KeyError."""
    return _CHANNELS[word]


def channels() -> Mapping[str, Channel]:
    return MappingProxyType(_CHANNELS)


def view_kind(word: str) -> ViewKind:
    """The kind of view of that word. Raises KeyError."""
    return _VIEWS[word]


def view_kinds() -> Mapping[str, ViewKind]:
    """A list first, then the others."""
    return MappingProxyType(_VIEWS)


def chart(word: str) -> Chart:
    """The kind of chart of that word. Raises KeyError."""
    return _CHARTS[word]


def charts() -> Mapping[str, Chart]:
    return MappingProxyType(_CHARTS)


def _found(folder: str, class_name: str) -> dict[str, Any]:
    made = {}
    for path in sorted((Path(__file__).parent / folder).glob("*.py")):
        if path.stem in ("__init__", "contract"):
            continue
        part = getattr(import_module(f"engine.parts.{folder}.{path.stem}"), class_name)
        part.word = path.stem.rstrip("_")  # `in` and `is` are Python's own: their files end in an underscore
        made[part.word] = part()
    return made


# Filled last: a part may import this file for the functions above.
_FIELD_TYPES: dict[str, FieldType] = {}
_OPERATORS: dict[str, Operator] = {}
_ACTIONS: dict[str, Action] = {}
_CHANNELS: dict[str, Channel] = {}
_VIEWS: dict[str, ViewKind] = {}
_CHARTS: dict[str, Chart] = {}
_FIELD_TYPES.update(_found("fields", "Type"))
_OPERATORS.update(_found("operators", "Part"))
_ACTIONS.update(_found("actions", "Part"))
_CHANNELS.update(_found("channels", "Part"))
_VIEWS.update(sorted(_found("views", "Kind").items(), key=lambda one: (one[0] != "list", one[0])))
_CHARTS.update(_found("charts", "Kind"))
