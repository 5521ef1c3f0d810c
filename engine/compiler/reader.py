"""One YAML file, strictly: plain values with positions, or every problem of its spelling.

1. The bytes are checked (`content`): size, encoding, invisible characters, tabs.
2. The parser's events are made into nodes at once, without its composer: an alias is told where it stands and
   never followed, so a bomb of aliases or merge keys costs no more than its own bytes. Depth and number are capped.
3. Only true and false are booleans, only plain decimals are numbers, only an empty value or null is nothing; all
   else is text as it was written, so that 12:30, 010, on and 2026-01-01 reach us unharmed.
4. When the parser gives up, `faults` tells why in plain words.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from engine.blueprint.source import Source
from engine.compiler.content import LARGEST_FILE, decode, too_large
from engine.compiler.faults import IN_QUOTES, bare_template, explain, missing_space
from engine.compiler.node import Node
from engine.compiler.problems import Problem, Problems, problem_at

DEEPEST = 20
MOST_NODES = 100_000
MOST_PROBLEMS = 50  # in one file; more would hide the first

# The C parser gives the same marks, a dozen times faster; not every platform's wheel has it.
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
WORDS = {"": None, "null": None, "true": True, "false": False}
WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,15}")
# What needs no second look; the words of WORDS do.
KEY_WITHOUT_SPACE = re.compile(r"[A-Za-z_][\w -]*:[{\['\"]")
PLAIN_KEY = re.compile(r"(?!(?:null|true|false)$)[A-Za-z_][\w -]*$").match
CURLY = tuple("“”‘’„")


def read_file(path: Path, name: str, problems: Problems, digest: Any = None) -> Node | None:
    """The root of the file (a map, empty for an empty file), or None when it cannot be read.

    `name` is the file's name for people. What is wrong is added to `problems`; a root may come back all the same,
    so that the checks that follow can tell the rest. `digest` (of hashlib) is fed what was read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        message = f"The file cannot be opened: {error.strerror}."
        problems.tell(Source(name, 1, 1), "unreadable", message)
        return None
    if digest is not None:
        digest.update(f"{path.name} {len(content)} ".encode() + content)
    return read_text(content, name, problems)


def read_text(content: bytes | str, name: str, problems: Problems) -> Node | None:
    """The same from memory: for the editor and for tests."""
    if isinstance(content, str):
        if len(content) > LARGEST_FILE:
            too_large(name, problems)
            return None
        content = content.encode(errors="surrogatepass")
    text = decode(content, name, problems)
    return None if text is None else _Reading(text, name, problems).root()


class _Stop(Exception):
    """The rest of the file is not worth reading."""


class _Reading:
    def __init__(self, text: str, name: str, problems: Problems) -> None:
        self.text = text
        self.name = name
        self.problems = problems
        self.path: list[str | int] = []
        self.lines: list[str] | None = None
        self.doubts: list[tuple[Problem, int]] = []  # with the line in which the doubtful text ends
        self.nodes = 0
        self.told = 0

    def root(self) -> Node | None:
        fault = None
        try:
            loader = Loader(self.text)
            self.next = loader.get_event
            root = self._document()
        except yaml.YAMLError as error:
            root, fault = None, explain(self.text, error, self.name)
        except _Stop:
            root = None
        self._tell_doubts(fault)
        return root

    def _document(self) -> Node | None:
        self.next()
        start = self.next()
        if isinstance(start, yaml.StreamEndEvent):
            return Node({}, self.name, 1, 1)
        if start.version or start.tags:
            self._tell(start, "directive", "A directive (%...) is not allowed here.", "Remove the line.")
        event = self.next()
        root = self._value(event, 1, 0, 0, False)
        self.next()
        self._only_document()
        return self._map_or_nothing(root, event)

    def _only_document(self) -> None:
        another = self.next()
        if not isinstance(another, yaml.StreamEndEvent):
            hint = "Keep one document in a file, without --- between parts."
            self._tell(another, "several-documents", "A second document begins here.", hint)

    def _map_or_nothing(self, root: Node, event: yaml.Event) -> Node | None:
        if root.value is None:
            return Node({}, self.name, 1, 1)
        if root.is_map:
            return root
        found = "a list" if root.is_list else "a text"
        self._tell(event, "wrong-type", f'A file holds keys and values, as in "key: value"; this is {found}.')
        return None

    # Hot: some ten thousand calls a set. Kept as one dispatch.
    def _value(self, event: Any, depth: int, key_line: int, key_column: int, flow: bool) -> Node:
        """The node that begins with `event`."""
        self.nodes += 1
        kind = type(event)
        if depth > DEEPEST or self.nodes > MOST_NODES:
            self._too_much(event, depth)
        if kind is yaml.AliasEvent:
            return self._alias(event, key_line, key_column)
        if event.tag is not None or event.anchor is not None:
            self._marked(event)
        if kind is yaml.ScalarEvent:
            return self._scalar(event, key_line, key_column, flow)
        mark = event.start_mark
        inside = self._map(event, depth) if kind is yaml.MappingStartEvent else self._list(event, depth)
        return Node(inside, self.name, mark.line + 1, mark.column + 1, key_line, key_column)

    def _too_much(self, event: yaml.Event, depth: int) -> None:
        if depth > DEEPEST:
            message = f"This stands more than {DEEPEST} levels deep."
            self._tell(event, "too-deep", message, "Write it flatter.")
        else:
            message = f"The file holds more than {MOST_NODES:,} values."
            self._tell(event, "too-large", message, "Split it.")
        raise _Stop

    def _alias(self, event: Any, key_line: int = 0, key_column: int = 0) -> Node:
        message = f'"*{event.anchor}" is an alias, which is not allowed.'
        self._tell(event, "alias", message, "Write the value out; if it is a text, put it in quotes.")
        mark = event.start_mark
        return Node(None, self.name, mark.line + 1, mark.column + 1, key_line, key_column)

    def _marked(self, event: yaml.Event) -> None:
        if event.anchor is not None:
            message = f'"&{event.anchor}" is an anchor, which is not allowed.'
            self._tell(event, "anchor", message, "Remove it; if it is a text, put it in quotes.")
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            message = f'"{tag}" is a tag, which is not allowed.'
            self._tell(event, "tag", message, "Remove it; if it is a text, put it in quotes.")

    def _scalar(self, event: Any, key_line: int, key_column: int, flow: bool) -> Node:
        text, mark = event.value, event.start_mark
        line, column = mark.line + 1, mark.column + 1
        plain = event.implicit[0]
        value = text
        if plain:
            if text in WORDS:
                value = WORDS[text]
            elif text[0] in "-0123456789":
                value = _number(text)
            if event.end_mark.line >= line or (key_line and line != key_line) or text.startswith(CURLY):
                self._doubt(event, bool(key_line) and not flow)
        return Node(value, self.name, line, column, key_line, key_column, text, plain)

    def _doubt(self, event: Any, block: bool) -> None:
        """What YAML takes for a text, and was probably a slip; told at the end, if no fault came of it."""
        text, mark = event.value, event.start_mark
        alone = block and not self._line(mark.line)[: mark.column].strip()
        if alone and (slip := missing_space(text, mark.line)):
            doubt = (mark.column + slip[1], *slip[2:])
        elif event.end_mark.line > mark.line:
            hint = 'Put it in quotes, or write it beneath "|".' if block else "Is a comma or a colon missing?"
            doubt = (mark.column, "This text goes on in the next line.", hint)
        elif text.startswith(CURLY):
            doubt = (mark.column, f"{text[0]} is not a quote that YAML knows.", "Use straight quotes.")
        else:
            return
        self._note_doubt(event, *doubt)

    def _note_doubt(self, event: Any, column: int, message: str, hint: str) -> None:
        if len(self.doubts) < MOST_PROBLEMS:
            problem = self._problem(event, "syntax", message, hint, column=column)
            self.doubts.append((problem, event.end_mark.line + 1))

    def _tell_doubts(self, fault: Problem | None) -> None:
        """All but those that the fault explains."""
        if fault:
            self.problems.add(fault)
        self.problems.extend(p for p, end in self.doubts if fault is None or end < fault.line)

    def _line(self, row: int) -> str:
        if self.lines is None:
            self.lines = [*self.text.splitlines(), ""]
        return self.lines[row]

    def _list(self, start: Any, depth: int) -> list[Node]:
        items: list[Node] = []
        flow = bool(start.flow_style)
        self.path.append(0)
        while type(event := self.next()) is not yaml.SequenceEndEvent:
            item = self._value(event, depth + 1, 0, 0, flow)
            self.path[-1] += 1  # type: ignore[operator]
            items.append(item)
        self.path.pop()
        return items

    def _map(self, start: Any, depth: int) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        flow = bool(start.flow_style)
        while type(event := self.next()) is not yaml.MappingEndEvent:
            key = self._key(event, depth, entries)
            self.path.append("" if key is None else key)
            mark = event.start_mark
            value = self.next()
            if key == "<<" and type(value) is yaml.AliasEvent:
                self.nodes += 1
            else:
                node = self._value(value, depth + 1, mark.line + 1, mark.column + 1, flow)
                if key is not None and key != "<<" and key not in entries:
                    entries[key] = node
                    if flow and ":" in key and node.text == "":
                        self._no_space_in_flow(event)
            self.path.pop()
        return entries

    def _key(self, event: Any, depth: int, entries: dict[str, Node]) -> str | None:
        """The key's text, or None (and a problem) for what cannot be a key."""
        if type(event) is not yaml.ScalarEvent:
            self._structured_key(event, depth)
            return None
        key: str = event.value
        if event.tag is not None or event.anchor is not None:
            self._marked(event)
        if event.implicit[0] and not PLAIN_KEY(key):
            self._check_plain_key(event, key)
        if key in entries:
            self._duplicate(event, key, entries[key])
        return key

    def _structured_key(self, event: Any, depth: int) -> None:
        if type(event) is yaml.MappingStartEvent and event.flow_style:
            self._note_doubt(event, event.start_mark.column - 1, *bare_template())
        elif type(event) is not yaml.AliasEvent:
            self._tell(event, "key-not-text", "A key must be a text; this is a list or a map.", IN_QUOTES)
        self._quietly(event, depth)

    def _quietly(self, event: Any, depth: int) -> None:
        """Reads past what was already told as a whole."""
        if type(event) is yaml.AliasEvent:
            self._alias(event)
        if type(event) in (yaml.AliasEvent, yaml.ScalarEvent):
            return
        while type(inner := self.next()) not in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
            self.nodes += 1
            if depth > DEEPEST or self.nodes > MOST_NODES:
                self._too_much(inner, depth)
            self._quietly(inner, depth + 1)

    def _check_plain_key(self, event: Any, key: str) -> None:
        if key == "<<":
            self._tell(event, "merge-key", '"<<" merges maps, which is not allowed.', "Write the keys out.")
        elif key in WORDS or type(_number(key)) is not str:
            kind = {"true": "true or false", "false": "true or false"}.get(
                key, "nothing" if key in WORDS else "a number"
            )
            hint = f'Put it in quotes: "{key}".' if key else "Write a key before the colon."
            self._tell(event, "key-not-text", f"A key must be a text; this is {kind}.", hint)
        elif (":" in key and key[-1] in "'\"[{") or ":{" in key or ":[" in key:
            self._tell(event, "syntax", "A space is missing after the colon.", 'Write "key: value".')

    def _duplicate(self, event: Any, key: str, first: Node) -> None:
        if key != "<<":
            message = f'"{key}" is already written in line {first.key_line}.'
            self._tell(event, "duplicate-key", message, "Keep one of the two.", key=key)

    def _no_space_in_flow(self, event: Any) -> None:
        column = event.start_mark.column + event.value.index(":")
        message = "A space is missing after the colon."
        self._tell(event, "syntax", message, 'Write "key: value".', column=column)

    def _tell(self, event: Any, code: str, message: str, hint: str = "", **where: Any) -> None:
        problem = self._problem(event, code, message, hint, **where)
        self.problems.add(problem)
        self.told += 1
        if self.told >= MOST_PROBLEMS:
            message = f"Reading stopped after {MOST_PROBLEMS} problems in this file."
            self.problems.tell(Source(self.name, problem.line, problem.column), "too-many", message)
            raise _Stop

    def _problem(
        self,
        event: Any,
        code: str,
        message: str,
        hint: str,
        column: int | None = None,
        key: str | None = None,
    ) -> Problem:
        mark = event.start_mark
        source = Source(self.name, mark.line + 1, (mark.column if column is None else column) + 1)
        return problem_at(source, code, message, hint, self.path if key is None else (*self.path, key))


def _number(text: str) -> int | float | str:
    if WHOLE.fullmatch(text):
        return int(text)
    return float(text) if DECIMAL.fullmatch(text) else text
