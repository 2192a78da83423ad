from service.web.security import HEADERS, POLICY


def test_policy_allows_nothing_unsafe() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http:" not in policy
    assert "https:" not in policy


def test_policy_lets_only_the_service_itself_run_and_style() -> None:
    assert POLICY["default-src"] == POLICY["script-src"] == POLICY["style-src"] == "'self'"
    assert POLICY["object-src"] == POLICY["base-uri"] == "'none'"
    assert POLICY["frame-ancestors"] == POLICY["form-action"] == "'self'"
