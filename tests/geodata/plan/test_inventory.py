"""The plan's enterprises, projects and tables, held to the plan's own words and to references."""

import csv
import itertools
import json
import math
import re
from collections import Counter
from pathlib import Path

import geopandas
import pytest
from shapely.geometry import Point, shape

from layers.catalog import CATALOG

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "geodata" / "plan" / "data"
SHARED = ROOT.parent / "shared"

LAYERS = {layer.id: layer for layer in CATALOG}
POINT_LAYERS = ("enterprises", "projects")
TABLES = ("assignments", "indicators", "growth_targets", "mentions")

FIRMS_PER_CLUSTER = {
    "N1": 6, "N2": 5, "N3": 6, "N4": 5, "N5": 6, "N6": 4, "N7": 3, "N8": 6,
    "S1": 3, "S2": 5, "S3": 8, "S4": 5, "S5": 3, "S6": 2,
    "P1": 7, "P2": 8, "P3": 4, "P4": 3, "F1": 9,
}  # fmt: skip

# institution: bodies, markets, alliances; partner_area: regions outside Beijing (八(六));
# space: spatial words without a boundary; facility: kinds of building or site without a place;
# industry: emerging industries and modern services as worded; mechanism: what 八(四) demands.
MENTION_KINDS = {"institution", "partner_area", "space", "facility", "industry", "mechanism"}

NAMED_BUILDINGS = {
    "vimicro": "北航世宁大厦",
    "tongfang": "清华同方科技广场A座",
    "datang": "大唐电信",
    "baofeng": "首享科技大厦",
}

# Longitude and latitude of the address as map providers print them, in their own datum.
PROVIDER_POSITIONS = [
    ("baidu", "bd09", 116.3084202915, 40.0570303335),
    ("kingsoft", "bd09", 116.329304, 40.042514),
    ("digital-china", "gcj02", 116.302994, 40.051304),
    ("sinovac", "gcj02", 116.30791, 40.03258),
    ("motorola", "gcj02", 116.48378, 40.00686),
    ("nortel", "gcj02", 116.48934, 40.0066),
]


def _features(layer_id):
    return json.loads((DATA / f"{layer_id}.geojson").read_text(encoding="utf-8"))["features"]


def _rows(table):
    with (DATA / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _shared(name):
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"reference data absent: {path.name} is not in a folder shared beside the repo")
    return path


FEATURES = {layer_id: _features(layer_id) for layer_id in POINT_LAYERS}
ENTERPRISES = {feature["id"]: feature for feature in FEATURES["enterprises"]}
LOCATED = [
    pytest.param(feature, id=feature["id"])
    for layer_id in POINT_LAYERS
    for feature in FEATURES[layer_id]
    if feature["geometry"]
]
INDICATORS = {(row["key"], row["area"], row["kind"]): row for row in _rows("indicators")}


def _aliases(feature):
    text = feature["properties"].get("aliases")
    return text.split("、") if text else []


def _number(key, area="zgc-zone", kind="target"):
    return float(INDICATORS[key, area, kind]["value_low"])


def _projected(geometries):
    """Geometries in lon-lat degrees as metres of EPSG:4548."""
    return geopandas.GeoSeries(list(geometries), crs="EPSG:4490").to_crs(4548)


def _distance_m(point, geometries):
    series = _projected([point, *geometries])
    return series.iloc[1:].distance(series.iloc[0]).min()


@pytest.fixture(scope="module")
def plan():
    return _shared("plan/zhongguancun-plan-2011-2015.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sections(plan):
    """Section, as `八(一)` or `一(一)3` -> its text, headings included."""
    chapter = section = item = ""
    texts = Counter()
    for line in plan.split("\n"):
        if match := re.match(r"([一二三四五六七八九十]+)、", line):
            chapter, section, item = match[1], "", ""
        elif match := re.match(r"（([一二三四五六七八九十]+)）", line):
            section, item = f"({match[1]})", ""
        elif match := re.match(r"(\d)．", line):
            item = match[1]
        elif line.startswith("大型飞机是《"):
            chapter, section, item = "注1", "", ""
        texts[chapter + section + item] = texts[chapter + section + item] or ""
        texts[chapter + section + item] += line + "\n"
    return dict(texts)


@pytest.fixture(scope="module")
def areas():
    """Areas that enterprises, projects and figures can belong to, by id."""
    return {
        feature["id"]: feature
        for layer in CATALOG
        if layer.is_area
        for feature in _features(layer.id)
    }


@pytest.fixture(scope="module")
def roads():
    table = geopandas.read_file(_shared("data/osm_haidian_roads.geojson"))
    return table.groupby("name").geometry.apply(list).to_dict()


@pytest.fixture(scope="module")
def towns():
    table = geopandas.read_file(_shared("data/geonames_beijing_172.geojson"))
    return dict(zip(table.name_zh.dropna(), table.geometry[table.name_zh.notna()], strict=True))


def test_the_plan_names_97_enterprises_in_98_assignments():
    names = {feature["properties"]["name_zh"] for feature in FEATURES["enterprises"]}
    assert (len(FEATURES["enterprises"]), len(names)) == (97, 97)
    assert len(_rows("assignments")) == 98


def test_every_cluster_has_as_many_enterprises_as_the_plan_names():
    assert Counter(row["plan_cluster"] for row in _rows("assignments")) == FIRMS_PER_CLUSTER


def test_only_shenhua_is_assigned_twice():
    counts = Counter(row["enterprise"] for row in _rows("assignments"))
    assert {firm for firm, count in counts.items() if count > 1} == {"shenhua"}


def test_an_enterprise_carries_its_first_assignment():
    first = {row["enterprise"]: row for row in reversed(_rows("assignments"))}
    for firm, feature in ENTERPRISES.items():
        properties = feature["properties"]
        expected = {name: first[firm][name] for name in ("area", "plan_cluster", "section")}
        assert {name: properties[name] for name in expected} == expected, firm


def test_there_are_44_indicators_with_one_row_per_key_area_and_kind():
    assert len(_rows("indicators")) == len(INDICATORS) == 44


@pytest.mark.parametrize("layer_id", POINT_LAYERS)
def test_properties_are_declared_attributes_in_declaration_order(layer_id):
    declared = [attribute.name for attribute in LAYERS[layer_id].all_attributes]
    required = {a.name for a in LAYERS[layer_id].all_attributes if a.required}
    for feature in FEATURES[layer_id]:
        given = list(feature["properties"])
        assert given == [name for name in declared if name in given], feature["id"]
        assert required <= set(given), feature["id"]


@pytest.mark.parametrize("layer_id", POINT_LAYERS)
def test_values_meet_the_codes_lengths_and_uniqueness_declared(layer_id):
    for attribute in LAYERS[layer_id].all_attributes:
        found = [
            feature["properties"][attribute.name]
            for feature in FEATURES[layer_id]
            if attribute.name in feature["properties"]
        ]
        assert None not in found, attribute.name
        assert "" not in found, attribute.name
        if attribute.codes is not None:
            assert set(found) <= set(attribute.codes), attribute.name
        if attribute.unique:
            assert len(set(found)) == len(found), attribute.name
        assert max((len(str(value)) for value in found), default=0) <= attribute.max_length


def test_ids_are_lower_kebab_case_and_shared_by_no_two_features(areas):
    ids = [feature["id"] for layer_id in POINT_LAYERS for feature in FEATURES[layer_id]]
    assert [name for name, count in Counter([*ids, *areas]).items() if count > 1] == []
    assert [name for name in ids if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)] == []


def test_every_referred_area_and_enterprise_exists(areas):
    referred = [feature["properties"]["area"] for items in FEATURES.values() for feature in items]
    referred += [row["area"] for table in ("assignments", "indicators") for row in _rows(table)]
    assert set(referred) - set(areas) == set()
    firms = {
        row["enterprise"] for table in ("assignments", "growth_targets") for row in _rows(table)
    }
    assert firms - {""} - set(ENTERPRISES) == set()
    assert {row["feature"] for row in _rows("mentions")} - {""} - set(areas) == set()


def test_names_and_aliases_lead_to_one_enterprise():
    owners = Counter(
        name
        for feature in FEATURES["enterprises"]
        for name in {feature["properties"]["name_zh"], *_aliases(feature)}
    )
    assert [name for name, count in owners.items() if count > 1] == []


@pytest.mark.parametrize(
    ("wording", "firm"),
    [
        ("百度在线", "baidu"),
        ("用友软件", "yonyou"),
        ("大唐电信", "datang"),
        ("同方股份", "tongfang"),
        ("联想集团", "lenovo"),
        ("未名凯拓", "weiming-kaituo"),
        ("钢研高纳", "gaona"),
    ],
)
def test_another_wording_of_a_firm_is_among_its_aliases(wording, firm):
    assert wording in _aliases(ENTERPRISES[firm])


def test_growth_targets_name_the_enterprise_exactly_where_a_name_or_alias_does():
    owner = {
        name: firm
        for firm, feature in ENTERPRISES.items()
        for name in (feature["properties"]["name_zh"], *_aliases(feature))
    }
    for row in _rows("growth_targets"):
        assert row["enterprise"] == owner.get(row["name"], ""), row["name"]


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        ("target", {"千亿元级": 2, "五百亿元级": 3, "百亿元级": 6, "五十亿元级": 4}),
        ("baseline", {"千亿元级": 1, "百亿元级": 3, "十亿元级": 11}),
    ],
)
def test_growth_classes_hold_as_many_firms_as_the_plan_names(kind, counts):
    found = Counter(row["target"] for row in _rows("growth_targets") if row["kind"] == kind)
    assert found == counts


def test_mentions_are_of_the_closed_kinds_and_named_once_each():
    rows = _rows("mentions")
    assert {row["kind"] for row in rows} == MENTION_KINDS
    assert max(Counter((row["kind"], row["name_zh"]) for row in rows).values()) == 1


@pytest.mark.parametrize("layer_id", POINT_LAYERS)
def test_a_feature_is_named_in_the_very_words_it_quotes(layer_id, plan):
    for feature in FEATURES[layer_id]:
        properties = feature["properties"]
        quote = re.search("“(.*)”", properties["source"])[1]
        names = [properties["name_zh"]]
        if layer_id == "projects":  # the readable name, or the plan's own word
            names += _aliases(feature)
        assert quote in plan, feature["id"]
        assert any(name.replace("“", "").replace("”", "") in re.sub("[“”]", "", quote)
                   for name in names), feature["id"]  # fmt: skip


@pytest.mark.parametrize("layer_id", POINT_LAYERS)
def test_a_feature_quotes_the_section_it_names(layer_id, sections):
    for feature in FEATURES[layer_id]:
        properties = feature["properties"]
        section, quote = re.fullmatch("规划 (.+?)：“(.*)”", properties["source"]).groups()
        assert section == properties["section"], feature["id"]
        assert quote in sections[section], feature["id"]


@pytest.mark.parametrize("table", TABLES)
def test_a_row_quotes_a_section_it_names(table, sections):
    for row in _rows(table):
        texts = [sections[section] for section in row["section"].split("+")]
        assert any(row["quote"] in text for text in texts), row


def test_an_assignment_quotes_the_words_that_name_the_enterprise():
    for row in _rows("assignments"):
        name = ENTERPRISES[row["enterprise"]]["properties"]["name_zh"]
        assert name in row["quote"], name


def test_what_is_mentioned_or_targeted_is_named_in_its_quote(plan):
    for row in _rows("growth_targets"):
        assert row["name"] in row["quote"], row["name"]
    for row in _rows("mentions"):
        named = row["kind"] == "mechanism" or row["name_zh"] in row["quote"]
        assert named or row["name_zh"] in plan, row["name_zh"]


def test_an_indicator_quotes_its_own_figure():
    for row in INDICATORS.values():
        for value in (row["value_low"], row["value_high"]):
            forms = [value]
            if float(value) >= 10_000:
                forms.append(f"{float(value) / 10_000:g}万")
            pattern = "|".join(rf"(?<![\d.]){re.escape(form)}(?![\d.])" for form in forms)
            assert re.search(pattern, row["quote"]), (row["key"], value)


def test_an_indicator_is_a_range_exactly_where_its_ends_differ():
    for row in INDICATORS.values():
        low, high = float(row["value_low"]), float(row["value_high"])
        assert low <= high
        assert (low < high) == (row["qualifier"] == "range"), row["key"]
        assert row["qualifier"] in {"eq", "ge", "approx", "range"}


def test_figures_below_the_zone_are_only_those_the_plan_gives():
    below = {(key, area) for key, area, _ in INDICATORS if area != "zgc-zone"}
    assert below == {
        ("total_revenue", "zgc-science-city"),
        ("total_revenue", "north"),
        ("total_revenue", "south"),
        ("new_global_firms", "zgc-science-city"),
        ("univ_211", "core-area"),
        ("univ_985", "core-area"),
    }


def test_revenue_targets_of_science_city_north_and_south_add_up_to_the_zone():
    parts = [_number("total_revenue", area) for area in ("zgc-science-city", "north", "south")]
    assert sum(parts) == _number("total_revenue")


def test_revenue_floor_and_growth_floor_are_two_targets():
    start, end = _number("total_revenue", kind="baseline"), _number("total_revenue")
    assert (end / start) ** (1 / 5) - 1 == pytest.approx(0.135, abs=5e-4)
    assert start * (1 + _number("revenue_growth") / 100) ** 5 == pytest.approx(3.198, abs=5e-4)


def test_research_spending_was_a_third_of_the_intensity_aimed_at():
    revenue = _number("total_revenue", kind="baseline") * 10_000
    spending = _number("rd_spend", kind="baseline")
    assert spending / revenue * 100 == pytest.approx(1.6, abs=0.05)
    assert _number("rd_intensity") == 5


def test_ten_hundred_thousand_firms_earned_35_percent_of_revenue(plan):
    revenue = _number("total_revenue", kind="baseline") * 10_000
    share = _number("sbq_revenue", kind="baseline") / revenue
    assert f"占中关村总收入的{share:.0%}" in plan


@pytest.mark.parametrize("layer_id", POINT_LAYERS)
def test_accuracy_and_location_source_stand_exactly_where_a_position_does(layer_id):
    for feature in FEATURES[layer_id]:
        properties = feature["properties"]
        located = feature["geometry"] is not None
        assert ("accuracy_m" in properties) == located, feature["id"]
        assert ("location_source" in properties) == located, feature["id"]
        assert ("district" in properties) == located, feature["id"]


@pytest.mark.parametrize("feature", LOCATED)
def test_a_position_is_a_point_with_at_most_five_decimals(feature):
    assert feature["geometry"]["type"] == "Point"
    coordinates = feature["geometry"]["coordinates"]
    assert [round(value, 5) for value in coordinates] == coordinates
    assert feature["properties"]["accuracy_m"] >= 100  # nothing here was surveyed


def test_positions_lie_within_beijing():
    path = _shared("data/osm_beijing_outline_rel912940.geojson")
    beijing = geopandas.read_file(path).geometry.union_all()
    points = {feature.id: shape(feature.values[0]["geometry"]) for feature in LOCATED}
    assert [name for name, point in points.items() if not beijing.contains(point)] == []


@pytest.mark.parametrize("feature", LOCATED)
def test_a_position_lies_in_the_stated_district_within_its_accuracy(feature):
    outlines = pytest.importorskip("GeoToolCN", reason="extra `districts` is not installed")
    lon, lat = feature["geometry"]["coordinates"]
    reach = feature["properties"]["accuracy_m"] / 111_000
    around = [(0.0, 0.0)] + [
        (radius * math.cos(turn * math.pi / 4), radius * math.sin(turn * math.pi / 4))
        for radius, turn in itertools.product((reach / 2, reach), range(8))
    ]
    found = [
        outlines.reverse(lat + north, lon + east / math.cos(math.radians(lat)))
        for east, north in around
    ]
    codes = {place.district.code for place in found if place.district}
    assert feature["properties"]["district"] in codes


@pytest.mark.parametrize(("firm", "building"), NAMED_BUILDINGS.items())
def test_a_position_lies_at_the_building_of_that_name(firm, building):
    table = geopandas.read_file(_shared("data/osm_haidian_buildings.geojson"))
    mapped = list(table.geometry[table.name == building])
    point = shape(ENTERPRISES[firm]["geometry"])
    assert _distance_m(point, mapped) <= ENTERPRISES[firm]["properties"]["accuracy_m"]


@pytest.mark.parametrize(("firm", "datum", "lon", "lat"), PROVIDER_POSITIONS)
def test_a_position_is_that_of_a_map_provider_freed_of_its_shift(firm, datum, lon, lat):
    conversions = pytest.importorskip("GeoToolCN", reason="extra `districts` is not installed")
    freed = getattr(conversions, f"{datum}_to_wgs84")(lon, lat)
    point = shape(ENTERPRISES[firm]["geometry"])
    accuracy = ENTERPRISES[firm]["properties"]["accuracy_m"]
    assert _distance_m(point, [Point(freed)]) <= accuracy
    assert _distance_m(point, [Point(lon, lat)]) > accuracy


def test_positions_lie_at_the_street_of_their_address(roads):
    streets = re.compile("(" + "|".join(sorted(map(re.escape, roads), key=len)[::-1]) + r")\d")
    astray, checked = [], 0
    for feature in ENTERPRISES.values():
        if match := streets.search(feature["properties"].get("address", "")):
            checked += 1
            distance = _distance_m(shape(feature["geometry"]), roads[match[1]])
            if distance > feature["properties"]["accuracy_m"]:
                astray.append((feature["id"], match[1], round(distance)))
    assert astray == []
    assert checked >= 15


def test_positions_lie_in_the_base_that_their_address_names(areas):
    bases = {
        name: area
        for area in areas.values()
        if area["geometry"]
        for name in (area["properties"]["name_zh"], *_aliases(area))
        if len(name) > 4
    }
    astray, checked = [], 0
    for feature in ENTERPRISES.values():
        address = feature["properties"].get("address", "")
        for area in {bases[name]["id"]: bases[name] for name in bases if name in address}.values():
            checked += 1
            reach = feature["properties"]["accuracy_m"] + area["properties"]["accuracy_m"]
            distance = _distance_m(shape(feature["geometry"]), [shape(area["geometry"])])
            if distance > reach:
                astray.append((feature["id"], area["id"], round(distance)))
    assert astray == []
    assert checked >= 12


def test_positions_lie_at_the_town_of_their_address(towns):
    astray, checked = [], 0
    for feature in ENTERPRISES.values():
        address = feature["properties"].get("address", "")
        for name in towns:
            if name.endswith(("镇", "乡")) and name in address:
                checked += 1
                distance = _distance_m(shape(feature["geometry"]), [towns[name]])
                if distance > feature["properties"]["accuracy_m"]:
                    astray.append((feature["id"], name, round(distance)))
    assert astray == []
    assert checked >= 1
