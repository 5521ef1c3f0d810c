"""One door each for rows, for unescaped text and for the outside world."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.house.sources import calls_in, imports_of, is_in, python_files, templates, text_of

STATEMENTS_LIVE_IN = {"engine/records/"}
# What makes a statement of its own; a part may describe a condition, never fetch.
STATEMENTS = {"select", "insert", "update", "delete", "text", "table", "create_engine", "Table", "MetaData"}
# A part whose condition reaches into another table says so with a select that its caller has scoped.
PARTS_THAT_MAY_DESCRIBE_A_SELECT: set[str] = set()
RUNS_A_STATEMENT = {"execute", "executemany", "executescript", "exec_driver_sql", "scalars"}

# Marks text as safe HTML: markup.py builds from escaped pieces, and cleans what a person wrote.
MARKUP_LIVES_IN = {"engine/markup.py"}
# `trusted(...)`, markup.py's word for text that the program wrote itself from escaped pieces.
TRUSTED_LIVES_IN = {"engine/markup.py", "engine/parts/", "engine/web/"}

# The one client that asks other machines: it checks the address, follows no redirect, caps bytes and time. And mail.
OUTBOUND_LIVES_IN = {"engine/outbound.py", "engine/parts/smtp.py"}
OUTBOUND = {"smtplib", "requests", "urllib.request", "urllib3", "http.client", "httpx", "httpx2", "aiohttp"}

INLINE = [
    (re.compile(r"<script(?![^>]*\ssrc=)", re.I), "an inline script"),
    (re.compile(r"<style\b", re.I), "an inline style sheet"),
    (re.compile(r"\sstyle\s*=", re.I), "a style attribute"),
    (re.compile(r"\son[a-z]+\s*=\s*[\"'{]", re.I), "an event attribute"),
    (re.compile(r"javascript:", re.I), "a javascript: address"),
]
UNESCAPED = [
    (re.compile(r"\|\s*safe\b"), "|safe"),
    (re.compile(r"autoescape\s+false", re.I), "autoescape false"),
]


def test_statements_are_made_and_run_in_records_only() -> None:
    tell(found_statements(), "rows are read and written through engine/records")


def test_text_becomes_markup_in_one_place() -> None:
    tell(found_markup(), f"escape it, or build it with engine/markup.py ({', '.join(sorted(MARKUP_LIVES_IN))})")


def test_other_machines_are_asked_through_one_client() -> None:
    tell(found_clients(), f"ask through {', '.join(OUTBOUND_LIVES_IN)}")


def test_templates_hold_no_script_no_style_and_no_unescaped_value() -> None:
    tell(found_in_templates(), "the content security policy forbids it; scripts and styles live in engine/web/assets")


def test_markup_made_in_python_holds_no_style_and_no_event_attribute() -> None:
    tell(found_in_tags(), "use a class or a data attribute")


def test_the_patterns_know_a_bad_template_from_a_good_one() -> None:
    bad = ["<script>go()</script>", '<p style="color:red">', '<a onclick="go()">', "{{ name | safe }}", "<STYLE>"]
    good = ['<script type="module" src="/static/main.js"></script>', '<p data-style-name="x">', "{{ person }} = {{ on }}"]
    assert [text for text in bad if not list(told_of(text))] == []
    assert [text for text in good if list(told_of(text))] == []


def tell(found: Iterator[str], cure: str) -> None:
    lines = list(found)
    assert not lines, "\n" + "\n".join([*lines, cure])


def found_statements() -> Iterator[str]:
    for file in python_files():
        if is_in(file, STATEMENTS_LIVE_IN):
            continue
        for line, name, _ in calls_in(file):
            if name in RUNS_A_STATEMENT:
                yield f"{file}:{line} calls .{name}("
        if is_in(file, PARTS_THAT_MAY_DESCRIBE_A_SELECT):
            continue
        for found in imports_of(file):
            if found.module.startswith("sqlalchemy") and found.name in STATEMENTS:
                yield str(found)
        yield from statements_by_module_name(file)


def statements_by_module_name(file: str) -> Iterator[str]:
    for line, name, call in calls_in(file):
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if name in STATEMENTS and isinstance(owner, ast.Name) and owner.id in ("sqlalchemy", "sa"):
            yield f"{file}:{line} calls {owner.id}.{name}("


def found_markup() -> Iterator[str]:
    doors = {"Markup": MARKUP_LIVES_IN, "trusted": TRUSTED_LIVES_IN}
    for file in python_files():
        for line, name, _ in calls_in(file):
            if name in doors and not is_in(file, doors[name]):
                yield f"{file}:{line} calls {name}("


def found_clients() -> Iterator[str]:
    for file in python_files():
        for found in imports_of(file):
            names = {found.module, found.module.split(".")[0], f"{found.module}.{found.name}"}
            if names & OUTBOUND and not is_in(file, OUTBOUND_LIVES_IN):
                yield str(found)


def found_in_templates() -> Iterator[str]:
    for file in templates():
        for number, line in enumerate(text_of(file).splitlines(), 1):
            for fault in told_of(line):
                yield f"{file}:{number} has {fault}"


def told_of(line: str) -> Iterator[str]:
    for pattern, fault in INLINE + UNESCAPED:
        if pattern.search(line):
            yield fault


def found_in_tags() -> Iterator[str]:
    for file in python_files():
        for line, name, call in calls_in(file):
            if name != "tag":
                continue
            for keyword in call.keywords:
                if keyword.arg and (keyword.arg == "style" or keyword.arg.startswith("on")):
                    yield f"{file}:{line} writes {keyword.arg}="
