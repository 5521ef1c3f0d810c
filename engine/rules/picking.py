"""Where in something that another program sent a value lies: paths such as `entry.0.changes.0.value.full_name`.

A step is a name of a map, a number counted from 0 in a list, `*` for all of a list or map, or `name=full_name` for the
items of a list whose `name` is `full_name`. A name may hold dots itself: the longest that is there is meant. `above.`
at the beginning looks around the item that `each` found, from the inside outward.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import BadRequest
from engine.words import said

DEEPEST = 20  # maps and lists within one another
MOST_THINGS = 20_000  # in one message
MOST_ITEMS = 200  # records of one message
LONGEST_TEXT = 20_000  # characters of one value
ABOVE = "above."


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that becomes a record; `around` is what it lies in, the nearest first."""

    value: Any
    around: tuple[Any, ...] = ()

    def texts(self, path: str) -> list[str]:
        """What lies at the path, as texts; empty where there is nothing."""
        if not path.startswith(ABOVE):
            return texts_at(self.value, path)
        tried = (texts_at(outer, path.removeprefix(ABOVE)) for outer in self.around)
        return next((found for found in tried if found), [])


def check_size(root: Any) -> None:
    """Raises BadRequest for what is nested too deeply or holds too much."""
    waiting, seen = [(root, 1)], 0
    while waiting:
        value, depth = waiting.pop()
        seen += 1
        if depth > DEEPEST:
            raise BadRequest(said("It is nested more than {deepest} levels deep.", deepest=DEEPEST))
        if seen > MOST_THINGS:
            raise BadRequest(said("It holds more than {most_things} values.", most_things=f'{MOST_THINGS:,}'))
        inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
        waiting.extend((one, depth + 1) for one in inner)


def items_of(root: Any, each: str | None) -> list[Item]:
    """Raises BadRequest when there are too many."""
    if each is None:
        return [Item(root)]
    found: list[Item] = []
    for value, around in _at(root, each.split("."), ()):
        if len(found) == MOST_ITEMS:
            raise BadRequest(said("More than {most_items} things came at once.", most_items=MOST_ITEMS))
        found.append(Item(value, around))
    return found


def texts_at(root: Any, path: str) -> list[str]:
    return [text for value, _ in _at(root, path.split("."), ()) if (text := text_of(value))]


def text_of(value: Any) -> str:
    """A value as a person would type it; maps and lists as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)
    return text.replace("\0", "")[:LONGEST_TEXT].strip()


def _at(value: Any, steps: list[str], around: tuple[Any, ...]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    if not steps:
        yield value, around
    elif isinstance(value, Mapping):
        yield from _in_map(value, steps, (value, *around))
    elif isinstance(value, list):
        for one in _in_list(value, steps[0]):
            yield from _at(one, steps[1:], (value, *around))


def _in_map(value: Mapping[str, Any], steps: list[str], around: tuple[Any, ...]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    for length in range(len(steps), 0, -1):
        name = ".".join(steps[:length])
        if name in value:
            yield from _at(value[name], steps[length:], around)
            return
    if steps[0] == "*":
        for one in value.values():
            yield from _at(one, steps[1:], around)


def _in_list(value: list[Any], step: str) -> list[Any]:
    if step == "*":
        return value
    if step.isascii() and step.isdigit():
        return value[int(step) : int(step) + 1] if len(step) < 6 else []
    name, equals, wanted = step.partition("=")
    return [one for one in value if isinstance(one, Mapping) and text_of(one.get(name)) == wanted] if equals else []


__all__ = ["Item", "check_size", "items_of", "text_of", "texts_at"]
