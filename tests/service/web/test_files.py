import pytest
from fastapi.testclient import TestClient

from service.web.files import IMMUTABLE, REVALIDATE, VENDORED


def test_own_files_are_revalidated(client: TestClient) -> None:
    answer = client.get("/static/zgc/shell.css")
    assert answer.headers["cache-control"] == REVALIDATE
    again = client.get("/static/zgc/shell.css", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_vendored_files_never_change_under_their_version(client: TestClient) -> None:
    file = next(VENDORED.glob("leaflet/*/dist/leaflet.js"), None)
    if file is None:
        pytest.skip(f"no vendored files in {VENDORED}")
    answer = client.get(f"/static/vendor/{file.relative_to(VENDORED).as_posix()}")
    assert answer.headers["cache-control"] == IMMUTABLE


@pytest.mark.parametrize("path", ["zgc/none.js", "../settings.py", "%2e%2e/settings.py", "zgc/"])
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    assert client.get(f"/static/{path}").status_code == 404
