"""Answers to known people stay out of shared caches."""

import pytest

from service.accounts.private import private_headers

TEXT = (b"content-type", b"text/plain")


@pytest.mark.parametrize(
    ("rules", "rule", "varied"),
    [
        ([], b"private, no-cache", b"Authorization, Cookie"),
        ([(b"cache-control", b"public, max-age=600")], b"private, no-cache", None),
        ([(b"cache-control", b"no-store")], b"no-store", None),
        ([(b"vary", b"Accept")], b"private, no-cache", b"Accept, Authorization, Cookie"),
        ([(b"vary", b"accept, cookie")], b"private, no-cache", b"accept, cookie, Authorization"),
        ([(b"vary", b"A"), (b"vary", b"B")], b"private, no-cache", b"A, B, Authorization, Cookie"),
    ],
)
def test_rules_of_known_peoples_answers(rules, rule, varied):
    found = private_headers([TEXT, *rules])
    expected = [TEXT, (b"cache-control", rule), (b"vary", varied or b"Authorization, Cookie")]
    assert found == expected
