"""Reviewing addresses in a browser: by mouse, by keyboard, without scripts, on a phone."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from geodata.geocoding.candidate import Candidate, Issue
from geodata.geocoding.datum import Datum
from geodata.geocoding.level import Level
from geodata.geocoding.review import Decision, Entry, Item, Queue
from geodata.geocoding.tables import GEOCODING_METADATA

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}

NewPage = Callable[..., tuple[Page, object]]


@pytest.fixture
def role() -> str:
    return "planner"


@pytest.fixture
def queue(plan_engine: Engine) -> Iterator[Queue]:
    """Two addresses that wait, and one that nobody knows; afterwards none."""
    queue = Queue(plan_engine)
    house = Candidate(
        lon=116.3155,
        lat=39.9832,
        level=Level.HOUSE,
        accuracy_m=150,
        score=0.8,
        name="北京市海淀区海淀大街3号",
        district="海淀区",
        provider="amap",
        datum=Datum.GCJ02,
        issues=(Issue.PROVIDERS_DISAGREE,),
    )
    road = Candidate(
        lon=116.3402,
        lat=39.9791,
        level=Level.ROAD,
        accuracy_m=900,
        score=0.75,
        name="海淀大街",
        provider="gazetteer",
    )
    issues = (Issue.PROVIDERS_DISAGREE, Issue.AMBIGUOUS)
    queue.put(
        [
            Entry(key="1", address="海淀大街3号", issues=issues, candidates=(house, road)),
            Entry(key="2", address="海淀大街5号院", issues=issues, candidates=(house, road)),
            Entry(key="3", address="无此街9号", issues=(Issue.NO_CANDIDATE,), candidates=()),
        ]
    )
    yield queue
    with plan_engine.begin() as connection:
        for table in reversed(GEOCODING_METADATA.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture
def item(queue: Queue) -> Item:
    return queue.waiting()[0]


def last(queue: Queue, item: Item) -> Decision:
    return queue.get(item.id).decisions[-1]


def test_a_candidate_is_chosen_from_the_list_with_the_keyboard_alone(
    page: Page, queue: Queue, item: Item
) -> None:
    page.goto("/review")
    page.get_by_role("link", name="海淀大街3号").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("海淀大街3号")
    page.locator('[name="choice"]').first.focus()
    page.keyboard.press("Space")
    expect(page.locator("#lon")).to_have_value("116.315500")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#lon")).to_have_value("116.340200")
    expect(page.locator("#level")).to_have_value("road")
    page.get_by_label("理由").fill("门牌已更换")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("海淀大街5号院")
    placement = last(queue, item).placement
    assert placement is not None
    assert (placement.lon, placement.lat, placement.level) == (116.3402, 39.9791, Level.ROAD)


def test_the_marker_is_dragged_to_the_place(page: Page, queue: Queue, item: Item) -> None:
    page.goto(f"/review/{item.id}")
    page.locator(".choice").first.click()
    pin = page.locator(".leaflet-marker-icon.own")
    expect(pin).to_be_visible()
    page.wait_for_load_state("networkidle")
    box = pin.bounding_box()
    assert box is not None
    x, y = box["x"] + 12, box["y"] + 12
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 30, steps=4)
    page.mouse.up()
    expect(page.locator('[value="point"]')).to_be_checked()
    lon, lat = (float(page.locator(name).input_value()) for name in ("#lon", "#lat"))
    assert lon > 116.3155
    assert lat > 39.9832
    expect(page.locator("#accuracy_m")).to_have_value("50")
    page.get_by_label("理由").fill("现场核对")
    page.get_by_role("button", name="记录决定").click()
    page.wait_for_url(re.compile(rf"/review/(?!{item.id}$)\d+$"))
    placement = last(queue, item).placement
    assert placement is not None
    assert (placement.lon, placement.lat, placement.accuracy_m) == (lon, lat, 50)


def test_a_click_on_a_number_of_the_map_chooses_that_candidate(page: Page, item: Item) -> None:
    page.goto(f"/review/{item.id}")
    page.locator(".leaflet-marker-icon.rank:not(.own)").nth(1).click()
    expect(page.locator('[name="choice"][value="1"]')).to_be_checked()


def test_typed_coordinates_move_the_marker_and_a_click_on_the_map_types_them(
    page: Page, item: Item
) -> None:
    page.goto(f"/review/{item.id}")
    page.locator("#lon").fill("116.32")
    page.locator("#lat").fill("39.98")
    expect(page.locator('[value="point"]')).to_be_checked()
    expect(page.locator(".leaflet-marker-icon.own")).to_be_visible()
    page.locator(".folium-map").click(position={"x": 40, "y": 200})
    expect(page.locator("#lon")).not_to_have_value("116.32")
    page.locator('[value="none"]').check()
    expect(page.locator(".leaflet-marker-icon.own")).to_be_hidden()


def test_a_form_that_is_refused_says_so_at_the_field(new_page: NewPage, item: Item) -> None:
    page, watch = new_page()
    watch.expected.add(400)  # type: ignore[attr-defined]
    page.goto(f"/review/{item.id}?lang=en")
    page.locator("#lon").fill("39.98")
    page.locator("#lat").fill("116.32")
    page.get_by_label("Reason").fill("seen on site")
    page.get_by_role("button", name="Record").click()
    expect(page.locator("#why-lon")).to_contain_text("115.4 to 117.6")
    expect(page.locator("#lon")).to_have_attribute("aria-describedby", "why-lon")
    expect(page.get_by_label("Reason")).to_have_value("seen on site")


def test_an_address_without_candidates_is_given_up_without_scripts(
    new_page: NewPage, queue: Queue
) -> None:
    page, _ = new_page(java_script_enabled=False)
    item = queue.waiting()[-1]
    page.goto(f"/review/{item.id}")
    page.locator('[value="none"]').check()
    page.get_by_label("理由").fill("已拆除")
    page.get_by_role("button", name="记录决定").click()
    page.wait_for_url("**/review")
    assert last(queue, item).placement is None


@pytest.mark.usefixtures("queue")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_phone_has_room_for_it(new_page: NewPage, item: Item, language: str) -> None:
    page, _ = new_page(viewport=PHONE)
    for path in ("/review", f"/review/{item.id}"):
        page.goto(f"{path}?lang={language}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
