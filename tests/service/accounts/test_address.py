"""Where a client comes from: what trusted proxies say of it, and nobody else."""

from ipaddress import ip_network

import pytest

from service.accounts.address import counted_by

PROXIES = tuple(map(ip_network, ("10.0.0.0/8", "2001:db8:1::/48")))
DIRECT = "10.0.0.1"


def address(direct, headers=(), trusted=PROXIES):
    rows = [(name.lower().encode(), value.encode()) for name, value in headers]
    return counted_by(trusted)({"client": (direct, 1), "headers": rows})


XFF, FORWARDED = "X-Forwarded-For", "Forwarded"


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([], DIRECT),
        ([(XFF, "203.0.113.9")], "203.0.113.9"),
        ([(XFF, "203.0.113.9:4711")], "203.0.113.9"),
        ([(XFF, "1.1.1.1, 203.0.113.9")], "203.0.113.9"),
        ([(XFF, "203.0.113.9, 10.9.9.9")], "203.0.113.9"),
        ([(XFF, "1.1.1.1"), (XFF, "203.0.113.9")], "203.0.113.9"),
        ([(XFF, "10.3.3.3")], DIRECT),
        ([(XFF, "2001:db8::7")], "2001:db8::/64"),
        ([(XFF, "::ffff:203.0.113.9")], "203.0.113.9"),
        ([(FORWARDED, "for=203.0.113.9")], "203.0.113.9"),
        ([(FORWARDED, "For=203.0.113.9;proto=https;by=10.0.0.1")], "203.0.113.9"),
        ([(FORWARDED, 'for="203.0.113.9:4711"')], "203.0.113.9"),
        ([(FORWARDED, 'for="[2001:db8:cafe::17]:4711"')], "2001:db8:cafe::/64"),
        ([(FORWARDED, 'for="[2001:db8:cafe::17]"')], "2001:db8:cafe::/64"),
        ([(FORWARDED, "for=1.1.1.1, for=203.0.113.9")], "203.0.113.9"),
        ([(FORWARDED, "for=1.1.1.1"), (FORWARDED, "for=203.0.113.9")], "203.0.113.9"),
        ([(FORWARDED, 'for=203.0.113.9, for="[2001:db8:1::5]"')], "203.0.113.9"),
        ([(FORWARDED, 'host="a,for=1.1.1.1";for=203.0.113.9')], "203.0.113.9"),
        ([(FORWARDED, "proto=https;for=_hidden")], "_hidden"),
        ([(FORWARDED, "for=1.1.1.1, for=unknown")], "unknown"),
        ([(FORWARDED, "for=1.1.1.1, proto=https")], "unknown"),
        ([(XFF, "203.0.113.9"), (FORWARDED, "for=203.0.113.9")], "203.0.113.9"),
        ([(XFF, "203.0.113.9"), (FORWARDED, "for=1.1.1.1")], DIRECT),
    ],
)
def test_the_nearest_address_that_is_no_proxys_counts(headers, found):
    assert address(DIRECT, headers) == found


@pytest.mark.parametrize("headers", [[(XFF, "1.1.1.1")], [(FORWARDED, "for=1.1.1.1")]])
@pytest.mark.parametrize("trusted", [PROXIES, ()])
def test_from_anybody_else_such_headers_mean_nothing(headers, trusted):
    assert address("203.0.113.9", headers, trusted) == "203.0.113.9"


def test_a_client_has_all_addresses_of_its_network_of_ipv6():
    seen = {address(each) for each in ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1")}
    assert seen == {"2001:db8::/64", "2001:db8:0:1::/64"}


def test_a_client_of_a_socket_has_none():
    assert counted_by(PROXIES)({"client": None, "headers": []}) == ""
