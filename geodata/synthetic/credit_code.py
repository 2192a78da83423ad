"""Unified social credit codes (GB 32100-2015) that no registrar gives out."""

import numpy as np
from numpy.typing import NDArray

from geodata.synthetic.batch import Objects

Digits = NDArray[np.int64]

ALPHABET = np.array(list("0123456789ABCDEFGHJKLMNPQRTUWXY"))
WEIGHTS = np.array([pow(3, position, 31) for position in range(17)])
BODY_WEIGHTS = np.array((3, 7, 9, 10, 5, 8, 4, 2))

PREFIX = "Y9110000"
"""Registrar `other`, an institution type that the standard leaves unused, Beijing."""


def credit_codes(first: int, size: int) -> Objects:
    """Codes with valid check characters for consecutive numbers."""
    numbers = np.arange(first, first + size, dtype=np.int64)
    digits = numbers[:, np.newaxis] // 10 ** np.arange(7, -1, -1) % 10
    body_check = (11 - digits @ BODY_WEIGHTS % 11) % 11
    values = np.concatenate((_values(PREFIX, size), digits, _body_value(body_check)), axis=1)
    check = (31 - values @ WEIGHTS % 31) % 31
    letters = ALPHABET[np.concatenate((values, check[:, np.newaxis]), axis=1)]
    return _joined(letters)


def _values(text: str, size: int) -> Digits:
    """The same characters in each row, as positions in the alphabet."""
    row = [int(np.flatnonzero(character == ALPHABET)[0]) for character in text]
    return np.tile(np.array(row), (size, 1))


def _body_value(check: Digits) -> Digits:
    """Position in the alphabet of the organisation code's own check character."""
    x = int(np.flatnonzero(ALPHABET == "X")[0])
    return np.where(check == 10, x, check)[:, np.newaxis]


def _joined(letters: NDArray[np.str_]) -> Objects:
    length = letters.shape[1]
    rows: Objects = np.ascontiguousarray(letters).view(f"<U{length}")[:, 0].astype(object)
    return rows
