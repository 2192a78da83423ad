"""Navigation: the pages in the header, one row each."""

from typing import NamedTuple

from layers.attribute import Role


class Entry(NamedTuple):
    """A page in the header: its path, the key of its title, the least role that may open it."""

    path: str
    key: str
    least: Role = Role.PUBLIC


NAVIGATION = (
    Entry("/map", "nav.map"),
    Entry("/statistics", "nav.statistics"),
    Entry("/review", "nav.review", Role.PLANNER),
    Entry("/import", "nav.import", Role.LAND_OFFICER),
    Entry("/admin/users", "nav.accounts", Role.ADMIN),
    Entry("/ogc", "nav.data"),
    Entry("/docs", "nav.api"),
)
