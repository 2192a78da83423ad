"""Bounding boxes and their halves at the antimeridian."""

import pytest

from geodata.features.bbox import BBox


@pytest.mark.parametrize(
    ("box", "boxes"),
    [
        (BBox(116, 39, 117, 40), (BBox(116, 39, 117, 40),)),
        (BBox(116, 39, 116, 39), (BBox(116, 39, 116, 39),)),
        (BBox(-180, -90, 180, 90), (BBox(-180, -90, 180, 90),)),
        (BBox(170, -10, -170, 10), (BBox(170, -10, 180, 10), BBox(-180, -10, -170, 10))),
        (BBox(180, 0, -180, 1), (BBox(180, 0, 180, 1), BBox(-180, 0, -180, 1))),
    ],
)
def test_a_box_that_crosses_the_antimeridian_is_two(box: BBox, boxes: tuple[BBox, ...]) -> None:
    assert box.boxes == boxes
