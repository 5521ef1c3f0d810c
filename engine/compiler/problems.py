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

# The stable word of each kind of problem, and what it means. The gallery of broken sets holds every one.
CODES = {
    "alias": "A value refers to another one by a star.",
    "already-there": "A list gains what it holds already.",
    "anchor": "A value is marked to be referred to.",
    "bad-name": "A name that cannot be a table, a column or an address.",
    "circle": "Things come back to themselves.",
    "contradiction": "Two places of the set cannot both be meant.",
    "dead-end": "A stage that no transition leaves.",
    "directive": "A line that begins with a per cent sign.",
    "duplicate": "The same thing is named twice.",
    "duplicate-key": "The same key is written twice.",
    "empty": "A list, map or text with nothing in it.",
    "encoding": "The file is not UTF-8.",
    "formula": "A formula that cannot be computed.",
    "key-not-text": "A key that is a number, true, false or nothing.",
    "merge-key": "A map is merged into another by <<.",
    "missing-field": "A required field is filled by nothing.",
    "missing-file": "A folder or its manifest is not there.",
    "missing-key": "A key that must be there is not.",
    "no-effect": "Something that would change nothing.",
    "nobody": "A transition that no role may use.",
    "nothing-to-remove": "What is to be removed is not there.",
    "odd-character": "An invisible or misleading character.",
    "reserved-name": "A name that the engine keeps for itself.",
    "several-documents": "A second document in one file.",
    "syntax": "What is not YAML.",
    "tab": "A tab where spaces are needed.",
    "tag": "A value with an explicit YAML type.",
    "template": "A text with fields that cannot be filled.",
    "too-deep": "Levels within levels, or sets upon sets, beyond what is sensible.",
    "too-large": "A file larger than any set needs.",
    "too-many": "So many problems that reading stopped.",
    "two-meanings": "Two things that nobody could tell apart.",
    "unknown-file": "A file that would be passed over because of its name.",
    "unknown-key": "A key that nothing reads.",
    "unknown-name": "A name that stands for nothing.",
    "unreachable": "A stage to which no transition goes.",
    "unreadable": "A file that cannot be opened.",
    "was": "A former name that cannot be right.",
    "wrong-operator": "A question that the field cannot answer.",
    "wrong-type": "A value of another kind than is asked for.",
    "wrong-value": "A value of the right kind that cannot be used.",
}


def _place(problem: Problem) -> tuple[str, int, int]:
    return problem.file, problem.line, problem.column


def problem_at(source: Source, code: str, message: str, hint: str = "", path: Path = ()) -> Problem:
    return Problem(source.file, source.line, source.column, code, dotted(path), message, hint)


def dotted(path: Path) -> str:
    """`("workflows", "sales", 0)` as `workflows.sales.0`; text stays as it is."""
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
