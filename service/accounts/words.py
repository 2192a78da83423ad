"""Keys of the words for roles."""

from collections.abc import Mapping

ROLES: Mapping[str, str] = {
    "planner": "account.role_planner",
    "land_officer": "account.role_land_officer",
    "admin": "account.role_admin",
}
