"""Features changed by clients: who may, over which version, by which rules, and what is kept."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from owslib.ogcapi.features import Features
from sqlalchemy import Engine, select, text

from geodata.accounts.scope import parse_scopes
from geodata.accounts.tokens import NewToken, create_token
from geodata.accounts.users import add_user
from geodata.database.engine import open_engine
from geodata.database.tables import METADATA
from layers.attribute import Role
from service.app import create_app
from service.ogc import changes
from service.ogc.changes import MERGE_PATCH
from service.ogc.links import GEOJSON
from service.settings import Settings

ITEMS = "/ogc/collections/projects/items"
PARCELS = "/ogc/collections/parcels/items"
TABLE, PAST = METADATA.tables["projects"], METADATA.tables["history.projects"]
PASSWORD = "松柏之茂 隔冬不凋 42"
USERS = {"bo": "planner", "wang": "land_officer", "root": "admin"}
VALUES = {
    "name_zh": "试点",
    "source": "test",
    "as_of": "2011-01-01",
    "boundary_status": "schematic",
    "kind": "pilot",
}
PLACE = {"type": "Point", "coordinates": [116.31, 39.98]}

Headers = dict[str, str]


def feature(feature_id: str | None = "t-1", geometry: Any = PLACE, **values: Any) -> dict[str, Any]:
    given = {} if feature_id is None else {"id": feature_id}
    return {"type": "Feature", **given, "geometry": geometry, "properties": {**VALUES, **values}}


@pytest.fixture(scope="module")
def url(migrated_database: Callable[[], str]) -> str:
    return migrated_database()


@pytest.fixture(scope="module")
def engine(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def tokens(engine: Engine) -> dict[str, Headers]:
    """Authorization by user; `reader` may only read, as a planner, `writer` only write."""
    now = datetime.now(UTC)
    scopes = dict.fromkeys(USERS, "*:read *:write") | {"reader": "*:read", "writer": "*:write"}
    owners = {"reader": "bo", "writer": "wang"}
    with engine.begin() as connection:
        for name, role in USERS.items():
            add_user(connection, name, role, password=PASSWORD, now=now)
        return {
            name: {
                "Authorization": "Bearer "
                + create_token(
                    connection,
                    NewToken(owners.get(name, name), name, parse_scopes(given.split()), 2),
                    now,
                )
            }
            for name, given in scopes.items()
        }


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(database_url=url)), raise_server_exceptions=False) as found:
        yield found


@pytest.fixture
def bo(tokens: dict[str, Headers], engine: Engine) -> Iterator[Headers]:
    """A planner; what they made is gone afterwards."""
    yield tokens["bo"]
    with engine.begin() as connection:
        connection.execute(TABLE.delete())


@pytest.fixture
def tag(client: TestClient, bo: Headers) -> str:
    """The tag of a feature `t-1` as a reader of the address gets it."""
    answer = post(client, bo, feature())
    assert answer.status_code == 201, answer.text
    return get(client)[1]


def get(client: TestClient, feature_id: str = "t-1") -> tuple[dict[str, Any], str]:
    answer = client.get(f"{ITEMS}/{feature_id}")
    assert answer.status_code == 200
    return answer.json(), answer.headers["etag"]


def post(client: TestClient, who: Headers, document: Any, path: str = ITEMS, **more: str) -> Any:
    headers = {**who, "Content-Type": GEOJSON, **more}
    return client.post(path, content=json.dumps(document), headers=headers)


def put(client: TestClient, who: Headers, document: Any, query: str = "", **more: str) -> Any:
    headers = {**who, "Content-Type": GEOJSON, **more}
    return client.put(f"{ITEMS}/t-1{query}", content=json.dumps(document), headers=headers)


def patch(client: TestClient, who: Headers, document: Any, **more: str) -> Any:
    headers = {**who, "Content-Type": MERGE_PATCH, **more}
    return client.patch(f"{ITEMS}/t-1", content=json.dumps(document), headers=headers)


def test_a_new_feature_is_where_its_location_says(client: TestClient, bo: Headers) -> None:
    answer = post(client, bo, feature(None))
    assert (answer.status_code, answer.content) == (201, b"")
    found = client.get(answer.headers["location"])
    assert found.json()["properties"]["name_zh"] == "试点"
    assert found.headers["etag"].startswith(answer.headers["etag"][:-1])


def test_a_collection_is_added_whole(client: TestClient, bo: Headers) -> None:
    features = [feature(None, name_zh=name) for name in ("甲", "乙")]
    answer = post(client, bo, {"type": "FeatureCollection", "features": features})
    assert answer.status_code == 201
    ids = answer.json()["created"]
    hrefs = [link["href"] for link in answer.json()["links"]]
    names = [client.get(href).json()["properties"]["name_zh"] for href in hrefs]
    assert (len(set(ids)), names) == (2, ["甲", "乙"])


def test_of_a_collection_with_one_fault_nothing_is_added(client: TestClient, bo: Headers) -> None:
    features = [feature("t-1", name_zh="甲"), feature("t-2", name_zh="乙", kind="castle")]
    answer = post(client, bo, {"type": "FeatureCollection", "features": features})
    assert answer.status_code == 422
    (found,) = answer.json()["findings"]
    assert {name: found[name] for name in ("feature", "field", "rule")} == {
        "feature": 2,
        "field": "kind",
        "rule": "codes",
    }
    assert "castle" in found["value"]
    assert found["remedy"]["en"]
    assert client.get(ITEMS).json()["numberReturned"] == 0


def test_the_tag_is_strong_and_outlives_changes_of_others(
    client: TestClient, bo: Headers, tag: str
) -> None:
    assert post(client, bo, feature("t-2", name_zh="邻")).status_code == 201
    assert get(client)[1] == tag
    assert not tag.startswith("W/")
    same = client.get(f"{ITEMS}/t-1", headers={"If-None-Match": tag})
    assert (same.status_code, same.headers["etag"]) == (304, tag)


def test_encodings_and_renditions_have_tags_of_their_own(client: TestClient, tag: str) -> None:
    ways = [("", "identity"), ("", "gzip"), ("?crs=[EPSG:4490]", "identity")]
    tags = [
        client.get(f"{ITEMS}/t-1{query}", headers={"Accept-Encoding": coding}).headers["etag"]
        for query, coding in ways
    ]
    assert len(set(tags)) == 3
    assert {each[1:].partition("-")[0] for each in tags} == {tag[1:].partition("-")[0]}


def test_the_tag_of_any_rendition_allows_the_change(
    client: TestClient, bo: Headers, tag: str
) -> None:
    assert tag
    headers = {"Accept-Encoding": "gzip"}
    other = client.get(f"{ITEMS}/t-1?properties=name_zh", headers=headers).headers["etag"]
    answer = patch(client, bo, {"properties": {"name_en": "P"}}, **{"If-Match": f'"x", {other}'})
    assert answer.status_code == 204


def test_the_second_of_two_editors_gets_both_versions_and_what_both_began_with(
    client: TestClient, bo: Headers, tokens: dict[str, Headers], tag: str
) -> None:
    first = patch(client, bo, {"properties": {"name_en": "First"}}, **{"If-Match": tag})
    change = feature(name_en="Second")
    second = put(client, tokens["root"], change, **{"If-Match": tag})
    problem = second.json()
    assert (first.status_code, second.status_code) == (204, 412)
    assert problem["type"] == "/problems/lost-update"
    assert problem["given"] == {"etag": tag, "body": change}
    assert problem["present"]["feature"]["properties"]["name_en"] == "First"
    assert problem["base"]["feature"]["properties"]["name_en"] is None
    assert problem["base"]["feature"]["geometry"] == PLACE
    again = put(client, tokens["root"], change, **{"If-Match": problem["present"]["etag"]})
    assert (again.status_code, get(client)[0]["properties"]["name_en"]) == (204, "Second")


def test_a_version_that_never_was_is_no_base(client: TestClient, bo: Headers, tag: str) -> None:
    assert tag
    answer = patch(client, bo, {"properties": {}}, **{"If-Match": '"5e1f.3-0", "x.y"'})
    assert (answer.status_code, answer.json()["base"]) == (412, None)


OUTSIDE = {"type": "Point", "coordinates": [121.47, 31.23]}


def test_what_asks_for_a_second_look_is_told_with_what_was_written(
    client: TestClient, bo: Headers
) -> None:
    created = post(client, bo, feature(geometry=OUTSIDE))
    assert (created.status_code, created.headers["location"][-3:]) == (201, "t-1")
    match = {"If-Match": get(client)[1]}
    replaced = put(client, bo, feature(geometry=OUTSIDE, name_en="Away"), **match)
    assert replaced.status_code == 200
    match = {"If-Match": get(client)[1]}
    merged = patch(client, bo, {"geometry": OUTSIDE, "properties": {"name_en": "Far"}}, **match)
    assert (merged.status_code, get(client)[0]["properties"]["name_en"]) == (200, "Far")
    for answer in (created, replaced, merged):
        (found,) = answer.json()["warnings"]
        assert (found["rule"], found["feature"]) == ("outside-beijing", 1)
        assert found["remedy"]["en"]


def test_warnings_name_the_feature_of_a_collection(client: TestClient, bo: Headers) -> None:
    features = [feature(None, name_zh="甲"), feature(None, OUTSIDE, name_zh="乙")]
    answer = post(client, bo, {"type": "FeatureCollection", "features": features})
    assert (answer.status_code, len(answer.json()["created"])) == (201, 2)
    assert [each["feature"] for each in answer.json()["warnings"]] == [2]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("given", "status"),
    [(None, 428), ('"0.0-0"', 412), ("W/{}", 412), ("nonsense", 412), ("*", 204), ("{}", 204)],
)
def test_a_change_names_the_version_it_is_of(
    client: TestClient, bo: Headers, tag: str, method: str, given: str | None, status: int
) -> None:
    kind = MERGE_PATCH if method == "PATCH" else GEOJSON
    match = {} if given is None else {"If-Match": given.format(tag)}
    answer = client.request(
        method,
        f"{ITEMS}/t-1",
        content=json.dumps(feature(name_zh="改")),
        headers={**bo, "Content-Type": kind, **match},
    )
    assert answer.status_code == status, answer.text


def test_null_in_a_patch_removes_a_value(client: TestClient, bo: Headers, tag: str) -> None:
    first = patch(client, bo, {"properties": {"name_en": "P"}}, **{"If-Match": tag})
    change = {"properties": {"name_en": None}, "geometry": None}
    second = patch(client, bo, change, **{"If-Match": first.headers["etag"]})
    assert (first.status_code, second.status_code) == (204, 204)
    document = get(client)[0]
    assert (document["properties"]["name_en"], document["geometry"]) == (None, None)


def test_what_was_got_can_be_put_back_unchanged(client: TestClient, bo: Headers, tag: str) -> None:
    document = get(client)[0]
    assert put(client, bo, document, **{"If-Match": tag}).status_code == 204
    assert get(client) == (document, tag)


def test_the_history_tells_the_account_and_the_reason(
    client: TestClient, bo: Headers, tag: str, engine: Engine
) -> None:
    answer = put(client, bo, feature(name_zh="改"), "?reason=实地核查", **{"If-Match": tag})
    assert answer.status_code == 204
    with engine.connect() as connection:
        row = connection.execute(select(TABLE)).one()
    assert (row.recorded_by, row.recorded_reason) == ("bo", "实地核查")


@pytest.mark.parametrize("crs", ["http://www.opengis.net/def/crs/EPSG/0/4490", "[EPSG:4548]"])
def test_coordinates_go_out_and_come_in_in_the_same_crs(
    client: TestClient, bo: Headers, tag: str, crs: str
) -> None:
    answer = client.get(f"{ITEMS}/t-1?crs={crs}")
    assert answer.json()["geometry"]["coordinates"] != PLACE["coordinates"]
    headers = {"If-Match": tag, "Content-Crs": answer.headers["content-crs"]}
    assert put(client, bo, answer.json(), **headers).status_code == 204
    assert get(client)[0]["geometry"]["coordinates"] == pytest.approx(
        PLACE["coordinates"], abs=2e-8
    )


def test_who_writes_but_does_not_read_is_told_what_the_public_knows(
    client: TestClient, tokens: dict[str, Headers]
) -> None:
    ring = [[116.3, 39.9], [116.301, 39.9], [116.301, 39.901], [116.3, 39.901], [116.3, 39.9]]
    parcel = feature("p-1", {"type": "Polygon", "coordinates": [ring]}, holder="某公司")
    parcel["properties"]["parcel_code"] = "110108001001GB00001"
    del parcel["properties"]["kind"]
    assert post(client, tokens["wang"], parcel, PARCELS).status_code == 201
    change = {**tokens["wang"], "Content-Type": MERGE_PATCH}
    first = client.get(f"{PARCELS}/p-1", headers=tokens["wang"]).headers["etag"]
    body = json.dumps({"properties": {"name_en": "P"}})
    changed = client.patch(f"{PARCELS}/p-1", content=body, headers={**change, "If-Match": first})
    assert changed.status_code in (200, 204)
    told = {}
    for name in ("wang", "writer"):
        headers = {**tokens[name], "If-Match": first, "Content-Type": MERGE_PATCH}
        answer = client.patch(f"{PARCELS}/p-1", content=b"{}", headers=headers)
        assert answer.status_code == 412
        versions = (answer.json()[which]["feature"] for which in ("present", "base"))
        told[name] = [version["properties"].get("holder") for version in versions]
    assert told == {"wang": ["某公司"] * 2, "writer": [None] * 2}
    gone = client.delete(f"{PARCELS}/p-1", headers={**tokens["writer"], "If-Match": "*"})
    assert gone.status_code == 204


WHO = {
    "nobody": ({}, ITEMS, 401, "sign-in-needed"),
    "worthless token": ({"Authorization": "Bearer x"}, ITEMS, 401, "invalid-token"),
    "reading token": ("reader", ITEMS, 403, "not-allowed"),
    "lesser role": ("bo", PARCELS, 403, "not-allowed"),
}


@pytest.mark.parametrize(("who", "path", "status", "name"), WHO.values(), ids=WHO)
def test_who_may_not_is_told_before_anything_is_read(
    client: TestClient,
    tokens: dict[str, Headers],
    who: Any,
    path: str,
    status: int,
    name: str,
) -> None:
    headers = tokens[who] if isinstance(who, str) else who
    answer = post(client, headers, {"type": "nonsense"}, path)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{name}")
    methods = client.options(path, headers=headers).headers.get("allow", "")
    assert "POST" not in methods


def test_clients_learn_by_options_what_they_may(
    client: TestClient, tokens: dict[str, Headers]
) -> None:
    allowed = {
        path: client.options(path, headers=tokens["bo"]).headers["allow"]
        for path in (ITEMS, f"{ITEMS}/any")
    }
    assert allowed == {
        ITEMS: "GET, HEAD, OPTIONS, POST",
        f"{ITEMS}/any": "GET, HEAD, OPTIONS, PUT, PATCH, DELETE",
    }
    assert client.options(ITEMS).headers["allow"] == "GET, HEAD, OPTIONS"


def test_pages_of_other_origins_may_send_what_a_change_needs(client: TestClient) -> None:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "PATCH"}
    answer = client.options(f"{ITEMS}/t-1", headers=asked)
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    accepted = answer.headers["access-control-allow-headers"].lower()
    assert {"if-match", "authorization", "content-crs"} <= set(accepted.split(", "))
    assert "access-control-allow-credentials" not in answer.headers


def test_the_database_refuses_when_the_service_forgets_to(
    client: TestClient, tokens: dict[str, Headers], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "check_writer", lambda *_: None)
    clusters = "/ogc/collections/clusters/items"
    area = feature(None, None, level=1)
    del area["properties"]["kind"]
    answer = post(client, tokens["bo"], area, clusters)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/write-refused")
    assert client.get(clusters).json()["numberReturned"] == 0


BODIES = {
    "other media type": (feature(), {"Content-Type": "text/plain"}, 415),
    "no feature": ({"type": "Point", "coordinates": [1, 2]}, {}, 400),
    "no features": ({"type": "FeatureCollection", "features": []}, {}, 400),
    "too many": ({"type": "FeatureCollection", "features": [feature()] * 1001}, {}, 400),
    "a list for properties": ({**feature(), "properties": []}, {}, 400),
    "crs as a member": ({**feature(), "crs": None}, {}, 400),
    "unknown crs": (feature(), {"Content-Crs": "<http://example.org/crs>"}, 400),
    "unknown attribute": (feature(colour="red"), {}, 422),
    "broken geometry": (feature(geometry={"type": "Point", "coordinates": ["a"]}), {}, 422),
    "no geometry type": (feature(geometry={"coordinates": [1, 2]}), {}, 422),
}


@pytest.mark.parametrize(("document", "headers", "status"), BODIES.values(), ids=BODIES)
def test_a_body_that_cannot_be_used_is_refused_with_the_reason(
    client: TestClient, bo: Headers, document: Any, headers: Headers, status: int
) -> None:
    answer = post(client, bo, document, **headers)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]
    assert client.get(ITEMS).json()["numberReturned"] == 0


def test_a_taken_id_is_a_conflict(client: TestClient, bo: Headers, tag: str) -> None:
    answer = post(client, bo, feature(name_zh="另"))
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/feature-exists")
    assert get(client)[1] == tag


def test_another_features_document_is_not_taken_for_this_one(
    client: TestClient, bo: Headers, tag: str
) -> None:
    answer = put(client, bo, feature("t-2"), **{"If-Match": tag})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-body")


def test_an_area_in_use_cannot_be_removed(
    client: TestClient, bo: Headers, tokens: dict[str, Headers]
) -> None:
    area = feature("t-area", None, level=1)
    del area["properties"]["kind"]
    clusters = "/ogc/collections/clusters/items"
    assert post(client, tokens["root"], area, clusters).status_code == 201
    assert post(client, bo, feature(area="t-area")).status_code == 201
    headers = {**tokens["root"], "If-Match": "*"}
    answer = client.delete(f"{clusters}/t-area", headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/database-refused")
    assert client.delete(f"{ITEMS}/t-1", headers=headers).status_code == 204
    assert client.delete(f"{clusters}/t-area", headers=headers).status_code == 204


def test_a_layer_of_the_declarations_names_its_writer(client: TestClient, engine: Engine) -> None:
    with engine.connect() as connection:
        owner = connection.execute(text("SELECT current_user")).scalar_one()
        may = text("SELECT has_table_privilege(:role, 'parcels', 'DELETE')")
        rights = [
            connection.execute(may, {"role": f"{owner}_writer_{role}"}).scalar_one()
            for role in (Role.PLANNER, Role.LAND_OFFICER, Role.ADMIN)
        ]
    assert rights == [False, True, True]
    assert set(changes.CONFORMANCE) <= set(client.get("/ogc/conformance").json()["conformsTo"])


def test_owslib_creates_updates_and_deletes(
    url: str,
    serve: Callable[[str], str],
    bo: Headers,
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # OWSLib adds to a dictionary that all its clients share.
    monkeypatch.setattr("owslib.ogcapi.REQUEST_HEADERS", {})
    headers = {**bo, "Content-Type": GEOJSON}
    remote = Features(f"{serve(url)}/ogc/", headers=headers)
    assert remote.collection_item_create("projects", json.dumps(feature()))
    document = remote.collection_item("projects", "t-1")
    remote.headers["If-Match"] = remote.response_headers["ETag"]
    document["properties"]["name_en"] = "By OWSLib"
    assert remote.collection_item_update("projects", "t-1", json.dumps(document))
    assert get(client)[0]["properties"]["name_en"] == "By OWSLib"
    with pytest.raises(RuntimeError, match="lost-update"):
        remote.collection_item_delete("projects", "t-1")
    remote.collection_item("projects", "t-1")
    remote.headers["If-Match"] = remote.response_headers["ETag"]
    assert remote.collection_item_delete("projects", "t-1")
    assert client.get(f"{ITEMS}/t-1").status_code == 404
