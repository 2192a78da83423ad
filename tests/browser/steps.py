"""What every test of the map does with it: open, wait, look, switch."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from layers.layer import Layer

PATIENCE_S = 15

QUIET = """() => {
  const overlays = Object.values(window.zgc?.byLayer ?? {});
  return overlays.length > 0 && !overlays.some((overlay) => overlay.loading);
}"""


def until(page: Page, condition: Callable[[], Any], what: str) -> Any:
    """The first true answer; the policy forbids Playwright's own waiting by expression."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if answer := condition():
            return answer
        page.wait_for_timeout(50)
    pytest.fail(f"waited {PATIENCE_S} s in vain: {what}")


def settle(page: Page) -> None:
    until(page, lambda: page.evaluate(QUIET), "all layers are loaded")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")


def open_map(page: Page, hash_part: str = "", language: str = "zh") -> None:
    page.goto(f"/map?lang={language}{hash_part}")
    settle(page)


def features(page: Page, layer_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("(id) => window.zgc.byLayer[id].features", layer_id)
    return found


def switch(page: Page, layer: Layer) -> None:
    page.locator("#layer-control label", has=page.locator(f'[data-layer="{layer.id}"]')).click()
