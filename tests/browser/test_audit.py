"""The audit in a browser: searched with the keyboard, without scripts, on a phone too."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from geodata.audit.actions import Action, Outcome
from geodata.audit.asker import Asker
from geodata.audit.event import Event, keep

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}

NewPage = Callable[..., tuple[Page, object]]


@pytest.fixture
def role() -> str:
    return "admin"


@pytest.fixture(autouse=True)
def _events(plan_engine: Engine) -> None:
    reader = Asker("auditee", "land_officer", "192.0.2.44")
    with plan_engine.begin() as connection:
        keep(
            connection,
            [
                Event(action=Action.SIGN_IN, who=reader, subject="auditee"),
                Event(
                    action=Action.READ,
                    who=reader,
                    layer="parcels",
                    features=("110108001001GB00001",),
                    number=1,
                    detail={
                        "path": "/ogc/collections/parcels/items",
                        "by": "session",
                        "attributes": ["holder"],
                        "query": "holder=…&limit=20",
                    },
                ),
                Event(
                    action=Action.REQUEST_REFUSED,
                    who=reader,
                    outcome=Outcome.REFUSED,
                    times=12,
                    detail={"method": "GET", "route": "/admin/users", "status": 403},
                ),
            ],
        )


def test_an_administrator_finds_who_read_what_without_scripts(new_page: NewPage) -> None:
    page, _ = new_page(java_script_enabled=False)
    page.goto("/admin/users")
    page.get_by_role("link", name="审计").click()
    page.get_by_role("textbox", name="账户").fill("auditee")
    page.get_by_role("combobox", name="操作").select_option("读取非公开属性")
    page.get_by_role("textbox", name="账户").press("Enter")
    row = page.get_by_role("row", name="auditee").first
    expect(row).to_contain_text("holder")
    expect(row).to_contain_text("192.0.2.44")
    expect(page.get_by_role("textbox", name="账户")).to_have_value("auditee")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert "auditee" in download.value.path().read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_fits_a_phone(new_page: NewPage, language: str) -> None:
    page, _ = new_page(viewport=PHONE)
    page.goto(f"/admin/audit?lang={language}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
