"""translations/LANGUAGE.yaml: the set's own words in other languages, in the shape of the files that say them.

A word is told by the highest layer that speaks of the same thing: where a set gives a field of the set beneath another
label, that set's translation of the former label counts no more. What a lower layer translates and a higher one has taken
away is passed over; what the set itself translates must be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.blueprint import Blueprint
from engine.blueprint.templates import Template
from engine.blueprint.translated import FIELD, WHOLE, Kind, Part, choices_of, has_part, pieces_of, texts_of
from engine.compiler.draft import Draft
from engine.compiler.node import Node
from engine.compiler.notifications import WORDS
from engine.compiler.sentences import unknown_key, wrong_value
from engine.compiler.spot import Spot
from engine.compiler.templates import read_template

FOLDER = "translations"
TEMPLATES = frozenset({"subject", "text", "script"})
LONGEST = 2000  # characters


def read_translations(draft: Draft, blueprint: Blueprint) -> dict[str, Mapping[str, Any]]:
    """By language: the words that count. Every problem of the files is told."""
    found: dict[str, Mapping[str, Any]] = {}
    for language, spot in draft.section(FOLDER).items():
        found[language] = _Reading(draft, blueprint).whole(spot)
    _check_offered(draft, found)
    return found


def missing(blueprint: Blueprint, words: Mapping[str, Any]) -> list[tuple[tuple[str, ...], str]]:
    """The paths of what has no word yet, with what the set itself says there."""
    return [(path, said) for path, said in texts_of(blueprint) if not _has(words, path)]


def _has(words: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    inner: Any = words
    for step in path:
        inner = inner.get(step) if isinstance(inner, Mapping) else None
    return inner is not None


def _check_offered(draft: Draft, found: Mapping[str, Any]) -> None:
    """A language that the set offers has words; a file of the set itself is for a language that it offers."""
    manifest = draft.manifest
    at = draft.section("manifest").get("languages")
    for item in at.each() if at is not None else ():
        if item.word and item.word not in found and item.word != manifest.language and draft.can_judge(FOLDER):
            message = f"There is no {FOLDER}/{item.word}.yaml, so nothing is said in this language."
            draft.tell(item, "no-effect", message, f"Make one with `crm translate {item.word}`, or take the language out.")
    top = draft.merged.layers[-1].shown(f"{FOLDER}/")
    for language, spot in draft.section(FOLDER).items():
        if spot.node.file.startswith(top) and language not in manifest.languages:
            message = f"{language} is not among the languages of this set, so nobody can read this."
            hint = f"Write `languages: [{', '.join([*manifest.languages, language])}]` in crm.yaml."
            draft.tell(spot, "no-effect", message, hint)


@dataclass(frozen=True)
class _Reading:
    draft: Draft
    blueprint: Blueprint

    def whole(self, spot: Spot) -> dict[str, Any]:
        return self._piece(WHOLE, self.blueprint, spot, (), None) if self._is_map(spot) else {}

    def _piece(self, kind: Kind, piece: Any, spot: Spot, path: tuple[str, ...], about: str | None) -> dict[str, Any]:
        """`path`: where the piece itself is written; `about`: the entity whose fields its texts may name."""
        found: dict[str, Any] = {}
        allowed = self._keys(kind, piece)
        for key, at in spot.items():
            part = kind.parts.get(key)
            if key not in allowed:
                self.draft.problems.add(unknown_key(at.key_source, at.path, key, allowed))
            elif key in kind.texts:
                self._text(found, piece, key, at, (*path, key), about)
            elif key == "choices" and kind is FIELD:
                found[key] = self._plain(at, {choice.value: choice.label for choice in choices_of(piece)})
            elif part is not None and self._is_map(at):
                found[key] = self._part(piece, key, part, at, (*path, key), about)
        return found

    def _keys(self, kind: Kind, piece: Any) -> list[str]:
        """A text that the set does not say has nothing to be translated, but one may be added: a help, a shorter plural."""
        texts = [name for name in kind.texts if hasattr(piece, name) and (name not in TEMPLATES or getattr(piece, name))]
        parts = [key for key, part in kind.parts.items() if has_part(piece, part)]
        return [*texts, *parts, *(["choices"] if kind is FIELD and choices_of(piece) else [])]

    def _text(
        self, found: dict[str, Any], piece: Any, key: str, at: Spot, path: tuple[str, ...], about: str | None
    ) -> None:
        word = at.word
        if at.node.value is None:  # not filled in yet
            return
        if word is None or len(word) > (LONGEST if key not in TEMPLATES else 20_000):
            hint = f"At most {LONGEST:,} characters."
            self.draft.problems.add(wrong_value(at.source, at.path, at.node.value, "a text", hint))
        elif word and not self._is_outdated(at.node, path):
            found[key] = self._template(piece, key, at, about) if key in TEMPLATES else word

    def _template(self, piece: Any, key: str, at: Spot, about: str | None) -> Template:
        """It may use the fields, what texts of its kind may use, and whatever the text uses that it stands for."""
        links = tuple(f"link_{name}" for name in getattr(piece, "offers", ()))
        told = WORDS if hasattr(piece, "to") else ()
        entity = getattr(piece, "entity", None) or about
        return read_template(self.draft, entity, at, (*told, *links, *sorted(getattr(piece, key).fields)))

    def _part(
        self, piece: Any, key: str, part: Part, spot: Spot, path: tuple[str, ...], about: str | None
    ) -> dict[str, Any]:
        if part.one:
            return self._piece(part.kind, getattr(piece, part.attribute), spot, path, about)
        pieces = pieces_of(piece, key, part)
        if part.plain:
            return self._plain(spot, {name: getattr(one, part.plain) for name, one in pieces.items()})
        found = {}
        for name, at in spot.items():
            if name not in pieces:
                self._unknown(at, name, path, pieces)
            elif self._is_map(at):
                entity = name if key == "entities" else getattr(pieces[name], "entity", None) or about
                found[name] = self._piece(part.kind, pieces[name], at, (*path, name), entity)
        return found

    def _plain(self, spot: Spot, known: Mapping[str, str]) -> dict[str, str]:
        """A word for a word."""
        found = {}
        for name, at in spot.items() if self._is_map(spot) else ():
            if name not in known:
                self._unknown(at, name, spot.path, known)
            elif at.node.value is None:
                continue
            elif at.word is None or len(at.word) > LONGEST:
                self.draft.problems.add(wrong_value(at.source, at.path, at.node.value, "a text"))
            elif at.word:
                found[name] = at.word
        return found

    def _unknown(self, at: Spot, name: str, path: tuple[str | int, ...], known: Iterable[str]) -> None:
        """What a lower layer says of what a higher one has removed is no mistake."""
        if self._rank(at.node) == len(self.draft.merged.layers) - 1:
            self.draft.unknown(at, name, f"in the set's {path[-1]}", known, at_key=True)

    def _is_map(self, spot: Spot) -> bool:
        if not spot.node.is_map and spot.node.value is not None:
            problem = wrong_value(spot.source, spot.path, spot.node.value, "a map", "Write keys beneath it.")
            self.draft.problems.add(problem)
        return spot.node.is_map

    def _is_outdated(self, node: Node, path: tuple[str, ...]) -> bool:
        said = self.draft.merged.root.at(path)
        return said is not None and self._rank(said) > self._rank(node)

    def _rank(self, node: Node) -> int:
        """How high the layer lies in which it was written."""
        layers = self.draft.merged.layers
        fitting = [(len(layer.shown("")), n) for n, layer in enumerate(layers) if node.file.startswith(layer.shown(""))]
        return max(fitting, default=(0, 0))[1]


__all__ = ["FOLDER", "missing", "read_translations"]
