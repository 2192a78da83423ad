"""A park's office edits its own park, in every way of writing; PostgreSQL holds it to that."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from geodata.accounts.scope import parse_scopes
from geodata.accounts.sessions import open_session
from geodata.accounts.tokens import NewToken, create_token
from geodata.database.engine import open_engine
from geodata.database.tables import METADATA
from geodata.geocoding.candidate import Candidate, Issue
from geodata.geocoding.level import Level
from geodata.geocoding.review import Entry, Queue
from layers.catalog import CATALOG
from service.app import create_app
from service.ogc.changes import MERGE_PATCH
from service.ogc.links import GEOJSON
from service.settings import Settings

HERE = "http://127.0.0.1:8000"
COLLECTIONS = "/ogc/collections"
KNOWN = {"source": "t", "as_of": "2011-01-01", "boundary_status": "schematic", "kind": "pilot"}
ANY = {"If-Match": "*"}
HOUSE = Candidate(
    lon=116.3, lat=40.0, level=Level.HOUSE, accuracy_m=50, score=0.8, name="甲", provider="amap"
)

Ask = Callable[[Any], Any]


def feature(feature_id: str, area: str | None, name: str = "新") -> dict[str, Any]:
    properties = {**KNOWN, "name_zh": name, "area": area}
    return {"type": "Feature", "id": feature_id, "geometry": None, "properties": properties}


def post(layer: str, document: Any) -> Ask:
    return lambda client: client.post(
        f"{COLLECTIONS}/{layer}/items",
        content=json.dumps(document),
        headers={"Content-Type": GEOJSON},
    )


def put(layer: str, name: str, document: Any) -> Ask:
    return lambda client: client.put(
        f"{COLLECTIONS}/{layer}/items/{name}",
        content=json.dumps(document),
        headers={"Content-Type": GEOJSON, **ANY},
    )


def patch(layer: str, name: str, **values: Any) -> Ask:
    return lambda client: client.patch(
        f"{COLLECTIONS}/{layer}/items/{name}",
        content=json.dumps({"properties": values}),
        headers={"Content-Type": MERGE_PATCH, **ANY},
    )


def delete(layer: str, name: str) -> Ask:
    return lambda client: client.delete(f"{COLLECTIONS}/{layer}/items/{name}", headers=ANY)


def load(mode: str, *rows: str, verb: str = "load") -> Ask:
    """A file of projects, sent and loaded from the page of imports, or only checked."""
    table = "\n".join(("id,name_zh,area", *rows)) + "\n"
    order = {"layer": "projects", "constants": KNOWN, "mode": mode}
    order |= {"reason": "t"} if verb == "load" else {}

    def ask(client: Any) -> Any:
        sent = client.post("/import/files?name=a.csv", content=table.encode())
        return client.post(f"/import/files/{sent.json()['id']}/{verb}", json=order)

    return ask


WRITTEN = {
    "create": ("pat", post("projects", feature("t-1", "east")), 201),
    "replace": ("pat", put("projects", "p-base", feature("p-base", "east")), 204),
    "merge": ("pat", patch("projects", "p-east", name_en="E"), 204),
    "delete": ("pat", delete("projects", "p-east"), 204),
    "the park itself": ("pat", patch("sub_parks", "east", name_en="East park"), 204),
    "a parcel": ("lea", patch("parcels", "l-east", holder="某公司"), 204),
    "a file": ("lea", load("append", "t-1,甲,east", "t-2,乙,east-base"), 200),
    "a file of all": ("lea", load("update", "p-east,改,east", "p-west,西项目,west"), 200),
}

ELSEWHERE = {
    "create": ("pat", post("projects", feature("t-1", "west")), [("t-1", "west")]),
    "create several": (
        "pat",
        post(
            "projects",
            {
                "type": "FeatureCollection",
                "features": [feature("t-1", "east"), feature("t-2", None)],
            },
        ),
        [("t-2", None)],
    ),
    "replace": ("pat", put("projects", "p-west", feature("p-west", "east")), [("p-west", "west")]),
    "move out": ("pat", patch("projects", "p-east", area="west"), [("p-east", "west")]),
    "take in": ("pat", patch("projects", "p-none", area="east"), [("p-none", None)]),
    "delete": ("pat", delete("projects", "p-west"), [("p-west", "west")]),
    "another park": ("pat", patch("sub_parks", "west", name_en="W"), [("west", "zone")]),
    "another's parcel": ("lea", patch("parcels", "l-west", holder="x"), [("l-west", "west")]),
    "an administrator": ("ada", patch("projects", "p-west", name_en="W"), [("p-west", "west")]),
    "no areas": ("nil", patch("projects", "p-east", name_en="E"), [("p-east", "east")]),
    "append": ("lea", load("append", "t-1,甲,east", "t-2,乙,west"), [("t-2", "west")]),
    "update": ("lea", load("update", "p-west,改,west"), [("p-west", "west")]),
    "replace all": (
        "lea",
        load("replace", "p-east,东项目,east", "p-base,基地项目,east-base"),
        [("p-none", None), ("p-west", "west")],
    ),
}


@pytest.fixture(scope="module")
def url(offices: Callable[[], str]) -> str:
    return offices()


@pytest.fixture(scope="module")
def engine(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def app(url: str) -> Iterator[TestClient]:
    app = create_app(Settings(database_url=url))
    with TestClient(
        app, base_url=HERE, raise_server_exceptions=False, follow_redirects=False
    ) as client:
        yield client
        if (desk := getattr(app.state, "import_desk", None)) is not None:
            desk.workers.close()
            desk.uploads.close()


class Visitor:
    """Somebody at the one running application, known by headers."""

    def __init__(self, client: TestClient, headers: dict[str, str]) -> None:
        self._client, self._headers = client, headers

    def __getattr__(self, method: str) -> Callable[..., Any]:
        ask = getattr(self._client, method)

        def known(path: str, headers: Mapping[str, str] = MappingProxyType({}), **more: Any) -> Any:
            return ask(path, headers={**self._headers, **headers}, **more)

        return known


@pytest.fixture
def browser(app: TestClient, engine: Engine) -> Callable[[str], Visitor]:
    """The browser of somebody who signed in."""

    def sign_in(name: str) -> Visitor:
        with engine.begin() as connection:
            session = open_session(connection, name, datetime.now(UTC))
        return Visitor(app, {"cookie": f"zgc_session={session}", "origin": HERE})

    return sign_in


def contents(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return [
            connection.execute(select(table).order_by(table.c.id)).all()
            for table in (METADATA.tables[layer.id] for layer in CATALOG)
        ]


@pytest.fixture(autouse=True)
def restored(engine: Engine) -> Iterator[None]:
    """Each test finds the projects as they were."""
    table = METADATA.tables["projects"]
    with engine.connect() as connection:
        before = connection.execute(select(table)).mappings().all()
    yield
    with engine.begin() as connection:
        connection.execute(table.delete())
        connection.execute(table.insert(), [dict(row) for row in before])


@pytest.fixture
def unaware(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service takes everybody for a member of no group."""
    for module in ("tokens", "sessions"):
        monkeypatch.setattr(f"geodata.accounts.{module}.areas_of", lambda *_: None)


@pytest.mark.parametrize(("who", "ask", "status"), WRITTEN.values(), ids=WRITTEN)
def test_an_office_writes_what_lies_in_its_areas(
    browser: Callable[[str], Visitor], engine: Engine, who: str, ask: Ask, status: int
) -> None:
    before = contents(engine)
    answer = ask(browser(who))
    assert answer.status_code == status, answer.text
    assert contents(engine) != before


@pytest.mark.parametrize(("who", "ask", "outside"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_what_lies_elsewhere_is_refused_with_feature_area_and_what_is_allowed(
    browser: Callable[[str], Visitor], engine: Engine, who: str, ask: Ask, outside: Any
) -> None:
    before = contents(engine)
    answer = ask(browser(who))
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (403, "/problems/outside-areas")
    assert [(each["id"], each["area"]) for each in problem["outside"]] == outside
    assert problem["areas"] == ([] if who == "nil" else ["east"])
    assert contents(engine) == before


@pytest.mark.parametrize(
    ("who", "rows", "outside"),
    [
        ("lea", ["t-1,甲,east", "t-2,乙,west"], {"rows": [{"id": "t-2", "area": "west"}]}),
        ("lea", ["t-1,甲,east"], None),
        ("lou", ["t-2,乙,west"], None),
    ],
)
def test_the_check_of_a_file_tells_an_office_what_lies_elsewhere(
    browser: Callable[[str], Visitor], engine: Engine, who: str, rows: list[str], outside: Any
) -> None:
    before = contents(engine)
    answer = load("append", *rows, verb="check")(browser(who)).json()
    assert answer["outside"] == (None if outside is None else {**outside, "areas": ["east"]})
    assert answer["accepted"] == len(rows)
    assert contents(engine) == before


@pytest.mark.usefixtures("unaware")
@pytest.mark.parametrize(("who", "ask"), [row[:2] for row in ELSEWHERE.values()], ids=ELSEWHERE)
def test_with_the_checks_of_the_service_switched_off_the_database_refuses(
    browser: Callable[[str], Visitor],
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    who: str,
    ask: Ask,
) -> None:
    monkeypatch.setattr("service.ogc.changes.check_writer", lambda *_: None)
    before = contents(engine)
    answer = ask(browser(who))
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/write-refused")
    assert contents(engine) == before


@pytest.mark.parametrize("aware", [True, False])
def test_an_import_into_anothers_park_is_not_taken_back(
    browser: Callable[[str], Visitor],
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    aware: bool,
) -> None:
    number = load("update", "p-west,改,west")(browser("lou")).json()["import_id"]
    if not aware:
        monkeypatch.setattr("geodata.accounts.sessions.areas_of", lambda *_: None)
    before = contents(engine)
    answer = browser("lea").post(f"/imports/{number}/undo", data={"reason": "t"})
    assert answer.status_code == 403
    assert "p-west" in answer.text
    assert contents(engine) == before
    assert browser("lou").post(f"/imports/{number}/undo", data={"reason": "t"}).status_code == 303


def test_an_import_into_a_layer_that_one_does_not_write_is_not_taken_back(
    browser: Callable[[str], Visitor], engine: Engine
) -> None:
    with engine.begin() as connection:
        number = connection.exec_driver_sql(
            "INSERT INTO imports (id, layer, file, sha256, mode, options, rows, inserted, updated,"
            " unchanged, removed, actor, reason, started_at) VALUES (nextval('imports_id_seq'),"
            " 'clusters', 'a.csv', repeat('0', 64), 'append', '{}', 0, 0, 0, 0, 0, 'root', 't',"
            " now()) RETURNING id"
        ).scalar_one()
    answer = browser("lou").post(f"/imports/{number}/undo", data={"reason": "t"})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-allowed")


@pytest.mark.parametrize("aware", [True, False])
def test_a_decision_that_counts_everywhere_is_for_members_of_no_group(
    browser: Callable[[str], Visitor],
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    aware: bool,
) -> None:
    queue = Queue(engine)
    address = f"甲街{1 + aware}号"
    queue.put([Entry(key=address, address=address, issues=(Issue.AMBIGUOUS,), candidates=(HOUSE,))])
    path = f"/review/{queue.waiting()[0].id}"
    decision = {"choice": "0", "reason": "现场核对", "seen": "0"}
    if not aware:
        monkeypatch.setattr("geodata.accounts.sessions.areas_of", lambda *_: None)
    pat = browser("pat")
    assert pat.get(path).status_code == 200
    answer = pat.post(path, data=decision)
    kind = "not-allowed" if aware else "write-refused"
    assert (answer.status_code, answer.json()["type"]) == (403, f"/problems/{kind}")
    assert queue.count() == 1
    assert browser("anna").post(path, data=decision).status_code == 303


def test_options_tell_an_office_that_it_may_change_areas(
    browser: Callable[[str], Visitor],
) -> None:
    path = f"{COLLECTIONS}/sub_parks/items/east"
    allowed = {name: browser(name).options(path).headers["allow"] for name in ("pat", "anna")}
    assert allowed == {
        "pat": "GET, HEAD, OPTIONS, PUT, PATCH, DELETE",
        "anna": "GET, HEAD, OPTIONS",
    }
    assert patch("sub_parks", "east", name_en="E")(browser("anna")).status_code == 403


def test_a_token_is_bound_as_its_account_is(app: TestClient, engine: Engine) -> None:
    with engine.begin() as connection:
        new = NewToken("pat", "t", parse_scopes(["projects:write"]), 1)
        token = create_token(connection, new, datetime.now(UTC))
    client = Visitor(app, {"authorization": f"Bearer {token}"})
    assert patch("projects", "p-east", name_en="E")(client).status_code == 204
    refused = patch("projects", "p-west", name_en="W")(client)
    assert refused.json()["type"] == "/problems/outside-areas"


def test_who_joins_a_group_is_bound_from_then_on(
    browser: Callable[[str], Visitor], engine: Engine
) -> None:
    root, anna = browser("root"), browser("anna")
    form = anna.get("/account").text
    assert "管辖区域" not in form
    field = root.get("/admin/users").text.split('name="form_token" value="', 1)[1].split('"')[0]
    moved = {"name": "anna", "group": "east-office", "form_token": field}
    assert root.post("/admin/users/join", data=moved).status_code == 303
    assert "管辖区域 east" in anna.get("/account").text
    change = patch("projects", "p-west", name_en="W")
    assert change(anna).json()["type"] == "/problems/outside-areas"
    assert root.post("/admin/users/leave", data=moved).status_code == 303
    assert change(anna).status_code == 204
    with engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT recorded_by FROM projects WHERE id = 'p-west'")
        assert row.scalar_one() == "anna"
