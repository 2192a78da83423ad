"""CQL2 JSON: the same trees as CQL2 text, and JSON pointers to what is wrong."""

import pytest

from geodata.features.cql2.error import InvalidFilterError
from geodata.features.cql2.json_encoding import parse_json
from geodata.features.cql2.text_encoding import parse_text

PAIRS = [
    ("a = 'x'", '{"op":"=","args":[{"property":"a"},"x"]}'),
    ("f(a) < 4", '{"op":"<","args":[{"op":"f","args":[{"property":"a"}]},4]}'),
    ("a - 150.0 > 0", '{"op":">","args":[{"op":"-","args":[{"property":"a"},150.0]},0]}'),
    ("a >= DATE('1970-01-01')", '{"op":">=","args":[{"property":"a"},{"date":"1970-01-01"}]}'),
    (
        "T_BEFORE(a, TIMESTAMP('2012-08-10T05:30:00Z'))",
        '{"op":"t_before","args":[{"property":"a"},{"timestamp":"2012-08-10T05:30:00Z"}]}',
    ),
    ("a IS NOT NULL", '{"op":"not","args":[{"op":"isNull","args":[{"property":"a"}]}]}'),
    ("a LIKE 'S%'", '{"op":"like","args":[{"property":"a"},"S%"]}'),
    ("a BETWEEN 100.0 AND 150.0", '{"op":"between","args":[{"property":"a"},100.0,150.0]}'),
    ("a IN (1, 2)", '{"op":"in","args":[{"property":"a"},[1,2]]}'),
    (
        "CASEI(a) IN (CASEI('Οδος'), CASEI('Straße'))",
        '{"op":"in","args":[{"op":"casei","args":[{"property":"a"}]},'
        '[{"op":"casei","args":["Οδος"]},{"op":"casei","args":["Straße"]}]]}',
    ),
    (
        "ACCENTI(a) = ACCENTI('débárquér')",
        '{"op":"=","args":[{"op":"accenti","args":[{"property":"a"}]},'
        '{"op":"accenti","args":["débárquér"]}]}',
    ),
    (
        "S_INTERSECTS(a, POINT(36 32))",
        '{"op":"s_intersects","args":[{"property":"a"},{"type":"Point","coordinates":[36,32]}]}',
    ),
    (
        "S_WITHIN(a, BBOX(-118, 33.8, -117.9, 34))",
        '{"op":"s_within","args":[{"property":"a"},{"bbox":[-118,33.8,-117.9,34]}]}',
    ),
    (
        "T_FINISHEDBY(INTERVAL(a, b), INTERVAL('1991-10-07', '..'))",
        '{"op":"t_finishedBy","args":[{"interval":[{"property":"a"},{"property":"b"}]},'
        '{"interval":["1991-10-07",".."]}]}',
    ),
    (
        "a = 1 AND (b > 2 OR NOT c = TRUE)",
        '{"op":"and","args":[{"op":"=","args":[{"property":"a"},1]},{"op":"or","args":['
        '{"op":">","args":[{"property":"b"},2]},{"op":"not","args":[{"op":"=","args":['
        '{"property":"c"},true]}]}]}]}',
    ),
    (
        "a = - b * 2.0 + c / 6.1 - d ^ 2.0",
        '{"op":"=","args":[{"property":"a"},{"op":"-","args":[{"op":"+","args":[{"op":"*","args":['
        '{"op":"*","args":[-1,{"property":"b"}]},2.0]},{"op":"/","args":[{"property":"c"},6.1]}]},'
        '{"op":"^","args":[{"property":"d"},2.0]}]}]}',
    ),
    ("0 = (a % 2)", '{"op":"=","args":[0,{"op":"%","args":[{"property":"a"},2]}]}'),
    ("1 = (a div 2)", '{"op":"=","args":[1,{"op":"div","args":[{"property":"a"},2]}]}'),
    (
        "FALSE <> g(a, 100, 'a', FALSE)",
        '{"op":"<>","args":[false,{"op":"g","args":[{"property":"a"},100,"a",false]}]}',
    ),
]


@pytest.mark.parametrize(("text", "document"), PAIRS, ids=[text for text, _ in PAIRS])
def test_both_encodings_give_one_tree(text: str, document: str) -> None:
    assert parse_json(document) == parse_text(text)


FAULTS = [
    ("", "is no JSON"),
    ("{", "is no JSON"),
    ('{"op":"=","args":[NaN,1]}', "is no JSON"),
    ('{"op":"=","args":["\\ud800",1]}', "is no JSON"),
    ("null", "null is no value; use the operator isNull"),
    ("{}", "{} is no expression; it must have one of op, property, date"),
    ('{"op":1,"args":[]}', "/op: 1 is no operator"),
    ('{"op":"=","args":{}}', "/args: {} is no list of operands"),
    ('{"op":"="}', "/args: None is no list of operands"),
    ('{"op":"=","args":[],"x":1}', "unknown member 'x'; beside op: args"),
    ('{"op":"=","args":[{"property":7},1]}', "/args/0/property: 7 is no name"),
    ('{"op":"not","args":[{"op":"=","args":[1,null]}]}', "/args/0/args/1: null is no value"),
    ('{"op":"=","args":[{"date":20200101},1]}', "/args/0: 20200101 is no date"),
    ('{"op":"=","args":[{"interval":["2020-01-01"]},1]}', "/args/0: the interval"),
    ('{"op":"=","args":[{"interval":["2020-01-01",5]},1]}', "/args/0: 5 is no date"),
]


@pytest.mark.parametrize(("document", "message"), FAULTS, ids=[text for text, _ in FAULTS])
def test_faults_are_named_with_a_pointer(document: str, message: str) -> None:
    with pytest.raises(InvalidFilterError) as caught:
        parse_json(document)
    assert message in str(caught.value)
