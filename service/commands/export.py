"""`./zgc export`: a layer as a file."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click
from sqlalchemy import Select, func, select

from geodata.database.pool import Pool, open_pool
from geodata.database.reader import serving_url
from geodata.database.statement import compile_statement
from geodata.errors import GeodataError
from geodata.features.bbox import BBox
from geodata.features.order import order_clauses
from geodata.features.selection import Selection, conditions, rows_of, values_of
from geodata.formats.catalog import find_format, format_of_file
from geodata.formats.export import TIMEOUT_S, export
from geodata.formats.format import Format
from layers.catalog import CATALOG, UnknownLayerError
from layers.layer import Layer
from service.commands.database import reachable_database, report
from service.commands.settings import read_settings
from service.parameters import parse_bbox


class FileExistsAlreadyError(GeodataError):
    """The file is there, and nobody said that it may be replaced."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already; --force replaces it.")


class UnwritableFileError(GeodataError):
    """The file cannot be made there."""


def export_layer(
    layer: Layer, path: Path, *, format_name: str | None, box: BBox | None, force: bool
) -> None:
    """Write the features of a layer that everyone may see to a file.

    Raises:
        FileExistsAlreadyError: the file exists and `force` was not given.
        UnwritableFileError: its folder takes no files.
        UnknownFormatError: neither a format was named nor does the file's name end in one.
    """
    format = find_format(format_name) if format_name else format_of_file(path.name)
    with (
        replacing(path, force=force) as file,
        reachable_database(read_settings()) as url,
    ):
        count = asyncio.run(_write(url, layer, Selection(bbox=box), format, file))
    report(f"{path}: {count} features of {layer.id}, {format.title.en}")


def parse_layer(name: str) -> Layer:
    """The layer of that id; another name is wrong usage."""
    try:
        return CATALOG.get(name)
    except UnknownLayerError as error:
        raise click.BadParameter(str(error), param_hint="LAYER") from None


def parse_box(text: str | None) -> BBox | None:
    """A box as `bbox=` takes it; another text is wrong usage."""
    try:
        return None if text is None else _in_degrees(parse_bbox(text))
    except ValueError as error:
        raise click.BadParameter(f"{text!r} {error}", param_hint="--bbox") from None


def _in_degrees(box: BBox) -> BBox:
    if max(abs(box.west), abs(box.east)) > 180 or not -90 <= box.south <= box.north <= 90:
        raise ValueError("longitudes lie within 180, latitudes within 90 degrees, south first")
    return box


@contextmanager
def replacing(path: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """A file beside the one meant, which takes its place when all is written, or else is gone."""
    if path.exists() and not force:
        raise FileExistsAlreadyError(path)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with unfinished.open("xb") as file:
            yield file
        if path.exists() and not force:
            raise FileExistsAlreadyError(path)
        unfinished.replace(path)
    except OSError as error:
        raise UnwritableFileError(f"{path}: {error.strerror or error}") from None
    finally:
        unfinished.unlink(missing_ok=True)


async def _write(
    url: str, layer: Layer, selection: Selection, format: Format, file: IO[bytes]
) -> int:
    pool = await open_pool(serving_url(url), size=1, statement_timeout_s=TIMEOUT_S)
    try:
        rows = rows_of(layer, selection)
        found = select(rows).where(*conditions(rows, selection))
        count = await _count(pool, found, selection)
        ordered = found.order_by(*order_clauses(rows, ()))
        label = f"{layer.id} -> {format.name}"
        with click.progressbar(length=count, label=label, file=sys.stderr) as bar:
            values = values_of(selection)
            async for piece in await export(pool, layer, ordered, format, values, bar.update):
                file.write(piece)
        return count
    finally:
        await pool.close()


async def _count(pool: Pool, found: Select[tuple[object, ...]], selection: Selection) -> int:
    number = found.with_only_columns(func.count(), maintain_column_froms=True)
    row = await pool.fetchrow(compile_statement(number), values_of(selection))
    return row[0] if row else 0
