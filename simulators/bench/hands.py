"""The hands of the people at a bench: what a person or staff standing there can do, and nothing else.

Every act happens, or raises `CantBe` (the world says no) or `NotThere` (no such thing), and then nothing happened.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from simulators.bench.abilities import (
    Battery,
    CaptureBox,
    Emptied,
    Grip,
    Jamming,
    OpenExit,
    Pool,
    RejectTray,
    Safe,
    Tampering,
)
from simulators.bench.events import STAFF, EventLog, Kind
from simulators.bench.hardware import Hardware
from simulators.devices.receipt import Receipt
from simulators.devices.szzt_zt598_keypad import LABELS
from simulators.devices.szzt_zt598_options import BatteryState
from simulators.world.cards import VirtualCard, issue
from simulators.world.custody import CustodyBroken, Note, new_notes
from simulators.world.people import Person

HAND: Final = "hand"
KEYS: Final = tuple(LABELS)
"""The labels a key can have."""


class CantBe(Exception):
    """The world says no; the message says why."""


class NotThere(LookupError):
    """There is no such card, person, cassette or device; the message names those there are."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """Where everything is: notes by place, cards by name; `problem` is what is wrong with it, empty when nothing is.

    `made`: notes that were ever put into this world.
    """

    notes: Mapping[str, Sequence[Note]]
    cards: Mapping[str, str]
    made: int
    problem: str = ""


class Hands:
    """Acts on one bench, and the cards of its people."""

    def __init__(self, hardware: Hardware, log: EventLog, people: Sequence[Person]) -> None:
        self.hardware = hardware
        self.log = log
        self.people: Mapping[str, Person] = {person.id: person for person in people}
        self.torn_off: list[Receipt] = []
        self._cards = {person.id: issue(person) for person in people}
        self._powered = dict.fromkeys(hardware.simulated, True)
        self._made = sum(hardware.custody.number(place) for place in hardware.custody.places())
        self._deliveries = 0

    # Any device

    def powered(self, role: str) -> bool:
        """Whether the device has mains, as far as these hands know."""
        return self._powered[self._device(role)]

    def power(self, role: str, *, on: bool) -> None:
        """Cut the mains of a device, or give them back; nothing happens when they are so already."""
        if self.powered(role) is on:
            return
        self._powered[role] = on
        device = self.hardware.simulated[role]
        if on:
            device.power_on()
        else:
            device.power_off()
        self._told(Kind.POWER, role, "power returns" if on else "power is cut", on=on)

    async def plug(self, role: str, *, plugged: bool) -> None:
        """Unplug the line of a device, or plug it in again; nothing happens when it is so already."""
        line = self.hardware.lines[self._device(role)]
        if line.plugged is plugged:
            return
        if plugged:
            try:
                await line.lay()
            except OSError as error:
                raise CantBe(f"the line of {role} can't be laid again: {error}") from None
        else:
            line.unplug()

    # Cards

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

    # PIN pad

    async def type_keys(self, keys: Sequence[str], gap: float) -> None:
        """Press keys one after the other, `gap` seconds apart."""
        self._device("pin_pad")
        for number, key in enumerate(keys):
            if number and gap:
                await asyncio.sleep(gap)
            self.hardware.pad.press(key)
            shown = "a digit" if key.isdigit() else key
            self._told(Kind.KEY_PRESSED, "pin_pad", f"key: {shown}", key="digit" if key.isdigit() else key)

    def pin_of(self, person: str) -> Sequence[str]:
        """The digits a person has in mind. Raises NotThere."""
        if person not in self.people:
            raise NotThere(f"no person {person!r}; there are {', '.join(self.people)}")
        return tuple(self.people[person].pin)

    def tamper_with_pad(self) -> None:
        """Drill into the pad's case."""
        machine = self._machine("pin_pad")
        if not isinstance(machine, Tampering):
            raise self._has_no("pin_pad", "case that could be drilled into")
        machine.tamper()
        self._told(Kind.HANDS, "pin_pad", "somebody drills into the case")

    def mount_pad(self, *, mounted: bool) -> None:
        """Take the pad out of the kiosk, or put it back."""
        pad = self._machine("pin_pad")
        if not isinstance(pad, Tampering):
            raise self._has_no("pin_pad", "removal switch")
        if mounted:
            pad.mount()
        else:
            pad.lift()
        self._told(Kind.HANDS, "pin_pad", "the pad is put back" if mounted else "the pad is taken out of the kiosk")

    def battery_of_pad(self, state: BatteryState) -> None:
        """The pad's battery runs low or empty, or is replaced."""
        machine = self._machine("pin_pad")
        if not isinstance(machine, Battery):
            raise self._has_no("pin_pad", "battery")
        machine.battery(state)
        self._told(Kind.HANDS, "pin_pad", f"the battery is {state}")

    # Notes

    def take_notes(self, number: int | None = None) -> list[Note]:
        """Take notes from the exit, all by default."""
        self._device("cash_dispenser")
        taken = self.hardware.dispenser.take_notes(number)
        if not taken:
            raise CantBe("no notes at the exit")
        return taken

    def put_back_notes(self, number: int | None = None) -> list[Note]:
        """Lay notes that were taken into the exit again, the last taken first, all by default."""
        dispenser = self._machine("cash_dispenser")
        if not isinstance(dispenser, OpenExit):
            raise self._has_no("cash_dispenser", "exit that notes can be laid into now")
        taken = list(reversed(self.hardware.custody.at("customer")))[:number]
        if not taken:
            raise CantBe("the customer has no notes")
        try:
            dispenser.put_back(taken)
        except ValueError as error:
            raise CantBe(str(error)) from None
        return taken

    def cassettes(self) -> Sequence[int]:
        """The positions of the cassettes, from 1, the top one."""
        self._device("cash_dispenser")
        return range(1, len(self.hardware.file.cash_dispenser.cassettes) + 1)

    def in_cassette(self, position: int) -> dict[int, int]:
        """What is in a cassette: denomination -> notes."""
        return self.hardware.custody.count(self._cassette(position))

    def insert_cassette(self, position: int, *, inserted: bool) -> None:
        """Pull a cassette out with what is in it, or put it back."""
        self._cassette(position)
        dispenser = self.hardware.dispenser
        if inserted:
            dispenser.insert_cassette(position)
        else:
            dispenser.remove_cassette(position)
        words = f"cassette {position} is {'put in' if inserted else 'pulled out'}"
        self._told(Kind.HANDS, "cash_dispenser", words, cassette=position, inserted=inserted)

    def refill_cassette(self, position: int, denomination: int, number: int) -> None:
        """Staff bring new notes and lay them behind those in a cassette; nobody checks whether they belong there."""
        self._cassette(position)
        self._deliveries += 1
        self._made += number
        notes = new_notes(denomination, number, f"D{self._deliveries}-")
        self.hardware.custody.put(STAFF, notes)
        self.hardware.dispenser.refill(position, notes)
        words = f"{number} notes of {denomination} yuan are laid into cassette {position}"
        self._told(Kind.HANDS, "cash_dispenser", words, cassette=position)

    def empty_cassette(self, position: int) -> list[Note]:
        """Staff take all notes out of a cassette."""
        self._cassette(position)
        machine = self._machine("cash_dispenser")
        if not isinstance(machine, Emptied):
            raise self._has_no("cash_dispenser", "cassette that can be emptied")
        taken = machine.empty_cassette(position)
        words = f"cassette {position} is emptied: {len(taken)} notes"
        self._told(Kind.HANDS, "cash_dispenser", words, cassette=position)
        return taken

    def insert_reject_tray(self, *, inserted: bool) -> list[Note]:
        """Pull the reject tray out and take what is in it, or put it back; the notes that staff took."""
        dispenser = self._machine("cash_dispenser")
        if not isinstance(dispenser, RejectTray):
            raise self._has_no("cash_dispenser", "reject tray that comes out")
        taken: list[Note] = []
        if inserted:
            dispenser.insert_reject_tray()
        else:
            taken = dispenser.remove_reject_tray()
        words = f"the reject tray is {'put in' if inserted else 'pulled out'}"
        self._told(Kind.HANDS, "cash_dispenser", words, inserted=inserted)
        return taken

    def insert_capture_box(self, *, inserted: bool) -> list[Note]:
        """Pull the box for retracted notes out and take what is in it, or put it back; the notes that staff took."""
        machine = self._machine("cash_dispenser")
        if not isinstance(machine, CaptureBox):
            raise self._has_no("cash_dispenser", "capture box")
        taken: list[Note] = []
        if inserted:
            machine.insert_capture_box()
        else:
            taken = machine.remove_capture_box()
        words = f"the capture box is {'put in' if inserted else 'pulled out'}"
        self._told(Kind.HANDS, "cash_dispenser", words, inserted=inserted)
        return taken

    def empty_pool(self) -> list[Note]:
        """Staff take the notes that wait to be presented."""
        machine = self._machine("cash_dispenser")
        if not isinstance(machine, Pool):
            raise self._has_no("cash_dispenser", "pool where notes wait")
        taken = machine.empty_pool()
        self._told(Kind.HANDS, "cash_dispenser", f"staff empty the pool: {len(taken)} notes")
        return taken

    def open_safe(self, *, is_open: bool) -> None:
        """Open or close the safe."""
        dispenser = self._machine("cash_dispenser")
        if not isinstance(dispenser, Safe):
            raise self._has_no("cash_dispenser", "door that it would notice")
        if is_open:
            dispenser.open_safe()
        else:
            dispenser.close_safe()
        self._told(Kind.HANDS, "cash_dispenser", f"the safe is {'opened' if is_open else 'closed'}", open=is_open)

    def clear_notes(self) -> list[Note]:
        """Staff take out what is stuck in the dispenser."""
        self._device("cash_dispenser")
        taken = self.hardware.dispenser.clear_jam()
        self._told(Kind.HANDS, "cash_dispenser", f"staff clear the transport: {len(taken)} notes")
        return taken

    # Paper

    def tear_off(self) -> Receipt:
        """Take the receipt that hangs from the slot."""
        self._device("receipt_printer")
        receipt = self.hardware.printer.tear_off()
        if receipt is None:
            raise CantBe("no receipt hangs from the slot")
        self.torn_off.append(receipt)
        self._told(Kind.RECEIPT_TORN_OFF, "receipt_printer", "the receipt is torn off", receipt=len(self.torn_off))
        return receipt

    def load_paper(self, lines: int) -> None:
        """Put in a roll of so many lines; 0 takes the roll out."""
        self._device("receipt_printer")
        self.hardware.printer.load_paper(lines)
        words = f"a roll of {lines} lines is put in" if lines else "the paper roll is taken out"
        self._told(Kind.HANDS, "receipt_printer", words, lines=lines)

    def open_cover(self, *, is_open: bool) -> None:
        """Open or close the printer's cover."""
        self._device("receipt_printer")
        if is_open:
            self.hardware.printer.open_cover()
        else:
            self.hardware.printer.close_cover()
        self._told(Kind.HANDS, "receipt_printer", f"the cover is {'opened' if is_open else 'closed'}", open=is_open)

    def jam_paper(self, after_lines: int) -> None:
        """Have the paper jam, now or when so many more lines are printed."""
        machine = self._machine("receipt_printer")
        if not isinstance(machine, Jamming):
            raise self._has_no("receipt_printer", "paper path that a hand can jam")
        machine.jam(after_lines)
        self._told(Kind.HANDS, "receipt_printer", "paper is stuffed into the path", after_lines=after_lines)

    def clear_paper(self) -> None:
        """Remove jammed paper."""
        self._device("receipt_printer")
        self.hardware.printer.clear_jam()
        self._told(Kind.HANDS, "receipt_printer", "jammed paper is removed")

    # Everything

    def inventory(self) -> Inventory:
        """Count everything there is."""
        custody = self.hardware.custody
        notes = {place: custody.at(place) for place in custody.places()}
        cards = self.cards()
        problem = ""
        try:
            custody.check()
            self.hardware.reader.cards.check()
        except CustodyBroken as error:
            problem = str(error)
        counted = sum(map(len, notes.values()))
        if counted != self._made:
            problem = f"{self._made} notes were put into this world, {counted} are in it"
        return Inventory(notes, cards, self._made, problem)

    def _device(self, role: str) -> str:
        if role not in self.hardware.simulated:
            raise NotThere(f"no {role} on this bench; there are {', '.join(self.hardware.simulated)}")
        return role

    def _machine(self, role: str) -> object:
        return self.hardware.simulated[self._device(role)]

    def _has_no(self, role: str, what: str) -> CantBe:
        return CantBe(f"this {self.hardware.configured[role].model} has no {what}")

    def _in_hand(self, name: str) -> VirtualCard:
        card = self._card(name)
        if (place := self.whereabouts(name)) != HAND:
            raise CantBe(f"card {name} is in no hand: it is at {place}")
        return card

    def _card(self, name: str) -> VirtualCard:
        if name not in self._cards:
            raise NotThere(f"no card {name!r}; there are {', '.join(self._cards)}")
        return self._cards[name]

    def _cassette(self, position: int) -> str:
        positions = self.cassettes()
        if position not in positions:
            raise NotThere(f"no cassette {position}; there are {', '.join(map(str, positions))}")
        return self.hardware.dispenser.cassette_place(position)

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

    def _told(self, kind: Kind, device: str, words: str, **data: str | int | bool) -> None:
        self.log.note(kind, device, words, data)
