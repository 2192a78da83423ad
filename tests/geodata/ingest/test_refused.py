"""Refused rows come back in the format they came in; mended and sent again, all are taken."""

import zipfile

import geopandas
import openpyxl
import pyogrio
import pytest
import shapely

from geodata.ingest.refused import write_refused

KNOWN = {"source": "测试", "as_of": "2012-01-01", "boundary_status": "schematic"}
CODE = "91110108551385082Q"
MENDED = {"火星区": "海淀区", "9111": CODE}

FIRMS = geopandas.GeoDataFrame(
    {
        "name_zh": ["甲", "乙, “丙”\n<丁>", "戊"],
        "district": ["110108", "火星区", "海淀区"],
        "uscc": [None, None, "9111"],
        "remark": ["a", None, "c"],
    },
    geometry=shapely.points([116.31, 116.4, 116.5], 39.98),
    crs="EPSG:4490",
)
"""The second row and the third have a fault each."""

SQUARE = shapely.box(116.3, 39.9, 116.301, 39.901)
BOWTIE = shapely.Polygon([(116.4, 39.9), (116.401, 39.901), (116.401, 39.9), (116.4, 39.901)])
PARCELS = geopandas.GeoDataFrame(
    {
        "parcel_cod": ["110108001002GB00123", "110108001002GB00124", "110108001002ZZ00125"],
        "name_zh": ["一", "二", "三"],
    },
    geometry=[SQUARE, BOWTIE, shapely.box(116.5, 39.9, 116.501, 39.901)],
    crs="EPSG:4490",
)
"""The second crosses itself, the third has a code that is none."""

OPTIONS = {".geojsons": {"RS": "YES"}, ".fgb": {"SPATIAL_INDEX": "NO"}}
"""With an index, GDAL writes features in its order."""

DRIVERS = {".gpkg": "GPKG", ".fgb": "FlatGeobuf", ".geojson": "GeoJSON", ".geojsons": "GeoJSONSeq"}


def write(frame, path):
    """As other programs would."""
    if path.name.endswith(".zip"):
        folder = path.with_suffix(".parts")
        folder.mkdir()
        frame.to_file(folder / "layer.shp", encoding="utf-8")
        with zipfile.ZipFile(path, "w") as archive:
            for part in sorted(folder.iterdir()):
                archive.write(part, part.name)
    elif path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".kml":
        pyogrio.write_dataframe(frame.rename(columns={"name_zh": "名称"}), path, driver="KML")
    elif path.suffix in DRIVERS:
        frame.to_file(path, driver=DRIVERS[path.suffix], **OPTIONS.get(path.suffix, {}))
    else:
        table = frame.drop(columns="geometry").assign(lon=frame.geometry.x, lat=frame.geometry.y)
        if path.suffix == ".xlsx":
            table.to_excel(path, index=False)
        else:
            table.to_csv(path, index=False, encoding="gb18030", sep=";")
    return path


def read(path):
    return geopandas.read_parquet(path) if path.suffix == ".parquet" else geopandas.read_file(path)


def mend_values(path):
    """In place: faulty values are replaced, all else stays as it is."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        for row in book.active.iter_rows():
            for cell in row:
                cell.value = MENDED.get(cell.value, cell.value)
        book.save(path)
    elif path.suffix in (".csv", ".kml", ".geojson", ".geojsons"):
        encoding = "gb18030" if path.suffix == ".csv" else "utf-8"
        content = path.read_bytes().decode(encoding)
        for wrong, right in MENDED.items():
            content = content.replace(f'{wrong}"', f'{right}"').replace(f"{wrong};", f"{right};")
            content = content.replace(f">{wrong}<", f">{right}<")
        path.write_bytes(content.encode(encoding))
    else:
        frame = read(path)
        columns = [name for name in ("district", "uscc") if name in frame]
        frame[columns] = frame[columns].replace(MENDED)
        path.unlink()
        write(frame, path)


@pytest.mark.parametrize(
    "ending",
    [".csv", ".xlsx", ".geojson", ".geojsons", ".kml", ".gpkg", ".fgb", ".shp.zip", ".parquet"],
)
def test_rows_with_faulty_values_come_back_mended(desk, ending):
    path = write(FIRMS, desk.folder / f"firms{ending}")
    options = {"constants": KNOWN} | ({"crs": "EPSG:4490"} if ending in (".csv", ".xlsx") else {})
    checked = desk.check("enterprises", path, **options)
    faults = {(each.row, each.rule) for each in checked.ledger.findings if each.is_error}
    first = checked.source.first_row
    assert faults == {(first + 1, "codes"), (first + 2, "pattern")}
    refused = write_refused(checked, desk.folder)
    assert refused.name == f"refused-firms{ending}"
    mend_values(refused)
    again = desk.check("enterprises", refused, **options)
    assert [each for each in again.ledger.findings if each.is_error] == []
    rows = again.rows.select(["name_zh", "district", "uscc", "geom"]).to_pylist()
    assert [(row["district"], row["uscc"]) for row in rows] == [("110108", None), ("110108", CODE)]
    assert [row["name_zh"] for row in rows] == FIRMS["name_zh"][1:].tolist()
    assert shapely.from_wkb([row["geom"] for row in rows]).tolist() == FIRMS.geometry[1:].tolist()
    assert desk.load(again).inserted == 2


@pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".fgb", ".shp.zip", ".parquet"])
def test_rows_with_faulty_shapes_come_back_mended(desk, ending):
    path = write(PARCELS, desk.folder / f"parcels{ending}")
    checked = desk.check("parcels", path, constants=KNOWN, mapping={"parcel_cod": "parcel_code"})
    faults = {(each.row, each.rule) for each in checked.ledger.findings if each.is_error}
    assert faults == {(2, "geometry"), (3, "parcel-code")}
    refused = write_refused(checked, desk.folder)
    frame = read(refused)
    assert frame.geometry.is_valid.tolist() == [False, True]
    frame["parcel_cod"] = ["110108001002GB00124", "110108001002GB00125"]
    frame.geometry = frame.geometry.envelope
    refused.unlink()
    write(frame, refused)
    again = desk.check("parcels", refused, constants=KNOWN, mapping={"parcel_cod": "parcel_code"})
    assert [each for each in again.ledger.findings if each.is_error] == []
    assert desk.load(again).inserted == 2


def test_a_drawing_comes_back_as_a_geopackage(desk):
    """It has no place for values: what it lacks is said for all rows, and its shapes are kept."""
    path = desk.folder / "a.dxf"
    pyogrio.write_dataframe(PARCELS[["geometry"]][:1], path, driver="DXF")
    checked = desk.check("parcels", path, crs="EPSG:4490", constants=KNOWN)
    assert checked.refused.all()
    refused = write_refused(checked, desk.folder)
    frame = (
        read(refused).set_crs("EPSG:4490").assign(parcel_code="110108001002GB00124", name_zh="二")
    )
    refused.unlink()
    write(frame, refused)
    again = desk.check("parcels", refused, crs="EPSG:4490", constants=KNOWN)
    assert [each for each in again.ledger.findings if each.is_error] == []
    assert desk.load(again).inserted == 1
