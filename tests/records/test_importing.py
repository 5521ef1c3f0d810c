"""Real files come in: an education firm's leads, a hardware seller's four files. Excerpts here, the whole under `soak`."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import BadRequest, Refused
from engine.records.exporting import every_column, export_csv, export_xlsx
from engine.records.importing import Report, import_file, mapping_of_headers
from engine.records.query import Query
from engine.records.sheets import read_sheet
from tests.desk import ROOT, Desk, open_desk

DATA = ROOT / "tests" / "excerpts"
WHOLE = ROOT.parent / "shared" / "data"
SALES = (("products", "product"), ("accounts", "account"), ("sales_teams", "user"), ("sales_pipeline", "opportunity"))


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    opened = open_desk(database_url, files=tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def quick_desk(sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    opened = open_desk(sqlite_url, files=tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def seller(database_url: str) -> Iterator[Desk]:
    opened = open_desk(database_url, "config/raalink")
    yield opened
    opened.close()


def bring(desk: Desk, mapping: str, file: Path, *, keep: bool = True) -> Report:
    crm = desk.crm
    return import_file(crm.writes, desk.engine, crm.blueprint.imports[mapping], file, keep=keep)


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.created, report.changed, report.same, len(report.rejected)


def file_of(folder: Path, *lines: str, name: str = "leads.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


# ---- the education firm


def test_the_education_firms_leads_come_in_once(desk: Desk) -> None:
    file = DATA / "education_leads.csv"
    assert counts(bring(desk, "education_leads", file)) == (200, 0, 0, 0)
    before = desk.rows("select id, version, follow_up_at from lead order by id")
    desk.clock.pass_time(days=3, hours=5)
    assert counts(bring(desk, "education_leads", file)) == (0, 0, 200, 0)
    assert desk.rows("select id, version, follow_up_at from lead order by id") == before


def test_tags_become_stages_and_lost_reasons_and_select_is_empty(quick_desk: Desk) -> None:
    bring(quick_desk, "education_leads", DATA / "education_leads.csv")
    stages = {stage for (stage,) in quick_desk.rows("select distinct status from lead")}
    assert stages == {"NOT ATTEMPTED", "FOLLOW-UP", "CLOSE TO WON", "CLOSE TO LOOSE"}
    assert quick_desk.rows("select count(*) from lead where city = 'Select' or specialization = 'Select'") == [(0,)]
    lost = quick_desk.rows("select distinct lost_reason from lead where status = 'CLOSE TO LOOSE' order by 1")
    assert ("Looking for another product",) in lost
    follow = quick_desk.rows("select count(*) from lead where follow_up_at is null and status = 'FOLLOW-UP'")
    assert follow == [(0,)]


def test_what_asha_changed_since_is_not_moved_by_another_import(quick_desk: Desk) -> None:
    bring(quick_desk, "education_leads", DATA / "education_leads.csv")
    id, version = quick_desk.rows("select id, version from lead where status = 'FOLLOW-UP' limit 1")[0]
    made = quick_desk.crm.writes.do(quick_desk.dev, _update(id, version, follow_up_at="2027-01-31 10:00"))
    assert counts(bring(quick_desk, "education_leads", DATA / "education_leads.csv")) == (0, 0, 200, 0)
    assert quick_desk.rows(f"select version from lead where id = {id}") == [(made.version,)]


def _update(id: int, version: int, **values: object):
    from engine.records.commands import Update

    return Update("lead", id, version, values)


def test_a_dry_run_says_the_same_and_keeps_nothing(desk: Desk) -> None:
    assert counts(bring(desk, "education_leads", DATA / "education_leads.csv", keep=False)) == (200, 0, 0, 0)
    assert desk.rows("select count(*) from lead") == [(0,)]


def test_the_rejected_file_is_mended_and_imported_again(quick_desk: Desk, tmp_path: Path) -> None:
    lines = (DATA / "education_leads.csv").read_text(encoding="utf-8").splitlines()[:6]
    lines[2] = lines[2].replace(",5.0,", ",=many,", 1)
    report = bring(quick_desk, "education_leads", file_of(tmp_path, *lines))
    assert counts(report) == (4, 0, 0, 1)
    assert report.rejected[0].number == 3 and "visits" in report.rejected[0].reasons
    report.write_rejected(tmp_path / "rejected.csv")
    told = (tmp_path / "rejected.csv").read_text(encoding="utf-8-sig")
    assert "'=many" in told and "What is wrong" in told  # no formula, whatever program opens it
    mended = file_of(tmp_path, *told.replace("'=many", "5").splitlines(), name="mended.csv")
    assert counts(bring(quick_desk, "education_leads", mended)) == (1, 0, 0, 0)
    assert counts(bring(quick_desk, "education_leads", file_of(tmp_path, *lines))) == (0, 0, 4, 1)


# ---- the hardware seller


def test_the_sellers_four_files_link_up(seller: Desk) -> None:
    made = {name: bring(seller, name, DATA / f"{name}.csv") for name, _ in SALES}
    assert counts(made["products"]) == (7, 0, 0, 0)
    assert counts(made["accounts"]) == (85, 0, 0, 0)
    assert made["sales_teams"].made == {"user": 6, "team": 3}  # managers and branches, each once
    assert counts(made["sales_pipeline"]) == (200, 0, 0, 0)
    assert seller.rows("select count(*) from opportunity where product is null or owner is null") == [(0,)]
    managed = 'select count(*) from opportunity o join "user" u on u.id = o.owner where u.manager is not null'
    assert seller.rows(managed) == [(200,)]
    assert seller.rows('select count(*) from account where parent is not null') == [(15,)]
    again = {name: counts(bring(seller, name, DATA / f"{name}.csv")) for name, _ in SALES}
    assert [(created, changed, rejected) for created, changed, _, rejected in again.values()] == [(0, 0, 0)] * 4


def test_without_the_rule_the_product_with_another_spelling_is_told(seller: Desk) -> None:
    for name in ("products", "accounts", "sales_teams"):
        bring(seller, name, DATA / f"{name}.csv")
    mapping = seller.crm.blueprint.imports["sales_pipeline"]
    bare = replace(mapping, columns=tuple(replace(c, words={}) if c.field == "product" else c for c in mapping.columns))
    report = import_file(seller.crm.writes, seller.engine, bare, DATA / "sales_pipeline.csv")
    told = 'product: There is no product or service "GTXPro". Did you mean "GTX Pro"?'
    assert {row.reasons for row in report.rejected} == {told}
    lost = len(report.rejected)
    assert counts(bring(seller, "sales_pipeline", DATA / "sales_pipeline.csv")) == (lost, 0, 200 - lost, 0)


def test_a_subsidiary_may_stand_above_its_parent(seller: Desk, tmp_path: Path) -> None:
    head = "account,sector,year_established,revenue,employees,office_location,subsidiary_of"
    file = file_of(tmp_path, head, "Child,retail,2000,1,1,India,Parent", "Parent,retail,1990,1,1,India,")
    report = bring(seller, "accounts", file)
    assert (counts(report), report.made) == ((2, 0, 0, 0), {})
    named = "select p.name from account c join account p on p.id = c.parent where c.name = 'Child'"
    assert seller.rows(named) == [("Parent",)]
    assert counts(bring(seller, "accounts", file)) == (0, 0, 2, 0)


# ---- headers, rights, spreadsheets


def test_headers_that_are_labels_need_no_mapping(quick_desk: Desk, tmp_path: Path) -> None:
    file = file_of(tmp_path, "First name;Mobile;Owner;Nonsense", "Kiran;98765 43210;Asha;x", "Lata;98765 43211;Nobody;x")
    sheet = read_sheet(file)
    entity = quick_desk.crm.blueprint.entities["lead"]
    mapping = mapping_of_headers(quick_desk.crm.blueprint, entity, sheet.headers, None)
    report = import_file(quick_desk.crm.writes, quick_desk.dev, mapping, sheet)
    assert counts(report) == (1, 0, 0, 1)
    assert report.rejected[0].reasons == 'owner: There is no user "Nobody".'
    assert quick_desk.rows("select phone, owner from lead") == [("+919876543210", quick_desk.asha.user)]


def test_a_caller_may_not_import(quick_desk: Desk) -> None:
    mapping = quick_desk.crm.blueprint.imports["education_leads"]
    with pytest.raises(Refused):
        import_file(quick_desk.crm.writes, quick_desk.asha, mapping, DATA / "education_leads.csv")


def test_what_was_exported_is_imported_again_unchanged_as_csv_and_as_a_spreadsheet(quick_desk: Desk, tmp_path: Path) -> None:
    crm = quick_desk.crm
    bring(quick_desk, "education_leads", DATA / "education_leads.csv")
    quick_desk.create(quick_desk.dev, "lead", first_name="=1+1", last_name="Ünal", phone="98765 43210", budget="1250.50",
                      prospect_id="x1", follow_up_at="2027-01-31 14:30", owner=str(quick_desk.asha.user))  # fmt: skip
    entity = crm.blueprint.entities["lead"]
    query = Query("lead", every_column(crm.reads, quick_desk.dev, entity))
    (tmp_path / "out.csv").write_bytes(b"".join(export_csv(crm.reads, quick_desk.dev, query)))
    assert export_xlsx(crm.reads, quick_desk.dev, query, tmp_path / "out.xlsx") == 201
    assert "'=1+1" in (tmp_path / "out.csv").read_text(encoding="utf-8")
    for name in ("out.csv", "out.xlsx"):
        sheet = read_sheet(tmp_path / name)
        mapping = mapping_of_headers(crm.blueprint, entity, sheet.headers, "prospect_id")
        report = import_file(crm.writes, quick_desk.dev, mapping, sheet)
        assert (name, counts(report), report.rejected[:1]) == (name, (0, 0, 201, 0), ())


def test_a_caller_may_not_export_and_a_manager_exports_what_she_sees(quick_desk: Desk) -> None:
    crm = quick_desk.crm
    quick_desk.create(quick_desk.asha, "lead", first_name="Kiran")
    quick_desk.create(quick_desk.dev, "lead", first_name="Lata", owner=str(quick_desk.dev.user))
    with pytest.raises(Refused):
        export_csv(crm.reads, quick_desk.asha, Query("lead", ("first_name",)))
    assert b"".join(export_csv(crm.reads, quick_desk.meera, Query("lead", ("first_name",)))).split() == [
        b"\xef\xbb\xbfFirst", b"name", b"Kiran",
    ]  # fmt: skip


@pytest.mark.soak
@pytest.mark.skipif(not WHOLE.exists(), reason="the whole files are not here")
def test_all_9240_leads_and_all_8800_opportunities(quick_desk: Desk, sqlite_databases) -> None:
    assert counts(bring(quick_desk, "education_leads", WHOLE / "education_leads.csv")) == (9240, 0, 0, 0)
    quick_desk.clock.pass_time(days=1)
    assert counts(bring(quick_desk, "education_leads", WHOLE / "education_leads.csv")) == (0, 0, 9240, 0)
    seller = open_desk(sqlite_databases.empty(), "config/raalink")
    made = [counts(bring(seller, name, WHOLE / "sales_opportunities" / f"{name}.csv")) for name, _ in SALES]
    assert made == [(7, 0, 0, 0), (85, 0, 0, 0), (35, 0, 0, 0), (8800, 0, 0, 0)]
    assert [counts(bring(seller, n, WHOLE / "sales_opportunities" / f"{n}.csv"))[:2] for n, _ in SALES] == [(0, 0)] * 4
    seller.close()


# ---- files that are not what they should be


@pytest.mark.parametrize("content", [b"\x00\x01\x02", b"PK\x03\x04 nothing", b"a,a\n1,2\n", b",,\n1,2,3\n"])
def test_a_file_that_is_none_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(BadRequest, match=r"x\.csv"):
        list(read_sheet(tmp_path / "x.csv").rows)


@pytest.mark.parametrize(
    "content",
    [
        "Name,City\nÜnal,Köln\n".encode(),
        b"\xef\xbb\xbf" + "Name;City\nÜnal;Köln\n".encode(),
        "Name\tCity\nÜnal\tKöln\n".encode("utf-16"),
    ],
)
def test_any_encoding_and_separator_is_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    sheet = read_sheet(tmp_path / "x.csv")
    assert (sheet.headers, list(sheet.rows)) == (("Name", "City"), [("Ünal", "Köln")])


def test_a_spreadsheet_that_unfolds_to_gigabytes_is_refused_in_time(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
        with bomb.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(1100):
                part.write(b" " * 1_000_000)
    with pytest.raises(BadRequest, match="too large"):
        read_sheet(tmp_path / "bomb.xlsx")


def test_a_spreadsheets_days_numbers_and_flags_are_texts(tmp_path: Path) -> None:
    from datetime import date, datetime

    from xlsxwriter import Workbook

    book = Workbook(str(tmp_path / "x.xlsx"))
    sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
    for at, cell in enumerate(("Day", "Moment", "Number", "Price", "Flag", "Text")):
        sheet.write(0, at, cell)
    sheet.write_datetime(1, 0, date(2026, 1, 31), day)
    sheet.write_datetime(1, 1, datetime(2026, 1, 31, 14, 30), day)
    sheet.write_number(1, 2, 660737)
    sheet.write_number(1, 3, 12.5)
    sheet.write_boolean(1, 4, True)
    sheet.write_string(1, 5, "=1+1")
    book.close()
    assert list(read_sheet(tmp_path / "x.xlsx").rows) == [
        ("2026-01-31", "2026-01-31 14:30:00", "660737", "12.5", "Yes", "=1+1")
    ]


def test_a_row_with_more_cells_than_headers_is_rejected(quick_desk: Desk, tmp_path: Path) -> None:
    file = file_of(tmp_path, "first_name,phone", "Kiran,98765 43210,oops", "Lata,98765 43211,")
    crm = quick_desk.crm
    mapping = mapping_of_headers(crm.blueprint, crm.blueprint.entities["lead"], read_sheet(file).headers, None)
    report = import_file(crm.writes, quick_desk.dev, mapping, file)
    assert counts(report) == (1, 0, 0, 1)
    assert report.rejected[0].reasons == "The row has 3 cells, and there are 2 headers."


def test_the_excerpts_are_like_the_whole() -> None:
    for name in ("education_leads", *(name for name, _ in SALES)):
        with (DATA / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            widths = {len(line) for line in csv.reader(file)}
        assert len(widths) == 1
