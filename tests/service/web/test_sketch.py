"""The small picture: everything inside the frame, north up, nothing but numbers in it."""

import re

import pytest

from service.web.sketch import HEIGHT, WIDTH, sketch

POINT = {"type": "Point", "coordinates": [116.3, 39.9]}
NORTH_EAST = {"type": "Point", "coordinates": [116.4, 40.0]}
LINE = {"type": "MultiLineString", "coordinates": [[[116, 39], [117, 40]], [[116, 40], [117, 39]]]}
SHELL = [[116, 39], [117, 39], [117, 40], [116, 39]]
HOLE = [[116.6, 39.2], [116.7, 39.2], [116.6, 39.3], [116.6, 39.2]]
AREA = {"type": "MultiPolygon", "coordinates": [[SHELL, HOLE]]}


@pytest.mark.parametrize("geometries", [[], [None], [None, None]])
def test_there_is_no_picture_of_nothing(geometries: list[None]) -> None:
    assert sketch(geometries) is None


@pytest.mark.parametrize("geometries", [[POINT], [LINE, None], [AREA], [POINT, LINE, AREA]])
def test_all_lies_inside_the_frame(geometries: list[object]) -> None:
    picture = str(sketch(geometries))
    drawn = picture.split(">", 1)[1]
    places = re.findall(r"([\d.-]+) ([\d.-]+)(?=[LZ\"])", drawn)
    places += re.findall(r'cx="([\d.-]+)" cy="([\d.-]+)"', drawn)
    assert places
    assert all(0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT for x, y in places)


def test_north_is_up_and_east_is_right() -> None:
    first, second = re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', str(sketch([POINT, NORTH_EAST])))
    assert float(first[0]) < float(second[0])
    assert float(first[1]) > float(second[1])


def test_a_hole_is_a_ring_of_its_own() -> None:
    assert str(sketch([AREA])).count("Z") == 2
