"""A parser's complaint in plain words.

The parser tells where it gave up and what it was reading; what the author did is seen in the
lines around. Each question below looks for one common slip; the first that knows it answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import yaml

from engine.blueprint.source import Source
from engine.compiler.problems import Problem, problem_at

IN_QUOTES = "Put the text in quotes."
TEMPLATE = re.compile(r"(?:[:,\[-] +|\[|^\s*)(\{\{)")
KEY = re.compile(r"\s*(?:- +)*[^\s:#'\"\[{][^:#'\"\[{]*:(?=\s|$)")
KEY_WITHOUT_SPACE = re.compile(r"\s*(?:- +)*[A-Za-z_][\w -]*:(?=[^\s:/])")
DASH_WITHOUT_SPACE = re.compile(r"\s*-(?=[^\s-])")
VALUE_OPENS_QUOTE = re.compile(r"""(?:[:,\[{-]\s+|^\s*|[\[{])(['"])""")


@dataclass(frozen=True)
class Fault:
    """Positions count from 0 here, as the parser's do."""

    lines: list[str]
    problem: str
    context: str
    row: int
    column: int
    opened_row: int
    opened_column: int

    @property
    def line(self) -> str:
        return self.lines[self.row]

    @property
    def here(self) -> str:
        return self.line[self.column : self.column + 1]

    @property
    def opener(self) -> str:
        return self.lines[self.opened_row][self.opened_column : self.opened_column + 1]

    @property
    def at_line_start(self) -> bool:
        return not self.line[: self.column].strip()

    @property
    def at_end(self) -> bool:
        return not any(line.strip() for line in (self.line[self.column :], *self.lines[self.row + 1 :]))

    def row_above(self) -> int | None:
        rows = range(self.row - 1, -1, -1)
        return next((r for r in rows if self.lines[r].strip() and self.lines[r].lstrip()[0] != "#"), None)


Answer = tuple[int, int, str, str]


def explain(text: str, error: yaml.YAMLError, name: str) -> Problem:
    """The syntax problem behind a parser's error, at the place where the author would mend it."""
    fault = _fault(text, error)
    row, column, message, hint = next(filter(None, (ask(fault) for ask in QUESTIONS)))
    return problem_at(Source(name, row + 1, column + 1), "syntax", message, hint)


def _fault(text: str, error: yaml.YAMLError) -> Fault:
    lines = [*text.splitlines(), ""]
    mark = getattr(error, "problem_mark", None)
    row, column = _within(lines, mark) if mark else (0, 0)
    opened = getattr(error, "context_mark", None)
    opened_row, opened_column = _within(lines, opened) if opened else (row, column)
    problem = getattr(error, "problem", None) or "it is not YAML"
    context = getattr(error, "context", None) or ""
    return Fault(lines, problem, context, row, column, opened_row, opened_column)


def _within(lines: list[str], mark: yaml.Mark) -> tuple[int, int]:
    return min(mark.line, len(lines) - 1), mark.column


def _open_quote(fault: Fault) -> Answer | None:
    if "quoted scalar" not in fault.context or "escape" in fault.problem:
        return None
    return _unclosed(fault.opened_row, fault.opened_column, fault.opener)


def _unclosed(row: int, column: int, quote: str) -> Answer:
    return row, column, "The quote that opens here is never closed.", f"End the text with {quote}."


def _escape(fault: Fault) -> Answer | None:
    if "escape" not in fault.problem:
        return None
    message = "A backslash has a special meaning inside double quotes."
    return fault.row, fault.column, message, "Use single quotes, or write it twice."


def _special_beginning(fault: Fault) -> Answer | None:
    if "cannot start any token" in fault.problem or (fault.here == "," and "node" in fault.context):
        return fault.row, fault.column, f'A value cannot begin with "{fault.here}".', IN_QUOTES
    if re.search("scanning an? (alias|anchor|tag|directive)", fault.context):
        message = f'A value cannot begin with "{fault.opener}".'
        return fault.opened_row, fault.opened_column, message, IN_QUOTES
    return None


def _folded_text(fault: Fault) -> Answer | None:
    if "block scalar" not in fault.context:
        return None
    return (
        fault.row,
        fault.column,
        f'Nothing may follow "{fault.opener}" on its line.',
        ("Begin the text on the next line, or put it in quotes."),
    )


def _bare_template(fault: Fault) -> Answer | None:
    found = TEMPLATE.search(fault.line, 0, fault.column + 2)
    return (fault.row, found.start(1), *bare_template()) if found else None


def bare_template() -> tuple[str, str]:
    return "A value that begins with {{ needs quotes.", 'Write "{{ ... }}".'


def _after_quote(fault: Fault) -> Answer | None:
    """`'Don't know'`, or a quote that was left open and swallowed lines up to the next one."""
    before = fault.line[: fault.column].rstrip()
    quote = before[-1:]
    if quote not in ("'", '"') or fault.at_line_start or fault.here in set(",:]}"):
        return None
    if before.count(quote) % 2:
        return _swallowed(fault, quote)
    hint = (
        "Inside '...' write an apostrophe twice, or use double quotes."
        if quote == "'"
        else ("Put the whole text in quotes.")
    )
    return fault.row, fault.column, "There is text after the closing quote.", hint


def _swallowed(fault: Fault, quote: str) -> Answer | None:
    for row in range(fault.row - 1, -1, -1):
        found = VALUE_OPENS_QUOTE.search(fault.lines[row])
        if found and found[1] == quote and fault.lines[row].count(quote) % 2:
            return _unclosed(row, found.start(1), quote)
    return None


def _flow(fault: Fault) -> Answer | None:
    if "flow" not in fault.context or fault.opener not in ("[", "{"):
        return None
    closer = "]" if fault.opener == "[" else "}"
    if fault.at_end or _is_new_entry(fault):
        message = f'The "{fault.opener}" that opens here is never closed.'
        return fault.opened_row, fault.opened_column, message, f'Add "{closer}".'
    if fault.here in ("]", "}"):
        message = (
            f'"{fault.here}" stands where the "{fault.opener}" of line {fault.opened_row + 1} is still open.'
        )
        return fault.row, fault.column, message, f'Write "{closer}" first.'
    return (
        fault.row,
        fault.column,
        "A comma is missing before this place.",
        ("Separate with commas; a text that holds a colon or a comma needs quotes."),
    )


def _is_new_entry(fault: Fault) -> bool:
    return fault.row > fault.opened_row and bool(
        (KEY.match(fault.line) or fault.line.lstrip().startswith("- "))
        and _indent(fault.line) <= _indent(fault.lines[fault.opened_row])
    )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _stray_closer(fault: Fault) -> Answer | None:
    if fault.here not in ("]", "}"):
        return None
    message = f'"{fault.here}" closes nothing that was opened.'
    return fault.row, fault.column, message, "Remove it, or put the text in quotes."


def _after_closer(fault: Fault) -> Answer | None:
    before = fault.line[: fault.column].rstrip()
    if fault.at_line_start or before[-1:] not in ("]", "}"):
        return None
    return (
        fault.row,
        fault.column,
        f'There is text after the closing "{before[-1]}".',
        ("Remove it, or put the whole text in quotes."),
    )


def _no_colon(fault: Fault) -> Answer | None:
    return _missing_in(fault, fault.opened_row) if "simple key" in fault.context else None


def _missing_in(fault: Fault, row: int) -> Answer:
    return missing_space(fault.lines[row], row) or (
        row, _indent(fault.lines[row]), "This line has no colon.", 'Write "key: value".'
    )  # fmt: skip


def missing_space(line: str, row: int) -> Answer | None:
    """`label:Lead` and `-item`; also asked about values that the parser took for text."""
    if found := KEY_WITHOUT_SPACE.match(line):
        return row, found.end() - 1, "A space is missing after the colon.", 'Write "key: value".'
    if found := DASH_WITHOUT_SPACE.match(line):
        return row, found.end() - 1, "A space is missing after the dash.", 'Write "- item".'
    return None


def _second_colon(fault: Fault) -> Answer | None:
    if "mapping values" not in fault.problem or not KEY.match(fault.line[: fault.column]):
        return None
    return fault.row, fault.column, "A colon inside a text makes it look like a key.", IN_QUOTES


def _too_deep(fault: Fault) -> Answer | None:
    above = fault.row_above()
    if "mapping values" not in fault.problem or above is None:
        return None
    line = fault.lines[above]
    if missing_space(line, above) or not (KEY.match(line) or line.lstrip().startswith("- ")):
        return _missing_in(fault, above)
    message = f"This line stands deeper than line {above + 1}, which already has its value."
    return fault.row, _indent(fault.line), message, f"Begin it in column {_indent(line) + 1}."


def _list_after_key(fault: Fault) -> Answer | None:
    if "sequence entries are not allowed" not in fault.problem:
        return None
    return (
        fault.row,
        fault.column,
        "A list's dash cannot stand on the line of its key.",
        ("Write [a, b], or each item on its own line."),
    )


def _mixed(fault: Fault) -> Answer | None:
    if "block" not in fault.context or not fault.at_line_start:
        return None
    if fault.here == ":":
        return fault.row, fault.column, "No key stands before the colon.", 'Write "key: value".'
    if fault.column != fault.opened_column:
        return None
    if fault.here == "-":
        message = "A list's item stands among keys."
        return fault.row, fault.column, message, "Put the list beneath a key of its own."
    message = "A key stands among the items of a list."
    return fault.row, fault.column, message, 'Begin it with "- " or move it out.'


def _indentation(fault: Fault) -> Answer | None:
    if "block" not in fault.context or not fault.at_line_start or fault.at_end:
        return None
    columns = " or ".join(str(column + 1) for column in _columns_above(fault))
    message = f"This line begins in column {fault.column + 1}, which fits no line above."
    return fault.row, fault.column, message, f"Begin it in column {columns}."


def _columns_above(fault: Fault) -> list[int]:
    """The indents that are still open at the fault: each smaller than those beneath it."""
    columns: list[int] = []
    for line in reversed(fault.lines[: fault.row]):
        if line.strip() and line.lstrip()[0] != "#" and (not columns or _indent(line) < columns[0]):
            columns.insert(0, _indent(line))
    return columns[-3:]


def _otherwise(fault: Fault) -> Answer:
    return fault.row, fault.column, f"This cannot be understood: {fault.problem}.", ""


QUESTIONS: tuple[Callable[[Fault], Answer | None], ...] = (
    _open_quote,
    _escape,
    _special_beginning,
    _folded_text,
    _bare_template,
    _after_quote,
    _flow,
    _stray_closer,
    _after_closer,
    _no_colon,
    _second_colon,
    _too_deep,
    _list_after_key,
    _mixed,
    _indentation,
    _otherwise,
)
