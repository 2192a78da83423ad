"""Who may read what, walked over every route, parameter, layer and attribute that there is.

Secrets are planted where not everyone may read. No answer to a reader who may not read them holds
one, nor changes when they do; a name one may not read is answered as one that does not exist.
What to ask comes from the API definitions and the routes, so that a new one is asked too.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlencode

import psycopg
import pyarrow.parquet
import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from geodata.formats.catalog import FORMATS
from geodata.synthetic.label import Recipe
from geodata.synthetic.make import make
from geodata.tiles.matrix_sets import find_matrix_set
from layers.attribute import Role, ValueType
from layers.catalog import CATALOG
from service.accounts.principal import KEY, Principal
from service.app import API_ROUTERS, PAGE_ROUTERS, create_app
from service.cache import Cache
from service.settings import Settings

RANKS = ["public", "planner", "land_officer", "admin"]

RESTRICTED = [
    (layer, attribute)
    for layer in CATALOG
    for attribute in layer.all_attributes
    if attribute.reader is not Role.PUBLIC
]

BOOKS = "/imports"
"""Read as the owner: PostgreSQL keeps no role's view of them."""

TIMED = {"gpkg", "xlsx", "shp", "kml"}
"""Formats that tell when they were made; they are searched, not compared."""

MOVING = {"/metrics", "/healthz", "/readyz"}

CHANGING = ("date", "last-modified")


def secret(number: int, generation: int) -> str:
    return f"Zx9{'qwe'[generation]}{number:04d}Secret"


SECRET = re.compile(rb"Zx9[qwe]\d{4}Secret")


class Ask(NamedTuple):
    """A request, by its path and query."""

    path: str
    query: tuple[tuple[str, str], ...] = ()

    @property
    def address(self) -> str:
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    def naming(self, name: str, other: str) -> "Ask":
        """The same with another name in place of one."""
        query = tuple(
            (key.replace(name, other), value.replace(name, other)) for key, value in self.query
        )
        return Ask(self.path, query)


AS = b"x-as"


class SignedIn:
    """The application, told who asks by a header in place of a token."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            role = Role(dict(scope["headers"])[AS].decode())
            headers = [row for row in scope["headers"] if row[0] != AS]
            scope = {**scope, "headers": headers}
            if role is not Role.PUBLIC:
                scope[KEY] = Principal("somebody", role)
        await self.app(scope, receive, send)


class Client(NamedTuple):
    """Asks as a role."""

    client: TestClient
    role: Role

    def ask(self, verb, address, headers, **options):
        return self.client.request(
            verb, address, headers={"x-as": self.role, **headers}, follow_redirects=False, **options
        )

    def get(self, address, headers=None, **options):
        return self.client.get(address, headers={"x-as": self.role, **(headers or {})}, **options)


@pytest.fixture(scope="module")
def url(new_database):
    """Synthetic rows with a secret, and one that it replaced, in every restricted attribute."""
    url = new_database()
    make(url, Recipe(seed=1, enterprises=30, parcels=30), lambda _: None, lambda _: None)
    plant_imports(url)
    plant(url, 0)
    plant(url, 1)
    return url


def plant_imports(url):
    """Imports whose options name what is hidden, from number 1 on."""
    with psycopg.connect(url) as owner:
        owner.execute("DELETE FROM imports")
        for number, (layer, attribute) in enumerate(RESTRICTED, start=1):
            options = {
                "constants": {attribute.name: secret(number, 1), "source": "s"},
                "mapping": {secret(number, 1): attribute.name, "A": "name_zh"},
            }
            owner.execute(
                "INSERT INTO imports (id, layer, file, sha256, mode, options, rows, inserted,"
                " updated, unchanged, removed, actor, reason, started_at) OVERRIDING SYSTEM VALUE"
                " VALUES (%s, %s, 'a.csv', repeat('0', 64), 'append', %s, 0, 0, 0, 0, 0, 'a', 'r',"
                " now())",
                (number, layer.id, json.dumps(options)),
            )


def plant(url, generation):
    for layer, attribute in RESTRICTED:
        assert attribute.type is ValueType.TEXT, f"say what a secret {attribute.type} is"
        assert attribute.codes is None, f"say what a secret code of {attribute.name} is"
        with psycopg.connect(url) as owner:
            rows = owner.execute(f"SELECT id FROM {layer.id} ORDER BY id").fetchall()
            assert rows, f"nothing to hide in {layer.id}"
            step = 1 if generation else -1  # another order, so that a sort would show it
            for number, (feature_id,) in enumerate(rows[::step]):
                value = None if number % 5 == generation else secret(number, generation)
                owner.execute(
                    f"UPDATE {layer.id} SET {attribute.name} = %s WHERE id = %s",
                    (value, feature_id),
                )


@pytest.fixture(scope="module")
def app(url):
    return create_app(Settings(database_url=url))


@pytest.fixture(scope="module")
def clients(app):
    with TestClient(SignedIn(app), raise_server_exceptions=False) as client:
        yield {role: Client(client, role) for role in Role}


@pytest.fixture(scope="module")
def places(url):
    return Places(url)


@pytest.fixture(scope="module")
def instant(url):
    with psycopg.connect(url) as owner:
        row = owner.execute(
            "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
        )
        return row.fetchone()[0] + "Z"


@pytest.fixture(scope="module")
def asks(clients, places, instant):
    """Every path with each of its parameters, given names and values that are secret, and plain."""
    client = clients[Role.PUBLIC]
    rows = [*documented(client, "/openapi.json", ""), *documented(client, "/ogc/api", "/ogc")]
    rows += [
        (route.path.replace(":path", ""), [])
        for router in (*API_ROUTERS, *PAGE_ROUTERS)
        for route in router.routes
        if isinstance(route, APIRoute) and "GET" in route.methods
    ]
    return sorted(
        {
            ask
            for path, parameters in rows
            for filled, layer in places.fill(path)
            for ask in variants(filled, layer, parameters, instant)
        }
    )


def documented(client, address, root):
    """Paths of a definition and their parameters."""
    for path, item in client.get(address).json()["paths"].items():
        if "get" in item:
            yield root + path, item["get"].get("parameters", [])


class Places:
    """What stands in paths: features that have secrets."""

    def __init__(self, url):
        self.values = {}
        with psycopg.connect(url) as owner:
            for layer in dict.fromkeys(layer.id for layer, _ in RESTRICTED):
                row = owner.execute(
                    f"SELECT id, ST_X(p), ST_Y(p) FROM (SELECT id, ST_PointOnSurface(geom) AS p"
                    f" FROM {layer} ORDER BY id LIMIT 1) AS f"
                ).fetchone()
                grid = find_matrix_set("WebMercatorQuad")
                self.values[layer] = {
                    "layer": layer,
                    "id": row[0],
                    "featureId": row[0],
                    "style": layer,
                    "tileMatrixSet": "WebMercatorQuad",
                    "tileMatrix": "15",
                    "tileRow": str(grid.row(15, row[2])),
                    "tileCol": str(grid.column(15, row[1])),
                    "number": "1",
                    "key": "1",
                    "language": "en",
                    "name": "somebody",
                }

    def fill(self, path):
        """The path with a value in each place, for each layer that hides something."""
        for layer, values in self.values.items():
            if f"/collections/{layer}" in path or "/collections/" not in path or "{layer}" in path:
                yield (
                    re.sub(r"{(\w+)}", lambda found, here=values: here.get(found[1], "1"), path),
                    CATALOG.get(layer),
                )


def variants(path, layer, parameters, instant) -> Iterator[Ask]:
    yield Ask(path)
    for name in (each.name for owner, each in RESTRICTED if owner is layer):
        values = (name, f"-{name}", secret(1, 1), f"{name} = '{secret(1, 1)}'", f"{name} IS NULL")
        yield Ask(path, ((name, secret(1, 1)),))
        for parameter in parameters:
            if parameter["in"] == "query":
                few = None if parameter["name"] == "f" else 3
                allowed = parameter.get("schema", {}).get("enum", ())[:few]
                for value in (*values, *allowed):
                    yield Ask(path, ((parameter["name"], str(value)),))
        if not parameters:
            continue
        if any(parameter["name"] == "filter" for parameter in parameters):
            yield from filtering(path, name)
        yield Ask(path, (("properties", f"{name},name_zh"), ("skipGeometry", "true")))
        yield Ask(path, (("properties", name), ("f", "csv")))
        yield Ask(path, (("resulttype", "hits"), ("filter", f"{name} > 'Zx'")))
        yield Ask(path, (("sortby", name), ("limit", "3")))
        yield Ask(path, (("as_known", instant), ("properties", name)))
        yield Ask(path, (("as_known", instant), ("f", "geojson")))


def filtering(path, name) -> Iterator[Ask]:
    """What would close in on a hidden value, were it let."""
    for clause in (
        f"CASEI({name}) LIKE CASEI('zx9%')",
        f"NOT ({name} IN ('{secret(1, 1)}'))",
        f"{name} = name_zh",
        f"name_zh IS NOT NULL AND ({name} < 'Zx' OR {name} >= 'Zx')",
    ):
        yield Ask(path, (("filter", clause), ("limit", "1")))
    yield Ask(path, (("sortby", f"name_zh,-{name}"), ("limit", "2")))


def searched(answer):
    """Everything in an answer that can be read, packed files unpacked."""
    yield answer.content
    yield repr([*answer.headers.items()]).encode()
    if answer.content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    if answer.content[:4] == b"PAR1":
        yield repr(pyarrow.parquet.read_table(io.BytesIO(answer.content)).to_pydict()).encode()


def secrets_in(answer):
    return sorted({found for text in searched(answer) for found in SECRET.findall(text)})


def told(ask, answer):
    """Secrets in an answer beyond those that the request itself brought."""
    asked = set(SECRET.findall(ask.address.encode()))
    return [each for each in secrets_in(answer) if each not in asked]


def may(role, attribute):
    return RANKS.index(role) >= RANKS.index(attribute.reader)


UNPRIVILEGED = [
    role for role in RANKS if not any(may(role, attribute) for _, attribute in RESTRICTED)
]
PRIVILEGED = [role for role in RANKS if role not in UNPRIVILEGED]


@pytest.mark.parametrize("role", UNPRIVILEGED)
def test_no_answer_holds_what_its_reader_may_not_read_nor_hangs_on_it(url, clients, asks, role):
    client = clients[Role(role)]
    asks = [ask for ask in asks if role == RANKS[0] or dict(ask.query).get("f") not in TIMED]
    before = {ask: client.get(ask.address, follow_redirects=False) for ask in asks}
    assert {
        ask.address: told(ask, answer) for ask, answer in before.items() if told(ask, answer)
    } == {}
    assert [ask.address for ask, answer in before.items() if answer.status_code >= 500] == []
    plant(url, 2)
    for ask, answer in before.items():
        if ask.path in MOVING or dict(ask.query).get("f") in TIMED:
            continue
        again = client.get(ask.address, follow_redirects=False)
        assert again.status_code == answer.status_code, ask.address
        assert again.content == answer.content, ask.address
        assert comparable(again) == comparable(answer), ask.address
    plant(url, 1)


def comparable(answer):
    return {name: value for name, value in answer.headers.items() if name not in CHANGING}


@pytest.mark.parametrize("role", UNPRIVILEGED)
@pytest.mark.parametrize(
    "name", [attribute.name for _, attribute in RESTRICTED], ids=lambda name: name
)
def test_a_name_that_one_may_not_read_is_answered_as_one_that_does_not_exist(
    clients, asks, role, name
):
    client, other = clients[Role(role)], "q" * len(name)
    naming = [ask for ask in asks if name in urlencode(ask.query)]
    assert naming
    for ask in naming:
        answer = client.get(ask.address)
        unknown = client.get(ask.naming(name, other).address)
        assert answer.status_code == unknown.status_code, ask.address
        assert nameless(answer, name, other) == nameless(unknown, name, other), ask.address


def nameless(answer, *names):
    """The answer's text without some names, however they are spelled."""
    text = answer.content.lower()
    for name in names:
        text = text.replace(name.encode(), b"")
    return text


def telling(layer, attribute, places, instant):
    """Requests whose answers hold the values of an attribute, for those who may read them."""
    name, items = attribute.name, f"/ogc/collections/{layer.id}/items"
    values = places.values[layer.id]
    tile = "tiles/{tileMatrixSet}/{tileMatrix}/{tileRow}/{tileCol}".format(**values)
    yield Ask(items)
    yield Ask(f"{items}/{values['id']}")
    yield Ask(items, (("properties", name), ("skipGeometry", "true")))
    yield Ask(items, (("as_known", instant),))
    yield Ask(items, (("crs", "http://www.opengis.net/def/crs/EPSG/0/4490"),))
    yield Ask(items, (("filter", f"{name} LIKE 'Zx9%'"), ("limit", "1")))
    yield Ask(items, (("sortby", name), ("limit", "1")))
    yield Ask(f"/ogc/collections/{layer.id}/{tile}", (("properties", name),))
    yield Ask(f"/ogc/{tile}", (("properties", "*"),))
    yield Ask(f"/ogc/{tile}", (("properties", name), ("as_known", instant)))
    yield Ask(f"/api/history/{layer.id}/{values['id']}")
    yield Ask(f"/history/{layer.id}/{values['id']}")
    for number, (owner, other) in enumerate(RESTRICTED, start=1):
        if (owner, other) == (layer, attribute):
            yield Ask(f"/imports/{number}")
    for row in FORMATS:
        yield Ask(items, (("f", row.name),))


@pytest.fixture(scope="module")
def answers_that_tell(places, instant):
    return [
        (attribute, ask)
        for layer, attribute in RESTRICTED
        for ask in telling(layer, attribute, places, instant)
    ]


@pytest.fixture(scope="module")
def writes(clients, places):
    """Every other method of every path, as the definitions and the routes have it."""
    client, found = clients[Role.PUBLIC], set()
    for address, root in (("/openapi.json", ""), ("/ogc/api", "/ogc")):
        for path, item in client.get(address).json()["paths"].items():
            found |= {(verb.upper(), root + path) for verb in item if verb in VERBS}
    for router in (*API_ROUTERS, *PAGE_ROUTERS):
        for route in router.routes:
            if isinstance(route, APIRoute):
                found |= {(verb, route.path.replace(":path", "")) for verb in route.methods}
    return sorted(
        {
            (verb, filled)
            for verb, path in found
            if verb.lower() in VERBS
            for filled, _ in places.fill(path)
        }
    )


VERBS = ("post", "put", "patch", "delete", "options", "head")

WHOLE = {
    "type": "Polygon",
    "coordinates": [[[115, 39], [118, 39], [118, 42], [115, 42], [115, 39]]],
}


@pytest.mark.parametrize("role", UNPRIVILEGED)
def test_no_other_method_tells_or_changes_what_its_asker_may_not_read(url, clients, writes, role):
    assert {verb for verb, _ in writes} >= {"POST", "PUT", "PATCH", "DELETE"}
    bodies = {
        "application/json": json.dumps(WHOLE),
        "application/geo+json": json.dumps({"type": "Feature", "properties": {}, "geometry": None}),
        "application/merge-patch+json": "{}",
        "application/x-www-form-urlencoded": "reason=x",
    }
    before = kept(url)
    for verb, path in writes:
        for kind, body in bodies.items():
            headers = {"content-type": kind, "if-match": '"0.0"', "origin": "http://testserver"}
            answer = clients[Role(role)].ask(verb, path, content=body, headers=headers)
            assert answer.status_code < 500, (verb, path, answer.text)
            assert secrets_in(answer) == [], (verb, path)
    assert kept(url) == before


def kept(url):
    """Rows of every layer that hides something."""
    with psycopg.connect(url) as owner:
        return [
            owner.execute(
                f"SELECT feature, {attribute.name} FROM {layer.id} ORDER BY id"
            ).fetchall()
            for layer, attribute in RESTRICTED
        ]


def test_statistics_of_a_polygon_hang_on_nothing_hidden(url, clients):
    ask = {"json": WHOLE, "headers": {}}
    before = clients[Role.PUBLIC].ask("POST", "/api/statistics", **ask)
    plant(url, 2)
    after = clients[Role.PUBLIC].ask("POST", "/api/statistics", **ask)
    plant(url, 1)
    assert before.status_code == 200
    assert (after.content, comparable(after)) == (before.content, comparable(before))


def test_a_change_of_one_hidden_value_is_told_by_no_tag_but_to_those_who_may_know(
    url, clients, places
):
    """Of the feature, its page and its tiles; wherever the row lies in its table afterwards."""
    for layer, attribute in RESTRICTED:
        values = places.values[layer.id]
        tile = "tiles/{tileMatrixSet}/{tileMatrix}/{tileRow}/{tileCol}".format(**values)
        paths = [
            f"/ogc/collections/{layer.id}/items/{values['id']}",
            f"/ogc/collections/{layer.id}/items",
            f"/ogc/collections/{layer.id}/{tile}",
            f"/ogc/{tile}",
        ]
        told = {role: [clients[role].get(path) for path in paths] for role in Role}
        with psycopg.connect(url) as owner:
            owner.execute(
                f"UPDATE {layer.id} SET {attribute.name} = 'moved' WHERE id = %s",
                (values["id"],),
            )
        for role, answers in told.items():
            for path, answer in zip(paths, answers, strict=True):
                held = {"if-none-match": answer.headers["etag"]}
                again = clients[role].get(path, headers=held)
                known = may(role, attribute) and path.startswith(paths[1])
                assert again.status_code == (200 if known else 304), (role, path)
                if not known:
                    fresh = clients[role].get(path)
                    assert (fresh.content, fresh.headers["etag"]) == (
                        answer.content,
                        answer.headers["etag"],
                    ), (role, path)
    plant(url, 1)


@pytest.mark.parametrize("role", PRIVILEGED)
def test_those_who_may_read_a_value_do_and_no_cache_keeps_it_for_others(
    clients, answers_that_tell, role
):
    for attribute, ask in answers_that_tell:
        if role != PRIVILEGED[0] and dict(ask.query).get("f") in TIMED:
            continue
        answer = clients[Role(role)].get(ask.address)
        assert answer.status_code == 200, f"{ask.address}: {answer.text[:300]}"
        assert bool(secrets_in(answer)) is may(role, attribute), ask.address
        assert answer.headers["cache-control"] in ("private, no-cache", "no-store"), ask.address
        assert {"authorization", "cookie"} <= listed(answer.headers["vary"]), ask.address
        if "etag" in answer.headers:
            held = {"if-none-match": answer.headers["etag"]}
            assert clients[Role(role)].get(ask.address, headers=held).status_code == 304
            public = clients[Role.PUBLIC].get(ask.address, headers=held)
            assert public.status_code != 304, ask.address


def listed(header):
    return {name.strip().lower() for name in header.split(",")}


@pytest.mark.parametrize("role", PRIVILEGED)
def test_definitions_name_what_a_role_may_read_and_nothing_else(clients, role):
    for layer, attribute in RESTRICTED:
        for name in ("schema", "queryables", "sortables"):
            path = f"/ogc/collections/{layer.id}/{name}"
            document = clients[Role(role)].get(path).json()
            assert (attribute.name in document["properties"]) is may(role, attribute)
        paths = clients[Role(role)].get("/ogc/api").json()["paths"]
        given = paths[f"/collections/{layer.id}/items"]["get"]["parameters"]
        assert (attribute.name in {row["name"] for row in given}) is may(role, attribute)


@pytest.fixture
def unchecked(app, clients):
    """The application whose connections of every role are the public's: PostgreSQL is alone."""
    service = app.state.service
    public = service.readings[Role.PUBLIC]
    empty = {"answers": Cache(2**20), "tile_layers": Cache(2**20)}
    app.state.service = replace(service, readings=dict.fromkeys(Role, public), **empty)
    yield {Role(role): clients[Role(role)] for role in PRIVILEGED}
    app.state.service = service


def test_postgresql_refuses_what_the_web_layer_would_let_through(
    unchecked, answers_that_tell, caplog
):
    layers = [row for row in answers_that_tell if not row[1].path.startswith(BOOKS)]
    for attribute, ask in layers:
        for role, client in unchecked.items():
            if may(role, attribute):
                answer = client.get(ask.address)
                # A stream has begun by then, and breaks off.
                assert answer.status_code == 500 or "f" in dict(ask.query), ask.address
                assert secrets_in(answer) == [], ask.address
    assert "permission denied for table" in caplog.text
