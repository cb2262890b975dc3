"""What only some simulated devices let a person do: one small interface for each."""

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from simulators.devices.szzt_zt598_options import BatteryState
from simulators.world.cards import VirtualCard
from simulators.world.custody import Note


@runtime_checkable
class Grip(Protocol):
    """A slot where a card can be held on to, and a second one forced in."""

    def hold_card(self) -> None:
        """Grip the card at the slot and let nobody move it."""

    def let_go(self) -> None:
        """Hold it no longer."""

    def push_second_card(self, card: VirtualCard) -> None:
        """Force a card in while another one is inside."""

    def clear_path(self) -> list[VirtualCard]:
        """Staff open the reader and take out every card that is stuck in it."""


@runtime_checkable
class OpenExit(Protocol):
    """An exit that notes can be laid into again."""

    def put_back(self, notes: Iterable[Note]) -> None:
        """Lay notes into the exit."""


@runtime_checkable
class Emptied(Protocol):
    """Cassettes that staff can empty."""

    def empty_cassette(self, position: int) -> list[Note]:
        """Take all notes out of a cassette."""


@runtime_checkable
class RejectTray(Protocol):
    """A reject tray that comes out."""

    def remove_reject_tray(self) -> list[Note]:
        """Pull it out and take what is in it."""

    def insert_reject_tray(self) -> None:
        """Put it back."""


@runtime_checkable
class CaptureBox(Protocol):
    """A box for retracted notes that comes out."""

    def remove_capture_box(self) -> list[Note]:
        """Pull it out and take what is in it."""

    def insert_capture_box(self) -> None:
        """Put it back."""


@runtime_checkable
class Pool(Protocol):
    """A pool where notes wait to be presented, which staff can reach."""

    def empty_pool(self) -> list[Note]:
        """Take the notes out of it."""


@runtime_checkable
class Safe(Protocol):
    """A safe with a door that the device notices."""

    def open_safe(self) -> None:
        """Open the door."""

    def close_safe(self) -> None:
        """Close the door."""


@runtime_checkable
class Tampering(Protocol):
    """A pad with a case that notices drills and a switch that notices removal."""

    def tamper(self) -> None:
        """Drill into the case."""

    def lift(self) -> None:
        """Take it out of the kiosk."""

    def mount(self) -> None:
        """Put it back."""


@runtime_checkable
class Battery(Protocol):
    """A battery that keeps the keys."""

    def battery(self, state: BatteryState) -> None:
        """Change its state."""


@runtime_checkable
class Jamming(Protocol):
    """Paper that a hand can jam."""

    def jam(self, after_lines: int = 0) -> None:
        """Jam it now, or when so many more lines are printed."""
