"""What every answer carries, and how a request proves that our own page sent it.

A write that rides on a cookie must come from this site (the browser says so in Sec-Fetch-Site or Origin) and bring the
session's own token, in the form or in a header: each alone would do, an old browser or a lax proxy may lose one of them.
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from urllib.parse import urlsplit

from starlette.requests import Request

from engine.errors import Refused
from engine.serving import Ask

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(self), microphone=(), payment=(), usb=()",
    "cache-control": "no-store",
}
HSTS = "max-age=31536000; includeSubDomains"
FIELD, HEADER = "_csrf", "x-csrf-token"
UNSURE = "This form was not given out to you as you are signed in now. Go back, reload the page and try again."
FOREIGN = "This request was sent by another site, so it was not carried out."

_SIZE = 16
_PLACE = re.compile(r"/(?![/\\])[^\x00-\x20\\\x7f]*")


def raw_headers(secure: bool) -> tuple[tuple[bytes, bytes], ...]:
    """What an answer carries unless its handler said otherwise."""
    named = {**HEADERS, **({"strict-transport-security": HSTS} if secure else {})}
    return tuple((name.encode(), value.encode()) for name, value in named.items())


# ---- a form's token


def form_token(session_key: str) -> str:
    """The token for one page: masked anew each time, so that a compressed page does not give it away bit by bit."""
    mask = secrets.token_bytes(_SIZE)
    return urlsafe_b64encode(mask + _crossed(_proof(session_key), mask)).decode().rstrip("=")


def is_form_token(session_key: str, given: str) -> bool:
    try:
        raw = urlsafe_b64decode(given.encode("ascii") + b"=" * (-len(given) % 4)) if len(given) < 100 else b""
    except ValueError:
        return False
    return len(raw) == 2 * _SIZE and hmac.compare_digest(_crossed(raw[_SIZE:], raw[:_SIZE]), _proof(session_key))


def _proof(session_key: str) -> bytes:
    """From the cookie's value, which is in no database and in no page."""
    return hmac.digest(session_key.encode(), b"csrf", "sha256")[:_SIZE]


def _crossed(text: bytes, mask: bytes) -> bytes:
    return (int.from_bytes(text) ^ int.from_bytes(mask)).to_bytes(_SIZE)


# ---- where a request comes from


def check_write(ask: Ask, session_key: str) -> None:
    """Raises Refused for a write that another site made the browser send."""
    check_origin(ask.request)
    given = ask.request.headers.get(HEADER) or (ask.form.get(FIELD) if ask.form is not None else None)
    if not isinstance(given, str) or not is_form_token(session_key, given):
        raise Refused(UNSURE)


def check_origin(request: Request) -> None:
    """Raises Refused when the browser says that another site sent this."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise Refused(FOREIGN)
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        raise Refused(FOREIGN)


def local_place(given: str | None, otherwise: str = "/") -> str:
    """The address inside this site to go on to; a browser reads `//host` and `/\\host` as another site's."""
    return given if given and len(given) <= 2000 and _PLACE.fullmatch(given) else otherwise
