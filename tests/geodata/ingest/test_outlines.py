"""Outlines of districts: taken from a file as it is, or refused by field."""

import importlib.util
import json

import pytest
from sqlalchemy import func, select

from geodata.database.tables import METADATA
from geodata.ingest.finding import RefusedError
from geodata.ingest.outlines import PACKAGE, PackageMissingError, load_outlines
from geodata.plan.load import load_plan

DISTRICTS = METADATA.tables["districts"]
HAIDIAN = {"type": "Polygon", "coordinates": [[[116, 40], [116.4, 40], [116.4, 40.2], [116, 40]]]}
LINE = {"type": "LineString", "coordinates": [[116, 40], [117, 41]]}


@pytest.fixture(scope="module")
def url(migrated_url):
    load_plan(migrated_url, lambda _: None)
    return migrated_url


def outline(code="110108", geometry=HAIDIAN, **properties):
    return {"type": "Feature", "properties": {"code": code} | properties, "geometry": geometry}


def loaded(url, folder, *features):
    path = folder / "outlines.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    lines = []
    load_outlines(url, str(path), lines.append)
    return lines


def district(engine, code):
    area = func.ST_AsText(DISTRICTS.c.geom).label("wkt")
    with engine.connect() as connection:
        return connection.execute(select(DISTRICTS, area).where(DISTRICTS.c.code == code)).one()


def test_a_file_gives_a_district_its_outline_with_source_and_accuracy(url, migrated, tmp_path):
    given = outline(accuracy_m=20, source="规自委", boundary_status="authoritative", extra=1)
    (line,) = loaded(url, tmp_path, given)
    assert line.endswith("outlines.geojson, 1 written")
    row = district(migrated, "110108")
    assert row.wkt == "MULTIPOLYGON(((116 40,116.4 40,116.4 40.2,116 40)))"
    assert (row.accuracy_m, row.location_source) == (20, "规自委")
    assert (row.boundary_status, row.recorded_by) == ("authoritative", "districts")
    assert loaded(url, tmp_path, given)[0].endswith("0 written")


def test_an_outline_that_does_not_say_is_schematic_and_from_the_file(url, migrated, tmp_path):
    loaded(url, tmp_path, outline("110105"))
    row = district(migrated, "110105")
    assert (row.accuracy_m, row.location_source) == (None, "outlines.geojson")
    assert row.boundary_status == "schematic"


@pytest.mark.parametrize(
    ("features", "finding"),
    [
        ([outline("110000")], "row 1, code = '110000': must be one of 110101"),
        ([outline(110108)], "row 1, code = 110108: must be non-empty text"),
        ([outline(None)], "row 1, code = None: is required"),
        ([outline(), outline()], "row 2, code = '110108': occurs twice in the file"),
        ([outline(geometry=None)], "row 1, geometry = None: is required"),
        ([outline(geometry=LINE)], "row 1, geometry = 'LineString': is a LineString; must be"),
        ([outline(accuracy_m=-1)], "row 1, accuracy_m = -1: must lie in 0.."),
        ([outline(accuracy_m="20 m")], "row 1, accuracy_m = '20 m': must be a finite number"),
        ([outline(boundary_status="x")], "boundary_status = 'x': must be one of schematic"),
        ([outline(source="长" * 3000)], "must have at most 2000 characters"),
    ],
)
def test_an_outline_that_cannot_be_used_is_refused_and_nothing_is_written(
    url, migrated, tmp_path, features, finding
):
    with pytest.raises(RefusedError) as refused:
        loaded(url, tmp_path, outline("110101"), *features)
    assert finding.replace("row 2", "row 3").replace("row 1", "row 2") in str(refused.value)
    assert district(migrated, "110101").wkt is None


@pytest.mark.skipif(importlib.util.find_spec("GeoToolCN") is not None, reason="it is installed")
def test_a_missing_package_is_named_with_the_way_to_install_it(url):
    with pytest.raises(PackageMissingError, match=f"{PACKAGE} is not installed.*districts.txt"):
        load_outlines(url, PACKAGE, lambda _: None)
