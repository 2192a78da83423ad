"""The geocoder that needs no network: addresses to candidates by the gazetteer alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from geodata.geocoding.address import Address, parse
from geodata.geocoding.candidate import Candidate, Issue, issues_of
from geodata.geocoding.gazetteer import Gazetteer
from geodata.geocoding.match import candidates_of
from geodata.geocoding.place import Place

LONGEST_ADDRESS = 300
"""Signs; a longer text is no address."""


@dataclass(frozen=True)
class Answer:
    """What is known of an address.

    Args:
        address: taken apart.
        candidates: best first.
    """

    address: Address
    candidates: list[Candidate]

    @property
    def issues(self) -> tuple[Issue, ...]:
        """Why a person should look at it."""
        return (Issue.OUTSIDE_BEIJING,) if self.address.elsewhere else issues_of(self.candidates)


class GazetteerGeocoder:
    """Candidates from the gazetteer."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer

    def answer(self, address: str, within: Place | None = None) -> Answer:
        """An address taken apart, with its candidates.

        Args:
            address: at most `LONGEST_ADDRESS` signs; what is longer is no address.
            within: district in which alone candidates are wanted.
        """
        if len(address) > LONGEST_ADDRESS:
            return Answer(Address(address, ()), [])
        parsed = parse(address, self.gazetteer)
        return Answer(parsed, candidates_of(parsed, self.gazetteer, within))

    def geocode(self, addresses: Sequence[str]) -> list[list[Candidate]]:
        """Candidates of each address, best first; none where nothing is known of it."""
        return [self.answer(address).candidates for address in addresses]
