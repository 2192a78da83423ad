"""Who may see and decide what is under review."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from geodata.accounts.scope import parse_scopes
from geodata.accounts.tokens import NewToken, create_token
from geodata.geocoding.review import Queue

HERE = "http://127.0.0.1:8000"
DECISION = {"choice": "0", "reason": "现场核对", "seen": "0"}

Visit = Callable[..., TestClient]


def first(queue: Queue) -> str:
    return f"/review/{queue.waiting()[0].id}"


@pytest.fixture
def bearer(plan_engine: Engine, visit: Visit) -> Callable[..., dict[str, str]]:
    """The header of a token of the planner."""
    visit()  # makes the planner

    def make(*scopes: str) -> dict[str, str]:
        new = NewToken("planner", "test", parse_scopes(scopes), 1)
        with plan_engine.begin() as connection:
            token = create_token(connection, new, datetime.now(UTC))
        return {"authorization": f"Bearer {token}"}

    return make


@pytest.mark.parametrize("role", ["planner", "land_officer", "admin"])
def test_planners_and_above_may_review(role: str, queue: Queue, visit: Visit) -> None:
    browser = visit(role=role)
    assert browser.get("/review").status_code == 200
    path = first(queue)
    assert browser.post(path, data=DECISION, headers={"origin": HERE}).status_code == 303
    assert queue.get(int(path.rpartition("/")[2])).decisions[-1].by == role


def test_nobody_else_may(queue: Queue, visit: Visit) -> None:
    there = visit(role=None)
    for path in ("/review", first(queue)):
        answer = there.get(path)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["type"] == "/problems/sign-in-needed"
        assert "甲街" not in answer.text
        led = there.get(path, headers={"accept": "text/html"})
        assert (led.status_code, led.headers["location"]) == (303, f"/login?next={path}")
    answer = there.post(first(queue), data=DECISION, headers={"origin": HERE})
    assert answer.status_code == 401
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


def test_a_program_may_with_a_token_for_all_layers(
    queue: Queue, visit: Visit, bearer: Callable[..., dict[str, str]]
) -> None:
    program = visit(role=None)
    headers = bearer("*:read", "*:write")
    assert program.get("/review", headers=headers).status_code == 200
    assert program.post(first(queue), data=DECISION, headers=headers).status_code == 303


@pytest.mark.parametrize("scopes", [["*:read"], ["parcels:write", "parcels:read"]], ids=str)
def test_scopes_limit_what_a_token_may(
    scopes: list[str], queue: Queue, visit: Visit, bearer: Callable[..., dict[str, str]]
) -> None:
    headers = bearer(*scopes)
    answer = visit(role=None).post(first(queue), data=DECISION, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-allowed")
    assert "*:write" in answer.json()["detail"]
    assert queue.count() == 3


def test_behind_a_proxy_with_a_prefix_every_way_leads_back_there(
    queue: Queue, visit: Visit
) -> None:
    public = "https://gis.example.cn"
    there = visit(base_url=public, public_url=f"{public}/zgc", host="0.0.0.0")
    for path in ("/review", first(queue)):
        html = there.get(path).text
        paths = re.findall(r'(?:href|src|action)="(/[^"]*)"', html)
        assert paths
        assert [each for each in paths if not each.startswith("/zgc/")] == []
    second = queue.waiting()[1].id
    answer = there.post(first(queue), data=DECISION, headers={"origin": public})
    assert answer.headers["location"] == f"/zgc/review/{second}"
