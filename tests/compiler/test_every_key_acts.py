"""No key is accepted and then passed over: each changes the blueprint, and somebody reads what it became.

One set uses every key that the schemas know. Each key in turn is taken out of it: then the set must be refused, or mean
something else. READ_BY says where the running program reads what a key became, where its name alone would not tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.compiler import check_merged
from engine.compiler.node import Node
from engine.compiler.overlay import MergedSet, load_set
from engine.compiler.problems import as_text
from engine.compiler.schemas import schema_for
from tests.compiler.sets import written

ROOT = Path(__file__).parents[2]
FILES = ("crm", "entities", "workflows", "roles", "notifications", "reports", "imports", "capture")
CRM = """name: kitchen
title: Kitchen
zone: Asia/Kolkata
currency: INR
country: IN
language: hi
languages: [hi, ar]
financial_year_starts: 04-01
brand: {color: "#0b5cd6", logo: logo.svg}
working_hours: {monday-friday: 09:30-18:30}
holidays: {12-25: Christmas}
undo: 1 minute
messages_to_clients: 50 an hour
"""
ENTITIES = """entities:
  firm:
    label: Firm of ours
    plural: Our firms
    icon: building-2
    help: Who buys.
    was: company
    owned: false
    menu: false
    title: "{{ code }} {{ name }}"
    fields:
      name: {type: text, label: Its name, required: true, unique: true, search: false, help: In full., longest: 90}
      town: {type: text, index: true}
      code: {type: reference_number, pattern: "F-{number:03}", resets: yearly}
      fax: {type: phone, was: telefax}
    form:
      - {section: All of it, fields: [name]}
    list: {columns: [code, name], sort: [-name], filters: [name]}
    duplicates:
      again:
        match: [fax, {any: [name]}, {alike: [town]}, {all: [fax, {any: [name]}, {alike: [name]}]}]
        among: {firm: {when: {name: {is: Acme}}, fields: {name: town}}}
        when: {town: {is: Here}}
        outcome: re_engaged
        set: {town: There}
      never: {match: [town], outcome: junk, block: true}
    checks:
      named: {must: {name: {empty: false}}, when: {town: {is: Here}}, refusal: Give a name., field: name}
  deal:
    next_step: meets
    board: {by: kind, card: [meets], sum: rate, too_long: 3 days}
    script: Hello {{ name }}.
    views:
      big:
        {label: Big ones, kind: list, when: {kind: {is: Big}}, columns: [name], sort: [-count], group: kind, roles: [boss],
         pinned: true, default: true, was: large}
      cards: {kind: board, by: kind, card: [name], sum: count}
      days: {kind: calendar, at: due, span: month}
    client: {name: name, email: mail, phone: fax, refuses: {email: no_mail, phone: no_fax}}
    fields:
      owner: {label: Seller, help: Who sells.}
      name: {type: text, required: true}
      about: {type: long_text, longest: 300}
      notes: {type: rich_text, longest: 300}
      kind: {type: choice, default: Big, choices: {Big: {label: Large, color: red, was: Huge}, Small: {color: blue}}}
      traits: {type: choices, choices: {Quick: {label: Fast, color: red, was: Hasty}, Slow: {color: blue}}}
      firm: {type: reference, to: firm, when: {name: {is: Acme}}}
      firms: {type: references, to: firm, when: {name: {is: Acme}}}
      any_of: {type: reference_any, to: [firm, deal]}
      seller: {type: user, roles: [boss]}
      count: {type: integer, least: 1, most: 9, shown_when: {name: {is: Acme}}, required_when: {name: {is: Acme}}}
      rate: {type: decimal, places: 3, least: 1, most: 9}
      worth: {type: money, currencies: [INR, EUR], least: 1, most: 9}
      off: {type: percent, least: 1, most: 9}
      due: {type: date}
      half: {type: computed, formula: "count", result: decimal, places: 4}
      lines: {type: children, of: line, through: deal}
      total: {type: rollup, of: lines, take: sum, field: amount, when: {amount: {above: 1}}}
      paper: {type: file, most_megabytes: 3}
      meets: {type: datetime}
      takes: {type: duration}
      where: {type: place}
      mail: {type: email}
      fax: {type: phone}
      no_mail: {type: yes_no}
      no_fax: {type: yes_no}
      face: {type: picture, most_megabytes: 3}
  line:
    activity:
      {about: deal, at: starts, length: takes, done_when: {amount: {above: 1}}, outcome: kind, text: said, place: place,
       people: people, color: kind, next: {Good: in 2 working hours, Bad: starts}}
    fields:
      deal: {type: reference, to: deal}
      other: {type: reference, to: deal}
      amount: {type: integer}
      starts: {type: datetime}
      takes: {type: duration}
      kind: {type: choice, choices: [Good, Bad]}
      said: {type: long_text}
      place: {type: text}
      people: {type: references, to: user}
  pause:
    activity: {about: deal, at: starts, ends: ends}
    fields:
      deal: {type: reference, to: deal}
      starts: {type: datetime}
      ends: {type: datetime}
"""
WORKFLOWS = """workflows:
  sales:
    label: The sale
    entity: deal
    field: status
    when: {name: {is_not: Nobody}}
    starts_at: New
    gone: {Older: New}
    stages:
      New:
        {label: Fresh, color: blue, probability: 10, allows: [line], help: Call them., was: Old, script: "Hello, {{ me }}."}
      Won: {color: green, ends: won, requires: [count]}
    transitions:
      win:
        label: Take the order
        from: [New]
        to: Won
        asks: [count]
        roles: [boss]
        when: {count: {above: 1}}
        refusal: Not so soon.
        help: When they sign.
        was: close
        then:
          - {set: {due: today}}
          - {create: {entity: line, copy: {amount: count}, set: {owner: me}, link: deal, when: {count: {above: 2}}}}
          - {create: {entity: firm, copy: {name: name}, keep_in: firm}}
          - {assign: sellers}
          - {reassign: sellers}
          - {notify: said}
          - {call: other_program}
          - {send_file: {file: prices.pdf, with: said}}
rules:
  begun:
    label: It begins
    entity: deal
    on: changed
    fields: [name, count]
    when_before: {count: {below: 5}}
    when: {count: {above: 1}}
    then:
      - {set: {about: Seen}}
      - {create: {entity: line, set: {amount: 3}, link: deal, when: {count: {above: 2}}}}
      - {create: {entity: firm, copy: {name: name}, keep_in: firm}}
      - {assign: sellers}
      - {reassign: sellers}
      - {notify: said}
      - {call: other_program}
      - {send_file: {file: prices.pdf, with: said}}
  taken: {entity: deal, on: moved, by: [win], into: [Won], then: [{set: {about: Won}}]}
  closes: {entity: deal, on: created, then: [{move: {transition: win, set: {count: 2}}}]}
  rule_soon:
    entity: deal
    at: {before: due, by: 1 day, time: 18:00}
    only_in: working hours
    if_missed: once within 2 days
    then: [{set: {about: Soon}}]
  rule_over: {entity: deal, at: {after: due, by: 2 working days, time: 07:00}, then: [{set: {about: Over}}]}
  rule_today: {entity: deal, at: {on: due, time: 07:00}, then: [{set: {about: Today}}]}
  rule_slow: {entity: deal, at: {in_stage: [New], for: 3 working hours}, then: [{set: {about: Slow}}]}
  rule_quiet: {entity: deal, at: {idle: 5 days}, then: [{reassign: sellers}]}
  rule_weekly: {entity: deal, at: {every: week, day: Monday, time: 09:00}, then: [{set: {about: Monday}}]}
"""
ROLES = """roles:
  boss:
    label: The boss
    administers: true
    rights: {everything: {read: all, create: all, update: all, delete: all, assign: all, transitions: any}}
  clerk:
    label: A clerk
    reports_to: boss
    home: deal
    free_busy: team
    help: Types all day.
    was: typist
    rights:
      deal: {read: own, create: own, update: own, delete: own, assign: own, transitions: any}
      line: {read: own, import: true, export: true, bulk: true}
    hides: {deal: [worth]}
    locks: {deal: [rate]}
assignments:
  sellers:
    label: The sellers
    entity: deal
    among: {role: {is: clerk}}
    how: least_loaded
    counts: {status: {is: New}}
    capacity: 40
    skill: kind
    only_in: working hours
    territories:
      near:
        label: Close by
        when: {count: {below: 5}}
        among: {name: {is: Asha}}
        territories: {here: {when: {count: {below: 2}}}}
    overflow: bosses
  bosses: {entity: deal, among: {role: {is: boss}}}
"""
NOTIFICATIONS = """channels:
  email: {from: The kitchen <cook@kitchen.example>, reply_to: chef@kitchen.example}
  other_program: {kind: webhook, label: Another program, url_from: KITCHEN_PROGRAM_URL, secret_from: KITCHEN_PROGRAM_SECRET}
  sms:
    kind: http
    url_from: SMS_URL
    method: PUT
    to: email
    secrets_from: {key: SMS_KEY}
    headers: {X-Key: "{{ key }}"}
    query: {to: "{{ to }}"}
    json: {text: "{{ text }}"}
    answer_id: id
    refused: [400]
  fax: {kind: http, url_from: FAX_URL, form: {text: "{{ text }}"}}
  chat: {kind: apprise, url_from: CHAT_URL, to: email}
notifications:
  said: {entity: deal, to: [owner], text: Said.}
  papers:
    entity: deal
    on: created
    to: [client, team of owner]
    through: [email]
    subject: "{{ name }}: the papers"
    text: Here they are.
    attach: [menu.pdf, field: paper]
    invite: {starts: meets, length: takes, title: name, place: where, cancelled_when: {count: {is: 1}}}
    offers: [win]
    if_uncertain: hold
  won:
    label: It is won
    entity: deal
    on: moved
    into: [Won]
    when: {count: {above: 1}}
    to: [owner, role: boss, field: seller]
    text: "{{ name }} is won."
  dearer:
    entity: deal
    on: changed
    fields: [worth]
    to: [owner]
    text: "{{ name }} has another worth."
  won_by_them: {entity: deal, on: moved, by: [win], when_before: {count: {below: 5}}, to: [owner], text: Won.}
  soon:
    entity: deal
    at: {before: due, by: 1 day, time: 18:00}
    only_in: working hours
    if_missed: once within 2 days
    to: [owner]
    text: Tomorrow.
  over: {entity: deal, at: {after: due, by: 2 working days, time: 07:00}, to: [owner], text: Over.}
  today: {entity: deal, at: {on: due, time: 07:00}, to: [owner], text: Today.}
  slow: {entity: deal, at: {in_stage: [New], for: 3 working hours}, to: [owner], text: Slow.}
  quiet: {entity: deal, at: {idle: 5 days}, to: [owner], text: Quiet.}
  weekly: {entity: deal, at: {every: week, day: Monday, time: 09:00}, to: [owner], text: Monday.}
  numbers:
    at: {every: month, day: 1, time: 09:00}
    to: [{role: boss}, {person: boss@firm.example}]
    through: [email]
    text: Last month.
    reports: [by_kind]
    period: last month
    report_files: [csv]
"""
REPORTS = """reports:
  by_kind:
    label: Deals by kind
    entity: deal
    when: {count: {above: 1}}
    group_by: [kind]
    measures: {sums: {sum: count}, means: {average: count}, least: {smallest: count}, most: {largest: count}}
    chart: bar
    roles: [boss]
    help: By kind.
    over: due
    period: this month
    order: [-sums]
    top: 3
    was: by_sort
  further:
    entity: deal
    group_by: [due by month]
    measures:
      big: {count: records, when: {kind: {is: Big}}, label: Big ones}
      different: {distinct: kind}
      middle: {median: count}
      likely: {weighted: count}
      part: {ratio: [big, different]}
      share: {share_of: big}
      change: {change_of: big}
      so_far: {running: big}
  both:
    series:
      deals:
        {label: The deals, entity: deal, when: {count: {above: 1}}, over: due, group_by: [firm], measures: {deals: count}}
      lines:
        entity: line
        group_by: [deal.firm]
        measures:
          lines: count
          big: {count: records, when: {kind: {is: Good}}, label: Big ones}
          different: {distinct: kind}
          sums: {sum: amount}
          means: {average: amount}
          middle: {median: amount}
          least: {smallest: amount}
          most: {largest: amount}
      likely: {entity: deal, group_by: [firm], measures: {likely: {weighted: count}}}
    measures: {each: {ratio: [lines, deals]}}
  how_long:
    entity: deal
    measures:
      took: {average: {from: due, to: created_at}}
      waits: {average: {since: status}}
      in_new: {average: {time_in: {status: New}}}
      all: count
      more: count
      squared: {product: [all, more]}
  moved: {entity: deal, when: {kind: {is: Big}}, period: this month, changes: count}
  ahead:
    entity: deal
    over: due
    measures: {sums: {sum: count}}
    forecast:
      months: 5
      pipeline: {when: {kind: {is: Big}}, entered: due, expected: due, measure: {weighted: count}}
      comes_from: {entity: line, when: {kind: {is: Good}}, over: updated_at}
      target: {entity: deal, when: {kind: {is: Big}}, over: due, measure: {sum: count}}
      override: {entity: deal, month: due, value: count}
  ahead_too:
    entity: deal
    measures: {sums: {sum: count}}
    forecast: {pipeline: {when: {kind: {is: Big}}, expected: due, measure: {sum: count}}}
  reached: {entity: deal, stages: status}
  listed: {entity: deal, columns: [name, kind], order: [name]}
dashboards:
  desk:
    label: The desk
    was: table
    roles: [boss]
    views: [deal.big]
    tiles:
      a: {label: In all, entity: deal, when: {count: {above: 1}}, measure: {sum: count}, color: red, was: z}
      b: {entity: deal, measure: {average: count}}
      c: {entity: deal, measure: {smallest: count}}
      d: {entity: deal, measure: {largest: count}}
      e: {entity: deal, measure: {count: records, when: {kind: {is: Big}}, label: Big ones}}
      f: {entity: deal, measure: {distinct: kind}}
      g: {entity: deal, measure: {median: count}}
      h: {entity: deal, measure: {weighted: count}}
      i: {entity: deal, measure: count, over: due}
    reports: [by_kind]
    filters: [period, kind]
    period: this year
"""
IMPORT = """label: Old deals
entity: deal
key: name
empty: ["-"]
columns:
  name: {from: [A, B], join: "/"}
  kind: {from: Size, words: {L: Big}, otherwise: Small}
  firm: {from: Firm, match: name, make: {name: x}}
  count: {value: 3}
"""
FORM = """label: Ask us
from: form
entity: deal
fields: {name: {label: Your name, help: In full., required: true}, about: {}}
intro: Tell us.
consent: I agree.
thanks: We call you.
button: Go on
embed: [https://www.firm.example]
language: ar
columns:
  kind: {from: [utm_source, utm_medium], join: "/", words: {google: Big}, otherwise: Small}
  count: {value: 3}
"""
OTHER_FORM = """from: form
entity: deal
fields: [name]
thanks_at: https://www.firm.example/thanks
"""
HOOK = """from: webhook
entity: deal
signed: {by: hmac, header: X-Sign, digest: sha1, written: base64, prefix: "v1,", signs: "{X-Time}.{body}", time: X-Time, within: 2 minutes, secret_from: FIRM_SECRET}
handshake: {token: verify, answer: challenge, secret_from: FIRM_VERIFY}
each: entries.*
only: {kind: [deal]}
id: id
key: name
while: {kind: {is: Big}}
columns:
  name: {from: title}
  firm: {from: firm, match: name}
"""  # noqa: E501
EXCHANGE = """from: webhook
entity: deal
signed: {by: address, name: token, secret_from: FIRM_TOKEN}
sent_as: address
columns: {name: {from: caller}}
"""
MAILBOX = """from: mailbox
entity: deal
url_from: FIRM_MAILBOX
folder: Sales
every: 5 minutes
attachments: paper
columns: {name: {from: subject}}
"""
KITCHEN = {
    "crm": CRM, "entities": ENTITIES, "workflows": WORKFLOWS, "roles": ROLES, "notifications": NOTIFICATIONS,
    "reports": REPORTS, "imports__old": IMPORT,
    "translations__ar": "manifest: {title: مطبخ}\n", "capture__ask": FORM,
    "capture__ask_too": OTHER_FORM, "capture__deals": HOOK,
    "capture__calls": EXCHANGE, "capture__mails": MAILBOX,
}  # fmt: skip


Schema = Mapping[str, Any]


def keys_of(schema: Schema, whole: Schema, path: str = "", within: tuple[str, ...] = ()) -> Iterator[str]:
    """`entities.*.label`; what stands in a condition is the operators' own."""
    name = schema.get("$ref", "").removeprefix("#/$defs/")
    if name == "measured" and not path.endswith("reports.*.measures.*.average"):
        return  # one shape everywhere
    if name:
        if name != "condition" and name not in within:
            yield from keys_of(whole["$defs"][name], whole, path, (*within, name))
        return
    for key, inner in schema.get("properties", {}).items():
        yield f"{path}.{key}"
        yield from keys_of(inner, whole, f"{path}.{key}", within)
    parts = [part["then"] for part in schema.get("allOf", ())] + list(schema.get("oneOf", ()))
    for part in parts:
        yield from keys_of(part, whole, path, within)
    if isinstance(schema.get("additionalProperties"), Mapping):
        yield from keys_of(schema["additionalProperties"], whole, f"{path}.*", within)
    if "items" in schema:
        yield from keys_of(schema["items"], whole, f"{path}.*", within)


def every_key() -> list[str]:
    found = [f"{f'{file}.*' if file in ('imports', 'capture') else 'manifest' if file == 'crm' else ''}{key}"
             for file in FILES for key in keys_of(schema_for(file), schema_for(file))]  # fmt: skip
    return [key for key in dict.fromkeys(key.removeprefix(".") for key in found) if "." in key]  # no file's own name


def places(node: Node, pattern: list[str], path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if not pattern:
        yield path
        return
    inside = dict(enumerate(node)) if node.is_list else dict(node.items()) if node.is_map else {}
    for step, child in inside.items():
        if pattern[0] in ("*", step):
            yield from places(child, pattern[1:], (*path, step))


def without(node: Node, path: tuple[Any, ...]) -> Node:
    step, *rest = path
    if node.is_list:
        return node.with_value([without(item, tuple(rest)) if n == step else item for n, item in enumerate(node)])
    kept = {key: without(child, tuple(rest)) if key == step and rest else child for key, child in node.items()
            if key != step or rest}  # fmt: skip
    return node.with_value(kept)


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> MergedSet:
    folder = written(tmp_path_factory.mktemp("kitchen"), **KITCHEN)
    (folder / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "files").mkdir()
    (folder / "files/prices.pdf").write_text("%PDF-1.7")
    (folder / "files/menu.pdf").write_text("%PDF-1.7")
    return load_set(folder)


ELSEWHERE = {"manifest.extends"}  # read before the set is one: the layers are found by it


def test_a_key_that_is_taken_out_is_missed(kitchen: MergedSet) -> None:
    whole, problems = check_merged(kitchen)
    assert whole is not None, as_text(problems)
    silent, unused = [], []
    for key in every_key():
        found = list(places(kitchen.root, key.split(".")))
        if not found and key not in ELSEWHERE:
            unused.append(key)
        elif found and not any(_is_missed(kitchen, whole, path) for path in found):
            silent.append(key)
    assert not unused, f"The kitchen set does not use {unused}"
    assert not silent, f"Nothing changes without {silent}"


def _is_missed(kitchen: MergedSet, whole: object, path: tuple[Any, ...]) -> bool:
    blueprint, _ = check_merged(replace(kitchen, root=without(kitchen.root, path)))
    return blueprint is None or blueprint != whole


READ_BY = {
    "manifest.name": ("web/frame.py", "manifest.name"),
    "manifest.title": ("web/frame.py", "manifest.title"),
    "manifest.zone": ("records/people.py", "firm.zone"),
    "manifest.currency": ("records/read.py", "manifest.currency"),
    "manifest.country": ("records/read.py", "manifest.country"),
    "manifest.language": ("records/people.py", "firm.language"),
    "manifest.financial_year_starts": ("records/series.py", "financial_year_starts"),
    "manifest.working_hours": ("rules/hours.py", "hours.week"),
    "manifest.holidays": ("rules/hours.py", "hours.holidays"),
    "manifest.undo": ("records/write.py", "manifest.undo"),
    "manifest.messages_to_clients": ("records/budget.py", "manifest.to_clients"),
    "manifest.brand.color": ("parts/brand.py", "brand.color"),
    "manifest.brand.logo": ("parts/brand.py", "brand.logo"),
    "entities.*.help": ("web/templates/list_empty.html", "entity.help"),
    "entities.*.was": ("records/difference.py", "blueprint.entities[name].was"),
    "entities.*.icon": ("web/frame.py", "e.icon"),
    "entities.*.menu": ("web/frame.py", "e.in_menu"),
    "entities.*.owned": ("records/checks.py", "entity.owned"),
    "entities.*.form.*.section": ("web/render_facts.py", "section.label"),
    "entities.*.list.sort": ("records/uses.py", "entity.list.sort"),
    "entities.*.fields.*.help": ("web/templates/field.html", "field.help"),
    "entities.*.fields.*.was": ("records/difference.py", "fields[name].was"),
    "entities.*.fields.*.choices.*.was": ("records/difference.py", "choice.was"),
    "entities.*.fields.*.choices.*.color": ("parts/fields/choice.py", "choice.hue"),
    "entities.*.fields.*.roles": ("records/checks.py", 'options.get("roles")'),
    "entities.*.fields.*.when": ("records/computed.py", 'field.options["when"]'),
    "entities.*.fields.*.most_megabytes": ("records/files.py", "most_megabytes"),
    "entities.*.fields.*.shown_when": ("web/render_forms.py", "field.shown_when"),
    "entities.*.fields.*.required_when": ("rules/values.py", "required_when"),
    "entities.*.duplicates.*.match": ("rules/duplicates.py", "rule.match"),
    "entities.*.duplicates.*.among": ("rules/duplicates.py", "rule.among"),
    "entities.*.duplicates.*.when": ("records/duplicates.py", "rule.when"),
    "entities.*.duplicates.*.outcome": ("records/duplicates.py", "rule.outcome"),
    "entities.*.duplicates.*.set": ("records/duplicates.py", "rule.set"),
    "entities.*.duplicates.*.block": ("records/duplicates.py", "rule.block"),
    "entities.*.checks.*.must": ("rules/checks.py", "check.must"),
    "entities.*.checks.*.when": ("rules/checks.py", "check.when"),
    "entities.*.checks.*.refusal": ("rules/checks.py", "check.refusal"),
    "entities.*.checks.*.field": ("rules/checks.py", "check.field"),
    "workflows.*.label": ("web/templates/stages.html", "bar.workflow.label"),
    "workflows.*.when": ("records/changes.py", "task.workflows(entity, holds)"),
    "workflows.*.gone": ("records/difference.py", "flow.gone"),
    "workflows.*.stages.*.probability": ("web/render_stages.py", "stage.probability"),
    "workflows.*.stages.*.help": ("web/templates/stages.html", "step.stage.help"),
    "workflows.*.stages.*.was": ("records/difference.py", "stage.was"),
    "workflows.*.stages.*.ends": ("web/render_stages.py", "stage.ends"),
    "workflows.*.stages.*.allows": ("rules/stages.py", "allows"),
    "workflows.*.transitions.*.roles": ("rules/stages.py", "transition.roles"),
    "workflows.*.transitions.*.help": ("web/pages/moves.py", ".help"),
    "workflows.*.transitions.*.was": ("records/history.py", "t.was"),
    "workflows.*.transitions.*.then": ("records/changes.py", "transition.then"),
    "roles.*.help": ("web/templates/roles.html", "role.help"),
    "roles.*.was": ("records/difference.py", "r.was"),
    "roles.*.rights.*.bulk": ("rules/permissions.py", "may_bulk"),
    "roles.*.rights.*.import": ("rules/permissions.py", "may_import"),
    "roles.*.rights.*.export": ("rules/permissions.py", "may_export"),
    "notifications.*.subject": ("jobs/rendering.py", "notification.subject"),
    "notifications.*.attach": ("jobs/enclosures.py", "notification.attach"),
    "notifications.*.invite.cancelled_when": ("jobs/enclosures.py", "invite.cancelled_when"),
    "notifications.*.offers": ("jobs/rendering.py", "notification.offers"),
    "notifications.*.if_uncertain": ("jobs/sender.py", "notification.holds"),
    "notifications.*.through": ("records/deliveries.py", "notification.through"),
    "channels.*.label": ("jobs/rendering.py", "channel.label"),
    "channels.*.refused": ("parts/channels/http.py", 'settings.get("refused")'),
    "channels.*.answer_id": ("parts/channels/http.py", 'settings.get("answer_id")'),
    "channels.email.reply_to": ("parts/mail.py", 'settings.get("reply_to")'),
    "entities.*.client.refuses": ("jobs/rendering.py", "client.refuses"),
    "notifications.*.label": ("records/uses.py", "notice.label"),
    "notifications.*.fields": ("rules/triggers.py", "trigger.fields"),
    "notifications.*.into": ("rules/triggers.py", "trigger.into"),
    "reports.*.chart": ("web/render_reports.py", "report.chart"),
    "reports.*.roles": ("records/reporting.py", "report.roles"),
    "reports.*.was": ("records/arranging.py", "one.was"),
    "dashboards.*.was": ("records/arranging.py", "dashboard.was"),
    "dashboards.*.tiles.*.was": ("records/arranging.py", "one.was"),
    "dashboards.*.views": ("records/tiles.py", "found.views"),
    "dashboards.*.tiles.*.color": ("web/templates/desk.html", "tile.hue"),
    "imports.*.label": ("cli/import_.py", "plan.label"),
    "capture.*.label": ("web/pages/arrivals.py", "capture.label"),
    "capture.*.intro": ("web/templates/public_form.html", "form.intro"),
    "capture.*.consent": ("web/pages/public_forms.py", "form.consent"),
    "capture.*.thanks": ("web/pages/public_forms.py", "form.thanks"),
    "capture.*.thanks_at": ("web/pages/public_forms.py", "form.thanks_at"),
    "capture.*.button": ("web/templates/public_form.html", "form.button"),
    "capture.*.embed": ("web/pages/public_forms.py", "form.embed"),
    "capture.*.language": ("web/pages/public_forms.py", "form.language"),
    "capture.*.signed.digest": ("rules/signing.py", "signed.digest"),
    "capture.*.signed.written": ("rules/signing.py", "signed.written"),
    "capture.*.signed.within": ("rules/signing.py", "signed.within"),
    "capture.*.sent_as": ("api/hooks.py", "hook.in_address"),
    "capture.*.only": ("records/capturing.py", "hook.only"),
    "capture.*.while": ("records/capturing.py", "capture.still"),
    "capture.*.folder": ("jobs/mailbox.py", "mailbox.folder"),
    "capture.*.every": ("jobs/mailbox.py", "mailbox.every"),
    "capture.*.attachments": ("records/mailing.py", "mailbox.attachments"),
    "imports.*.empty": ("records/cells.py", "mapping.empty"),
    "imports.*.columns.*.make": ("records/mentions.py", "column.make"),
    "imports.*.columns.*.otherwise": ("records/cells.py", "otherwise"),
}


@pytest.mark.parametrize("key", READ_BY)
def test_what_a_key_became_is_read_when_the_set_runs(key: str) -> None:
    """Those that were once accepted and passed over, and those whose name alone would not tell."""
    file, words = READ_BY[key]
    assert key in every_key(), f"No schema has the key {key}"
    assert words in (ROOT / "engine" / file).read_text(), f"{file} does not read {key}"
