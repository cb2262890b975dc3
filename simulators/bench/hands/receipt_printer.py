"""Hands at the receipt printer."""

from simulators.bench.abilities import Jamming
from simulators.bench.events import EventLog, Kind
from simulators.bench.hands.devices import AtDevices, CantBe
from simulators.bench.hardware import Hardware
from simulators.devices.receipt import Receipt


class AtReceiptPrinter(AtDevices):
    """Customers tear paper off, and staff put it in."""

    def __init__(self, hardware: Hardware, log: EventLog) -> None:
        super().__init__(hardware, log)
        self.torn_off: list[Receipt] = []

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
