"""The shell: what every page shares, from header to footer."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from service.accounts.cookie import form_token, give_cookie
from service.accounts.identified import session_of
from service.accounts.principal import principal_of
from service.accounts.words import ROLES
from service.maps.symbol import boundary_symbol, symbol
from service.state import service_of
from service.web.language import COOKIE, Language, chosen, language_of, texts, translate
from service.web.navigation import NAVIGATION
from service.web.security import HEADERS

ONE_YEAR_S = 365 * 24 * 3600

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(request: Request, template: str, **context: Any) -> HTMLResponse:
    """A page in the shell, in the reader's language, under the content-security policy.

    Templates extend `shell.html`; beside `context` they see `t(key)`, `language`, `texts(...)`,
    `symbol(layer)`, `number(value)`, `path` and `root`, the prefix of all paths of the service.
    """
    language = language_of(request)
    html = TEMPLATES.get_template(template).render(_shared(request, language) | context)
    response = HTMLResponse(html, headers=HEADERS | {"Cache-Control": "no-cache", "Vary": "Cookie"})
    _remember(request, response, chosen(request))
    return response


def _shared(request: Request, language: Language) -> dict[str, Any]:
    """What the shell itself and any page may use."""
    me = principal_of(request)
    return {
        "language": language,
        "t": lambda key: translate(key, language),
        "texts": lambda *prefixes: texts(language, *prefixes),
        "symbol": lambda layer: Markup(symbol(layer)),
        "boundary_symbol": lambda schematic: Markup(boundary_symbol(schematic=schematic)),
        "number": lambda value: f"{value:,}",
        "path": request.url.path,
        "root": request.scope["root_path"],
        "navigation": [each for each in NAVIGATION if me.role_for().includes(each.least)],
        "languages": [(each, _switched(request, each)) for each in Language],
        "me": me,
        "role_word": lambda role: translate(ROLES[role], language),
        "form_token": form_token(session_of(request.scope)),
        "approval_number": service_of(request).settings.map_approval_number,
    }


def _switched(request: Request, language: Language) -> str:
    """This page's address in another language."""
    url = request.url.include_query_params(lang=language.value)
    return f"{url.path}?{url.query}"


def _remember(request: Request, response: HTMLResponse, language: Language | None) -> None:
    if language is not None:
        give_cookie(request, response, COOKIE, language.value, samesite="lax", max_age=ONE_YEAR_S)
