"""Positions that most are told less precisely than they are kept: no answer tells more.

No layer of the plan hides its positions, so one is declared so in a process of its own, which
asks as the public and as a planner and tells what it found.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
EXACT = (116.3137219, 39.9871263)
TOLD = (116.31, 39.99)

SCRIPT = """
import dataclasses, io, json, sys
import layers.enterprises as module
from layers.attribute import Role
from layers.layer import Precision
module.LAYER = dataclasses.replace(
    module.LAYER, precision=Precision(digits=2, reader=Role.PLANNER), writer=Role.PLANNER
)

import mapbox_vector_tile, pyarrow.parquet, shapely
from alembic.autogenerate import produce_migrations
from alembic.migration import MigrationContext
from alembic.operations import Operations
from fastapi.testclient import TestClient
from geodata.database.drift import add_record_drift
from geodata.database.engine import open_engine
from geodata.database.reader import provide_readers
from geodata.database.writer import provide_writers
from geodata.plan.tables import PLAN_METADATA
from geodata.tiles.matrix_sets import find_matrix_set
from layers.catalog import CATALOG
from service.accounts.principal import KEY, Principal
from service.app import create_app
from service.settings import Settings

url, exact, told = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
layer = CATALOG.get("enterprises")

def ours(table, name):
    return table.schema == "history" or name in CATALOG.ids

def follow(engine):
    options = {"include_schemas": True, "target_metadata": PLAN_METADATA,
               "include_name": lambda name, kind, _: kind != "schema" or name in (None, "history"),
               "include_object": lambda o, name, kind, r, c: kind != "table" or ours(o, name)}
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts=options)
        script = produce_migrations(context, PLAN_METADATA)
        add_record_drift(context, [script], PLAN_METADATA, CATALOG)
        operations = Operations(context)
        def invoke(container):
            for each in container.ops:
                invoke(each) if hasattr(each, "ops") else operations.invoke(each)
        invoke(script.upgrade_ops)
        provide_readers(connection, PLAN_METADATA)
        provide_writers(connection, PLAN_METADATA)

follow(open_engine(url))
with open_engine(url).begin() as connection:
    for shift in (0, 0.0001):
        connection.exec_driver_sql(
            "INSERT INTO enterprises (id, name_zh, source, as_of, boundary_status, geom) VALUES"
            " ('e-1', '甲', 't', '2011-01-01', 'schematic', ST_SetSRID(ST_Point(%s, %s), 4490))"
            " ON CONFLICT (id) DO UPDATE SET geom = excluded.geom",
            (exact[0] + 0.0001 - shift, exact[1]),
        )

WHO = {"public": None, "planner": Principal("anna", Role.PLANNER),
       "scoped": Principal("anna", Role.PLANNER, scopes=frozenset())}

class SignedIn:
    def __init__(self, app):
        self.app = app
    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            principal = WHO[dict(scope["headers"])[b"x-as"].decode()]
            scope = scope if principal is None else {**scope, KEY: principal}
        await self.app(scope, receive, send)

class As:
    def __init__(self, client, who):
        self.client, self.who = client, {"x-as": who}
    def get(self, path, **options):
        return self.client.get(path, headers=self.who, **options)
    def post(self, path, **options):
        return self.client.post(path, headers=self.who, **options)

ITEMS = "/ogc/collections/enterprises/items"
grid = find_matrix_set("WebMercatorQuad")

def around(place, by=0.0004):
    west, south, east, north = place[0] - by, place[1] - by, place[0] + by, place[1] + by
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return (west, south, east, north), ring

def tile(place):
    row, column = grid.row(16, place[1]), grid.column(16, place[0])
    return f"/ogc/collections/enterprises/tiles/WebMercatorQuad/16/{row}/{column}"

def answers(client):
    found = {}
    texts = {
        "items": ITEMS, "item": f"{ITEMS}/e-1", "properties": f"{ITEMS}?properties=name_zh",
        "as_known": f"{ITEMS}?as_known=2100-01-01", "4490": f"{ITEMS}?crs=[EPSG:4490]",
        "simplified": f"{ITEMS}?max-allowable-offset=1", "csv": f"{ITEMS}?f=csv",
        "geojsonseq": f"{ITEMS}?f=geojsonseq", "kml": f"{ITEMS}?f=kml",
        "csv past": f"{ITEMS}?f=csv&as_known=2100-01-01", "geojson file": f"{ITEMS}?f=geojson",
        "history": "/api/history/enterprises/e-1", "history page": "/history/enterprises/e-1",
        "collection": "/ogc/collections/enterprises",
        "schema": "/ogc/collections/enterprises/schema",
    }
    for name, path in texts.items():
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.text)
        found[name] = answer.text
    parquet = pyarrow.parquet.read_table(io.BytesIO(client.get(f"{ITEMS}?f=parquet").content))
    found["parquet"] = str([shapely.from_wkb(each).wkt for each in parquet["geom"].to_pylist()])
    shp = client.get(f"{ITEMS}?f=shp")
    assert shp.status_code == 200, shp.text
    return found

def counts(client):
    found = {}
    for name, place in (("exact", exact), ("told", told)):
        box, ring = around(place)
        edges = ",".join(map(str, box))
        wkt = "POLYGON((" + ",".join(f"{x} {y}" for x, y in ring) + "))"
        asks = {
            "bbox": {"bbox": edges}, "filter": {"filter": f"S_INTERSECTS(geometry,{wkt})"},
            "within": {"filter": f"S_WITHIN(geometry,{wkt})"},
            "hits": {"bbox": edges, "resulttype": "hits"},
            "past": {"bbox": edges, "as_known": "2100-01-01"},
        }
        for ask, query in asks.items():
            document = client.get(ITEMS, params=query).json()
            found[f"{ask} {name}"] = document.get("numberMatched", len(document["features"]))
        polygon = {"type": "Polygon", "coordinates": [ring]}
        profile = client.post("/api/statistics", json=polygon).json()
        located = {row["layer"]: row["located"] for row in profile["by_layer"]}
        found[f"statistics {name}"] = located.get("enterprises", 0)
        for more in ("", "?properties=*", "?as_known=2100-01-01"):
            content = mapbox_vector_tile.decode(client.get(tile(place) + more).content)
            points = content.get("enterprises", {"features": []})["features"]
            places = [point["geometry"]["coordinates"] for point in points]
            found[f"tile{more} {name}"] = sum(all(0 <= c <= 4096 for c in p) for p in places)
    return found

result = {}
with TestClient(SignedIn(create_app(Settings(database_url=url)))) as running:
    for who in WHO:
        client = As(running, who)
        result[who] = {"answers": answers(client), "counts": counts(client),
                       "tag": client.get(tile(told)).headers["etag"]}
print("RESULT " + json.dumps(result))
"""


@pytest.fixture(scope="module")
def url(migrated_database: Callable[[], str]) -> str:
    return migrated_database()


@pytest.fixture(scope="module")
def found(url: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, url, json.dumps(EXACT), json.dumps(TOLD)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.rsplit("RESULT ", 1)[1])


@pytest.mark.parametrize("reader", ["public", "scoped"])
def test_no_answer_tells_a_position_more_precisely(found: Any, reader: str) -> None:
    for name, text in found[reader]["answers"].items():
        assert not any(digits in text for digits in ("116.313", "39.987")), name
    for name in ("items", "csv", "kml", "parquet", "history"):
        assert "116.31" in found[reader]["answers"][name], name


def test_who_may_know_is_told_all(found: Any) -> None:
    untold = [name for name, text in found["planner"]["answers"].items() if "116.3137" not in text]
    assert untold == ["history page", "collection", "schema"]


@pytest.mark.parametrize("reader", ["public", "scoped", "planner"])
def test_no_box_filter_count_or_tile_closes_in_on_a_position(found: Any, reader: str) -> None:
    there = "exact" if reader == "planner" else "told"
    told = {ask: number for ask, number in found[reader]["counts"].items() if number}
    wanted = {ask for ask in found[reader]["counts"] if ask.endswith(there)}
    # Statistics are the public's for everyone.
    wanted = {ask for ask in wanted if not ask.startswith("statistics")} | {"statistics told"}
    assert set(told) == wanted


def test_the_schema_says_that_coordinates_are_rounded(found: Any) -> None:
    said = {name: "rounded to 0.01 degrees" in found[name]["answers"]["schema"] for name in found}
    assert said == {"public": True, "scoped": True, "planner": False}


def test_tiles_that_tell_more_have_another_tag(found: Any) -> None:
    assert found["public"]["tag"] == found["scoped"]["tag"] != found["planner"]["tag"]


@pytest.mark.usefixtures("found")
@pytest.mark.parametrize("table", ["enterprises", "history.enterprises"])
def test_postgresql_refuses_the_public_the_position_as_it_is_kept(url: str, table: str) -> None:
    with psycopg.connect(url) as connection:
        owner = connection.execute("SELECT session_user").fetchone()
        assert owner is not None
        connection.execute(f'SET LOCAL ROLE "{owner[0]}_reader"')
        row = connection.execute(f"SELECT ST_X(geom_2), feature FROM {table}").fetchone()
        assert row is not None
        assert row[0] == TOLD[0]
        assert "116.313" not in row[1]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"SELECT geom FROM {table}")
