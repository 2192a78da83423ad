"""Files as users bring them, from reading to what would be written: all in transactions undone."""

import csv
import json
import time
from datetime import date

import geopandas
import numpy as np
import pytest
import shapely
from pyproj import Geod
from sqlalchemy import text

from geodata.geocoding.datum import Datum, convert
from geodata.geocoding.gazetteer import open_gazetteer
from geodata.ingest.finding import RefusedError
from geodata.ingest.geojson import UnreadableFileError
from geodata.ingest.refused import write_refused

KNOWN = {"source": "测试", "as_of": "2012-01-01", "boundary_status": "schematic"}
CODE = "110108001002GB00123"


def rules(checked):
    """Rules that were broken, by row; 0 is the file."""
    return sorted({(each.row, each.rule) for each in checked.ledger.findings})


ENTERPRISES = "名称,统一社会信用代码,所在区,经度,纬度\n"


def enterprises(desk, *rows, header=ENTERPRISES, **options):
    path = desk.write("企业.csv", header + "\n".join(rows) + "\n")
    options = {"crs": "EPSG:4490", "constants": KNOWN} | options
    return desk.check("enterprises", path, **options)


def test_a_chinese_table_is_loaded_as_it_stands(desk):
    checked = enterprises(desk, "甲公司,91110108551385082Q,海淀区,116.31,39.98", "乙公司,,,,")
    assert rules(checked) == []
    rows = checked.rows.to_pylist()
    assert [row["uscc"] for row in rows] == ["91110108551385082Q", None]
    assert rows[0]["id"] == "91110108551385082Q"
    assert rows[0]["district"] == "110108"
    assert rows[0]["as_of"] == date(2012, 1, 1)
    assert shapely.from_wkb(rows[0]["geom"]).equals(shapely.Point(116.31, 39.98))
    assert rows[1]["geom"] is None
    loaded = desk.load(checked)
    assert (loaded.inserted, loaded.updated) == (2, 0)


def test_a_dry_run_leaves_nothing(desk, plan_engine):
    desk.load(enterprises(desk, "甲公司,,,116.31,39.98"))
    with plan_engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM imports")) == 0


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (",,,116.31,39.98", [(2, "required")]),
        ("甲,91110108551385082A,,116.31,39.98", [(2, "credit-code")]),
        ("甲,9111,,116.31,39.98", [(2, "pattern")]),
        ("甲,,火星区,116.31,39.98", [(2, "codes")]),
        ("甲,,,116.31,北", [(2, "type")]),
        ("甲,,,39.98,116.31", [(2, "swapped")]),
        ("甲,,,500,39.98", [(2, "outside-globe")]),
        ("甲,,,121.47,31.23", [(2, "outside-beijing")]),
        ("甲,,,nan,39.98", [(2, "type")]),
        (f"{'甲' * 2001},,,116.31,39.98", [(2, "length")]),
        ("甲\ufffd,,,116.31,39.98", [(2, "encoding")]),
        ("甲,,,116.31,39.98,多", [(2, "row-width")]),
    ],
)
def test_each_fault_of_a_row_is_told_by_its_rule(desk, row, found):
    assert rules(enterprises(desk, row)) == found


def test_all_or_nothing_unless_the_good_rows_are_asked_for(desk):
    checked = enterprises(desk, "甲,9111,,116.31,39.98", "乙,,,116.31,39.99")
    with pytest.raises(RefusedError, match=r"企业\.csv, row 2, 统一社会信用代码 = '9111'"):
        desk.load(checked)
    assert desk.load(checked, accept_valid=True).inserted == 1


def test_blank_rows_count_for_nothing_and_numbers_stay_those_of_the_sheet(desk):
    checked = enterprises(desk, ",,,,", "甲,9111,,116.31,39.98")
    assert rules(checked) == [(3, "pattern")]
    assert checked.blank.tolist() == [True, False]


def test_values_that_must_be_unique_are_held_to_file_and_layer(desk, plan_engine):
    checked = enterprises(desk, *[f"甲{i},91110108551385082Q,,116.3{i},39.9" for i in "12"])
    assert rules(checked) == [(3, "unique")]
    with plan_engine.connect() as connection:
        present = connection.scalar(text("SELECT name_zh FROM enterprises ORDER BY id LIMIT 1"))
    checked = enterprises(desk, f"x,{present},116.3,39.9", header="编号,名称,经度,纬度\n")
    assert rules(checked) == []


def test_columns_are_named_by_the_operator_where_their_headers_say_nothing(desk):
    path = desk.write("a.csv", "A,B,C,D\n甲,116.31,39.98,x\n")
    mapping = {"A": "name_zh", "B": "lon", "C": "lat"}
    checked = desk.check("enterprises", path, crs="EPSG:4490", constants=KNOWN, mapping=mapping)
    assert rules(checked) == [(0, "column-ignored")]
    assert checked.accepted.all()
    with pytest.raises(UnreadableFileError, match="no column 'X'; there are A, B, C, D"):
        desk.check("enterprises", path, mapping={"X": "name_zh"})
    with pytest.raises(UnreadableFileError, match="no field 'x'; there are id, name_zh"):
        desk.check("enterprises", path, mapping={"A": "x"})
    with pytest.raises(UnreadableFileError, match="no field 'x'; there are name_zh"):
        desk.check("enterprises", path, constants={"x": "1"})


def test_a_required_field_that_no_column_is_refuses_the_file(desk):
    checked = enterprises(desk, "甲,,,116.31,39.98", constants={})
    assert {rule for _, rule in rules(checked)} == {"required"}
    assert checked.refused.all()


def test_addresses_are_located_with_what_is_known_of_the_place(desk):
    header = "名称,地址\n"
    checked = enterprises(
        desk, "甲,北京市海淀区中关村大街27号", "乙,北京市", header=header, crs=None
    )
    good, bad = checked.rows.to_pylist()
    assert shapely.from_wkb(good["geom"]).distance(shapely.Point(116.31, 39.97)) < 0.05
    assert good["accuracy_m"] > 0
    assert good["location_source"].startswith("gazetteer: ")
    assert bad["geom"] is None
    assert (3, "address-unknown") in rules(checked)


SQUARE = [[116.3, 39.9], [116.301, 39.9], [116.301, 39.901], [116.3, 39.901], [116.3, 39.9]]


def parcels(desk, *rings, areas=None, **options):
    """Parcels of these rings, as GeoJSON."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "parcel_code": f"{CODE[:-2]}{row:02d}",
                "name_zh": f"宗地{row}",
                "area_registered_m2": areas,
            },
            "geometry": {"type": "Polygon", "coordinates": ring},
        }
        for row, ring in enumerate(rings)
    ]
    path = desk.write("a.geojson", json.dumps({"type": "FeatureCollection", "features": features}))
    return desk.check("parcels", path, constants=KNOWN, **options)


def moved(ring, east, north=0.0):
    return [[x + east, y + north] for x, y in ring]


@pytest.mark.parametrize(
    ("ring", "rule", "words"),
    [
        ([SQUARE[:-1]], "ring-open", "must be the same"),
        ([SQUARE, []], "geometry", "0 positions in ring 2"),
        ([[[str(x), y] for x, y in SQUARE]], "geometry", "two or three finite numbers"),
        ([[SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]], "geometry", "is invalid: Self"),
        ([[[y, x] for x, y in SQUARE]], "swapped", "longitude"),
        ([SQUARE[:2]], "geometry", "2 positions in ring 1"),
    ],
)
def test_a_faulty_shape_is_told_with_the_place_of_its_fault(desk, ring, rule, words):
    checked = parcels(desk, ring)
    assert [(each.row, each.rule) for each in checked.ledger.findings] == [(1, rule)]
    assert words in checked.ledger.findings[0].message.en


def test_open_rings_are_closed_and_coordinates_exchanged_when_asked(desk):
    assert rules(parcels(desk, [SQUARE[:-1]], close_rings=True)) == []
    assert rules(parcels(desk, [[[y, x] for x, y in SQUARE]], swap=True)) == []


def test_parcels_that_overlap_are_told_with_ground_and_place(desk):
    checked = parcels(desk, [SQUARE], [moved(SQUARE, 0.0005)], [moved(SQUARE, 0.001)])
    found = [each for each in checked.ledger.findings if each.rule == "overlap"]
    assert [each.row for each in found] == [2, 3]
    common = shapely.Polygon(SQUARE).intersection(shapely.Polygon(moved(SQUARE, 0.0005)))
    area = abs(Geod(ellps="GRS80").geometry_area_perimeter(common)[0])
    told = float(found[0].message.en.split()[1])
    assert told == pytest.approx(area, rel=1e-4)


def test_a_narrow_overlap_is_a_fault_of_drawing_and_a_shared_side_is_none(desk):
    assert rules(parcels(desk, [SQUARE], [moved(SQUARE, 0.001)])) == []
    assert rules(parcels(desk, [SQUARE], [moved(SQUARE, 0.001 - 1e-6)])) == [(2, "overlap-sliver")]


def test_a_sliver_is_told(desk):
    thin = [[116.3, 39.9], [116.301, 39.9], [116.301, 39.900002], [116.3, 39.900002], [116.3, 39.9]]
    assert rules(parcels(desk, [thin])) == [(1, "sliver")]


@pytest.mark.parametrize(("share", "found"), [(1.0, []), (1.009, []), (1.011, [(1, "area")])])
def test_a_registered_area_is_held_to_the_ellipsoid(desk, share, found):
    area, _ = Geod(ellps="GRS80").geometry_area_perimeter(shapely.Polygon(SQUARE))
    assert rules(parcels(desk, [SQUARE], areas=area * share)) == found


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_places_that_lie_a_shift_of_datum_away_are_told_and_never_moved(desk, datum):
    """Real places of the gazetteer, as a map provider would give them, said to be WGS 84."""
    gazetteer = open_gazetteer()
    names = [each for each in gazetteer.places if each.accuracy_m <= 300]
    known = [each for each in names if len(gazetteer.named(each.name)) == 1][:40]
    places = np.array([(each.lon, each.lat) for each in known])
    shifted = convert(places, Datum.CGCS2000, datum)
    true = [f"{p.name},{p.lon},{p.lat}" for p in known]
    frame = geopandas.GeoDataFrame(
        {"名称": [each.name for each in known]},
        geometry=geopandas.points_from_xy(*shifted.T),
        crs="EPSG:4326",
    )
    frame.to_file(desk.folder / "a.gpkg")
    checked = desk.check("projects", desk.folder / "a.gpkg", constants=KNOWN | {"kind": "pilot"})
    (evidence,) = [each for each in checked.ledger.findings if each.rule == "datum-shift"]
    assert evidence.value == datum.upper()
    assert evidence.message.en.startswith(f"{len(known)} places of known names")
    assert checked.refused.all()
    named = desk.check(
        "projects", desk.folder / "a.gpkg", crs="EPSG:4326", constants=KNOWN | {"kind": "pilot"}
    )
    assert named.ledger.counts["datum-doubt"] == 1
    assert named.accepted.all()
    path = desk.write("b.csv", "名称,lon,lat\n" + "\n".join(true))
    honest = desk.check("projects", path, crs="EPSG:4490", constants=KNOWN | {"kind": "pilot"})
    assert {"datum-doubt", "datum-shift"}.isdisjoint(honest.ledger.counts)


def test_a_name_met_twice_nearby_is_perhaps_a_duplicate(desk):
    header = "编号,名称,经度,纬度\n"
    rows = ("a,甲,116.31,39.98", "b,甲,116.3101,39.98", "c,甲,116.4,39.98")
    assert rules(enterprises(desk, *rows, header=header)) == [(3, "duplicate")]


def test_refused_rows_of_a_table_are_mended_and_sent_again(desk):
    """A formula-like text and a value with the delimiter come through."""
    checked = enterprises(
        desk, '"=甲,乙",9111,,116.31,39.98', "丙,,,116.4,39.98", "丁,,火星,116.5,39.9"
    )
    path = write_refused(checked, desk.folder)
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, first, second = csv.reader(file)
    assert header[-2:] == ["refused_zh", "refused_en"]
    assert first[0] == "'=甲,乙"
    assert "must match" in first[-1]
    assert "须为 110101" in second[-2]
    mended = path.read_text(encoding="utf-8-sig").replace("9111,", ",").replace("火星", "海淀区")
    path.write_text(mended, encoding="utf-8-sig")
    again = desk.check("enterprises", path, crs="EPSG:4490", constants=KNOWN)
    assert rules(again) == []
    assert again.rows.column("name_zh").to_pylist() == ["=甲,乙", "丁"]
    assert desk.load(again).inserted == 2


@pytest.mark.parametrize("rows", [20_000])
def test_many_rows_are_checked_in_little_time(desk, rows):
    """By the clock of this process, so that a busy machine fails no test."""
    lines = [f"企业{i},,海淀区,{116 + i / 1e5:.6f},39.98" for i in range(rows)]
    path = desk.write("a.csv", ENTERPRISES + "\n".join(lines))
    start = time.process_time()
    checked = desk.check("enterprises", path, crs="EPSG:4490", constants=KNOWN)
    assert checked.accepted.sum() == rows
    assert time.process_time() - start < 5
