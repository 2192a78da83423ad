"""Every page, in a browser: quiet, self-contained, in both languages, at every width."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PAGES = ("/", "/map", "/statistics", "/statistics?layer=clusters&id=north", "/docs", "/address")
PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_quiet_and_asks_no_other_host(page: Page, path: str, language: str) -> None:
    page.goto(path + ("&" if "?" in path else "?") + f"lang={language}")
    page.wait_for_load_state("networkidle")
    expect(page.locator("main")).to_be_visible()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_phone(new_page, path: str) -> None:  # type: ignore[no-untyped-def]
    page, _ = new_page(viewport=PHONE)
    page.goto(path + ("&" if "?" in path else "?") + "lang=en")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_language_switch_works_and_is_remembered(page: Page) -> None:
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("link", name="Statistics").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_title(re.compile("^Statistics"))


def test_pages_work_without_scripts(new_page) -> None:  # type: ignore[no-untyped-def]
    page, _ = new_page(java_script_enabled=False)
    page.goto("/?lang=en")
    page.get_by_role("link", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.get_by_role("row", name=re.compile("产业聚集区"))).to_contain_text("2")
    page.goto("/statistics")
    expect(page.locator(".areas a")).not_to_have_count(0)


def test_the_skip_link_comes_first_and_leads_to_the_content(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_statistics_of_an_area(page: Page) -> None:
    page.goto("/statistics?layer=demonstration_zone&id=zgc-zone")
    profile = page.locator("#profile")
    expect(page.locator(".profile h1")).to_contain_text("中关村国家自主创新示范区")
    expect(profile.get_by_role("row", name=re.compile("^总收入 1.59"))).to_contain_text(
        "超过 3 万亿元"
    )
    expect(profile.get_by_role("row", name=re.compile("^研发经费支出"))).to_contain_text("约 260")
    expect(profile.get_by_role("row", name=re.compile("^研发经费支出"))).to_contain_text("无数据")
    expect(profile).to_contain_text("统计口径")


def test_an_area_that_does_not_exist_is_said_in_words(new_page) -> None:  # type: ignore[no-untyped-def]
    page, watch = new_page()
    watch.expected.add(404)
    page.goto("/statistics?layer=clusters&id=nowhere")
    expect(page.locator("#profile .notice")).to_contain_text("nowhere")


def test_the_areas_lead_to_their_statistics_and_from_there_to_the_map(page: Page) -> None:
    page.goto("/statistics")
    page.get_by_role("link", name="丰台园").click()
    expect(page.locator(".profile h1")).to_contain_text("丰台园")
    page.get_by_role("link", name="在地图上查看").click()
    expect(page.locator(".leaflet-popup .card")).to_contain_text("丰台园")


def test_an_address_is_found_from_the_portal_and_shown_on_the_map(page: Page) -> None:
    page.goto("/?lang=en")
    page.get_by_role("searchbox", name="Address").fill("海淀区中关村大街59号")
    page.get_by_role("button", name="Find").click()
    row = page.locator("tbody tr").first
    expect(row).to_contain_text("中关村大街")
    row.get_by_role("link").click()
    expect(page.locator("path.accuracy")).to_be_visible()
    expect(page.locator("path.spot")).to_be_visible()
    assert "spot=39.9" in page.url
