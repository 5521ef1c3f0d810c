"""One set, each reader in their own language: screens, refusals, public pages and programs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from engine.compiler import compile_set
from engine.records.apply import apply
from engine.records.database import Database
from engine.records.passwords import Passwords
from engine.records.plan import plan
from engine.runtime import Runtime
from engine.settings import Settings
from engine.web.app import make_app
from tests.firm import PASSWORD, QuickHasher
from tests.journeys.desk import Desk
from tests.web.forms import send

RSOFT = Path(__file__).parents[2] / "config/rsoft"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("languages")
    url = f"sqlite:///{folder}/crm.db"
    database = Database(url)
    apply(plan(compile_set(RSOFT), database), database)
    database.close()
    runtime = Runtime(RSOFT, Settings(url, files=folder / "files"), passwords=Passwords(QuickHasher()))
    opened = Desk(runtime, "", None, folder)
    dev = opened.hire("Dev Menon", "administrator")
    for name, language in (("Asha Nair", None), ("Omar Haddad", "ar"), ("Kavya Rao", "hi")):
        opened.hire(name, "caller", manager=str(dev.user), **({"language": language} if language else {}))
    yield opened
    runtime.close()


def browser(desk: Desk, who: str | None = None, **headers: str) -> TestClient:
    client = TestClient(make_app(desk.runtime), follow_redirects=False, headers=headers)
    if who:
        page = {"Origin": "http://testserver"}
        client.post("/login", data={"email": f"{who}@firm.example", "password": PASSWORD}, headers=page)
    return client


def test_omar_and_asha_read_the_same_list_in_their_own_words(desk: Desk) -> None:
    desk.make("lead", "asha", first_name="Priya", phone="9876543210", source="Website")
    desk.make("lead", "omar", first_name="Salma", phone="9876543211", source="Website")
    arabic, english = browser(desk, "omar").get("/lead").text, browser(desk, "asha").get("/lead").text
    assert '<html lang="ar" dir="rtl"' in arabic
    assert "العملاء المحتملون" in arabic
    assert "الموقع الإلكتروني" in arabic
    assert "لم تُجرَ محاولة" in arabic
    assert not re.search(r">(Leads|Website|NOT ATTEMPTED|Status|Newest first|Owner|Bin)<", arabic)
    assert '<html lang="en-IN" dir="ltr"' in english
    assert "NOT ATTEMPTED" in english


def test_what_is_wrong_with_a_form_is_told_in_its_readers_language(desk: Desk) -> None:
    for who, sentence in (
        ("omar", "الحقل \u2068الاسم الأول\u2069 فارغ."),
        ("kavya", "पहला नाम खाली है।"),
        ("asha", "First name is empty."),
    ):
        client = browser(desk, who)
        answer = send(client, client.get("/lead/new"), "/lead/new", first_name="", phone="")
        assert answer.status_code == 422
        assert sentence in answer.text


def test_a_choice_is_understood_in_the_readers_own_words_and_kept_as_the_sets(desk: Desk) -> None:
    client = browser(desk, "omar")
    saved = send(client, client.get("/lead/new"), "/lead/new", first_name="Noor", phone="9876543219", source="جوجل")
    assert saved.status_code == 303
    assert desk.runtime.current.database.dialect == "sqlite"
    found = client.get("/lead", params={"q": "Noor"}).text
    assert "جوجل" in found
    assert "Google" in browser(desk, "dev").get("/lead", params={"q": "Noor"}).text


def test_who_has_not_signed_in_is_met_in_the_language_that_the_browser_wants(desk: Desk) -> None:
    page = browser(desk, None, **{"Accept-Language": "ar-EG,en;q=0.3"}).get("/login").text
    assert '<html lang="ar" dir="rtl"' in page
    assert "تسجيل الدخول" in page
    assert "Sign in" in browser(desk, None, **{"Accept-Language": "fr"}).get("/login").text


def test_a_public_form_speaks_the_language_of_who_comes(desk: Desk) -> None:
    path = "/forms/" + next(c.name for c in desk.runtime.current.blueprint.captures.values() if c.form)
    assert "اطلب عرضاً توضيحياً" in browser(desk, None, **{"Accept-Language": "ar"}).get(path).text


def test_a_person_chooses_among_the_languages_that_the_set_offers(desk: Desk) -> None:
    client = browser(desk, "asha")
    page = client.get("/me").text
    assert re.findall(r'<option value="(en-IN|hi|ar|fr)"', page) == ["en-IN", "hi", "ar"]
    assert "العربية" in page
    assert send(client, client.get("/me"), "/me", language="hi").status_code == 303
    assert '<html lang="hi" dir="ltr"' in client.get("/me").text
    assert "सहेजा गया।" in client.get("/lead").text or "लीड" in client.get("/lead").text
    send(client, client.get("/me"), "/me", language="")
    assert '<html lang="en-IN"' in client.get("/me").text


def test_no_such_language_is_told(desk: Desk) -> None:
    client = browser(desk, "asha")
    answer = send(client, client.get("/me"), "/me", language='"><script>')
    assert answer.status_code == 422
    assert "There is no such language." in answer.text


def test_a_program_reads_english_unless_it_asks(desk: Desk) -> None:
    _, token = desk.runtime.current.tokens.make(desk.people["dev"], "robot")
    client = TestClient(make_app(desk.runtime), headers={"Authorization": f"Bearer {token}"})
    plain = client.get("/api/v1/nothing")
    assert plain.json()["detail"] == "There is nothing here, or nothing that you may see."
    arabic = client.get("/api/v1/nothing", headers={"Accept-Language": "ar"}).json()
    assert arabic["detail"] == "لا شيء هنا، أو لا شيء يحق لك رؤيته."
    assert arabic["title"] == "غير موجود"


def test_scripts_get_their_words_once_and_for_good(desk: Desk) -> None:
    page = browser(desk, "omar").get("/lead").text
    address = re.search(r'src="(/words/ar\.js\?v=[0-9a-f]+)"', page)
    assert address is not None
    answer = browser(desk).get(address[1])
    assert "immutable" in answer.headers["cache-control"]
    assert "إغلاق" in answer.text
    assert "/words/" not in browser(desk, "asha").get("/lead").text
    for name in ("en", "xx", "..%2far", "words"):
        assert browser(desk).get(f"/words/{name}.js").status_code == 404
