"""An officer's slips that would open a door, or stop the compiler."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.compiler import check_set
from tests.duplicates.desk import ENTITIES, NOTIFICATIONS, WORKFLOWS, written

BEFORE = "    duplicates:\n      worked_on:"
CLIENT = ENTITIES.replace(BEFORE, f"    client: {{email: [email]}}\n{BEFORE}", 1)
OFFER = """  ask:
    {label: Ask, entity: lead, on: created, to: [client], through: [email], text: "{{ link_lose }}", offers: [lose]}
"""


@pytest.mark.parametrize("asked", ["owner", "brochure"])
def test_a_client_is_not_asked_for_what_shows_the_firm(asked: str, tmp_path: Path) -> None:
    """The menu of the page behind the link held every person, or every record, of that kind."""
    folder = written(tmp_path, CLIENT)
    (folder / "notifications.yaml").write_text(NOTIFICATIONS + OFFER)
    assert not [p for p in check_set(folder)[1] if "lose asks" in p.sentence]
    (folder / "workflows.yaml").write_text(WORKFLOWS.replace("asks: [lost_reason]", f"asks: [{asked}]"))
    (told,) = [p for p in check_set(folder)[1] if "lose asks" in p.sentence]
    assert told.file.endswith("notifications.yaml") and asked in told.sentence


@pytest.mark.parametrize(
    "key", ["secrets_from", "headers", "query", "form", "json", "refused", "answer_id", "url_from", "to"]
)
@pytest.mark.parametrize("value", ["5", "true", "[[zzz]]", "{zzz: {a: b}}", "word"])
def test_a_channel_with_a_value_of_the_wrong_kind_stops_nobody(key: str, value: str, tmp_path: Path) -> None:
    folder = written(tmp_path)
    lines = {"kind": "http", "url_from": "URL", key: value}
    text = "channels:\n  sms:\n" + "".join(f"    {name}: {said}\n" for name, said in lines.items())
    (folder / "notifications.yaml").write_text(text + NOTIFICATIONS)
    assert all(p.sentence for p in check_set(folder)[1])
