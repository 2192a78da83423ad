from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from geodata.accounts.errors import AccountError, LastAdministratorError, UnknownAccountError
from geodata.accounts.groups import (
    add_group,
    bind_group,
    join_group,
    leave_group,
    list_groups,
    remove_group,
)
from geodata.accounts.sessions import Lifetime, find_session, open_session
from geodata.accounts.tables import USERS
from geodata.accounts.users import (
    add_user,
    areas_of,
    disable,
    enable,
    has_administrator,
    list_users,
    set_password,
    set_role,
)
from geodata.database.reader import reader_name

LIFETIME = Lifetime(timedelta(minutes=30), timedelta(hours=12))


@pytest.mark.parametrize("name", ["", "w", "Wang", "1ang", "wang li", "王工", "wang\0", "w" * 41])
def test_a_name_that_can_be_none_is_refused(
    name: str, connection: Connection, now: datetime
) -> None:
    with pytest.raises(AccountError, match="2 to 40 characters"):
        add_user(connection, name, "planner", password=None, now=now)


@pytest.mark.parametrize("role", ["public", "root", ""])
def test_a_role_that_is_none_is_refused(role: str, connection: Connection, now: datetime) -> None:
    with pytest.raises(AccountError, match="planner, land_officer, admin"):
        add_user(connection, "li", role, password=None, now=now)


def test_the_password_is_not_in_the_database(
    connection: Connection, wang: str, password: str
) -> None:
    row = connection.execute(select(USERS).where(USERS.c.name == wang)).one()
    assert password not in str(row)
    assert row.password.startswith("$argon2id$")


def test_the_last_administrator_stays(
    connection: Connection, wang: str, password: str, now: datetime
) -> None:
    assert not has_administrator(connection)
    add_user(connection, "li", "admin", password=password, now=now)
    for takes_away in (
        lambda: set_role(connection, "li", "planner"),
        lambda: disable(connection, "li", now),
    ):
        with pytest.raises(LastAdministratorError, match="li"):
            takes_away()
    set_role(connection, wang, "admin")
    disable(connection, "li", now)
    assert has_administrator(connection)
    with pytest.raises(LastAdministratorError, match="wang"):
        disable(connection, wang, now)


def test_an_administrator_who_never_set_a_password_is_none_yet(
    connection: Connection, password: str, now: datetime
) -> None:
    add_user(connection, "li", "admin", password=password, now=now)
    add_user(connection, "zhao", "admin", password=None, now=now)
    with pytest.raises(LastAdministratorError):
        disable(connection, "li", now)


@pytest.mark.parametrize("change", ["disable", "set_password"])
def test_disabling_and_a_new_password_end_sessions(
    change: str, connection: Connection, wang: str, now: datetime
) -> None:
    session = open_session(connection, wang, now)
    if change == "disable":
        disable(connection, wang, now)
        enable(connection, wang)
    else:
        set_password(connection, wang, "another good one 7")
    assert find_session(connection, session, LIFETIME, now) is None


def test_groups_bind_their_members_to_areas(
    connection: Connection, wang: str, now: datetime
) -> None:
    add_group(connection, "haidian", _some(connection, 2), now=now)
    join_group(connection, wang, "haidian")
    join_group(connection, wang, "haidian")
    assert areas_of(connection, wang) == set(_some(connection, 2))
    assert [row.groups for row in list_users(connection) if row.name == wang] == [["haidian"]]
    assert [(row.name, row.users) for row in list_groups(connection)] == [("haidian", [wang])]
    bind_group(connection, "haidian", _some(connection, 1))
    assert areas_of(connection, wang) == set(_some(connection, 1))
    bind_group(connection, "haidian", [])
    assert areas_of(connection, wang) == set()
    leave_group(connection, wang, "haidian")
    assert areas_of(connection, wang) is None
    with pytest.raises(UnknownAccountError, match="no member"):
        leave_group(connection, wang, "haidian")


def _some(connection: Connection, number: int) -> list[str]:
    return sorted(connection.exec_driver_sql("SELECT id FROM areas ORDER BY id").scalars())[:number]


def test_a_group_is_removed_when_nobody_is_in_it(
    connection: Connection, wang: str, now: datetime
) -> None:
    add_group(connection, "haidian", _some(connection, 1), now=now)
    join_group(connection, wang, "haidian")
    with pytest.raises(AccountError, match=f"has members: {wang}"):
        remove_group(connection, "haidian")
    leave_group(connection, wang, "haidian")
    remove_group(connection, "haidian")
    assert list_groups(connection) == []
    with pytest.raises(UnknownAccountError, match="no group 'haidian'"):
        remove_group(connection, "haidian")


def test_a_group_is_bound_to_areas_that_exist(connection: Connection, now: datetime) -> None:
    with pytest.raises(AccountError, match="'atlantis'"):
        add_group(connection, "office", ["atlantis"], now=now)


def test_the_serving_role_does_not_enter_the_schema(connection: Connection) -> None:
    role = reader_name(connection.exec_driver_sql("SELECT current_user").scalar_one())
    query = "SELECT has_schema_privilege(%s, 'accounts', 'USAGE')"
    assert connection.exec_driver_sql(query, (role,)).scalar_one() is False
    query = "SELECT bool_or(has_any_column_privilege(%s, oid, 'SELECT')) FROM pg_class WHERE "
    query += "relnamespace = 'accounts'::regnamespace AND relkind = 'r'"
    assert connection.exec_driver_sql(query, (role,)).scalar_one() is False
