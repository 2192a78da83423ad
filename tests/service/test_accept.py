"""Weights of an Accept header."""

import pytest

from service.accept import weights


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", {"*/*": 1.0}),
        ("text/html, a/b;q=0.5", {"text/html": 1.0, "a/b": 0.5}),
        ("Text/HTML;level=1;q=0.2", {"text/html": 0.2}),
        ("a/b;q=x", {"a/b": 0.0}),
        ("", {"": 1.0}),
    ],
)
def test_a_header_is_read(accept: str, expected: dict[str, float]) -> None:
    assert weights(accept) == expected
