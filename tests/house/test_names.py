"""No client and no client's entity is named by the program: what they are is in their YAML."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from tests.house.sources import ROOT, python_files, templates, text_of, tree_of

# Folders of config/ are clients too; one that is also a plain English word cannot be told from it.
PLAIN_WORDS = {"projects", "services", "education", "support"}
CLIENTS = {"rsoft", "raalink"}
THEIR_ENTITIES = {"lead", "opportunity", "enquiry"}
PLURALS = {"leads", "opportunities", "enquiries"}


def test_no_code_names_a_client_or_its_entity() -> None:
    named = [f"{file}:{line} says {word!r}" for file in python_files() for line, word in words_of_code(file)]
    assert not named, "\n" + "\n".join(named)


def test_no_template_names_a_client_or_its_entity() -> None:
    named = [f"{file}:{line} says {word!r}" for file in templates() for line, word in words_of_template(file)]
    assert not named, "\n" + "\n".join(named)


def test_names_are_found_inside_longer_ones_but_not_inside_other_words() -> None:
    assert [told(text) for text in ("lead_id", "the_lead", "Lead", "LEADS", "leadId")] == [["lead"]] * 3 + [["leads"], []]
    assert [told(text) for text in ("leading", "misleading", "plead", "opportune")] == [[]] * 4


def words_of_code(file: str) -> Iterator[tuple[int, str]]:
    documentation = docstring_lines(file)
    for token in tokenize.generate_tokens(io.StringIO(text_of(file)).readline):
        if token.type == tokenize.COMMENT or token.start[0] in documentation:
            continue
        for word in told(token.string):
            yield token.start[0], word


# Comments and docstrings may say "this leads to"; code may not.
def docstring_lines(file: str) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def words_of_template(file: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text_of(file).splitlines(), 1):
        for word in told(line):
            yield number, word


def told(text: str) -> list[str]:
    return [found.lower() for found in PATTERN.findall(text)]


def client_folders() -> set[str]:
    config = ROOT / "config"
    folders = {path.name for path in config.iterdir() if path.is_dir()} if config.is_dir() else set()
    return folders - PLAIN_WORDS


WORDS = sorted(CLIENTS | client_folders() | THEIR_ENTITIES | PLURALS, key=len, reverse=True)
# An underscore ends a word here, as it does for a reader of `lead_id`.
PATTERN = re.compile(rf"(?<![a-zA-Z])(?:{'|'.join(WORDS)})(?![a-zA-Z])", re.I)
