"""`/admin/audit`: searched by an administrator, paged by key, taken away as a file."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from geodata.audit.actions import Action, Outcome
from geodata.audit.asker import Asker
from geodata.audit.event import Event, keep
from geodata.audit.search import PAGE

HOSTILE = "<script>alert(1)</script>"
Headers = dict[str, dict[str, str]]

EVENTS = [
    Event(action=Action.SIGN_IN, who=Asker("chen", "planner", "192.0.2.1"), subject="chen"),
    Event(
        action=Action.READ,
        who=Asker("chen", "planner", "192.0.2.1"),
        layer="parcels",
        features=("f-1", "f-2"),
        number=2,
        detail={"query": HOSTILE},
    ),
    Event(
        action=Action.REQUEST_REFUSED,
        who=Asker(address="198.51.100.7"),
        outcome=Outcome.REFUSED,
        times=1200,
        detail={"route": "=cmd|' /C calc'!A0"},
    ),
    Event(action=Action.USER_ROLE, who=Asker("li"), subject="chen", detail={"role": "admin"}),
    Event(action=Action.GROUP_ADDED, who=Asker("li"), subject="=1+1"),
]


@pytest.fixture(scope="module", autouse=True)
def _events(engine: Engine) -> None:
    with engine.begin() as connection:
        keep(connection, EVENTS)


@pytest.fixture
def get(client: TestClient, tokens: Headers) -> Callable[..., Any]:
    return lambda path, who="root", **query: client.get(path, params=query, headers=tokens[who])


DAY = datetime.now(UTC) + timedelta(hours=8)

SEARCHES: list[tuple[dict[str, str], list[str]]] = [
    ({"person": "chen"}, ["user.role", "read.features", "sign-in"]),
    ({"person": "li"}, ["group.added", "user.role"]),
    ({"person": "chen", "action": "sign-in"}, ["sign-in"]),
    ({"feature": "f-2"}, ["read.features"]),
    ({"layer": "parcels"}, ["read.features"]),
    ({"outcome": "refused"}, ["request.refused"]),
    ({"address": "198.51."}, ["request.refused"]),
    ({"address": "%"}, []),
    ({"person": "chen", "since": f"{DAY:%Y-%m-%d}"}, ["user.role", "read.features", "sign-in"]),
    ({"person": "chen", "until": f"{DAY:%Y-%m-%d}"}, ["user.role", "read.features", "sign-in"]),
    ({"person": "chen", "until": "2020-01-01T00:00:00Z"}, []),
    ({"person": "chen", "since": f"{DAY + timedelta(days=2):%Y-%m-%d}"}, []),
    ({"person": "nobody"}, []),
]


@pytest.mark.parametrize(("query", "actions"), SEARCHES, ids=str)
def test_what_is_searched_is_found_newest_first(
    get: Callable[..., Any], query: dict[str, str], actions: list[str]
) -> None:
    document = get("/admin/audit/events.json", **query).json()
    assert [event["action"] for event in document["events"]] == actions
    page = get("/admin/audit", **query, lang="en").text
    assert page.count("<tr id=") == len(actions)
    assert ("Nothing was found." in page) is (not actions)


def test_fields_that_a_form_leaves_empty_do_not_count(get: Callable[..., Any]) -> None:
    names = ("person", "action", "outcome", "layer", "feature", "address", "since", "until")
    page = get("/admin/audit", **dict.fromkeys(names, "") | {"person": "li"})
    assert page.text.count("<tr id=") == 2


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"action": "peek"}, "must be one of sign-in"),
        ({"since": "yesterday"}, "must be YYYY-MM-DD"),
        ({"until": "2026-02-30"}, "must be YYYY-MM-DD"),
        ({"before": "-1"}, "must be the number of an event"),
        ({"layer": "moon"}, "must be one of"),
        ({"color": "red"}, "unknown query parameter"),
    ],
)
def test_what_cannot_be_asked_is_named(
    get: Callable[..., Any], query: dict[str, str], said: str
) -> None:
    answer = get("/admin/audit", **query)
    assert answer.status_code == 400
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "who", "status"),
    [
        (path, who, status)
        for path in ("/admin/audit", "/admin/audit/events.csv", "/admin/audit/events.json")
        for who, status in (("root", 200), ("wang", 403), ("bo", 403))
    ],
)
def test_only_administrators_look_into_it(
    get: Callable[..., Any], path: str, who: str, status: int
) -> None:
    answer = get(path, who)
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["cache-control"] == "no-store"


def test_the_public_does_not(client: TestClient) -> None:
    assert client.get("/admin/audit/events.json").status_code == 401


def test_pages_lead_on_by_key_through_all_of_it(
    client: TestClient, tokens: Headers, engine: Engine
) -> None:
    with engine.begin() as connection:
        many = [Event(action=Action.SIGN_OUT, who=Asker("many"))] * (2 * PAGE + 1)
        keep(connection, many)
    found: list[str] = []
    address = "/admin/audit?person=many"
    while address:
        page = client.get(address, headers=tokens["root"]).text
        found += re.findall(r'<tr id="event-(\d+)">', page)
        onward = re.search(r'<a href="([^"]+)" rel="next">', page)
        address = "" if onward is None else onward[1].replace("&amp;", "&")
    assert len(found) == len(set(found)) == 2 * PAGE + 1
    assert found == sorted(found, key=int, reverse=True)


def test_what_others_wrote_is_text_on_the_page(get: Callable[..., Any]) -> None:
    page = get("/admin/audit", person="chen").text
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page


def test_a_table_starts_no_formula(get: Callable[..., Any]) -> None:
    answer = get("/admin/audit/events.csv", person="li")
    assert answer.headers["content-disposition"].startswith('attachment; filename="audit-')
    text = answer.content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["subject"] for row in rows] == ["'=1+1", "chen"]
    assert [row["detail"] for row in rows] == ["{}", '{"role":"admin"}']


def test_looking_and_taking_away_are_told_of_too(
    get: Callable[..., Any], told: Callable[..., list[dict[str, Any]]]
) -> None:
    get("/admin/audit", person="chen")
    get("/admin/audit/events.csv", person="chen", action="sign-in")
    looked, taken = told()
    assert (looked["action"], looked["actor"]) == ("read.audit", "root")
    assert looked["detail"]["search"] == {"person": "chen"}
    assert (taken["action"], taken["detail"]["format"]) == ("export.audit", "csv")
    assert taken["detail"]["search"] == {"person": "chen", "action": "sign-in"}


@pytest.mark.parametrize(("language", "word"), [("zh", "保存期限"), ("en", "Kept for")])
def test_the_page_says_how_long_events_are_kept(
    get: Callable[..., Any], language: str, word: str
) -> None:
    page = get("/admin/audit", lang=language).text
    assert word in page
    assert "1,095" in page
