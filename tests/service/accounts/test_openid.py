"""Signing in at a provider, all the way over HTTP: at a certified one, and at one that lies."""

import base64
import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache, partial
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, func, select

from geodata.accounts.invitations import invite
from geodata.accounts.openid import link, list_identities
from geodata.accounts.tables import ACCOUNTS_METADATA, FAILURES
from geodata.accounts.throttle import list_failures
from geodata.accounts.users import add_user, disable, list_users
from geodata.audit.tables import EVENTS
from layers.attribute import Role
from service.audit import keeping
from service.audit.journal import Journal

PASSWORD = "隔冬不凋 pine 42"
REFUSED = "request.refused"

Start = Callable[..., Any]


def now() -> datetime:
    return datetime.now(UTC)


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


def by_password(browser: Any, name: str) -> None:
    form, there = {"name": name, "password": PASSWORD}, {"origin": browser.base}
    assert browser.http.post(f"{browser.base}/login", data=form, headers=there).status_code == 303


def linked(engine: Engine, issuer: str, subject: str, user: str = "wang") -> None:
    with engine.begin() as connection:
        link(connection, user, issuer, subject, now())


@pytest.fixture(scope="session")
def service(plan_url: str, serve: Callable[..., str], identity: ModuleType) -> Start:
    """A service that trusts a provider: its base URL; one for each choice of settings."""
    at_once = partial(Journal, gathered_s=0.05)

    @cache
    def start(issuer: str, **settings: Any) -> str:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(keeping, "Journal", at_once)
            return serve(
                plan_url,
                openid_issuer=issuer,
                openid_client_id=identity.CLIENT,
                openid_client_secret=SecretStr(identity.SECRET),
                **settings,
            )

    return start


@pytest.fixture
def visit(service: Start, certified: Any, identity: ModuleType) -> Start:
    """A browser at a service that trusts the certified provider, and is known to it."""

    def open_for(changes: dict[str, Any] | None = None, **settings: Any) -> Any:
        base = service(certified.issuer, **settings)
        usual = {"kids": ["first"], "algorithm": "RS256", "groups": {}, "inIdToken": False}
        certified.admit(base, **usual | (changes or {}))
        return identity.Visitor(base)

    return open_for


# --- at the certified provider ---


def test_from_the_log_in_page_to_the_provider_and_back_signed_in(
    visit: Start, certified: Any, engine: Engine, identity: ModuleType
) -> None:
    linked(engine, certified.issuer, "7f3a")
    browser = visit()
    page = browser.get("/login", params={"next": "/review?after=3"})
    (href,) = re.findall(r'href="(/login/openid\?[^"]+)"', page.text)
    leaving = browser.get(href)
    back = browser.through(leaving.headers["location"], "7f3a")
    came = browser.get(back)
    assert came.status_code == 200
    assert "no-store" in came.headers["cache-control"]
    assert identity.refreshed(came) == "/review?after=3"
    assert "wang" in browser.get("/account").text
    assert "7f3a" in browser.get("/account").text


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_keys_are_followed_when_the_provider_changes_them(
    algorithm: str, visit: Start, certified: Any, engine: Engine
) -> None:
    linked(engine, certified.issuer, "7f3a")
    browser = visit({"algorithm": algorithm, "kids": [f"{algorithm} 1"]})
    assert browser.sign_in("7f3a").status_code == 200
    browser = visit({"algorithm": algorithm, "kids": [f"{algorithm} 2"]})
    assert browser.sign_in("7f3a").status_code == 200


def test_the_cookies_are_kept_from_scripts_and_the_attempt_ends(
    visit: Start, certified: Any, engine: Engine
) -> None:
    linked(engine, certified.issuer, "7f3a")
    browser = visit()
    started = browser.get("/login/openid").headers["set-cookie"]
    assert re.fullmatch(r"zgc_openid=[\w-]+; HttpOnly; Max-Age=600; Path=/; SameSite=lax", started)
    given = browser.sign_in("7f3a").headers.get_list("set-cookie")
    session, over = sorted(given, key=lambda row: row.startswith("zgc_openid"))
    assert re.fullmatch(r"zgc_session=[\w-]{43}; HttpOnly; Path=/; SameSite=strict", session)
    assert over.startswith('zgc_openid=""; ')


def test_the_session_is_new_and_the_one_before_has_ended(
    visit: Start, certified: Any, engine: Engine
) -> None:
    linked(engine, certified.issuer, "7f3a")
    browser, old = visit(), visit()
    browser.http.cookies.set("zgc_session", "chosen-by-somebody-else", domain="127.0.0.1")
    leaving = browser.leave()
    by_password(browser, "li")
    before = browser.http.cookies["zgc_session"]
    browser.get(browser.through(leaving, "7f3a"))
    assert "wang" in browser.get("/account").text
    assert browser.http.cookies["zgc_session"] not in (before, "chosen-by-somebody-else")
    old.http.cookies.set("zgc_session", before, domain="127.0.0.1")
    assert old.get("/account").status_code == 401


def test_who_is_signed_in_goes_on(visit: Start, certified: Any, engine: Engine) -> None:
    linked(engine, certified.issuer, "7f3a")
    browser = visit()
    browser.sign_in("7f3a")
    onward = browser.get("/login/openid", params={"next": "/account"})
    assert onward.headers["location"] == "/account"


def test_who_denies_is_told_so(visit: Start, certified: Any, engine: Engine) -> None:
    linked(engine, certified.issuer, "denies")
    browser = visit()
    back = browser.through(browser.leave(), "denies", consent=False)
    assert "error=access_denied" in back
    answer = browser.get(back)
    assert (answer.status_code, "未同意" in answer.text) == (403, True)
    assert "zgc_session" not in browser.http.cookies


def test_an_answer_that_another_browser_began_is_not_taken(
    visit: Start, certified: Any, engine: Engine
) -> None:
    linked(engine, certified.issuer, "7f3a")
    attacker, victim = visit(), visit()
    back = attacker.through(attacker.leave(), "7f3a")
    for browser in (victim, victim):  # the second has an attempt of its own
        answer = browser.get(back)
        assert (answer.status_code, "不是由本浏览器开始的" in answer.text) == (400, True)
        assert "zgc_session" not in browser.http.cookies
        browser.leave()


def test_a_code_counts_once(visit: Start, certified: Any, engine: Engine) -> None:
    linked(engine, certified.issuer, "7f3a")
    browser = visit()
    leaving = browser.leave()
    kept = browser.http.cookies["zgc_openid"]
    back = browser.through(leaving, "7f3a")
    assert browser.get(back).status_code == 200
    assert browser.get(back).status_code == 400, "the attempt is over"
    browser.http.cookies.set("zgc_openid", kept, domain="127.0.0.1")
    again = browser.get(back)
    assert (again.status_code, "凭据已使用" in again.text) == (400, True)
    with engine.connect() as connection:
        assert [row.address for row in list_failures(connection)] == ["127.0.0.1"]


def test_a_code_of_another_attempt_is_worth_nothing(
    visit: Start, certified: Any, engine: Engine
) -> None:
    linked(engine, certified.issuer, "7f3a")
    thief, owner = visit(), visit()
    stolen = parse_qs(urlsplit(owner.through(owner.leave(), "7f3a")).query)["code"][0]
    mine = parse_qs(urlsplit(thief.leave()).query)["state"][0]
    query = {"code": stolen, "state": mine, "iss": certified.issuer}
    answer = thief.get("/login/openid/callback", params=query)
    assert (answer.status_code, "凭据已使用" in answer.text) == (400, True), "PKCE"


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/review?after=3", "/review?after=3"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("/\\elsewhere.example", "/"),
        ("javascript:alert(1)", "/"),
        ('/"><script>', '/"><script>'),
        ("/" + "x" * 2000, "/"),
    ],
)
def test_one_goes_on_within_the_service(
    wanted: str,
    led: str,
    visit: Start,
    certified: Any,
    engine: Engine,
    identity: ModuleType,
) -> None:
    linked(engine, certified.issuer, "7f3a")
    came = visit().sign_in("7f3a", next=wanted)
    assert identity.refreshed(came) == led
    assert "<script>" not in came.text


@pytest.mark.parametrize("planted", ["//elsewhere.example/", "https://elsewhere.example/", "x"])
def test_a_planted_cookie_leads_nowhere_else(
    planted: str, visit: Start, certified: Any, engine: Engine, identity: ModuleType
) -> None:
    linked(engine, certified.issuer, "7f3a")
    browser = visit()
    leaving = browser.leave()
    kept = browser.http.cookies["zgc_openid"]
    secret, _, invitation = json.loads(base64.urlsafe_b64decode(kept + "=" * (-len(kept) % 4)))
    forged = json.dumps([secret, planted, invitation]).encode()
    text = base64.urlsafe_b64encode(forged).rstrip(b"=").decode()
    browser.http.cookies.set("zgc_openid", text, domain="127.0.0.1")
    came = browser.get(browser.through(leaving, "7f3a"))
    assert identity.refreshed(came) == "/"


@pytest.mark.parametrize("kept", ["", "x", "====", "bnVsbA", "WzEsMiwzXQ", "W10", "\\303\\251"])
def test_a_cookie_that_is_none_begins_nothing(kept: str, visit: Start) -> None:
    browser = visit()
    browser.http.cookies.set("zgc_openid", kept, domain="127.0.0.1")
    assert browser.get("/login/openid/callback?code=x&state=y").status_code == 400


def test_who_has_no_account_is_told_what_to_tell(visit: Start, certified: Any) -> None:
    browser = visit()
    answer = browser.sign_in("nobody <b>")
    assert answer.status_code == 403
    assert "没有与您关联的账户" in answer.text
    assert f"{certified.issuer} nobody &lt;b&gt;" in answer.text
    english = browser.get("/login/openid/callback?lang=en")
    assert "did not begin" in english.text


def test_who_has_no_account_gets_one_where_the_operator_wants_that(
    visit: Start, engine: Engine
) -> None:
    settings = {"openid_enrol": True, "openid_scopes": ("openid", "profile")}
    browser = visit({"inIdToken": True}, **settings)
    assert browser.sign_in("zhao").status_code == 200
    other = visit({"inIdToken": True}, **settings)
    assert other.sign_in("li").status_code == 200, "not the administrator of that name"
    assert other.get("/admin/users").status_code == 403
    with engine.connect() as connection:
        roles = {row.name: row.role for row in list_users(connection)}
    (made,) = [name for name in roles if name.startswith("openid-")]
    assert roles == {"li": "admin", "wang": "planner", "zhao": "planner", made: "planner"}


@pytest.mark.parametrize("in_id_token", [True, False])
def test_roles_come_from_the_claim_that_the_operator_names(
    in_id_token: bool, visit: Start, certified: Any, engine: Engine
) -> None:
    linked(engine, certified.issuer, "7f3a")
    settings = {
        "openid_scopes": ("openid", "groups"),
        "openid_role_claim": "groups",
        "openid_roles": (("gis-land", Role.LAND_OFFICER), ("gis", Role.PLANNER)),
    }
    browser = visit({"groups": {"7f3a": ["gis", "gis-land"]}, "inIdToken": in_id_token}, **settings)
    assert browser.sign_in("7f3a").status_code == 200
    assert browser.get("/import").status_code == 200
    browser = visit({"groups": {"7f3a": ["gis"]}, "inIdToken": in_id_token}, **settings)
    browser.sign_in("7f3a")
    assert browser.get("/import").status_code == 403
    browser = visit({"groups": {"7f3a": ["others"]}, "inIdToken": in_id_token}, **settings)
    answer = browser.sign_in("7f3a")
    assert (answer.status_code, "没有给您本系统的角色" in answer.text) == (403, True)


def test_a_claim_gives_no_role_unless_the_operator_says_so(
    visit: Start, certified: Any, engine: Engine
) -> None:
    linked(engine, certified.issuer, "7f3a")
    browser = visit({"groups": {"7f3a": ["admin"]}, "inIdToken": True})
    browser.sign_in("7f3a")
    assert browser.get("/admin/users").status_code == 403


def test_a_disabled_user_is_refused_and_signed_out(
    visit: Start, certified: Any, engine: Engine
) -> None:
    linked(engine, certified.issuer, "7f3a")
    browser = visit()
    browser.sign_in("7f3a")
    with engine.begin() as connection:
        disable(connection, "wang", now())
    fresh = visit()
    answer = fresh.sign_in("7f3a")
    assert (answer.status_code, "已停用" in answer.text) == (403, True)
    assert fresh.get("/account").status_code == 401


def begin_linking(browser: Any, key: str, origin: str) -> Any:
    address = f"{browser.base}/login/openid"
    return browser.http.post(address, data={"key": key}, headers={"origin": origin})


def test_a_one_time_link_links(visit: Start, engine: Engine, identity: ModuleType) -> None:
    with engine.begin() as connection:
        add_user(connection, "zhao", "planner", password=None, now=now())
        key = invite(connection, "zhao", now())
    browser = visit()
    page = browser.get("/set-up", params={"key": key})
    assert 'action="/login/openid">' in page.text
    leaving = begin_linking(browser, key, browser.base)
    address = identity.refreshed(leaving)
    assert browser.get(browser.through(address, "9b1c")).status_code == 200
    assert "zhao" in browser.get("/account").text
    assert browser.get("/set-up", params={"key": key}).status_code == 404
    other = visit()
    again = identity.refreshed(begin_linking(other, key, other.base))
    assert other.get(other.through(again, "8a0d")).status_code == 404
    with engine.connect() as connection:
        rows = [(row.user, row.subject) for row in list_identities(connection)]
    assert rows == [("zhao", "9b1c")]


def test_a_page_of_another_site_links_nobody(visit: Start, engine: Engine) -> None:
    with engine.begin() as connection:
        key = invite(connection, "wang", now())
    browser = visit()
    answer = begin_linking(browser, key, "http://elsewhere.example")
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/cross-site")
    assert "zgc_openid" not in browser.http.cookies
    assert browser.sign_in("9b1c", key=key).status_code == 403, "a link carries no key"
    with engine.connect() as connection:
        assert list_identities(connection) == []


def test_signing_out_signs_out_of_the_provider_too(
    visit: Start, certified: Any, engine: Engine, identity: ModuleType
) -> None:
    linked(engine, certified.issuer, "7f3a")
    browser = visit()
    browser.sign_in("7f3a")
    out = browser.form("/account", "/logout")
    assert out.status_code == 200
    address = identity.refreshed(out)
    assert address.startswith(f"{certified.issuer}/session/end?")
    assert browser.get("/account").status_code == 401
    page = browser.http.get(address)
    assert page.status_code == 200, page.text
    xsrf = re.search(r'name="xsrf" value="([^"]+)"', page.text)
    action = re.search(r'action="([^"]+)"', page.text)
    assert xsrf is not None
    assert action is not None
    led = browser.http.post(action[1], data={"xsrf": xsrf[1], "logout": "yes"})
    assert led.headers["location"] == f"{browser.base}/"
    at_provider = browser.http.get(browser.leave())
    for _ in range(3):
        if at_provider.is_redirect:
            at_provider = browser.http.get(certified.issuer + at_provider.headers["location"])
    assert 'value="login"' in at_provider.text, "the provider asks who it is again"


def test_who_signed_in_with_a_password_signs_out_here_alone(visit: Start) -> None:
    browser = visit()
    by_password(browser, "wang")
    out = browser.form("/account", "/logout")
    assert (out.status_code, out.headers["location"]) == (303, "/")


def test_an_administrator_links_and_unlinks(visit: Start, certified: Any) -> None:
    admin, browser = visit(), visit()
    by_password(admin, "li")
    fields = {"name": "wang", "issuer": certified.issuer, "subject": "7f3a"}
    assert admin.form("/account", "/admin/users/link", **fields).status_code == 303
    assert browser.sign_in("7f3a").status_code == 200
    page = admin.get("/admin/users").text
    assert page.count("7f3a") > 0
    refused = admin.form("/account", "/admin/users/link", **fields | {"name": "li"})
    assert (refused.status_code, "已关联到 wang" in refused.text) == (400, True)
    assert admin.form("/account", "/admin/users/unlink", **fields).status_code == 303
    assert browser.get("/account").status_code == 401
    assert visit().sign_in("7f3a").status_code == 403


# --- what the audit is told ---


@pytest.fixture
def told(engine: Engine) -> Callable[[], list[Any]]:
    """Attempts to sign in that the audit was told of since the test began, once there are some."""
    newest = select(func.max(EVENTS.c.id))
    with engine.connect() as connection:
        before = connection.scalar(newest) or 0
    query = select(EVENTS).where(EVENTS.c.id > before, EVENTS.c.action == "sign-in")

    def since() -> list[Any]:
        for _ in range(100):
            with engine.connect() as connection:
                if rows := connection.execute(query.order_by(EVENTS.c.id)).all():
                    return list(rows)
            time.sleep(0.05)
        return []

    return since


def test_who_came_in_is_told_and_from_where(
    visit: Start, certified: Any, engine: Engine, told: Callable[[], list[Any]]
) -> None:
    linked(engine, certified.issuer, "7f3a")
    visit().sign_in("7f3a")
    (event,) = told()
    assert (event.outcome, event.actor, event.subject) == ("done", "wang", "wang")
    assert event.address == "127.0.0.1"


@pytest.mark.parametrize(
    ("case", "outcome", "subject", "why"),
    [
        ("unlinked", "refused", None, "no account is linked to '7f3a'"),
        ("disabled", "refused", "wang", "the account wang is disabled"),
        ("replayed", "failed", None, "does not take the code"),
    ],
)
def test_who_did_not_come_in_is_told_once_with_why(
    case: str,
    outcome: str,
    subject: str | None,
    why: str,
    visit: Start,
    certified: Any,
    engine: Engine,
    told: Callable[[], list[Any]],
) -> None:
    browser = visit()
    if case == "disabled":
        linked(engine, certified.issuer, "7f3a")
        with engine.begin() as connection:
            disable(connection, "wang", now())
    back = browser.through(browser.leave(), "7f3a")
    if case == "replayed":
        back = re.sub(r"code=[^&]+", "code=of-somebody-else", back)
    browser.get(back)
    (event,) = told()
    assert (event.outcome, event.subject, event.actor) == (outcome, subject, None)
    assert why in event.detail["why"]
    assert event.detail["issuer"] == certified.issuer
    assert "of-somebody-else" not in str(event)
    other = select(EVENTS.c.id).where(EVENTS.c.id >= event.id - 1, EVENTS.c.action == REFUSED)
    with engine.connect() as connection:
        assert connection.execute(other).all() == []


# --- at a provider that lies, or is away ---


@pytest.fixture
def lied(service: Start, liar: Any, identity: ModuleType, engine: Engine) -> Callable[[], Any]:
    """Signs in at the liar: what its answer comes to."""
    linked(engine, liar.issuer, "zhao")
    browser = identity.Visitor(service(liar.issuer))

    def sign_in() -> Any:
        query = parse_qs(urlsplit(browser.leave()).query)
        liar.nonce = query["nonce"][0]
        back = {"code": "any", "state": query["state"][0]}
        return browser.get("/login/openid/callback", params=back)

    return sign_in


def test_what_the_liar_says_honestly_is_believed(lied: Callable[[], Any]) -> None:
    assert lied().status_code == 200


T = 1_000_000
LIES: dict[str, Callable[[Any, ModuleType], None]] = {
    "expired": lambda state, _: state.claims.update(exp=T),
    "not yet valid": lambda state, _: state.claims.update(nbf=T * 10_000),
    "issued in the future": lambda state, _: state.claims.update(iat=T * 10_000),
    "for another client": lambda state, _: state.claims.update(aud="other"),
    "asked by another client": lambda state, _: state.claims.update(azp="other"),
    "of another issuer": lambda state, _: state.claims.update(iss="https://id.example.cn"),
    "of another attempt": lambda state, _: state.claims.update(nonce="another"),
    "without nonce": lambda state, _: state.claims.update(nonce=None),
    "about nobody": lambda state, _: state.claims.update(sub=None),
    "unsigned": lambda state, module: setattr(state, "sign", module.unsigned),
    "signed with the public key": lambda state, module: setattr(
        state, "sign", module.with_public_key
    ),
    "signed with another key": lambda state, module: setattr(state, "key", module.new_key("liar")),
    "no token": lambda state, _: setattr(state, "sign", lambda *_: "x.y.z"),
    "refuses us": lambda state, module: state.instead.update(
        {"/token": module.Reply(401, b'{"error": "invalid_client"}')}
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_signs_nobody_in_and_makes_nobody_wait(
    lie: str, lied: Callable[[], Any], liar: Any, identity: ModuleType, engine: Engine
) -> None:
    LIES[lie](liar, identity)
    answer = lied()
    assert (answer.status_code, "未予接受" in answer.text) == (502, True)
    assert "zgc_session" not in answer.headers.get("set-cookie", "")
    with engine.connect() as connection:
        assert list_failures(connection) == []


def test_who_keeps_trying_codes_has_to_wait_and_the_provider_is_left_alone(
    lied: Callable[[], Any], liar: Any, identity: ModuleType, engine: Engine
) -> None:
    liar.instead["/token"] = identity.Reply(400, b'{"error": "invalid_grant"}')
    assert lied().status_code == 400
    with engine.begin() as connection:
        (failed,) = connection.execute(FAILURES.select()).all()
        row = {"key": b"", "address": failed.address, "failed_at": failed.failed_at}
        connection.execute(FAILURES.insert(), [row] * 30)
    answer = lied()
    assert (answer.status_code, "请等待" in answer.text) == (429, True)
    assert 500 < int(answer.headers["retry-after"]) <= 900
    assert liar.asked.count("/token") == 1


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/token"])
def test_a_provider_that_is_away_is_told_and_passwords_still_count(
    path: str, service: Start, liar: Any, identity: ModuleType, engine: Engine
) -> None:
    linked(engine, liar.issuer, "zhao")
    fresh = service(liar.issuer, openid_title=path[-30:])  # which has asked nothing yet
    browser = identity.Visitor(fresh)
    liar.instead[path] = identity.Reply(503)
    answer = browser.get("/login/openid")
    if answer.status_code == 303:
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        back = {"code": "any", "state": query["state"][0]}
        answer = browser.get("/login/openid/callback", params=back)
    assert (answer.status_code, "没有回应" in answer.text) == (503, True)
    assert "retry-after" in answer.headers
    by_password(browser, "wang")
    with engine.connect() as connection:
        assert list_failures(connection) == []


@pytest.mark.parametrize(
    ("answered", "status"),
    [
        ({"error": "temporarily_unavailable"}, 503),
        ({"error": "server_error"}, 503),
        ({"error": "<b>invalid_scope</b>", "error_description": "call 0800 now"}, 502),
        ({}, 502),
        ({"code": ""}, 502),
        ({"code": "any", "iss": "https://evil.example.cn"}, 502),
    ],
    ids=str,
)
def test_other_answers_have_their_page_without_the_words_of_others(
    answered: dict[str, str], status: int, service: Start, liar: Any, identity: ModuleType
) -> None:
    browser = identity.Visitor(service(liar.issuer))
    state = parse_qs(urlsplit(browser.leave()).query)["state"][0]
    answer = browser.get("/login/openid/callback", params={"state": state} | answered)
    assert answer.status_code == status
    assert "call 0800" not in answer.text
    assert "<b>invalid" not in answer.text


def test_one_signs_out_here_although_the_provider_offers_nothing_or_is_away(
    lied: Callable[[], Any], service: Start, liar: Any, identity: ModuleType
) -> None:
    browser = identity.Visitor(service(liar.issuer))
    browser.http.cookies.update(_session_of(lied()))
    out = browser.form("/account", "/logout")
    assert (out.status_code, out.headers["location"]) == (303, "/")
    assert browser.get("/account").status_code == 401


def _session_of(answer: Any) -> dict[str, str]:
    return {"zgc_session": answer.cookies["zgc_session"]}


def test_behind_a_proxy_the_public_address_counts(
    service: Start, liar: Any, identity: ModuleType, engine: Engine
) -> None:
    linked(engine, liar.issuer, "zhao")
    browser = identity.Visitor(service(liar.issuer, public_url="https://gis.example.cn/zgc"))
    started = browser.get("/zgc/login/openid", params={"next": "/zgc/account"})
    query = parse_qs(urlsplit(started.headers["location"]).query)
    liar.nonce = query["nonce"][0]
    assert query["redirect_uri"] == ["https://gis.example.cn/zgc/login/openid/callback"]
    kept = started.headers["set-cookie"]
    assert re.fullmatch(
        r"__Host-zgc_openid=[\w-]+; HttpOnly; Max-Age=600; Path=/; SameSite=lax; Secure", kept
    )
    came = browser.get(
        "/zgc/login/openid/callback",
        params={"code": "any", "state": query["state"][0]},
        headers={"cookie": kept.partition(";")[0]},
    )
    assert identity.refreshed(came) == "/zgc/account"
    assert liar.forms[0]["redirect_uri"] == query["redirect_uri"][0]
    assert "__Host-zgc_session=" in came.headers["set-cookie"]


# --- without a provider ---


def test_without_a_provider_no_page_speaks_of_one(live_server: str, identity: ModuleType) -> None:
    browser = identity.Visitor(live_server)
    assert "/login/openid" not in browser.get("/login").text
    for path in ("/login/openid", "/login/openid/callback"):
        answer = browser.get(path)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
