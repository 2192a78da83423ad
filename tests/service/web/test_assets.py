"""Every file that a page loads is ours, declared and complete."""

import re
from collections import Counter
from pathlib import Path

import folium
import pytest
from folium import plugins

from service.web import assets

MAP_CLASSES = (
    folium.Map,
    plugins.Draw,
    plugins.FastMarkerCluster,
    plugins.Fullscreen,
    plugins.MarkerCluster,
    plugins.MousePosition,
)
FOLIUM_URLS = sorted({url for c in MAP_CLASSES for _, url in c.default_js + c.default_css})


@pytest.mark.parametrize("url", FOLIUM_URLS)
def test_each_address_of_folium_is_served_locally_or_dropped(url: str) -> None:
    local = assets.local_url(url)
    if local is None:
        assert url.rsplit("/", 1)[1] in assets.DROPPED
    else:
        assert _on_disk(local).is_file()


def test_an_undeclared_address_fails_closed() -> None:
    with pytest.raises(LookupError, match=r"https://cdn\.example/leaflet-other\.js"):
        assets.local_url("https://cdn.example/leaflet-other.js")


def test_a_query_string_does_not_hide_the_file() -> None:
    local = assets.local_url("https://cdn.example/leaflet@1/dist/leaflet.js?v=2#x")
    assert local == assets.asset_url("leaflet", "dist/leaflet.js")


@pytest.mark.parametrize(
    ("package", "file"), [("leaflet", "dist/leaflet-src.js"), ("unknown", "index.js")]
)
def test_an_undeclared_file_is_refused(package: str, file: str) -> None:
    with pytest.raises(LookupError, match=re.escape(f"{package} {file}")):
        assets.asset_url(package, file)


def test_urls_carry_the_locked_version() -> None:
    assert assets.asset_url("leaflet", "dist/images/layers.png") == (
        "/static/vendor/leaflet/1.9.4/dist/images/layers.png"
    )


def test_no_file_name_stands_for_two_files() -> None:
    names = Counter(name for row in assets.PACKAGES for name in row.stands_for)
    assert [name for name, count in names.items() if count > 1] == []
    assert assets.DROPPED.isdisjoint(names)


def test_each_replacement_is_a_declared_file() -> None:
    for row in assets.PACKAGES:
        for file in row.stands_for.values():
            assert file in row.files, (row.name, file)


def test_styles_refer_only_to_vendored_files() -> None:
    styles = sorted(assets.VENDOR.rglob("*.css"))
    assert styles
    for style in styles:
        for reference in _references(style):
            assert (style.parent / reference).is_file(), (style, reference)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetError, match=r"fontawesome-free .* run npm ci"):
        assets.vendor(tmp_path / "node_modules", tmp_path / "vendor")


def test_vendoring_replaces_the_folder(tmp_path: Path) -> None:
    node_modules = _node_modules(tmp_path)
    stale = tmp_path / "vendor" / "leaflet" / "0.1" / "leaflet.js"
    stale.parent.mkdir(parents=True)
    stale.touch()
    count = assets.vendor(node_modules, tmp_path / "vendor")
    assert count == sum(path.is_file() for path in (tmp_path / "vendor").rglob("*"))
    assert not stale.exists()


@pytest.mark.parametrize(
    "rule", ["a{background:url(//cdn.example/a.png)}", '@import "https://cdn.example/a.css";']
)
def test_a_style_that_loads_from_elsewhere_is_refused(tmp_path: Path, rule: str) -> None:
    node_modules = _node_modules(tmp_path)
    (node_modules / "leaflet" / "dist" / "leaflet.css").write_text(rule, encoding="utf-8")
    with pytest.raises(assets.AssetError, match=r"leaflet\.css would load .*//cdn\.example"):
        assets.vendor(node_modules, tmp_path / "vendor")
    assert not (tmp_path / "vendor").exists()


def _on_disk(url: str) -> Path:
    return assets.VENDOR / url.removeprefix(assets.VENDOR_URL + "/")


def _references(style: Path) -> list[str]:
    found = re.findall(r"url\(\s*['\"]?([^'\")]+)", style.read_text(encoding="utf-8"))
    return [url for url in found if not url.startswith(("data:", "#"))]


def _node_modules(folder: Path) -> Path:
    for row in assets.PACKAGES:
        for pattern in row.files:
            file = folder / "node_modules" / row.name / pattern.replace("*", "one.bin")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("", encoding="utf-8")
    return folder / "node_modules"
