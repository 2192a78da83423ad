"""Scripts, styles, fonts and images of others, served by the service itself.

`package.json` names the packages, `package-lock.json` their versions and checksums; the rows here
say which of their files a page needs and which addresses in Folium's pages they stand for.
`python -m service.web.assets NODE_MODULES` copies them to `static/vendor/<package>/<version>/`.
"""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from geodata.errors import GeodataError

ROOT = Path(__file__).parents[2]
VENDOR = Path(__file__).parent / "static" / "vendor"
VENDOR_URL = "/static/vendor"


class AssetError(GeodataError):
    """A vendored file is missing or would load something from another host."""


@dataclass(frozen=True)
class Package:
    """Files taken from one npm package.

    Args:
        name: npm package.
        files: paths inside the package, `*` allowed.
        stands_for: last path segment of a Folium address, to the file that replaces it.
    """

    name: str
    files: tuple[str, ...]
    stands_for: dict[str, str] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """Version in `package-lock.json`."""
        return _locked_versions()[self.name]

    def url(self, file: str) -> str:
        """Path under which the service serves a file of this package."""
        return f"{VENDOR_URL}/{self.name}/{self.version}/{file}"


PACKAGES = (
    Package(
        "@fortawesome/fontawesome-free",
        ("LICENSE.txt", "css/all.min.css", "webfonts/*"),
        {"all.min.css": "css/all.min.css"},
    ),
    Package(
        "bootstrap",
        ("LICENSE", "dist/css/bootstrap.min.css", "dist/js/bootstrap.bundle.min.js"),
        {
            "bootstrap.min.css": "dist/css/bootstrap.min.css",
            "bootstrap.bundle.min.js": "dist/js/bootstrap.bundle.min.js",
        },
    ),
    Package(
        "jquery",
        ("LICENSE.txt", "dist/jquery.min.js"),
        {
            "jquery-3.7.1.min.js": "dist/jquery.min.js",
            "jquery.min.js": "dist/jquery.min.js",
        },
    ),
    Package(
        "leaflet",
        ("LICENSE", "dist/leaflet.js", "dist/leaflet.css", "dist/images/*"),
        {"leaflet.js": "dist/leaflet.js", "leaflet.css": "dist/leaflet.css"},
    ),
    Package(
        "leaflet-draw",
        ("README.md", "dist/leaflet.draw.js", "dist/leaflet.draw.css", "dist/images/*"),
        {
            "leaflet.draw.js": "dist/leaflet.draw.js",
            "leaflet.draw.css": "dist/leaflet.draw.css",
        },
    ),
    Package(
        "leaflet-mouse-position",
        (
            "MIT-LICENCE.txt",
            "src/L.Control.MousePosition.js",
            "src/L.Control.MousePosition.css",
        ),
        {
            "L.Control.MousePosition.min.js": "src/L.Control.MousePosition.js",
            "L.Control.MousePosition.min.css": "src/L.Control.MousePosition.css",
        },
    ),
    Package(
        "leaflet.awesome-markers",
        (
            "LICENSE",
            "dist/leaflet.awesome-markers.min.js",
            "dist/leaflet.awesome-markers.css",
            "dist/images/*",
        ),
        {
            "leaflet.awesome-markers.js": "dist/leaflet.awesome-markers.min.js",
            "leaflet.awesome-markers.css": "dist/leaflet.awesome-markers.css",
        },
    ),
    Package(
        "leaflet.fullscreen",
        ("LICENSE", "Control.FullScreen.js", "Control.FullScreen.css", "icon-fullscreen.svg"),
        {
            "Control.FullScreen.min.js": "Control.FullScreen.js",
            "Control.FullScreen.css": "Control.FullScreen.css",
        },
    ),
    Package(
        "leaflet.markercluster",
        (
            "MIT-LICENCE.txt",
            "dist/leaflet.markercluster.js",
            "dist/MarkerCluster.css",
            "dist/MarkerCluster.Default.css",
        ),
        {
            "leaflet.markercluster.js": "dist/leaflet.markercluster.js",
            "MarkerCluster.css": "dist/MarkerCluster.css",
            "MarkerCluster.Default.css": "dist/MarkerCluster.Default.css",
        },
    ),
    Package("pbf", ("LICENSE", "dist/pbf.js"), {"pbf.js": "dist/pbf.js"}),
)

# Only Folium's default icon prefix `glyphicon` and rotated icons need these; no npm package has
# them, and our icons use the prefix `fa`.
DROPPED = frozenset({"bootstrap-glyphicons.css", "leaflet.awesome.rotate.min.css"})

LOADS_FROM_ELSEWHERE = re.compile(r"(?:url\(\s*['\"]?|@import\s+['\"])(?:https?:)?//[^'\")]*")


@cache
def _locked_versions() -> dict[str, str]:
    """Version by package, from the npm lock file."""
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    prefix = "node_modules/"
    return {
        path.removeprefix(prefix): entry["version"]
        for path, entry in lock["packages"].items()
        if path.startswith(prefix)
    }


def asset_url(package: str, file: str) -> str:
    """Path under which the service serves `file` of `package`.

    Raises:
        LookupError: no row declares the package or the file.
    """
    row = next((row for row in PACKAGES if row.name == package), None)
    if row is None or not any(fnmatchcase(file, pattern) for pattern in row.files):
        raise LookupError(f"{package} {file}: not declared in service/web/assets.py")
    return row.url(file)


def local_url(cdn_url: str) -> str | None:
    """Our own path for an address that Folium would load, None if it is to be left out.

    Raises:
        LookupError: no row declares the file; loading it from elsewhere is not an option.
    """
    name = PurePosixPath(urlsplit(cdn_url).path).name
    if name in DROPPED:
        return None
    for row in PACKAGES:
        if name in row.stands_for:
            return row.url(row.stands_for[name])
    raise LookupError(f"{cdn_url}: declare the file in service/web/assets.py")


def vendor(node_modules: Path, target: Path = VENDOR) -> int:
    """Replaces `target` by the declared files of the installed packages; returns their number.

    Raises:
        AssetError: a declared file is missing, or a style would load from another host.
    """
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    copied = [_copy(source, fresh / relative) for source, relative in _declared(node_modules)]
    for style in fresh.rglob("*.css"):
        _refuse_foreign_addresses(style)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return len(copied)


def _declared(node_modules: Path) -> Iterator[tuple[Path, Path]]:
    """Each declared file with its path below the vendor folder."""
    for row in PACKAGES:
        package = node_modules / row.name
        for pattern in row.files:
            found = sorted(package.glob(pattern))
            if not found:
                raise AssetError(f"{row.name} {row.version} has no {pattern}: run npm ci")
            for source in found:
                yield source, Path(row.name, row.version) / source.relative_to(package)


def _copy(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(source, target))


def _refuse_foreign_addresses(style: Path) -> None:
    found = LOADS_FROM_ELSEWHERE.search(style.read_text(encoding="utf-8"))
    if found:
        raise AssetError(f"{style.name} would load {found.group()}: remove it from the rows")


def main(arguments: list[str]) -> int:
    """`python -m service.web.assets NODE_MODULES`."""
    try:
        count = vendor(Path(arguments[0]))
    except AssetError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{count} files in {VENDOR.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
