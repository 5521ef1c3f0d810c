"""A request's JSON, read strictly: what is said twice, cannot be said, or is nested like a trap is refused.

Numbers with a point become decimals, so that 0.1 stays 0.1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

from engine.api.problems import VersionMissing, WrongMediaType
from engine.errors import BadRequest, Complaint, Invalid
from engine.serving import Ask

JSON = frozenset({"application/json", "application/merge-patch+json"})
DEEPEST = 8
MOST_KEYS = 1000
LARGEST_VERSION = 2**31


def json_object(ask: Ask) -> dict[str, Any]:
    """The object in the body. Raises WrongMediaType, BadRequest."""
    said = ask.request.headers.get("content-type", "")
    if said.partition(";")[0].strip().lower() not in JSON:
        raise WrongMediaType("Send the body as JSON, with Content-Type: application/json.")
    found = _parsed(ask.body)
    if not isinstance(found, dict):
        raise BadRequest(f"The body must be a JSON object, {{...}}; it is {_kind(found)}.")
    _check_depth(found, 1)
    return found


def _parsed(body: bytes) -> Any:
    try:
        return _read(body.decode("utf-8"))
    except UnicodeDecodeError as wrong:
        raise BadRequest(f"The body is not in UTF-8 (byte {wrong.start}).") from None
    except json.JSONDecodeError as wrong:
        raise BadRequest(f"The body is not JSON: {wrong.msg}, line {wrong.lineno}, column {wrong.colno}.") from None
    except RecursionError:
        raise BadRequest("The body is nested too deeply.") from None
    except ValueError:  # a number of thousands of digits
        raise BadRequest("The body holds a number that is too long.") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadRequest(f'The body says "{_whole(twice[:100])}" twice. Say each name once.')
    if len(found) > MOST_KEYS:
        raise BadRequest(f"The body has an object of more than {MOST_KEYS:,} names.")
    return found


def _no_number(word: str) -> NoReturn:
    raise BadRequest(f"{word} is not a number that JSON knows.")


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:  # an exponent of twenty digits
        raise BadRequest("The body holds a number that is too long.") from None


_read = json.JSONDecoder(object_pairs_hook=_once, parse_float=_number, parse_constant=_no_number).decode


def _check_depth(value: Any, depth: int) -> None:
    """Also that every text is whole: half a character of a pair cannot be stored, nor told in an answer."""
    if isinstance(value, str):
        if not value.isascii() and value != _whole(value):
            raise BadRequest("The body holds half a character (a lone surrogate). Give it as UTF-8.")
    elif isinstance(value, (dict, list)):
        if depth > DEEPEST:
            raise BadRequest(f"The body is nested more than {DEEPEST} deep.")
        for item in [*value, *value.values()] if isinstance(value, dict) else value:
            _check_depth(item, depth + 1)


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _kind(value: Any) -> str:
    names = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


# ---- what a body says beside values


def take_version(ask: Ask, given: dict[str, Any]) -> int:
    """The version that a change starts from, out of the body or If-Match. Raises VersionMissing, Invalid, BadRequest."""
    matched = _matched(ask.request.headers.get("if-match"))
    if "version" not in given:
        if matched is None:
            raise VersionMissing('Say which version you change: "version" in the body, or If-Match with the ETag.')
        return matched
    version = given.pop("version")
    if type(version) is not int or not 0 < version < LARGEST_VERSION:
        raise Invalid([Complaint("version", "The version is a whole number, as it was read with the record.")])
    if matched is not None and matched != version:
        raise BadRequest("If-Match and the body's version differ. Send one of them.")
    return version


def _matched(header: str | None) -> int | None:
    if header is None:
        return None
    text = header.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest('If-Match must be the record\'s ETag, for example "3".')
    return int(text)


def only(given: Mapping[str, Any], *names: str) -> None:
    """Raises Invalid with a complaint for every other name in the body."""
    unknown = [Complaint(name[:100], f'"{name[:100]}" is not asked for here.') for name in given if name not in names]
    if unknown:
        raise Invalid(unknown)


def object_in(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object under a name; empty when it is left out. Raises Invalid."""
    found = given.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Invalid([Complaint(name, f'"{name}" must be an object of fields and values; it is {_kind(found)}.')])
    return found


def text_in(given: Mapping[str, Any], name: str) -> str:
    found = given.get(name)
    if not isinstance(found, str) or not found:
        raise Invalid([Complaint(name, f'"{name}" is missing: it must be a text.')])
    return found
