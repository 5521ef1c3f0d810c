"""Who may open a stored file, and what becomes of one that nobody claims."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import BadRequest, Invalid, NotFound, TooLarge, TooMany
from engine.records.files import plain_name
from tests.desk import Desk, open_desk

PDF = b"%PDF-1.7 an offer"


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    opened = open_desk(database_url, files=tmp_path / "files")
    yield opened
    opened.close()


def keep(desk: Desk, actor: str, content: bytes = PDF, name: str = "offer.pdf", most: int = 25):
    return desk.crm.files.keep(desk.people[actor], io.BytesIO(content), name, desk.clock(), most)


def call_of(desk: Desk, actor: str, file: int):
    return desk.create(desk.people[actor], "call", subject="First call", outcome="RNR", recording=str(file))


def test_asha_opens_what_she_uploaded_and_nobody_else_does(desk: Desk) -> None:
    file = keep(desk, "asha")
    opened = desk.crm.files.open(desk.asha, file.key)
    assert opened.path.read_bytes() == PDF
    assert (opened.file.name, opened.file.size, opened.file.media_type) == ("offer.pdf", len(PDF), "application/pdf")
    for stranger in (desk.ravi, desk.meera, desk.dev):
        with pytest.raises(NotFound):
            desk.crm.files.open(stranger, file.key)


def test_once_a_call_holds_it_the_callers_right_is_the_files(desk: Desk) -> None:
    file = keep(desk, "asha")
    call_of(desk, "asha", file.id)
    assert desk.crm.files.open(desk.asha, file.key).path.is_file()
    assert desk.crm.files.open(desk.meera, file.key).path.is_file()  # she manages Asha
    with pytest.raises(NotFound):
        desk.crm.files.open(desk.ravi, file.key)


def test_ravi_cannot_put_ashas_file_into_a_call_of_his(desk: Desk) -> None:
    file = keep(desk, "asha")
    with pytest.raises(Invalid, match="correct"):
        call_of(desk, "ravi", file.id)
    call_of(desk, "asha", file.id)
    with pytest.raises(Invalid):
        call_of(desk, "asha", file.id)  # it belongs to another record already


def test_a_file_that_was_replaced_can_no_longer_be_opened(desk: Desk) -> None:
    old, new = keep(desk, "asha"), keep(desk, "asha", b"%PDF-1.7 better")
    made = call_of(desk, "asha", old.id)
    desk.update(desk.asha, "call", made, recording=str(new.id))
    assert desk.crm.files.open(desk.asha, new.key).path.is_file()
    with pytest.raises(NotFound):
        desk.crm.files.open(desk.asha, old.key)


def test_a_file_is_what_its_bytes_say_and_not_what_its_name_says(desk: Desk) -> None:
    assert keep(desk, "asha", b"<html><script>alert(1)</script>", "me.png").media_type == "text/plain"
    assert keep(desk, "asha", b"\x89PNG\r\n\x1a\n....", "me.exe").media_type == "image/png"
    assert keep(desk, "asha", bytes(range(256)), "x.bin").media_type == "application/octet-stream"


def test_a_file_that_is_too_large_or_empty_leaves_nothing(desk: Desk) -> None:
    with pytest.raises(TooLarge, match="larger than 1 MB"):
        keep(desk, "asha", b"x" * 1_000_001, most=1)
    with pytest.raises(BadRequest, match="empty"):
        keep(desk, "asha", b"")
    assert [path for path in desk.crm.settings.files.rglob("*") if path.is_file()] == []
    assert desk.rows("select count(*) from crm_file") == [(0,)]


def test_the_sweeper_takes_what_nobody_claimed_for_a_day(desk: Desk) -> None:
    lost, held = keep(desk, "asha"), keep(desk, "asha")
    call_of(desk, "asha", held.id)
    assert desk.crm.files.sweep(desk.clock()) == 0
    desk.clock.pass_time(days=1, hours=1)
    assert desk.crm.files.sweep(desk.clock()) == 1
    with pytest.raises(NotFound):
        desk.crm.files.open(desk.asha, lost.key)
    assert desk.crm.files.open(desk.asha, held.key).path.is_file()


def test_the_sweeper_takes_a_file_whose_writer_died_before_the_row(desk: Desk) -> None:
    stray = desk.crm.settings.files / "ab" / "abcdef"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"half")
    desk.clock.pass_time(days=20_000)  # the file's own time is today's
    assert desk.crm.files.sweep(desk.clock()) == 1
    assert not stray.exists()


def test_a_person_cannot_fill_the_disk_with_files_that_no_record_holds(desk: Desk) -> None:
    for _ in range(100):
        keep(desk, "asha", b"x")
    with pytest.raises(TooMany):
        keep(desk, "asha", b"x")
    assert keep(desk, "ravi", b"x").size == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [("../../etc/passwd", "passwd"), ("C:\\me\\a.pdf", "a.pdf"), ("a\r\nb.txt", "ab.txt"), ("..", "file"), ("", "file")],
)
def test_a_name_is_only_a_name(given: str, kept: str) -> None:
    assert plain_name(given) == kept
