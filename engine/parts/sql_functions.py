"""Functions that SQLite and PostgreSQL have under different names; asked for by `sql`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class plain_lower(FunctionElement[str]):
    """A to Z in small letters, and nothing else: what SQLite's `lower` does and PostgreSQL's does in the C collation."""

    type = Text()
    inherit_cache = True


@compiles(plain_lower)
def _lower(element: Any, compiler: Any, **more: Any) -> str:
    return f"lower({compiler.process(element.clauses, **more)})"


@compiles(plain_lower, "postgresql")
def _lower_c(element: Any, compiler: Any, **more: Any) -> str:
    return f'lower(({compiler.process(element.clauses, **more)}) COLLATE "C")'


class place_of(FunctionElement[int]):
    """Where a text first holds another, exactly; LIKE would be blind to case on SQLite."""

    inherit_cache = True


@compiles(place_of)
def _instr(element: Any, compiler: Any, **more: Any) -> str:
    return f"instr({compiler.process(element.clauses, **more)})"


@compiles(place_of, "postgresql")
def _strpos(element: Any, compiler: Any, **more: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **more)})"
