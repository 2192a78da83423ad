"""`./zgc import` as people meet it: what export writes comes back, and exit codes tell."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from geodata.formats.catalog import FORMATS
from service.cli import main

KNOWN = ("--set", "source=测试", "--set", "as_of=2012-01-01", "--set", "boundary_status=schematic")
LAYERS = ("enterprises", "clusters")
TABLE = (
    "名称,统一社会信用代码,经度,纬度\n甲,91110108551385082Q,116.31,39.98\n乙,9111,116.32,39.98\n"
)


@pytest.fixture(scope="module")
def url(plan_url: str) -> str:
    return plan_url


@pytest.fixture
def zgc(url: str, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Runs the command line on the plan's database."""
    monkeypatch.setenv("ZGC_DATABASE_URL", url)

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(main, [str(each) for each in arguments])

    return run


@pytest.mark.parametrize("format", FORMATS, ids=lambda each: each.name)
def test_what_export_writes_comes_back_unchanged(zgc, tmp_path: Path, format) -> None:  # type: ignore[no-untyped-def]
    """Points and areas; and so do its rows when they were refused for lack of a field."""
    for layer in LAYERS:
        path = tmp_path / f"{layer}.{format.extension}"
        assert zgc("export", layer, path).exit_code == 0
        crs = ("--crs", "EPSG:4490") if format.name == "csv" else ()
        back = zgc("import", layer, path, "--mode", "replace", "--dry-run", *crs)
        assert back.exit_code == 0, back.output
        assert "0 inserted, 0 updated" in back.output
        assert " 0 removed" in back.output
    header = "来源\nSource" if format.name == "xlsx" else "source"
    leave_out = ("--map", f"{header}=", "--mode", "replace", "--report", tmp_path / "report", *crs)
    refused = zgc("import", layer, path, *leave_out)
    assert refused.exit_code == 1, refused.output
    (rows,) = (tmp_path / "report").glob("refused*")
    again = zgc("import", layer, rows, "--mode", "replace", "--dry-run", *crs)
    assert again.exit_code == 0, again.output
    assert "0 inserted, 0 updated" in again.output


def test_refused_rows_end_with_1_and_a_report(zgc, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "企业.csv"
    path.write_text(TABLE, encoding="gb18030")
    folder = tmp_path / "report"
    done = zgc("import", "enterprises", path, "--crs", "EPSG:4490", *KNOWN, "--report", folder)
    assert done.exit_code == 1
    assert "encoding 'gb18030'" in done.output
    assert "row 3, 统一社会信用代码 = '9111': must match" in done.output
    assert "refused, nothing was written" in done.output
    page = (folder / "report.html").read_text()
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "统一社会信用代码" in page
    assert (folder / "refused-企业.csv").read_text(encoding="gb18030").startswith("名称,")
    assert "pattern" in (folder / "findings.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("enterprises",), "LAYER and FILE are needed"),
        (("rivers", "a.csv"), "no layer 'rivers'"),
        (("enterprises", "a.csv"), "--crs EPSG:4490"),
        (("enterprises", "a.csv", "--crs", "EPSG:9"), "no coordinate reference system 'EPSG:9'"),
        (("enterprises", "a.csv", "--crs", "GCJ-02", "--map", "x"), "must be of the form A=B"),
        (("enterprises", "a.csv", "--map", "x=lon"), "no column 'x'"),
        (("enterprises", "a.csv", "--mode", "merge"), "'append', 'update', 'replace'"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_right(  # type: ignore[no-untyped-def]
    zgc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments, words
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text(TABLE, encoding="utf-8")
    done = zgc("import", *arguments)
    assert (done.exit_code, words in done.output) == (2, True), done.output


def test_a_broken_file_ends_with_1_in_one_sentence(zgc, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a.gpkg"
    path.write_bytes(b"SQLite format 3\0broken")
    done = zgc("import", "enterprises", path)
    assert done.exit_code == 1
    assert "Error: a.gpkg: cannot be read" in done.output


def test_an_import_is_loaded_and_taken_back(  # type: ignore[no-untyped-def]
    zgc, tmp_path: Path, plan_engine: Engine
) -> None:
    path = tmp_path / "a.geojson"
    feature = {
        "type": "Feature",
        "id": "import-test",
        "properties": {"name_zh": "导入测试"},
        "geometry": {"type": "Point", "coordinates": [116.31, 39.98]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    signed = ("--actor", "张三", "--reason", "试")
    done = zgc("import", "enterprises", path, *KNOWN, *signed)
    assert done.exit_code == 0, done.output
    number = done.output.rpartition("import ")[2].partition(":")[0]
    assert "1 inserted" in done.output
    found = text("SELECT recorded_by FROM enterprises WHERE id = 'import-test'")
    with plan_engine.connect() as connection:
        assert connection.scalar(found) == "张三"
    again = zgc("import", "enterprises", path, *KNOWN)
    assert "1 unchanged" in again.output
    back = zgc("import", "--undo", number, *signed)
    assert (back.exit_code, "1 removed" in back.output) == (0, True), back.output
    with plan_engine.connect() as connection:
        assert connection.scalar(found) is None
    nothing = zgc("import", "--undo", "999999")
    assert (nothing.exit_code, "no import 999999" in nothing.output) == (1, True)
