"""The plan's areas say what the plan says and lie where their own accuracy claims."""

import csv
import importlib.util
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import shapely
from pyproj import Geod, Transformer
from shapely.geometry import Point, box, shape
from shapely.geometry.base import BaseGeometry

from layers.catalog import CATALOG
from layers.common import AREA_LAYERS

REPOSITORY = Path(__file__).parents[3]
DATA = REPOSITORY / "geodata" / "plan" / "data"
SHARED = REPOSITORY.parent / "shared"
PLAN = SHARED / "plan" / "zhongguancun-plan-2011-2015.txt"
REFERENCE = SHARED / "data"

LAYERS = (*AREA_LAYERS, "districts")
PLAIN = Transformer.from_crs("EPSG:4490", "EPSG:4548", always_xy=True)
GEOD = Geod(ellps="GRS80")

# id -> (parent, counted in, level), as the plan words it
HIERARCHY = {
    "zgc-zone": (None, None, 0),
    "core-area": ("zgc-zone", None, 1),
    "zgc-science-city": ("core-area", "zgc-zone", 2),
    "future-science-city": ("zgc-zone", "north", 1),
    "north": ("zgc-zone", "zgc-zone", 1),
    "south": ("zgc-zone", "zgc-zone", 1),
    "haidian-park": ("zgc-zone", None, 2),
    "changping-park": ("zgc-zone", None, 2),
    "fengtai-park": ("south", "south", 2),
    "yizhuang-park": ("south", "south", 2),
    "tongzhou-park": ("south", "south", 2),
    "xingwang-park": ("south", "yizhuang-park", 3),
    "special-parks": ("zgc-zone", "zgc-zone", 1),
    "dianzicheng": ("special-parks", "special-parks", 2),
    "desheng-park": ("special-parks", "special-parks", 2),
    "yonghe-park": ("special-parks", "special-parks", 2),
    "shijingshan-park": ("special-parks", "special-parks", 2),
    "beijing-development-area": ("south", None, 2),
    "national-engineering-base": ("north", "north", 2),
    "zgc-software-park": ("north", "north", 2),
    "life-science-park": ("north", "north", 2),
    "environment-park": ("north", "north", 2),
    "innovation-park": ("north", "north", 2),
    "yongfeng-base": ("north", "north", 2),
    "shunyi-aviation-park": ("north", "north", 2),
    "daxing-biomedicine-base": ("south", "south", 2),
    "fangshan-petrochemical-base": ("south", "south", 2),
    "china-digital-harbour": ("dianzicheng", "dianzicheng", 3),
    "national-game-animation-base": ("shijingshan-park", "shijingshan-park", 3),
    "esports-centre": ("shijingshan-park", "shijingshan-park", 3),
    "national-animation-base": ("shijingshan-park", "shijingshan-park", 3),
    "aerospace-innovation-park": ("zgc-science-city", "zgc-science-city", 3),
    "aviation-park": ("zgc-science-city", "zgc-science-city", 3),
    "defence-park": ("zgc-science-city", "zgc-science-city", 3),
    "iot-tower": ("zgc-science-city", "zgc-science-city", 3),
    "cloud-tower": ("zgc-science-city", "zgc-science-city", 3),
    "beidou-tower": ("zgc-science-city", "zgc-science-city", 3),
    "talent-tower": ("zgc-science-city", "zgc-science-city", 3),
    "tsinghua-institute": ("zgc-science-city", "zgc-science-city", 3),
    "pku-institute": ("zgc-science-city", "zgc-science-city", 3),
    "beihang-institute": ("zgc-science-city", "zgc-science-city", 3),
    "bit-institute": ("zgc-science-city", "zgc-science-city", 3),
    "zhongguancun-street": ("zgc-science-city", None, 3),
    "zhichun-road": ("zgc-science-city", None, 3),
    "xueyuan-road": ("zgc-science-city", None, 3),
    "beiqing-qibei-corridor": ("north", None, 2),
}
COUNTS = {
    "demonstration_zone": 2,
    "science_cities": 2,
    "clusters": 2,
    "sub_parks": 12,
    "bases": 13,
    "innovation_sites": 11,
    "axes": 4,
    "districts": 16,
}
NOT_LOCATED = {
    "aviation-park",
    "iot-tower",
    "cloud-tower",
    "beidou-tower",
    "talent-tower",
    "esports-centre",
    "national-animation-base",
}
# 中关村国家自主创新示范区条例 art 3
REGULATION_PARKS = {
    "haidian-park",
    "fengtai-park",
    "changping-park",
    "dianzicheng",
    "yizhuang-park",
    "desheng-park",
    "shijingshan-park",
    "yonghe-park",
    "tongzhou-park",
    "daxing-biomedicine-base",
}
COMPOSED = {
    "special-parks": ("dianzicheng", "desheng-park", "yonghe-park", "shijingshan-park"),
    "core-area": ("haidian-park",),
    "zgc-zone": (
        *sorted(REGULATION_PARKS),
        "life-science-park",
        "future-science-city",
        "shunyi-aviation-park",
        "fangshan-petrochemical-base",
    ),
}
# Ground shared by areas neither of which is the other's ancestor: inner, outer
NESTED = {
    ("zgc-science-city", "haidian-park"),
    ("zgc-software-park", "haidian-park"),
    ("environment-park", "haidian-park"),
    ("innovation-park", "haidian-park"),
    ("yongfeng-base", "haidian-park"),
    ("haidian-park", "core-area"),
    ("zgc-software-park", "core-area"),
    ("environment-park", "core-area"),
    ("innovation-park", "core-area"),
    ("yongfeng-base", "core-area"),
    ("changping-park", "north"),
    ("national-engineering-base", "changping-park"),
    ("yizhuang-park", "beijing-development-area"),
    ("xingwang-park", "beijing-development-area"),
}
PARTLY_SHARED = {("core-area", "north"), ("haidian-park", "north")}
# The belts reach beyond the parks of the zone; 中国动漫游戏城 lies across the district line
BEYOND_THE_AREA_IT_COUNTS_IN = {"north", "south", "national-game-animation-base"}
# Where an area of the Haidian park or the Science City ends, on the word of its own source
ROADS = "osm_haidian_roads.geojson"
STATIONS = "osm_haidian_stations.geojson"
WATER = "osm_haidian_water.geojson"
BUILDINGS = "osm_haidian_buildings.geojson"
TOWNS = "geonames_beijing_172.geojson"
BOUNDED_BY = [
    ("zgc-science-city", "北五环", (116.280, 40.000, 116.345, 40.100)),
    ("zgc-science-city", "京藏高速", (116.300, 39.968, 116.400, 40.020)),
    ("zgc-science-city", "北三环", (116.366, 39.900, 116.373, 40.000)),
    ("zgc-science-city", "新街口外大街", (116.300, 39.949, 116.400, 39.966)),
    ("desheng-park", "新街口外大街", (116.300, 39.949, 116.400, 39.966)),
    ("zgc-software-park", "上地西路", (116.290, 40.042, 116.300, 40.048)),
]
NEAR = [
    ("tsinghua-institute", WATER, "水木清华池"),
    ("pku-institute", WATER, "未名湖"),
    ("beihang-institute", BUILDINGS, "北航图书馆"),
    ("bit-institute", STATIONS, "魏公村"),
    ("aerospace-innovation-park", ROADS, "知春路"),
    ("aerospace-innovation-park", ROADS, "中关村南三街"),
    ("defence-park", ROADS, "西三环北路"),
    ("zgc-software-park", ROADS, "上地西路"),
    ("desheng-park", ROADS, "德胜门外大街"),
    ("desheng-park", STATIONS, "积水潭"),
    ("beiqing-qibei-corridor", TOWNS, "北七家镇"),
    ("national-engineering-base", TOWNS, "南邵镇"),
    ("changping-park", TOWNS, "城南"),
    ("dianzicheng", TOWNS, "望京街道"),
    ("china-digital-harbour", TOWNS, "望京街道"),
    ("fengtai-park", TOWNS, "新村街道"),
    ("shijingshan-park", TOWNS, "八宝山街道"),
    ("shunyi-aviation-park", TOWNS, "顺义"),
    ("daxing-biomedicine-base", TOWNS, "北臧镇"),
    ("fangshan-petrochemical-base", TOWNS, "向阳街道"),
]
AXES = [
    ("zhongguancun-street", ("中关村南大街", "中关村大街", "中关村北大街"), "中关村大街"),
    ("zhichun-road", ("知春路",), "知春路"),
    ("xueyuan-road", ("学院路",), "学院路"),
]
SCIENCE_CITY_STATIONS = (
    "五道口",
    "知春路",
    "知春里",
    "人民大学",
    "大钟寺",
    "魏公村",
    "西土城",
    "学院桥",
    "六道口",
    "蓟门桥",
    "牡丹园",
    "清华东路西口",
)


def _load(layer: str) -> list[dict[str, Any]]:
    collection = json.loads((DATA / f"{layer}.geojson").read_text(encoding="utf-8"))
    assert collection["type"] == "FeatureCollection"
    assert collection["name"] == layer
    features: list[dict[str, Any]] = collection["features"]
    return features


FEATURES = {layer: _load(layer) for layer in LAYERS}
BY_ID = {feature["id"]: feature for features in FEATURES.values() for feature in features}
AREAS = {
    feature["id"]: feature["properties"] for layer in AREA_LAYERS for feature in FEATURES[layer]
}
LOCATED = sorted(id_ for id_, feature in BY_ID.items() if feature["geometry"] is not None)
POLYGONS = [id_ for id_ in LOCATED if BY_ID[id_]["geometry"]["type"] == "MultiPolygon"]


def _metric(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.transform(geometry, PLAIN.transform, interleaved=False)


@cache
def _metric_shape(id_: str) -> BaseGeometry:
    return _metric(shape(BY_ID[id_]["geometry"]))


def _shared(path: Path) -> Path:
    if not path.is_file():
        pytest.skip(f"{path.name} is not in the folder `shared` beside the repository")
    return path


@cache
def _named(file: str, *names: str) -> BaseGeometry:
    """Union of the reference features of these names, degrees."""
    collection = json.loads((REFERENCE / file).read_text(encoding="utf-8"))
    found = [
        shape(feature["geometry"])
        for feature in collection["features"]
        if feature["properties"].get("name_zh", feature["properties"].get("name")) in names
    ]
    assert found, f"{file} holds no {names}"
    return shapely.union_all(found)


def _farthest(line: BaseGeometry, target: BaseGeometry) -> float:
    """How far the farthest point of a line lies from a target, both in metres."""
    shapely.prepare(target)
    points = shapely.points(shapely.get_coordinates(shapely.segmentize(line, 20)))
    return float(shapely.distance(points, target).max())


def _ancestors(id_: str, link: str) -> list[str]:
    chain: list[str] = []
    while (up := AREAS[id_].get(link)) is not None:
        assert up not in chain, f"{id_}: {link} runs in a circle"
        chain.append(up)
        id_ = up
    return chain


def _quotes(source: str) -> list[tuple[str, str]]:
    return re.findall(r"规划 ([^：]+)：“(.+?)”(?=；规划 |。注：|$)", source)


def test_every_area_the_plan_names_is_there_once() -> None:
    assert {layer: len(features) for layer, features in FEATURES.items()} == COUNTS
    assert set(AREAS) == set(HIERARCHY)
    assert len(BY_ID) == sum(COUNTS.values())


@pytest.mark.parametrize("id_", HIERARCHY)
def test_each_area_hangs_where_the_plan_puts_it(id_: str) -> None:
    properties = AREAS[id_]
    assert (
        properties.get("parent"),
        properties.get("counted_in"),
        properties["level"],
    ) == HIERARCHY[id_]


@pytest.mark.parametrize("link", ["parent", "counted_in"])
@pytest.mark.parametrize("id_", HIERARCHY)
def test_the_hierarchy_has_no_circle_and_ends_at_the_zone(id_: str, link: str) -> None:
    chain = _ancestors(id_, link)
    assert chain == [] or chain[-1] == "zgc-zone"
    assert link == "counted_in" or chain or id_ == "zgc-zone"


def test_the_science_city_and_the_belts_add_up_to_the_zone() -> None:
    counted = {id_ for id_, area in AREAS.items() if area.get("counted_in") == "zgc-zone"}
    assert counted == {"zgc-science-city", "north", "south", "special-parks"}


@pytest.mark.parametrize(
    "id_", ["core-area", "haidian-park", "changping-park", "beijing-development-area"]
)
def test_an_area_counted_nowhere_says_why(id_: str) -> None:
    assert "故不计入任何区域" in AREAS[id_]["source"]


def test_the_ten_parks_of_the_regulation_are_marked() -> None:
    marked = {id_ for id_, area in AREAS.items() if area.get("in_regulation")}
    assert marked == REGULATION_PARKS


@pytest.mark.parametrize("id_", HIERARCHY)
def test_each_quotation_stands_in_the_plan(id_: str) -> None:
    plan = _shared(PLAN).read_text(encoding="utf-8")
    source = AREAS[id_]["source"]
    quotes = _quotes(source)
    assert source.count("规划 ") == len(quotes) > 0
    assert [quote for _, quote in quotes if quote not in plan] == []
    assert AREAS[id_]["section"] in [section for section, _ in quotes]


@pytest.mark.parametrize("id_", HIERARCHY)
def test_the_plan_names_each_area_in_its_quotation(id_: str) -> None:
    area = AREAS[id_]
    names = [area["name_zh"], *area.get("aliases", "").split("、")]
    words = "".join(quote for _, quote in _quotes(area["source"]))
    assert any(name and name in words for name in names)


@pytest.mark.parametrize("layer", LAYERS)
def test_properties_are_the_declared_ones_in_their_order(layer: str) -> None:
    attributes = CATALOG.get(layer).all_attributes
    declared = [attribute.name for attribute in attributes]
    required = {attribute.name for attribute in attributes if attribute.required}
    for feature in FEATURES[layer]:
        names = list(feature["properties"])
        assert names == [name for name in declared if name in names], feature["id"]
        assert required.issubset(names), feature["id"]
        assert None not in feature["properties"].values(), feature["id"]


@pytest.mark.parametrize("layer", LAYERS)
def test_values_follow_the_declared_rules(layer: str) -> None:
    for attribute in CATALOG.get(layer).all_attributes:
        for feature in FEATURES[layer]:
            value = feature["properties"].get(attribute.name)
            where = (feature["id"], attribute.name, value)
            if value is None:
                continue
            if attribute.codes is not None:
                assert value in attribute.codes.codes, where
            if attribute.references:
                assert value in AREAS, where
            if isinstance(value, str):
                assert len(value) <= attribute.max_length, where
            if attribute.pattern is not None:
                assert re.fullmatch(attribute.pattern, value), where


@pytest.mark.parametrize("id_", HIERARCHY)
def test_areas_date_from_the_first_day_of_the_plan_and_are_sketches(id_: str) -> None:
    assert AREAS[id_]["as_of"] == "2011-01-01"
    assert AREAS[id_]["boundary_status"] == "schematic"


def test_what_is_not_known_stays_without_a_place() -> None:
    assert {id_ for id_ in AREAS if BY_ID[id_]["geometry"] is None} == NOT_LOCATED


@pytest.mark.parametrize("id_", HIERARCHY)
def test_a_place_comes_with_its_accuracy_and_its_source(id_: str) -> None:
    located = BY_ID[id_]["geometry"] is not None
    assert ("accuracy_m" in AREAS[id_]) is located
    assert ("location_source" in AREAS[id_]) is located


@pytest.mark.parametrize("layer", LAYERS)
def test_geometries_are_of_the_declared_type(layer: str) -> None:
    types = {f["geometry"]["type"] for f in FEATURES[layer] if f["geometry"] is not None}
    assert types <= {CATALOG.get(layer).geometry.value}


@pytest.mark.parametrize("id_", LOCATED)
def test_geometries_are_valid_and_written_as_geojson_asks(id_: str) -> None:
    geometry = shape(BY_ID[id_]["geometry"])
    assert geometry.is_valid
    assert not geometry.is_empty
    coordinates = shapely.get_coordinates(geometry)
    assert (coordinates.round(5) == coordinates).all()
    for polygon in getattr(geometry, "geoms", ()) if id_ in POLYGONS else ():
        assert polygon.exterior.is_ccw
        assert 4 <= len(polygon.exterior.coords) - 1 <= 40


@pytest.mark.parametrize("id_", LOCATED)
def test_areas_lie_in_beijing(id_: str) -> None:
    path = _shared(REFERENCE / "osm_beijing_outline_rel912940.geojson")
    outline = json.loads(path.read_text(encoding="utf-8"))
    beijing = shapely.union_all([shape(f["geometry"]) for f in outline["features"]])
    assert beijing.contains(shape(BY_ID[id_]["geometry"]))


@pytest.mark.skipif(
    importlib.util.find_spec("GeoToolCN") is None,
    reason="district outlines come from the optional package geotool-cn",
)
@pytest.mark.parametrize("id_", [id_ for id_ in LOCATED if "district" in AREAS[id_]])
def test_areas_lie_in_the_district_they_state(id_: str) -> None:
    import GeoToolCN

    code, accuracy = AREAS[id_]["district"], AREAS[id_]["accuracy_m"]
    geometry = shape(BY_ID[id_]["geometry"])

    def inside(lon: float, lat: float) -> bool:
        return bool(GeoToolCN.is_in_region(lat, lon, code))

    def nearly_inside(lon: float, lat: float) -> bool:
        ring = (GEOD.fwd(lon, lat, bearing, accuracy)[:2] for bearing in range(0, 360, 15))
        return inside(lon, lat) or any(inside(*point) for point in ring)

    middle = geometry.representative_point()
    assert inside(middle.x, middle.y)
    for lon, lat in shapely.get_coordinates(geometry):
        assert nearly_inside(lon, lat), (lon, lat)


@pytest.mark.parametrize(("id_", "roads", "whole"), AXES)
def test_axes_follow_the_roads_of_their_name(id_: str, roads: tuple[str, ...], whole: str) -> None:
    _shared(REFERENCE / ROADS)
    accuracy = AREAS[id_]["accuracy_m"]
    axis = _metric_shape(id_)
    assert _farthest(axis, _metric(_named(ROADS, *roads))) <= accuracy
    assert _farthest(_metric(_named(ROADS, whole)), axis) <= accuracy


@pytest.mark.parametrize(("id_", "file", "name"), NEAR)
def test_no_place_claims_more_accuracy_than_it_has(id_: str, file: str, name: str) -> None:
    _shared(REFERENCE / file)
    error = _metric_shape(id_).distance(_metric(_named(file, name)))
    assert error <= AREAS[id_]["accuracy_m"]


@pytest.mark.parametrize(("id_", "road", "bounds"), BOUNDED_BY)
def test_boundaries_follow_the_roads_they_name(
    id_: str, road: str, bounds: tuple[float, float, float, float]
) -> None:
    _shared(REFERENCE / ROADS)
    stretch = _named(ROADS, road).intersection(box(*bounds))
    assert not stretch.is_empty
    error = _farthest(_metric(stretch), _metric_shape(id_).boundary)
    assert error <= AREAS[id_]["accuracy_m"]


@pytest.mark.parametrize("station", SCIENCE_CITY_STATIONS)
def test_the_stations_of_the_three_axes_lie_in_the_science_city(station: str) -> None:
    _shared(REFERENCE / STATIONS)
    assert _metric_shape("zgc-science-city").contains(_metric(_named(STATIONS, station)))


@pytest.mark.parametrize("id_", [i for i in POLYGONS if "counted_in" in AREAS[i]])
def test_an_area_lies_in_the_area_it_counts_in(id_: str) -> None:
    outer = _metric_shape(AREAS[id_]["counted_in"])
    if id_ in BEYOND_THE_AREA_IT_COUNTS_IN:
        assert not outer.contains(_metric_shape(id_))
    else:
        assert outer.buffer(1).contains(_metric_shape(id_))


@pytest.mark.parametrize("id_", [i for i in LOCATED if BY_ID[i]["geometry"]["type"] == "Point"])
def test_sites_lie_in_the_science_city(id_: str) -> None:
    assert _metric_shape("zgc-science-city").contains(_metric_shape(id_))


@pytest.mark.parametrize(("inner", "outer"), sorted(NESTED))
def test_nested_areas_lie_one_in_the_other(inner: str, outer: str) -> None:
    assert _metric_shape(outer).buffer(1).contains(_metric_shape(inner))


def test_no_other_areas_share_ground() -> None:
    related = {
        frozenset((id_, up))
        for id_ in AREAS
        for link in ("parent", "counted_in")
        for up in _ancestors(id_, link)
    }
    related |= {frozenset(pair) for pair in NESTED | PARTLY_SHARED}
    shared = {
        (a, b)
        for a in POLYGONS
        for b in POLYGONS
        if a < b
        and "zgc-zone" not in (a, b)
        and frozenset((a, b)) not in related
        and _metric_shape(a).intersection(_metric_shape(b)).area > 100
    }
    assert shared == set()


@pytest.mark.parametrize("id_", COMPOSED)
def test_a_composed_area_is_the_union_of_its_parts(id_: str) -> None:
    parts = shapely.union_all([_metric_shape(part) for part in COMPOSED[id_]])
    difference = _metric_shape(id_).symmetric_difference(parts)
    assert difference.area < 100


@pytest.mark.parametrize("id_", [i for i in LOCATED if "published_area_km2" in AREAS[i]])
def test_sketches_have_about_the_published_area(id_: str) -> None:
    computed = abs(GEOD.geometry_area_perimeter(shape(BY_ID[id_]["geometry"]))[0]) / 1e6
    published = AREAS[id_]["published_area_km2"]
    assert published / 1.4 <= computed <= published * 1.4


@pytest.mark.parametrize(
    ("id_", "zone"),
    [("zgc-science-city", "中关村科学城(2017前)"), ("shijingshan-park", "石景山园(设立时)")],
)
def test_published_areas_are_those_of_the_reference_table(id_: str, zone: str) -> None:
    path = _shared(REFERENCE / "zgc_zone_area_figures.csv")
    with path.open(encoding="utf-8", newline="") as file:
        figures = {row["zone"]: row["area_km2"] for row in csv.DictReader(file)}
    assert AREAS[id_]["published_area_km2"] == float(figures[zone])


def test_the_zone_has_the_area_it_had_until_the_end_of_2012() -> None:
    assert AREAS["zgc-zone"]["published_area_km2"] == 233
    assert "488" in AREAS["zgc-zone"]["published_area_source"]


def test_districts_are_the_sixteen_of_the_reference_table() -> None:
    path = _shared(REFERENCE / "beijing_areas_codes.csv")
    with path.open(encoding="utf-8", newline="") as file:
        expected = {f"district-{row['code']}": row["name"] for row in csv.DictReader(file)}
    found = {f["id"]: f["properties"]["name_zh"] for f in FEATURES["districts"]}
    assert found == expected
    assert all(f["id"] == f"district-{f['properties']['code']}" for f in FEATURES["districts"])


def test_districts_carry_no_outline() -> None:
    assert {f["geometry"] is None for f in FEATURES["districts"]} == {True}


@pytest.mark.parametrize(
    ("code", "former"),
    [("110101", "崇文区"), ("110102", "宣武区"), ("110118", "密云县"), ("110119", "延庆县")],
)
def test_districts_answer_to_their_former_names(code: str, former: str) -> None:
    assert former in BY_ID[f"district-{code}"]["properties"]["aliases"].split("、")


def test_the_measured_point_is_where_the_projection_should_put_it() -> None:
    assert _metric(Point(116.315, 39.983)).distance(Point(441490.4587, 4427866.1892)) < 0.001
