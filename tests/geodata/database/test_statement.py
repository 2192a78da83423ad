"""Statements: SQL for asyncpg, parameters in order, constants filled in."""

import re

import pytest
from sqlalchemy import bindparam, column, func, insert, literal, select, table
from sqlalchemy.schema import CreateSchema

from geodata.database.statement import compile_statement, sql_text

PARKS = table("parks", column("id"), column("level"))
BEFORE = select(PARKS.c.id).where(PARKS.c.level == bindparam("level"))
DEEP = BEFORE.cte("deep")


@pytest.mark.parametrize(
    ("query", "sql", "parameters", "constants"),
    [
        (select(PARKS.c.id), "SELECT parks.id FROM parks", (), {}),
        (BEFORE, "SELECT parks.id FROM parks WHERE parks.level = $1", ("level",), {}),
        (
            BEFORE.where(PARKS.c.id > "a", PARKS.c.id != bindparam("level")),
            "SELECT parks.id FROM parks WHERE parks.level = $1 AND parks.id > $2::VARCHAR"
            " AND parks.id != $1",
            ("level", "id_1"),
            {"id_1": "a"},
        ),
        (
            BEFORE.where(PARKS.c.id.in_(["a", "b"])),
            "SELECT parks.id FROM parks WHERE parks.level = $1"
            " AND parks.id IN ($2::VARCHAR, $3::VARCHAR)",
            ("level", "id_1_1", "id_1_2"),
            {"id_1_1": "a", "id_1_2": "b"},
        ),
        (
            select(DEEP.c.id).where(DEEP.c.id == literal("x", literal_execute=False)),
            "WITH deep AS (SELECT parks.id AS id FROM parks WHERE parks.level = $1)"
            " SELECT deep.id FROM deep WHERE deep.id = $2::VARCHAR",
            ("level", "param_1"),
            {"param_1": "x"},
        ),
        (
            select(PARKS.c.id).where(PARKS.c.level == bindparam("level", value=3)),
            "SELECT parks.id FROM parks WHERE parks.level = $1::INTEGER",
            ("level",),
            {"level": 3},
        ),
        (
            insert(PARKS).values(id=bindparam("key"), level=4),
            "INSERT INTO parks (id, level) VALUES ($1, $2)",
            ("key", "level"),
            {"level": 4},
        ),
    ],
    ids=["none", "required", "used-twice", "list", "cte", "with-a-default", "insert"],
)
def test_a_query_becomes_text_with_numbered_parameters(query, sql, parameters, constants):
    statement = compile_statement(query)
    assert re.sub(r"\s+", " ", statement.sql) == sql
    assert statement.parameters == parameters
    assert statement.constants == constants


def test_values_are_put_in_the_order_of_the_parameters_whatever_theirs():
    query = select(func.f(bindparam("b"), bindparam("a"), "c"))
    statement = compile_statement(query)
    assert statement.arguments({"a": 1, "b": 2}) == [2, 1, "c"]


def test_a_missing_value_is_a_key_error_with_its_name():
    with pytest.raises(KeyError, match="level"):
        compile_statement(BEFORE).arguments({"levels": 3})


def test_a_value_given_takes_the_place_of_a_constant():
    query = select(PARKS.c.id).where(PARKS.c.level == bindparam("level", value=3))
    assert compile_statement(query).arguments({"level": 4}) == [4]


def test_a_list_whose_length_is_not_known_is_refused_with_the_way_out():
    query = select(PARKS.c.id).where(PARKS.c.id.in_(bindparam("ids", expanding=True)))
    with pytest.raises(TypeError, match=r"parameter ids: use = any_\(array\)"):
        compile_statement(query)


def test_what_is_no_query_is_refused_by_name():
    with pytest.raises(TypeError, match="CreateSchema is no query"):
        compile_statement(CreateSchema("history"))


def test_text_for_ddl_has_its_constants_written_out_and_quoted():
    condition = column("name").in_(["it's", "100%"]) & (column("level") <= 9)
    assert sql_text(condition) == "name IN ('it''s', '100%') AND level <= 9"
