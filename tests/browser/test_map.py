"""The map, in a browser, on the real application with the plan loaded."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from layers.catalog import CATALOG
from layers.layer import Layer
from tests.browser.steps import features, open_map, settle, switch, until

pytestmark = pytest.mark.browser

# Counted on a copy: reading the map's own canvas again and again would slow it down.
PAINTED = """() => {
  const source = document.querySelector(".leaflet-overlay-pane canvas");
  if (!source) return 0;
  const copy = document.createElement("canvas");
  copy.width = source.width;
  copy.height = source.height;
  const pen = copy.getContext("2d", { willReadFrequently: true });
  pen.drawImage(source, 0, 0);
  const bytes = pen.getImageData(0, 0, copy.width, copy.height).data;
  let painted = 0;
  for (let alpha = 3; alpha < bytes.length; alpha += 4) if (bytes[alpha]) painted += 1;
  return painted;
}"""

PLACE = """([layer, id]) => {
  const path = window.zgc.byLayer[layer].path(id);
  const at = path.getLatLng ? path.getLatLng() : path.getBounds().getCenter();
  const frame = window.zgc.map.getContainer().getBoundingClientRect();
  const { x, y } = window.zgc.map.latLngToContainerPoint(at);
  return [frame.left + x, frame.top + y];
}"""


def drawn(page: Page, layer_id: str) -> int:
    count: int = page.evaluate("(id) => window.zgc.byLayer[id].drawn.length", layer_id)
    return count


def change_answer(page: Page, layer_id: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Lets the real answer for a layer's items through, changed."""

    def handle(route: Route) -> None:
        document = route.fetch().json()
        change(document)
        route.fulfill(json=document)

    page.route(re.compile(rf"/ogc/collections/{layer_id}/items\?"), handle)


@pytest.mark.parametrize("layer", list(CATALOG), ids=lambda layer: layer.id)
def test_a_layer_draws_when_switched_on_and_vanishes_when_off(page: Page, layer: Layer) -> None:
    open_map(page, "#layers=")
    assert page.evaluate(PAINTED) == 0
    switch(page, layer)
    settle(page)
    located = [feature for feature in features(page, layer.id) if feature["geometry"]]
    assert drawn(page, layer.id) == len(located)
    if located:
        until(page, lambda: page.evaluate(PAINTED) > 0, f"{layer.id} is painted")
    switch(page, layer)
    until(page, lambda: page.evaluate(PAINTED) == 0, f"{layer.id} is gone")


def test_the_legend_counts_features_and_those_without_location(page: Page) -> None:
    open_map(page)
    for layer in CATALOG:
        given = features(page, layer.id)
        nowhere = sum(feature["geometry"] is None for feature in given)
        expected = f"{len(given):,}" + (f" · 无位置 {nowhere:,}" if nowhere else "")
        expect(page.locator(f'.count[data-layer="{layer.id}"]')).to_have_text(expected)


def test_layers_lie_in_their_declared_order(page: Page) -> None:
    open_map(page)
    order = page.evaluate(
        """() => {
          const { map, byLayer } = window.zgc;
          const paths = Object.values(byLayer).flatMap((overlay) => overlay.drawn);
          const renderer = map.getRenderer(paths[0]);
          const orders = [];
          for (let item = renderer._drawFirst; item; item = item.next) {
            if (item.layer.overlay) orders.push(item.layer.overlay.layer.style.order);
          }
          return orders;
        }"""
    )
    assert len(order) > 50
    assert order == sorted(order)


def test_clicking_a_feature_opens_its_popup_with_both_names(page: Page) -> None:
    open_map(page, "#view=14/40.0/116.3&layers=enterprises")
    located = [feature for feature in features(page, "enterprises") if feature["geometry"]]
    feature = next(feature for feature in located if feature["properties"]["name_en"])
    longitude, latitude = feature["geometry"]["coordinates"]
    page.evaluate("([y, x]) => { window.zgc.map.setView([y, x], 17); }", [latitude, longitude])
    settle(page)
    page.mouse.click(*page.evaluate(PLACE, ["enterprises", feature["id"]]))
    card = page.locator(".leaflet-popup .card")
    expect(card.locator("h3")).to_be_visible()
    opened = re.search(r"feature=enterprises/([\w-]+)", page.evaluate("() => location.hash"))
    assert opened
    there = next(each for each in located if each["id"] == opened[1])["properties"]
    expect(card.locator("h3")).to_have_text(there["name_zh"])
    expect(card.locator(".en")).to_have_text(there["name_en"] or "")
    expect(card).to_contain_text(f"±{there['accuracy_m']:g} m")
    expect(card).to_contain_text(there["source"])


def test_a_click_on_nested_areas_names_all_of_them(page: Page) -> None:
    open_map(page, "#feature=science_cities/zgc-science-city")
    here = page.locator(".leaflet-popup .here button")
    expect(here).not_to_have_count(0)
    name = (here.last.text_content() or "").split(" · ")[0]
    here.last.click()
    expect(page.locator(".leaflet-popup")).to_have_count(1)
    expect(page.locator(".leaflet-popup h3")).to_have_text(name)


def test_a_schematic_boundary_is_dashed_and_says_so(page: Page) -> None:
    open_map(page, "#feature=clusters/north")
    dash = page.evaluate("() => window.zgc.byLayer.clusters.path('north').options.dashArray")
    assert dash == "6 4"
    expect(page.locator(".leaflet-popup .tag[data-schematic]")).to_have_text("示意边界")
    expect(page.locator(".boundaries")).to_contain_text("示意边界")


def test_an_authoritative_boundary_is_solid(page: Page) -> None:
    def authoritative(document: dict[str, Any]) -> None:
        for feature in document["features"]:
            feature["properties"]["boundary_status"] = "authoritative"

    change_answer(page, "clusters", authoritative)
    open_map(page, "#feature=clusters/north")
    dash = page.evaluate("() => window.zgc.byLayer.clusters.path('north').options.dashArray")
    assert dash is None
    expect(page.locator(".leaflet-popup .card")).to_contain_text("法定边界")
    expect(page.locator(".leaflet-popup .tag[data-schematic]")).to_have_count(0)


def test_an_area_links_to_its_statistics_and_its_geojson(page: Page) -> None:
    open_map(page, "#feature=clusters/north")
    links = page.locator(".leaflet-popup .links a")
    expect(links.nth(0)).to_have_attribute("href", "/statistics?layer=clusters&id=north")
    expect(links.nth(1)).to_have_attribute("href", "/ogc/collections/clusters/items/north")


def test_the_keyboard_alone_finds_and_opens_a_feature(page: Page) -> None:
    open_map(page)
    for _ in range(15):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.id") == "search":
            break
    page.keyboard.type("百度")
    expect(page.locator("#results [role=option]").first).to_contain_text("百度")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#search")).to_have_attribute("aria-activedescendant", "result-0")
    page.keyboard.press("Enter")
    heading = page.locator(".leaflet-popup h3")
    expect(heading).to_contain_text("百度")
    expect(heading).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".leaflet-popup")).to_have_count(0)
    expect(page.locator("#search")).to_be_focused()


def test_an_alias_finds_its_feature(page: Page) -> None:
    open_map(page)
    feature = next(f for f in features(page, "enterprises") if f["properties"]["aliases"])
    alias = feature["properties"]["aliases"].split("、")[0]
    page.locator("#search").fill(alias)
    expect(page.locator("#results")).to_contain_text(feature["properties"]["name_zh"])


def test_a_feature_without_location_is_listed_and_opens_beside_the_map(page: Page) -> None:
    open_map(page)
    feature = next(f for f in features(page, "projects") if f["geometry"] is None)
    page.locator("#search").fill(feature["properties"]["name_zh"])
    row = page.locator("#results [role=option]").first
    expect(row).to_contain_text("无位置")
    row.click()
    detail = page.locator("#detail")
    expect(detail.locator("h3")).to_have_text(feature["properties"]["name_zh"])
    expect(detail).to_contain_text("无位置")
    detail.get_by_role("button", name="关闭").click()
    expect(page.locator("#results")).to_be_visible()


def test_names_with_html_are_shown_as_text(page: Page) -> None:
    hostile = '<img src=x onerror="document.title=1"><b>名</b>'

    def rename(document: dict[str, Any]) -> None:
        for feature in document["features"]:
            for name in ("name_zh", "name_en", "aliases", "source"):
                feature["properties"][name] = hostile

    change_answer(page, "clusters", rename)
    open_map(page, "#feature=clusters/north&layers=clusters")
    expect(page.locator(".leaflet-popup h3")).to_have_text(hostile)
    expect(page.locator("#results [role=option]").first).to_contain_text(hostile)
    expect(page.locator(".map-label").first).to_contain_text(hostile)
    page.get_by_role("button", name="关闭").click()
    label = page.locator(".map-label span").first.bounding_box()
    assert label
    page.mouse.move(label["x"] + label["width"] / 2, label["y"] + label["height"] / 2)
    expect(page.locator(".leaflet-tooltip")).to_contain_text(hostile)
    assert page.locator("main img, main b").count() == 0


def test_the_place_is_kept_in_the_address_also_across_languages(page: Page) -> None:
    open_map(page, "#view=12/39.80000/116.50000&layers=clusters,axes")
    centre = page.evaluate("() => [window.zgc.map.getZoom(), window.zgc.map.getCenter().lat]")
    assert centre == [12, pytest.approx(39.8, abs=0.01)]
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    settle(page)
    assert page.evaluate("() => window.zgc.map.getZoom()") == 12
    shown = page.evaluate(
        "() => Object.values(window.zgc.byLayer).filter((o) => o.visible).map((o) => o.layer.id)"
    )
    assert sorted(shown) == ["axes", "clusters"]


def test_a_link_to_a_feature_that_does_not_exist_is_said_in_words(new_page) -> None:  # type: ignore[no-untyped-def]
    page, watch = new_page()
    watch.expected.add(404)
    open_map(page, "#feature=clusters/nowhere")
    expect(page.locator("#notices .failed")).to_contain_text("nowhere")
    open_map(page, "#feature=rivers/wenyu")
    page.reload()
    expect(page.locator("#notices .failed")).to_contain_text("rivers")


def test_a_failed_request_is_said_in_words_and_can_be_tried_again(new_page) -> None:  # type: ignore[no-untyped-def]
    page, watch = new_page()
    watch.expected.add(503)
    problem = {"title": "Database busy", "detail": "try again", "status": 503}
    page.route(
        re.compile("/ogc/collections/axes/items"),
        lambda route: route.fulfill(
            status=503, body=json.dumps(problem), content_type="application/problem+json"
        ),
        times=1,
    )
    open_map(page)
    note = page.locator("#notices .failed")
    expect(note).to_contain_text("Database busy: try again")
    note.get_by_role("button", name="重试").click()
    expect(note).to_have_count(0)
    assert drawn(page, "axes") > 0


def test_a_drawn_polygon_is_counted(page: Page) -> None:
    open_map(page, "#view=11/39.98/116.31&layers=enterprises")
    page.locator(".leaflet-draw-draw-polygon").click()
    frame = page.locator("#map_zgc").bounding_box()
    assert frame
    corners = [(300, 150), (650, 150), (650, 500), (300, 500), (300, 150)]
    with page.expect_response("**/api/statistics") as sent:
        for x, y in corners:
            page.mouse.click(frame["x"] + x, frame["y"] + y)
            page.wait_for_timeout(120)
    assert sent.value.status == 200
    posted = sent.value.request.post_data_json
    assert posted["type"] == "Polygon"
    located = sent.value.json()["enterprises"]["located"]
    assert located > 0
    detail = page.locator("#detail")
    expect(detail.locator("h2")).to_have_text("所绘区域")
    expect(detail.locator(".figures")).to_contain_text(f"位置在内企业{located}")
    expect(detail.locator(".shares").first).to_contain_text("电子信息")


def test_a_drawn_rectangle_opens_no_popup_of_what_lies_beneath(page: Page) -> None:
    open_map(page, "#view=11/40.08/116.3&layers=clusters")
    page.locator(".leaflet-draw-draw-rectangle").click()
    frame = page.locator("#map_zgc").bounding_box()
    assert frame
    page.mouse.move(frame["x"] + 300, frame["y"] + 300)
    page.mouse.down()
    page.mouse.move(frame["x"] + 500, frame["y"] + 450, steps=4)
    page.mouse.up()
    expect(page.locator("#detail .figures")).to_be_visible()
    expect(page.locator(".leaflet-popup")).to_have_count(0)


def test_the_drawing_tools_speak_the_readers_language(page: Page) -> None:
    open_map(page)
    expect(page.locator(".leaflet-draw-draw-polygon")).to_have_attribute(
        "title", "绘制多边形并统计"
    )
    expect(page.locator(".leaflet-control-zoom-in")).to_have_attribute("title", "放大")
    expect(page.locator(".leaflet-control-zoom-fullscreen")).to_have_attribute("title", "全屏")
    open_map(page, language="en")
    expect(page.locator(".leaflet-draw-draw-polygon")).to_have_attribute(
        "title", "Draw a polygon and count"
    )


def test_the_pointer_reads_coordinates_with_five_decimals(page: Page) -> None:
    open_map(page)
    frame = page.locator("#map_zgc").bounding_box()
    assert frame
    page.mouse.move(frame["x"] + 400, frame["y"] + 300)
    readout = page.locator(".leaflet-control-mouseposition")
    expect(readout).to_have_text(re.compile(r"^CGCS2000 11\d\.\d{5}, (39|40)\.\d{5}$"))
    expect(page.locator(".leaflet-control-scale-line")).to_have_count(1)
    expect(page.locator(".leaflet-control-attribution")).not_to_contain_text("Leaflet")


def test_large_areas_carry_their_names_without_overlap(page: Page) -> None:
    open_map(page)
    expect(
        page.locator(".map-label span", has_text="北部研发服务和高技术产业聚集区")
    ).to_be_visible()
    boxes = page.evaluate(
        """() => [...document.querySelectorAll(".map-label span")].map((label) => {
          const { left, right, top, bottom } = label.getBoundingClientRect();
          return [left, right, top, bottom];
        })"""
    )
    assert len(boxes) >= 3
    for number, (left, right, top, bottom) in enumerate(boxes):
        for other_left, other_right, other_top, other_bottom in boxes[number + 1 :]:
            apart = right <= other_left or other_right <= left
            assert apart or bottom - other_top < 4 or other_bottom - top < 4
