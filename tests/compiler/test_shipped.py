"""The shipped sets compile, quickly; and whatever stands in a set, the compiler answers with problems and never stumbles."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from engine.blueprint import Blueprint
from engine.blueprint.conditions import Test as Asked, Word
from engine.compiler import BrokenSet, check_merged, check_set, compile_set
from engine.compiler.layers import base_folder
from engine.compiler.node import Node
from engine.compiler.overlay import MergedSet, load_set
from engine.compiler.problems import as_text
from tests.compiler.sets import ENTITIES, changed, written

ROOT = base_folder()
SHIPPED = [ROOT, *sorted(path.parent for path in ROOT.glob("config/*/crm.yaml"))]


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda path: path.name)
def test_a_shipped_set_has_no_problem(folder: Path) -> None:
    blueprint, problems = check_set(folder)
    assert not problems, as_text(problems)
    assert isinstance(blueprint, Blueprint)


def test_the_largest_set_compiles_within_a_third_of_a_second_of_work() -> None:
    check_set(SHIPPED[-1])  # the schemas and parts are read once for a process
    started = time.process_time()
    for folder in SHIPPED:
        check_set(folder)
    assert time.process_time() - started < 0.33 * len(SHIPPED)


def test_no_caller_sees_another_callers_leads() -> None:
    rights = compile_set(ROOT / "config" / "rsoft").roles["caller"].rights["lead"]
    assert rights.read == Asked("owner", "is", Word("me"))
    assert "order_value" in rights.hidden


def test_the_hash_tells_sets_apart(tmp_path: Path) -> None:
    first = compile_set(written(tmp_path / "a")).hash
    again = compile_set(written(tmp_path / "b")).hash
    other = compile_set(written(tmp_path / "c", entities=ENTITIES + "# changed\n")).hash
    assert first == again != other


def test_a_broken_set_is_refused_with_every_problem(tmp_path: Path) -> None:
    folder = written(tmp_path, entities=changed(ENTITIES, "{type: phone}", "{type: phne}"), reports="reports:\n  r: {}\n")
    with pytest.raises(BrokenSet) as refused:
        compile_set(folder)
    assert '"phne" is not a field type. Did you mean "phone"?' in refused.value.message
    assert {Path(problem.file).name for problem in refused.value.problems} == {"entities.yaml", "reports.yaml"}


# Shapes that nobody would write


def places(node: Node, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = node.value.items() if node.is_map else enumerate(node.value) if node.is_list else ()
    for key, child in inside:
        yield (*path, key)
        yield from places(child, (*path, key))


def put(node: Node, path: tuple[Any, ...], value: Any) -> Node:
    if not path:
        return as_nodes(value, node)
    inside = dict(node.value) if node.is_map else list(node.value)
    inside[path[0]] = put(inside[path[0]], path[1:], value)
    return node.with_value(inside)


def as_nodes(value: Any, at: Node) -> Node:
    if isinstance(value, dict):
        return at.with_value({key: as_nodes(inner, at) for key, inner in value.items()})
    if isinstance(value, list):
        return at.with_value([as_nodes(inner, at) for inner in value])
    return Node(value, at.file, at.line, at.column, at.key_line, at.key_column, str(value), True)


MERGED = {folder.name: load_set(folder) for folder in SHIPPED}
EVERYWHERE = {name: [path for path in places(merged.root) if len(path) > 1] for name, merged in MERGED.items()}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["x", "", "{{ a", "a.b", "any", "previous", "own"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["is", "x", "any"]), inner, max_size=2),
    max_leaves=3,
)


@settings(max_examples=60)
@given(data=st.data(), value=VALUES)
def test_no_shape_makes_the_compiler_stumble(data: st.DataObject, value: Any) -> None:
    name = data.draw(st.sampled_from(sorted(MERGED)))
    path = data.draw(st.sampled_from(EVERYWHERE[name]))
    merged: MergedSet = dataclasses.replace(MERGED[name], root=put(MERGED[name].root, path, value))
    blueprint, problems = check_merged(merged)
    assert (blueprint is None) == bool(problems)
