"""What a person sees when a page cannot be had: what happened, and where to go on."""

from __future__ import annotations

from starlette.responses import Response

from engine.errors import CrmError, MoveRefused, NotFound, NotSignedIn, Refused, TooMany
from engine.rules.words import listed
from engine.serving import Ask
from engine.web.frame import alone, screen, words_for
from engine.web.render import render

ICONS = {403: "lock", 404: "search", 409: "refresh-cw", 413: "file", 429: "hourglass", 503: "loader-circle"}


def failure(ask: Ask, error: CrmError) -> Response:
    """In the frame for who is signed in, else alone."""
    body = render("failure.html", words_for(ask), error=error, icon_name=ICONS.get(error.status, "triangle-alert"),
                  reasons=_reasons(error), who=_who(error), closed=isinstance(error, Refused),
                  wait=getattr(error, "retry_after", None), signed_in=ask.actor is not None,
                  back=_back(ask), number=ask.id if error.status >= 500 else None)  # fmt: skip
    if ask.actor is None:
        response = alone(ask, error.title, body, error.status, wide=True)
    else:
        response = screen(ask).page(
            error.title, f'<main id="main" class="page" tabindex="-1">{body}</main>', status=error.status
        )
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _reasons(error: CrmError) -> list[str]:
    return [reason.message for reason in error.complaints] if isinstance(error, MoveRefused) else []


def _who(error: CrmError) -> str | None:
    return listed(error.who) if isinstance(error, (Refused, MoveRefused)) and error.who else None


def _back(ask: Ask) -> str | None:
    """The list that the address belongs to, where there is one that this person may read."""
    name = ask.path.get("entity") if ask.actor is not None else None
    if name is None or not ask.crm.reads.sight.may_open(ask.who(), name):
        return None
    return f"/{name}" if ask.request.url.path != f"/{name}" or ask.request.url.query else None


__all__ = ["NotFound", "NotSignedIn", "failure"]
