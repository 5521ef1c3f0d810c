"""Three makers of nearly every problem: an unknown key, an unknown name, a wrong value."""

from __future__ import annotations

from collections.abc import Iterable

from engine.blueprint.source import Source
from engine.compiler.problems import Path, Problem, problem_at
from engine.compiler.suggest import nearest

MOST_TOLD = 12
LONGEST_QUOTE = 60


def unknown_key(source: Source, path: Path, key: str, allowed: Iterable[str]) -> Problem:
    """A key that nothing reads. `source` is the key's own place."""
    hint = did_you_mean(key, allowed) or one_of("Allowed here", allowed)
    return problem_at(source, "unknown-key", f"Unknown key {quoted(key)}.", hint, path)


def unknown_name(source: Source, path: Path, name: object, what: str, known: Iterable[str]) -> Problem:
    """A name that leads nowhere; `what` says what it should be, as in "a stage of lead"."""
    hint = did_you_mean(name, known) or one_of("Known", known)
    return problem_at(source, "unknown-name", f"{quoted(name)} is not {what}.", hint, path)


def wrong_value(
    source: Source, path: Path, found: object, expected: str, hint: str = "", code: str = "wrong-type"
) -> Problem:
    """A value of the wrong kind; `expected` completes "... is not", as in "true or false"."""
    message = f"{quoted(found)} is not {expected}."
    return problem_at(source, code, message, hint or _kinder(found, expected), path)


def missing_key(source: Source, path: Path, key: str, hint: str = "") -> Problem:
    """A needed key that is not there. `source` is the place of the map that lacks it."""
    return problem_at(source, "missing-key", f"{quoted(key)} is missing.", hint, path)


def did_you_mean(word: object, candidates: Iterable[str]) -> str:
    near = nearest(str(word), candidates)
    return f"Did you mean {quoted(near)}?" if near is not None else ""


def one_of(opening: str, names: Iterable[str]) -> str:
    """`Allowed here: a, b, c.`, shortened when there are many, empty when there are none."""
    every = list(dict.fromkeys(names))
    if not every:
        return ""
    rest = f" and {len(every) - MOST_TOLD} more" if len(every) > MOST_TOLD else ""
    return f"{opening}: {', '.join(every[:MOST_TOLD])}{rest}."


def quoted(found: object) -> str:
    """What was found, as it is told in a sentence: texts in quotes, the rest in words, long ones cut."""
    if found is None:
        return "An empty value"
    if isinstance(found, dict):
        return "A map"
    if isinstance(found, (list, tuple)):
        return "A list"
    if isinstance(found, bool):
        return "true" if found else "false"
    return str(found) if isinstance(found, (int, float)) else f'"{_cut(str(found))}"'


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 3] + "..."


YES_AND_NO = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def _kinder(found: object, expected: str) -> str:
    if expected != "true or false":
        return ""
    word = YES_AND_NO.get(str(found).casefold(), str(found).casefold())
    return f"Write {word}." if word in ("true", "false") else "Write true or false."
