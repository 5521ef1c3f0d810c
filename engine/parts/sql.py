"""The few words of SQL that operators say.

SQLAlchemy is loaded when the first of them is said, not when a set is checked: its import alone takes half a second,
ten times as long as compiling a large set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


def and_(*parts: ColumnElement[bool]) -> ColumnElement[bool]:
    from sqlalchemy import and_

    return and_(*parts)


def or_(*parts: ColumnElement[bool]) -> ColumnElement[bool]:
    from sqlalchemy import or_

    return or_(*parts)


def not_(part: ColumnElement[bool]) -> ColumnElement[bool]:
    from sqlalchemy import not_

    return not_(part)


def false() -> ColumnElement[bool]:
    from sqlalchemy import false

    return false()


def is_select(value: Any) -> bool:
    """Whether a value stands for the rows of a query."""
    from sqlalchemy.sql.selectable import SelectBase

    return isinstance(value, SelectBase)


def plain_lower(text: ColumnElement[Any]) -> ColumnElement[str]:
    from engine.parts.sql_functions import plain_lower

    return plain_lower(text)


def place_of(text: ColumnElement[Any], piece: str) -> ColumnElement[int]:
    from sqlalchemy import Text, bindparam

    from engine.parts.sql_functions import place_of

    return place_of(text, bindparam(None, piece, Text()))
