"""Hands at the card reader, and the cards in them."""

from collections.abc import Mapping, Sequence

from simulators.bench.abilities import Grip
from simulators.bench.events import EventLog, Kind
from simulators.bench.hands.devices import HAND, AtDevices, CantBe, NotThere
from simulators.bench.hardware import Hardware
from simulators.world.cards import VirtualCard, issue
from simulators.world.people import Person


class AtCardReader(AtDevices):
    """Every one of `people` has a card, by the name of the person."""

    def __init__(self, hardware: Hardware, log: EventLog, people: Sequence[Person]) -> None:
        super().__init__(hardware, log)
        self._cards = {person.id: issue(person) for person in people}

    def cards(self) -> Mapping[str, str]:
        """Where each card is: `hand`, or a place in the reader."""
        return {name: self.whereabouts(name) for name in self._cards}

    def whereabouts(self, name: str) -> str:
        """Where a card is. Raises NotThere."""
        card, seen = self._card(name), self.hardware.reader.cards
        place = seen.where(card) if card in seen else HAND
        return HAND if place == HAND else f"card_reader/{place}"

    def card_in_hand(self, name: str) -> VirtualCard | None:
        """A card that is in no device; None while it is in one. Raises NotThere."""
        card = self._card(name)
        return card if self.whereabouts(name) == HAND else None

    def add_card(self, name: str, card: VirtualCard) -> None:
        """Somebody brings another card."""
        if name in self._cards:
            raise CantBe(f"there is a card {name!r} already; choose another name")
        self._cards[name] = card

    def insert_card(self, name: str, *, wrong_way: bool = False) -> None:
        """Push a card into the slot."""
        self._device("card_reader")
        card = self._in_hand(name)
        if not self.hardware.reader.insert_card(card, wrong_way=wrong_way):
            raise CantBe("the slot is closed: the reader takes no card now (its host has not enabled it, or it is off)")
        how = " the wrong way round" if wrong_way else ""
        self._told(Kind.CARD_INSERTED, "card_reader", f"card {name} is inserted{how}", card=name, wrong_way=wrong_way)

    def take_card(self) -> str:
        """Take the card that stands at the gate; its name."""
        self._device("card_reader")
        if self.hardware.reader.card_at_gate is None:
            raise CantBe("no card at the gate")
        return self._pull()

    def pull_card(self) -> str:
        """Hold on to a card that is on its way in, and pull it out; its name."""
        self._device("card_reader")
        if self.hardware.reader.card_in_slot is None:
            raise CantBe("no card is on its way in; one that is all in can't be gripped")
        return self._pull()

    def push_second_card(self, name: str) -> None:
        """Force a card in while another one is inside."""
        machine = self._machine("card_reader")
        if not isinstance(machine, Grip):
            raise self._has_no("card_reader", "slot that a second card could be forced into")
        card = self._in_hand(name)
        if self.hardware.reader.card_inside is None:
            raise CantBe("there is no card inside: insert this one")
        machine.push_second_card(card)
        self._told(Kind.CARD_INSERTED, "card_reader", f"card {name} is forced in behind another", card=name)

    def hold_card(self, *, held: bool) -> None:
        """Grip the card at the slot and let nobody move it, or let go."""
        machine = self._machine("card_reader")
        if not isinstance(machine, Grip):
            raise self._has_no("card_reader", "slot where a card can be held")
        if held and self.hardware.reader.card_at_gate is None and self.hardware.reader.card_in_slot is None:
            raise CantBe("no card at the slot to hold")
        (machine.hold_card if held else machine.let_go)()
        self._told(Kind.HANDS, "card_reader", "the card is held" if held else "the card is let go", held=held)

    def clear_cards(self) -> list[str]:
        """Staff open the reader and take out every card that is stuck in it; their names."""
        machine = self._machine("card_reader")
        if not isinstance(machine, Grip):
            raise self._has_no("card_reader", "way to open it")
        names = [self._took(card) for card in machine.clear_path()]
        self._told(Kind.HANDS, "card_reader", f"staff open the reader and take out {len(names)} cards")
        return names

    def empty_capture_box(self) -> list[str]:
        """Staff take the captured cards; their names."""
        self._device("card_reader")
        names = [self._took(card) for card in self.hardware.reader.empty_bin()]
        self._told(Kind.HANDS, "card_reader", f"the capture box is emptied: {len(names)} cards")
        return names

    def _in_hand(self, name: str) -> VirtualCard:
        card = self._card(name)
        if (place := self.whereabouts(name)) != HAND:
            raise CantBe(f"card {name} is in no hand: it is at {place}")
        return card

    def _card(self, name: str) -> VirtualCard:
        if name not in self._cards:
            raise NotThere(f"no card {name!r}; there are {', '.join(self._cards)}")
        return self._cards[name]

    def _pull(self) -> str:
        card = self.hardware.reader.take_card()
        if card is None:
            raise CantBe("there is no card to grip")
        name = self._took(card)
        self._told(Kind.CARD_TAKEN, "card_reader", f"card {name} is taken", card=name)
        return name

    def _took(self, card: VirtualCard) -> str:
        """The card is in a hand now; its name. A card that these people did not bring is theirs from now on."""
        for name, known in self._cards.items():
            if known is card:
                return name
        name = next(
            name for count in range(1, len(self._cards) + 2) if (name := f"{card.label}-{count}") not in self._cards
        )
        self.add_card(name, card)
        return name
