"""Texts with holes: parsed, and every name in them found."""

from __future__ import annotations

from collections.abc import Iterable

from engine.blueprint.templates import Template
from engine.compiler.draft import Draft
from engine.compiler.sentences import did_you_mean, one_of
from engine.compiler.spot import Spot
from engine.text import Unclear, parse_template

UNREAD = frozenset({"children", "file", "picture"})


def read_template(draft: Draft, entity: str | None, spot: Spot, words: Iterable[str] = ()) -> Template:
    """The text at `spot` about a record of `entity`, or about none; `words` are names that it may use beside the fields."""
    text = spot.word or ""
    try:
        template = parse_template(text, spot.source)
    except Unclear as problem:
        hint = did_you_mean(problem.word, problem.known) or one_of("Known", problem.known) or problem.hint
        draft.tell(spot, "template", problem.message, hint)
        return Template(text, frozenset(), spot.source)
    known = set(words)
    for name in sorted(template.fields - known):
        if entity is not None:
            _check_name(draft, entity, name, spot, known)
        else:
            draft.unknown(spot, name, "a word of a text that is about no record", known)
    return template


def _check_name(draft: Draft, entity: str, name: str, spot: Spot, words: set[str]) -> None:
    first, _, rest = name.partition(".")
    fields = draft.fields.get(entity, {})
    field = fields.get(first)
    if field is None:
        if draft.is_unknown(entity, first):
            draft.unknown(spot, first, f"a field of {entity}", (*fields, *sorted(words)))
    elif not rest:
        if field.type in UNREAD:
            draft.tell(spot, "template", f"A text cannot hold {name}, a field of type {field.type}.")
    elif field.type not in ("reference", "user", "team"):
        draft.tell(spot, "unknown-name", f'"{first}" is not a reference, so nothing can follow the dot.')
    elif field.options.get("entity"):
        draft.field_named(field.options["entity"], spot, rest)
