"""HTML from values: the only file that may call a text markup. Everything else is escaped here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from markupsafe import Markup, escape

Html: TypeAlias = Markup
Child: TypeAlias = "str | Html | None | Iterable[str | Html | None]"

_VOID = frozenset({"input", "br", "img", "hr", "link", "meta", "source"})


def tag(name: str, *children: Child, **attributes: object) -> Html:
    """`tag("a", "Name", href="/x", class_="link", data_hue="blue")`; None and False leave an attribute out, True leaves it bare."""
    opened = f"<{name}{''.join(_attribute(key, value) for key, value in attributes.items())}>"
    if name in _VOID:
        return Markup(opened)
    return Markup(f"{opened}{join(*children)}</{name}>")


def join(*children: Child) -> Html:
    return Markup("").join(_flat(children))


def trusted(html: str) -> Html:
    """Marks text that this program itself wrote, from escaped pieces, as HTML."""
    return Markup(html)


def _flat(children: Iterable[Child]) -> Iterable[str | Html]:
    for child in children:
        if child is None:
            continue
        if isinstance(child, str):
            yield child
        else:
            yield from _flat(child)


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(value)}"'


__all__ = ["Child", "Html", "escape", "join", "tag", "trusted"]
