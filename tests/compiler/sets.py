"""A small set that a test writes to disk: `a_set(tmp_path, entities=...)`, with sensible files for what it leaves out."""

from __future__ import annotations

from pathlib import Path

from engine.blueprint import Blueprint
from engine.compiler import check_merged
from engine.compiler.overlay import load_set
from engine.compiler.problems import as_text

CRM = """name: small
title: Small firm
zone: Asia/Kolkata
currency: INR
country: IN
financial_year_starts: 04-01
"""
ENTITIES = """entities:
  account:
    fields:
      name: {type: text, required: true}
      industry: {type: choice, choices: [Retail, Steel]}
  lead:
    title: "{{ name }}"
    fields:
      name: {type: text, required: true}
      phone: {type: phone}
      source: {type: choice, choices: [Google, Website, Walk-in]}
      budget: {type: money}
      discount: {type: percent}
      follow_up_at: {type: datetime, label: Next follow-up}
      lost_reason: {type: choice, choices: [Price, Other]}
      account: {type: reference, to: account}
      calls: {type: children, of: call}
  call:
    fields:
      subject: {type: text}
      lead: {type: reference, to: lead}
      seconds: {type: integer}
      outcome: {type: choice, choices: [Answered, Busy]}
"""
WORKFLOWS = """workflows:
  lead_sales:
    entity: lead
    field: status
    starts_at: NEW
    stages:
      NEW: {color: grey}
      FOLLOW-UP: {color: blue, requires: [follow_up_at]}
      CLOSE TO WON: {color: green, ends: won}
      CLOSE TO LOOSE: {color: red, ends: lost, requires: [lost_reason]}
    transitions:
      attend: {from: [NEW], to: FOLLOW-UP, asks: [follow_up_at]}
      win: {from: [FOLLOW-UP], to: CLOSE TO WON}
      lose: {from: any, to: CLOSE TO LOOSE, asks: [lost_reason], roles: [caller, manager]}
"""
ROLES = """roles:
  manager:
    label: Sales manager
    administers: true
    rights:
      everything: {read: all, create: all, update: all, delete: all, assign: all, transitions: any}
  caller:
    label: Tele-caller
    reports_to: manager
    rights:
      user: {read: all}
      account: {read: all}
      lead: {read: own, create: own, update: own, assign: subordinates, transitions: any}
      call: {read: own, create: own}
"""
FILES = {"crm": CRM, "entities": ENTITIES, "workflows": WORKFLOWS, "roles": ROLES}


def written(root: Path, **files: str) -> Path:
    """`imports__leads` is written to imports/leads.yaml."""
    for stem, text in {**FILES, **files}.items():
        path = root / f"{stem.replace('__', '/')}.yaml"
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    return root


def compiled(root: Path, **files: str) -> Blueprint:
    blueprint, problems = check_merged(load_set(written(root, **files), shown_as="."))
    assert blueprint is not None, as_text(problems)
    return blueprint


def told(root: Path, **files: str) -> list[str]:
    """Every problem on one line: `entities.yaml:3:5 sentence`."""
    _, problems = check_merged(load_set(written(root, **files), shown_as="."))
    return [f"{p.file}:{p.line}:{p.column} {p.sentence}" for p in problems]


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{text.count(old)} times: {old!r}"
    return text.replace(old, new)
