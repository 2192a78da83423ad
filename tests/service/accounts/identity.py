"""Providers of identities on loopback: a certified one, one that lies, and who walks through them.

The certified one is the npm package oidc-provider; the other signs with keys of its own whatever
a test has it say.
"""

import base64
import hmac
import json
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

SCRIPT = Path(__file__).with_name("openid_provider.mjs")
INSTALLED = Path(sys.prefix) / "openid"
"""By `./zgc test`."""

CLIENT, SECRET = "zgc-gis", "a secret: of tests/+%"


def node() -> str | None:
    own = INSTALLED / "node" / "bin" / "node"
    return str(own) if own.exists() else shutil.which("node")


class Certified:
    """The certified provider, as a process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.issuer = self._read()
        self.configuration: dict[str, Any] = {
            "clients": [],
            "kids": ["first"],
            "algorithm": "RS256",
            "groups": {},
            "inIdToken": False,
        }

    def configure(self, **changes: Any) -> None:
        assert self._process.stdin is not None
        self.configuration |= changes
        print(json.dumps(self.configuration), file=self._process.stdin, flush=True)
        assert self._read() == "ready"

    def admit(self, base: str, **changes: Any) -> None:
        """Make a service at that address the provider's client."""
        client = {
            "client_id": CLIENT,
            "client_secret": SECRET,
            "redirect_uris": [f"{base}/login/openid/callback"],
            "post_logout_redirect_uris": [f"{base}/"],
        }
        self.configure(clients=[client], **changes)

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def certified() -> Iterator[Certified]:
    """The certified provider while it runs."""
    command = [str(node()), str(SCRIPT), str(INSTALLED / "node_modules")]
    pipe, quiet = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=quiet, text=True) as process:
        try:
            yield Certified(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(10)


# --- one that lies ---


@dataclass
class Reply:
    """What the liar answers in place of what it should."""

    status: int = 200
    body: bytes = b"{}"
    delay_s: float = 0
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Liar:
    """A provider that says what a test has it say.

    Args:
        claims: changes to those of the ID token; None takes one out.
        header: changes to the header of the ID token.
        key: that signs; the key set has `published`.
        sign: makes the token another way.
        instead: replies by path.
        metadata: changes to the discovery document.
        forms: that were sent to the token endpoint.
        asked: paths of all requests.
    """

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    key: RSAKey | ECKey = field(default_factory=lambda: new_key("liar"))
    published: list[dict[str, Any]] = field(default_factory=list)
    sign: Callable[["Liar", dict[str, Any]], str] | None = None
    instead: dict[str, Reply] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    forms: list[dict[str, str]] = field(default_factory=list)
    basic: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    nonce: str = ""

    def __post_init__(self) -> None:
        self.published = [self.key.as_dict(private=False)]

    def discovery(self) -> dict[str, Any]:
        own = {
            name: f"{self.issuer}/{path}"
            for name, path in (
                ("authorization_endpoint", "auth"),
                ("token_endpoint", "token"),
                ("jwks_uri", "jwks"),
                ("userinfo_endpoint", "userinfo"),
            )
        }
        document = {"issuer": self.issuer, **own} | self.metadata
        return {name: value for name, value in document.items() if value is not None}

    def id_token(self) -> str:
        now = int(time.time())
        honest = {
            "iss": self.issuer,
            "sub": "zhao",
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": self.nonce,
        }
        claims = {name: it for name, it in (honest | self.claims).items() if it is not None}
        if self.sign is not None:
            return self.sign(self, claims)
        alg = "RS256" if isinstance(self.key, RSAKey) else "ES256"
        header = {"alg": alg, "kid": self.key.kid} | self.header
        return jwt.encode({k: v for k, v in header.items() if v is not None}, claims, self.key)

    def answer(self, path: str) -> dict[str, Any]:
        if path == "/.well-known/openid-configuration":
            return self.discovery()
        if path == "/jwks":
            return {"keys": self.published}
        if path == "/userinfo":
            return self.userinfo
        return {"id_token": self.id_token(), "access_token": "at", "token_type": "Bearer"}


def new_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


def unsigned(_: Liar, claims: dict[str, Any]) -> str:
    return f"{_unsigned({'alg': 'none'}, claims)}."


def with_public_key(state: Liar, claims: dict[str, Any]) -> str:
    """Signed by HMAC with what everybody has."""
    text = _unsigned({"alg": "HS256", "kid": state.key.kid}, claims)
    signature = hmac.digest(state.key.as_pem(private=False), text.encode(), "sha256")
    return f"{text}.{_encoded(signature)}"


def _unsigned(*parts: dict[str, Any]) -> str:
    return ".".join(_encoded(json.dumps(part).encode()) for part in parts)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@contextmanager
def liar() -> Iterator[Liar]:
    """The lying provider while it runs."""
    state = Liar()
    over = threading.Event()

    class Request(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            state.forms.append({key: values[0] for key, values in parse_qs(body).items()})
            state.basic.append(self.headers.get("authorization", ""))
            self._answer()

        def _answer(self) -> None:
            path = urlsplit(self.path).path
            state.asked.append(path)
            reply = state.instead.get(path) or Reply(body=json.dumps(state.answer(path)).encode())
            over.wait(reply.delay_s)
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json")
            for name, value in reply.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Request) as server:
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who hung up
        state.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        over.set()
        server.shutdown()
        thread.join()


# --- who walks through ---


class Visitor:
    """A browser without a window: cookies by host, one request at a time."""

    def __init__(self, base: str) -> None:
        self.base = base
        none_kept = httpx2.Limits(max_keepalive_connections=0)
        self.http = httpx2.Client(follow_redirects=False, timeout=20, limits=none_kept)

    def get(self, address: str, **options: Any) -> httpx2.Response:
        return self.http.get(urljoin(self.base, address), **options)

    def leave(self, **query: str) -> str:
        """Goes to the provider: the address it is sent to."""
        answer = self.get("/login/openid", params=query)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def through(self, address: str, login: str, *, consent: bool = True) -> str:
        """Signs in at the certified provider: the address it is sent back to."""
        answer = self.http.get(address)
        for _ in range(12):
            if answer.is_redirect:
                there = urljoin(str(answer.url), answer.headers["location"])
                if there.startswith(self.base):
                    return there
                answer = self.http.get(there)
            elif 'value="login"' in answer.text:
                form = {"prompt": "login", "login": login, "password": "any"}
                answer = self.http.post(_action(answer), data=form)
            elif consent:
                answer = self.http.post(_action(answer), data={"prompt": "consent"})
            else:
                answer = self.http.get(_link(answer, "Cancel"))
        raise AssertionError(f"no way back from {answer.url}: {answer.text[:500]}")

    def sign_in(self, login: str, **query: str) -> httpx2.Response:
        """All the way; the answer that it comes back to."""
        return self.get(self.through(self.leave(**query), login))

    def form(self, page: str, path: str, **fields: str) -> httpx2.Response:
        found = re.search(r'name="form_token" value="([0-9a-f]{64})"', self.get(page).text)
        assert found is not None
        headers = {"origin": self.base}
        return self.http.post(
            urljoin(self.base, path), data={"form_token": found[1]} | fields, headers=headers
        )


def _action(page: httpx2.Response) -> str:
    found = re.search(r'action="([^"]+)"', page.text)
    assert found is not None, page.text
    return urljoin(str(page.url), unescape(found[1]))


def _link(page: httpx2.Response, words: str) -> str:
    found = re.search(rf'href="([^"]+)">\[ {words}', page.text)
    assert found is not None, page.text
    return urljoin(str(page.url), unescape(found[1]))


def refreshed(page: httpx2.Response) -> str:
    """Where a page goes on to by itself."""
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]*)"', page.text)
    assert found is not None, page.text
    return unescape(found[1])
