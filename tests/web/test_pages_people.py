"""One's own account and other people's: passwords by link, tokens shown once, languages, roles in plain words."""

from __future__ import annotations

import re

from tests.firm import PASSWORD, Firm, email
from tests.web.forms import send


def test_a_new_person_chooses_a_password_by_the_administrators_link(firm: Firm) -> None:
    dev = firm.browser("dev")
    made = send(
        dev, dev.get("/user/new"), "/user/new", name="Lena Roy", email="lena@firm.example", role="caller"
    )
    place = made.headers["location"]
    shown = send(dev, dev.get(f"{place}/link"), f"{place}/link")
    link = re.search(r'value="https?://[^/"]+(/password/[^"]+)"', shown.text)
    assert link is not None
    lena = firm.stranger()
    assert "Lena Roy" in lena.get(link[1]).text
    weak = lena.post(link[1], data={"password": "short", "again": "short"})
    assert weak.status_code == 422
    done = lena.post(link[1], data={"password": "violet harbour spoon", "again": "violet harbour spoon"})
    assert (done.status_code, done.headers["location"]) == (303, "/login")
    assert lena.get(link[1]).status_code == 400
    came = lena.post("/login", data={"email": "lena@firm.example", "password": "violet harbour spoon"})
    assert came.headers["location"] == "/"


def test_only_who_administers_makes_links_and_sees_roles(quick_firm: Firm) -> None:
    asha = quick_firm.actor("asha").user
    for name in ("asha", "meera"):
        browser = quick_firm.browser(name)
        assert browser.get(f"/user/{asha}/link").status_code == 404
        assert browser.post(f"/user/{asha}/link").status_code == 404
        assert browser.get("/admin/roles").status_code == 404
    page = quick_firm.browser("dev").get("/admin/roles?role=caller").text
    assert "Tele-caller reports to Sales manager" in page
    assert "Budget" in page


def test_a_wrong_password_and_an_unknown_person_read_the_same(quick_firm: Firm) -> None:
    stranger = quick_firm.stranger()
    wrong = stranger.post("/login", data={"email": email("asha"), "password": "not this one"})
    unknown = stranger.post("/login", data={"email": email("nobody"), "password": "not this one"})
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert wrong.text.replace(email("asha"), "") == unknown.text.replace(email("nobody"), "")


def test_after_the_sign_in_one_goes_where_one_wanted_to(quick_firm: Firm) -> None:
    stranger = quick_firm.stranger()
    asked = stranger.get("/deal?q=chairs")
    assert asked.headers["location"] == "/login?next=%2Fdeal%3Fq%3Dchairs"
    page = stranger.get(asked.headers["location"])
    came = send(stranger, page, "/login", email=email("asha"), password=PASSWORD)
    assert came.headers["location"] == "/deal?q=chairs"


def test_a_token_is_shown_once_and_can_be_taken_back(firm: Firm) -> None:
    asha = firm.browser("asha")
    made = send(asha, asha.get("/me"), "/me/tokens", name="Dialler")
    token = re.search(r"crm_[\w-]{40,}", made.text)
    assert token is not None
    assert token[0] not in asha.get("/me").text
    program = firm.stranger(authorization=f"Bearer {token[0]}")
    assert program.get("/api/v1/deal").status_code == 200
    assert program.post("/api/v1/deal", json={"name": "x"}).status_code == 403
    back = re.search(r'action="(/me/tokens/\d+)"', asha.get("/me").text)
    assert back is not None
    send(asha, asha.get("/me"), back[1])
    assert program.get("/api/v1/deal").status_code == 401


def test_a_password_is_changed_by_who_knows_the_old_one(firm: Firm) -> None:
    asha = firm.browser("asha")
    page = asha.get("/me/password")
    wrong = send(
        asha, page, "/me/password", old="no", new="violet harbour spoon", again="violet harbour spoon"
    )
    assert wrong.status_code == 422
    assert "This is not your password." in wrong.text
    done = send(
        asha, page, "/me/password", old=PASSWORD, new="violet harbour spoon", again="violet harbour spoon"
    )
    assert done.status_code == 303
    assert asha.get("/me").status_code == 200


def test_arabic_is_written_from_right_to_left(quick_firm: Firm) -> None:
    firm = quick_firm
    omar = firm.office.hire("Omar", "caller", language="ar", manager=str(firm.actor("meera").user))
    firm.runtime.current.accounts.set_password(omar.user, PASSWORD)
    page = firm.browser("omar").get("/deal").text
    assert '<html lang="ar" dir="rtl"' in page
    assert '<html lang="en" dir="ltr"' in firm.browser("asha").get("/deal").text


def test_numbers_on_a_desk_open_the_list_that_they_count(quick_firm: Firm) -> None:
    firm = quick_firm
    firm.deal("asha", "Hot one", is_hot="yes")
    firm.deal("asha", "Cold one", is_hot="no")
    firm.deal("ravi", "Hot of Ravi", is_hot="yes")
    asha = firm.browser("asha")
    assert asha.get("/").headers["location"] == "/dashboards/desk"
    desk = asha.get("/dashboards/desk").text
    tile = re.search(r'<a class="tile" href="([^"]+)".*?<span class="tile-number">(\d+)</span>', desk)
    assert tile is not None
    assert tile[2] == "1"
    listed = asha.get(tile[1]).text
    assert "Hot one" in listed
    assert "Cold one" not in listed
    assert firm.browser("dev").get("/dashboards/desk").status_code == 404
