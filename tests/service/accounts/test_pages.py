"""Coming in, going out, one's own account, and administering, as browsers see it."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from geodata.accounts.invitations import invite_first_administrator
from geodata.accounts.scope import parse_scopes
from geodata.accounts.tables import ACCOUNTS_METADATA
from geodata.accounts.tokens import NewToken, create_token
from geodata.accounts.users import add_user, list_users
from geodata.database.engine import open_engine
from service.app import create_app
from service.settings import Settings

HERE = "http://127.0.0.1:8000"
PUBLIC = "https://gis.example.cn"
PASSWORD = "隔冬不凋 pine 42"
OTHER = "another good one 7"

Visit = Callable[..., TestClient]


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def running(plan_url: str) -> Iterator[Callable[..., FastAPI]]:
    """The application by its settings; each is started once."""
    with ExitStack() as stack:

        @cache
        def start(**settings: Any) -> FastAPI:
            app = create_app(Settings(database_url=plan_url, **settings))
            stack.enter_context(TestClient(app))
            return app

        yield start


@pytest.fixture(autouse=True)
def engine(plan_engine: Engine) -> Iterator[Engine]:
    """With an administrator and a planner; before and afterwards there are no accounts."""
    clear(plan_engine)
    with plan_engine.begin() as connection:
        add_user(connection, "li", "admin", password=PASSWORD, now=now())
        add_user(connection, "wang", "planner", password=PASSWORD, now=now())
    yield plan_engine
    clear(plan_engine)


def clear(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in reversed(ACCOUNTS_METADATA.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture
def visit(running: Callable[..., FastAPI]) -> Visit:
    """A browser on a page of the service, signed in if `name` is given."""

    def open_for(
        name: str | None = None, base_url: str = HERE, proxy: str = "testclient", **settings: Any
    ) -> TestClient:
        app = running(**settings)
        browser = TestClient(app, base_url=base_url, follow_redirects=False, client=(proxy, 50000))
        browser.headers["origin"] = base_url
        if name is not None:
            assert sign_in(browser, name).status_code == 303
        return browser

    return open_for


def sign_in(browser: TestClient, name: str, password: str = PASSWORD, **fields: str) -> Any:
    return browser.post("/login", data={"name": name, "password": password} | fields)


def form_token(browser: TestClient) -> str:
    found = re.search(r'name="form_token" value="([0-9a-f]{64})"', browser.get("/account").text)
    assert found is not None
    return found[1]


def act(browser: TestClient, path: str, **fields: str) -> Any:
    return browser.post(path, data={"form_token": form_token(browser)} | fields)


# --- coming in and going out ---


def test_the_cookie_is_kept_from_scripts_other_sites_and_plain_connections(visit: Visit) -> None:
    plain = sign_in(visit(), "wang").headers["set-cookie"]
    assert re.fullmatch(r"zgc_session=[\w-]{43}; HttpOnly; Path=/; SameSite=strict", plain)
    secure = sign_in(visit(base_url=PUBLIC), "wang").headers["set-cookie"]
    assert re.fullmatch(
        r"__Host-zgc_session=[\w-]{43}; HttpOnly; Path=/; SameSite=strict; Secure", secure
    )


def test_who_signed_in_is_named_on_every_page_and_kept_in_no_shared_cache(visit: Visit) -> None:
    browser = visit("wang")
    for path in ("/docs", "/account"):
        answer = browser.get(path)
        assert "wang" in answer.text
    assert "no-store" in browser.get("/account").headers["cache-control"]
    assert "wang" not in visit().get("/docs").text


def test_a_session_that_somebody_else_put_into_the_browser_is_not_taken_over(
    visit: Visit,
) -> None:
    browser = visit()
    browser.cookies.set("zgc_session", "chosen-by-somebody-else")
    answer = sign_in(browser, "wang")
    assert "chosen-by-somebody-else" not in answer.headers["set-cookie"]
    thief = visit()
    thief.cookies.set("zgc_session", "chosen-by-somebody-else")
    assert thief.get("/account").status_code == 401


def test_signing_in_anew_ends_the_session_before(visit: Visit) -> None:
    browser = visit("wang")
    before = dict(browser.cookies)
    sign_in(browser, "li")
    old = visit()
    old.cookies.update(before)
    assert old.get("/account").status_code == 401
    assert browser.get("/account").status_code == 200


def test_signing_out_ends_the_session_in_the_database_too(visit: Visit) -> None:
    browser = visit("wang")
    before = dict(browser.cookies)
    answer = act(browser, "/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert not dict(browser.cookies)
    browser.cookies.update(before)
    assert browser.get("/account").status_code == 401


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/review?after=3", "/review?after=3"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("/\\elsewhere.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/elsewhere.example", "/"),
        ("", "/"),
    ],
)
def test_after_signing_in_one_goes_on_within_the_service(
    wanted: str, led: str, visit: Visit
) -> None:
    answer = sign_in(visit(), "wang", next=wanted)
    assert answer.headers["location"] == led


def test_a_refusal_says_the_same_of_known_and_unknown_accounts(visit: Visit) -> None:
    browser = visit()
    answers = [sign_in(browser, name, "not the password 1") for name in ("wang", "nobody", "李")]
    assert {answer.status_code for answer in answers} == {401}
    pages = {re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}
    assert len(pages) == 1
    assert "账户名或密码不对" in pages.pop()
    assert all("set-cookie" not in answer.headers for answer in answers)


def test_after_failures_one_is_told_how_long_to_wait(visit: Visit) -> None:
    browser = visit()
    for _ in range(4):
        sign_in(browser, "wang", "not the password 1")
    answer = sign_in(browser, "wang")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert "失败次数过多" in answer.text


@pytest.mark.parametrize("path", ["/login", "/set-up", "/logout", "/account/password"])
@pytest.mark.parametrize("origin", ["http://elsewhere.example", "null", ""])
def test_a_page_of_another_site_sends_no_form(path: str, origin: str, visit: Visit) -> None:
    browser = visit("wang")
    fields = {"form_token": form_token(browser), "name": "li", "password": PASSWORD}
    answer = browser.post(path, data=fields, headers={"origin": origin})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/cross-site")


@pytest.mark.parametrize("token", [None, "", "0" * 64, "of another session"])
def test_a_form_needs_the_token_of_its_session(token: str | None, visit: Visit) -> None:
    browser, other = visit("li"), visit("li")
    given = {} if token is None else {"form_token": token}
    if token == "of another session":
        given = {"form_token": form_token(other)}
    for path in ("/logout", "/account/tokens", "/account/password", "/admin/users/add"):
        answer = browser.post(path, data=given | {"x": ""})
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/cross-site")
    assert browser.get("/account").status_code == 200


@pytest.mark.parametrize(("minutes", "known"), [(29, True), (31, False)])
def test_a_session_ends_by_the_clock(
    minutes: int, known: bool, visit: Visit, running: Callable[..., FastAPI], monkeypatch: Any
) -> None:
    browser = visit("wang")
    later = now() + timedelta(minutes=minutes)
    monkeypatch.setattr(running().state.accounts, "clock", lambda: later)
    assert (browser.get("/account").status_code == 200) is known


# --- one's own account ---


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(visit: Visit) -> None:
    browser, elsewhere = visit("wang"), visit("wang")
    for current, new, again, said in (
        ("not the password 1", OTHER, OTHER, "现在的密码不对"),
        (PASSWORD, OTHER, PASSWORD, "两次输入的新密码不同"),
        (PASSWORD, "password1234", "password1234", "不得是常见密码"),
    ):
        refused = act(browser, "/account/password", current=current, password=new, again=again)
        assert (refused.status_code, said in refused.text) == (400, True)
    before = dict(browser.cookies)
    done = act(browser, "/account/password", current=PASSWORD, password=OTHER, again=OTHER)
    assert done.status_code == 303
    assert dict(browser.cookies) != before
    assert browser.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 401
    assert visit("li").get("/admin/users").text.count("testclient") == 0, "forgiven"
    assert sign_in(visit(), "wang", OTHER).status_code == 303


def test_a_token_is_made_shown_once_used_and_revoked(visit: Visit) -> None:
    browser = visit("wang")
    fields = {"title": "夜间同步", "layer": "*", "verb": "read", "days": "30"}
    made = act(browser, "/account/tokens", **fields)
    found = re.search(r"zgc_[\w-]{43}", made.text)
    assert found is not None
    assert found[0] not in browser.get("/account").text
    program = visit()
    bearer = {"authorization": f"Bearer {found[0]}"}
    assert program.get("/review", headers=bearer).status_code == 200
    number = re.search(r"/account/tokens/(\d+)/revoke", made.text)
    assert number is not None
    assert act(visit("li"), number[0]).status_code == 400, "somebody else's"
    assert act(browser, number[0]).status_code == 303
    assert program.get("/review", headers=bearer).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [{"layer": "pg_authid"}, {"verb": "all"}, {"days": "0"}, {"days": "x"}, {"title": ""}],
)
def test_a_token_that_cannot_be_is_refused(changes: dict[str, str], visit: Visit) -> None:
    fields = {"title": "夜间同步", "layer": "*", "verb": "read", "days": "30"} | changes
    answer = act(visit("wang"), "/account/tokens", **fields)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize("path", ["/account", "/admin/users"])
def test_a_token_opens_no_page_that_makes_tokens(path: str, engine: Engine, visit: Visit) -> None:
    new = NewToken("li", "test", parse_scopes(["*:read", "*:write"]), 1)
    with engine.begin() as connection:
        token = create_token(connection, new, now())
    answer = visit().get(path, headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-allowed")


# --- who asks ---


@pytest.mark.parametrize(
    "value",
    ["Bearer", "Bearer ", "bearer zgc_nobodys", "Bearer 口令", "Bearer a b", "Bearer \xff"],
)
@pytest.mark.parametrize("path", ["/ogc/collections/clusters/items?limit=1", "/", "/nothing"])
def test_a_token_that_is_worth_nothing_is_refused_even_where_the_public_may_read(
    path: str, value: str, visit: Visit
) -> None:
    answer = visit().get(path, headers={"authorization": value.encode()})
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/invalid-token")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"


def test_two_tokens_are_none(visit: Visit) -> None:
    headers = [("authorization", "Bearer a"), ("authorization", "Bearer b")]
    assert visit().get("/", headers=headers).status_code == 401


def test_what_a_proxy_asks_for_is_not_ours(visit: Visit) -> None:
    assert visit().get("/docs", headers={"authorization": "Basic bGk6eA=="}).status_code == 200


# --- administrators ---


def test_only_administrators_administer(visit: Visit) -> None:
    assert visit().get("/admin/users").status_code == 401
    led = visit().get("/admin/users", headers={"accept": "text/html"})
    assert led.headers["location"] == "/login?next=/admin/users"
    planner = visit("wang")
    assert planner.get("/admin/users").status_code == 403
    answer = act(planner, "/admin/users/role", name="wang", role="admin")
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-allowed")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_shows_users_tokens_and_failures(language: str, visit: Visit) -> None:
    sign_in(visit(), "wang", "not the password 1")
    html = visit("li").get("/admin/users", params={"lang": language}).text
    for word in ("wang", "li", "testclient", PASSWORD):
        assert (word in html) is (word != PASSWORD)
    assert "argon2" not in html


def test_a_user_is_made_with_a_link_promoted_and_shut_out(visit: Visit, engine: Engine) -> None:
    admin = visit("li")
    made = act(admin, "/admin/users/add", name="zhao", role="planner")
    link = re.search(r"http://127\.0\.0\.1:8000/set-up\?key=([\w-]+)", made.text)
    assert link is not None
    guest = visit()
    assert "zhao" in guest.get(link[0]).text
    form = {"key": link[1], "password": OTHER, "again": OTHER, "name": "li"}
    assert guest.post("/set-up", data=form).status_code == 303
    assert guest.post("/set-up", data=form).status_code == 404
    assert sign_in(guest, "zhao", OTHER).status_code == 303
    assert act(admin, "/admin/users/role", name="zhao", role="land_officer").status_code == 303
    assert guest.get("/import").status_code == 200
    assert act(admin, "/admin/users/disable", name="zhao").status_code == 303
    assert guest.get("/account").status_code == 401
    assert sign_in(guest, "zhao", OTHER).status_code == 401
    with engine.connect() as connection:
        roles = {row.name: row.role for row in list_users(connection)}
    assert roles == {"li": "admin", "wang": "planner", "zhao": "land_officer"}


def test_groups_are_made_bound_and_joined(visit: Visit, engine: Engine) -> None:
    admin = visit("li")
    with engine.connect() as connection:
        area = connection.exec_driver_sql("SELECT min(id) FROM areas").scalar_one()
    for path, fields in (
        ("add-group", {"group": "office", "areas": ""}),
        ("areas", {"group": "office", "areas": f"{area}, {area}"}),
        ("join", {"group": "office", "name": "wang"}),
    ):
        assert act(admin, f"/admin/users/{path}", **fields).status_code == 303
    assert area in visit("wang").get("/account").text
    in_use = act(admin, "/admin/users/remove-group", group="office")
    assert (in_use.status_code, "尚有成员 wang" in in_use.text) == (400, True)
    assert "/admin/users/remove-group" not in admin.get("/admin/users").text
    assert act(admin, "/admin/users/leave", group="office", name="wang").status_code == 303
    assert area not in visit("wang").get("/account").text
    assert "/admin/users/remove-group" in admin.get("/admin/users").text
    assert act(admin, "/admin/users/remove-group", group="office").status_code == 303
    assert ">office" not in admin.get("/admin/users").text


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("add", {"name": "Zhao", "role": "planner"}, "a-z"),
        ("add", {"name": "wang", "role": "planner"}, "已有账户 wang"),
        ("add", {"name": "zhao", "role": "root"}, "planner, land_officer, admin"),
        ("role", {"name": "li", "role": "planner"}, "最后一名"),
        ("disable", {"name": "li"}, "最后一名"),
        ("invite", {"name": "<b>"}, "&lt;b&gt;"),
        ("revoke", {"number": "9" * 18}, "没有令牌"),
        ("revoke", {"number": "x"}, "须为整数"),
        ("areas", {"group": "office", "areas": "x"}, "没有用户组 office"),
        ("remove-group", {"group": "office"}, "没有用户组 office"),
    ],
    ids=str,
)
def test_what_cannot_be_is_said_on_the_page_and_changes_nothing(
    path: str, fields: dict[str, str], said: str, visit: Visit
) -> None:
    admin = visit("li")
    answer = act(admin, f"/admin/users/{path}", **fields)
    assert answer.status_code == 400
    assert said in answer.text
    english = act(admin, f"/admin/users/{path}?lang=en", **fields).text
    notice = re.findall(r'<p class="notice" role="alert">(.*?)</p>', english)
    assert len(notice) == 1
    assert notice[0].isascii()


def test_the_first_administrator_comes_through_the_link(plan_engine: Engine, visit: Visit) -> None:
    browser = visit()
    clear(plan_engine)
    with plan_engine.begin() as connection:
        key = invite_first_administrator(connection, now())
    form = {"key": str(key), "name": "zhao", "password": OTHER, "again": OTHER}
    assert browser.post("/set-up", data=form | {"again": PASSWORD}).status_code == 400
    assert browser.post("/set-up", data=form | {"name": "Zhao"}).status_code == 400
    assert browser.post("/set-up", data=form).status_code == 303
    assert sign_in(browser, "zhao", OTHER).status_code == 303
    assert browser.get("/admin/users").status_code == 200
    assert browser.get(f"/set-up?key={key}").status_code == 404


def test_nobody_but_a_trusted_proxy_says_where_a_client_comes_from(visit: Visit) -> None:
    wrong = {"name": "wang", "password": "not the password 1"}
    told = {"x-forwarded-for": "198.51.100.1, 203.0.113.9"}
    proxied = visit(trusted_proxies="10.0.0.0/8", proxy="10.0.0.1")
    for browser in (visit(), proxied):
        assert browser.post("/login", data=wrong, headers=told).status_code == 401
    page = visit("li").get("/admin/users").text
    assert page.count("203.0.113.9") == 1
    assert page.count("198.51.100.1") == 0


def test_a_database_that_does_not_answer_is_told_as_a_problem(
    visit: Visit, running: Callable[..., FastAPI], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = visit("wang")
    away = open_engine("postgresql://zgc@127.0.0.1:1/nowhere")
    monkeypatch.setattr(running().state.accounts, "_engine", away)
    running().state.accounts._remembered.forget()
    answer = browser.get("/account")
    away.dispose()
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/database-busy")
