"""The kinds of things that a set is made of, one file each."""

from engine.parts.registry import field_type, field_types, operator, operators

__all__ = ["field_type", "field_types", "operator", "operators"]
