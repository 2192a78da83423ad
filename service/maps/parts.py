"""Maps ready for pages, made by Folium in a process of its own.

Folium brings pandas and Arrow, 80 MB that a service needs for a second and would keep for good.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from threading import Lock

from service.web.language import Language

ROOT = Path(__file__).parents[2]


class MapName(StrEnum):
    """The maps that pages show."""

    ZONE = "zone"
    REVIEW = "review"


@dataclass(frozen=True)
class MapParts:
    """A map ready for a page.

    Args:
        scripts: addresses of the libraries, in loading order.
        styles: addresses of their style sheets.
        html: the element that holds the map.
        script: what builds the map.
        version: changes with the script.
    """

    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    html: str
    script: str
    version: str


Maps = Mapping[tuple[MapName, Language], MapParts]

LOCK = Lock()


async def map_parts(name: MapName, language: Language) -> MapParts:
    """The parts of a map; the first who asks waits for Folium."""
    maps = await asyncio.to_thread(all_maps)
    return maps[name, language]


def all_maps() -> Maps:
    """Every map in every language, made once, as features come by request."""
    with LOCK:
        return _rendered()


@cache
def _rendered() -> Maps:
    """From `service.maps.render`, as JSON."""
    command = (sys.executable, "-m", "service.maps.render")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    said = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout
    return {
        (MapName(row["name"]), Language(row["language"])): MapParts(
            scripts=tuple(row["scripts"]),
            styles=tuple(row["styles"]),
            html=row["html"],
            script=row["script"],
            version=row["version"],
        )
        for row in json.loads(said)
    }
