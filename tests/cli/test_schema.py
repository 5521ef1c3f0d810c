"""The schemas that editors get: they know every key, and allow what a layer may say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from engine.cli import main
from engine.compiler.complaints import SENTENCES
from engine.compiler.node import Node
from engine.compiler.overlay import load_set
from engine.compiler.problems import Problem, Problems
from engine.compiler.reader import read_file
from engine.compiler.schemas import FILES, editor_schema, schema_for, written_types
from engine.compiler.structure import structure_problems
from engine.compiler.validators import SECTIONS, validator_for
from tests.gallery.cases import GOOD, cases, met

ROOT = Path(__file__).resolve().parents[2]
SETS = (ROOT, ROOT / "config/rsoft", ROOT / "config/raalink", GOOD / "firm", GOOD / "client")


@pytest.mark.parametrize("file", FILES)
def test_a_schema_is_a_schema_and_tells_what_each_key_means(file: str) -> None:
    for schema in (schema_for(file), editor_schema(file)):
        Draft202012Validator.check_schema(schema)
    assert _undescribed(schema_for(file), schema_for(file), ()) == []


@pytest.mark.parametrize("folder", SETS, ids=lambda folder: folder.name)
def test_an_editor_finds_no_fault_in_a_layer_of_a_shipped_set(folder: Path) -> None:
    found = []
    for file in FILES[:-1]:
        if (folder / f"{file}.yaml").is_file():
            found += _faults(editor_schema(file), read_file(folder / f"{file}.yaml", file, Problems()))
    for path in (folder / "imports").glob("*.yaml"):
        found += _faults(editor_schema("imports"), read_file(path, path.name, Problems()))
    assert found == []


@pytest.mark.parametrize(
    ("file", "text", "wrong"),
    [
        ("entities", {"entities": {"lead": {"fields": {"name": {"type": "text", "lable": "Name"}}}}}, True),
        ("entities", {"entities": {"lead": {"fields": {"name": {"label": "Name"}}}}}, False),
        ("entities", {"entities": {"lead": {"fields": {"name": "removed"}}}}, False),
        ("entities", {"entities": {"lead": {"list": {"columns": {"add": ["x"], "after": "y"}}}}}, False),
        ("entities", {"entities": {"lead": {"list": {"columns": {"ad": ["x"]}}}}}, True),
        ("entities", {"entities": {"lead": {"fields": {"fee": {"type": "money", "choices": ["a"]}}}}}, True),
        ("workflows", {"workflows": {"sales": {"stages": {"NEW": {"color": "gray"}}}}}, True),
        ("roles", {"roles": {"caller": {"rights": {"lead": {"read": "onw"}}}}}, True),
    ],
)
def test_an_editor_underlines_what_is_wrong_in_a_layer_and_nothing_else(file: str, text: dict, wrong: bool) -> None:
    assert bool(list(Draft202012Validator(editor_schema(file)).iter_errors(text))) is wrong


@pytest.mark.parametrize("section", SECTIONS)
def test_each_keyword_of_a_schema_has_its_sentence(section: str) -> None:
    validator = validator_for(section)
    asked = {key for schema in _within(validator.schema) for key in schema if key in validator.VALIDATORS}
    assert asked - {"$ref", "items", "properties", "propertyNames", "x-cases", "x-near"} <= set(SENTENCES)
    assert {"type", "additionalProperties"} <= asked


@pytest.mark.parametrize("section", SECTIONS)
def test_a_schema_asks_for_the_kind_of_a_value_before_all_else(section: str) -> None:
    for schema in _within(validator_for(section).schema):
        keywords = [key for key in schema if key in ("type", "oneOf", "enum", "pattern", "minLength", "maxLength")]
        assert keywords[:1] in ([], ["type"], ["oneOf"]), schema


def test_the_structure_check_and_the_plain_schemas_agree_on_the_shipped_sets_and_on_every_broken_one(tmp_path: Path) -> None:
    validators = {file: Draft202012Validator(_judged(schema_for(file))) for file in FILES}
    for number, case in enumerate(cases()):
        folder = tmp_path / str(number)
        met(case, folder)
        merged = load_set(folder / case.check)
        if not merged.problems:
            ours = bool([p for p in structure_problems(merged) if p.code != "two-meanings" and not _is_blank(p)])
            assert ours == _is_wrong(validators, merged.root), f"{case.topic}: {case.name}"


def test_every_field_type_can_be_written_and_brings_its_keys() -> None:
    field = schema_for("entities")["$defs"]["field"]
    assert field["properties"]["type"]["enum"] == list(written_types())
    assert "stage" not in written_types()
    kinds = [case["if"]["properties"]["type"]["const"] for case in field["allOf"]]
    assert kinds == list(written_types())


def test_the_schemas_are_written_with_the_line_that_an_editor_wants(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["schema", "--to", str(tmp_path / "schema")])
    assert result.exit_code == 0
    assert {path.stem for path in (tmp_path / "schema").iterdir()} == set(FILES)
    assert f"# yaml-language-server: $schema={tmp_path.as_posix()}/schema/entities.json" in result.output
    assert json.loads((tmp_path / "schema" / "roles.json").read_text()) == editor_schema("roles")


def test_one_schema_is_printed() -> None:
    result = CliRunner().invoke(main, ["schema", "workflows"])
    assert json.loads(result.output)["title"] == "workflows.yaml"


def _within(schema: object) -> Iterator[dict]:
    """The schema and every one inside it."""
    if not isinstance(schema, dict):
        return
    yield schema
    inner = [schema.get("items"), schema.get("additionalProperties"), schema.get("propertyNames"), *schema.get("oneOf", ())]
    cases = schema.get("x-cases", {"cases": {}})
    inner += [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    for one in (*inner, *cases["cases"].values(), cases.get("otherwise")):
        yield from _within(one)


def _is_blank(problem: Problem) -> bool:
    """A text of blanks only is empty to people, and not to JSON Schema."""
    return problem.message == "This text is empty."


def _faults(schema: dict, root: Node | None) -> list[str]:
    assert root is not None
    return [f"{'.'.join(map(str, e.path))}: {e.message}" for e in Draft202012Validator(schema).iter_errors(root.data())]


def _is_wrong(validators: dict[str, Draft202012Validator], root: Node) -> bool:
    data = root.data()
    if any(not validators[kind].is_valid(file) for kind in ("imports", "capture") for file in data[kind].values()):
        return True
    wanted = {"crm": data["manifest"], "entities": {"entities": data["entities"]}}
    pairs = (("reports", "dashboards"), ("workflows", "rules"), ("roles", "assignments"), ("notifications", "channels"))
    wanted |= {name: {name: data[name], other: data[other]} for name, other in pairs}
    return any(not validators[file].is_valid(value) for file, value in wanted.items())


def _judged(schema: object) -> object:
    """The schema without the keywords that the compiler judges itself."""
    if isinstance(schema, list):
        return [_judged(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    left = schema.get("x-compiler", ())
    left = left if isinstance(left, list) else ()
    return {key: _judged(value) for key, value in schema.items() if key not in left}


def _undescribed(schema: object, whole: dict, path: tuple[str, ...]) -> list[str]:
    if isinstance(schema, list):
        return [found for item in schema for found in _undescribed(item, whole, path)]
    if not isinstance(schema, dict):
        return []
    found = []
    keys = schema.get("properties", {}) if "if" not in path[-1:] else {}
    for key, inner in keys.items():
        target = whole["$defs"].get(inner.get("$ref", "").rpartition("/")[2], {}) if isinstance(inner, dict) else {}
        if isinstance(inner, dict) and not (inner.get("description") or target.get("description")):
            found.append(".".join((*path, key)))
    return found + [f for name, inner in schema.items() for f in _undescribed(inner, whole, (*path, name))]


