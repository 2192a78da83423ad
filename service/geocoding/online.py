"""Online geocoding as the operator has set it up: accounts, their order, how long answers keep."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from geodata.database.engine import open_engine
from geodata.errors import GeodataError
from geodata.geocoding.cache import DEFAULT_DAYS, Cache
from geodata.geocoding.chain import Chain, Offline
from geodata.geocoding.providers import amap, baidu, tencent, tianditu
from geodata.geocoding.providers.client import Client
from geodata.geocoding.providers.provider import Account, Provider
from geodata.geocoding.quota import Allowance, Quota
from geodata.geocoding.review import Queue

PROVIDERS = {each.PROVIDER.name: each.PROVIDER for each in (tianditu, amap, baidu, tencent)}
"""In the order in which they are asked where the operator names none."""

Secret = Annotated[SecretStr, Field(min_length=1)]


class OnlineSettingsError(GeodataError):
    """A setting of online geocoding has a value that is not allowed; keys are not shown."""


class AccountSettings(BaseModel):
    """`ZGC_<PROVIDER>_*`: an account with a provider."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Annotated[Secret | None, Field(description="key of the account")] = None
    secret: Annotated[Secret | None, Field(description="signs requests")] = None
    url: Annotated[str | None, Field(description="of a relay instead of the provider")] = None
    per_second: Annotated[float | None, Field(gt=0, le=1000, description="requests")] = None
    per_day: Annotated[int | None, Field(ge=1, le=10**9, description="addresses")] = None
    store: Annotated[bool, Field(description="the terms let answers be kept")] = True


class OnlineSettings(BaseSettings):
    """Environment variables of online geocoding."""

    model_config = SettingsConfigDict(
        env_prefix="ZGC_",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        env_ignore_empty=True,
        frozen=True,
        hide_input_in_errors=True,
    )

    geocoding_providers: Annotated[
        tuple[str, ...], NoDecode, Field(description="whom to ask, in order, comma-separated")
    ] = ()
    geocoding_cache_days: Annotated[
        int, Field(ge=0, le=3650, description="days that answers are kept; 0 keeps none")
    ] = DEFAULT_DAYS
    tianditu: AccountSettings = AccountSettings()
    amap: AccountSettings = AccountSettings()
    baidu: AccountSettings = AccountSettings()
    tencent: AccountSettings = AccountSettings()

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, values: dict[str, object]) -> dict[str, object]:
        given = values.get("geocoding_providers")
        if isinstance(given, str):
            names = tuple(name.strip() for name in given.split(",") if name.strip())
            return values | {"geocoding_providers": names}
        return values

    @model_validator(mode="after")
    def _with_keys(self) -> "OnlineSettings":
        names = self.geocoding_providers
        for name in names:
            if name not in PROVIDERS:
                raise ValueError(
                    f"ZGC_GEOCODING_PROVIDERS names {name!r}; allowed: {', '.join(PROVIDERS)}"
                )
            if self.account(name).key is None:
                raise ValueError(
                    f"ZGC_GEOCODING_PROVIDERS names {name}, but ZGC_{name.upper()}_KEY is not set"
                )
        if len(set(names)) < len(names):
            raise ValueError(f"ZGC_GEOCODING_PROVIDERS names one twice: {', '.join(names)}")
        return self

    def account(self, name: str) -> AccountSettings:
        """Of a provider."""
        found: AccountSettings = getattr(self, name)
        return found

    def accounts(self) -> list[tuple[Provider, Account]]:
        """Whom to ask, in order: those named, or all that have a key."""
        names = self.geocoding_providers or tuple(PROVIDERS)
        return [
            (PROVIDERS[name], account)
            for name in names
            if (account := self._account(name)) is not None
        ]

    def require_account(self) -> None:
        """Refuse to go online without anybody to ask.

        Raises:
            OnlineSettingsError: names the settings.
        """
        if not self.accounts():
            keys = ", ".join(f"ZGC_{name.upper()}_KEY" for name in PROVIDERS)
            raise OnlineSettingsError(f"no provider has a key: set one of {keys}")

    def _account(self, name: str) -> Account | None:
        given = self.account(name)
        if given.key is None:
            return None
        return Account(
            key=given.key,
            secret=given.secret,
            url=given.url,
            per_second=given.per_second,
            per_day=given.per_day,
            may_store=given.store and self.geocoding_cache_days > 0,
        )


def read_online_settings() -> OnlineSettings:
    """Settings from the environment.

    Raises:
        OnlineSettingsError: names the variable and what is allowed.
    """
    try:
        return OnlineSettings()
    except ValidationError as error:
        problems = map(_problem, error.errors())
        raise OnlineSettingsError("; ".join(problems) + ".") from None


@contextmanager
def open_chain(
    database_url: str, gazetteer: Offline, settings: OnlineSettings | None
) -> Iterator[Chain]:
    """The chain on a migrated database.

    Args:
        database_url: of the owner of the schema.
        gazetteer: asked first.
        settings: None: no provider is asked; decisions count and doubtful addresses are queued.

    Raises:
        ProviderError: a provider is set up wrongly.
    """
    engine = open_engine(database_url)
    try:
        cache = Cache(engine, settings.geocoding_cache_days if settings else DEFAULT_DAYS)
        cache.remove_expired()
        accounts = settings.accounts() if settings else []
        clients = [
            Client(provider, account, Quota(engine, provider.name, _allowance(provider, account)))
            for provider, account in accounts
        ]
        chain = Chain(gazetteer, clients, cache, Queue(engine))
        try:
            yield chain
        finally:
            chain.close()
    finally:
        engine.dispose()


def _allowance(provider: Provider, account: Account) -> Allowance:
    return Allowance(account.per_second or provider.per_second, account.per_day or provider.per_day)


def _problem(error: ErrorDetails) -> str:
    name = "_".join(str(part).upper() for part in error["loc"])
    if error["type"] == "extra_forbidden":
        allowed = ", ".join(map(str.upper, AccountSettings.model_fields))
        return f"ZGC_{name}: no such setting; after the provider's name go {allowed}"
    message = error["msg"].removeprefix("Value error, ")
    return f"ZGC_{name}: {message}" if name else message
