"""An OpenID provider, asked as a confidential client: where it is, its keys, what a code is worth.

Asked are the issuer that the operator set and the addresses that its own discovery document
names; nothing that a browser or a token says is ever fetched.

Source: OpenID Connect Core 1.0, Discovery 1.0, RP-Initiated Logout 1.0; PKCE, RFC 7636; issuer
identification, RFC 9207.
"""

import logging
import time
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus, urlencode

from joserfc.jwk import KeySet

from geodata.accounts.openid_errors import (
    CodeRefusedError,
    ProviderAnswerError,
    ProviderUnavailableError,
    UnknownKeyError,
)
from geodata.accounts.openid_fetch import fetch
from geodata.accounts.openid_metadata import DISCOVERY, Metadata, RelyingParty, read_metadata
from geodata.accounts.openid_token import Claims, Expected, read_id_token, read_keys, values_of

LOG = logging.getLogger(__name__)

KEPT_S = 3600.0
"""How long metadata and keys are kept; keys that do not fit are fetched anew at once."""

LONGEST_HINT = 4_000
"""Characters of an ID token that still has room in an address."""


class Question(NamedTuple):
    """What the browser is sent to the provider with.

    Args:
        redirect_uri: where the provider sends it back to.
        state: that must come back.
        nonce: that the ID token must hold.
        verifier: of PKCE, shown with the code.
        challenge: its SHA-256, shown before.
    """

    redirect_uri: str
    state: str
    nonce: str
    verifier: str
    challenge: str


class Told(NamedTuple):
    """What the provider says of who signed in: its claims, and the ID token that holds them."""

    claims: Claims
    id_token: str


class Provider:
    """One provider under one client."""

    def __init__(self, party: RelyingParty) -> None:
        self.party = party
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def authorization_address(self, question: Question) -> str:
        """Where the browser is sent (authorization code flow, PKCE S256).

        Raises:
            OpenidError: the provider cannot be asked.
        """
        metadata = await self._told()
        return _with_query(
            metadata.authorization_endpoint,
            response_type="code",
            client_id=self.party.client_id,
            redirect_uri=question.redirect_uri,
            scope=" ".join(self.party.scopes),
            state=question.state,
            nonce=question.nonce,
            code_challenge=question.challenge,
            code_challenge_method="S256",
        )

    async def check_answer(self, issuer: str | None) -> None:
        """Refuse an answer that another provider sent (RFC 9207).

        Raises:
            OpenidError: it names another issuer, or none although this provider always does.
        """
        missing = issuer is None and (await self._told()).names_itself
        if missing or issuer not in (None, self.party.issuer):
            raise ProviderAnswerError(f"the answer is not from {self.party.issuer} (iss)")

    async def redeem(self, code: str, question: Question, now: datetime) -> Told:
        """Who signed in, for the code that the browser brought.

        Raises:
            CodeRefusedError: the provider does not take the code.
            ProviderUnavailableError: it does not answer.
            ProviderAnswerError: what it says cannot be believed.
        """
        document = await self._exchange(code, question)
        token = document.get("id_token")
        if not isinstance(token, str):
            raise ProviderAnswerError("the provider gave no ID token")
        expected = Expected(self.party.issuer, self.party.client_id, question.nonce)
        claims = await self._believed(token, expected, now)
        return Told(await self._with_role_claim(claims, document.get("access_token")), token)

    async def end_session_address(self, id_token: str, back: str) -> str | None:
        """Where the browser is sent to sign out of the provider too; None: it offers none.

        Raises:
            OpenidError: the provider cannot be asked.
        """
        metadata = await self._told()
        if metadata.end_session_endpoint is None:
            return None
        hint = {"id_token_hint": id_token} if len(id_token) <= LONGEST_HINT else {}
        return _with_query(
            metadata.end_session_endpoint,
            client_id=self.party.client_id,
            post_logout_redirect_uri=back,
            **hint,
        )

    async def _told(self) -> Metadata:
        """The discovery document."""
        if self._metadata is None or time.monotonic() > self._metadata[0]:
            address = self.party.issuer.rstrip("/") + DISCOVERY
            document = await _document(address)
            read = read_metadata(document, self.party.issuer)
            self._metadata = (time.monotonic() + KEPT_S, read)
        return self._metadata[1]

    async def _keys_now(self, *, anew: bool = False) -> KeySet:
        if anew or self._keys is None or time.monotonic() > self._keys[0]:
            document = await _document((await self._told()).jwks_uri)
            self._keys = (time.monotonic() + KEPT_S, read_keys(document))
        return self._keys[1]

    async def _believed(self, token: str, expected: Expected, now: datetime) -> Claims:
        try:
            return read_id_token(token, await self._keys_now(), expected, now)
        except UnknownKeyError:
            return read_id_token(token, await self._keys_now(anew=True), expected, now)

    async def _exchange(self, code: str, question: Question) -> Mapping[str, Any]:
        metadata = await self._told()
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": question.redirect_uri,
            "code_verifier": question.verifier,
        }
        identity, secret = self.party.client_id, self.party.client_secret.get_secret_value()
        if metadata.takes_basic:
            # RFC 6749, 2.3.1: each encoded as in a form, so that a colon in one is none.
            basic = (quote_plus(identity), quote_plus(secret))
            status, document = await fetch(metadata.token_endpoint, fields, basic=basic)
        else:
            fields |= {"client_id": identity, "client_secret": secret}
            status, document = await fetch(metadata.token_endpoint, fields)
        if status == HTTPStatus.OK:
            return document
        raise _refusal(document, status)

    async def _with_role_claim(self, claims: Claims, access_token: object) -> Claims:
        """With the claim that tells roles: scopes may put it at the UserInfo endpoint only."""
        claim = self.party.role_claim
        address = (await self._told()).userinfo_endpoint
        if claim is None or address is None or values_of(claims, claim):
            return claims
        if not isinstance(access_token, str):
            return claims
        status, more = await fetch(address, bearer=access_token)
        if status != HTTPStatus.OK:
            raise ProviderAnswerError(f"the provider's UserInfo answers {status}")
        if more.get("sub") != claims["sub"]:
            # OpenID Connect Core, 5.3.2: else it may be about somebody else.
            raise ProviderAnswerError("the provider's UserInfo is about another subject")
        return {**more, **claims}


async def _document(address: str) -> Mapping[str, Any]:
    status, document = await fetch(address)
    if status != HTTPStatus.OK:
        raise ProviderAnswerError(f"{address} answers {status}")
    return document


def _refusal(document: Mapping[str, Any], status: int) -> Exception:
    error = str(document.get("error", ""))[:40]
    if error == "invalid_grant":
        return CodeRefusedError()
    if error == "temporarily_unavailable":
        return ProviderUnavailableError("the provider cannot now (temporarily_unavailable)")
    LOG.error("the OpenID provider refuses this service: %r, status %s", error, status)
    return ProviderAnswerError(f"the provider refuses this service: {error!r}, status {status}")


def _with_query(address: str, **parameters: str) -> str:
    """With parameters behind those that the address may have."""
    between = "&" if "?" in address else "?"
    return f"{address}{between}{urlencode(parameters, quote_via=quote)}"
