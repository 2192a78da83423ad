"""Who may see and decide what is under review."""

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from geodata.geocoding.review import Queue

TOKEN = "correct-horse-battery"
HERE = "http://127.0.0.1:8000"
DECISION = {
    "choice": "0",
    "reason": "现场核对",
    "decided_by": "王工",
    "seen": "0",
}

Visit = Callable[..., TestClient]


def first(queue: Queue) -> str:
    return f"/review/{queue.waiting()[0].id}"


@pytest.mark.parametrize("name", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000"])
def test_without_a_token_a_browser_on_this_machine_may_review(
    name: str, queue: Queue, visit: Visit
) -> None:
    here = visit(base_url=name)
    assert here.get("/review").status_code == 200
    answer = here.post(first(queue), data=DECISION, headers={"origin": name})
    assert answer.status_code == 303
    assert queue.count() == 2


@pytest.mark.parametrize(
    ("visitor", "headers"),
    [
        ({"client": "10.0.0.7"}, {}),
        ({"base_url": "http://rebound.example:8000"}, {}),
        ({"host": "0.0.0.0"}, {}),
        ({"host": "10.0.0.1"}, {}),
        ({}, {"x-forwarded-for": "10.0.0.7"}),
        ({}, {"forwarded": "for=10.0.0.7"}),
        ({}, {"x-real-ip": "127.0.0.1"}),
        ({}, {"via": "1.1 proxy"}),
    ],
)
def test_without_a_token_nobody_else_may(
    visitor: dict[str, str], headers: dict[str, str], queue: Queue, visit: Visit
) -> None:
    there = visit(**visitor)
    for path in ("/review", first(queue)):
        answer = there.get(path, headers=headers)
        assert answer.status_code == 403
        assert answer.json()["type"] == "/problems/review-closed"
        assert "ZGC_REVIEW_TOKEN" in answer.json()["detail"]
        assert "甲街" not in answer.text
    origin = {"origin": str(there.base_url)} | headers
    assert there.post(first(queue), data=DECISION, headers=origin).status_code == 403
    assert queue.count() == 3


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://elsewhere.example"},
        {"origin": "http://127.0.0.1:9000"},
        {"origin": "null"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
    ],
)
def test_another_site_cannot_decide_through_the_browser(
    headers: dict[str, str], queue: Queue, visit: Visit
) -> None:
    answer = visit().post(first(queue), data=DECISION, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/cross-site"
    assert queue.count() == 3


def test_a_browser_that_tells_no_origin_but_the_same_site_may_decide(
    queue: Queue, visit: Visit
) -> None:
    headers = {"sec-fetch-site": "same-origin"}
    assert visit().post(first(queue), data=DECISION, headers=headers).status_code == 303


def test_another_site_cannot_read_what_waits(queue: Queue, visit: Visit) -> None:
    """Answers may be read from any origin elsewhere in the service; not these."""
    headers = {"origin": "http://elsewhere.example"}
    for path in ("/review", first(queue)):
        answer = visit().get(path, headers=headers)
        assert answer.status_code == 403
        assert "甲街" not in answer.text


@pytest.mark.parametrize("client", ["127.0.0.1", "10.0.0.7"])
def test_with_a_token_who_bears_it_may_review(client: str, queue: Queue, visit: Visit) -> None:
    there = visit(client=client, base_url="https://gis.example.cn", token=TOKEN, host="0.0.0.0")
    bearer = {"authorization": f"Bearer {TOKEN}"}
    assert there.get("/review", headers=bearer).status_code == 200
    assert there.post(first(queue), data=DECISION, headers=bearer).status_code == 303
    assert queue.count() == 2


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong-token-of-length"},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": "Bearer 口令"},
        {"cookie": f"review={TOKEN}"},
    ],
)
def test_with_a_token_nobody_else_may(headers: dict[str, str], queue: Queue, visit: Visit) -> None:
    there = visit(token=TOKEN)
    encoded = {name: value.encode() for name, value in headers.items()}
    for path in ("/review", first(queue)):
        answer = there.get(path, headers=encoded)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert 'name="token"' in answer.text
        assert "甲街" not in answer.text
    answer = there.post(first(queue), data=DECISION, headers=encoded | {"origin": HERE.encode()})
    assert answer.status_code == 401
    assert answer.json()["type"] == "/problems/sign-in-needed"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert queue.count() == 3


def test_a_browser_signs_in_once(queue: Queue, visit: Visit) -> None:
    there = visit(base_url="https://gis.example.cn", token=TOKEN)
    origin = {"origin": "https://gis.example.cn"}
    answer = there.post("/review/sign-in", data={"token": TOKEN}, headers=origin)
    assert (answer.status_code, answer.headers["location"]) == (303, "/review")
    cookie = answer.headers["set-cookie"]
    for word in ("HttpOnly", "SameSite=strict", "Secure", "Path=/review"):
        assert word in cookie
    assert TOKEN not in cookie
    assert there.get("/review").status_code == 200
    assert there.post(first(queue), data=DECISION, headers=origin).status_code == 303
    assert there.post(first(queue), data=DECISION).status_code == 403, "no origin"


@pytest.mark.usefixtures("queue")
@pytest.mark.parametrize("token", ["", "wrong-token-of-length", "口令"])
def test_a_wrong_token_is_told_and_opens_nothing(token: str, visit: Visit) -> None:
    there = visit(token=TOKEN)
    answer = there.post("/review/sign-in", data={"token": token}, headers={"origin": HERE})
    assert answer.status_code == 401
    assert "令牌不对" in answer.text
    assert "set-cookie" not in answer.headers
    assert there.get("/review").status_code == 401


@pytest.mark.usefixtures("queue")
def test_where_no_token_is_set_none_is_right(visit: Visit) -> None:
    here = visit(client="10.0.0.7")
    answer = here.post("/review/sign-in", data={"token": ""}, headers={"origin": HERE})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_behind_a_proxy_with_a_prefix_every_way_leads_back_there(
    queue: Queue, visit: Visit
) -> None:
    public = "https://gis.example.cn"
    there = visit(client="10.0.0.1", token=TOKEN, public_url=f"{public}/zgc", host="0.0.0.0")
    origin = {"origin": public}
    answer = there.post("/review/sign-in", data={"token": TOKEN}, headers=origin)
    assert answer.headers["location"] == "/zgc/review"
    assert "Path=/zgc/review" in answer.headers["set-cookie"]
    assert "Secure" in answer.headers["set-cookie"]
    bearer = {"authorization": f"Bearer {TOKEN}"}
    for path in ("/review", first(queue)):
        html = there.get(path, headers=bearer).text
        paths = re.findall(r'(?:href|src|action)="(/[^"]*)"', html)
        assert paths
        assert [each for each in paths if not each.startswith("/zgc/")] == []
    second = queue.waiting()[1].id
    answer = there.post(first(queue), data=DECISION, headers=bearer)
    assert answer.headers["location"] == f"/zgc/review/{second}"
