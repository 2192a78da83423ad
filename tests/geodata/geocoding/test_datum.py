"""Golden values, the independent library `prcoords`, and round trips over Beijing."""

import json
import time
from collections.abc import Callable
from functools import partial

import click
import numpy as np
import prcoords
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import Geod

from geodata.geocoding.datum import Datum, Points, convert, shift_wkb, transform_geometry

CGCS2000, GCJ02, BD09 = Datum.CGCS2000, Datum.GCJ02, Datum.BD09
ELLIPSOID = Geod(ellps="GRS80")
WEST, SOUTH, EAST, NORTH = 115.4, 39.4, 117.6, 41.1
"""Beijing."""

GOLDEN = [
    ((116.315, 39.983), (116.321113980, 39.984289725), (116.327697985, 39.990104135)),
    ((116.506, 39.795), (116.511969904, 39.796196621), (116.518346718, 39.802510865)),
    ((116.3975, 39.9087), (116.403743573, 39.910103499), (116.410116587, 39.916442750)),
]

Oracle = Callable[[tuple[float, float]], tuple[float, float]]

beijing = arrays(
    np.float64,
    st.tuples(st.integers(1, 20), st.just(2)),
    elements=st.floats(0, 1),
).map(lambda unit: unit * (EAST - WEST, NORTH - SOUTH) + (WEST, SOUTH))


def metres(some: Points, others: Points) -> Points:
    """Geodesic distances, row by row."""
    distances: Points = ELLIPSOID.inv(some[:, 0], some[:, 1], others[:, 0], others[:, 1])[2]
    return distances


def random_points(count: int, box: tuple[float, float, float, float]) -> Points:
    west, south, east, north = box
    return np.random.default_rng(1).uniform((west, south), (east, north), (count, 2))


@pytest.mark.parametrize(("plain", "gcj", "bd"), GOLDEN)
def test_published_values_are_met_to_the_last_digit(
    plain: tuple[float, float], gcj: tuple[float, float], bd: tuple[float, float]
) -> None:
    points = np.array([plain])
    assert convert(points, CGCS2000, GCJ02)[0] == pytest.approx(gcj, abs=1e-9)
    assert convert(points, CGCS2000, BD09)[0] == pytest.approx(bd, abs=1e-9)


@pytest.mark.parametrize(
    ("source", "target", "oracle"),
    [
        (CGCS2000, GCJ02, prcoords.wgs_gcj),
        (CGCS2000, BD09, prcoords.wgs_bd),
        (GCJ02, BD09, prcoords.gcj_bd),
        (GCJ02, CGCS2000, prcoords.gcj_wgs_bored),
        (BD09, CGCS2000, prcoords.bd_wgs_bored),
        (BD09, GCJ02, prcoords.bd_gcj_bored),
    ],
)
@pytest.mark.parametrize("box", [(WEST, SOUTH, EAST, NORTH), (75.0, 18.0, 134.0, 53.0)])
def test_agrees_with_an_independent_library(
    source: Datum, target: Datum, oracle: Oracle, box: tuple[float, float, float, float]
) -> None:
    points = random_points(500, box)
    theirs = np.array([oracle((lat, lon))[::-1] for lon, lat in points.tolist()])
    assert metres(convert(points, source, target), theirs).max() < 0.1


@pytest.mark.parametrize("datum", [GCJ02, BD09])
@given(points=beijing)
def test_there_and_back_over_beijing_is_less_than_a_millimetre(
    datum: Datum, points: Points
) -> None:
    back = convert(convert(points, CGCS2000, datum), datum, CGCS2000)
    assert metres(points, back).max() < 0.001


@pytest.mark.parametrize(("datum", "least", "most"), [(GCJ02, 503, 614), (BD09, 1250, 1450)])
def test_the_shift_over_beijing_is_half_a_kilometre_or_more(
    datum: Datum, least: float, most: float
) -> None:
    points = random_points(1000, (WEST, SOUTH, EAST, NORTH))
    shift = metres(points, convert(points, CGCS2000, datum))
    assert least <= shift.min()
    assert shift.max() <= most


@pytest.mark.parametrize("source", Datum)
@pytest.mark.parametrize("target", Datum)
@pytest.mark.parametrize(
    "place", [(-0.1276, 51.5072), (-180.0, 90.0), (138.0, 36.0), (72.0, 35.0), (105.0, 0.8)]
)
def test_nothing_moves_outside_the_box(
    source: Datum, target: Datum, place: tuple[float, float]
) -> None:
    points = np.array([place])
    assert (convert(points, source, target) == points).all()


@pytest.mark.parametrize("datum", Datum)
def test_a_datum_converts_to_itself_unchanged(datum: Datum) -> None:
    points = random_points(10, (WEST, SOUTH, EAST, NORTH))
    same = convert(points, datum, datum)
    assert (same == points).all()
    assert same is not points


def test_a_geometry_keeps_its_form() -> None:
    park = shapely.box(116.3, 39.9, 116.4, 40.0)
    shifted = transform_geometry(park, CGCS2000, GCJ02)
    first = convert(np.array([(116.4, 39.9)]), CGCS2000, GCJ02)[0]
    assert shifted.exterior.coords[0] == tuple(first)
    assert transform_geometry(shifted, GCJ02, CGCS2000).equals_exact(park, 1e-8)
    assert transform_geometry(shapely.Point(), CGCS2000, GCJ02).is_empty


def test_texts_of_a_page_have_eight_decimals_and_wind_counterclockwise() -> None:
    clockwise = shapely.Polygon([(116.3, 39.9), (116.3, 40.0), (116.4, 40.0), (116.3, 39.9)])
    shapes = [shapely.Point(116.315, 39.983), shapely.MultiPolygon([clockwise])]
    point, area = shift_wkb([shapely.to_wkb(shape) for shape in shapes], GCJ02)
    assert point == b'{"type":"Point","coordinates":[116.32111398,39.98428972]}'
    written = json.loads(area)
    assert written["type"] == "MultiPolygon"
    assert shapely.Polygon(written["coordinates"][0][0]).exterior.is_ccw
    assert len(str(written["coordinates"][0][0][1][1]).partition(".")[2]) <= 8


def test_an_empty_page_has_no_texts() -> None:
    assert shift_wkb([], BD09) == []


def test_speed_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    points = random_points(100_000, (WEST, SOUTH, EAST, NORTH))
    page = [shapely.to_wkb(shape) for shape in shapely.points(points[:1000])]
    work = {f"to {target}": partial(convert, points, CGCS2000, target) for target in (GCJ02, BD09)}
    work |= {
        f"from {source}": partial(convert, points, source, CGCS2000) for source in (GCJ02, BD09)
    }
    work["texts of a page of 1000"] = partial(shift_wkb, page, GCJ02)
    with capsys.disabled():
        for name, run in work.items():
            start = time.perf_counter()
            count = len(run())
            microseconds = (time.perf_counter() - start) / count * 1e6
            click.echo(f"\n{name}: {microseconds:.2f} µs a point", nl=False)
