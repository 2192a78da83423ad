"""Keys of the words for what a geocoder says."""

from collections.abc import Mapping

from geodata.geocoding.candidate import DECIDED, Candidate, Issue
from geodata.geocoding.level import Level
from geodata.geocoding.providers import amap, baidu, tencent, tianditu
from service.web.language import Language, translate

LEVELS: Mapping[Level, str] = {
    Level.HOUSE: "review.level_house",
    Level.BUILDING: "review.level_building",
    Level.LANDMARK: "review.level_landmark",
    Level.PARK: "review.level_park",
    Level.ROAD: "review.level_road",
    Level.TOWN: "review.level_town",
    Level.DISTRICT: "review.level_district",
}

ISSUES: Mapping[Issue, str] = {
    Issue.NO_CANDIDATE: "review.issue_no_candidate",
    Issue.COARSE: "review.issue_coarse",
    Issue.AMBIGUOUS: "review.issue_ambiguous",
    Issue.DISTRICT_CONFLICT: "review.issue_district_conflict",
    Issue.LOW_SCORE: "review.issue_low_score",
    Issue.OUTSIDE_BEIJING: "review.issue_outside_beijing",
    Issue.PROVIDERS_DISAGREE: "review.issue_providers_disagree",
}

STATES: Mapping[str, str] = {
    "open": "review.state_open",
    "placed": "review.state_placed",
    "not_found": "review.state_not_found",
}

WRONG: Mapping[str, str] = {
    "choice": "review.wrong_choice",
    "lon": "review.wrong_lon",
    "lat": "review.wrong_lat",
    "level": "review.wrong_level",
    "accuracy_m": "review.wrong_accuracy",
    "reason": "review.wrong_reason",
    "seen": "review.wrong_seen",
}
"""What a field of a decision must be."""

OWN = {"gazetteer": "review.provider_gazetteer", DECIDED: "review.provider_review"}
ONLINE = {each.PROVIDER.name: each.PROVIDER.title for each in (tianditu, amap, baidu, tencent)}


def provider_name(candidate: Candidate, language: Language) -> str:
    """Who found a candidate."""
    name = candidate.provider
    if name in ONLINE:
        return language.of(ONLINE[name])
    return translate(OWN[name], language) if name in OWN else name
