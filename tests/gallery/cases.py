"""The gallery of broken sets: what is changed in a good set, and the exact text that people then read.

A file in cases/ holds cases of one kind:

    === a stage is misspelt
    workflows.yaml
    - to: WON
    + to: WAN
    >>>
    workflows.yaml:19:13  workflows.lead_sales.transitions.win.to
        "WAN" is not a stage of lead_sales. Did you mean "WON"? ...

Beneath a file's name, `-` lines are looked for (they must stand there once, together) and the `+` lines that follow
take their place; with `+` lines alone, these are added at the end; `|` lines are the whole file. A backslash begins
an escape as in Python. `! latin-1` writes the file in that encoding, `! 40000 times` repeats its `|` lines,
`! away` takes the file away. A name that begins with `client/` is of the set that extends the good one, and then
that one is checked; a line `check FOLDER` names another folder.

`python -m tests.gallery --accept` writes what is told now.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from engine.compiler import check_merged
from engine.compiler.overlay import load_set
from engine.compiler.problems import Problem, as_text

HERE = Path(__file__).parent
GOOD = HERE / "good"


@dataclass
class Change:
    file: str
    old: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    whole: list[str] | None = None
    encoding: str = "utf-8"
    times: int = 1
    away: bool = False


@dataclass
class Case:
    topic: str
    name: str
    written: list[str]
    changes: list[Change]
    expected: str
    check: str = "firm"


def cases() -> list[Case]:
    return [case for file in sorted((HERE / "cases").glob("*.txt")) for case in read_cases(file)]


def read_cases(file: Path) -> list[Case]:
    found = []
    for part in re.split(r"^=== ", file.read_text(), flags=re.MULTILINE)[1:]:
        name, rest = part.split("\n", 1)
        written, _, expected = rest.partition("\n>>>\n")
        case = Case(file.stem, name, written.split("\n"), [], expected.strip("\n"))
        for line in case.written:
            _read_line(case, line)
        found.append(case)
    return found


def _read_line(case: Case, line: str) -> None:
    mark, said = line[:2], re.sub(r"\\(u[0-9a-f]{4}|t|0)", lambda m: f"\\{m[1]}".encode().decode("unicode_escape"), line[2:])
    if mark == "- ":
        if case.changes[-1].new:
            case.changes.append(Change(case.changes[-1].file))
        case.changes[-1].old.append(said)
    elif mark in ("+ ", "+"):
        case.changes[-1].new.append(said)
    elif mark in ("| ", "|"):
        case.changes[-1].whole = [*(case.changes[-1].whole or []), said]
    elif mark == "! ":
        _read_wish(case.changes[-1], said)
    elif line.startswith("check "):
        case.check = line.removeprefix("check ")
    elif line.strip():
        case.changes.append(Change(line.strip()))
        case.check = "client" if line.startswith("client/") else case.check


def _read_wish(change: Change, said: str) -> None:
    if said == "away":
        change.away = True
    elif said.endswith(" times"):
        change.times = int(said.removesuffix(" times"))
    else:
        change.encoding = said


def met(case: Case, folder: Path) -> tuple[Problem, ...]:
    """The problems of the case, written into the empty `folder`."""
    shutil.copytree(GOOD, folder, dirs_exist_ok=True)
    for change in case.changes:
        _apply(change, folder)
    shown = "" if case.check == "firm" else case.check
    return check_merged(load_set(folder / case.check, shown_as=shown))[1]


def told(problems: tuple[Problem, ...]) -> str:
    return as_text(problems)


def _apply(change: Change, folder: Path) -> None:
    first = change.file.split("/")[0]
    path = folder / (change.file if "/" in change.file and first not in ("imports", "capture") else f"firm/{change.file}")
    if change.away:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_changed(change, path), encoding=change.encoding, newline="")


def _changed(change: Change, path: Path) -> str:
    new = "\n".join(change.new)
    if change.whole is not None:
        return ("\n".join(change.whole) + "\n") * change.times
    text = path.read_text() if path.exists() else ""
    if not change.old:
        return f"{text}{new}\n"
    lines, wanted = text.split("\n"), [line.strip() for line in change.old]
    at = [n for n in range(len(lines)) if [line.strip() for line in lines[n : n + len(wanted)]] == wanted]
    if len(at) == 1:
        return "\n".join([*lines[: at[0]], *_indented(lines[at[0]], change), *lines[at[0] + len(wanted) :]])
    old = "\n".join(change.old)
    assert text.count(old) == 1, f"{change.file} holds {text.count(old)} times: {old}"
    return text.replace(old, new)


def _indented(line: str, change: Change) -> list[str]:
    """A whole line is written without its indent in the case, unless both sides spell it out."""
    indent = "" if change.old[0][:1] == " " else line[: len(line) - len(line.lstrip())]
    return [indent + new for new in change.new]


def accept(file: Path, folder: Path) -> int:
    """Writes what is told now; how many cases changed."""
    parts, count = [file.read_text().split("=== ", 1)[0]], 0
    for number, case in enumerate(read_cases(file)):
        now = told(met(case, folder / f"{file.stem}{number}"))
        count += now != case.expected
        written = "\n".join(case.written).rstrip("\n")
        parts.append(f"=== {case.name}\n{written}\n>>>\n{now}\n\n")
    file.write_text("".join(parts).rstrip("\n") + "\n")
    return count
