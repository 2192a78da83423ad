"""Entity tags: the same while a layer stays as it is, another after each committed write."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from geodata.database.engine import open_engine, recorded
from geodata.plan.load import load_plan
from service.app import create_app
from service.settings import Settings

ITEMS = "/ogc/collections/enterprises/items"
PATHS = [f"{ITEMS}?limit=3", f"{ITEMS}/smic"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("form", ["{}", 'W/"x", {}', "*"])
def test_a_client_that_holds_the_answer_gets_304(client: TestClient, path: str, form: str) -> None:
    etag = client.get(path).headers["etag"]
    answer = client.get(path, headers={"If-None-Match": form.format(etag)})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == etag
    assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize("path", PATHS)
def test_another_tag_gets_the_answer(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"If-None-Match": '"other"'})
    assert answer.status_code == 200


def test_each_address_and_host_has_a_tag_of_its_own(client: TestClient) -> None:
    tags = {client.get(path).headers["etag"] for path in (*PATHS, f"{ITEMS}?limit=4")}
    tags.add(client.get(PATHS[0], headers={"Host": "other.example"}).headers["etag"])
    assert len(tags) == 4


def test_a_committed_write_changes_the_tag(migrated_database: Callable[[], str]) -> None:
    url = migrated_database()
    load_plan(url, lambda _: None)
    engine = open_engine(url)
    with TestClient(create_app(Settings(database_url=url))) as client:
        before = client.get(PATHS[0]).headers["etag"]
        with recorded(engine, actor="test", reason="test") as connection:
            connection.execute(text("UPDATE enterprises SET name_en = 'X' WHERE id = 'smic'"))
        for _ in range(200):
            answer = client.get(PATHS[0], headers={"If-None-Match": before})
            if answer.status_code == 200:
                break
        assert answer.status_code == 200
        assert answer.headers["etag"] != before
    engine.dispose()
