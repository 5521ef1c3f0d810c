"""What the channels that ask over HTTP have in common: a request, and what an answer means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.outbound import Answer, Client, Forbidden, Unreachable
from engine.parts.channels.contract import (
    LATER,
    REFUSED,
    SENT,
    UNSURE,
    Outcome,
    Outgoing,
    Request,
    Unsendable,
)

TRY_AGAIN = frozenset({408, 409, 423, 425, 429})
LONGEST_WAIT = 3600.0  # seconds; a gateway that asks for more is asked again all the same


@dataclass(frozen=True, slots=True)
class Gateway:
    """A session: `make` turns a message into the request; `refuses` are further statuses that are final."""

    client: Client
    make: Callable[[Outgoing], Request]
    provider: Callable[[Answer], str | None] = lambda answer: None
    refuses: frozenset[int] | None = None  # None: all between 400 and 499 that do not ask to try again

    def send(self, outgoing: Outgoing) -> Outcome:
        try:
            request = self.make(outgoing)
            answer = self.client.ask(request.method, request.url, request.headers, request.body)
        except (Forbidden, Unsendable) as error:
            return Outcome(REFUSED, str(error))
        except Unreachable as error:
            return Outcome(UNSURE if error.sent else LATER, error.message, down=True)
        return self._meant(answer)

    def _meant(self, answer: Answer) -> Outcome:
        if 200 <= answer.status < 300:
            return Outcome(SENT, provider=self.provider(answer))
        if 300 <= answer.status < 400:
            return Outcome(REFUSED, f"The gateway answered {answer.status}, a redirect, which is not followed.")
        said = f"The gateway answered {answer.status}{_quoted(answer.text)}."
        if self._is_final(answer.status):
            return Outcome(REFUSED, said)
        return Outcome(LATER, said, wait=_wait(answer), down=answer.status in (429, 503))

    def _is_final(self, status: int) -> bool:
        if self.refuses is not None:
            return status in self.refuses
        return 400 <= status < 500 and status not in TRY_AGAIN


def _quoted(text: str) -> str:
    words = " ".join("".join(c if c.isprintable() else " " for c in text[:2000]).split())
    return f": {words[:300]}".rstrip(".") if words else ""


def _wait(answer: Answer) -> float | None:
    """`Retry-After` in seconds; a date is not read."""
    text = answer.headers.get("retry-after", "").strip()
    return min(float(text), LONGEST_WAIT) if text.isascii() and text.isdigit() else None
