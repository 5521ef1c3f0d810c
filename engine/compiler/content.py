"""The bytes of a YAML file: size, encoding and invisible characters, before any parser meets them."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

from engine.blueprint.source import Source
from engine.compiler.problems import Problems

LARGEST_FILE = 1024 * 1024  # bytes
MOST_ODD_CHARACTERS = 20
SAVE_AS_UTF8 = "Save the file as UTF-8."

# A byte order mark of UTF-32 begins with that of UTF-16, hence the order.
MARKS = (
    (b"\xef\xbb\xbf", "a byte order mark", "Save the file as UTF-8 without a byte order mark (BOM)."),
    (b"\xff\xfe\x00\x00", "UTF-32", SAVE_AS_UTF8),
    (b"\x00\x00\xfe\xff", "UTF-32", SAVE_AS_UTF8),
    (b"\xff\xfe", "UTF-16", SAVE_AS_UTF8),
    (b"\xfe\xff", "UTF-16", SAVE_AS_UTF8),
)
# Joiners and direction marks (200C to 200F, 2066 to 2069) stay: Hindi and Arabic are written with them.
ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060\ufeff\ufffe\uffff]")
BLANK = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
ODD_BLANK = re.compile(rf"^[ \t]*[{BLANK}]|^\s*[\w -]+:[{BLANK}]", re.MULTILINE)
LEADING_TAB = re.compile(r"^ *\t", re.MULTILINE)


def decode(content: bytes, name: str, problems: Problems) -> str | None:
    """The text with every odd character blanked, so that positions hold; None when it is no readable text."""
    if len(content) > LARGEST_FILE:
        too_large(name, problems)
        return None
    for mark, called, hint in MARKS:
        if content.startswith(mark):
            problems.tell(Source(name, 1, 1), "encoding", f"The file begins with {called}.", hint)
            return None
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        _not_utf8(content, error.start, name, problems)
        return None
    return _only_plain_characters(text, name, problems)


def too_large(name: str, problems: Problems) -> None:
    problems.tell(Source(name, 1, 1), "too-large", "The file is larger than 1 MiB.", "Split what it holds.")


def _not_utf8(content: bytes, offset: int, name: str, problems: Problems) -> None:
    before = content[:offset].decode()
    source = place(before, len(before), name)
    problems.tell(source, "encoding", f"The byte {content[offset]:#04x} is not UTF-8.", SAVE_AS_UTF8)


def _only_plain_characters(text: str, name: str, problems: Problems) -> str | None:
    for found in islice(ODD.finditer(text), MOST_ODD_CHARACTERS):
        problems.tell(place(text, found.start(), name), "odd-character", _named(found[0]), "Remove it.")
    blanks = [] if text.isascii() else list(islice(ODD_BLANK.finditer(text), MOST_ODD_CHARACTERS))
    for found in blanks:
        message = "This blank is not an ordinary space."
        problems.tell(place(text, found.end() - 1, name), "odd-character", message, "Type a space instead.")
    indented_by_tabs = _tabs(text, name, problems)
    return None if blanks or indented_by_tabs else ODD.sub(" ", text).replace("\t", " ")


def _named(character: str) -> str:
    called = unicodedata.name(character, "a control character").lower()
    return f"An invisible character stands here: U+{ord(character):04X}, {called}."


def _tabs(text: str, name: str, problems: Problems) -> bool:
    """Tells the first tab with the lines of the others; True when a line is indented by one."""
    if "\t" not in text:
        return False
    leading = LEADING_TAB.search(text)
    first = leading.end() - 1 if leading else text.index("\t")
    lines = [number for number, line in enumerate(text.split("\n"), 1) if "\t" in line]
    deed = "A tab indents this line" if leading else "A tab stands here"
    source = place(text, first, name)
    others = [str(line) for line in lines if line != source.line]
    hint = 'Use spaces; inside a text in double quotes write "\\t".' if not leading else "Indent with spaces."
    problems.tell(source, "tab", f"{deed}{_also(others)}.", hint)
    return leading is not None


def _also(lines: list[str]) -> str:
    if not lines:
        return ""
    more = f" and {len(lines) - 5} more" if len(lines) > 5 else ""
    return f" (also in line{'s' if len(lines) > 1 else ''} {', '.join(lines[:5])}{more})"


def place(text: str, offset: int, name: str) -> Source:
    line = text.count("\n", 0, offset) + 1
    return Source(name, line, offset - text.rfind("\n", 0, offset))
