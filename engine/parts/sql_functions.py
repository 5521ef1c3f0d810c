"""Functions that SQLite and PostgreSQL have under different names; asked for by `sql`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Text
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


class day_number(FunctionElement[int]):
    """Days since 1970 of a day that is kept as a text."""

    type = BigInteger()
    inherit_cache = True


@compiles(day_number)
def _julian(element: Any, compiler: Any, **more: Any) -> str:
    return f"CAST(julianday({compiler.process(element.clauses, **more)}) - 2440587.5 AS INTEGER)"


@compiles(day_number, "postgresql")
def _days_between(element: Any, compiler: Any, **more: Any) -> str:
    return f"(CAST({compiler.process(element.clauses, **more)} AS date) - DATE '1970-01-01')"


class month_number(FunctionElement[int]):
    """Months since the year 0 of a day that is told by its number since 1970."""

    type = BigInteger()
    inherit_cache = True


@compiles(month_number)
def _months(element: Any, compiler: Any, **more: Any) -> str:
    seconds = f"({compiler.process(element.clauses, **more)}) * 86400"
    year, month = (f"CAST(strftime('{part}', {seconds}, 'unixepoch') AS INTEGER)" for part in ("%Y", "%m"))
    return f"({year} * 12 + {month} - 1)"


@compiles(month_number, "postgresql")
def _months_of_date(element: Any, compiler: Any, **more: Any) -> str:
    day = f"(DATE '1970-01-01' + CAST({compiler.process(element.clauses, **more)} AS integer))"
    return f"(CAST(EXTRACT(year FROM {day}) AS bigint) * 12 + CAST(EXTRACT(month FROM {day}) AS bigint) - 1)"
