"""A page for people beside every JSON document below `/ogc`.

Whoever asks for `text/html` first (a browser), or says `f=html`, gets the same document in the
shell: the page is made from the document itself, so that no resource can lack one.
"""

from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
from markupsafe import Markup
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.accept import weights
from service.web.shell import page
from service.web.sketch import sketch

ROOT = "/ogc"
HTML = "text/html"
DOCUMENTS = ("json", "openapi")
"""Parts of media types of documents that can be shown as a page."""


class HtmlTwin:
    """Shows JSON documents as pages to those who ask for pages."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if _wants_page(scope):
            await self._answer_with_page(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer_with_page(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _Answer()
        await self._app(_for_document(scope), receive, answer.take)
        if answer.is_document:
            response = _page(Request(scope), answer)
            await response(scope, receive, send)
        else:
            for message in answer.messages:
                await send(message)


class _Answer:
    """An answer that was caught on its way."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def take(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def is_document(self) -> bool:
        headers = dict(self.messages[0]["headers"])
        media_type = headers.get(b"content-type", b"").decode("latin-1")
        whole = media_type.partition(";")[0]
        return self.status != 304 and whole.endswith(DOCUMENTS)

    @property
    def document(self) -> Any:
        return orjson.loads(b"".join(message.get("body", b"") for message in self.messages[1:]))


def _wants_page(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    path = scope["path"].removeprefix(scope["root_path"])
    if path != ROOT and not path.startswith(f"{ROOT}/"):
        return False
    accept: str = dict(scope["headers"]).get(b"accept", b"").decode("latin-1")
    if b"html" not in scope["query_string"] and HTML not in accept:
        return False
    query: dict[str, str] = dict(parse_qsl(scope["query_string"].decode("latin-1")))
    if "f" in query:
        return query["f"] == "html"
    weight = weights(accept)
    return HTML in weight and weight[HTML] == max(weight.values()) > 0


def _for_document(scope: Scope) -> Scope:
    """The same request as a program would make it."""
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if (name, value) != ("f", "html")]
    kept = [(name, value) for name, value in kept if name != "lang"]
    dropped = (b"accept", b"accept-encoding", b"if-none-match")
    headers = [(name, value) for name, value in scope["headers"] if name not in dropped]
    return {**scope, "query_string": urlencode(kept).encode(), "headers": headers}


def _page(request: Request, answer: _Answer) -> Any:
    document = answer.document
    features = _features(document)
    response = page(
        request,
        "resource.html",
        document=document,
        features=features,
        origin_of=str(request.base_url),
        picture=None if "crs" in request.query_params else _picture(features),
    )
    response.status_code = answer.status
    response.headers["Vary"] = "Accept, Cookie"
    return response


def _picture(features: list[dict[str, Any]]) -> Markup | None:
    return sketch([feature["geometry"] for feature in features])


def _features(document: Any) -> list[dict[str, Any]]:
    if not isinstance(document, dict):
        return []
    if document.get("type") == "Feature":
        return [document]
    return document["features"] if document.get("type") == "FeatureCollection" else []
