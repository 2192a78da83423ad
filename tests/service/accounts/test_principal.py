import pytest
from starlette.requests import Request

from geodata.accounts.scope import Verb, parse_scopes
from layers.attribute import Role
from service.accounts.principal import KEY, PUBLIC, Principal, principal_of

TOKEN = Principal("wang", Role.LAND_OFFICER, scopes=parse_scopes(["parcels:write", "*:read"]))
SESSION = Principal("wang", Role.LAND_OFFICER)


@pytest.mark.parametrize(
    ("principal", "least", "layer", "verb", "allowed"),
    [
        (PUBLIC, Role.PUBLIC, "parcels", Verb.READ, True),
        (PUBLIC, Role.PLANNER, "parcels", Verb.READ, False),
        (SESSION, Role.PLANNER, "*", Verb.WRITE, True),
        (SESSION, Role.LAND_OFFICER, "parcels", Verb.WRITE, True),
        (SESSION, Role.ADMIN, "parcels", Verb.WRITE, False),
        (TOKEN, Role.LAND_OFFICER, "parcels", Verb.WRITE, True),
        (TOKEN, Role.LAND_OFFICER, "enterprises", Verb.WRITE, False),
        (TOKEN, Role.LAND_OFFICER, "enterprises", Verb.READ, True),
        (TOKEN, Role.PLANNER, "*", Verb.WRITE, False),
    ],
)
def test_role_and_scopes_both_have_to_allow_it(
    principal: Principal, least: Role, layer: str, verb: Verb, allowed: bool
) -> None:
    assert principal.may(least, layer, verb) is allowed


def test_a_layer_outside_the_scopes_is_read_as_the_public_reads_it() -> None:
    limited = Principal("wang", Role.ADMIN, scopes=parse_scopes(["parcels:read"]))
    assert limited.role_for("parcels") is Role.ADMIN
    assert limited.role_for("enterprises") is Role.PUBLIC


def test_a_request_is_the_publics_unless_something_says_otherwise() -> None:
    scope = {"type": "http", "headers": []}
    assert principal_of(Request(scope)) is PUBLIC
    assert principal_of(scope | {KEY: SESSION}) is SESSION
