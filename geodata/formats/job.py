"""What the service tells a worker before the rows come."""

import pickle
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from layers.attribute import Attribute
from layers.layer import Layer

LENGTH = struct.Struct(">I")


@dataclass(frozen=True)
class Job:
    """A file to encode.

    Args:
        format: name of the format, and of the module that encodes it.
        layer: layer of the features.
        attributes: columns of the rows, between the id and the geometry.
        srid: EPSG code of the geometries, longitude first.
        digits: decimals of coordinates in texts.
        widths: most bytes that the values of each text column take.
        folder: for temporary files; the service removes it.
    """

    format: str
    layer: Layer
    attributes: tuple[Attribute, ...]
    srid: int
    digits: int
    widths: Mapping[str, int]
    folder: str

    def pack(self) -> bytes:
        """For the pipe, which nobody else writes to."""
        text = pickle.dumps(self)
        return LENGTH.pack(len(text)) + text


def read_job(stream: BinaryIO) -> Job:
    """The job at the start of a worker's input."""
    (length,) = LENGTH.unpack(stream.read(LENGTH.size))
    job = pickle.loads(stream.read(length))
    if not isinstance(job, Job):
        raise TypeError(f"{type(job).__name__} is no job")
    return job
