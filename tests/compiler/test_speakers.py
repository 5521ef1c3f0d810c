# ruff: noqa: E501 (a sentence that people read stays on one line)
"""What speaks of entities, fields, stages and roles: notifications, reports, dashboards, imports, the manifest."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.blueprint.imports import Column
from engine.blueprint.manifest import Brand
from engine.blueprint.reports import Measure
from engine.blueprint.triggers import stages_of
from tests.compiler.sets import CRM, ENTITIES, changed, compiled, told

NOTIFICATION = """notifications:
  lost_lead:
    entity: lead
    on: moved
    into: [CLOSE TO LOOSE]
    when: {source: {is: Google}}
    to: [owner, manager of owner, role: manager, field: owner]
    text: "{{ title }} of {{ owner.name }} is lost: {{ lost_reason }}, says {{ actor }}."
"""
REPORTS = """reports:
  leads_by_source:
    entity: lead
    group_by: [source, created_at by month]
    measures: {leads: count, value: {sum: budget}}
    chart: bar
    roles: [manager]
dashboards:
  desk:
    label: Lead desk
    roles: [caller]
    tiles:
      hot: {label: Hot leads, entity: lead, when: {source: {is: Google}}, measure: count, color: orange}
    reports: [leads_by_source]
"""
IMPORT = """label: Education leads
entity: lead
key: name
empty: [Select]
columns:
  name:   {from: [First, Last], join: " "}
  source: {from: Source, words: {google: Google, "": Website}, otherwise: Walk-in}
  status: {from: Tags, words: {Busy: FOLLOW-UP}, otherwise: NEW}
  account: {from: Firm, match: name, make: {industry: Retail}}
  follow_up_at: {from: Tags, words: {Busy: in 3 days}, otherwise: ""}
  discount: {value: 5}
"""


def test_people_are_told_of_a_move_in_words_of_the_record(tmp_path: Path) -> None:
    lost = compiled(tmp_path, notifications=NOTIFICATION).notifications["lost_lead"]
    assert lost.to == ("owner", "manager of owner", "role:manager", "field:owner")
    assert (lost.on, stages_of(lost.trigger), lost.label) == ("moved", ("CLOSE TO LOOSE",), "Lost lead")
    assert lost.text.fields == {"title", "owner.name", "lost_reason", "actor"}


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("entity: lead", "entity: laed", '3:13 "laed" is not an entity. Did you mean "lead"?'),
        ("[CLOSE TO LOOSE]", "[CLOSE TO LOSE]", '5:12 "CLOSE TO LOSE" is not a stage of lead. Did you mean "CLOSE TO LOOSE"?'),
        ("on: moved", "on: created", '5:5 "into" goes with on: moved; this one is on: created. Remove it, or write on: moved.'),
        ("role: manager", "role: manger", '7:41 "manger" is not a role. Did you mean "manager"?'),
        ("role: manager", "manager", '7:35 "manager" is a role. Write {role: manager}.'),
        ("to: [owner,", "to: [ownr,", '7:10 "ownr" is not somebody who can be told. Did you mean "owner"?'),
        ("field: owner", "field: phone", '7:57 "phone" is not a field of lead that holds a person. '
                                         "Known: owner, created_by, updated_by."),
        ("{{ lost_reason }}", "{{ lost_resaon }}", '8:11 "lost_resaon" is not a field of lead. Did you mean "lost_reason"?'),
        ("{{ owner.name }}", "{{ owner.nmae }}", '8:11 "nmae" is not a field of user. Did you mean "name"?'),
        ("{{ title }}", "{{ titel }}", '8:11 "titel" is not a field of lead. Did you mean "title"?'),
        ("{{ title }}", "{{ calls }}", "8:11 A text cannot hold calls, a field of type children."),
    ],
)  # fmt: skip
def test_a_wrong_notification_is_told(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    found = told(tmp_path, notifications=changed(NOTIFICATION, old, new))
    assert found == [f"notifications.yaml:{sentence}"]


def test_reports_group_and_measure(tmp_path: Path) -> None:
    blueprint = compiled(tmp_path, reports=REPORTS)
    report, desk = blueprint.reports["leads_by_source"], blueprint.dashboards["desk"]
    assert report.group_by == ("source", "created_at by month")
    assert dict(report.measures) == {"leads": Measure("leads", "Leads", "count"), "value": Measure("value", "Value", "sum", "budget")}
    assert (report.chart, report.roles) == ("bar", ("manager",))
    assert (desk.tiles["hot"].hue, desk.reports) == ("orange", ("leads_by_source",))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("[source,", "[sorce,", '4:16 "sorce" is not a field of lead. Did you mean "source"?'),
        ("[source,", "[calls,", "4:16 A report cannot group by calls, a field of type children."),
        ("by month", "by moth", '4:24 "moth" is not a part of time by which created_at can be grouped. Did you mean "month"?'),
        ("created_at by month", "source by month", '4:24 source is no date, so "by month" means nothing. Write source.'),
        ("{sum: budget}", "{sum: budgt}", '5:43 "budgt" is not a field of lead. Did you mean "budget"?'),
        ("{sum: budget}", "{sum: phone}", "5:43 phone holds no number to sum. Fields with numbers: budget, discount."),
        ("{sum: budget}", "{summ: budget}", '5:38 "summ" is not a measure. Did you mean "sum"?'),
        ("roles: [manager]", "roles: [manger]", '7:13 "manger" is not a role. Did you mean "manager"?'),
        ("reports: [leads_by_source]", "reports: [leads_by_sorce]", '14:15 "leads_by_sorce" is not a report. '
                                                                    'Did you mean "leads_by_source"?'),
        ("{is: Google}", "{is: Gogle}", '13:65 "Gogle" is not a choice of lead.source. Did you mean "Google"?'),
    ],
)  # fmt: skip
def test_a_wrong_report_is_told(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert told(tmp_path, reports=changed(REPORTS, old, new)) == [f"reports.yaml:{sentence}"]


def test_an_import_says_how_columns_become_fields(tmp_path: Path) -> None:
    mapping = compiled(tmp_path, imports__leads=IMPORT).imports["leads"]
    columns = {column.field: column for column in mapping.columns}
    assert (mapping.key, mapping.empty) == ("name", {"", "Select"})
    assert (columns["name"].headers, columns["name"].join) == (("First", "Last"), " ")
    assert dict(columns["source"].words) == {"google": "Google", "": "Website"}
    assert (columns["account"].match, dict(columns["account"].make or {})) == ("name", {"industry": "Retail"})
    assert columns["follow_up_at"].otherwise == ""
    assert isinstance(columns["discount"], Column) and columns["discount"].value == "5"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("key: name", "key: nmae", '3:6 "nmae" is not a field of lead. Did you mean "name"?'),
        ("key: name", "key: phone", "3:6 Rows are found again by phone, but no column fills it. Add phone to the columns."),
        ("  source:", "  sorce:", '7:3 "sorce" is not a field of lead. Did you mean "source"?'),
        ("google: Google", "google: Gogle", '7:42 "Gogle" is not a choice of lead.source. Did you mean "Google"?'),
        ("Busy: FOLLOW-UP", "Busy: FOLLOWUP", '8:38 "FOLLOWUP" is not a stage of lead.status. Did you mean "FOLLOW-UP"?'),
        ("otherwise: Walk-in", "otherwise: Walkin", '7:75 "Walkin" is not a choice of lead.source. Did you mean "Walk-in"?'),
        ("match: name", "match: nmae", '9:32 "nmae" is not a field of account. Did you mean "name"?'),
        ("{industry: Retail}", "{industry: Retial}", '9:55 "Retial" is not a choice of account.industry. Did you mean "Retail"?'),
        ("from: Firm, match: name, make: {industry: Retail}", "from: Firm, make: {}",
         "9:25 `make` goes with `match`: it makes the record that was not found. Add match: FIELD."),
        ("value: 5", "value: five", '11:21 "five" is not a number. Write digits, for example 12.5.'),
        ("discount:", "calls:", "11:3 calls cannot be imported: nobody writes it. Take it out."),
        ("in 3 days", "in 3 dayz", '10:44 "in 3 dayz" is not a date and time. Write a day and a time, for example 2026-01-31 14:30.'),
    ],
)  # fmt: skip
def test_a_wrong_import_is_told(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert told(tmp_path, imports__leads=changed(IMPORT, old, new)) == [f"imports/leads.yaml:{sentence}"]


def test_an_import_fills_what_every_record_needs(tmp_path: Path) -> None:
    imported = IMPORT.replace('  name:   {from: [First, Last], join: " "}\n', "").replace("key: name\n", "key: source\n")
    assert told(tmp_path, imports__leads=imported) == [
        "imports/leads.yaml:5:1 Every lead needs its name, and no column fills it. Add name to the columns."
    ]


def test_the_manifest_says_where_and_in_what_money(tmp_path: Path) -> None:
    manifest = compiled(tmp_path, crm=CRM + 'brand: {color: "#0B5CD6"}\n').manifest
    assert (manifest.zone, manifest.currency, manifest.country) == ("Asia/Kolkata", "INR", "IN")
    assert manifest.financial_year_starts == (4, 1)
    assert manifest.brand == Brand("#0b5cd6")


@pytest.mark.parametrize(
    ("old", "new", "start"),
    [
        ("zone: Asia/Kolkata", "zone: Asia/Kolkatta", 'crm.yaml:3:7 "Asia/Kolkatta" is not a time zone. Did you mean "Asia/Kolkata"?'),
        ("zone: Asia/Kolkata", "zone: Europe/Kolkata", 'crm.yaml:3:7 "Europe/Kolkata" is not a time zone.'),
        ("currency: INR", "currency: RS", 'crm.yaml:4:11 "RS" is not '),
        ("currency: INR", "currency: inr", 'crm.yaml:4:11 "inr" is not the code of a currency, as in INR. Write "INR".'),
        ("country: IN", "country: India", 'crm.yaml:5:10 "India" is not '),
        ("04-01", "02-30", 'crm.yaml:6:24 "02-30" is not a month and a day that every year has. Write 04-01 for 1 April.'),
        ("name: small", "name: Small firm", 'crm.yaml:1:7 "Small firm" '),
    ],
)
def test_a_wrong_manifest_is_told(tmp_path: Path, old: str, new: str, start: str) -> None:
    found = told(tmp_path, crm=changed(CRM, old, new))
    assert len(found) == 1 and found[0].startswith(start), found


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        entities=changed(ENTITIES, "{type: phone}", "{type: fone}"),
        notifications=changed(NOTIFICATION, "entity: lead", "entity: laed"),
        reports=changed(REPORTS, "[source,", "[sorce,"),
        imports__leads=changed(IMPORT, "key: name", "key: nmae"),
    )
    assert [line.split(":")[0] for line in found] == ["entities.yaml", "imports/leads.yaml", "notifications.yaml", "reports.yaml"]
