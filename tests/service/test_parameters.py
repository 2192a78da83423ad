"""Query parameters: from text to value, or an error that names the value and what is allowed."""

import math
import re
from datetime import date
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.features.bbox import BBox
from service.errors import InvalidParameterError, UnknownParameterError
from service.parameters import (
    AFTER,
    AS_KNOWN,
    BBOX,
    DATETIME,
    LIMIT,
    TOLERANCE,
    Parameter,
    parse_bbox,
    parse_datetime,
    parse_limit,
    read_parameters,
)

PROPERTY = settings(derandomize=True, deadline=None, max_examples=300)

DAY = date(2011, 2, 28)

VALUES = [
    (LIMIT, "1", 1),
    (LIMIT, "100", 100),
    (LIMIT, "007", 7),
    (LIMIT, "10000", 10_000),
    (LIMIT, "10001", 10_000),
    (LIMIT, "20000", 10_000),
    (LIMIT, "9" * 5000, 10_000),
    (BBOX, "116,39,117,40", BBox(116, 39, 117, 40)),
    (BBOX, "116.,.5,1.17e2,40", BBox(116, 0.5, 117, 40)),
    (BBOX, "-180,-90,180,90", BBox(-180, -90, 180, 90)),
    (BBOX, "116,39,116,39", BBox(116, 39, 116, 39)),
    (BBOX, "170,-1,-170,1", BBox(170, -1, -170, 1)),
    (BBOX, "116,39,0,117,40,99", BBox(116, 39, 117, 40)),
    (BBOX, "+116,+39,+117,+40", BBox(116, 39, 117, 40)),
    (DATETIME, "2011-02-28", (DAY, DAY)),
    (DATETIME, "2011-02-28T23:59:59Z", (DAY, DAY)),
    (DATETIME, "2011-02-28t00:00:00z", (DAY, DAY)),
    (DATETIME, "2011-02-28T00:00:00.123456789+08:00", (DAY, DAY)),
    (DATETIME, "2011-02-28T00:00:00-11:30", (DAY, DAY)),
    (DATETIME, "2011-02-28/2015-12-31", (DAY, date(2015, 12, 31))),
    (DATETIME, "2011-02-28T08:00:00+08:00/2015-12-31", (DAY, date(2015, 12, 31))),
    (DATETIME, "2011-02-28/2011-02-28", (DAY, DAY)),
    (DATETIME, "../2011-02-28", (None, DAY)),
    (DATETIME, "/2011-02-28", (None, DAY)),
    (DATETIME, "2011-02-28/..", (DAY, None)),
    (DATETIME, "2011-02-28/", (DAY, None)),
    (DATETIME, "../..", (None, None)),
    (DATETIME, "2011-02-28T/..", (DAY, None)),
    (AFTER, "north", "north"),
    (AFTER, "a.b_c-1", "a.b_c-1"),
]

WHOLE = "whole number from 1 to 10000"
NOT_A_NUMBER = "is not a number; must be west,south,east,north"
FINITE = "not a finite number"
RFC3339 = "must be YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ"

REFUSED = [
    *((LIMIT, text, WHOLE) for text in ("0", "00", "-1", "1.5", "1e3", "", " 1", "1 ", "+1")),
    *((LIMIT, text, WHOLE) for text in ("１０", "1_0", "0x10", "ten", "1,2", "1\n", "½", "٣")),
    *((BBOX, text, NOT_A_NUMBER) for text in ("", "116,39,117,", "a,b,c,d", "116, 39, 117, 40")),
    *((BBOX, f"{text},39,117,40", NOT_A_NUMBER) for text in ("nan", "inf", "-Infinity", "0x74")),
    *(
        (BBOX, f"{text},39,117,40", NOT_A_NUMBER)
        for text in ("1_16", "１１６", " 116", "116\t", "")
    ),
    *((BBOX, f"{text},39,117,40", NOT_A_NUMBER) for text in (".", "e1", "--1", "1e", "116°")),
    (BBOX, "1e400,39,117,40", FINITE),
    (BBOX, "116", "has 1 numbers"),
    (BBOX, "116,39,117", "has 3 numbers"),
    (BBOX, "116,39,117,40,1", "has 5 numbers"),
    (BBOX, "116,39,0,117,40,9,9", "has 7 numbers"),
    *((DATETIME, text, RFC3339) for text in ("", "2011", "2011-02", "2011-02-29", "2011-13-01")),
    *((DATETIME, text, RFC3339) for text in ("20110228", "2011-W09-1", "2011-059", "28/02")),
    *((DATETIME, text, RFC3339) for text in ("now", "2011-2-8", "２０１１-02-28", " 2011-02-28")),
    *((DATETIME, text, RFC3339) for text in ("2011-02-28T10:00:00", "2011-02-28T10Z")),
    *((DATETIME, text, RFC3339) for text in ("2011-02-28T25:00:00Z", "2011-02-28 10:00:00Z")),
    *((DATETIME, text, RFC3339) for text in ("2011-02-28T10:00:00+0800", "0000-01-01", "..")),
    (DATETIME, "2015-12-31/2011-02-28", "must not end before it starts"),
    (DATETIME, "2011-01-01/2012-01-01/2013-01-01", "must be a date-time or start/end"),
    (DATETIME, "2011-01-01/soon", RFC3339),
    *((AFTER, text, "is no page key") for text in ("", "a b", "a\x00", "北", "a" * 4001)),
    *((AS_KNOWN, text, RFC3339) for text in ("", "2011", "2011-02-29", "2011-02-28T10:00:00")),
    *((TOLERANCE, text, "number of metres") for text in ("0", "-1", "10001", "nan", "1m", "")),
]


@pytest.mark.parametrize(("parameter", "text", "value"), VALUES)
def test_a_text_is_read_to_its_value(parameter: Parameter, text: str, value: object) -> None:
    assert parameter.parse(text) == value


@pytest.mark.parametrize(("parameter", "text", "allowed"), REFUSED)
def test_a_wrong_text_is_refused_by_name_with_value_and_what_is_allowed(
    parameter: Parameter, text: str, allowed: str
) -> None:
    with pytest.raises(InvalidParameterError) as refusal:
        read_parameters(_query([(parameter.name, text)]), (parameter,))
    message = str(refusal.value)
    assert parameter.name in message
    assert repr(text) in message
    assert re.search(re.escape(allowed), message)


@pytest.mark.parametrize("parameter", [LIMIT, BBOX, DATETIME, AFTER])
def test_a_parameter_is_given_once(parameter: Parameter) -> None:
    valid = next(text for row, text, _ in VALUES if row is parameter)
    with pytest.raises(InvalidParameterError, match=f"{parameter.name}.*given twice"):
        read_parameters(_query([(parameter.name, valid)] * 2), (parameter,))


@pytest.mark.parametrize("name", ["foo", "LIMIT", "limit ", "", "f", "crs", "offset"])
def test_an_unknown_parameter_is_refused_with_those_allowed(name: str) -> None:
    with pytest.raises(UnknownParameterError) as refusal:
        read_parameters(_query([("limit", "1"), (name, "1")]), (LIMIT, BBOX))
    assert str(refusal.value) == f"unknown query parameter {name!r}; allowed here: limit, bbox"


def test_without_parameters_nothing_is_read() -> None:
    assert read_parameters(_query([]), (LIMIT, BBOX)) == {}


@PROPERTY
@given(st.text())
def test_any_text_gives_a_value_in_range_or_a_value_error(text: str) -> None:
    for parse in (parse_limit, parse_bbox, parse_datetime):
        try:
            value = parse(text)
        except ValueError:
            continue
        if isinstance(value, int):
            assert 1 <= value <= 10_000
        if isinstance(value, BBox):
            assert all(math.isfinite(corner) for corner in value)


@PROPERTY
@given(
    st.floats(-180, 180),
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.floats(-90, 90),
)
def test_a_box_of_any_numbers_is_read_exactly(
    west: float, south: float, east: float, north: float
) -> None:
    box = BBox(west, min(south, north), east, max(south, north))
    assert parse_bbox(",".join(map(repr, box))) == box


@PROPERTY
@given(st.dates(), st.dates())
def test_an_interval_of_any_days_is_read_or_refused_when_reversed(one: date, other: date) -> None:
    start, end = sorted((one, other))
    assert parse_datetime(f"{start}/{end}") == (start, end)
    if start < end:
        with pytest.raises(ValueError, match="must not end before it starts"):
            parse_datetime(f"{end}/{start}")


def _query(pairs: list[tuple[str, str]]) -> bytes:
    return urlencode(pairs).encode()
