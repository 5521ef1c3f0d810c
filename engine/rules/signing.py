"""Whether what came to an address of ours was sent by who knows the secret. Every comparison takes the same time."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.blueprint.capture import Part, Signed

_HOLE = re.compile(r"\{([^{}]*)\}")
MOST_CANDIDATES = 10  # signatures in one header
WRONG = "The signature is wrong, or there is none."
STALE = "The signed moment is too far away."


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it came; names of headers in small letters, `fields` the pairs of a form."""

    body: bytes
    headers: Mapping[str, str]
    address: str
    query: Mapping[str, str]
    fields: Sequence[tuple[str, str]] = ()


def refusal(signed: Signed, secret: str, sent: Sent, now: float) -> str | None:
    """Why it is not believed, or None. `now` in seconds since 1970."""
    match signed.by:
        case "hmac":
            return _hmac(signed, secret, sent, now)
        case "bearer":
            scheme, _, given = sent.headers.get("authorization", "").partition(" ")
            good = scheme.lower() == "bearer" and is_secret(given.strip(), secret)
        case "address":
            good = is_secret(sent.query.get(signed.name or "", ""), secret)
        case _:
            good = signed.place is not None and any(is_secret(one, secret) for one in _values(signed.place, sent))
    return None if good else WRONG


def is_secret(given: str, secret: str) -> bool:
    return bool(secret) and hmac.compare_digest(given.encode(), secret.encode())


def _hmac(signed: Signed, secret: str, sent: Sent, now: float) -> str | None:
    digest = hmac.digest(secret.encode(), _content(signed.signs, sent), signed.digest)
    wanted = base64.b64encode(digest).decode() if signed.written == "base64" else digest.hex()
    given = [_bare(one, signed) for one in (_values(signed.place, sent) if signed.place else ())]
    if not secret or not any(hmac.compare_digest(one.encode(), wanted.encode()) for one in given):
        return WRONG
    return None if signed.time is None or _is_near(signed.time, signed.within, sent, now) else STALE


def _bare(text: str, signed: Signed) -> str:
    bare = text.removeprefix(signed.prefix) if text.startswith(signed.prefix) else ""
    return bare.lower() if signed.written == "hex" else bare


def _content(signs: str, sent: Sent) -> bytes:
    """What was signed, put together as the sender did it."""
    pieces: list[bytes] = []
    for number, piece in enumerate(_HOLE.split(signs)):
        if number % 2 == 0:
            pieces.append(piece.encode())
        elif piece == "body":
            pieces.append(sent.body)
        elif piece == "address":
            pieces.append(sent.address.encode())
        elif piece == "fields":
            pieces.append("".join(f"{name}{value}" for name, value in sorted(sent.fields)).encode())
        else:
            header, _, part = piece.partition(".")
            pieces.append(next(iter(_values(Part(header, part or None), sent)), "").encode())
    return b"".join(pieces)


def _values(place: Part, sent: Sent) -> list[str]:
    text = sent.headers.get(place.header.lower(), "")[:4000]
    if place.part is None:
        return text.split()[:MOST_CANDIDATES]
    pairs = (one.strip().partition("=") for one in text.split(","))
    return [value for name, _, value in pairs if name == place.part][:MOST_CANDIDATES]


def _is_near(place: Part, within: int, sent: Sent, now: float) -> bool:
    given = next(iter(_values(place, sent)), "")
    if not (given.isascii() and given.isdigit() and len(given) <= 13):
        return False
    moment = int(given) / (1000 if len(given) == 13 else 1)
    return abs(now - moment) <= within


__all__ = ["STALE", "WRONG", "Sent", "is_secret", "refusal"]
