"""Signing in at a provider of another site in a browser, whose rules for cookies then count."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pydantic import SecretStr
from sqlalchemy import Engine

from geodata.accounts.invitations import invite
from geodata.accounts.openid import link
from geodata.accounts.tables import ACCOUNTS_METADATA
from geodata.accounts.users import add_user

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


@pytest.fixture(autouse=True)
def accounts(plan_engine: Engine, certified: Any) -> Iterator[None]:
    """One, linked; afterwards there are none."""
    _clear(plan_engine)
    with plan_engine.begin() as connection:
        add_user(connection, "wang", "planner", password=None, now=datetime.now(UTC))
        link(connection, "wang", certified.issuer, "7f3a", datetime.now(UTC))
    yield
    _clear(plan_engine)


def _clear(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in reversed(ACCOUNTS_METADATA.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture
def base(plan_url: str, serve: Callable[..., str], certified: Any, identity: ModuleType) -> str:
    """A service at 127.0.0.1 whose provider is at localhost: another site."""
    assert "//localhost:" in certified.issuer
    address = serve(
        plan_url,
        openid_issuer=certified.issuer,
        openid_client_id=identity.CLIENT,
        openid_client_secret=SecretStr(identity.SECRET),
        openid_title="北京市统一认证",
    )
    certified.admit(address)
    return address


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_there_and_back_and_out_again(
    scripts: bool, browser: Browser, base: str, certified: Any
) -> None:
    context = browser.new_context(base_url=base, viewport=PHONE, java_script_enabled=scripts)
    # What the provider's own pages load is none of this test's.
    context.route("**/fonts.googleapis.com/**", lambda route: route.abort())
    page = context.new_page()
    blocked: list[str] = []
    page.on("console", lambda it: blocked.append(it.text) if "Security Policy" in it.text else None)
    page.goto("/login?next=/account")
    page.get_by_role("link", name="用北京市统一认证登录").click()
    _sign_in(page, "7f3a")
    expect(page.get_by_role("heading", level=1)).to_have_text("我的账户")
    expect(page.locator(".who")).to_contain_text("wang")
    assert page.url == f"{base}/account"
    _sign_out(page, base, certified.issuer)
    assert blocked == []
    context.close()


def _sign_in(page: Page, login: str) -> None:
    page.get_by_placeholder("Enter any login").fill(login)
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def _sign_out(page: Page, base: str, issuer: str) -> None:
    page.get_by_role("button", name="退出").click()
    page.wait_for_url(f"{issuer}/session/end?**")
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_url(f"{base}/")
    expect(page.get_by_role("link", name="登录")).to_be_visible()


def test_a_one_time_link_leads_to_the_provider_and_links(
    browser: Browser, base: str, plan_engine: Engine
) -> None:
    with plan_engine.begin() as connection:
        add_user(connection, "zhao", "planner", password=None, now=datetime.now(UTC))
        key = invite(connection, "zhao", datetime.now(UTC))
    context = browser.new_context(base_url=base)
    context.route("**/fonts.googleapis.com/**", lambda route: route.abort())
    page = context.new_page()
    page.goto(f"/set-up?key={key}")
    page.get_by_role("button", name="用北京市统一认证登录").click()
    _sign_in(page, "9b1c")
    expect(page.locator(".who")).to_contain_text("zhao")
    assert page.url == f"{base}/"
    context.close()


def test_who_is_not_linked_reads_it_on_a_phone(browser: Browser, base: str, certified: Any) -> None:
    context = browser.new_context(base_url=base, viewport=PHONE)
    context.route("**/fonts.googleapis.com/**", lambda route: route.abort())
    page = context.new_page()
    page.goto("/login?lang=en")
    page.get_by_role("link", name="Sign in with 北京市统一认证").click()
    _sign_in(page, "somebody-" + "x" * 60)
    expect(page.get_by_role("alert")).to_contain_text("no account here is linked")
    expect(page.locator(".secret")).to_contain_text(certified.issuer)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    context.close()
