"""What is done with a file, in a process of its own: a reader that breaks breaks no service."""

import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import wraps
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import shapely
from sqlalchemy import Engine

from geodata.database.author import WriteRefusedError
from geodata.database.engine import open_engine
from geodata.errors import SHOWN, GeodataError, OutsideAreasError
from geodata.formats.fields import ID
from geodata.geocoding.candidate import Geocoder
from geodata.geocoding.gazetteer import open_gazetteer
from geodata.geocoding.geocode import GazetteerGeocoder
from geodata.ingest.addresses import DecidedGeocoder
from geodata.ingest.copy import GEOMETRY
from geodata.ingest.crs import CrsMissingError
from geodata.ingest.file_import import check, check_areas, load, read
from geodata.ingest.finding import RefusedError
from geodata.ingest.inspection import Checked
from geodata.ingest.mapping import Columns
from geodata.ingest.request import Request
from geodata.ingest.source import Encoding, Source
from layers.attribute import Attribute
from service.errors import ImportFailedError
from service.imports import bounds
from service.imports.report import PLACES, Group, groups, write_report
from service.imports.workers import REPORT, Job, Signature

LOG = logging.getLogger(__name__)

MOST_PREVIEWED = 2_000
"""Features that the map shows."""

MOST_LISTED = 20
"""Findings of each rule that the page lists; the report has them all."""

SAMPLES = 3
LONGEST_SAMPLE = 60


def _told(work: Callable[..., bytes]) -> Callable[..., bytes]:
    """Errors cross to the service as words: not all of them can be sent as they are."""

    @wraps(work)
    def telling(*arguments: object) -> bytes:
        try:
            return work(*arguments)
        except OutsideAreasError:
            raise
        except WriteRefusedError as error:
            raise WriteRefusedError(str(error)) from None
        except GeodataError as error:
            raise ImportFailedError(str(error)) from None
        except MemoryError:
            raise ImportFailedError(
                "the file needs more memory than an import may take; split it, or send it in"
                " another format"
            ) from None
        finally:
            bounds.end()

    return telling


@_told
def check_work(job: Job) -> bytes:
    """What the page shows of a file: what it was taken for, findings, and a part of its map."""
    source, columns = _read(job)
    answer = _taken_for(job.request, source, columns)
    engine = open_engine(job.url)
    try:
        answer |= _judged(job, engine, source, columns)
    except CrsMissingError as error:
        answer |= {"needs_crs": True, "problem": str(error)}
    finally:
        engine.dispose()
    return orjson.dumps(answer)


@_told
def load_work(job: Job, signature: Signature) -> bytes:
    """Load the file, which is checked once more: the database may have changed."""
    source, columns = _read(job)
    engine = open_engine(job.url)
    try:
        checked = _checked(job, engine, source, columns)
        loaded = load(engine, job.request, checked, **asdict(signature))
    except RefusedError:
        return orjson.dumps({"refused": True})
    finally:
        engine.dispose()
    return orjson.dumps({"refused": False} | asdict(loaded))


def _read(job: Job) -> tuple[Source, Columns]:
    """What only a hostile file brings about is told, and stands in the log."""
    shutil.rmtree(job.folder, ignore_errors=True)
    job.folder.mkdir()
    bounds.begin_reading()
    try:
        return read(job.request, job.folder)
    except (GeodataError, MemoryError):
        raise
    except Exception as error:
        LOG.exception("%s could not be read", job.request.file)
        raise ImportFailedError(f"{job.request.file}: cannot be read: {error}") from None
    finally:
        bounds.begin_working()


def _checked(job: Job, engine: Engine, source: Source, columns: Columns) -> Checked:
    def geocoder() -> Geocoder:
        places = open_gazetteer([job.gazetteer] if job.gazetteer else [])
        return DecidedGeocoder(engine, GazetteerGeocoder(places))

    with engine.connect() as connection:
        return check(job.request, source, columns, connection, job.folder, geocoder)


def _judged(job: Job, engine: Engine, source: Source, columns: Columns) -> dict[str, Any]:
    checked = _checked(job, engine, source, columns)
    files = write_report(job.request.layer, checked, job.folder / REPORT)
    crs = checked.options.crs
    return {
        "crs": crs.name if crs else None,
        "rows": int((~checked.blank).sum()),
        "refused": int(checked.refused.sum()),
        "accepted": int(checked.accepted.sum()),
        "groups": [_group(group) for group in groups(checked, MOST_LISTED)],
        "preview": _preview(checked),
        "files": [path.name for path in files],
        "outside": _outside(job, engine, checked),
    }


def _outside(job: Job, engine: Engine, checked: Checked) -> dict[str, Any] | None:
    """Rows that lie where whoever asks may not write, a few of many; None where all may go."""
    try:
        check_areas(engine, job.request, checked, job.areas)
    except OutsideAreasError as error:
        rows = [{"id": name, "area": area} for name, area in error.outside[:SHOWN]]
        return {"rows": rows, "areas": list(error.areas)}
    return None


def _taken_for(request: Request, source: Source, columns: Columns) -> dict[str, Any]:
    by_column = {column: name for name, column in columns.fields.items()}
    return {
        "format": source.format,
        "facts": dict(source.facts),
        "place": PLACES[columns.place.encoding]._asdict(),
        "placed": columns.place.encoding is not Encoding.NONE,
        "columns": [
            {
                "name": name,
                "field": by_column.get(name) or _place_field(columns, name),
                "samples": _samples(source, name),
            }
            for name in source.columns
        ],
        "fields": [_field(each) for each in (ID, *request.layer.all_attributes)],
    }


def _field(attribute: Attribute) -> dict[str, Any]:
    codes = attribute.codes.codes if attribute.codes else {}
    return {
        "name": attribute.name,
        "title": attribute.title._asdict(),
        "required": attribute.required,
        "codes": [{"code": code, "title": title._asdict()} for code, title in codes.items()],
    }


def _place_field(columns: Columns, name: str) -> str:
    if name not in columns.place.columns:
        return ""
    if columns.place.encoding is Encoding.XY:
        return ("lon", "lat")[columns.place.columns.index(name)]
    return "geocode" if columns.place.encoding is Encoding.ADDRESS else "geometry"


def _samples(source: Source, name: str) -> list[str]:
    values = source.table.column(name).slice(0, 200).drop_null().slice(0, SAMPLES)
    return [str(value)[:LONGEST_SAMPLE] for value in values.to_pylist()]


def _group(group: Group) -> dict[str, Any]:
    return {
        "rule": group.rule.name,
        "severity": group.rule.severity.value,
        "title": group.rule.title._asdict(),
        "remedy": group.rule.remedy._asdict(),
        "count": group.count,
        "findings": [
            {"row": f.row, "field": f.field, "value": f.value, "message": f.message._asdict()}
            for f in group.findings
        ],
    }


def _preview(checked: Checked) -> dict[str, Any]:
    """Features of evenly chosen rows; whether they would be refused; degrees, CGCS2000."""
    if GEOMETRY not in checked.rows.column_names:
        return {"type": "FeatureCollection", "features": []}
    present = np.flatnonzero(np.asarray(checked.rows.column(GEOMETRY).is_valid()))
    chosen = present[:: len(present) // MOST_PREVIEWED + 1]
    rows = checked.rows.take(pa.array(chosen))
    shapes = shapely.from_wkb(np.array(rows.column(GEOMETRY).to_pylist(), dtype=object))
    names = _names(rows)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": orjson.loads(shapely.to_geojson(shape)),
                "properties": {
                    "row": checked.source.first_row + int(row),
                    "name": name,
                    "refused": bool(checked.refused[row]),
                },
            }
            for row, shape, name in zip(chosen, shapes, names, strict=True)
        ],
    }


def _names(rows: pa.Table) -> Sequence[str | None]:
    found: Mapping[str, Any] = {name: rows.column(name) for name in rows.column_names}
    column = found.get("name_zh", found["id"])
    names: list[str | None] = column.to_pylist()
    return names
