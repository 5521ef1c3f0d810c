"""capture/NAME.yaml with `from: form`: what a page that everybody may open asks for and says."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.blueprint.capture import Asked, Form
from engine.blueprint.entities import Field
from engine.compiler.draft import Draft
from engine.compiler.fields import UNWRITTEN
from engine.compiler.manifest import LANGUAGE
from engine.compiler.spot import Spot

NOT_ASKED = frozenset((*UNWRITTEN, "role", "user", "team", "reference_any"))
_SITE = re.compile(r"https?://(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?")
_ADDRESS = re.compile(r"(https?://[^\s/\\<>\"]+(/[^\s\\<>\"]*)?|/[^\s/\\<>\"][^\s\\<>\"]*)")


def read_form(draft: Draft, entity: str, spot: Spot) -> Form:
    thanks_at = spot.get("thanks_at")
    if thanks_at is not None and spot.get("thanks") is not None:
        message = "Whoever is sent on to another address never reads the thanks."
        draft.tell(thanks_at, "contradiction", message, "Keep one of the two.", at_key=True)
    return Form(
        fields=tuple(_asked(draft, entity, spot.get("fields"))),
        intro=spot.text("intro"),
        consent=spot.text("consent"),
        thanks=spot.text("thanks"),
        thanks_at=_address(draft, thanks_at),
        button=spot.text("button"),
        embed=tuple(_sites(draft, spot.get("embed"))),
        language=_language(draft, spot.get("language")),
    )


def _asked(draft: Draft, entity: str, spot: Spot | None) -> Iterator[Asked]:
    if spot is None:
        return
    named = spot.items() if spot.node.is_map else ((one.word, one) for one in spot.each())
    for name, at in named:
        field = draft.field_named(entity, at, name, at_key=spot.node.is_map) if name else None
        if field is not None and _may_be_asked(draft, field, at, spot.node.is_map):
            more = at if spot.node.is_map and at.node.is_map else None
            yield Asked(
                field.name,
                more.text("label") if more else None,
                more.text("help") if more else None,
                more.flag("required") if more else False,
            )


def _may_be_asked(draft: Draft, field: Field, spot: Spot, at_key: bool) -> bool:
    if field.system or field.name == "owner" or field.type in NOT_ASKED:
        message = f"{field.name} cannot be asked of a stranger, who does not fill a field of type {field.type}."
        draft.tell(spot, "wrong-value", message, "Take it out.", at_key=at_key)
        return False
    target = field.options.get("entity") if field.type in ("reference", "references") else None
    if target is not None and draft.owned.get(target, True):
        message = f"With {field.name} everybody could read the titles of all {target} records."
        hint = "Take it out; only what nobody owns can be chosen from outside."
        draft.tell(spot, "wrong-value", message, hint, at_key=at_key)
        return False
    return True


def _sites(draft: Draft, spot: Spot | None) -> Iterator[str]:
    for one in spot.each() if spot is not None and spot.node.is_list else ():
        word = (one.word or "").lower()
        if _SITE.fullmatch(word):
            yield word
        elif word:
            draft.wrong(one, "a site", "Write it without a path, as in https://www.example.com.")


def _address(draft: Draft, spot: Spot | None) -> str | None:
    if spot is None or spot.word is None:
        return None
    if _ADDRESS.fullmatch(spot.word):
        return spot.word
    draft.wrong(spot, "a web address", "Write it as in https://www.example.com/thanks.")
    return None


def _language(draft: Draft, spot: Spot | None) -> str | None:
    if spot is None or spot.word is None:
        return None
    if LANGUAGE.fullmatch(spot.word):
        return spot.word
    draft.wrong(spot, "the code of a language, as in en, hi or ar")
    return None


__all__ = ["NOT_ASKED", "read_form"]
