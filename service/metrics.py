"""`/metrics` for Prometheus: requests by route and status, their durations, pool and caches.

Routes are named as declared (`/ogc/collections/{layer}/items`), so that no request makes a series
of its own. What the pool and the caches hold is read when it is asked for.
"""

from collections.abc import Iterator
from time import perf_counter
from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.cache import Cache
from service.state import Service, ServiceDep
from service.web.files import Files

BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

NOWHERE = "none"
"""Route of a request that no route took."""

STATIC = "/static"

router = APIRouter(include_in_schema=False)


class Metrics:
    """The metrics of an application; each has its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._durations = Histogram(
            "zgc_request_duration_seconds",
            "From the request's head to the answer's last byte, by route and status",
            ("method", "route", "status"),
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        self._children: dict[tuple[str, str, int], Histogram] = {}
        self._paths: dict[int, str] = {}

    def route_of(self, scope: Scope) -> str:
        """Path of a route as declared; FastAPI notes its own routes only."""
        if (route := scope.get("route")) is not None:
            return str(route.path)
        if (endpoint := scope.get("endpoint")) is None:
            return NOWHERE
        if isinstance(endpoint, Files):
            return STATIC
        if not self._paths:
            plain = (each for each in scope["app"].routes if isinstance(each, Route))
            self._paths = {id(each.endpoint): each.path for each in plain}
        return self._paths.get(id(endpoint), NOWHERE)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        key = (method, route, status)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._durations.labels(method, route, str(status))
        child.observe(seconds)


MATCHED = "zgc.matched"
STATUS = "status"
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


class Measured:
    """Measures every request; the outermost."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 499  # as nginx says of a client that has gone before the answer
        start = perf_counter()
        matched: dict[str, Any] = {}
        scope[MATCHED] = matched

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = matched[STATUS] = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            method = scope["method"] if scope["method"] in METHODS else "other"
            route = self._metrics.route_of(matched.get("scope", {}))
            self._metrics.observe(method, route, status, perf_counter() - start)


class Marked:
    """Shows the scope that a route was found for, whatever copies were made; the innermost."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if (matched := scope.get(MATCHED)) is not None:
            matched["scope"] = scope
        await self._app(scope, receive, send)


class Held(Collector):
    """What a running service holds at this moment."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        """Asked for by the registry."""
        pool = GaugeMetricFamily(
            "zgc_pool_connections", "Connections for serving, by state", labels=("state",)
        )
        for state, number in self._service.pool.usage()._asdict().items():
            pool.add_metric((state,), number)
        yield pool
        caches: dict[str, Cache[Any]] = {
            "answers": self._service.answers,
            "tile_layers": self._service.tile_layers,
        }
        held = GaugeMetricFamily("zgc_cache_bytes", "Bytes held, by cache", labels=("cache",))
        asked = CounterMetricFamily(
            "zgc_cache_lookups", "Look-ups, by cache and result", labels=("cache", "result")
        )
        for name, cache in caches.items():
            held.add_metric((name,), cache.bytes)
            asked.add_metric((name, "hit"), cache.hits)
            asked.add_metric((name, "miss"), cache.misses)
        yield held
        yield asked


@router.get("/metrics")
async def metrics(request: Request, service: ServiceDep) -> Response:
    """Metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(request.app.state.metrics.registry)
    registry.register(Held(service))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
