"""Headless Chromium on a page that is watched: what must never happen fails the test."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, sync_playwright

SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
VIEWPORT = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed with its module: Playwright keeps an event loop running, which async tests cannot."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(SWITCHES))
        yield browser
        browser.close()


@dataclass
class Watch:
    """What a page did that it must not do.

    A test that provokes an error answer names its status in `expected`; the browser's own
    console line about it is then no finding either.
    """

    origin: str
    expected: set[int] = field(default_factory=set)
    findings: list[str] = field(default_factory=list)

    def on_request(self, address: str) -> None:
        parts = urlsplit(address)
        if (
            parts.scheme not in ("data", "blob")
            and f"{parts.scheme}://{parts.netloc}" != self.origin
        ):
            self.findings.append(f"request to another host: {address}")

    def on_response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.findings.append(f"{response.status} {response.url}")

    def on_console(self, message: ConsoleMessage) -> None:
        provoked = any(f"status of {status}" in message.text for status in self.expected)
        if message.type in ("error", "warning") and not provoked:
            self.findings.append(f"console {message.type}: {message.text}")


NewPage = Callable[..., tuple[Page, Watch]]


@pytest.fixture
def role() -> str | None:
    """Of who signed in, None: nobody. Modules whose pages are not the public's say another."""
    return None


@pytest.fixture
def new_page(
    browser: Browser,
    live_server: str,
    plan_url: str,
    role: str | None,
    session_for: Callable[[str, str], dict[str, str]],
) -> Iterator[NewPage]:
    """Opens watched pages; at the end none may have a finding."""
    watches: list[Watch] = []
    contexts = []

    def open_page(**context: object) -> tuple[Page, Watch]:
        options = {"viewport": VIEWPORT, "base_url": live_server} | context
        contexts.append(browser.new_context(**options))  # type: ignore[arg-type]
        if role is not None:
            ((name, value),) = session_for(plan_url, role).items()
            contexts[-1].add_cookies([{"name": name, "value": value, "url": live_server}])
        page = contexts[-1].new_page()
        watches.append(watch := Watch(str(options["base_url"])))
        page.on("request", lambda request: watch.on_request(request.url))
        page.on("response", watch.on_response)
        page.on("console", watch.on_console)
        page.on("pageerror", lambda error: watch.findings.append(f"script error: {error}"))
        return page, watch

    yield open_page
    for context in contexts:
        context.unroute_all(behavior="ignoreErrors")
        for page in context.pages:
            page.unroute_all(behavior="ignoreErrors")
        context.close()
    assert [finding for watch in watches for finding in watch.findings] == []


@pytest.fixture
def page(new_page: NewPage) -> Page:
    return new_page()[0]
