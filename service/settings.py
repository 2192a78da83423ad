"""Settings: environment variables `ZGC_*`, typed and checked at start."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from geodata.audit.guards import LEAST_DAYS
from geodata.audit.retention import DEFAULT_DAYS, too_short
from geodata.database.address import check_address
from service.accounts.openid_settings import OpenidSettings

Network = IPv4Network | IPv6Network


def _rate(what: str) -> Any:
    """A limit of requests that each account, or address of the public, may make."""
    about = f"{what}, a minute and account or address, of each process; 0: any number"
    return Field(ge=0, le=10_000_000, description=about)


class Settings(OpenidSettings):
    """Everything an operator can set.

    Raises:
        pydantic.ValidationError: names the variable, the value and what is allowed.
    """

    model_config = SettingsConfigDict(
        env_prefix="ZGC_", frozen=True, hide_input_in_errors=True, validate_default=True
    )

    database_url: Annotated[
        str | None,
        Field(
            description="PostGIS to use, postgresql://...; unset: a private cluster in `data`",
            repr=False,
        ),
    ] = None
    data: Annotated[Path, Field(description="folder of the private cluster")] = Path(".data")
    host: Annotated[str, Field(description="address to listen on")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, description="TCP port to listen on")] = 8000
    public_url: Annotated[
        str | None,
        Field(description="where clients reach the service, as https://gis.example.cn/zgc"),
    ] = None
    trusted_proxies: Annotated[
        tuple[Network, ...],
        NoDecode,
        Field(description="addresses of proxies whose Forwarded headers count, comma-separated"),
    ] = ()
    pool_size: Annotated[
        int, Field(ge=1, le=200, description="database connections for serving")
    ] = 8
    exports: Annotated[
        int,
        Field(ge=1, le=50, description="files made at a time, each on a connection besides these"),
    ] = 3
    page_bytes: Annotated[
        int, Field(ge=2**20, le=2**30, description="most bytes of features on a page")
    ] = 64 * 2**20
    polygon_positions: Annotated[
        int, Field(ge=4, le=100_000, description="most positions of a polygon for statistics")
    ] = 5_000
    cache_mb: Annotated[
        int, Field(ge=0, le=100_000, description="memory for answers and tiles that are kept")
    ] = 128
    statement_timeout_s: Annotated[
        float, Field(gt=0, le=3600, description="longest a serving query may run, seconds")
    ] = 15

    rate_reads: Annotated[int, _rate("reads and tiles")] = 30_000
    rate_costly: Annotated[int, _rate("statistics and exports")] = 600
    rate_writes: Annotated[int, _rate("changes and forms")] = 600
    rate_imports: Annotated[int, _rate("steps of imports")] = 120
    rate_tokens: Annotated[int, _rate("worthless tokens")] = 300

    gazetteer: Annotated[
        Path | None,
        Field(description="CSV file, or folder of them, with places that join the built-in ones"),
    ] = None

    dask_scheduler: Annotated[
        str | None,
        Field(description="Dask cluster for bulk geocoding, such as tcp://10.0.0.5:8786"),
    ] = None

    session_idle_minutes: Annotated[
        int, Field(ge=1, le=24 * 60, description="minutes unused after which a session ends")
    ] = 30
    session_hours: Annotated[
        int, Field(ge=1, le=7 * 24, description="hours after which a session ends, used or not")
    ] = 12

    audit_days: Annotated[
        int, Field(le=36_500, description="days that the audit is kept, 184 at least")
    ] = DEFAULT_DAYS

    synthetic: Annotated[
        bool, Field(description="the data are synthetic, and every page says so")
    ] = False

    map_approval_number: Annotated[
        str | None, Field(max_length=60, description="审图号 shown on every page")
    ] = None

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, url: str | None) -> str | None:
        if url is not None:
            check_address(url)
        return url

    @field_validator("audit_days")
    @classmethod
    def _is_lawful(cls, days: int) -> int:
        if days < LEAST_DAYS:
            raise ValueError(too_short(days))
        return days

    @field_validator("public_url")
    @classmethod
    def _is_public(cls, url: str | None) -> str | None:
        """Without a slash at the end."""
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} must be an address, as https://gis.example.cn/zgc")
        if parts.username or parts.query or parts.fragment:
            raise ValueError(f"{url!r} must have no user, query or fragment")
        return url.rstrip("/")

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())
