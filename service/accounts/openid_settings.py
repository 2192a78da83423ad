"""Settings of the OpenID provider at which people may sign in."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

from geodata.accounts.openid_metadata import RelyingParty, is_safe
from geodata.accounts.tables import ROLES
from layers.attribute import Role

RoleOfValue = tuple[str, Role]
"""A value of the claim that tells roles, and the role that it gives."""


class OpenidSettings(BaseSettings):
    """Without an issuer nobody signs in at a provider; with one, all that it needs must be set."""

    openid_issuer: Annotated[
        str | None, Field(description="issuer of an OpenID provider, as https://id.example.cn")
    ] = None
    openid_client_id: Annotated[
        str | None, Field(min_length=1, description="what the provider calls this service")
    ] = None
    openid_client_secret: Annotated[
        SecretStr | None, Field(min_length=1, description="what shows that it is this service")
    ] = None
    openid_client_secret_file: Annotated[
        Path | None, Field(description="file that holds the secret, in place of it")
    ] = None
    openid_title: Annotated[
        str | None, Field(min_length=1, max_length=40, description="name of the provider on pages")
    ] = None
    openid_scopes: Annotated[
        tuple[str, ...],
        NoDecode,
        Field(description="scopes to ask for, between spaces; more where a claim needs them"),
    ] = ("openid",)
    openid_role_claim: Annotated[
        str | None,
        Field(min_length=1, description="claim that tells roles, as groups or realm_access.roles"),
    ] = None
    openid_roles: Annotated[
        tuple[RoleOfValue, ...],
        NoDecode,
        Field(description="which value of it gives which role, as gis-land=land_officer;it=admin"),
    ] = ()
    openid_enrol: Annotated[
        bool, Field(description="who has no account gets one, with the least role")
    ] = False

    @field_validator("openid_issuer")
    @classmethod
    def _is_issuer(cls, issuer: str | None) -> str | None:
        if issuer is not None and (not is_safe(issuer) or "?" in issuer):
            raise ValueError(
                "must be the issuer as the provider writes it, https://HOST[/PATH] without user,"
                " query or fragment; plain http is for this machine alone"
            )
        return issuer

    @field_validator("openid_scopes", mode="before")
    @classmethod
    def _scopes(cls, value: object) -> object:
        return tuple(value.split()) if isinstance(value, str) else value

    @field_validator("openid_scopes")
    @classmethod
    def _has_openid(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        if "openid" not in scopes:
            raise ValueError("must contain openid")
        return scopes

    @field_validator("openid_roles", mode="before")
    @classmethod
    def _rows(cls, value: object) -> object:
        """The role stands behind the last equals sign: a group may be a distinguished name."""
        if not isinstance(value, str):
            return value
        return tuple(_row(part.strip()) for part in value.split(";") if part.strip())

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.openid_issuer is None:
            rows = OpenidSettings.model_fields.items()
            if given := [name for name, row in rows if getattr(self, name) != row.default]:
                raise ValueError(f"ZGC_OPENID_ISSUER is not set, but {_variables(given)}")
            return self
        if self.openid_client_id is None:
            raise ValueError("ZGC_OPENID_ISSUER is set: ZGC_OPENID_CLIENT_ID must be too")
        if (self.openid_client_secret is None) == (self.openid_client_secret_file is None):
            raise ValueError(
                "ZGC_OPENID_ISSUER is set: one of ZGC_OPENID_CLIENT_SECRET and"
                " ZGC_OPENID_CLIENT_SECRET_FILE must be too, not both"
            )
        if bool(self.openid_roles) != (self.openid_role_claim is not None):
            raise ValueError("ZGC_OPENID_ROLE_CLAIM and ZGC_OPENID_ROLES must be set together")
        _secret(self)
        return self


def relying_party(settings: OpenidSettings) -> RelyingParty | None:
    """What this service is to the provider; None: there is none.

    Raises:
        ValueError: the file of the secret cannot be read, as at start.
    """
    if settings.openid_issuer is None or settings.openid_client_id is None:
        return None
    return RelyingParty(
        settings.openid_issuer,
        settings.openid_client_id,
        _secret(settings),
        settings.openid_scopes,
        settings.openid_role_claim,
    )


def role_of(settings: OpenidSettings, values: frozenset[str]) -> Role | None:
    """The highest role that values of the claim give."""
    order = list(Role)
    given = [role for value, role in settings.openid_roles if value in values]
    return max(given, key=order.index, default=None)


def _secret(settings: OpenidSettings) -> SecretStr:
    if settings.openid_client_secret is not None:
        return settings.openid_client_secret
    file = settings.openid_client_secret_file
    try:
        text = "" if file is None else file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "no text"
        raise ValueError(f"ZGC_OPENID_CLIENT_SECRET_FILE={file}: cannot be read: {why}") from None
    if not text:
        raise ValueError(f"ZGC_OPENID_CLIENT_SECRET_FILE={file}: holds no secret")
    return SecretStr(text)


def _row(text: str) -> tuple[str, str]:
    value, _, role = (part.strip() for part in text.rpartition("="))
    if not value or role not in ROLES:
        raise ValueError(f"{text!r} must be VALUE=ROLE with one of {', '.join(ROLES)}")
    return value, role


def _variables(names: list[str]) -> str:
    verb = "is" if len(names) == 1 else "are"
    return f"{', '.join(f'ZGC_{name.upper()}' for name in names)} {verb}"
