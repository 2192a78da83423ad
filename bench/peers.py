"""The servers that are compared: what to install, how to start; one process each, on loopback."""

import json
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import click
import psycopg
from psycopg import conninfo

from bench.database import planners_token
from bench.server import Running, free_port, running
from bench.workload import KEEPING, KNOWN
from service.limits import Kind

ROOT = Path(__file__).parents[1]

TIPG = ("tipg==1.6.1", "uvicorn[standard]==0.54.0")
PYGEOAPI = (
    "pygeoapi==0.21.0",
    "gunicorn==27.0.1",
    "GeoAlchemy2==0.20.0",
    "psycopg2-binary==2.9.13",
)
"""The newest of both that run on Python 3.11."""

MOST_FEATURES = 10_000_000

Report = Callable[[str], None]


@dataclass(frozen=True)
class Address:
    """A database as the peers want it: in parts."""

    host: str
    port: int
    database: str
    user: str
    password: str

    @classmethod
    def of(cls, url: str) -> "Address":
        """Parts of a libpq URL, what it leaves out as libpq would fill it in."""
        with psycopg.connect(url) as connection:
            info = connection.info
            password = str(conninfo.conninfo_to_dict(url).get("password") or "")
            return cls(info.host, info.port, info.dbname, info.user, password)

    @property
    def url(self) -> str:
        """A URL whose host may be a folder of sockets."""
        user = quote(self.user) + (f":{quote(self.password)}" if self.password else "")
        host = f"{quote(self.host, safe='')}:{self.port}"
        return f"postgresql://{user}@{host}/{quote(self.database)}"


@contextmanager
def all_servers(
    names: tuple[str, ...], url: str, folder: Path, report: Report
) -> Iterator[list[Running]]:
    """Runs the servers named on a database."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        yield [stack.enter_context(START[name](url, folder, report)) for name in names]


@contextmanager
def _zgc(url: str, folder: Path, report: Report) -> Iterator[Running]:
    with _ours("zgc", url, folder, report, {"ZGC_CACHE_MB": "0"}) as server:
        yield server


@contextmanager
def _keeping(url: str, folder: Path, report: Report) -> Iterator[Running]:
    with _ours(KEEPING, url, folder, report, {}) as server:
        yield server


@contextmanager
def _known(url: str, folder: Path, report: Report) -> Iterator[Running]:
    with _ours(KNOWN, url, folder, report, {}) as server:
        yield replace(server, token=planners_token(url))


@contextmanager
def _ours(
    name: str, url: str, folder: Path, report: Report, settings: Mapping[str, str]
) -> Iterator[Running]:
    report(f"Starting {name}")
    port = free_port()
    command = (sys.executable, "-m", "service.cli", "serve", "--port", str(port))
    limits = {f"ZGC_RATE_{kind.upper()}": "0" for kind in Kind}
    environment = {"ZGC_DATABASE_URL": url, "PYTHONPATH": str(ROOT), **limits, **settings}
    with running(name, port, command, environment, folder / f"{name}-{port}.log") as server:
        yield server


@contextmanager
def _tipg(url: str, folder: Path, report: Report) -> Iterator[Running]:
    programs = _installed(folder / "tipg", TIPG, report)
    report("Starting tipg")
    port = free_port()
    command = (str(programs / "uvicorn"), "tipg.main:app", "--port", str(port))
    environment = {
        "DATABASE_URL": Address.of(url).url,
        "TIPG_DB_SCHEMAS": '["peers"]',
        "TIPG_MAX_FEATURES_PER_QUERY": str(MOST_FEATURES),
    }
    quiet = ("--log-level", "warning")
    with running("tipg", port, (*command, *quiet), environment, folder / "tipg.log") as server:
        yield server


@contextmanager
def _pygeoapi(url: str, folder: Path, report: Report) -> Iterator[Running]:
    programs = _installed(folder / "pygeoapi", PYGEOAPI, report)
    report("Starting pygeoapi")
    port = free_port()
    config, described = folder / f"pygeoapi-{port}.yml", folder / f"pygeoapi-{port}.openapi.yml"
    config.write_text(json.dumps(_pygeoapi_config(Address.of(url), port)), encoding="utf-8")
    subprocess.run(
        [programs / "pygeoapi", "openapi", "generate", config, "--output-file", described],
        check=True,
        capture_output=True,
    )
    environment = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(described)}
    threads = ("--workers", "1", "--worker-class", "gthread", "--threads", "8", "--timeout", "900")
    command = (str(programs / "gunicorn"), *threads, "--bind", f"127.0.0.1:{port}")
    app = "pygeoapi.flask_app:APP"
    log = folder / "pygeoapi.log"
    with running("pygeoapi", port, (*command, app), environment, log) as server:
        yield server


START = {"zgc": _zgc, KEEPING: _keeping, KNOWN: _known, "tipg": _tipg, "pygeoapi": _pygeoapi}


def _installed(folder: Path, packages: tuple[str, ...], report: Report) -> Path:
    """Programs of a virtual environment that holds exactly these versions."""
    done = folder / "installed.txt"
    wanted = "\n".join(packages)
    if not done.exists() or done.read_text(encoding="utf-8") != wanted:
        report(f"Installing {', '.join(packages)}")
        venv.create(folder, with_pip=True, clear=True)
        command = (str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *packages)
        if subprocess.call(command):
            raise click.ClickException(f"{packages[0]} could not be installed")
        done.write_text(wanted, encoding="utf-8")
    return folder / "bin"


def _pygeoapi_config(address: Address, port: int) -> dict[str, object]:
    """The least that pygeoapi starts with; JSON is YAML."""
    text = {"name": "bench", "url": "http://127.0.0.1"}
    titles = {"title": "bench", "description": "bench", "keywords": ["bench"]}
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": f"http://127.0.0.1:{port}",
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "gzip": False,
            "languages": ["en-US"],
            "pretty_print": False,
            "limits": {"default_items": 10, "max_items": MOST_FEATURES},
            "map": {"url": "http://127.0.0.1", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                **titles,
                "keywords_type": "theme",
                "terms_of_service": "none",
                **text,
            },
            "license": text,
            "provider": text,
            "contact": {"name": "bench", "address": "none"},
        },
        "resources": {name: _collection(name, address) for name in ("enterprises", "parcels")},
    }


def _collection(name: str, address: Address) -> dict[str, object]:
    source = {
        "data": {
            "host": address.host,
            "port": address.port,
            "dbname": address.database,
            "user": address.user,
            "password": address.password,
            "search_path": ["peers"],
        },
        "id_field": "id",
        "table": name,
        "geom_field": "geom",
    }
    tiles = {"name": "pbf", "mimetype": "application/vnd.mapbox-vector-tile"}
    crs = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    return {
        "type": "collection",
        "title": name,
        "description": name,
        "keywords": [name],
        "links": [],
        "extents": {"spatial": {"bbox": [115, 39, 118, 42], "crs": crs}},
        "providers": [
            {"type": "feature", "name": "PostgreSQL", **source},
            {
                "type": "tile",
                "name": "MVT-postgresql",
                **source,
                "options": {"zoom": {"min": 0, "max": 22}},
                "format": tiles,
            },
        ],
    }
