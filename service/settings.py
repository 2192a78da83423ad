"""Settings: environment variables `ZGC_*`, typed and checked at start."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SCHEMES = ("postgresql://", "postgres://")


class Settings(BaseSettings):
    """Everything an operator can set.

    Raises:
        pydantic.ValidationError: names the variable, the value and what is allowed.
    """

    model_config = SettingsConfigDict(env_prefix="ZGC_", frozen=True)

    database_url: Annotated[
        str | None,
        Field(description="PostGIS to use, postgresql://...; unset: a private cluster in `data`"),
    ] = None
    data: Annotated[Path, Field(description="folder of the private cluster")] = Path(".data")
    host: Annotated[str, Field(description="address to listen on")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, description="TCP port to listen on")] = 8000
    pool_size: Annotated[
        int, Field(ge=1, le=200, description="database connections for serving")
    ] = 8
    statement_timeout_s: Annotated[
        float, Field(gt=0, le=3600, description="longest a serving query may run, seconds")
    ] = 15

    gazetteer: Annotated[
        Path | None,
        Field(description="CSV file, or folder of them, with places that join the built-in ones"),
    ] = None

    synthetic: Annotated[
        bool, Field(description="the data are synthetic, and every page says so")
    ] = False

    map_approval_number: Annotated[
        str | None, Field(max_length=60, description="审图号 shown on every page")
    ] = None

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(SCHEMES):
            raise ValueError(f"{url!r} must start with {' or '.join(SCHEMES)}")
        return url
