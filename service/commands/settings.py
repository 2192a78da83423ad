"""Settings for a command: the environment, over which options win."""

from typing import Any

from pydantic import ValidationError

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
        problems = (
            f"ZGC_{str(e['loc'][0]).upper()}={e['input']}: {e['msg']}" for e in error.errors()
        )
        raise SettingsError("; ".join(problems) + ".") from None
