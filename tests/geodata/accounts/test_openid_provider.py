"""A provider asked over HTTP on loopback: how, how often, and what is taken for an answer."""

from datetime import UTC, datetime
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from geodata.accounts import openid_fetch
from geodata.accounts.openid_errors import (
    CodeRefusedError,
    ProviderAnswerError,
    ProviderUnavailableError,
)
from geodata.accounts.openid_metadata import RelyingParty
from geodata.accounts.openid_provider import Provider, Question

pytestmark = pytest.mark.anyio

QUESTION = Question("https://gis.example.cn/back", "state", "nonce", "verifier", "challenge")
DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture
def party(liar: Any, identity: ModuleType) -> RelyingParty:
    liar.nonce = QUESTION.nonce
    return RelyingParty(liar.issuer, identity.CLIENT, SecretStr(identity.SECRET))


@pytest.fixture
def provider(party: RelyingParty) -> Provider:
    return Provider(party)


async def redeem(provider: Provider) -> Any:
    return (await provider.redeem("code", QUESTION, datetime.now(UTC))).claims


async def test_the_browser_is_sent_with_all_that_the_flow_needs(provider: Provider) -> None:
    address = urlsplit(await provider.authorization_address(QUESTION))
    assert parse_qs(address.query) == {
        "response_type": ["code"],
        "client_id": ["zgc-gis"],
        "redirect_uri": [QUESTION.redirect_uri],
        "scope": ["openid"],
        "state": ["state"],
        "nonce": ["nonce"],
        "code_challenge": ["challenge"],
        "code_challenge_method": ["S256"],
    }


async def test_a_query_of_the_providers_own_is_kept(provider: Provider, liar: Any) -> None:
    liar.metadata = {"authorization_endpoint": f"{liar.issuer}/auth?tenant=7"}
    address = await provider.authorization_address(QUESTION)
    assert address.startswith(f"{liar.issuer}/auth?tenant=7&response_type=code&")


async def test_the_code_is_redeemed_with_the_verifier_and_the_secret(
    provider: Provider, liar: Any
) -> None:
    assert (await redeem(provider))["sub"] == "zhao"
    assert liar.forms == [
        {
            "grant_type": "authorization_code",
            "code": "code",
            "redirect_uri": QUESTION.redirect_uri,
            "code_verifier": "verifier",
        }
    ]
    # RFC 6749, 2.3.1; by hand: base64("zgc-gis:a+secret%3A+of+tests%2F%2B%25")
    assert liar.basic == ["Basic emdjLWdpczphK3NlY3JldCUzQStvZit0ZXN0cyUyRiUyQiUyNQ=="]


async def test_the_secret_goes_into_the_form_where_only_that_is_taken(
    provider: Provider, liar: Any, identity: ModuleType
) -> None:
    liar.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    await redeem(provider)
    assert liar.forms[0]["client_secret"] == identity.SECRET
    assert liar.basic == [""]


async def test_metadata_and_keys_are_fetched_once(provider: Provider, liar: Any) -> None:
    for _ in range(3):
        await provider.authorization_address(QUESTION)
        await redeem(provider)
    assert liar.asked.count(DISCOVERY) == 1
    assert liar.asked.count("/jwks") == 1


@pytest.mark.parametrize("named", [True, False])
async def test_keys_that_changed_are_fetched_anew_at_once(
    named: bool, provider: Provider, liar: Any, identity: ModuleType
) -> None:
    await redeem(provider)
    liar.key = identity.new_key("second")
    liar.published = [liar.key.as_dict(private=False)]
    liar.header = {} if named else {"kid": None}
    assert (await redeem(provider))["sub"] == "zhao"
    assert liar.asked.count("/jwks") == 2


async def test_a_key_that_the_provider_does_not_publish_is_asked_for_once(
    provider: Provider, liar: Any, identity: ModuleType
) -> None:
    liar.key = identity.new_key("second")
    with pytest.raises(ProviderAnswerError, match="No key for kid"):
        await redeem(provider)
    assert liar.asked.count("/jwks") == 2


@pytest.mark.parametrize(
    ("path", "reply", "error"),
    [
        (DISCOVERY, {"status": 503}, ProviderUnavailableError),
        (DISCOVERY, {"status": 404}, ProviderAnswerError),
        (DISCOVERY, {"body": b"<html>"}, ProviderAnswerError),
        (DISCOVERY, {"body": b"[]"}, ProviderAnswerError),
        (DISCOVERY, {"body": b" " * 300_000 + b"{}"}, ProviderAnswerError),
        ("/jwks", {"body": b"{}"}, ProviderAnswerError),
        ("/token", {"body": b"{}"}, ProviderAnswerError),
        ("/token", {"body": b'{"id_token": 7}'}, ProviderAnswerError),
        ("/token", {"status": 400, "body": b'{"error": "invalid_grant"}'}, CodeRefusedError),
        ("/token", {"status": 401, "body": b'{"error": "invalid_client"}'}, ProviderAnswerError),
        ("/token", {"status": 400, "body": b"no JSON"}, ProviderAnswerError),
        ("/token", {"status": 500}, ProviderUnavailableError),
    ],
    ids=str,
)
async def test_each_wrong_answer_has_its_error(
    path: str,
    reply: dict[str, Any],
    error: type[Exception],
    provider: Provider,
    liar: Any,
    identity: ModuleType,
) -> None:
    liar.instead[path] = identity.Reply(**reply)
    with pytest.raises(error) as caught:
        await redeem(provider)
    assert type(caught.value) is error
    assert identity.SECRET not in str(caught.value)


@pytest.mark.parametrize("path", [DISCOVERY, "/jwks", "/token"])
@pytest.mark.parametrize("status", [302, 307])
async def test_nobody_leads_us_elsewhere(
    path: str, status: int, provider: Provider, liar: Any, identity: ModuleType
) -> None:
    liar.instead[path] = identity.Reply(status, headers=(("Location", "/elsewhere"),))
    with pytest.raises(ProviderAnswerError, match=str(status)):
        await redeem(provider)
    assert "/elsewhere" not in liar.asked


async def test_a_provider_that_takes_its_time_is_not_waited_for(
    provider: Provider, liar: Any, identity: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openid_fetch, "LONGEST_S", 0.2)
    liar.instead["/token"] = identity.Reply(delay_s=5)
    with pytest.raises(ProviderUnavailableError, match="TimeoutError"):
        await redeem(provider)


async def test_a_provider_that_is_away_is_unavailable(identity: ModuleType) -> None:
    away = RelyingParty("http://127.0.0.1:9", identity.CLIENT, SecretStr(identity.SECRET))
    with pytest.raises(ProviderUnavailableError, match="ConnectError"):
        await Provider(away).authorization_address(QUESTION)


@pytest.mark.parametrize(
    ("names_itself", "issuer", "right"),
    [
        (True, "own", True),
        (True, None, False),
        (True, "https://evil.example.cn", False),
        (False, None, True),
        (False, "https://evil.example.cn", False),
    ],
)
async def test_an_answer_of_another_provider_is_refused(
    names_itself: bool, issuer: str | None, right: bool, provider: Provider, liar: Any
) -> None:
    liar.metadata = {"authorization_response_iss_parameter_supported": names_itself}
    given = liar.issuer if issuer == "own" else issuer
    if right:
        await provider.check_answer(given)
        return
    with pytest.raises(ProviderAnswerError, match="iss"):
        await provider.check_answer(given)


async def test_a_claim_that_tells_roles_comes_from_the_token_or_else_from_userinfo(
    party: RelyingParty, liar: Any
) -> None:
    provider = Provider(party._replace(role_claim="groups"))
    liar.claims = {"groups": ["gis"]}
    assert (await redeem(provider))["groups"] == ["gis"]
    assert "/userinfo" not in liar.asked
    liar.claims = {}
    liar.userinfo = {"sub": "zhao", "groups": ["it"], "iss": "https://evil.example.cn"}
    claims = await redeem(provider)
    assert (claims["groups"], claims["iss"]) == (["it"], liar.issuer)


async def test_userinfo_about_somebody_else_is_not_believed(party: RelyingParty, liar: Any) -> None:
    liar.userinfo = {"sub": "li", "groups": ["it"]}
    with pytest.raises(ProviderAnswerError, match="another subject"):
        await redeem(Provider(party._replace(role_claim="groups")))


async def test_one_signs_out_of_the_provider_where_it_offers_that(
    provider: Provider, party: RelyingParty, liar: Any
) -> None:
    assert await provider.end_session_address("token", "https://gis.example.cn/") is None
    liar.metadata = {"end_session_endpoint": f"{liar.issuer}/out"}
    provider = Provider(party)
    address = urlsplit(str(await provider.end_session_address("token", "https://gis.example.cn/")))
    assert parse_qs(address.query) == {
        "client_id": ["zgc-gis"],
        "post_logout_redirect_uri": ["https://gis.example.cn/"],
        "id_token_hint": ["token"],
    }
    long = await provider.end_session_address("x" * 4001, "https://gis.example.cn/")
    assert "id_token_hint" not in str(long)
