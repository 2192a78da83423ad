"""What only the whole file shows: repetitions, what it lacks, and what is there already.

Columns stay in Arrow; only the few values that a finding is of become Python's.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geodata.ingest.inspection import Inspection
from geodata.ingest.mapping import title_of
from geodata.ingest.modes import Mode
from geodata.ingest.source import BATCH_ROWS
from geodata.ingest.validation import shown
from layers.attribute import Attribute
from layers.text import Text


def check_whole(file: Inspection, rows: pa.Table) -> None:
    """Findings on rows that are alike each other or what the layer has, and on missing columns.

    Args:
        rows: typed, all of them.
    """
    _check_repeated(file, _id_label(file), rows.column("id"))
    _check_absent(file, rows)
    for attribute in file.attributes:
        if attribute.unique:
            _check_repeated(file, attribute.name, rows.column(attribute.name))
            if file.options.mode is not Mode.REPLACE:
                _check_taken(file, attribute, rows)


def first_rows(column: pa.ChunkedArray) -> NDArray[np.intp]:
    """For each row the first one with the same value; itself where it has none."""
    rows = np.arange(len(column), dtype=np.intp)
    encoded = pc.dictionary_encode(column).combine_chunks()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    given = np.flatnonzero(codes >= 0)[::-1]
    first = np.empty(len(encoded.dictionary), dtype=np.intp)
    # Of several values for one place, NumPy keeps the last, here that of the first row.
    first[codes[given]] = given
    rows[given] = first[codes[given]]
    return rows


def _id_label(file: Inspection) -> str:
    """What a repeated id is told of: names, where ids are made from them."""
    return "id" if "id" in file.columns.fields else "name_zh"


def _check_repeated(file: Inspection, name: str, column: pa.ChunkedArray) -> None:
    live = np.flatnonzero(~file.blank)
    first = live[first_rows(column.take(pa.array(live)))]
    for index in np.flatnonzero(first != live).tolist():
        row, number = int(live[index]), file.source.first_row + int(first[index])
        message = Text(f"与第 {number} 行相同", f"is that of row {number} too")
        file.add(row, name, shown(column[row].as_py()), "unique", message)


def _check_absent(file: Inspection, rows: pa.Table) -> None:
    """Required fields that the file lacks: new rows need them, known ones keep theirs."""
    lacking = [
        each.name for each in file.layer.all_attributes if each.required and not file.is_given(each)
    ]
    if file.layer.geometry_required and not file.is_placed:
        lacking.append("geometry")
    if not lacking or not _has_new_rows(file, rows):
        return
    for name in lacking:
        title = title_of(file.layer, name)
        message = Text(f"文件无此列：{title.zh}", f"no column of the file is it ({title.en})")
        file.ledger.add(None, name, "", "required", message)


def _has_new_rows(file: Inspection, rows: pa.Table) -> bool:
    for start, batch in _batches(rows, "id"):
        live = batch.column(0).filter(pa.array(~file.blank[start : start + batch.num_rows]))
        ids = live.to_pylist()
        if file.options.mode is Mode.REPLACE and ids:
            return True
        there = file.present.values("id", [each for each in ids if each is not None])
        if any(each not in there for each in ids):
            return True
    return False


def _check_taken(file: Inspection, attribute: Attribute, rows: pa.Table) -> None:
    """Values of features that the file does not bring anew."""
    name = attribute.name
    taken = list(_taken(file, attribute, rows))
    owners = pa.array([owner for *_, owner in taken], pa.string())
    live = rows.column("id").filter(pa.array(~file.blank))
    leaving = pc.is_in(owners, value_set=live.combine_chunks()) if taken else []
    for (row, value, owner), leaves in zip(taken, leaving, strict=True):
        if not leaves.as_py():
            message = Text(f"已属于要素 {owner}", f"belongs to the feature {owner}")
            file.add(row, name, shown(value), "unique-in-layer", message)


def _taken(
    file: Inspection, attribute: Attribute, rows: pa.Table
) -> Iterator[tuple[int, str, str]]:
    """Rows with a value that another feature has: position, value, that feature."""
    for start, batch in _batches(rows, "id", attribute.name):
        ids, values = (column.to_pylist() for column in batch.columns)
        owners = file.present.owners(attribute.name, [each for each in values if each])
        for row, (id_, value) in enumerate(zip(ids, values, strict=True), start=start):
            owner = owners.get(value) if value else None
            if owner is not None and owner != id_ and not file.blank[row]:
                yield row, value, owner


def _batches(rows: pa.Table, *names: str) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Columns in batches, each with the position of its first row."""
    start = 0
    for batch in rows.select(names).to_batches(BATCH_ROWS):
        yield start, batch
        start += batch.num_rows
