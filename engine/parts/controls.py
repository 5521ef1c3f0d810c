"""The native form controls that the field types share: they work without script, which makes some of them nicer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.markup import Html, join, tag
from engine.parts.fields.contract import Control


def text_input(at: Control, kind: str = "text", suffix: str = "", **more: Any) -> Html:
    """One input; with `suffix` it is a further one of the same field."""
    attributes = {**marks(at), **more}
    if suffix:
        attributes |= {
            "id": f"f-{at.name}--{suffix}",
            "name": f"{at.name}__{suffix}",
            "required": False,
            "autofocus": False,
        }
    return tag("input", **{"class_": "input", "type": kind, "value": part_of(at.text, suffix), **attributes})


def text_area(at: Control, **more: Any) -> Html:
    # A browser drops one line break after the opening tag: it gets one to drop.
    return tag("textarea", "\n", as_text(at.text), class_="input", **marks(at), **more)


def select(
    at: Control, choices: Iterable[tuple[str, str]], chosen: Iterable[str], blank: bool = True, **more: Any
) -> Html:
    """A menu of (value, label); values that are chosen but not offered stay in it."""
    offered, picked = list(choices), [value for value in chosen if value]
    known = {value for value, _ in offered}
    rows = [*offered, *((value, value) for value in picked if value not in known)]
    empty = tag("option", "", value="") if blank and not more.get("multiple") else None
    options = (tag("option", label, value=value, selected=value in picked) for value, label in rows)
    return tag("select", empty, *options, **{"class_": "input", **marks(at), **more})


def boxes(
    at: Control,
    choices: Iterable[tuple[str, str]],
    chosen: Iterable[str],
    kind: str = "checkbox",
    style: str = "chips",
) -> Html:
    """A group of check boxes or radio buttons; the group carries the field's id."""
    picked = list(chosen)
    rows = [*choices]
    known = {value for value, _ in rows}
    rows += [(value, value) for value in picked if value and value not in known]
    group = {
        key: value for key, value in marks(at).items() if key in ("id", "aria_invalid", "aria_describedby")
    }
    items = (
        _box(at, kind, number, value, label, value in picked, style)
        for number, (value, label) in enumerate(rows)
    )
    return tag(
        "div",
        *items,
        class_=style,
        role="group" if kind == "checkbox" else "radiogroup",
        tabindex="-1",
        **group,
    )


def _box(at: Control, kind: str, number: int, value: str, label: str, checked: bool, style: str) -> Html:
    box = tag(
        "input",
        type=kind,
        class_=None if style in ("chips", "segments") else "check",
        id=f"f-{at.name}--{number}",
        name=at.name,
        value=value,
        checked=checked,
        required=at.required and kind == "radio",
        autofocus=at.autofocus and number == 0,
    )
    return tag(
        "label",
        box,
        tag("span", label),
        class_="chip" if style == "chips" else "option" if style != "segments" else None,
    )


def affixed(before: str | Html | None, control: Html, after: str | Html | None) -> Html:
    """A control with a currency before it or a unit after it, in one frame."""
    return tag("div", _affix(before), control, _affix(after), class_="affix")


def _affix(piece: str | Html | None) -> Html | None:
    return piece if piece is None or isinstance(piece, Html) else tag("span", piece)


def labelled(at: Control, suffix: str, label: str, control: Html) -> Html:
    return tag(
        "label", tag("span", label, class_="label"), control, class_="field", for_=f"f-{at.name}--{suffix}"
    )


def marks(at: Control) -> dict[str, Any]:
    """What every control carries: its id and name, and what is wrong with it."""
    return {
        "id": f"f-{at.name}",
        "name": at.name,
        "required": at.required,
        "aria_invalid": "true" if at.invalid else None,
        "aria_describedby": at.described_by,
        "autofocus": at.autofocus,
    }


def part_of(text: Any, suffix: str) -> str:
    """The text of one of several inputs: what was typed may be a map, by suffix."""
    if isinstance(text, Mapping):
        return as_text(text.get(suffix))
    return "" if suffix else as_text(text)


def as_text(text: Any) -> str:
    return "" if text is None else str(text)


def several(text: Any) -> tuple[str, ...]:
    """The values of a control that takes many: a posted list, or one text with a value a line."""
    if text is None or text == "":
        return ()
    if isinstance(text, str):
        return tuple(text.split("\n"))
    return tuple(as_text(item) for item in text)


def posted(form: Mapping[str, Any], name: str) -> list[Any]:
    """Every value that a form holds under a name."""
    if hasattr(form, "getlist"):
        return list(form.getlist(name))
    held = form.get(name)
    return [] if held is None else list(held) if isinstance(held, (list, tuple)) else [held]


__all__ = [
    "affixed",
    "as_text",
    "boxes",
    "join",
    "labelled",
    "marks",
    "part_of",
    "posted",
    "select",
    "several",
    "text_area",
    "text_input",
]
