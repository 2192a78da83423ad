"""How a load treats rows that are there already."""

from enum import StrEnum


class Mode(StrEnum):
    """What becomes of present rows; equal ones are touched in none.

    APPEND: only new ids; one that is there with other values is refused.
    UPDATE: rows of known ids take the file's values in the columns it has; new ids are added.
    REPLACE: the layer becomes what the file says: ids it lacks are removed, columns it lacks
        become null.
    """

    APPEND = "append"
    UPDATE = "update"
    REPLACE = "replace"
