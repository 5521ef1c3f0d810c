"""Faults planted into a set's own files, one at a time, each with what must be told about it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.compiler.node import Node
from engine.compiler.problems import Problems
from engine.compiler.reader import read_text
from engine.compiler.schemas import FILES, schema_for

# Keys beneath which scalars, or a list's items, name something that is defined elsewhere or stands in a fixed list.
NAMES_ONE = {
    *("entity", "field", "of", "through", "to", "starts_at", "reports_to", "take", "type", "resets", "result", "color"),
    *("ends", "on", "chart", "link", "keep_in", "key", "match", "measure", "role", "sum", "average"),
    *("read", "create", "update", "delete", "assign"),
}
NAMES_MANY = {
    *("fields", "columns", "sort", "filters", "from", "asks", "requires", "allows", "roles", "into", "transitions"),
    *("reports", "group_by", "to", "hides", "locks", "in", "not_in", "is", "is_not", "copy", "gone", "measures"),
}
# The sections of what happens by itself, and what names something within them.
BY_ITSELF = {"notifications", "channels", "rules", "assignments", "duplicates", "client", "checks", "capture"}
NAMES_BY_ITSELF = {
    *("assign", "reassign", "overflow", "notify", "call", "transition", "skill", "outcome", "how", "only_in", "if_missed"),
    *("kind", "after", "before", "by", "through", "offers", "in_stage", "match", "email", "phone", "name", "starts"),
    *("length", "every", "day", "digest", "written", "refuses", "with", "from"),
}
ASK_OR_FILL = ("when", "when_before", "counts", "while", "set", "create", "must", "columns", "fields", "refuses")
SENT = {"headers", "query", "form", "json", "secrets_from"}
FREE = {"choices", "words", "brand", "empty", "demo", "label", "plural", "help", "section", "refusal", "was"}
MADE_HERE = {
    *("fields", "stages", "transitions", "tiles", "measures", "columns", "make", "copy", "set", "choices", "rights"),
    *("hides", "locks", "gone", "when"),
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Place:
    """A key or a scalar of a file: what it says and where."""

    path: tuple[str | int, ...]
    line: int
    column: int
    text: str
    node: Node


@dataclass(frozen=True)
class Mutant:
    """`line` is where the fault is planted, `word` what was right there (None: no word can be suggested)."""

    kind: str
    file: str
    line: int
    word: str | None
    text: str
    planted: str
    lines: tuple[int, ...] = ()  # further lines at which telling it is right


class Planter:
    """`beneath` is the merged root of the set that this one extends."""

    def __init__(self, folder: Path, seed: int, beneath: Node | None = None) -> None:
        self.beneath = beneath
        self.random = random.Random(seed)
        self.texts = {str(p.relative_to(folder)): p.read_text() for p in sorted(_files_of(folder))}
        self.roots = {name: _read(text, name) for name, text in self.texts.items()}
        self.words = {place.text for name in self.texts for place in _places(self.roots[name])} | grammar()

    def mutants(self, kind: str, count: int) -> list[Mutant]:
        every = [(file, place) for file in self.texts for place in getattr(self, f"_{kind}s")(self.roots[file])]
        chosen = self.random.sample(every, min(count, len(every)))
        made = [getattr(self, f"_plant_{kind}")(file, place) for file, place in chosen]
        return [mutant for mutant in made if mutant is not None]

    # what happens by itself

    def _by_itself_keys(self, root: Node) -> Iterator[Place]:
        for place in self._keys(root):
            if _is_by_itself(place):
                yield place

    def _by_itself_types(self, root: Node) -> Iterator[Place]:
        for place in self._types(root):
            if _is_by_itself(place):
                yield place

    def _by_itself_names(self, root: Node) -> Iterator[Place]:
        for place in _scalars(root):
            keys = [step for step in place.path if isinstance(step, str)]
            named = keys[-1] in NAMES_BY_ITSELF | NAMES_ONE | NAMES_MANY or place.path[-2:-1] == ("then",)
            if _is_by_itself(place) and named and place.node.is_text and _is_word(place, keys):
                yield place

    def _by_itself_fields(self, root: Node) -> Iterator[Place]:
        """Fields in conditions, in what is set, and in what a capture fills."""
        for place in _keys(root):
            parent = next((step for step in reversed(place.path[:-1]) if isinstance(step, str)), "")
            refers = parent in ASK_OR_FILL and "channels" not in place.path
            if refers and _is_by_itself(place) and place.text not in grammar():
                yield place

    def _plant_by_itself_key(self, file: str, place: Place) -> Mutant | None:
        return self._misspelt("key", file, place)

    def _plant_by_itself_type(self, file: str, place: Place) -> Mutant | None:
        return self._plant_type(file, place)

    def _plant_by_itself_name(self, file: str, place: Place) -> Mutant | None:
        return self._misspelt("name", file, place)

    def _plant_by_itself_field(self, file: str, place: Place) -> Mutant | None:
        return self._misspelt("field", file, place)

    # keys

    def _keys(self, root: Node) -> Iterator[Place]:
        """Keys of the grammar, and keys that name what is defined elsewhere."""
        for place in _keys(root):
            if place.text in grammar() and not _is_free(place.path) and not _defines(place.path):
                yield place

    def _plant_key(self, file: str, place: Place) -> Mutant | None:
        return self._misspelt("key", file, place)

    # names

    def _names(self, root: Node) -> Iterator[Place]:
        for place in _scalars(root):
            keys = [step for step in place.path if isinstance(step, str)]
            if _is_free(place.path) or not place.node.is_text or place.text == "removed" or "imports" in place.path:
                continue
            one = keys[-1] in NAMES_ONE and keys[-1] not in ("title",) and not isinstance(place.path[-1], int)
            many = isinstance(place.path[-1], int) and keys[-1] in NAMES_MANY
            within = len(keys) > 1 and keys[-2] in ("hides", "locks", "copy", "gone")
            if (one or many or within) and not (keys[-1] == "from" and keys[0] not in ("workflows",)):
                yield place

    def _plant_name(self, file: str, place: Place) -> Mutant | None:
        return self._misspelt("name", file, place)

    # named keys: a field in a condition, an entity among rights, what an overlay changes or removes

    def _named_keys(self, root: Node) -> Iterator[Place]:
        for place in _keys(root):
            steps = place.path
            if _is_free(steps) or place.text in grammar():
                continue
            parent = next((s for s in reversed(steps[:-1]) if isinstance(s, str)), "")
            refers = parent in ("rights", "hides", "locks", "copy", "set", "when", "shown_when", "required_when")
            changes = self.beneath is not None and self.beneath.at(steps) is not None and _defines(steps)
            if refers or changes or place.node.value == "removed":
                yield place

    def _plant_named_key(self, file: str, place: Place) -> Mutant | None:
        return self._misspelt("named_key", file, place)

    # types

    def _types(self, root: Node) -> Iterator[Place]:
        for place in _keys(root):
            if place.text in grammar() - {"default", "value", "otherwise", "empty", "choices"} and not _is_free(place.path):
                if not _defines(place.path) and place.node.value != "removed" and place.node.line == place.line:
                    if place.node.is_scalar or self._on_one_line(place.node):
                        yield place

    def _on_one_line(self, node: Node) -> bool:
        text = self.texts[node.file].split("\n")[node.line - 1]
        return text[node.column - 1 : node.column] in "[{" and _end_of_flow(text, node.column - 1) is not None

    def _plant_type(self, file: str, place: Place) -> Mutant | None:
        node = place.node
        lines = self.texts[file].split("\n")
        line = lines[node.line - 1]
        start = node.column - 1
        if node.is_scalar:
            end = start + len(node.text or "") + (0 if node.plain else 2)
            if line[start:end].strip("\"'") != node.text:
                return None
        else:
            end = _end_of_flow(line, start) or len(line)
        other = self.random.choice(_other_kinds(node, place.text))
        lines[node.line - 1] = line[:start] + other + line[end:]
        planted = f"{place.text}: {line[start:end]} -> {other}"
        return Mutant("type", file, node.line, None, "\n".join(lines), planted)

    # stages

    def _stages(self, root: Node) -> Iterator[Place]:
        for place in _keys(root):
            if len(place.path) == 4 and place.path[2] == "stages" and place.node.value != "removed":
                yield place

    def _plant_stage(self, file: str, place: Place) -> Mutant | None:
        lines = self.texts[file].split("\n")
        removed = lines.pop(place.line - 1)
        while _indent(lines[place.line - 1]) > _indent(removed):
            lines.pop(place.line - 1)
        text = "\n".join(lines)
        return Mutant("stage", file, place.line, place.text, text, f"{place.text} gone")

    # slips of the pen

    def _misspelt(self, kind: str, file: str, place: Place) -> Mutant | None:
        lines = self.texts[file].split("\n")
        line = lines[place.line - 1]
        start = line.find(place.text, place.column - 1)
        if start < 0 or len(place.text) < 2:
            return None
        for _ in range(20):
            slip = self._slip(place.text)
            if slip not in self.words and slip.strip() == slip and not slip.startswith("-"):
                lines[place.line - 1] = line[:start] + slip + line[start + len(place.text) :]
                return Mutant(kind, file, place.line, _meant(place.text, slip), "\n".join(lines), f"{place.text} -> {slip}")
        return None

    def _slip(self, word: str) -> str:
        at = self.random.randrange(len(word))
        letter = self.random.choice(LETTERS)
        slips = [word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :]]
        if at:
            slips.append(word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :])
        return self.random.choice(slips)


@cache
def grammar() -> frozenset[str]:
    """Every key that a schema knows by name."""
    found: set[str] = set()
    waiting: list[object] = [schema_for(file) for file in FILES]
    while waiting:
        schema = waiting.pop()
        if isinstance(schema, dict):
            found.update(key for key in schema.get("properties", {}) if isinstance(key, str))
            waiting += schema.values()
        elif isinstance(schema, list):
            waiting += schema
    return frozenset(found) | {"everything"}


def _files_of(folder: Path) -> list[Path]:
    written = [p for file in FILES if (p := folder / f"{file}.yaml").is_file()]
    return [*written, *(folder / "imports").glob("*.yaml"), *(folder / "capture").glob("*.yaml")]


def _is_by_itself(place: Place) -> bool:
    if SENT & {*place.path[:-1]} or place.text in ("text", "subject"):  # what another program is sent, and prose
        return False
    if place.node.file.startswith("capture/"):
        return True
    return len(place.path) > 2 and bool(BY_ITSELF & {*place.path[:3]})


def _is_word(place: Place, keys: list[str]) -> bool:
    """Whether a slip in it can be told: the paths of what other programs send are theirs."""
    if any(letter.isdigit() for letter in place.text) or " " in place.text or place.text == "removed":
        return False
    if place.node.file.startswith("capture/"):
        return (keys[-1] not in ("from", "id", "name", "token", "answer") and "words" not in keys) or keys == ["from"]
    return "words" not in keys and not (keys[-1] in ("from", "is", "is_not", "in", "not_in") and "channels" in keys)


def _read(text: str, name: str) -> Node:
    problems = Problems()
    root = read_text(text, name, problems)
    assert root is not None and not len(problems)
    return root


def _places(root: Node) -> Iterator[Place]:
    yield from _keys(root)
    yield from _scalars(root)


def _walk(node: Node, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Node]]:
    pairs = node.items() if node.is_map else enumerate(node)
    for step, child in pairs:
        yield (*path, step), child
        yield from _walk(child, (*path, step))


def _keys(root: Node) -> Iterator[Place]:
    for path, node in _walk(root):
        if isinstance(path[-1], str):
            yield Place(path, node.key_line, node.key_column, path[-1], node)


def _scalars(root: Node) -> Iterator[Place]:
    for path, node in _walk(root):
        if node.is_scalar and node.text:
            yield Place(path, node.line, node.column, node.text, node)


def _is_free(path: tuple[str | int, ...]) -> bool:
    """Beneath a key whose content nobody can check."""
    return not (FREE | SENT).isdisjoint(path[:-1])


def _defines(path: tuple[str | int, ...]) -> bool:
    """Whether the key is a name that is made here: a field called `text`, a role called `seller`."""
    if len(path) == 2 and path[0] in ("entities", "workflows", "roles", "notifications", "reports", "dashboards"):
        return True
    return len(path) > 1 and path[-2] in MADE_HERE


def _meant(right: str, slip: str) -> str:
    """What must be named: of `lead.phone` the half that is wrong."""
    whole, pieces = right.lstrip("-"), right.split(".")
    wrong = [one for one, other in zip(pieces, slip.split("."), strict=False) if one != other]
    return wrong[0] if len(wrong) == 1 and len(pieces) == slip.count(".") + 1 > 1 else whole


def _other_kinds(node: Node, key: str) -> list[str]:
    if isinstance(node.value, bool):
        return ["yes", "5", "[true]", "{a: b}"]
    if isinstance(node.value, (int, float)):
        return ["many", "[1]", "true", "{a: b}"]
    if node.is_list:
        return ["5", "true", "{zzz: b}"]
    if node.is_map:
        return ["5", "true", "[zzz]"]
    return ["true", "[[zzz]]", "{zzz: b}"]


def _end_of_flow(line: str, start: int) -> int | None:
    depth, quote = 0, ""
    for at in range(start, len(line)):
        letter = line[at]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "[{":
            depth += 1
        elif letter in "]}":
            depth -= 1
            if depth == 0:
                return at + 1
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip()) if line.strip() else -1
