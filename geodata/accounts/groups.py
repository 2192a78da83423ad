"""Groups: who belongs together, and the areas that they look after (a park's office)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, column, delete, func, insert, select, table
from sqlalchemy.dialects.postgresql import insert as upsert

from geodata.accounts.errors import AccountError, UnknownAccountError
from geodata.accounts.tables import GROUP_AREAS, GROUPS, MEMBERSHIPS
from geodata.accounts.users import check_name, require_user
from layers.text import Text

AREAS = table("areas", column("id"), schema="public")


def add_group(connection: Connection, name: str, areas: Iterable[str], *, now: datetime) -> None:
    """Make a group bound to areas.

    Raises:
        AccountError: the name is taken or none, or an area does not exist.
    """
    check_name(name)
    if connection.scalar(select(GROUPS.c.name).where(GROUPS.c.name == name)):
        raise AccountError(Text(f"已有用户组 {name}", f"there is a group {name!r} already"))
    connection.execute(insert(GROUPS).values(name=name, created_at=now))
    bind_group(connection, name, areas)


def bind_group(connection: Connection, name: str, areas: Iterable[str]) -> None:
    """Bind a group to these areas and no others.

    Raises:
        UnknownAccountError: there is no such group.
        AccountError: names the areas that do not exist.
    """
    _require(connection, name)
    wanted = sorted(set(areas))
    if wrong := sorted(set(wanted) - _known(connection, wanted)):
        ids = ", ".join(map(repr, wrong))
        raise AccountError(
            Text(
                f"没有编号为 {ids} 的区域；编号即区域图层要素的编号，"
                "见 /ogc/collections/sub_parks/items",
                f"no area has the id {ids}; ids are those of features of the area layers, as"
                " /ogc/collections/sub_parks/items shows them",
            )
        )
    connection.execute(delete(GROUP_AREAS).where(GROUP_AREAS.c.group == name))
    if wanted:
        rows = [{"group": name, "area": area} for area in wanted]
        connection.execute(insert(GROUP_AREAS), rows)


def join_group(connection: Connection, user: str, group: str) -> None:
    """Make a user a member; who is one stays one.

    Raises:
        UnknownAccountError: there is no such user or group.
    """
    require_user(connection, user)
    _require(connection, group)
    connection.execute(upsert(MEMBERSHIPS).values(user=user, group=group).on_conflict_do_nothing())


def leave_group(connection: Connection, user: str, group: str) -> None:
    """Make a user no member.

    Raises:
        UnknownAccountError: there is no such user or group, or the user is no member.
    """
    require_user(connection, user)
    _require(connection, group)
    ended = delete(MEMBERSHIPS).where(MEMBERSHIPS.c.user == user, MEMBERSHIPS.c.group == group)
    if connection.execute(ended).rowcount == 0:
        raise UnknownAccountError(
            Text(f"{user} 不是 {group} 的成员", f"{user} is no member of {group}")
        )


def remove_group(connection: Connection, name: str) -> None:
    """Remove a group that nobody is in: its members would not be bound to its areas any more.

    Raises:
        UnknownAccountError: there is no such group.
        AccountError: names its members.
    """
    _require(connection, name)
    members = select(MEMBERSHIPS.c.user).where(MEMBERSHIPS.c.group == name)
    if there := connection.scalars(members.distinct().order_by(MEMBERSHIPS.c.user)).all():
        names = ", ".join(there)
        raise AccountError(
            Text(
                f"用户组 {name} 尚有成员 {names}；请先移出，其权限随之改变",
                f"group {name} has members: {names}. Take them out first; what they may changes",
            )
        )
    connection.execute(delete(GROUP_AREAS).where(GROUP_AREAS.c.group == name))
    connection.execute(delete(GROUPS).where(GROUPS.c.name == name))


def list_groups(connection: Connection) -> Sequence[Row[Any]]:
    """Groups by name, each with `areas` and `users`."""
    query = select(
        GROUPS.c.name,
        _gathered(GROUP_AREAS.c.area, GROUP_AREAS.c.group).label("areas"),
        _gathered(MEMBERSHIPS.c.user, MEMBERSHIPS.c.group).label("users"),
    )
    return connection.execute(query.order_by(GROUPS.c.name)).all()


def _gathered(what: Any, group: Any) -> Any:
    found = select(func.array_agg(what.distinct())).where(group == GROUPS.c.name)
    return func.coalesce(found.scalar_subquery(), [])


def _known(connection: Connection, areas: Sequence[str]) -> set[str]:
    return set(connection.scalars(select(AREAS.c.id).where(AREAS.c.id.in_(areas))))


def _require(connection: Connection, name: str) -> None:
    check_name(name)
    if connection.scalar(select(GROUPS.c.name).where(GROUPS.c.name == name)) is None:
        raise UnknownAccountError(Text(f"没有用户组 {name}", f"there is no group {name!r}"))
