"""What the documents say is true: their commands exist, their YAML compiles, their links lead somewhere."""

from __future__ import annotations

import re
import shlex
import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from engine.cli import main
from engine.compiler import check_set, compile_set
from engine.compiler.problems import as_text
from engine.compiler.scenarios import load_scenarios

ROOT = Path(__file__).parents[2]
RSOFT = ROOT / "config" / "rsoft"
OFFICER = ROOT / "docs" / "guide" / "officer.md"
WRITTEN = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
SPOKEN = [ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("*.md"))]
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.M | re.S)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`(crm [^`]+)`")
FILE = re.compile(r"^# (crm|entities|workflows|roles|notifications|reports|capture/\w+|translations/\w+)\.yaml$", re.M)
SCENARIO = re.compile(r"# (tests/\w+\.yaml)$", re.M)
MANIFEST = "name: acme\ntitle: Acme\nextends: base\nzone: Asia/Kolkata\ncurrency: INR\ncountry: IN\n"


def blocks(page: Path, language: str) -> list[str]:
    return [text for kind, text in FENCE.findall(page.read_text(encoding="utf-8")) if kind == language]


# ---- commands


def told(page: Path) -> Iterator[list[str]]:
    """Each `crm ...` that the page prints, as words."""
    text = page.read_text(encoding="utf-8")
    lines = [line.strip() for block in blocks(page, "sh") for line in block.splitlines()]
    calls = [call for line in lines for call in re.findall(r"(?:^|\(|&& )(crm [^#|)]*)", line)]
    for call in [*calls, *CODE.findall(FENCE.sub("", text))]:
        yield shlex.split(call.replace("[SET]", "SET").rstrip("."))


def unknown_in(words: list[str]) -> str | None:
    """What in a call the program does not have: a command or an option."""
    context, command = click.Context(main), main
    for place, word in enumerate(words[1:], 1):
        if not isinstance(command, click.Group):
            options = {o for p in command.params if isinstance(p, click.Option) for o in p.opts} | {"--help"}
            wrong = [w for w in words[place:] if w.startswith("--") and w.partition("=")[0] not in options]
            return wrong[0] if wrong else None
        if word.startswith("-") or word == "COMMAND":
            return None
        found = command.get_command(context, word)
        if found is None:
            return word
        command, context = found, click.Context(found, parent=context)
    return None


@pytest.mark.parametrize("page", SPOKEN, ids=lambda p: p.name)
def test_every_command_that_a_page_prints_is_there(page: Path) -> None:
    wrong = [f"{' '.join(words)}: {unknown}" for words in told(page) if (unknown := unknown_in(words))]
    assert not wrong, "\n".join(wrong)


def test_a_command_that_is_not_there_is_noticed() -> None:
    assert unknown_in(["crm", "validat", "SET"]) == "validat"
    assert unknown_in(["crm", "user", "ad"]) == "ad"
    assert unknown_in(["crm", "apply", "SET", "--allow-los"]) == "--allow-los"


def test_the_readme_names_every_command() -> None:
    table = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [name for name in main.list_commands(click.Context(main)) if f"`crm {name}" not in table]
    assert not missing


@pytest.mark.parametrize("unit", sorted((ROOT / "deploy").glob("*.service")), ids=lambda p: p.name)
def test_what_a_unit_starts_is_there(unit: Path) -> None:
    (line,) = re.findall(r"^ExecStart=\S*/(crm .*)$", unit.read_text(), re.M)
    assert unknown_in(shlex.split(line)) is None


# ---- the officer's YAML


def sets() -> list[str]:
    return [text for text in blocks(OFFICER, "yaml") if not SCENARIO.match(text)]


def scenarios() -> list[str]:
    told = [textwrap.dedent(text) for page in (ROOT / "README.md", OFFICER) for text in blocks(page, "yaml")]
    return [text for text in told if SCENARIO.match(text)]


@pytest.mark.parametrize("number", range(len(sets())))
def test_each_example_of_the_officers_guide_is_a_valid_set(number: int, tmp_path: Path) -> None:
    (tmp_path / "crm.yaml").write_text(MANIFEST)
    parts = FILE.split(sets()[number])
    assert not parts[0].strip(), "a block begins with the name of its file: # entities.yaml"
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    blueprint, problems = check_set(tmp_path)
    assert not problems
    assert blueprint is not None


@pytest.mark.parametrize("number", range(len(scenarios())))
def test_each_scenario_that_is_told_is_one_that_rsoft_can_play(number: int, tmp_path: Path) -> None:
    text = scenarios()[number]
    named = SCENARIO.match(text)
    assert named
    (tmp_path / "tests").mkdir()
    (tmp_path / named[1]).write_text(text, encoding="utf-8")
    found, problems = load_scenarios(tmp_path, compile_set(ROOT / "config" / "rsoft"))
    assert found and not problems


# ---- the README's tour


def test_the_slip_of_the_tour_is_told_as_the_readme_says(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (slip,) = [text for text in blocks(ROOT / "README.md", "yaml") if "ornge" in text]
    copy = shutil.copytree(RSOFT, tmp_path / "config" / "rsoft", ignore=shutil.ignore_patterns("data"))
    file = copy / "workflows.yaml"
    before, stage, after = re.split(r"(?m)(^      PROPOSAL SENT:\n(?:^       .*\n|^\n)*)", file.read_text(encoding="utf-8"))
    file.write_text(before + stage + textwrap.indent(textwrap.dedent(slip), " " * 6) + after, encoding="utf-8")
    told = as_text(check_set(copy)[1]).replace(f"{tmp_path}/", "")
    assert textwrap.indent(told.strip(), "   ") in readme


def test_what_the_tour_takes_away_is_not_needed_elsewhere(tmp_path: Path) -> None:
    copy = shutil.copytree(RSOFT, tmp_path / "config" / "rsoft", ignore=shutil.ignore_patterns("data"))
    file = copy / "entities.yaml"
    text = re.sub(r"(?m)(^  call:\n    activity:\n)", r"\1      text: removed\n", file.read_text(encoding="utf-8"))
    text = re.sub(r"(?m)(^  call:\n(?:^    .*\n)*?    fields:\n)", r"\1      remarks: removed\n", text)
    file.write_text(text, encoding="utf-8")
    assert "remarks" in compile_set(RSOFT).entities["call"].fields
    assert "remarks" not in compile_set(copy).entities["call"].fields


# ---- links


@pytest.mark.parametrize("page", WRITTEN, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_to_what_is_there(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    found = [link for link in LINK.findall(text) if "://" not in link and not link.startswith(("mailto:", "/"))]
    wrong = [link for link in found if not leads_somewhere(page, link)]
    assert not wrong


def leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    there = (page.parent / name).resolve() if name else page
    return there.exists() and (not anchor or there.suffix != ".md" or anchor in anchors(there))


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_pictures_are_small() -> None:
    large = [p.name for p in (ROOT / "docs" / "screenshots").glob("*.png") if p.stat().st_size > 150 * 1024]
    assert not large
