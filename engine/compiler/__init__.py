"""YAML -> blueprint, or every problem at once."""

from engine.compiler.compile import BrokenSet, check_merged, check_set, compile_set

__all__ = ["BrokenSet", "check_merged", "check_set", "compile_set"]
