"""The page of imports in a browser: from a file to the question whether to load it."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

TABLE = "名称,经度,纬度\n甲,116.31,39.98\n乙,39.98,116.31\n"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def role() -> str:
    return "land_officer"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "企业.csv"
    path.write_text(TABLE, encoding="gb18030")
    return path


@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 800}, PHONE])
def test_a_table_is_shown_for_what_it_is_before_anything_is_written(  # type: ignore[no-untyped-def]
    new_page, table: Path, viewport
) -> None:
    page, _ = new_page(viewport=viewport)
    page.goto("/import?lang=zh")
    page.locator("select[name=layer]").select_option("enterprises")
    page.get_by_label("文件", exact=True).set_input_files(table)
    page.get_by_role("button", name="检查").click()
    expect(page.locator("#state")).to_contain_text("坐标参考系", timeout=30_000)
    expect(page.get_by_label("编码")).to_have_value("gb18030")
    expect(page.get_by_label("列“名称”的字段")).to_have_value("name_zh")
    page.get_by_label("坐标参考系").fill("EPSG:4490")
    page.get_by_label("来源 *").fill("测试")
    page.get_by_label("资料日期 *").fill("2012-01-01")
    page.locator("select[name=boundary_status]").select_option("schematic")
    page.get_by_role("button", name="检查").click()
    expect(page.locator("#summary")).to_contain_text("共 2 行，可导入 1 行，拒绝 1 行")
    expect(page.locator("#findings")).to_contain_text("经纬度（或 X、Y）颠倒")
    expect(page.locator("#findings").get_by_role("row", name="3 经度")).to_contain_text(
        "须经度（东坐标）在前"
    )
    expect(page.locator("#map path.leaflet-interactive[stroke='#1f4e79']")).to_have_count(1)
    expect(page.get_by_label("只导入通过检查的行")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= viewport["width"]
    page.locator("select[name=layer]").select_option("projects")
    expect(page.locator("#found")).to_be_hidden()


def test_a_broken_file_is_told_beside_the_button(new_page, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a.gpkg"
    path.write_bytes(b"SQLite format 3\0broken")
    page, watch = new_page()
    watch.expected.add(422)
    page.goto("/import?lang=en")
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#state .notice")).to_contain_text("a.gpkg: cannot be read", timeout=30_000)
    expect(page.get_by_role("button", name="Check")).to_be_enabled()
