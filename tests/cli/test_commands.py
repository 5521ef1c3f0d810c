"""The command line, as an implementer and an operator use it: each test is a few commands in a folder of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.cli import docs, main
from tests.desk import ROOT


@pytest.fixture
def firm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new set with its tables."""
    for name in ("CRM_DATABASE_URL", "CRM_FILES", "CRM_SECURE", "CRM_DEVELOPMENT"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "firm"
    assert crm("new", folder).exit_code == 0
    assert crm("apply", folder).exit_code == 0
    return folder


def crm(*words: object, **more: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], **more)  # type: ignore[arg-type]


def hire(folder: Path, name: str = "Asha", role: str = "seller") -> None:
    given = ("--name", name, "--email", f"{name.lower()}@firm.example", "--role", role, "--password", "four unrelated words")
    done = crm("user", "add", folder, *given)
    assert done.exit_code == 0, done.output


def leads(folder: Path, *lines: str) -> Path:
    path = folder / "leads.csv"
    path.write_text("First name,Mobile,Owner\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_new_set_is_valid_and_nothing_is_left_to_apply(firm: Path) -> None:
    assert crm("validate", firm).output.startswith("Firm CRM is valid")
    assert crm("plan", firm).exit_code == 0
    assert crm("new", firm).exit_code == 1  # it is not empty


def test_leads_come_in_and_go_out(firm: Path, tmp_path: Path) -> None:
    hire(firm)
    done = crm("import", "lead", leads(firm, "Kiran,020 7946 0001,Asha", "Lata,020 7946 0002,Nobody"), firm)
    assert done.exit_code == 1
    assert "1 created, 0 changed, 0 the same, 1 rejected." in done.output
    assert 'There is no user ""Nobody"".' in (firm / "leads.rejected.csv").read_text(encoding="utf-8-sig")
    out = tmp_path / "out.csv"
    assert crm("export", "lead", firm, "--to", out, "--columns", "first_name,owner").exit_code == 0
    assert out.read_text(encoding="utf-8-sig").splitlines() == ["First name,Owner", "Kiran,Asha"]
    assert "Kiran" not in crm("export", "lead", firm, "--where", "first_name=Lata").output
    assert crm("export", "lead", firm, "--where", "nonsense=1").exit_code == 1
    refused = crm("export", "lead", firm, "--as", "asha@firm.example")
    assert refused.exit_code == 1 and "may not export" in refused.output


def test_explain_tells_why_asha_does_not_see_a_lead(firm: Path) -> None:
    hire(firm)
    hire(firm, "Ravi")
    crm("import", "lead", leads(firm, "Kiran,020 7946 0001,Ravi"), firm)
    number = crm("export", "lead", firm, "--columns", "reference").output.split()[-1]
    told = crm("explain", "asha@firm.example", number, firm)
    assert told.exit_code == 0 and "Asha may not read it" in told.output
    told = crm("explain", "ravi@firm.example", number, firm)
    assert "Ravi may read it" in told.output and "possible now" in told.output
    assert "There is no record" in crm("explain", "ravi@firm.example", "LEAD-none", firm).output


def test_show_tells_who_says_it_and_what_it_does() -> None:
    told = crm("show", "entities.lead.fields.source", ROOT / "config" / "rsoft").output
    assert "wins   " in told and "config/rsoft/entities.yaml:" in told and "under  " in told
    assert "type: choice" in told
    assert 'Did you mean "entities.lead"?' in crm("show", "entities.laed", ROOT / "config" / "rsoft").output


def test_a_backup_brings_back_what_was_there(firm: Path, tmp_path: Path) -> None:
    hire(firm)
    crm("import", "lead", leads(firm, "Kiran,020 7946 0001,Asha"), firm)
    assert crm("backup", firm, "--to", tmp_path / "b.db").exit_code == 0
    crm("import", "lead", leads(firm, "Lata,020 7946 0002,Asha"), firm)
    assert "Lata" in crm("export", "lead", firm).output
    done = crm("restore", tmp_path / "b.db", firm, "--yes")
    assert done.exit_code == 0, done.output
    assert "Lata" not in crm("export", "lead", firm).output and "Kiran" in crm("export", "lead", firm).output
    assert crm("backup", firm, "--to", tmp_path / "b.db").exit_code == 1  # no older backup is overwritten


def test_audit_notices_a_history_that_somebody_changed(firm: Path) -> None:
    hire(firm)
    assert "as they were written" in crm("audit", "verify", firm).output
    import sqlite3

    with sqlite3.connect(firm / "data" / "crm.db") as database:
        database.execute("update crm_history set changes = '{}' where action = 'created'")
    done = crm("audit", "verify", firm)
    assert done.exit_code == 1 and "was changed after it was written" in done.output


def test_the_doctor_says_what_to_do(firm: Path) -> None:
    done = crm("doctor", firm)
    assert done.exit_code == 0 and "Nobody can sign in yet" in done.output
    (firm / "entities.yaml").write_text("entities:\n  lead:\n    fields:\n      more: {type: text}\n", encoding="utf-8")
    (firm / "notifications.yaml").write_text("notifications: {}\n", encoding="utf-8")
    done = crm("doctor", firm)
    assert done.exit_code == 1 and "crm apply" in done.output
    (firm / "roles.yaml").write_text("rolls: {}\n", encoding="utf-8")
    assert "crm validate" in crm("doctor", firm).output


def test_a_workflow_is_drawn() -> None:
    drawn = crm("diagram", ROOT / "config" / "rsoft", "--workflow", "appointment_plan").output
    assert drawn.startswith("---\ntitle: Demo\n---\nstateDiagram-v2") and "s1 --> s2 : Completed" in drawn
    dotted = crm("diagram", ROOT / "config" / "rsoft", "--workflow", "appointment_plan", "--format", "dot").output
    assert '"DEMO CONFIRMED" -> "DEMO COMPLETED" [label="Completed"];' in dotted
    assert crm("diagram", ROOT / "config" / "rsoft", "--workflow", "nothing").exit_code == 1


@pytest.mark.parametrize("name", ["fields.md", "operators.md", "language.md", "commands.md"])
def test_the_reference_is_up_to_date(name: str) -> None:
    written = ROOT / "docs" / "reference" / name
    assert written.read_text(encoding="utf-8") == docs.pages()[name], "run `crm docs`"


def test_help_and_validate_load_no_library_of_the_web_or_the_database() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from engine.cli import main;"
        "print(CliRunner().invoke(main, ['--help']).exit_code);"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'sqlalchemy', 'starlette', 'uvicorn', 'babel'}))"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.splitlines()[0] == "0"
    assert done.stdout.splitlines()[1] == "[]"


def test_a_running_set_takes_over_a_good_change_and_keeps_on_when_one_is_broken(firm: Path, capfd) -> None:
    from engine.cli._watch import Watch
    from engine.cli.demo import _fit
    from engine.runtime import Runtime

    runtime = Runtime(firm)
    watch = Watch(runtime, lambda: _fit(firm), every=0.05)
    watch.start()
    try:
        first = runtime.current
        (firm / "entities.yaml").write_text("entities:\n  lead:\n    feelds: {}\n", encoding="utf-8")
        assert until(lambda: "the running one is kept" in capfd.readouterr().err)
        assert runtime.current is first
        good = "entities:\n  lead:\n    label: Prospect\n    fields:\n"
        good += "      wanted_on: {type: date}\n      pet: {type: text}\n"
        (firm / "entities.yaml").write_text(good, encoding="utf-8")
        assert until(lambda: runtime.current is not first)
        lead = runtime.current.blueprint.entities["lead"]
        assert lead.label == "Prospect" and "pet" in lead.fields
        assert runtime.current.reads.count(_engine(runtime), _all_leads()) == 0  # its new column is there
    finally:
        watch.stop()
        watch.join()
        runtime.close()


def until(holds, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


def _engine(runtime):
    from engine.actor import robot

    return robot(runtime.current.blueprint)


def _all_leads():
    from engine.records.query import Query

    return Query("lead", ("pet",))
