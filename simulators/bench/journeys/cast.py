"""Who a journey is about: people of the authority's people file, with the cards in their hands."""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache

from simulators.authority.people.loading import OUR_FILES
from simulators.authority.people.people_file import PersonEntry, read_people
from simulators.world.cards import VirtualCard, issue
from simulators.world.custody import Note
from simulators.world.people import Person


@dataclass(slots=True)
class Traveller:
    """Somebody on a journey: the card in the hand, and the notes and receipts that were taken."""

    entry: PersonEntry = field(repr=False)
    person: Person = field(repr=False)
    card: VirtualCard
    has_card: bool = True
    notes: list[Note] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)

    def takes_new_card(self, card_number: str, pan: str, expiry: str, pin: str) -> None:
        """Another card, of the same person."""
        self.person = replace(self.person, card_number=card_number, pan=pan, expiry=expiry, pin=pin)
        self.card = issue(self.person)
        self.has_card = True

    @property
    def notes_fen(self) -> int:
        """What the notes in the hand are worth."""
        return sum(note.denomination for note in self.notes) * 100


def traveller(identifier: str, on: date) -> Traveller:
    """One of the authority's people, with the first card. Raises KeyError."""
    entry = _people(on)[identifier]
    card = entry.cards[0]
    person = Person(
        id=identifier.replace("-", "_"),
        name=entry.name,
        id_number=entry.id_number,
        card_number=card.card_number,
        region=entry.region,
        pan=card.pan,
        pan_sequence=card.pan_sequence,
        expiry=card.expiry,
        pin=card.pin,
        opening_balance_fen=0,
    )
    return Traveller(entry, person, issue(person))


@cache
def _people(on: date) -> dict[str, PersonEntry]:
    return {person.id: person for person in read_people(OUR_FILES[0], on)}
