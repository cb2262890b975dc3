"""The keypad of the simulated PIN pad: what keys do in each mode, and the PIN while the pad holds it.

A digit leaves this module in clear only in the mode for amounts; during a PIN entry the line hears `*`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from protocol.szzt_zt598_tables import DEFAULT_KEY_MAP, DIGITS, ClearMode, EndMode, KeyCode, Rtn
from simulators.devices.szzt_zt598_refusal import PadRefuses

LABELS: dict[str, tuple[KeyCode, ...]] = {
    **{str(digit): (KeyCode(0x30 + digit),) for digit in range(10)},
    "00": (KeyCode.DOUBLE_ZERO, KeyCode.DOUBLE_ZERO_OLD),
    ".": (KeyCode.DOT,),
    "enter": (KeyCode.ENTER,),
    "cancel": (KeyCode.CANCEL,),
    "clear": (KeyCode.CLEAR,),
    "backspace": (KeyCode.CLEAR,),
    "blank": (KeyCode.BLANK,),
    **{f"f{number}": (KeyCode(0x40 + number),) for number in range(1, 9)},
}


class KeypadMode(StrEnum):
    """What the keys are good for."""

    OFF = "off"
    CLEAR = "clear"
    PIN = "PIN"


@dataclass(frozen=True, slots=True)
class PinRules:
    """One PIN entry: lengths, how it ends, what the clear key does, and its time limit in seconds (None: no limit)."""

    minimum: int
    maximum: int
    end: EndMode
    clear: ClearMode
    timeout: float | None


class Keypad:
    """Keys, their codes, and the PIN buffer. `send` puts one bare byte on the line; times in seconds."""

    def __init__(
        self,
        *,
        send: Callable[[int], None],
        changed: Callable[[], None],
        pin_lifetime: float,
        debounce: float,
        key_hold: float,
    ) -> None:
        self._send = send
        self._changed = changed
        self._pin_lifetime = pin_lifetime
        self._debounce = debounce
        self._blind_until = 0.0
        self._held: str | None = None
        self._held_since = 0.0
        self.key_hold = key_hold
        self.mode = KeypadMode.OFF
        self.beeps = 0
        self.sound = True
        self._rules: PinRules | None = None
        self._pin = ""
        self._accepted = False
        self._timed_out = False
        self._timer: asyncio.TimerHandle | None = None
        self.key_map = bytes(len(DEFAULT_KEY_MAP))

    @property
    def digits(self) -> int:
        """How many PIN digits the pad holds."""
        return len(self._pin)

    def beep(self) -> None:
        """One beep that everybody hears."""
        self.beeps += 1
        self._changed()

    def off(self) -> None:
        """No key does anything; a PIN is forgotten."""
        self.forget_pin()
        self._timed_out = False
        self._switch(KeypadMode.OFF)

    def clear_entry(self) -> None:
        """Digits in clear, for amounts. Refused while a PIN is being typed."""
        if self.mode is KeypadMode.PIN:
            raise PadRefuses(Rtn.INPUT_MODE)
        self._switch(KeypadMode.CLEAR)

    def start_pin(self, rules: PinRules) -> None:
        """A new PIN entry; the same one again changes nothing. Refused in the clear mode."""
        if self.mode is KeypadMode.CLEAR:
            raise PadRefuses(Rtn.INPUT_MODE)
        if not 0 <= rules.minimum <= rules.maximum or not rules.maximum:
            raise PadRefuses(Rtn.PARAMETER)
        if self.mode is KeypadMode.PIN and rules == self._rules:
            return
        self.forget_pin()
        self._timed_out = False
        self._rules = rules
        if rules.timeout is not None:
            self._timer = asyncio.get_running_loop().call_later(rules.timeout, self._time_out)
        self._switch(KeypadMode.PIN)

    def held_pin(self) -> str:
        """The accepted PIN. Refused when it was not finished, or timed out."""
        if self._timed_out:
            raise PadRefuses(Rtn.PIN_TIMEOUT)
        if not self._accepted:
            raise PadRefuses(Rtn.OTHER)
        return self._pin

    def forget_pin(self) -> None:
        """Erase the PIN and stop its clock."""
        self._pin = ""
        self._accepted = False
        self._rules = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def back_to_factory(self, key_hold: float) -> None:
        """Key map, sound and key-hold time as they left the factory."""
        self.key_map = bytes(len(DEFAULT_KEY_MAP))
        self.sound = True
        self.key_hold = key_hold

    def press(self, key: str) -> None:
        """A finger on a key, by its label; a label that this keypad does not have is nothing to press."""
        codes = LABELS[key]
        now = asyncio.get_running_loop().time()
        if now < self._blind_until or self._blocked(key, now):
            return
        self._blind_until = now + self._debounce
        layout = self.key_map if any(self.key_map) else DEFAULT_KEY_MAP
        code = next((code for code in codes if code in layout), None)
        if code is None:
            return
        if self.mode is KeypadMode.CLEAR:
            self._pressed(code)
        elif self.mode is KeypadMode.PIN and self._rules is not None:
            self._pressed_in_pin(code, self._rules)

    def hold(self, key: str) -> None:
        """Press a key that does not come up again: it counts once."""
        self.press(key)
        self._held, self._held_since = key, asyncio.get_running_loop().time()

    def release(self) -> None:
        """The held key comes up."""
        self._held = None

    def _blocked(self, key: str, now: float) -> bool:
        """A held key keeps the others from being seen until the key-hold time is over, itself until it comes up."""
        if self._held is None:
            return False
        ignored = self.key_hold > 0 and now >= self._held_since + self.key_hold
        return key == self._held or not ignored

    def _pressed_in_pin(self, code: KeyCode, rules: PinRules) -> None:
        if code in DIGITS:
            for digit in DIGITS[code]:
                if len(self._pin) < rules.maximum:
                    self._pin += digit
                    self._pressed(KeyCode.STAR)
            if rules.end is EndMode.AUTO and len(self._pin) == rules.maximum:
                self._accept()
        elif code is KeyCode.ENTER:
            if self._pin and len(self._pin) >= rules.minimum:
                self._pressed(code)
                self._accept()
        elif code is KeyCode.CANCEL:
            self._pressed(code)
            self.off()
        elif code is KeyCode.CLEAR:
            if self._pin:
                self._pin = self._pin[:-1] if rules.clear is ClearMode.BACKSPACE else ""
                self._pressed(code)
        elif code is not KeyCode.DOT and rules.clear is ClearMode.BACKSPACE:
            self._pressed(code)

    def _pressed(self, code: KeyCode) -> None:
        self._send(code)
        if self.sound:
            self.beep()

    def _accept(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._accepted = True
        self._timer = asyncio.get_running_loop().call_later(self._pin_lifetime, self._expire)
        self._switch(KeypadMode.OFF)

    def _time_out(self) -> None:
        self._send(KeyCode.TIMED_OUT)
        self._expire()

    def _expire(self) -> None:
        self.forget_pin()
        self._timed_out = True
        self._switch(KeypadMode.OFF)

    def _switch(self, mode: KeypadMode) -> None:
        self.mode = mode
        self._changed()
