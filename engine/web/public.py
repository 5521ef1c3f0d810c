"""Pages for people without an account: the set's own look, no session, nothing that tells of what is inside."""

from __future__ import annotations

from hashlib import blake2b

from starlette.responses import Response

from engine.actor import robot
from engine.errors import CrmError, TooMany
from engine.formats import Formats
from engine.rules.network import network
from engine.serving import Ask, Handler
from engine.web.frame import Screen, brand, face_of, letter, words_for
from engine.web.public_words import words_of
from engine.web.render import render
from engine.web.security import POLICY
from engine.web.session import address
from engine.words import said as sentence, speech

MOST_KNOWN = 20_000  # addresses


class Gate:
    """How often one address may do something: `most` times within `seconds`, counted in each process by itself.

    When too many are known, those that came seldom are forgotten: a crowd of addresses must not free the busy ones."""

    def __init__(self, most: int, seconds: int) -> None:
        self.most, self.seconds = most, seconds
        self._window = 0
        self._seen: dict[bytes, int] = {}

    def pass_one(self, ask: Ask) -> None:
        """Raises TooMany."""
        window = int(ask.now.timestamp() // self.seconds)
        if window != self._window:
            self._window, self._seen = window, {}
        elif len(self._seen) > MOST_KNOWN:
            self._seen = {key: seen for key, seen in self._seen.items() if 2 * seen > self.most}
        key = blake2b(network(address(ask.request)).encode(), digest_size=8).digest()
        seen = self._seen[key] = self._seen.get(key, 0) + 1
        if seen > self.most:
            left = self.seconds - int(ask.now.timestamp() % self.seconds)
            raise TooMany(sentence("So many requests came from your network that we ask you to wait."), left)


def gate(ask: Ask, name: str, most: int, seconds: int) -> None:
    """Raises TooMany when this address did it too often."""
    state = ask.request.app.state
    if not hasattr(state, "gates"):
        state.gates = {}
    state.gates.setdefault(name, Gate(most, seconds)).pass_one(ask)


def for_all(handler: Handler) -> Handler:
    """What a stranger is told when it cannot be done: a page in the set's look, without a way inside."""

    def told(ask: Ask) -> Response:
        try:
            return handler(ask)
        except CrmError as error:
            return refused(ask, error)

    return told


def refused(ask: Ask, error: CrmError) -> Response:
    spoken = words_for(ask)
    said = words_of(spoken.language)
    heading, sentence = {404: (said.gone, said.gone_why), 429: (said.wait, said.wait_why)}.get(
        error.status, (said.failed, error.message if error.status < 500 else said.failed_why)
    )
    sign = "search" if error.status == 404 else "hourglass"
    body = render("public_said.html", spoken, heading=heading, sentence=sentence, icon_name=sign)
    response = page(ask, heading, body, error.status)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def page(
    ask: Ask, title: str, body: str, status: int = 200, *, language: str | None = None, framed_by: tuple[str, ...] = (),
    ends_at: str | None = None,
) -> Response:  # fmt: skip
    """A whole public page. `framed_by`: the sites that may show it in a frame; `ends_at`: where its form goes on to."""
    crm = ask.crm
    spoken = speech(language) if language else words_for(ask)
    text = render(
        "public.html", spoken, title=title, body=body, brand=brand(ask), language=spoken.language,
        direction=spoken.direction, theme=None, firm=crm.blueprint.manifest.title, letter=letter(crm),
        framed=ask.request.headers.get("sec-fetch-dest") == "iframe",
    )  # fmt: skip
    headers = {"Content-Security-Policy": _policy(framed_by, ends_at), "Referrer-Policy": "no-referrer"}
    if framed_by:
        headers |= {"X-Frame-Options": "", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(str(text), status, headers, "text/html; charset=utf-8")


def _policy(framed_by: tuple[str, ...], ends_at: str | None) -> str:
    policy = POLICY
    if framed_by:
        policy = policy.replace("frame-ancestors 'none'", f"frame-ancestors 'self' {' '.join(framed_by)}")
    if ends_at:
        policy = policy.replace("form-action 'self'", f"form-action 'self' {ends_at}")
    return policy


def as_robot(ask: Ask, name: str, language: str | None = None) -> Screen:
    """What a form's fields are drawn and read with: the robot under that name, the firm's zone, the page's language."""
    manifest = ask.crm.blueprint.manifest
    actor = robot(ask.crm.blueprint, name)
    formats = Formats(language or words_for(ask).language, manifest.zone, manifest.currency, manifest.country)
    spoken = formats.language
    ask.crm = ask.crm.in_language(spoken)
    return Screen(ask, ask.crm, actor, face_of(ask, spoken), formats, speech(spoken))


__all__ = ["as_robot", "for_all", "gate", "page", "refused"]
