"""Settings for a command: the environment, over which options win."""

from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from geodata.database.address import masked
from geodata.errors import GeodataError
from service.settings import Settings


class SettingsError(GeodataError):
    """A setting has a value that is not allowed."""


def read_settings(**options: Any) -> Settings:
    """Settings from `ZGC_*` and the options that were given (not None).

    Raises:
        SettingsError: names the variable, its value and what is allowed.
    """
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError("; ".join(map(_problem, error.errors())) + ".") from None


def _problem(error: ErrorDetails) -> str:
    if not error["loc"]:
        # Between several settings, which the text names; the input is all of them, secrets too.
        return error["msg"].removeprefix("Value error, ")
    name = str(error["loc"][0])
    return f"ZGC_{name.upper()}={masked(str(error['input']))}: {error['msg']}"
