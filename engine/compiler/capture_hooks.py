"""capture/NAME.yaml with `from: webhook`: who may send, and where in what was sent the things lie."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.blueprint.capture import Handshake, Hook, Part, Signed
from engine.compiler.draft import Draft, frozen
from engine.compiler.spot import Spot

LONGEST_PATH = 200  # characters
DEEPEST = 20  # steps
NEEDS = {"hmac": "header", "header": "header", "address": "name"}  # what each way to sign cannot do without
ONLY_HMAC = ("digest", "written", "prefix", "signs", "time", "within")
SIGNED = ("body", "address", "fields")
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,80})(?:\.([A-Za-z0-9_]{1,20}))?")
_HOLE = re.compile(r"\{([^{}]*)\}")
_SPAN = re.compile(r"(\d{1,4}) (second|minute|hour)s?")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}


def read_hook(draft: Draft, spot: Spot) -> Hook:
    return Hook(
        signed=_signed(draft, spot.get("signed")),
        handshake=_handshake(spot.get("handshake")),
        each=_path(draft, spot.get("each")),
        only=_only(draft, spot.get("only")),
        id=_path(draft, spot.get("id")),
        in_address=spot.text("sent_as") == "address",
    )


def check_path(draft: Draft, spot: Spot) -> bool:
    word = spot.word or ""
    if word and all(word.split(".")) and len(word) <= LONGEST_PATH and word.count(".") < DEEPEST:
        return True
    draft.wrong(spot, "a path", "Write its steps with a dot between each two, as in contact.phones.0.")
    return False


def _path(draft: Draft, spot: Spot | None) -> str | None:
    return spot.word if spot is not None and spot.word is not None and check_path(draft, spot) else None


def _only(draft: Draft, spot: Spot | None) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for path, _ in spot.items() if spot is not None and spot.node.is_map else ():
        found[path] = frozenset(word for word, _ in spot.words(path)) if spot else frozenset()
    return frozen(found)


def _handshake(spot: Spot | None) -> Handshake | None:
    if spot is None:
        return None
    return Handshake(spot.text("token") or "", spot.text("answer") or "", spot.text("secret_from") or "")


# ---- signatures


def _signed(draft: Draft, spot: Spot | None) -> Signed:
    by = spot.text("by") if spot is not None else None
    if spot is None or by is None:
        return Signed("header", "")
    _check_keys(draft, spot, by)
    return Signed(
        by=by,
        secret_from=spot.text("secret_from") or "",
        place=_part(draft, spot.get("header")),
        name=spot.text("name"),
        digest=spot.text("digest") or "sha256",
        written=spot.text("written") or "hex",
        prefix=spot.text("prefix") or "",
        signs=_signs(draft, spot.get("signs")),
        time=_part(draft, spot.get("time")),
        within=read_seconds(draft, spot.get("within")) or 300,
    )


def _check_keys(draft: Draft, spot: Spot, by: str) -> None:
    needed = NEEDS.get(by)
    if needed and spot.get(needed) is None:
        hint = "Add it, as in header: X-Signature." if needed == "header" else "Add it, as in name: token."
        draft.tell(spot, "missing-key", f'"{needed}" is missing.', hint)
    for key in (*ONLY_HMAC, "header", "name"):
        at = spot.get(key)
        if at is not None and key != needed and (by != "hmac" or key == "name"):
            draft.tell(at, "no-effect", f'"{key}" says nothing with by: {by}.', "Remove this key.", at_key=True)
    time, within = spot.get("time"), spot.get("within")
    if within is not None and time is None and by == "hmac":
        message = "How far the moment may be away says nothing where no moment is signed."
        draft.tell(within, "no-effect", message, "Add time: HEADER, or remove this key.", at_key=True)


def _part(draft: Draft, spot: Spot | None) -> Part | None:
    if spot is None or spot.word is None:
        return None
    found = _HEADER.fullmatch(spot.word)
    if found is None:
        draft.wrong(spot, "the name of a header", "Write it as in X-Signature, or X-Signature.v1 for one part of it.")
        return None
    return Part(found[1], found[2])


def _signs(draft: Draft, spot: Spot | None) -> str:
    if spot is None or spot.word is None:
        return "{body}"
    holes = _HOLE.findall(spot.word)
    odd = next((name for name in holes if name not in SIGNED and not _is_header(name)), None)
    if odd is not None:
        draft.unknown(spot, odd, "something that can be signed", (*SIGNED, "a header's name, as in X-Timestamp"))
    elif "body" not in holes and "fields" not in holes:
        draft.tell(spot, "wrong-value", "What is signed does not hold what was sent.", "Write {body} somewhere in it.")
    return spot.word


def _is_header(name: str) -> bool:
    """A word in small letters is one of ours, misspelt."""
    return _HEADER.fullmatch(name) is not None and ("-" in name or name[:1].isupper())


def read_seconds(draft: Draft, spot: Spot | None) -> int | None:
    """`5 minutes` in seconds; None where nothing, or nothing of the kind, is written."""
    if spot is None or spot.word is None:
        return None
    found = _SPAN.fullmatch(spot.word.strip())
    if found and int(found[1]):
        return int(found[1]) * _SECONDS[found[2]]
    draft.wrong(spot, "a span of seconds, minutes or hours", "Write it as in 5 minutes.")
    return None


__all__ = ["check_path", "read_hook", "read_seconds"]
