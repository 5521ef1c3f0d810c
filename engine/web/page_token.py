"""A page's own number and the moment at which it was given out, signed: nobody makes one up, and it needs no cookie."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from engine.records.keys import milliseconds
from engine.records.secrets import secret_of
from engine.serving import Ask

NAME = "public pages"


@dataclass(frozen=True, slots=True)
class PageToken:
    """`at` in ms."""

    number: str
    at: int
    text: str


def given_out(ask: Ask) -> str:
    """A new token for a page that is drawn now."""
    content = f"{secrets.token_hex(12)}.{milliseconds(ask.now)}"
    return f"{content}.{_proof(ask, content)}"


def read_token(ask: Ask, text: str) -> PageToken | None:
    """None for one that this program did not give out."""
    number, _, rest = text.partition(".")
    at, _, proof = rest.partition(".")
    if len(text) > 200 or not at.isascii() or not at.isdigit():
        return None
    if not hmac.compare_digest(proof.encode(), _proof(ask, f"{number}.{at}").encode()):
        return None
    return PageToken(number, int(at), text)


def _proof(ask: Ask, content: str) -> str:
    return hmac.digest(_secret(ask), content.encode(), "sha256").hex()[:40]


def _secret(ask: Ask) -> bytes:
    """Read once by each process."""
    state = ask.request.app.state
    if not hasattr(state, "page_secret"):
        state.page_secret = secret_of(ask.crm.database, NAME, milliseconds(ask.now))
    secret: bytes = state.page_secret
    return secret
