"""Keys of the words for roles and refusals."""

from collections.abc import Mapping

from geodata.accounts.errors import LastAdministratorError, WeakPasswordError

ROLES: Mapping[str, str] = {
    "planner": "account.role_planner",
    "land_officer": "account.role_land_officer",
    "admin": "account.role_admin",
}

REFUSALS: Mapping[type[Exception], str] = {
    WeakPasswordError: "account.weak",
    LastAdministratorError: "admin.last",
}
"""Those that people meet; what only a mistaken program is told stays as it is."""
