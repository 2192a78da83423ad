"""Takes the picture of the map that the README shows.

Usage: .venv/bin/python docs/screenshot.py http://127.0.0.1:8000 docs/map.png
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

VIEWPORT = {"width": 1440, "height": 900}
VIEW = "/map?lang=zh#view=11/40.03000/116.33000&feature=science_cities/future-science-city"
SETTLING_MS = 1500


def main(base_url: str, target: Path) -> None:
    """Opens the map in headless Chromium and saves what it shows."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport=VIEWPORT)
        take(page, base_url, target)
        browser.close()


def take(page: Page, base_url: str, target: Path) -> None:
    """Saves the map once its layers have come and the popup has faded in."""
    page.goto(base_url + VIEW)
    page.wait_for_load_state("networkidle")
    page.locator(".leaflet-popup").wait_for()
    page.wait_for_timeout(SETTLING_MS)
    page.screenshot(path=target)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]))
