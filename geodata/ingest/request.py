"""What an operator asks of an import.

Apart from what reads and checks files, which brings Arrow and GDAL along: the service only hands
requests on.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from geodata.ingest.modes import Mode
from layers.layer import Layer


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """What an operator says about a file; None: to be found out.

    Args:
        layer_name: of a file with several layers.
        sheet: of a workbook.
        encoding: Python's name of a character encoding.
        delimiter: one character.
        header_row: 1-based row of the column names.
    """

    layer_name: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None


@dataclass(frozen=True, kw_only=True)
class Request:
    """What an operator asks for.

    Args:
        layer: where the rows go.
        path: where the file lies.
        file: its name as the user knows it.
        read: how it is read.
        mapping: column -> field.
        constants: field -> value for all rows that have none.
        crs: reference system, where the file's own is missing or wrong.
        pipeline: PROJ pipeline to CGCS2000 lon-lat degrees, instead.
        mode: what becomes of rows that are there.
        swap: exchange the two coordinates.
        close_rings: add the missing last position of rings.
    """

    layer: Layer
    path: Path
    file: str
    read: ReadOptions = field(default_factory=ReadOptions)
    mapping: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    crs: str | None = None
    pipeline: str | None = None
    mode: Mode = Mode.APPEND
    swap: bool = False
    close_rings: bool = False

    @property
    def options(self) -> dict[str, object]:
        """How the file was taken, as the books keep it."""
        said = {
            **asdict(self.read),
            "mapping": dict(self.mapping),
            "constants": dict(self.constants),
            "crs": self.crs,
            "pipeline": self.pipeline,
            "swap": self.swap,
            "close_rings": self.close_rings,
        }
        return {name: value for name, value in said.items() if value}
