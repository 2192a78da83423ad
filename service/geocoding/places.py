"""The gazetteer of a running service, in memory."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Request

from geodata.geocoding.gazetteer import open_gazetteer
from geodata.geocoding.geocode import Answer, GazetteerGeocoder
from geodata.geocoding.place import Place
from geodata.geocoding.reverse import ReverseGeocoder
from geodata.geocoding.romanised import is_in_chinese


@dataclass(frozen=True)
class Places:
    """From addresses to places and from positions to places."""

    geocoder: GazetteerGeocoder
    reverse: ReverseGeocoder


async def answer_to(places: Places, address: str, within: Place | None = None) -> Answer:
    """An address taken apart, with its candidates.

    One in Latin letters is read apart from the others: the first needs seconds of preparation.
    """
    if is_in_chinese(address):
        return places.geocoder.answer(address, within)
    return await to_thread.run_sync(places.geocoder.answer, address, within)


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
