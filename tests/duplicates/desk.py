"""A desk where the same people come again: enquiries, leads and accounts, with rules about who is known already."""

from __future__ import annotations

from pathlib import Path

from engine.blueprint import Blueprint
from engine.compiler import compile_set

CRM = "name: desk\ntitle: The desk\nzone: Asia/Kolkata\ncurrency: INR\ncountry: IN\n"
ENTITIES = """entities:
  account:
    fields:
      name: {type: text, required: true}
      telephone: {type: phone}
      email: {type: email, label: E-mail}
  lead:
    title: "{{ first_name }} {{ last_name }}"
    fields:
      reference: {type: reference_number, pattern: "LEAD-{number:05}"}
      first_name: {type: text}
      last_name: {type: text}
      phone: {type: phone, label: Mobile}
      second_phone: {type: phone, label: Other mobile}
      email: {type: email, label: E-mail}
      city: {type: text}
      aadhaar: {type: text, label: Identity number, unique: true}
      secret: {type: text, label: What the manager knows}
      kind: {type: choice, choices: [New, Duplicate, Re-engaged, Junk], default: New}
      lost_reason: {type: choice, choices: [Price, Other]}
      budget: {type: money}
      tags: {type: tags}
      products: {type: references, to: product}
      brochure: {type: file}
      calls: {type: children, of: call, through: about}
      deals: {type: children, of: deal, through: lead}
      call_count: {type: rollup, of: calls, take: count}
    duplicates:
      worked_on:
        match: [{any: [phone, second_phone]}, email]
        among:
          lead: {when: {status: {not_in: [WON, LOST]}, kind: {is_not: Junk}}}
          account: {fields: {phone: telephone, second_phone: telephone}}
        outcome: duplicate
        set: {kind: Duplicate}
      came_back:
        match: [{any: [phone, second_phone]}, email]
        among: {lead: {when: {status: {in: [WON, LOST]}, kind: {is_not: Junk}}}}
        outcome: re_engaged
        set: {kind: Re-engaged}
      same_name:
        match: [{all: [{alike: [first_name, last_name]}, city]}]
        outcome: duplicate
        set: {kind: Duplicate}
      known_junk:
        match: [phone, email]
        outcome: junk
        set: {kind: Junk}
      nobody:
        when: {phone: {empty: true}, email: {empty: true}, last_name: {is: Test}}
        outcome: junk
        set: {kind: Junk}
    checks:
      reachable:
        must: {any: [{phone: {empty: false}}, {email: {empty: false}}, {aadhaar: {empty: false}}, {last_name: {is: Test}}]}
        refusal: Give a phone or an e-mail.
        field: phone
      dear_enough:
        when: {city: {is: Mumbai}}
        must: {any: [{budget: {above: 1000}}, {budget: {empty: true}}]}
        refusal: In Mumbai nothing is that cheap.
        field: budget
  member:
    title: "{{ name }}"
    fields:
      name: {type: text, required: true}
      email: {type: email, label: E-mail}
    duplicates:
      once: {match: [email], outcome: duplicate, block: true}
  product:
    owned: false
    fields:
      name: {type: text, required: true}
  call:
    fields:
      subject: {type: text, required: true}
      about: {type: reference_any, to: [lead, account]}
  deal:
    fields:
      name: {type: text, required: true}
      lead: {type: reference, to: lead}
      others: {type: references, to: lead}
"""
WORKFLOWS = """workflows:
  lead_sales:
    entity: lead
    field: status
    starts_at: NEW
    stages:
      NEW: {color: grey}
      WON: {color: green, ends: won}
      LOST: {color: red, ends: lost}
    transitions:
      win: {from: [NEW], to: WON}
      lose: {from: [NEW], to: LOST, asks: [lost_reason]}
"""
ROLES = """roles:
  administrator:
    label: Administrator
    administers: true
    rights:
      everything: {read: all, create: all, update: all, delete: all, assign: all, transitions: any, import: true, bulk: true}
  manager:
    label: Sales manager
    reports_to: administrator
    rights:
      everything: {read: all, create: all, update: all, assign: all, transitions: any, import: true}
  caller:
    label: Tele-caller
    reports_to: manager
    rights:
      user: {read: all}
      team: {read: all}
      product: {read: all}
      account: {read: own, create: own, update: own}
      lead: {read: own, create: own, update: own, assign: subordinates, transitions: any, import: true}
      member: {read: own, create: own, update: own}
      call: {read: own, create: own, update: own}
      deal: {read: own, create: own, update: own}
    hides: {lead: [secret]}
"""
NOTIFICATIONS = """notifications:
  twice: {label: Twice, entity: lead, on: duplicate, to: [owner], text: "{{ title }} is here already."}
  back: {label: Back, entity: lead, on: re_engaged, to: [owner], text: "{{ title }} is back."}
  fresh: {label: New, entity: lead, on: created, to: [owner], text: "{{ title }} is new."}
"""


def written(folder: Path, entities: str = ENTITIES) -> Path:
    files = {"crm": CRM, "entities": entities, "workflows": WORKFLOWS, "roles": ROLES, "notifications": NOTIFICATIONS}
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def desk(folder: Path, entities: str = ENTITIES) -> Blueprint:
    return compile_set(written(folder, entities))
