"""A small firm whose rules and assignments each test writes for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.jobs.relay import Relay
from engine.jobs.rules import Rules
from tests.desk import Desk, open_desk

CRM = "name: small\ntitle: Small firm\nzone: Asia/Kolkata\n"
ENTITIES = """entities:
  lead:
    title: "{{ name }}"
    fields:
      name: {type: text, required: true}
      source: {type: choice, choices: [Google, Website]}
      kind: {type: choice, choices: [Hot, Cold, Odd]}
      heat: {type: integer}
      reason: {type: text}
      language: {type: choices, choices: [Hindi, Tamil]}
      state: {type: choice, choices: [Kerala, Tamil Nadu]}
      town: {type: text}
      tasks: {type: children, of: task}
  task:
    title: "{{ subject }}"
    fields:
      subject: {type: text, required: true}
      lead: {type: reference, to: lead}
"""
WORKFLOWS = """workflows:
  sales:
    entity: lead
    field: status
    starts_at: New
    stages:
      New: {color: grey}
      Called: {color: blue}
      Lost: {color: red, ends: lost, requires: [reason]}
    transitions:
      call: {from: [New], to: Called}
      back: {from: [Called], to: New}
      lose: {from: any, to: Lost, asks: [reason]}
rules:
"""
ROLES = """roles:
  administrator:
    administers: true
    rights: {everything: {read: all, create: all, update: all, delete: all, assign: all, transitions: any, import: true}}
  manager:
    reports_to: administrator
    rights:
      everything: {read: subordinates, create: all, update: subordinates, assign: all, transitions: any}
      user: {read: all}
  caller:
    reports_to: manager
    rights:
      lead: {read: own, create: own, update: own, transitions: any}
      task: {read: own, create: own}
      user: {read: all}
"""
FILES = {"crm": CRM, "entities": ENTITIES, "workflows": WORKFLOWS, "roles": ROLES, "notifications": ""}
Opened = Callable[..., Desk]


@pytest.fixture
def desk_with(database_url: str, tmp_path: Path) -> Iterator[Opened]:
    opened: list[Desk] = []

    def open_with(rules: str = "", assignments: str = "", crm: str = "", moves: str = "", told: str = "") -> Desk:
        added = {"crm": crm, "entities": "", "workflows": rules, "roles": assignments, "notifications": told}
        for name, text in FILES.items():
            if whole := text.replace("rules:\n", moves + "rules:\n") + added[name]:
                (tmp_path / f"{name}.yaml").write_text(whole)
        (tmp_path / "files").mkdir()
        (tmp_path / "files" / "brochure.pdf").write_bytes(b"%PDF-1.7")
        opened.append(open_desk(database_url, str(tmp_path)))
        return opened[0]

    yield open_with
    for desk in opened:
        desk.close()


def work(desk: Desk, rounds: int = 50) -> None:
    relay, rules = Relay(desk.crm), Rules(desk.crm)
    for _ in range(rounds):
        if not relay.deliver(desk.clock()) + rules.run(desk.clock()):
            return


def values(desk: Desk, made: Any, entity: str = "lead") -> Any:
    return desk.crm.reads.record(desk.dev, entity, made.id).values
