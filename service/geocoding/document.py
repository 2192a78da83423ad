"""Answers of the geocoder as GeoJSON documents."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from geodata.geocoding.address import Part
from geodata.geocoding.candidate import Candidate, Issue
from geodata.geocoding.claim import PROVIDER
from geodata.geocoding.datum import Datum
from geodata.geocoding.geocode import Answer
from geodata.geocoding.level import Level
from geodata.geocoding.part import ELEMENT_OF, TITLES, PartKind
from geodata.geocoding.reverse import Nearby
from layers.text import Text

POSITION_DIGITS = 6

NOTHING_KNOWN = Text(
    "地名库中没有与该地址相符的地点", "the gazetteer has no place that the address could mean"
)
OUTSIDE = Text("不在北京市范围内", "it lies outside Beijing")

Score = Annotated[float, Field(ge=0, le=1)]


class Bilingual(BaseModel):
    """A text in both languages."""

    zh: str
    en: str


class Point(BaseModel):
    """GeoJSON Point: longitude, latitude in degrees (CRS84)."""

    type: Literal["Point"] = "Point"
    coordinates: tuple[float, float]


class MatchDocument(BaseModel):
    """A part of the address and what it was taken for."""

    part: str
    text: str
    name: str
    id: str | None
    exact: bool


class CandidateProperties(BaseModel):
    """How fine and how sure a candidate is."""

    name: str
    level: Level
    accuracy_m: float
    score: Score
    matched: list[MatchDocument]
    district: str | None
    town: str | None
    provider: str
    datum: Datum
    issues: list[Issue]


class CandidateFeature(BaseModel):
    """A place that the address may mean."""

    type: Literal["Feature"] = "Feature"
    geometry: Point
    properties: CandidateProperties


class PartDocument(BaseModel):
    """A part of the address by GB/T 23705-2009; `span` counts signs of the text given."""

    kind: PartKind
    title: Bilingual
    element: str | None
    text: str
    span: tuple[int, int]
    in_brackets: bool


class GeocodeDocument(BaseModel):
    """Candidates of an address, best first; `reason` says why there are none."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    address: str
    parts: list[PartDocument]
    needs_review: bool
    issues: list[Issue]
    reason: Bilingual | None
    features: list[CandidateFeature]


class NearbyProperties(BaseModel):
    """What lies at or near the position, and how surely it holds the position."""

    id: str
    name: str
    name_en: str | None
    level: Level
    distance_m: float
    accuracy_m: float
    score: Score
    district: str | None
    town: str | None
    provider: str
    datum: Datum


class NearbyFeature(BaseModel):
    """A place at or near the position."""

    type: Literal["Feature"] = "Feature"
    geometry: Point
    properties: NearbyProperties


class ReverseDocument(BaseModel):
    """Places at a position, finest first; `district` by outline where one is loaded."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    position: tuple[float, float]
    district: str | None
    district_from: Literal["outline", "gazetteer"] | None
    reason: Bilingual | None
    features: list[NearbyFeature]


def geocode_document(answer: Answer, candidates: Sequence[Candidate]) -> GeocodeDocument:
    """The answer to an address with some of its candidates."""
    reason = OUTSIDE if answer.address.elsewhere else NOTHING_KNOWN
    return GeocodeDocument(
        address=answer.address.text,
        parts=[_part(part) for part in answer.address.parts],
        needs_review=bool(answer.issues),
        issues=list(answer.issues),
        reason=None if candidates else _bilingual(reason),
        features=[_candidate(candidate) for candidate in candidates],
    )


def reverse_document(
    position: tuple[float, float], places: Sequence[Nearby], outlined: str | None
) -> ReverseDocument:
    """Places at a position; the district of an outline, where one holds it, wins."""
    voted = [near.place.name for near in places if near.level is Level.DISTRICT]
    district = outlined or next(iter(voted), None)
    return ReverseDocument(
        position=_rounded(*position),
        district=district,
        district_from=None if district is None else "outline" if outlined else "gazetteer",
        reason=None if places else _bilingual(OUTSIDE),
        features=[_nearby(near) for near in places],
    )


def _candidate(candidate: Candidate) -> CandidateFeature:
    matched = [
        MatchDocument(part=row.part, text=row.text, name=row.name, id=row.id, exact=row.exact)
        for row in candidate.matched
    ]
    return CandidateFeature(
        geometry=Point(coordinates=_rounded(candidate.lon, candidate.lat)),
        properties=CandidateProperties(
            name=candidate.name,
            level=candidate.level,
            accuracy_m=candidate.accuracy_m,
            score=candidate.score,
            matched=matched,
            district=candidate.district,
            town=candidate.town,
            provider=candidate.provider,
            datum=candidate.datum,
            issues=list(candidate.issues),
        ),
    )


def _nearby(near: Nearby) -> NearbyFeature:
    place = near.place
    return NearbyFeature(
        geometry=Point(coordinates=_rounded(place.lon, place.lat)),
        properties=NearbyProperties(
            id=place.id,
            name=place.title,
            name_en=place.name_en or None,
            level=near.level,
            distance_m=near.distance_m,
            accuracy_m=place.accuracy_m,
            score=near.score,
            district=place.district or None,
            town=place.town or None,
            provider=PROVIDER,
            datum=Datum.CGCS2000,
        ),
    )


def _part(part: Part) -> PartDocument:
    element = ELEMENT_OF.get(part.kind)
    return PartDocument(
        kind=part.kind,
        title=_bilingual(TITLES[part.kind]),
        element=element.value if element else None,
        text=part.text,
        span=(part.start, part.end),
        in_brackets=part.in_brackets,
    )


def _bilingual(text: Text) -> Bilingual:
    return Bilingual(zh=text.zh, en=text.en)


def _rounded(lon: float, lat: float) -> tuple[float, float]:
    return round(lon, POSITION_DIGITS), round(lat, POSITION_DIGITS)
