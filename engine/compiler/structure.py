"""Whether the merged set has the right shape: the right keys, and values of the right kind beneath them.

1. jsonschema (`validators`) is asked what is wrong with the plain data of each section. Each error's path leads to the
   node that knows its place, and its keyword to a sentence (`complaints`).
2. A misspelt key is told once and then read as the one that was meant: it is renamed, and the section is asked again.
   So what stands beneath it is checked, and what follows from the slip is told neither here nor in later rooms.
3. What a layer says under a misspelt name of its own looks like something new and incomplete: then the name is told,
   not what it lacks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.compiler.complaints import complaints, misspelt, single, unknown
from engine.compiler.node import Node
from engine.compiler.overlay import MergedSet
from engine.compiler.problems import Problem, Problems, problem_at
from engine.compiler.sentences import quoted
from engine.compiler.suggest import is_slip, nearest
from engine.compiler.validators import BY_FILE, SECTIONS, validator_for

if TYPE_CHECKING:
    from jsonschema import ValidationError

INCOMPLETE = ("required", "minProperties")
Path = tuple[str | int, ...]


def structure_problems(merged: MergedSet) -> tuple[Problem, ...]:
    """Every unknown and missing key, and every value of a wrong kind, in the whole set."""
    return check_structure(merged)[0]


def check_structure(merged: MergedSet) -> tuple[tuple[Problem, ...], MergedSet]:
    """The problems, and the set with misspelt keys under the names that were probably meant."""
    checking = _Checking(merged)
    for section in SECTIONS:
        files = [(section, name) for name in merged.section(section).value]  # of a folder
        for part in files if section in BY_FILE else [(section,)]:
            checking.check(part, complete=section not in merged.unreadable)
    return checking.problems.sorted(), replace(merged, root=checking.root) if checking.spelt else merged


def check_part(merged: MergedSet, part: Path) -> tuple[tuple[Problem, ...], MergedSet]:
    """The same for one file that lies beside the set: its scenarios."""
    checking = _Checking(merged)
    checking.check(part, complete=True)
    return checking.problems.sorted(), replace(merged, root=checking.root)


@dataclass(frozen=True)
class _Found:
    error: ValidationError
    node: Node
    meant: Path  # where it stands once slips are put right
    path: Path  # where it stands


class _Checking:
    def __init__(self, merged: MergedSet) -> None:
        self.merged = merged
        self.problems = Problems()
        self.root = merged.root  # with the keys that were meant
        self.spelt: dict[Path, str] = {}  # how a key that was renamed is written
        self.names = _Names(merged)

    def check(self, part: Path, complete: bool) -> None:
        """`complete` is False where a file could not be read: what it would have said is not missing."""
        found = self._errors(part)
        while slips := [(one, slip) for one in found for slip in misspelt(one.error, one.node).items()]:
            for one, (key, meant) in slips:
                self._put_right(one, key, meant)
            found = self._errors(part)
        skipped = () if complete else ("required", "x-near")
        self._tell([one for one in found if one.error.validator not in skipped], len(part))

    def _put_right(self, one: _Found, key: str, meant: str) -> None:
        self.problems.add(unknown(one.error, one.node, one.path, key))
        self.root = _renamed(self.root, (*one.meant, key), meant)
        self.spelt[(*one.meant, meant)] = key

    def _errors(self, part: Path) -> list[_Found]:
        node = self.root.at(part)
        assert node is not None
        found = single(validator_for(str(part[0])).iter_errors(node.data()))
        return [self._found(error, (*part, *error.absolute_path)) for error in found]

    def _found(self, error: ValidationError, meant: Path) -> _Found:
        written = tuple(self.spelt.get(meant[: n + 1], step) for n, step in enumerate(meant))
        return _Found(error, self.root.deepest(meant), meant, written)

    def _tell(self, found: list[_Found], above: int) -> None:
        misnamed = {one.path: self._misnamed(one, above) for one in found if one.error.validator in INCOMPLETE}
        self.problems.extend(told for told in misnamed.values() if told)
        for one in found:
            if one.error.validator == "x-near":
                self._tell_alike(one, {told.path for told in misnamed.values() if told})
            elif one.error.validator not in INCOMPLETE or not misnamed[one.path]:
                self.problems.extend(complaints(one.error, one.node, one.path))

    def _tell_alike(self, one: _Found, misnamed: set[str]) -> None:
        told = self.names.alike(one.error.validator_value, one.node, one.path)
        if told and told.path not in misnamed:
            self.problems.add(told)

    def _misnamed(self, one: _Found, above: int) -> Problem | None:
        return self.names.misnamed(one.path, [above + length for length in _chosen(one.error)])


def _renamed(node: Node, path: Path, meant: str) -> Node:
    step, *rest = path
    if node.is_list:
        return node.with_value([_renamed(item, tuple(rest), meant) if n == step else item for n, item in enumerate(node)])
    if rest:
        inner = {key: _renamed(child, tuple(rest), meant) if key == step else child for key, child in node.items()}
    else:
        inner = {meant if key == step else key: child for key, child in node.items()}
    return node.with_value(inner)


def _chosen(error: ValidationError) -> Iterator[int]:
    """How long the error's path is at each name that a set chose for itself."""
    length, steps = 0, iter(error.absolute_schema_path)
    for step in steps:
        length += step in ("properties", "additionalProperties", "items")
        if step == "additionalProperties":
            yield length
        elif step in ("properties", "oneOf", "x-cases"):
            next(steps)


class _Names:
    """The names that layers chose, and whether one is another's misspelt."""

    def __init__(self, merged: MergedSet) -> None:
        self.merged = merged
        self.ranks: dict[str, int] = {}

    def misnamed(self, path: Path, lengths: list[int]) -> Problem | None:
        """The topmost new name on the path that is nearly one of the layers beneath."""
        for length in lengths:
            *parents, key = path[:length]
            around = self.merged.root.at(parents)
            node = around.get(str(key)) if around else None
            if around is None or node is None or self.merged.was_beneath(path[:length]):
                continue
            near = nearest(str(key), self._beneath(around, node, tuple(parents)))
            if near:
                message = f"{quoted(key)} is new here, and is not complete."
                return problem_at(node.key_source, "unknown-name", message, f'Did you mean "{near}"?', path[:length])
        return None

    def alike(self, key: str, node: Node, path: Path) -> Problem | None:
        """The new name is nearly one of the layers beneath, and nothing under `key` says how it differs."""
        *parents, name = path
        around = self.merged.root.at(parents)
        if around is None or self.merged.was_beneath(path):
            return None
        for other in self._beneath(around, node, tuple(parents)):
            if other != name and is_slip(str(name), other):
                message = f'{quoted(name)} is new here, and "{other}" is nearly the same name.'
                hint = f'Did you mean "{other}"? If both are wanted, say in {key} how this one differs.'
                return problem_at(node.key_source, "two-meanings", message, hint, path)
        return None

    def _beneath(self, around: Node, node: Node, path: Path) -> list[str]:
        """What lower layers name in the same map, and what the engine itself puts there."""
        rank = self._rank(node.file)
        lower = {key for key, child in around.items() if self._rank(child.file) < rank}
        named = [key for key in around.value if key in lower or self.merged.was_beneath((*path, key))]
        return [*named, "owner"] if path[-1:] == ("fields",) and rank > 1 else named

    def _rank(self, file: str) -> int:
        """How high the layer of a file lies."""
        if file not in self.ranks:
            fitting = [(len(at.shown_as), n) for n, at in enumerate(self.merged.layers) if file.startswith(at.shown(""))]
            self.ranks[file] = max(fitting, default=(0, 0))[1]
        return self.ranks[file]
