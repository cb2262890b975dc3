"""Hands at the cash dispenser: at its exit, and in the safe behind it."""

from collections.abc import Sequence

from simulators.bench.abilities import CaptureBox, Emptied, OpenExit, Pool, RejectTray, Safe
from simulators.bench.events import STAFF, EventLog, Kind
from simulators.bench.hands.devices import AtDevices, CantBe, NotThere
from simulators.bench.hardware import Hardware
from simulators.world.custody import Note, new_notes


class AtCashDispenser(AtDevices):
    """Customers take notes, and staff bring and fetch them; what was brought is counted."""

    def __init__(self, hardware: Hardware, log: EventLog) -> None:
        super().__init__(hardware, log)
        self._made = sum(hardware.custody.number(place) for place in hardware.custody.places())
        self._deliveries = 0

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

    def _cassette(self, position: int) -> str:
        positions = self.cassettes()
        if position not in positions:
            raise NotThere(f"no cassette {position}; there are {', '.join(map(str, positions))}")
        return self.hardware.dispenser.cassette_place(position)
