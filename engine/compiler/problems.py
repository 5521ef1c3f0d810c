"""Problems of a config set: gathered, sorted, and told as text, JSON or GitHub annotations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.blueprint.source import Source


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, for the person who can put it right.

    `code` is a short stable word, `path` the dotted key (or ""), `message` says what was found and `hint`
    what would be right (or "").
    """

    file: str
    line: int
    column: int
    code: str
    path: str
    message: str
    hint: str = ""

    @property
    def sentence(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class Problems:
    """Gathers problems; the same one told twice is kept once."""

    def __init__(self, already: Iterable[Problem] = ()) -> None:
        self._found: dict[Problem, None] = dict.fromkeys(already)

    def add(self, problem: Problem) -> None:
        self._found[problem] = None

    def extend(self, problems: Iterable[Problem]) -> None:
        self._found.update(dict.fromkeys(problems))

    def tell(self, source: Source, code: str, message: str, hint: str = "", path: Path = ()) -> None:
        """Add a problem that none of the sentence makers fits."""
        self.add(problem_at(source, code, message, hint, path))

    def sorted(self) -> tuple[Problem, ...]:
        """By file, line and column. What could not even be spelled is not also called wrong or unknown."""
        misspelt = {_place(problem) for problem in self._found if problem.code in SPELLING}
        told = (p for p in self._found if p.code in SPELLING or _place(p) not in misspelt)
        return tuple(sorted(told))

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.sorted())

    def __len__(self) -> int:
        return len(self._found)


SPELLING = frozenset(("syntax", "alias", "anchor", "tag", "key-not-text", "odd-character", "too-many"))
Path = str | Iterable[str | int]


def _place(problem: Problem) -> tuple[str, int, int]:
    return problem.file, problem.line, problem.column


def problem_at(source: Source, code: str, message: str, hint: str = "", path: Path = ()) -> Problem:
    return Problem(source.file, source.line, source.column, code, dotted(path), message, hint)


def dotted(path: Path) -> str:
    """`("workflows", "lead", 0)` as `workflows.lead.0`; text stays as it is."""
    return path if isinstance(path, str) else ".".join(map(str, path))


def as_text(problems: Iterable[Problem]) -> str:
    return "\n".join(_text(problem) for problem in sorted(problems))


def _text(problem: Problem) -> str:
    place = f"{problem.file}:{problem.line}:{problem.column}"
    head = f"{place}  {problem.path}" if problem.path else place
    return f"{head}\n    {problem.sentence}"


def as_json(problems: Iterable[Problem]) -> str:
    return json.dumps([_contract(problem) for problem in sorted(problems)], ensure_ascii=False, indent=2)


def _contract(problem: Problem) -> dict[str, str | int]:
    names = ("file", "line", "column", "code", "message", "hint")
    return {name: getattr(problem, name) for name in names}


def as_github(problems: Iterable[Problem]) -> str:
    return "\n".join(_annotation(problem) for problem in sorted(problems))


def _annotation(problem: Problem) -> str:
    properties = {"file": problem.file, "line": problem.line, "col": problem.column, "title": problem.code}
    told = ",".join(f"{name}={_escape_property(str(value))}" for name, value in properties.items())
    return f"::error {told}::{_escape(problem.sentence)}"


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


FORMATS = {"text": as_text, "json": as_json, "github": as_github}
