"""Files as users bring them, on the database of the plan, in transactions undone."""

import shutil
from pathlib import Path

import pytest

from geodata.geocoding.gazetteer import open_gazetteer
from geodata.geocoding.geocode import GazetteerGeocoder
from geodata.ingest.file_import import check, load, read
from geodata.ingest.request import Request
from layers.catalog import CATALOG


class Desk:
    """Checks and loads files of a folder, on the database of the plan."""

    def __init__(self, engine, folder):
        self.engine, self.folder = engine, folder

    def write(self, name, content):
        path = self.folder / name
        path.write_text(content, encoding="utf-8")
        return path

    def check(self, layer, path, **options):
        path = Path(path)
        request = Request(layer=CATALOG.get(layer), path=path, file=path.name, **options)
        work = self.folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        source, columns = read(request, work)
        with self.engine.connect() as connection:
            self.request = request
            return check(request, source, columns, connection, work, _geocoder)

    def load(self, checked, **options):
        signed = {"actor": "test", "reason": "test", "accept_valid": False, "dry_run": True}
        return load(self.engine, self.request, checked, **(signed | options))


def _geocoder():
    return GazetteerGeocoder(open_gazetteer())


@pytest.fixture
def desk(plan_engine, tmp_path):
    return Desk(plan_engine, tmp_path)


@pytest.fixture
def empty_desk(migrated, tmp_path):
    """On a database without features, in which loads may stay."""
    return Desk(migrated, tmp_path)
