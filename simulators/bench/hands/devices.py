"""What all hands at a bench share: the devices before them, and what the world answers to what can't be."""

from typing import Final

from simulators.bench.events import EventLog, Kind
from simulators.bench.hardware import Hardware

HAND: Final = "hand"


class CantBe(Exception):
    """The world says no; the message says why."""


class NotThere(LookupError):
    """There is no such card, person, cassette or device; the message names those there are."""


class AtDevices:
    """Acts on the devices of one bench, which are told in `log`; with mains and lines, which all devices have."""

    def __init__(self, hardware: Hardware, log: EventLog) -> None:
        self.hardware = hardware
        self.log = log
        self._powered = dict.fromkeys(hardware.simulated, True)

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

    def _device(self, role: str) -> str:
        if role not in self.hardware.simulated:
            raise NotThere(f"no {role} on this bench; there are {', '.join(self.hardware.simulated)}")
        return role

    def _machine(self, role: str) -> object:
        return self.hardware.simulated[self._device(role)]

    def _has_no(self, role: str, what: str) -> CantBe:
        return CantBe(f"this {self.hardware.configured[role].model} has no {what}")

    def _told(self, kind: Kind, device: str, words: str, **data: str | int | bool) -> None:
        self.log.note(kind, device, words, data)
