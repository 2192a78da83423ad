"""The page of imports, as its script talks to the service."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from geodata.database import migrate
from geodata.database.engine import open_engine
from layers.catalog import CATALOG
from service.app import create_app
from service.imports import uploads
from service.settings import Settings

HERE = "http://127.0.0.1:8000"
OWN = {"Origin": HERE}
KNOWN = {"source": "测试", "as_of": "2012-01-01", "boundary_status": "schematic"}
TABLE = "名称,经度,纬度\n甲,116.31,39.98\n乙,116.32,200\n"


@pytest.fixture(scope="module")
def url(new_database: Callable[[], str]) -> str:
    """A database that tests may write to."""
    url = new_database()
    migrate.upgrade(url, lambda _: None)
    return url


@pytest.fixture(scope="module")
def browser(url: str, session_for: Callable[[str, str], dict[str, str]]) -> Iterator[TestClient]:
    """A land officer's browser."""
    app = create_app(Settings(database_url=url))
    with TestClient(app, raise_server_exceptions=False, base_url=HERE) as client:
        client.cookies.update(session_for(url, "land_officer"))
        yield client
        if (desk := getattr(app.state, "import_desk", None)) is not None:
            desk.workers.close()
            desk.uploads.close()


def send(browser: TestClient, name: str = "企业.csv", content: str = TABLE) -> str:
    answer = browser.post(f"/import/files?name={name}", content=content.encode(), headers=OWN)
    assert answer.status_code == 200, answer.text
    number: str = answer.json()["id"]
    return number


def ask(browser: TestClient, number: str, verb: str, **order: Any) -> Any:
    told = {"layer": "enterprises", "constants": KNOWN} | order
    return browser.post(f"/import/files/{number}/{verb}", json=told, headers=OWN)


def test_a_file_is_checked_mended_and_loaded(browser: TestClient, url: str) -> None:
    number = send(browser)
    answer = ask(browser, number, "check").json()
    assert answer["needs_crs"] is True
    assert [row["field"] for row in answer["columns"]] == ["name_zh", "lon", "lat"]
    answer = ask(browser, number, "check", crs="EPSG:4490").json()
    assert (answer["rows"], answer["accepted"], answer["refused"]) == (2, 1, 1)
    (group,) = answer["groups"]
    assert (group["rule"], group["findings"][0]["row"]) == ("outside-globe", 3)
    assert [each["properties"]["name"] for each in answer["preview"]["features"]] == ["甲"]
    signed = {"crs": "EPSG:4490", "reason": "试", "accept_valid": False}
    assert ask(browser, number, "load", **signed).json() == {"refused": True}
    loaded = ask(browser, number, "load", **signed | {"accept_valid": True}).json()
    assert (loaded["inserted"], loaded["refused"]) == (1, False)
    engine = open_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT name_zh, recorded_by FROM enterprises")).all()
        file = connection.scalar(text("SELECT file FROM imports"))
    engine.dispose()
    assert rows == [("甲", "land_officer")]
    assert file == "企业.csv"


def test_the_report_and_the_refused_rows_are_saved_from_the_page(browser: TestClient) -> None:
    number = send(browser)
    names = ask(browser, number, "check", crs="EPSG:4490").json()["files"]
    assert names == ["report.html", "findings.csv", "refused-企业.csv"]
    page = browser.get(f"/import/files/{number}/report.html")
    assert "企业.csv" in page.text
    assert page.headers["content-disposition"].startswith("attachment")
    rows = browser.get(f"/import/files/{number}/{names[2]}").content.decode("utf-8-sig")
    assert rows.splitlines()[1].startswith("乙,116.32,200,")
    assert browser.get(f"/import/files/{number}/work").status_code == 404


def test_columns_can_be_mapped_by_hand(browser: TestClient) -> None:
    number = send(browser, content="A,B,C\n甲,116.31,39.98\n")
    mapping = {"A": "name_zh", "B": "lon", "C": "lat"}
    answer = ask(browser, number, "check", crs="EPSG:4490", mapping=mapping).json()
    assert (answer["accepted"], answer["groups"]) == (1, [])


@pytest.mark.parametrize(
    ("order", "status", "problem", "words"),
    [
        ({"layer": "rivers"}, 404, "unknown-layer", "rivers"),
        ({"layer": "clusters"}, 403, "not-allowed", "needs the role admin"),
        ({"mode": "merge"}, 400, "invalid-body", "append, update, replace"),
        ({"mapping": {"A": 1}}, 400, "invalid-body", "mapping, 'A'"),
        ({"header_row": "1"}, 400, "invalid-body", "header_row = '1': must be int"),
        ({"pipeline": "+proj=x"}, 400, "invalid-body", "no member 'pipeline'"),
        ({"crs": "EPSG:9"}, 422, "import-failed", "EPSG:9"),
        ({"mapping": {"X": "lon"}}, 422, "import-failed", "no column 'X'"),
        ({"encoding": "morse"}, 422, "import-failed", "no encoding 'morse'"),
    ],
)
def test_a_wrong_order_is_refused_in_a_sentence(
    browser: TestClient, order: dict[str, Any], status: int, problem: str, words: str
) -> None:
    answer = ask(browser, send(browser), "check", **order)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{problem}")
    assert words in answer.json()["detail"]


def test_a_broken_file_is_refused_and_the_next_one_is_read(browser: TestClient) -> None:
    answer = ask(browser, send(browser, "a.gpkg", "SQLite format 3\0xx"), "check")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/import-failed")
    assert answer.json()["detail"].startswith("a.gpkg: cannot be read")
    assert ask(browser, send(browser), "check", crs="EPSG:4490").status_code == 200


def test_a_reader_that_dies_takes_nothing_with_it(browser: TestClient) -> None:
    number = send(browser)
    assert ask(browser, number, "check", crs="EPSG:4490").status_code == 200
    desk = browser.app.state.import_desk  # type: ignore[attr-defined]
    for process in desk.workers._pool._processes.values():
        process.kill()
    answer = ask(browser, number, "check", crs="EPSG:4490")
    assert answer.json()["type"] == "/problems/import-failed"
    assert ask(browser, number, "check", crs="EPSG:4490").status_code == 200


def test_a_file_beyond_the_limit_is_not_kept(
    browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(browser)
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    answer = browser.post("/import/files?name=a.csv", content=TABLE.encode(), headers=OWN)
    assert answer.json()["type"] == "/problems/body-too-large"
    folder = Path(browser.app.state.import_desk.uploads._folder.name)  # type: ignore[attr-defined]
    assert all(next(each.glob("file*"), None) for each in folder.iterdir())


@pytest.mark.parametrize("name", ["", "a/b.csv", "..\\b.csv", "a\x00.csv", "x" * 201])
def test_a_name_that_leads_elsewhere_is_refused(browser: TestClient, name: str) -> None:
    answer = browser.post("/import/files", params={"name": name}, content=b"x", headers=OWN)
    assert answer.json()["type"] == "/problems/invalid-body"


@pytest.mark.parametrize("number", ["0" * 32, "x", "..%2f.."])
def test_a_file_that_was_never_sent_is_said_so(browser: TestClient, number: str) -> None:
    assert ask(browser, number, "check").status_code == 404


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://elsewhere.example"}])
def test_only_a_page_of_the_service_may_write(browser: TestClient, headers: dict[str, str]) -> None:
    answer = browser.post("/import/files?name=a.csv", content=b"x", headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/cross-site")


@pytest.mark.parametrize(
    ("role", "status", "problem"),
    [(None, 401, "/problems/sign-in-needed"), ("planner", 403, "/problems/not-allowed")],
)
def test_for_others_even_the_page_is_closed(
    role: str | None,
    status: int,
    problem: str,
    browser: TestClient,
    url: str,
    session_for: Callable[[str, str], dict[str, str]],
) -> None:
    other = TestClient(browser.app, base_url=HERE)
    if role is not None:
        other.cookies.update(session_for(url, role))
    for answer in (
        other.get("/import"),
        other.post("/import/files?name=a.csv", content=b"x", headers=OWN),
    ):
        assert (answer.status_code, answer.json()["type"]) == (status, problem)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_has_the_layers_that_one_may_change_and_every_mode(
    browser: TestClient, language: str
) -> None:
    page = browser.get(f"/import?lang={language}").text
    offered = [layer.id for layer in CATALOG if f'<option value="{layer.id}"' in page]
    assert offered == ["enterprises", "projects", "parcels"]
    assert 'value="replace"' in page
