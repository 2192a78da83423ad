"""Who is refused is told of, whoever refuses; and nobody fills the audit by it."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from geodata.audit.event import Event
from layers.attribute import Role
from service.accounts.principal import KEY, Principal
from service.accounts.private import Private
from service.audit.middleware import Audited
from service.metrics import Marked, Measured, Metrics

Told = Callable[..., list[dict[str, Any]]]
Headers = dict[str, dict[str, str]]

PARCELS = "/ogc/collections/parcels/items"


@pytest.mark.parametrize(
    ("method", "path", "who", "expected"),
    [
        ("GET", "/imports", None, (None, "/imports", 401, None)),
        ("GET", "/admin/users", "bo", ("bo", "/admin/users", 403, None)),
        ("GET", "/admin/audit", "wang", ("wang", "/admin/audit", 403, None)),
        ("DELETE", f"{PARCELS}/x", None, (None, "{items}/{id}", 401, "parcels")),
        ("DELETE", f"{PARCELS}/x", "bo", ("bo", "{items}/{id}", 403, "parcels")),
        ("POST", "/review/1", None, (None, "/review/{number}", 401, None)),
    ],
)
def test_a_refusal_is_told(
    client: TestClient,
    tokens: Headers,
    told: Told,
    method: str,
    path: str,
    who: str | None,
    expected: tuple[Any, ...],
) -> None:
    answer = client.request(method, path, headers={} if who is None else tokens[who])
    assert answer.status_code == expected[2]
    (event,) = told("request.refused")
    actor, route, status, layer = expected
    assert (event["actor"], event["layer"], event["outcome"]) == (actor, layer, "refused")
    assert event["detail"] == {
        "method": method,
        "route": route.replace("{items}", "/ogc/collections/{layer}/items"),
        "status": status,
    }
    assert event["features"] == (["x"] if layer else None)
    assert event["address"] == "testclient"


def test_a_token_that_is_worth_nothing_is_told_without_itself(
    client: TestClient, told: Told
) -> None:
    headers = {"Authorization": "Bearer zgc_not-a-token-at-all"}
    for _ in range(3):
        assert client.get("/ogc", headers=headers).status_code == 401
    events = told("request.refused")
    assert sum(event["times"] for event in events) == 3
    assert "not-a-token" not in str(events)


def test_what_somebody_known_could_not_do_is_told(
    client: TestClient, tokens: Headers, told: Told
) -> None:
    answer = client.delete(f"{PARCELS}/absent", headers={**tokens["wang"], "If-Match": "*"})
    assert answer.status_code == 404
    (event,) = told("request.failed")
    assert (event["actor"], event["outcome"], event["features"]) == ("wang", "failed", ["absent"])


def test_an_attempt_to_sign_in_is_told_once_by_the_accounts(client: TestClient, told: Told) -> None:
    fields = {"name": "bo", "password": "not the password 1"}
    origin = {"origin": "http://127.0.0.1:8000"}
    assert client.post("/login", data=fields, headers=origin).status_code == 401
    assert client.get("/imports").status_code == 401
    refused = told("request.refused")
    assert [event["detail"]["route"] for event in refused] == ["/imports"]
    (event,) = told("sign-in")
    assert (event["outcome"], event["subject"], event["address"]) == ("failed", "bo", "testclient")


class Gathered:
    """A journal that keeps what it is given."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def gather(self, event: Event) -> None:
        self.events.append(event)


def stub(*inner: type) -> tuple[Starlette, Gathered]:
    """An application that answers with the status its path names, within what sees refusals."""

    async def answer(request: Request) -> PlainTextResponse:
        return PlainTextResponse("", request.path_params["status"])

    app = Starlette(routes=[Route("/{status:int}", answer, methods=["GET", "POST"])])
    for middleware in (Marked, *inner, Audited):
        app.add_middleware(middleware)
    app.state.metrics = Metrics()
    app.add_middleware(Measured, metrics=app.state.metrics)
    journal = Gathered()
    app.state.audit = type("Audit", (), {"journal": journal})()
    settings = type("Settings", (), {"trusted_proxies": ()})()
    app.state.service = type("Service", (), {"settings": settings})()
    return app, journal


@pytest.mark.parametrize(("status", "number"), [(200, 0), (400, 0), (401, 1), (403, 1), (429, 1)])
def test_whichever_part_refuses_it_is_seen(status: int, number: int) -> None:
    app, journal = stub()
    for method in ("GET", "POST"):
        TestClient(app).request(method, f"/{status}")
    assert len(journal.events) == 2 * number


class Full:
    """Refuses everybody, as a limit does."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await PlainTextResponse("", 429)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class Known(Full):
    """Says that a planner asks."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app({**scope, KEY: Principal("bo", Role.PLANNER)}, receive, send)


def test_who_is_refused_before_a_route_is_looked_for_is_known() -> None:
    app, journal = stub(Full, Private, Known)
    TestClient(app).get("/200")
    (event,) = journal.events
    assert (event.who.account, event.detail["status"]) == ("bo", 429)
    assert event.detail["route"] == "/200"
