"""The review pages without a browser: what they show and what a form leads to."""

import re

import pytest
from fastapi.testclient import TestClient

from geodata.geocoding.cache import Cache
from geodata.geocoding.candidate import Issue
from geodata.geocoding.level import Level
from geodata.geocoding.review import Decision, Entry, Queue, decided
from geodata.geocoding.tables import STATES as TABLE_STATES
from service.review.form import FIELDS
from service.review.words import ISSUES, LEVELS, STATES, WRONG
from service.web.language import translations
from service.web.security import HEADERS

POINT = {
    "choice": "point",
    "lon": "116.301234",
    "lat": "39.901234",
    "level": "building",
    "accuracy_m": "20",
    "reason": "现场核对",
    "seen": "0",
}


@pytest.fixture
def path(queue: Queue) -> str:
    """Of the first address that waits."""
    return f"/review/{queue.waiting()[0].id}"


@pytest.mark.parametrize(("lang", "title"), [("zh", "地址核对"), ("en", "Address review")])
def test_the_addresses_that_wait_are_listed(
    lang: str, title: str, queue: Queue, browser_here: TestClient
) -> None:
    html = browser_here.get("/review", params={"lang": lang}).text
    assert f"<h1>{title}</h1>" in html
    assert '<b id="count">3</b>' in html
    for item in queue.waiting():
        assert f'<a href="/review/{item.id}">{item.address}</a>' in html


def test_long_queues_come_in_pages(queue: Queue, browser_here: TestClient) -> None:
    queue.put(
        Entry(key=f"乙街{n}号", address=f"乙街{n}号", issues=(Issue.NO_CANDIDATE,), candidates=())
        for n in range(60)
    )
    seen: list[str] = []
    address: str | None = "/review"
    while address:
        html = browser_here.get(address).text
        seen += re.findall(r'<th scope="row"><a href="/review/\d+">([^<]+)</a>', html)
        following = re.search(r'<a href="([^"]+)" rel="next">', html)
        address = following[1] if following else None
    assert len(seen) == len(set(seen)) == 63


def test_an_empty_queue_says_so(browser_here: TestClient) -> None:
    assert "没有待核对的地址" in browser_here.get("/review").text


@pytest.mark.usefixtures("queue")
@pytest.mark.parametrize("page", ["/review", "{path}"])
def test_pages_of_addresses_are_guarded_and_not_kept(
    page: str, path: str, browser_here: TestClient
) -> None:
    answer = browser_here.get(page.format(path=path))
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert answer.headers["cache-control"] == "no-store"
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", answer.text) == []


def test_a_page_shows_every_candidate_and_names_are_text(
    path: str, browser_here: TestClient
) -> None:
    html = browser_here.get(path).text
    assert re.findall(r'name="choice" value="(\w+)"', html) == ["0", "1", "point", "none"]
    assert "海淀区甲街1号&lt;b&gt;" in html
    assert "高德" in html
    assert "地名库" in html
    assert "116.320000, 39.980000" in html
    assert "checked" not in html, "nobody chooses by not looking"


def test_a_decision_is_kept_and_leads_to_the_next_address(
    path: str, queue: Queue, browser_here: TestClient, plan_engine: object
) -> None:
    second, third = (item.id for item in queue.waiting()[1:])
    answer = browser_here.post(path, data=POINT)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/review/{second}")
    item = queue.get(int(path.rpartition("/")[2]))
    assert (item.state, item.decisions[0].by, item.decisions[0].reason) == (
        "placed",
        "planner",
        "现场核对",
    )
    cached = Cache(plan_engine).get("review", [item.key])[item.key]  # type: ignore[arg-type]
    (candidate,) = decided(cached)
    assert (candidate.lon, candidate.lat, candidate.level) == (
        116.301234,
        39.901234,
        Level.BUILDING,
    )
    browser_here.post(f"/review/{second}", data=POINT | {"choice": "none"})
    answer = browser_here.post(f"/review/{third}", data=POINT | {"choice": "1"})
    assert answer.headers["location"] == "/review"
    assert queue.count() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("choice", "7"),
        ("lon", "39.9"),
        ("lat", "<script>"),
        ("level", "planet"),
        ("accuracy_m", "-1"),
        ("reason", ""),
        ("seen", "x"),
        ("seen", "7"),
    ],
)
def test_a_refused_form_comes_back_with_its_words_and_the_reason_at_the_field(
    field: str, value: str, path: str, queue: Queue, browser_here: TestClient
) -> None:
    answer = browser_here.post(path, data=POINT | {field: value}, params={"lang": "en"})
    assert answer.status_code == 400
    assert f'id="why-{field}" role="alert">' in answer.text
    assert translations()[WRONG[field]].en[:20] in answer.text
    assert "<script>" not in answer.text.partition("<form")[2].partition("</form>")[0]
    if field != "reason":
        assert 'value="现场核对"' in answer.text
    assert queue.count() == 3


def test_who_is_late_sees_the_other_decision_first(
    path: str, queue: Queue, browser_here: TestClient
) -> None:
    number = int(path.rpartition("/")[2])
    queue.decide(number, Decision(placement=None, by="李工", reason="已拆除"), seen=0)
    answer = browser_here.post(path, data=POINT)
    assert answer.status_code == 409
    assert "李工" in answer.text
    assert 'name="seen" value="1"' in answer.text
    assert browser_here.post(path, data=POINT | {"seen": "1"}).status_code == 303
    assert [each.by for each in queue.get(number).decisions] == ["李工", "planner"]


@pytest.mark.usefixtures("queue")
@pytest.mark.parametrize(
    "path", ["/review/0", "/review/9223372036854775808", "/review/x", "/review?after=-1"]
)
def test_a_number_that_cannot_be_is_a_problem(path: str, browser_here: TestClient) -> None:
    answer = browser_here.get(path)
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/invalid-parameter"


@pytest.mark.usefixtures("queue")
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_address_that_is_not_under_review_is_a_problem(
    method: str, browser_here: TestClient
) -> None:
    data = {"data": POINT} if method == "post" else {}
    answer = getattr(browser_here, method)("/review/99999999", **data)
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/no-such-review"


@pytest.mark.parametrize(
    ("body", "kind", "problem"),
    [
        (b"{}", "application/json", "invalid-body"),
        (b"choice=0", "text/plain", "invalid-body"),
        (b"choice=%ff", "application/x-www-form-urlencoded", "invalid-body"),
        (b"choice=0&choice=1", "application/x-www-form-urlencoded", "invalid-body"),
        (b"&".join(b"a%d=" % n for n in range(99)), "application/x-www-form-urlencoded", None),
        (b"a=" + b"b" * 2_000_001, "application/x-www-form-urlencoded", "body-too-large"),
    ],
)
def test_what_is_no_form_is_a_problem(
    body: bytes, kind: str, problem: str | None, path: str, browser_here: TestClient
) -> None:
    answer = browser_here.post(path, content=body, headers={"content-type": kind})
    assert answer.json()["type"] == f"/problems/{problem or 'invalid-body'}"


def test_every_word_of_a_geocoder_has_its_key() -> None:
    assert set(LEVELS) == set(Level)
    assert set(ISSUES) == set(Issue)
    assert set(STATES) == set(TABLE_STATES)
    assert set(WRONG) == set(FIELDS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_map_script_is_open_and_holds_nothing_under_review(
    language: str, client: TestClient
) -> None:
    answer = client.get(f"/review/map/{language}.js")
    assert answer.status_code == 200
    assert "zgcReview" in answer.text
    assert answer.headers["cache-control"] == "no-cache"
