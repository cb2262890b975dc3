"""Hands at the PIN pad."""

import asyncio
from collections.abc import Sequence
from typing import Final

from simulators.bench.abilities import Battery, Tampering
from simulators.bench.events import Kind
from simulators.bench.hands.devices import AtDevices
from simulators.devices.szzt_zt598_keypad import LABELS
from simulators.devices.szzt_zt598_options import BatteryState

KEYS: Final = tuple(LABELS)
"""The labels a key can have."""


class AtPinPad(AtDevices):
    """Who types, drills, lifts the pad out or replaces its battery."""

    async def type_keys(self, keys: Sequence[str], gap: float) -> None:
        """Press keys one after the other, `gap` seconds apart."""
        self._device("pin_pad")
        for number, key in enumerate(keys):
            if number and gap:
                await asyncio.sleep(gap)
            self.hardware.pad.press(key)
            shown = "a digit" if key.isdigit() else key
            self._told(Kind.KEY_PRESSED, "pin_pad", f"key: {shown}", key="digit" if key.isdigit() else key)

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
