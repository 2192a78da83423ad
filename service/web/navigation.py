"""Navigation: the pages in the header, one row each."""

from typing import NamedTuple


class Entry(NamedTuple):
    """A page in the header: its path and the key of its title."""

    path: str
    key: str


NAVIGATION = (
    Entry("/map", "nav.map"),
    Entry("/statistics", "nav.statistics"),
    Entry("/import", "nav.import"),
    Entry("/ogc", "nav.data"),
    Entry("/docs", "nav.api"),
)
