import pytest

from geodata.accounts.scope import InvalidScopeError, Verb, covers, parse_scopes


@pytest.mark.parametrize(
    ("given", "layer", "verb", "allowed"),
    [
        ("parcels:read", "parcels", Verb.READ, True),
        ("parcels:read", "parcels", Verb.WRITE, False),
        ("parcels:write", "parcels", Verb.READ, False),
        ("parcels:read", "enterprises", Verb.READ, False),
        ("parcels:read", "*", Verb.READ, False),
        ("*:write", "enterprises", Verb.WRITE, True),
        ("*:write", "enterprises", Verb.READ, False),
        ("*:read", "*", Verb.READ, True),
    ],
)
def test_a_scope_covers_its_layer_and_its_verb(
    given: str, layer: str, verb: Verb, allowed: bool
) -> None:
    assert covers(parse_scopes([given]), layer, verb) is allowed


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("parcels", "read, write"),
        ("parcels:delete", "read, write"),
        ("pg_authid:read", "parcels"),
        (":read", "parcels"),
        ("", "read, write"),
    ],
)
def test_what_is_no_scope_is_named_with_what_is_allowed(given: str, said: str) -> None:
    with pytest.raises(InvalidScopeError, match=said) as caught:
        parse_scopes(["*:read", given])
    assert repr(given) in str(caught.value)
