"""Health, for supervisors."""

from fastapi.testclient import TestClient


def test_a_running_service_is_alive_and_ready(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
