"""What an address and a form say of a record: which one, at which version, and the key by which it is done once."""

from __future__ import annotations

from engine.errors import BadRequest, NotFound
from engine.records.sight import NOT_FOUND
from engine.serving import Ask
from engine.words import said


def record_id(ask: Ask, name: str = "id") -> int:
    """Raises NotFound for what cannot be the id of any record."""
    text = ask.path[name]
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) < 2**63):
        raise NotFound(NOT_FOUND)
    return int(text)


def asked_id(ask: Ask, name: str = "before") -> int | None:
    """The id that an address asks from; None for what is none."""
    text = ask.request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def version_of(ask: Ask) -> int:
    """Raises BadRequest for a form that does not say which version it was made from."""
    text = ask.form.get("_version") if ask.form is not None else None
    if not (isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest(said("The form does not say which version of the record it was made from. Open it again."))
    return int(text)


def key_of(ask: Ask) -> str | None:
    text = ask.form.get("_key") if ask.form is not None else None
    return text[:200] if isinstance(text, str) and text else None
