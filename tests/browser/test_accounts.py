"""Coming in and administering accounts in a browser: by keyboard, without scripts, on a phone."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from geodata.accounts.invitations import invite_first_administrator
from geodata.accounts.tables import ACCOUNTS_METADATA

pytestmark = pytest.mark.browser

PASSWORD = "隔冬不凋 pine 42"
PHONE = {"width": 390, "height": 844}

NewPage = Callable[..., tuple[Page, object]]


@pytest.fixture
def key(plan_engine: Engine) -> Iterator[str]:
    """Of the link for the first administrator; afterwards there are no accounts."""
    _clear(plan_engine)
    with plan_engine.begin() as connection:
        key = invite_first_administrator(connection, datetime.now(UTC))
    assert key is not None
    yield key
    _clear(plan_engine)


def _clear(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in reversed(ACCOUNTS_METADATA.sorted_tables):
            connection.execute(table.delete())


def test_from_the_set_up_link_to_a_second_user_with_the_keyboard_and_without_scripts(
    new_page: NewPage, key: str
) -> None:
    page, watch = new_page(java_script_enabled=False)
    page.goto(f"/set-up?key={key}")
    page.get_by_label("账户名").fill("li")
    page.get_by_label("新密码").fill(PASSWORD)
    page.get_by_label("再输入一次").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    expect(page.get_by_label("账户名")).to_be_focused()
    page.keyboard.type("li")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".who")).to_contain_text("li")
    page.goto("/admin/users")
    form = page.locator("form[action$='/add']")
    form.get_by_label("账户名").fill("wang")
    form.get_by_label("角色").select_option("land_officer")
    form.get_by_role("button").press("Enter")
    link = page.locator(".secret").inner_text()
    assert "/set-up?key=" in link
    expect(page.get_by_role("row", name="wang")).to_contain_text("未设密码")
    page.get_by_role("button", name="退出").press("Enter")
    expect(page.get_by_role("link", name="登录")).to_be_visible()
    page.goto(link)
    page.get_by_label("新密码").fill(PASSWORD)
    page.get_by_label("再输入一次").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    watch.expected.add(404)  # type: ignore[attr-defined]
    page.goto(link)
    expect(page.get_by_role("alert")).to_contain_text("此链接已使用")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_fit_a_phone(new_page: NewPage, key: str, language: str) -> None:
    page, _ = new_page(viewport=PHONE)
    for path in (f"/set-up?key={key}&", "/login?"):
        page.goto(f"{path}lang={language}")
        assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
