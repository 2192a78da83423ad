"""Histories and imports as visitors see them: staff everything, everyone what is public."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import shapely
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from geodata.database.engine import open_engine, recorded
from geodata.ingest.batch import ImportBatch
from geodata.ingest.copy import feature_rows
from geodata.ingest.load import import_rows
from geodata.ingest.modes import Mode
from geodata.ingest.validation import Feature
from layers.catalog import CATALOG
from service.app import create_app
from service.settings import Settings

HERE = "http://127.0.0.1:8000"
BASES = CATALOG.get("bases")
HOSTILE = "<script>alert(1)</script>"
PATH = "/history/bases/made-up"


def write(engine: Engine, name: str, side: float) -> int:
    """An import of one base, a square."""
    given: dict[str, Any] = {
        "name_zh": name,
        "source": "test",
        "as_of": date(2011, 1, 1),
        "boundary_status": "schematic",
        "kind": "base",
        "level": 3,
        "in_regulation": True,
    }
    values = {attribute.name: given.get(attribute.name) for attribute in BASES.all_attributes}
    shape = shapely.MultiPolygon([shapely.box(116, 40, 116 + side, 40 + side)])
    batch = ImportBatch(file=f"{HOSTILE}.gpkg", sha256="ab" * 32, actor="安娜", reason="复测")
    rows = [feature_rows(BASES, [Feature("made-up", values, shape)])]
    return import_rows(engine, BASES, rows, mode=Mode.UPDATE, batch=batch).import_id


@pytest.fixture(scope="module")
def story(migrated_database: Callable[[], str]) -> Iterator[tuple[str, list[int]]]:
    """A base made by an import and redrawn by another."""
    url = migrated_database()
    engine = open_engine(url)
    yield url, [write(engine, "甲", 0.01), write(engine, HOSTILE, 0.02)]
    engine.dispose()


def visitor(url: str) -> TestClient:
    app = create_app(Settings(database_url=url))
    return TestClient(app, base_url=HERE, follow_redirects=False)


@pytest.fixture(scope="module")
def staff(
    story: tuple[str, list[int]], session_for: Callable[[str, str], dict[str, str]]
) -> Iterator[TestClient]:
    with visitor(story[0]) as browser:
        browser.cookies.update(session_for(story[0], "admin"))
        browser.headers["origin"] = HERE
        yield browser


@pytest.fixture(scope="module")
def public(story: tuple[str, list[int]]) -> Iterator[TestClient]:
    with visitor(story[0]) as browser:
        yield browser


def test_the_document_tells_each_change_with_values_and_areas(
    staff: TestClient, story: tuple[str, list[int]]
) -> None:
    document = staff.get("/api/history/bases/made-up").json()
    assert (document["layer"], document["id"]) == ("bases", "made-up")
    made, redrawn = document["changes"]
    assert [each["kind"] for each in (made, redrawn)] == ["created", "changed"]
    assert [each["import"] for each in (made, redrawn)] == story[1]
    assert (redrawn["by"], redrawn["reason"]) == ("安娜", "复测")
    (field,) = redrawn["fields"]
    assert field == {
        "name": "name_zh",
        "title_zh": "中文名称",
        "title_en": "Chinese name",
        "old": "甲",
        "new": HOSTILE,
    }
    geometry = redrawn["geometry"]
    assert geometry["new_area_m2"] == pytest.approx(4 * geometry["old_area_m2"], rel=1e-3)
    assert geometry["new"]["type"] == "MultiPolygon"


def test_the_public_is_not_told_who_and_why(public: TestClient) -> None:
    document = public.get("/api/history/bases/made-up").json()
    for change in document["changes"]:
        assert (change["by"], change["reason"], change["import"]) == (None, None, None)
    html = public.get(PATH).text
    assert "安娜" not in html
    assert "/imports/" not in html
    assert "只供工作人员查看" in html


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/imports"), ("GET", "/imports/1"), ("POST", "/imports/1/undo")]
)
def test_imports_are_for_staff(public: TestClient, method: str, path: str) -> None:
    assert public.request(method, path).status_code == 401


@pytest.mark.parametrize(("language", "word"), [("zh", "新增"), ("en", "Added")])
def test_the_page_shows_changes_newest_first_with_a_picture(
    staff: TestClient, story: tuple[str, list[int]], language: str, word: str
) -> None:
    html = staff.get(PATH, params={"lang": language}).text
    staff.cookies.delete("lang")
    assert word in html
    links = [int(number) for number in re.findall(r'href="/imports/(\d+)"', html)]
    assert links == list(reversed(story[1]))
    assert re.search(r'<svg class="sketch".*<g class="old"><path.*<g class="new"><path', html)
    assert HOSTILE not in html
    assert "&lt;script&gt;" in html


def test_a_removed_feature_keeps_its_page(staff: TestClient, story: tuple[str, list[int]]) -> None:
    engine = open_engine(story[0])
    write(engine, "乙", 0.01)
    with recorded(engine, actor="bo", reason="closed") as connection:
        connection.execute(text("DELETE FROM bases WHERE id = 'made-up'"))
    html = staff.get(PATH).text
    assert "该要素已删除" in html
    assert "bo · closed" in html
    write(engine, HOSTILE, 0.02)
    engine.dispose()


@pytest.mark.parametrize(
    "path", ["/history/bases/nobody", "/api/history/bases/nobody", "/history/rivers/a"]
)
def test_what_never_was_is_not_found(public: TestClient, path: str) -> None:
    answer = public.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_import_that_is_not_there_is_not_found(staff: TestClient) -> None:
    answer = staff.get("/imports/99999")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/import-not-found")
    assert staff.get("/imports/0x1").status_code == 400


def test_an_import_shows_its_file_and_is_taken_back_by_form(
    staff: TestClient, story: tuple[str, list[int]]
) -> None:
    engine = open_engine(story[0])
    number = write(engine, "丙", 0.03)
    engine.dispose()
    html = staff.get(f"/imports/{number}").text
    assert "ab" * 32 in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;.gpkg" in html
    assert f'href="/imports/{number}"' in staff.get("/imports").text
    form = {"reason": "错误文件"}
    answer = staff.post(f"/imports/{number}/undo", data=form)
    assert answer.status_code == 303
    undoing = answer.headers["location"]
    assert f'撤销导入 <a href="/imports/{number}">' in staff.get(undoing).text
    assert f'href="{undoing}"' in staff.get(f"/imports/{number}").text
    latest = staff.get("/api/history/bases/made-up").json()["changes"][-1]
    assert (latest["by"], latest["reason"]) == ("admin", "错误文件")
    again = staff.post(f"/imports/{number}/undo", data=form)
    assert again.status_code == 409
    assert "made-up, " in again.text
    kept = staff.post(f"/imports/{number}/undo", data=form | {"keep_changed": "on"})
    assert kept.status_code == 303


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"reason": " "}, "须写明理由"),
        ({"reason": "x" * 501}, "须写明理由"),
    ],
)
def test_a_form_without_reason_is_refused(
    staff: TestClient, story: tuple[str, list[int]], form: dict[str, str], said: str
) -> None:
    answer = staff.post(f"/imports/{story[1][0]}/undo", data=form)
    assert answer.status_code == 400
    assert said in answer.text


def test_another_site_cannot_take_an_import_back(
    staff: TestClient, story: tuple[str, list[int]]
) -> None:
    form = {"reason": "x"}
    for origin in ("https://elsewhere.example", "null"):
        path = f"/imports/{story[1][1]}/undo"
        answer = staff.post(path, data=form, headers={"origin": origin})
        assert answer.status_code == 403
