"""The gazetteer of a running service, in memory."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from geodata.geocoding.gazetteer import open_gazetteer
from geodata.geocoding.geocode import GazetteerGeocoder
from geodata.geocoding.reverse import ReverseGeocoder


@dataclass(frozen=True)
class Places:
    """From addresses to places and from positions to places."""

    geocoder: GazetteerGeocoder
    reverse: ReverseGeocoder


def open_places(own: Path | None) -> Places:
    """The built-in gazetteer, joined by the operator's own.

    Raises:
        RefusedError: rows of the operator's that are wrong.
    """
    gazetteer = open_gazetteer(() if own is None else (own,))
    return Places(GazetteerGeocoder(gazetteer), ReverseGeocoder(gazetteer))


def _places_of(request: Request) -> Places:
    places: Places = request.app.state.places
    return places


PlacesDep = Annotated[Places, Depends(_places_of)]
