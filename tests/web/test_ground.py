"""What surrounds every screen: coming in and going out, headers, files, health, and errors that tell nothing."""

from __future__ import annotations

import gzip
import re
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import uvicorn

from engine.web.security import form_token, is_form_token, local_place
from tests.firm import PASSWORD, Firm, email, open_firm
from tests.real.databases import SQLiteDatabases


def sign_in(client: Any, **more: str) -> Any:
    return client.post("/login", data={"email": email("asha"), "password": PASSWORD, **more})


# ---- coming in and going out


def test_asha_signs_in_works_and_signs_out(firm: Firm) -> None:
    asha = firm.stranger()
    assert asha.get("/").headers["location"] == "/login"
    came = sign_in(asha)
    assert (came.status_code, came.headers["location"]) == (303, "/")
    home = asha.get("/me")
    assert home.status_code == 200
    token = re.search(r'name="_csrf" value="([^"]+)"', home.text)
    assert token is not None
    left = asha.post("/logout", data={"_csrf": token[1]})
    assert (left.status_code, left.headers["location"]) == (303, "/login")
    assert asha.get("/").status_code == 303


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(quick_firm: Firm) -> None:
    cookie = sign_in(quick_firm.stranger()).headers["set-cookie"]
    assert cookie.startswith("crm=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))


def test_over_https_only_the_protected_cookie_counts(sqlite_databases: SQLiteDatabases) -> None:
    firm = open_firm(sqlite_databases, secure=True)
    try:
        stranger = firm.stranger()
        came = sign_in(stranger)
        assert came.headers["set-cookie"].startswith("__Host-crm=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(came.headers["set-cookie"].split("; "))
        assert "Domain" not in came.headers["set-cookie"]
        assert came.headers["strict-transport-security"].startswith("max-age=")
        key = came.headers["set-cookie"].split(";")[0].split("=")[1]
        plain, good = firm.stranger(cookie=f"crm={key}"), firm.stranger(cookie=f"__Host-crm={key}")
        assert (plain.get("/me").status_code, good.get("/me").status_code) == (303, 200)
    finally:
        firm.close()


def test_signing_in_gives_a_new_session_and_ends_the_old_one(quick_firm: Firm) -> None:
    asha = quick_firm.stranger()
    sign_in(asha)
    first = asha.cookies["crm"]
    sign_in(asha)
    assert asha.cookies["crm"] != first
    assert quick_firm.stranger(cookie=f"crm={first}").get("/").status_code == 303


def test_a_wrong_password_and_an_unknown_person_read_the_same(quick_firm: Firm) -> None:
    stranger = quick_firm.stranger()
    wrong = stranger.post("/login", data={"email": email("asha"), "password": "not the password"})
    nobody = stranger.post("/login", data={"email": email("vera"), "password": "not the password"})
    assert (wrong.status_code, nobody.status_code) == (422, 422)
    assert wrong.text.replace(email("asha"), email("vera")) == nobody.text
    assert "set-cookie" not in wrong.headers


def test_another_site_cannot_sign_somebody_in(quick_firm: Firm) -> None:
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}):
        answer = quick_firm.stranger(**headers).post(
            "/login", data={"email": email("asha"), "password": PASSWORD}
        )
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_after_the_sign_in_the_page_that_was_asked_for_comes(quick_firm: Firm) -> None:
    asha = quick_firm.stranger()
    led = asha.get("/deal?status=NEW&sort=-name")
    assert led.headers["location"] == "/login?next=%2Fdeal%3Fstatus%3DNEW%26sort%3D-name"
    assert 'value="/deal?status=NEW&amp;sort=-name"' in asha.get(led.headers["location"]).text
    assert sign_in(asha, next="/deal?status=NEW").headers["location"] == "/deal?status=NEW"


@pytest.mark.parametrize(
    "place",
    [
        "//evil.example", "/\\evil.example", "\\/evil.example", "https://evil.example", "javascript:alert(1)", "",
        "/\t/evil.example", "/ /evil.example", "evil.example", "/x\r\nSet-Cookie: a=b", "/" + "x" * 3000, "///evil.example",
        "http:evil.example", "/\x00", "\x01/deal", "/deal\\..\\x",
    ],
)  # fmt: skip
def test_the_way_back_never_leads_to_another_site(quick_firm: Firm, place: str) -> None:
    assert local_place(place) == "/"
    answer = sign_in(quick_firm.stranger(), next=place)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_the_way_back_inside_is_kept_as_it_was() -> None:
    for place in ("/", "/deal", "/deal?name=%2F%2Fx&q=a", "/deal/5#history", "/deal?q=//x", "/Ünïcode"):
        assert local_place(place) == place


# ---- a form's token


def test_a_form_token_is_another_on_each_page_and_good_for_its_session_only() -> None:
    first, second = form_token("the key of a session"), form_token("the key of a session")
    assert first != second
    assert is_form_token("the key of a session", first) and is_form_token("the key of a session", second)
    assert not is_form_token("another session's key", first)


@pytest.mark.parametrize(
    "token", ["", "x", "=", "é", "A" * 42, "A" * 43, "A" * 44, "A" * 200, "\x00" * 43, "A" * 42 + "!"]
)
def test_what_is_no_form_token_is_told_from_one(token: str) -> None:
    assert not is_form_token("the key of a session", token)


def test_a_tampered_form_token_is_refused() -> None:
    good = form_token("key")
    for at in range(len(good) - 1):
        other = "A" if good[at] != "A" else "B"
        assert not is_form_token("key", good[:at] + other + good[at + 1 :])


# ---- headers


def test_every_answer_is_guarded(quick_firm: Firm) -> None:
    asha, program = quick_firm.browser("asha"), quick_firm.program("asha")
    for answer in (
        quick_firm.stranger().get("/login"), quick_firm.stranger().get("/"), asha.get("/"), asha.get("/nothing/here/at/all"),
        program.get("/api/v1/deal"), program.get("/api/v1/nothing"), asha.get("/healthz"), asha.get("/brand.css"),
        asha.put("/login"), asha.get("/static/built/nothing"), quick_firm.stranger().post("/login", data={}),
    ):  # fmt: skip
        headers, where = answer.headers, f"{answer.request.method} {answer.request.url}"
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'", where
        assert "unsafe" not in headers["content-security-policy"], where
        assert policy["frame-ancestors"] == "'none'" and policy["base-uri"] == "'none'", where
        assert policy["form-action"] == policy["script-src"] == policy["style-src"] == "'self'", where
        assert headers["x-content-type-options"] == "nosniff", where
        assert headers["referrer-policy"] == "same-origin", where
        assert headers["cross-origin-opener-policy"] == "same-origin", where
        assert "geolocation" in headers["permissions-policy"], where
        assert re.fullmatch(r"[0-9a-f]{16}", headers["x-request-id"]), where
        assert "server" not in headers and "x-powered-by" not in headers, where


def test_pages_and_records_are_not_kept_by_caches(quick_firm: Firm) -> None:
    asha = quick_firm.browser("asha")
    for path in ("/", "/me", "/login", "/api/v1/deal", "/nothing"):
        assert asha.get(path).headers["cache-control"] == "no-store", path


def test_what_a_person_types_makes_no_header(quick_firm: Firm) -> None:
    asha = quick_firm.browser("asha")
    for path in (
        "/login?next=/x%0d%0aSet-Cookie:%20a=b",
        "/deal%0d%0aX-Evil:1",
        "/deal?q=%0d%0aX-Evil:1",
        "/deal/%0d%0aX-Evil:1",
    ):
        answer = asha.get(path)
        assert "x-evil" not in answer.headers and "a=b" not in answer.headers.get("set-cookie", "")
        assert "\r" not in answer.headers.get("location", "") and "\n" not in answer.headers.get(
            "location", ""
        )


def test_a_request_number_is_believed_from_a_proxy_only(
    sqlite_databases: SQLiteDatabases, quick_firm: Firm
) -> None:
    given = {"x-request-id": "from-the-proxy-1"}
    assert quick_firm.stranger(**given).get("/healthz").headers["x-request-id"] != "from-the-proxy-1"
    firm = open_firm(sqlite_databases, behind_proxy=True)
    try:
        assert firm.stranger(**given).get("/healthz").headers["x-request-id"] == "from-the-proxy-1"
        assert firm.stranger(**{"x-request-id": "x y"}).get("/healthz").headers["x-request-id"] != "x y"
    finally:
        firm.close()


# ---- pages, files, health


def test_a_long_page_is_squeezed_for_who_can_read_it(quick_firm: Firm) -> None:
    asha = quick_firm.browser("asha")
    with asha.stream("GET", "/me", headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    plain = asha.get("/me", headers={"accept-encoding": "identity"})
    assert answer.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert int(answer.headers["content-length"]) == len(raw) < len(plain.content) / 2
    assert gzip.decompress(raw).startswith(plain.content[:100])


def test_built_files_are_kept_for_good_and_nothing_else_is_served(quick_firm: Firm) -> None:
    stranger, assets = quick_firm.stranger(), quick_firm.app.state.assets
    style = stranger.get(assets.address("main.css"))
    if style.status_code == 404:
        pytest.skip("The assets are not built; `python engine/web/assets` builds them.")
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in style.headers["cache-control"]
    for name in (
        "manifest.json",
        "sources.sha256",
        "..%2fapp.py",
        "%2e%2e%2fapp.py",
        "....//app.py",
        "nothing.css",
        ".css",
        "%00.css",
    ):
        assert stranger.get(f"/static/built/{name}").status_code == 404, name


def test_the_sets_colour_is_a_style_sheet(quick_firm: Firm) -> None:
    stranger = quick_firm.stranger()
    css = stranger.get("/brand.css")
    assert (css.text, css.headers["cache-control"]) == (
        ":root { --brand: #2f6f4f; }\n",
        "public, max-age=300",
    )
    icon = stranger.get(stranger.get("/favicon.ico").headers["location"])
    assert icon.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in icon.headers["content-security-policy"]
    assert stranger.get("/brand/logo").status_code == 404


def test_it_is_alive_and_ready(firm: Firm) -> None:
    stranger = firm.stranger()
    assert (stranger.get("/healthz").text, stranger.get("/readyz").json()) == ("ok\n", {"ready": True})


def test_it_is_not_ready_when_another_set_was_applied(quick_firm: Firm) -> None:
    with quick_firm.office.database.writing() as connection:
        connection.change("update crm_applied set blueprint = 'another', shape = replace(shape, '\"deal\"', '\"sale\"')")
    answer = quick_firm.stranger().get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"ready": False})


def test_counts_are_for_this_machine_or_a_token(sqlite_databases: SQLiteDatabases) -> None:
    firm = open_firm(sqlite_databases, metrics_token="let me see")
    try:
        stranger = firm.stranger()
        stranger.get("/deal/5")
        assert stranger.get("/metrics").status_code == 404
        assert firm.stranger(authorization="Bearer let me in").get("/metrics").status_code == 404
        text = firm.stranger(authorization="Bearer let me see").get("/metrics").text
        assert 'crm_requests_total{method="GET",route="/{entity}/{id}",status="303"} 1.0' in text
        assert "/deal/5" not in text
    finally:
        firm.close()


def test_an_address_that_is_not_there_is_a_page(quick_firm: Firm) -> None:
    for client in (quick_firm.stranger(), quick_firm.browser("asha")):
        answer = client.get("/nothing/here/at/all")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    wrong = quick_firm.stranger().put("/login")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, HEAD, POST")
    assert quick_firm.browser("asha").get("/nothing").status_code == 404


def test_a_mishap_shows_a_number_and_no_reason(quick_firm: Firm, caplog: pytest.LogCaptureFixture) -> None:
    asha = quick_firm.browser("asha")
    with quick_firm.office.database.writing() as connection:
        connection.change("alter table deal rename to gone")
    answer = asha.get("/deal?q=secret")
    assert answer.status_code == 500
    assert "no such table" not in answer.text and "Traceback" not in answer.text
    assert re.search(r"[0-9A-F]{8}", answer.text)
    assert "secret" not in caplog.text.split("Traceback")[0]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=email\r\n\r\nx"),
        ("multipart/form-data; boundary=x", b"--y\r\n\r\n"),
        ("application/x-www-form-urlencoded", b"email=\xff\xfe"),
        ("application/x-www-form-urlencoded", b"email=%ff"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(3000))),
        ("application/x-www-form-urlencoded", b"email=" + b"x" * 2_000_000),
        ("text/plain", b"email=x"),
        ("", b""),
    ],
)
def test_a_broken_form_is_told_so(quick_firm: Firm, kind: str, body: bytes) -> None:
    answer = quick_firm.stranger().post("/login", content=body, headers={"content-type": kind})
    assert answer.status_code in (400, 413, 422)
    assert "set-cookie" not in answer.headers


# ---- over a real socket


@pytest.fixture
def address(quick_firm: Firm) -> Iterator[tuple[str, int]]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        config = uvicorn.Config(
            quick_firm.app, log_level="error", lifespan="off", server_header=False, access_log=False
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()
        server.should_exit = True
        thread.join(10)


def test_the_program_serves_over_a_socket(address: tuple[str, int]) -> None:
    with httpx2.Client(base_url=f"http://{address[0]}:{address[1]}") as here:
        assert here.get("/healthz").text == "ok\n"
        assert here.get("/metrics").status_code == 200  # from this machine
        assert here.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"}).status_code == 404
        assert sign_in(here).status_code == 303
        assert here.get("/api/v1/me").json()["name"] == "Asha"


def test_a_body_that_never_ends_holds_nobody_up(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.serving.LONGEST_READ", 0.3)
    with (
        socket.create_connection(address) as slow,
        httpx2.Client(base_url=f"http://{address[0]}:{address[1]}") as here,
    ):
        slow.sendall(
            b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nemail="
        )
        assert here.get("/login").status_code == 200
        slow.settimeout(10)
        assert slow.recv(4096).startswith(b"HTTP/1.1 400")


def test_a_sender_that_hangs_up_leaves_no_trace(address: tuple[str, int], quick_firm: Firm) -> None:
    for _ in range(5):
        with socket.create_connection(address) as gone:
            gone.sendall(b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nemail=")
    with httpx2.Client(base_url=f"http://{address[0]}:{address[1]}") as here:
        assert here.get("/login").status_code == 200
    assert quick_firm.app.state.serving.waiting == 0


def test_more_than_can_be_answered_is_turned_away(quick_firm: Firm) -> None:
    serving = quick_firm.app.state.serving
    serving.line.waiting = 10_000
    page, call = quick_firm.stranger().get("/login"), quick_firm.program("asha").get("/api/v1/me")
    assert (page.status_code, call.status_code) == (503, 503)
    assert page.headers["retry-after"] == call.headers["retry-after"] == "2"
    assert call.json()["type"] == "/problems/not-ready"
    serving.line.waiting = 0
