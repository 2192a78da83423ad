"""A server on loopback that speaks the four providers' protocols as their manuals have them.

It reads real requests, checks required parameters, keys, signatures, the size of batches and
addresses, and the rate, each with the provider's own code. Signatures are computed here anew, of
what arrived. A test can put other replies in front: pages, broken JSON, silence, a cut line.
"""

import json
import ssl
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote_plus, unquote, urlsplit

KEY, SECRET = "right-key", "right-secret"

JSON_TYPE = "application/json;charset=UTF-8"


@dataclass(frozen=True)
class Reply:
    """What to answer instead of the protocol's own answer.

    Args:
        body: bytes of the body; None cuts the connection.
        status: of HTTP.
        headers: beside the usual.
        delay_s: silence before.
    """

    body: bytes | None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    delay_s: float = 0


@dataclass
class Providers:
    """State of the server.

    Args:
        known: by provider and address: longitude, latitude in the provider's own datum, its level
            and whatever else belongs into its answer.
        signed: accounts must sign.
        least_gap_s: requests closer together are refused with the provider's code for it.
        instead: replies for the next requests.
        asked: addresses of all requests, by provider.
        answered: addresses whose answers were sent.
        hold: set to let requests for addresses in `held` go on.
    """

    known: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    signed: bool = False
    least_gap_s: float = 0
    short_batches: bool = False
    instead: deque[Reply] = field(default_factory=deque)
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)
    held: set[str] = field(default_factory=set)
    holding: threading.Event = field(default_factory=threading.Event)
    url: str = ""
    _last: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def place(self, provider: str, address: str, lon: float, lat: float, **members: Any) -> None:
        """Make an address known to a provider."""
        self.known[provider, address] = {"lon": lon, "lat": lat, **members}

    def too_fast(self, provider: str) -> bool:
        with self._lock:
            now, last = time.monotonic(), self._last.get(provider, float("-inf"))
            self._last[provider] = now
            return now - last < self.least_gap_s

    def batches(self, provider: str) -> list[tuple[str, ...]]:
        """Addresses of each request to a provider."""
        return [addresses for name, addresses in self.asked if name == provider]


@dataclass(frozen=True)
class Query:
    """A request as it arrived."""

    path: str
    raw: str
    values: dict[str, str]

    def unsigned(self, name: str) -> str:
        """The raw query without its last parameter, the signature."""
        head, _, last = self.raw.rpartition("&")
        assert last.startswith(f"{name}=")
        return head


Handler = Callable[[Providers, Query], tuple[dict[str, Any], tuple[str, ...]]]
"""From a request to the document and the addresses it is about."""


def tianditu(state: Providers, query: Query) -> tuple[dict[str, Any], tuple[str, ...]]:
    (address,) = addresses = (json.loads(query.values["ds"])["keyWord"],)
    place = state.known.get(("tianditu", address))
    if place is None:
        return {"msg": "结果为空", "status": "101", "searchVersion": "6.4.9V"}, addresses
    location = {
        "score": place.get("score", 100),
        "level": place["level"],
        "lon": str(place["lon"]),
        "lat": place["lat"],
        "keyWord": address,
    }
    return {"msg": "ok", "location": location, "searchVersion": "6.4.9V", "status": "0"}, addresses


def amap(state: Providers, query: Query) -> tuple[dict[str, Any], tuple[str, ...]]:
    values = query.values
    if refusal := _amap_refusal(state, values):
        infocode, info = refusal
        return {"status": "0", "info": info, "infocode": infocode}, ()
    batch = values.get("batch") == "true"
    addresses = tuple(values["address"].split("|")) if batch else (values["address"],)
    geocodes = [_geocode(state, address) for address in addresses]
    if not batch or state.short_batches:
        geocodes = [each for each in geocodes if each["location"]]
    document = {
        "status": "1",
        "info": "OK",
        "infocode": "10000",
        "count": str(len(geocodes)),
        "geocodes": geocodes,
    }
    return document, addresses


def _amap_refusal(state: Providers, values: dict[str, str]) -> tuple[str, str] | None:
    joined = "&".join(f"{k}={v}" for k, v in sorted(values.items()) if k != "sig")
    signature = md5((joined + SECRET).encode()).hexdigest()
    rules = (
        (values.get("key") != KEY, ("10001", "INVALID_USER_KEY")),
        (state.signed and values.get("sig") != signature, ("10007", "INVALID_USER_SIGNATURE")),
        (state.too_fast("amap"), ("10021", "CUQPS_HAS_EXCEEDED_THE_LIMIT")),
        (not values.get("address"), ("20001", "MISSING_REQUIRED_PARAMS")),
        (values.get("address", "").count("|") > 9, ("20000", "INVALID_PARAMS")),
    )
    return next((refusal for broken, refusal in rules if broken), None)


def _geocode(state: Providers, address: str) -> dict[str, Any]:
    place = state.known.get(("amap", address))
    if place is None:
        names = ("formatted_address", "city", "district", "street", "number", "location", "level")
        return {"country": "中国", **{name: [] for name in names}}
    return {
        "formatted_address": address,
        "country": "中国",
        "province": "北京市",
        "city": "北京市",
        "citycode": "010",
        "district": place.get("district", []),
        "street": [],
        "number": [],
        "location": f"{place['lon']},{place['lat']}",
        "level": place["level"],
    }


def baidu(state: Providers, query: Query) -> tuple[dict[str, Any], tuple[str, ...]]:
    values = query.values
    if values.get("ak") != KEY:
        return {"status": 240, "message": "APP 服务被禁用"}, ()
    if state.signed:
        signed = quote_plus(f"{query.path}?{query.unsigned('sn')}{SECRET}")
        if values["sn"] != md5(signed.encode()).hexdigest():
            return {"status": 211, "message": "APP SN校验失败"}, ()
    if state.too_fast("baidu"):
        return {"status": 401, "message": "当前并发量已经超过约定并发配额，限制访问"}, ()
    address = values.get("address", "")
    if not 0 < len(address.encode()) <= 84:
        return {"status": 2, "msg": "Request Parameter Error:address length too long"}, ()
    place = state.known.get(("baidu", address))
    if place is None:
        empty: list[Any] = []
        return {"status": 1, "msg": "Internal Service Error:无相关结果", "results": empty}, (
            address,
        )
    result = {
        "location": {"lng": place["lon"], "lat": place["lat"]},
        "precise": place.get("precise", 1),
        "confidence": place.get("confidence", 80),
        "comprehension": place.get("comprehension", 100),
        "level": place["level"],
    }
    return {"status": 0, "result": result}, (address,)


def tencent(state: Providers, query: Query) -> tuple[dict[str, Any], tuple[str, ...]]:
    values = query.values
    if values.get("key") != KEY:
        return {"status": 190, "message": "无效的KEY"}, ()
    if state.signed:
        joined = "&".join(f"{k}={v}" for k, v in sorted(values.items()) if k != "sig")
        if values.get("sig") != md5(f"{query.path}?{joined}{SECRET}".encode()).hexdigest():
            return {"status": 111, "message": "签名验证失败"}, ()
    if state.too_fast("tencent"):
        return {"status": 120, "message": "此key每秒请求量已达到上限"}, ()
    address = values.get("address", "")
    if "北京" not in address:
        return {"status": 310, "message": "请求参数信息有误"}, ()
    place = state.known.get(("tencent", address))
    if place is None:
        return {"status": 347, "message": "查询无结果"}, (address,)
    result = {
        "title": address,
        "location": {"lng": place["lon"], "lat": place["lat"]},
        "ad_info": {"adcode": "110108"},
        "address_components": {
            "province": "北京市",
            "city": "北京市",
            "district": place.get("district", ""),
            "street": "",
            "street_number": "",
        },
        "similarity": 0.99,
        "deviation": place.get("deviation", 0),
        "reliability": place.get("reliability", 7),
        "level": place["level"],
    }
    return {"status": 0, "message": "Success", "result": result}, (address,)


HANDLERS: dict[str, tuple[str, Handler]] = {
    "/geocoder": ("tianditu", tianditu),
    "/v3/geocode/geo": ("amap", amap),
    "/geocoding/v3/": ("baidu", baidu),
    "/ws/geocoder/v1/": ("tencent", tencent),
}


def _respond(state: Providers, address: str) -> Reply:
    parts = urlsplit(address)
    query = Query(parts.path, parts.query, dict(parse_qsl(parts.query, keep_blank_values=True)))
    name, handler = HANDLERS[parts.path]
    if state.instead:
        state.asked.append((name, (unquote(parts.query),)))
        return state.instead.popleft()
    if name == "tianditu" and query.values.get("tk") != KEY:
        return Reply(json.dumps({"code": "301012", "msg": "权限类型错误"}).encode(), 403)
    document, addresses = handler(state, query)
    state.asked.append((name, addresses))
    if state.held.intersection(addresses):
        state.holding.set()
        return Reply(None, delay_s=30)
    state.answered.update(addresses)
    mark = b"\xef\xbb\xbf" if name == "tianditu" else b""
    return Reply(mark + json.dumps(document, ensure_ascii=False).encode())


@contextmanager
def serve(tls: ssl.SSLContext | None = None) -> Iterator[Providers]:
    """The server while it runs, behind TLS where a context is given."""
    state = Providers()
    over = threading.Event()

    class Request(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            reply = _respond(state, self.path)
            over.wait(reply.delay_s)
            if reply.body is None:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in (("Content-Type", JSON_TYPE), *reply.headers):
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Request) as server:
        server.daemon_threads = True
        scheme = "http"
        if tls is not None:
            scheme = "https"
            server.socket = tls.wrap_socket(server.socket, server_side=True)
            server.handle_error = lambda *_: None  # type: ignore[method-assign]  # refused clients
        state.url = f"{scheme}://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        over.set()
        server.shutdown()
        thread.join()
