"""tests/NAME.yaml: scenarios, every name in them found in the set that they test."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.blueprint import Blueprint
from engine.blueprint.scenarios import Expect, Given, Message, Scenario, Step
from engine.blueprint.triggers import Span
from engine.compiler.node import Node
from engine.compiler.overlay import MergedSet
from engine.compiler.problems import Problem, Problems, problem_at
from engine.compiler.reader import read_file
from engine.compiler.sentences import unknown_name, wrong_value
from engine.compiler.spot import Spot
from engine.compiler.structure import check_part

FOLDER = "tests"
MOMENT = "%Y-%m-%d %H:%M"
OUTSIDE = ("client", "visitor")  # who acts without an account
BUILT_IN = ("app", "email")  # channels that every set has
SPAN = re.compile(r"(\d{1,4}) (minute|hour|day|week)s?")
MESSAGE = re.compile(r"(\w+)(?: by (\w+))?(?: at (\d\d:\d\d))?")
KNOWN_EXPECTATIONS = ("refused", "told", "sees", "may", "count")


def load_scenarios(folder: Path, blueprint: Blueprint) -> tuple[tuple[Scenario, ...], tuple[Problem, ...]]:
    """The scenarios of the set in `folder`, in the order of files and lines, and every problem of them."""
    problems, found = Problems(), []
    for path in sorted((folder / FOLDER).glob("*.yaml")):
        root = read_file(path, f"{FOLDER}/{path.name}", problems)
        if root is not None:
            found += _of_file(root, path.stem, blueprint, problems)
    return tuple(found), problems.sorted()


def _of_file(root: Node, stem: str, blueprint: Blueprint, problems: Problems) -> list[Scenario]:
    merged = MergedSet((), Node({"scenarios": Node({stem: root}, root.file, 1, 1)}, root.file, 1, 1), (), frozenset(), "")
    shape, merged = check_part(merged, ("scenarios", stem))
    problems.extend(shape)
    if shape:
        return []
    file = Spot(merged.root.value["scenarios"].value[stem], ())
    spot = file.get("scenarios")
    return [_Reading(blueprint, problems).scenario(name, file, at) for name, at in spot.items()] if spot else []


@dataclass
class _Reading:
    """One scenario being read: what was named so far."""

    blueprint: Blueprint
    problems: Problems
    entities: dict[str, str] = field(default_factory=dict)  # of each named record and person
    first: str | None = None

    def scenario(self, name: str, file: Spot, spot: Spot) -> Scenario:
        places = [at for at in (file.get("given"), spot.get("given")) if at is not None]
        now = [moment for at in places if (moment := self._moment(at.get("now"))) is not None]
        if not now:
            self._tell(spot, "missing-key", "No `now` says when this begins.", "Write now: 2026-12-01 10:00 under given.")
        given = [one for at in places for one in self._given(at)]
        steps = spot.get("steps")
        made = [self._step(at) for at in steps.each()] if steps else []
        return Scenario(name, now[-1] if now else datetime(2026, 1, 1), tuple(given), tuple(made), spot.key_source)

    # ---- what is given

    def _given(self, spot: Spot) -> Iterable[Given]:
        people = spot.get("people")
        for name, at in people.items() if people else ():
            yield self._person(name, at)
        for key, at in spot.items():
            if key not in ("now", "people"):
                found = self._record(key, at)
                if found is not None:
                    yield found

    def _person(self, name: str, spot: Spot) -> Given:
        self.entities[name] = "user"
        values = {"role": spot.word} if spot.word is not None else spot.node.data()
        wishes = self._wishes(spot.get("wishes")) if values.pop("wishes", None) else {}
        role = spot if spot.word is not None else spot.get("role")
        if role is not None and role.word not in self.blueprint.roles:
            self._unknown(role, role.word, "a role", self.blueprint.roles)
        self._fields("user", spot, besides=("wishes",))
        return Given(name, "user", values, spot.key_source, wishes)

    def _wishes(self, spot: Spot | None) -> dict[str, Any]:
        if spot is None:
            return {}
        channels = (*BUILT_IN, *self.blueprint.channels)
        for key, what, known in (("off", "a channel", channels), ("muted", "a notification", self.blueprint.notifications)):
            asked = spot.get(key)
            for at in asked.each() if asked else ():
                if at.word not in known:
                    self._unknown(at, at.word, what, known)
        given = dict(spot.node.data())
        return {**given, "quiet": given["quiet"].split("-")} if "quiet" in given else given

    def _record(self, key: str, spot: Spot) -> Given | None:
        entity, _, name = key.partition(" ")
        if entity not in self.blueprint.entities:
            self._unknown(spot, entity, "an entity, now or people", self.blueprint.entities, at_key=True)
            return None
        name = name or entity
        self.entities[name] = entity
        self.first = self.first or name
        self._fields(entity, spot)
        return Given(name, entity, spot.node.data(), spot.key_source)

    def _fields(self, entity: str, spot: Spot, besides: tuple[str, ...] = ()) -> None:
        fields = self.blueprint.entities[entity].fields
        for name, at in spot.items():
            if name not in fields and name not in besides:
                self._unknown(at, name, f"a field of {entity}", fields, at_key=True)

    # ---- what happens

    def _step(self, spot: Spot) -> Step:
        who, deed, what = self._who(spot.get("as")), *self._deed(spot)
        on = spot.text("on")
        if on is not None and on not in self.entities:
            self._unknown(spot.get("on") or spot, on, "a record of this scenario", self.entities)
        if deed is not None and who is None:
            self._tell(spot, "missing-key", "Nobody does it.", "Write as: NAME beside it.")
        entity = what if deed == "create" else self.entities.get(on or self.first or "")
        self._check_values(spot.get("with"), deed, entity)
        called = spot.text("called") or (what if deed in ("create", "form", "hook") and what not in self.entities else None)
        if called is not None and deed in ("create", "form", "hook"):
            self._call(called, deed, what)
        values = spot.get("with")
        return Step(
            spot.source, self._moment(spot.get("time")), self._span(spot.get("passes")), who, deed, what, on,
            values.node.data() if values else {}, called, self._expect(spot, on, deed, called),
        )  # fmt: skip

    def _who(self, spot: Spot | None) -> str | None:
        if spot is None:
            return None
        people = [name for name, entity in self.entities.items() if entity == "user"]
        if spot.word not in (*people, *OUTSIDE):
            self._unknown(spot, spot.word, "somebody of this scenario", (*people, *OUTSIDE))
        return spot.word

    def _deed(self, spot: Spot) -> tuple[str | None, str | None]:
        at = spot.get("do")
        if at is None or at.word is None:
            return None, None
        kind, _, what = at.word.partition(" ")
        known: Mapping[str, Iterable[str]] = {
            "create": self.blueprint.entities,
            "form": [c.name for c in self.blueprint.captures.values() if c.kind == "form"],
            "hook": [c.name for c in self.blueprint.captures.values() if c.kind == "webhook"],
        }
        if what and kind in known:
            if what not in known[kind]:
                self._unknown(at, what, {"create": "an entity"}.get(kind, f"a {kind}"), known[kind])
            return kind, what
        moves = {name for workflow in self.blueprint.workflows.values() for name in workflow.transitions}
        if at.word not in moves | {"change", "delete"}:
            self._unknown(at, at.word, "something to do", ("change", "delete", "create ENTITY", *sorted(moves)))
        return at.word, None

    def _check_values(self, spot: Spot | None, deed: str | None, entity: str | None) -> None:
        if spot is not None and entity is not None and entity in self.blueprint.entities and deed not in ("form", "hook"):
            self._fields(entity, spot)

    def _call(self, called: str, deed: str | None, what: str | None) -> None:
        entity = what if deed == "create" else getattr(self.blueprint.captures.get(what or ""), "entity", None)
        if entity in self.blueprint.entities:
            self.entities[called] = str(entity)
            self.first = self.first or called

    # ---- what is true then

    def _expect(self, step: Spot, on: str | None, deed: str | None, called: str | None) -> Expect | None:
        spot = step.get("expect")
        if spot is None:
            return None
        entity = self.entities.get((called if deed in ("create", "form", "hook") else on) or on or self.first or "", "")
        values = {key: at.node.data() for key, at in spot.items() if key not in KNOWN_EXPECTATIONS}
        fields = self.blueprint.entities[entity].fields if entity in self.blueprint.entities else {}
        for key, at in spot.items():
            if key not in KNOWN_EXPECTATIONS and key not in fields:
                what = f"a field of {entity}" if entity else "something that can be expected"
                self._unknown(at, key, what, (*fields, *KNOWN_EXPECTATIONS), at_key=True)
        return Expect(
            spot.text("refused"), self._told(spot.get("told")), self._names(spot.get("sees"), self._seen),
            self._names(spot.get("may"), self._move), self._count(spot.get("count")), values,
            {key: at.key_source for key, at in spot.items()}, spot.source,
        )  # fmt: skip

    def _told(self, spot: Spot | None) -> Mapping[str, tuple[Message, ...]] | None:
        if spot is None:
            return None
        return {self._person_told(at): tuple(self._messages(at)) for _, at in spot.items()}

    def _person_told(self, spot: Spot) -> str:
        people = [name for name, entity in self.entities.items() if entity == "user"]
        if spot.key not in (*people, "client"):
            self._unknown(spot, spot.key, "somebody of this scenario", (*people, "client"), at_key=True)
        return spot.key

    def _messages(self, spot: Spot) -> Iterable[Message]:
        written = [(key, at, at.word) for key, at in spot.items()] or [(at.word or "", at, None) for at in spot.each()]
        for word, at, text in written:
            found = MESSAGE.fullmatch(word)
            if found is None or found[1] not in self.blueprint.notifications:
                self._unknown(at, found[1] if found else word, "a notification", self.blueprint.notifications)
            elif found[2] not in (None, "app", "email", *self.blueprint.channels):
                self._unknown(at, found[2], "a channel", ("app", "email", *self.blueprint.channels))
            else:
                yield Message(found[1], found[2], found[3], text)

    def _names(self, spot: Spot | None, check: Any) -> Mapping[str, tuple[str, ...]] | None:
        if spot is None:
            return None
        for _, at in spot.items():
            self._person_told(at)
            for item in at.each():
                check(item)
        return {key: tuple(item.word or "" for item in at.each()) for key, at in spot.items()}

    def _seen(self, spot: Spot) -> None:
        if spot.word not in self.entities:
            self._unknown(spot, spot.word, "a record of this scenario", self.entities)

    def _move(self, spot: Spot) -> None:
        moves = [name for workflow in self.blueprint.workflows.values() for name in workflow.transitions]
        if spot.word not in moves:
            self._unknown(spot, spot.word, "a transition", moves)

    def _count(self, spot: Spot | None) -> Mapping[str, int] | None:
        if spot is None:
            return None
        for name, at in spot.items():
            if name not in self.blueprint.entities:
                self._unknown(at, name, "an entity", self.blueprint.entities, at_key=True)
        return {key: at.node.value for key, at in spot.items()}

    # ---- words

    def _moment(self, spot: Spot | None) -> datetime | None:
        if spot is None:
            return None
        try:
            return datetime.strptime(spot.word or "", MOMENT)
        except ValueError:
            self.problems.add(wrong_value(spot.source, spot.path, spot.word, "a local time", "Write 2026-12-01 14:45."))
            return None

    def _span(self, spot: Spot | None) -> Span | None:
        if spot is None:
            return None
        found = SPAN.fullmatch(spot.word or "")
        if found is None:
            hint = "Write 15 minutes, 2 hours or 3 days."
            self.problems.add(wrong_value(spot.source, spot.path, spot.word, "a length of time", hint))
            return None
        return Span(int(found[1]), f"{found[2]}s")

    def _unknown(self, spot: Spot, name: object, what: str, known: Iterable[str], at_key: bool = False) -> None:
        source = spot.key_source if at_key else spot.source
        self.problems.add(unknown_name(source, spot.path, name, what, known))

    def _tell(self, spot: Spot, code: str, message: str, hint: str) -> None:
        self.problems.add(problem_at(spot.source, code, message, hint, spot.path))


__all__ = ["load_scenarios"]
