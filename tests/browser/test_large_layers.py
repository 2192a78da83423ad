"""Layers of more than 2,000 features, which the map draws from vector tiles."""

import json
import re
from collections.abc import Callable
from typing import Any

import mapbox_vector_tile
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import ColumnElement, func, select

from geodata.database.engine import open_engine
from geodata.database.tables import METADATA
from geodata.synthetic.label import Recipe
from geodata.synthetic.make import make
from layers.catalog import CATALOG
from tests.browser.steps import open_map, settle, switch, until

pytestmark = pytest.mark.browser

LARGE = Recipe(enterprises=9_000, parcels=2_100)
FAR_OUT = "#view=9/39.98/116.31"
ELSEWHERE = "#view=16/40.4/117.0"

MARKS = """(id) => window.zgc.byLayer[id].marksInView.map(({ mark, latlng }) => {
  const frame = window.zgc.map.getContainer().getBoundingClientRect();
  const { x, y } = window.zgc.map.latLngToContainerPoint(latlng);
  return { id: mark.id, count: mark.count, place: [frame.left + x, frame.top + y] };
})"""

COLOUR_AT = """([x, y]) => {
  for (const tile of document.querySelectorAll(".leaflet-tiles-above-pane canvas")) {
    const frame = tile.getBoundingClientRect();
    const pixel = tile.getContext("2d").getImageData(x - frame.left, y - frame.top, 1, 1).data;
    if (pixel[3]) return [...pixel];
  }
  return null;
}"""

DECODED = """async (address) => {
  const { readTile } = await import("/static/zgc/vector_tile.js");
  return readTile(await (await fetch(address)).arrayBuffer());
}"""


@pytest.fixture(scope="module")
def large_url(new_database: Callable[[], str]) -> str:
    url = new_database()
    make(url, LARGE, lambda _: None, lambda _: None)
    return url


@pytest.fixture(scope="module")
def large_server(large_url: str, serve: Callable[[str], str]) -> str:
    return serve(large_url)


@pytest.fixture
def large_page(large_server: str, new_page: Any) -> Page:
    page: Page = new_page(base_url=large_server)[0]
    return page


def marks(page: Page, layer_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(MARKS, layer_id)
    return found


def single(page: Page, layer_id: str) -> dict[str, Any]:
    """A mark of one feature in the middle of the map, where others are few."""
    return next(mark for mark in marks(page, layer_id) if mark["id"] and is_central(mark))


def is_central(mark: dict[str, Any]) -> bool:
    x, y = mark["place"]
    return bool(700 < x < 920 and 300 < y < 520)


def close_up(page: Page, layer_id: str) -> None:
    """Opens the map where the layer has features."""
    answer = page.request.get(f"/ogc/collections/{layer_id}/items?bbox=115,39,117,41&limit=1")
    [feature] = answer.json()["features"]
    place = feature["geometry"]["coordinates"]
    while isinstance(place[0], list):
        place = place[0]
    open_map(page, f"#view=16/{place[1]}/{place[0]}&layers={layer_id}")


def located(url: str, layer_id: str) -> int:
    return counted(url, func.count(METADATA.tables[layer_id].c.geom))


def total(url: str, layer_id: str) -> int:
    return counted(url, func.count(METADATA.tables[layer_id].c.id))


def counted(url: str, count: ColumnElement[int]) -> int:
    engine = open_engine(url)
    with engine.connect() as connection:
        found = connection.scalar(select(count))
    engine.dispose()
    return found or 0


@pytest.mark.parametrize("zoom", [8, 11])
@pytest.mark.parametrize("layer_id", ["enterprises", "parcels"])
def test_every_feature_of_a_large_layer_is_drawn_or_counted(
    layer_id: str, zoom: int, large_page: Page, large_url: str
) -> None:
    large_page.set_viewport_size({"width": 2400, "height": 1900})
    open_map(large_page, f"#view={zoom}/40.1/116.35&layers={layer_id}")
    shown = marks(large_page, layer_id)
    alone = {mark["id"] for mark in shown if mark["id"]}
    if layer_id == "enterprises":
        assert len(alone) == sum(mark["id"] is not None for mark in shown), "a point is drawn twice"
    together = [mark["count"] for mark in shown if not mark["id"]]
    assert len(alone) + sum(together) == located(large_url, layer_id)
    gathered = [count for count in together if count > 1]
    if gathered:
        note = large_page.locator("#notices")
        expect(note).to_contain_text(f"{sum(gathered):,} 项")
        expect(note).to_contain_text(f"{len(gathered):,} 个")


def test_a_circle_says_its_number_and_brings_the_reader_closer(large_page: Page) -> None:
    open_map(large_page, FAR_OUT)
    shown = [mark for mark in marks(large_page, "enterprises") if is_central(mark)]
    circle = max(shown, key=lambda mark: mark["count"])
    large_page.mouse.move(*circle["place"])
    tooltip = large_page.locator(".leaflet-tooltip")
    expect(tooltip).to_have_text(f"{circle['count']:,} 项，点击放大")
    large_page.mouse.click(*circle["place"])
    settle(large_page)
    assert large_page.evaluate("() => window.zgc.map.getZoom()") == 11
    expect(large_page.locator(".leaflet-popup")).to_have_count(0)


@pytest.mark.parametrize("layer_id", ["enterprises", "parcels"])
def test_a_click_on_a_feature_of_a_tile_opens_all_that_is_known_of_it(
    layer_id: str, large_page: Page
) -> None:
    close_up(large_page, layer_id)
    large_page.mouse.click(*single(large_page, layer_id)["place"])
    card = large_page.locator(".leaflet-popup .card")
    expect(card.locator("h3")).to_be_visible()
    opened = re.search(rf"feature={layer_id}/([\w-]+)", large_page.evaluate("() => location.hash"))
    assert opened
    known = large_page.request.get(f"/ogc/collections/{layer_id}/items/{opened[1]}").json()
    expect(card.locator("h3")).to_have_text(known["properties"]["name_zh"])
    expect(card).to_contain_text(known["properties"]["source"])


def test_tiles_have_the_declared_colour(large_page: Page) -> None:
    close_up(large_page, "enterprises")
    style = CATALOG.get("enterprises").style
    *colour, alpha = large_page.evaluate(COLOUR_AT, single(large_page, "enterprises")["place"])
    declared = [int(style.colour[at : at + 2], 16) for at in (1, 3, 5)]
    assert colour == pytest.approx(declared, abs=3)
    assert alpha / 255 >= style.fill_opacity - 0.01


def test_the_keyboard_finds_a_feature_of_a_large_layer_wherever_it_is(large_page: Page) -> None:
    open_map(large_page, ELSEWHERE)
    large_page.locator("#search").focus()
    large_page.keyboard.type("百度")
    row = large_page.locator("#results [role=option]")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("百度")
    large_page.keyboard.press("Enter")
    expect(large_page.locator(".leaflet-popup h3")).to_be_focused()
    large_page.keyboard.press("Escape")
    expect(large_page.locator("#search")).to_be_focused()


@pytest.mark.parametrize("words", ["BAIDU", "ｂａｉｄｕ", "百度 baidu"])
def test_large_layers_are_searched_as_small_ones_are(words: str, large_page: Page) -> None:
    open_map(large_page, f"{ELSEWHERE}&layers=enterprises")
    large_page.locator("#search").fill(words)
    expect(large_page.locator("#results [role=option]")).to_contain_text(["百度"])


@pytest.mark.parametrize("words", ["'", "%", "_", "\\", "') OR (1 = 1", "\\'"])
def test_signs_of_the_filter_language_are_searched_for_as_they_are(
    words: str, large_page: Page
) -> None:
    open_map(large_page, f"{ELSEWHERE}&layers=enterprises")
    with large_page.expect_response(re.compile("filter=.*LIKE")):
        large_page.locator("#search").fill(words)
    settle(large_page)
    for row in large_page.locator("#results [role=option]").all_text_contents():
        assert all(word in row for word in words.split())


def test_the_list_says_what_it_leaves_out_and_names_what_has_no_place(
    large_page: Page, large_url: str
) -> None:
    open_map(large_page, "#view=10/39.98/116.31&layers=enterprises")
    expect(large_page.locator(".partial")).to_contain_text("企业：只列出本视图内的前 300 项")
    nowhere = large_page.evaluate("() => window.zgc.byLayer.enterprises.unplaced.features")
    assert len(nowhere) == total(large_url, "enterprises") - located(large_url, "enterprises") > 0
    expect(large_page.locator('.count[data-layer="enterprises"]')).to_contain_text(
        f"· 无位置 {len(nowhere)}"
    )
    large_page.locator("#search").fill(nowhere[0]["properties"]["name_zh"])
    row = large_page.locator("#results [role=option]").first
    expect(row).to_contain_text("无位置")
    row.click()
    expect(large_page.locator("#detail h3")).to_have_text(nowhere[0]["properties"]["name_zh"])


def test_only_the_view_where_the_reader_stops_is_listed(large_page: Page) -> None:
    open_map(large_page, "#view=13/39.98/116.31&layers=enterprises")
    asked: list[str] = []
    large_page.on("request", lambda request: asked.append(request.url))
    large_page.evaluate(
        """async () => {
          for (let step = 0; step < 8; step += 1) {
            window.zgc.map.panBy([60, 0], { animate: false });
            await new Promise((done) => setTimeout(done, 40));
          }
        }"""
    )
    until(large_page, lambda: any("bbox=" in url for url in asked), "the last view is asked for")
    settle(large_page)
    assert sum("bbox=" in url for url in asked) == 1


def test_a_large_layer_vanishes_when_switched_off_and_comes_again(large_page: Page) -> None:
    open_map(large_page, "#view=11/39.98/116.31&layers=enterprises")
    tiles = large_page.locator(".leaflet-tiles-above-pane canvas")
    assert tiles.count() > 0
    switch(large_page, CATALOG.get("enterprises"))
    expect(tiles).to_have_count(0)
    expect(large_page.locator("#notices")).to_be_empty()
    switch(large_page, CATALOG.get("enterprises"))
    settle(large_page)
    assert tiles.count() > 0


def test_a_tile_that_fails_is_said_in_words_and_can_be_tried_again(
    large_server: str, new_page: Any
) -> None:
    page, watch = new_page(base_url=large_server)
    watch.expected.add(503)
    problem = {"title": "Query took too long", "detail": "zoom in", "status": 503}
    tiles = re.compile("/enterprises/tiles/")
    page.route(
        tiles,
        lambda route: route.fulfill(
            status=503, body=json.dumps(problem), content_type="application/problem+json"
        ),
    )
    open_map(page, "#view=11/39.98/116.31&layers=enterprises")
    note = page.locator("#notices .failed")
    expect(note).to_contain_text("企业：Query took too long: zoom in")
    page.unroute(tiles)
    note.get_by_role("button", name="重试").click()
    expect(note).to_have_count(0)
    settle(page)
    assert marks(page, "enterprises")


@pytest.mark.parametrize(
    ("layer_id", "tile"), [("enterprises", "11/775/1685"), ("parcels", "11/777/1683")]
)
def test_tiles_are_read_as_another_decoder_reads_them(
    layer_id: str, tile: str, large_page: Page
) -> None:
    open_map(large_page, "#layers=")
    address = f"/ogc/collections/{layer_id}/tiles/WebMercatorQuad/{tile}?properties=*"
    options = {"y_coord_down": True}
    content = large_page.request.get(address).body()
    theirs = mapbox_vector_tile.decode(content, default_options=options)[layer_id]["features"]
    ours = large_page.evaluate(DECODED, address)
    assert len(ours) == len(theirs) > 0
    for mine, other in zip(ours, theirs, strict=True):
        assert mine["properties"] == other["properties"]
        assert mine["kind"] == other["geometry"]["type"].removeprefix("Multi")
        assert positions(mine["parts"], 4096) == positions(other["geometry"]["coordinates"], 1)


def positions(nested: Any, scale: int) -> set[tuple[int, int]]:
    """The corners of a geometry, however it nests them."""
    if isinstance(nested[0], int | float):
        return {(round(nested[0] * scale), round(nested[1] * scale))}
    return {position for part in nested for position in positions(part, scale)}
