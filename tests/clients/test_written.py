"""What one client writes with a token another reads with it; without it, what the public may."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from owslib.ogcapi.features import Features

from geodata.accounts.scope import parse_scopes
from geodata.accounts.tokens import NewToken, create_token
from geodata.accounts.users import add_user
from geodata.database.engine import open_engine

RING = [[116.3, 39.9], [116.3, 39.901], [116.301, 39.901], [116.301, 39.9], [116.3, 39.9]]
PARCEL = {
    "type": "Feature",
    "id": "p-1",
    "geometry": {"type": "MultiPolygon", "coordinates": [[RING]]},
    "properties": {
        "name_zh": "某宗地",
        "source": "test",
        "as_of": "2012-01-01",
        "boundary_status": "schematic",
        "parcel_code": "110108001001GB00001",
        "holder": "某公司",
    },
}
BY_WHEEL = """
import sys, pyogrio
print(pyogrio.read_dataframe(sys.argv[1], layer="parcels").to_json(default=str))
"""
READERS = {
    "wheel": (sys.executable, "-c", BY_WHEEL, "{}"),
    "programs": ("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", "{}", "parcels"),
}
SHOWN: dict[str, Callable[[str], dict[str, str]]] = {
    "wheel": lambda token: {"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": token},
    "programs": lambda token: {"GDAL_HTTP_HEADERS": f"Authorization: Bearer {token}"},
}
"""How a token is shown; before GDAL 3.9 by a header of one's own."""

Rows = list[dict[str, object]]


@pytest.fixture(scope="module")
def token(migrated_database: Callable[[], str], serve: Callable[[str], str]) -> tuple[str, str]:
    """A land officer's, and the API where it counts."""
    url, now = migrated_database(), datetime.now(UTC)
    engine = open_engine(url)
    with engine.begin() as connection:
        add_user(connection, "wang", "land_officer", password=None, now=now)
        new = NewToken("wang", "test", parse_scopes(["*:read", "parcels:write"]), 1)
        made = create_token(connection, new, now)
    engine.dispose()
    return made, f"{serve(url)}/ogc"


def read(by: str, ogc: str, token: str | None) -> Rows:
    """By GDAL, in a process of its own."""
    shown = {} if token is None else SHOWN[by](token)
    done = subprocess.run(
        [word.format(f"OAPIF:{ogc}") for word in READERS[by]],
        env={**os.environ, **shown},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [each["properties"] for each in json.loads(done.stdout)["features"]]


@pytest.mark.parametrize("by", READERS)
def test_owslib_writes_with_a_token_and_gdal_reads_it_back(
    by: str, token: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if by == "programs" and shutil.which("ogr2ogr") is None:
        pytest.skip("GDAL is not installed (apt install gdal-bin)")
    secret, ogc = token
    # OWSLib adds to a dictionary that all its clients share.
    monkeypatch.setattr("owslib.ogcapi.REQUEST_HEADERS", {})
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/geo+json"}
    remote = Features(f"{ogc}/", headers=headers)
    assert remote.collection_item_create("parcels", json.dumps(PARCEL))
    (known,) = read(by, ogc, secret)
    (public,) = read(by, ogc, None)
    assert (known["parcel_code"], known["holder"]) == ("110108001001GB00001", "某公司")
    assert "holder" not in public
    assert remote.collection_item("parcels", "p-1")["properties"]["holder"] == "某公司"
    remote.headers["If-Match"] = remote.response_headers["ETag"]
    assert remote.collection_item_delete("parcels", "p-1")
