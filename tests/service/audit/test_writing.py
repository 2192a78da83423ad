"""Every route that writes: what it does is in the audit, and a new one must say what it tells."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from starlette.routing import Route

from geodata.geocoding.candidate import Issue
from geodata.geocoding.review import Entry, Queue
from service.accounts.administration import ACTS
from service.app import API_ROUTERS, PAGE_ROUTERS
from service.ogc import items, tiles
from service.ogc.links import GEOJSON

HERE = "http://127.0.0.1:8000"
PASSWORD = "松柏之茂 隔冬不凋 42"
ITEMS = "/ogc/collections/projects/items"
VALUES = {
    "name_zh": "试点",
    "source": "test",
    "as_of": "2011-01-01",
    "boundary_status": "schematic",
    "kind": "pilot",
}
TABLE = "名称,经度,纬度\n甲,116.31,39.98\n"
IDENTITY = {"issuer": "https://id.example.cn", "subject": "7"}
READING = ("GET", "HEAD", "OPTIONS")

TELLS_NOTHING = {
    ("POST", "/api/statistics"): "reads public statistics of a polygon",
    ("POST", "/login/openid"): "leads to the provider; the session that may follow is told",
    ("POST", "/import/files"): "keeps a file for an hour; its check and its load are told",
}
"""Routes that take a body and change nothing, with why."""


class World:
    """What the requests are made with."""

    def __init__(self, client: TestClient, tokens: dict[str, dict[str, str]], engine: Engine):
        self.client, self.tokens, self.engine = client, tokens, engine

    def feature(self, name: str) -> dict[str, Any]:
        place = {"type": "Point", "coordinates": [116.31, 39.98]}
        return {"type": "Feature", "id": name, "geometry": place, "properties": VALUES}

    def send(self, method: str, path: str, document: Any = None, kind: str = GEOJSON) -> Any:
        headers = {**self.tokens["bo"], "Content-Type": kind, "If-Match": "*"}
        content = None if document is None else json.dumps(document)
        return self.client.request(method, path, content=content, headers=headers)

    def add(self, name: str) -> None:
        self.send("DELETE", f"{ITEMS}/{name}")
        assert self.send("POST", ITEMS, self.feature(name)).status_code == 201

    def browser(self, name: str | None) -> TestClient:
        self.client.cookies.clear()
        self.client.headers["origin"] = HERE
        if name is not None:
            fields = {"name": name, "password": PASSWORD}
            assert self.client.post("/login", data=fields).status_code == 303
        return self.client

    def form(self, who: str, path: str, /, **fields: str) -> Any:
        browser = self.browser(who)
        page = browser.get("/account").text
        found = re.search(r'name="form_token" value="([0-9a-f]{64})"', page)
        assert found is not None
        return browser.post(path, data={"form_token": found[1], **fields})

    def administer(self, act: str, /, **fields: str) -> Any:
        return self.form("root", f"/admin/users/{act}", **fields)

    def upload(self, verb: str, **order: Any) -> Any:
        headers = self.tokens["wang"]
        sent = self.client.post("/import/files?name=a.csv", content=TABLE.encode(), headers=headers)
        known = {"source": "测试", "as_of": "2012-01-01", "boundary_status": "schematic"}
        order = {"layer": "enterprises", "crs": "EPSG:4490", "constants": known, **order}
        return self.client.post(
            f"/import/files/{sent.json()['id']}/{verb}", json=order, headers=headers
        )


@pytest.fixture(scope="module")
def world(client: TestClient, tokens: dict[str, dict[str, str]], engine: Engine) -> World:
    return World(client, tokens, engine)


def put(world: World) -> Any:
    world.add("w-1")
    changed = world.feature("w-1")
    changed["properties"] = {**VALUES, "name_zh": "改"}
    return world.send("PUT", f"{ITEMS}/w-1", changed)


def patch(world: World) -> Any:
    world.add("w-1")
    change = {"properties": {"name_zh": "改"}}
    return world.send("PATCH", f"{ITEMS}/w-1", change, "application/merge-patch+json")


def delete(world: World) -> Any:
    world.add("w-1")
    return world.send("DELETE", f"{ITEMS}/w-1")


def set_up(world: World) -> Any:
    page = world.administer("add", name="newcomer", role="planner").text
    found = re.search(r"/set-up\?key=([\w-]+)", page)
    assert found is not None
    fields = {"key": found[1], "password": PASSWORD, "again": PASSWORD}
    return world.browser(None).post("/set-up", data=fields)


def review(world: World) -> Any:
    queue = Queue(world.engine)
    queue.put([Entry(key="乙街1号", address="乙街1号", issues=(Issue.AMBIGUOUS,), candidates=())])
    number = queue.waiting()[0].id
    fields = {"choice": "none", "reason": "查无此处", "seen": "0"}
    return world.browser("bo").post(f"/review/{number}", data=fields)


def undo(world: World) -> Any:
    done = world.upload("load", reason="try").json()
    fields = {"reason": "wrong file"}
    path = f"/imports/{done['import_id']}/undo"
    return world.browser("wang").post(path, data=fields)


def revoke_own(world: World) -> Any:
    world.form("bo", "/account/tokens", title="x", layer="*", verb="read", days="2")
    return world.form("bo", f"/account/tokens/{newest_token(world)}/revoke")


def newest_token(world: World) -> int:
    with world.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT max(id) FROM accounts.tokens")
        return int(row.scalar_one())


def revoke(world: World) -> Any:
    world.form("bo", "/account/tokens", title="x", layer="*", verb="read", days="2")
    return world.administer("revoke", number=str(newest_token(world)))


ADMINISTERED: dict[str, tuple[dict[str, str], str]] = {
    "add": ({"name": "chen", "role": "planner"}, "user.added"),
    "role": ({"name": "chen", "role": "land_officer"}, "user.role"),
    "disable": ({"name": "chen"}, "user.disabled"),
    "enable": ({"name": "chen"}, "user.enabled"),
    "invite": ({"name": "chen"}, "user.invited"),
    "add-group": ({"group": "office", "areas": "here"}, "group.added"),
    "areas": ({"group": "office", "areas": "there"}, "group.areas"),
    "join": ({"group": "office", "name": "chen"}, "group.joined"),
    "link": ({"name": "chen", **IDENTITY}, "user.linked"),
    "unlink": ({"name": "chen", **IDENTITY}, "user.unlinked"),
    "leave": ({"group": "office", "name": "chen"}, "group.left"),
    "remove-group": ({"group": "office"}, "group.removed"),
}
"""Forms of the page of accounts, in this order: what they are sent, and what is told."""

WRITES: dict[tuple[str, str], tuple[Callable[[World], Any], str]] = {
    ("POST", "/ogc/collections/{layer}/items"): (
        lambda world: world.send("POST", ITEMS, world.feature("w-2")),
        "feature.added",
    ),
    ("PUT", "/ogc/collections/{layer}/items/{id}"): (put, "feature.changed"),
    ("PATCH", "/ogc/collections/{layer}/items/{id}"): (patch, "feature.changed"),
    ("DELETE", "/ogc/collections/{layer}/items/{id}"): (delete, "feature.removed"),
    ("POST", "/login"): (lambda world: world.browser("bo").get("/"), "sign-in"),
    ("POST", "/logout"): (lambda world: world.form("bo", "/logout"), "sign-out"),
    ("POST", "/set-up"): (set_up, "user.password"),
    ("POST", "/account/password"): (
        lambda world: world.form(
            "wang", "/account/password", current=PASSWORD, password=PASSWORD, again=PASSWORD
        ),
        "user.password",
    ),
    ("POST", "/account/tokens"): (
        lambda world: world.form(
            "bo", "/account/tokens", title="x", layer="*", verb="read", days="2"
        ),
        "token.made",
    ),
    ("POST", "/account/tokens/{number}/revoke"): (revoke_own, "token.revoked"),
    ("POST", "/review/{number}"): (review, "review.decided"),
    ("POST", "/import/files/{number}/check"): (
        lambda world: world.upload("check"),
        "import.checked",
    ),
    ("POST", "/import/files/{number}/load"): (
        lambda world: world.upload("load", reason="try", mode="update"),
        "import.loaded",
    ),
    ("POST", "/imports/{number}/undo"): (undo, "import.undone"),
}
"""Every other route that writes: how it is made to, and what is told of it."""

BY_ADMINISTRATORS = ("POST", "/admin/users/{act}")


def test_no_route_that_writes_is_left_out() -> None:
    included = (route for each in (*API_ROUTERS, *PAGE_ROUTERS) for route in each.routes)
    routes = {
        (method, route.path)
        for route in (*items.ROUTES, *tiles.ROUTES, *included)
        if isinstance(route, Route)
        for method in route.methods or ()
        if method not in READING
    }
    assert routes == {*WRITES, *TELLS_NOTHING, BY_ADMINISTRATORS}
    assert {*ADMINISTERED, "revoke"} == set(ACTS)


@pytest.mark.parametrize("route", list(WRITES), ids=" ".join)
def test_what_a_route_writes_is_told_with_who_and_whence(
    route: tuple[str, str], world: World, told: Callable[..., list[dict[str, Any]]]
) -> None:
    act, action = WRITES[route]
    answer = act(world)
    assert answer.status_code < 400, answer.text
    event = told(action)[-1]
    assert event["outcome"] == "done"
    assert event["address"] == "testclient"
    if route != ("POST", "/set-up"):
        assert event["actor"] in world.tokens


def test_what_administrators_do_is_told(
    world: World, told: Callable[..., list[dict[str, Any]]]
) -> None:
    with world.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO areas (id, layer) VALUES ('here', 'clusters'), ('there', 'clusters')"
        )
    for act, (fields, action) in ADMINISTERED.items():
        answer = world.administer(act, **fields)
        assert answer.status_code in (200, 303), answer.text
        assert told(action)[-1]["actor"] == "root", act
    assert revoke(world).status_code == 303
    assert told("token.revoked")[-1]["actor"] == "root"


def test_a_secret_is_nowhere_in_the_audit(world: World, engine: Engine) -> None:
    answer = world.form("bo", "/account/tokens", title="x", layer="*", verb="read", days="2")
    token = re.search(r"zgc_[\w-]{43}", answer.text)
    session = world.client.cookies["zgc_session"]
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT e::text FROM audit.events AS e")
        text = "\n".join(row[0] for row in rows)
    assert token is not None
    for secret in (token[0][4:], session, PASSWORD, "argon2"):
        assert secret not in text
