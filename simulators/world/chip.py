"""The chip of a virtual card: power, application selection, and the ways of T=0 and T=1."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from protocol.chip_card import CommandApdu, Ins, ResponseApdu, StatusWord
from protocol.wire import RemoteProtocolError

ATR_T0 = bytes.fromhex("3B6500000102030405")
ATR_T1 = bytes.fromhex("3BE500008131FE450102030405EF")


class LeRule(StrEnum):
    """What a T=0 chip does with an expected length that is not the true one; cards in the field differ."""

    LENIENT = "everything when Le is 00 or too big, 6Cxx when it is too small"
    EXACT = "6Cxx unless Le is right"
    TRUNCATE = "as much as Le asks for"


class Application(Protocol):
    """One application on the chip."""

    @property
    def name(self) -> bytes:
        """Its AID."""

    def select(self) -> bytes:
        """Become the current application, in the state after a reset; returns the FCI."""

    def run(self, command: CommandApdu) -> ResponseApdu:
        """Any command but SELECT by name and GET RESPONSE."""


class VirtualChip:
    """A chip with applications. `atr` None: it never answers (a mute chip)."""

    def __init__(
        self,
        applications: Sequence[Application],
        *,
        atr: bytes | None = ATR_T0,
        le_rule: LeRule = LeRule.LENIENT,
        blocked: bool = False,
    ) -> None:
        self.atr = atr
        self.is_t0 = atr is None or not _offers_t1(atr)
        self._applications = tuple(applications)
        self._le_rule = le_rule
        self._blocked = blocked
        self._powered = False
        self._selected: Application | None = None
        self._waiting = b""

    def reset(self) -> bytes | None:
        """Power up, or reset again: the ATR, None from a mute chip. Every selection is forgotten."""
        self.power_off()
        self._powered = self.atr is not None
        return self.atr

    def power_off(self) -> None:
        """Contacts without power; what is not in permanent memory is lost."""
        self._powered = False
        self._selected = None
        self._waiting = b""

    def exchange(self, apdu: bytes) -> bytes | None:
        """Answer one APDU; None when the chip has no power."""
        if not self._powered:
            return None
        try:
            command = CommandApdu.parse(apdu)
        except RemoteProtocolError:
            return _status(StatusWord.WRONG_LENGTH).encode()
        waiting, self._waiting = self._waiting, b""
        if command.ins == Ins.GET_RESPONSE and self.is_t0:
            return self._get_response(command, waiting).encode()
        response = self._select(command) if _is_select_by_name(command) else self._run(command)
        return (self._as_t0(command, response) if self.is_t0 else response).encode()

    def _run(self, command: CommandApdu) -> ResponseApdu:
        if self._selected is None:
            return _status(StatusWord.CONDITIONS)
        return self._selected.run(command)

    def _select(self, command: CommandApdu) -> ResponseApdu:
        if self._blocked:
            return _status(StatusWord.NOT_SUPPORTED)
        matching = [each for each in self._applications if each.name.startswith(command.data)]
        if command.p2 & 0x03 == 0x02:
            matching = matching[matching.index(self._selected) + 1 :] if self._selected in matching else matching
        if not matching:
            return _status(StatusWord.NOT_FOUND)
        self._selected = matching[0]
        return ResponseApdu(self._selected.select(), StatusWord.OK)

    def _get_response(self, command: CommandApdu, waiting: bytes) -> ResponseApdu:
        if not waiting:
            return _status(StatusWord.CONDITIONS)
        length = command.le or 256
        if length > len(waiting):
            self._waiting = waiting
            return ResponseApdu(b"", 0x6C00 | len(waiting) & 0xFF)
        self._waiting = waiting[length:]
        sw = 0x6100 | len(self._waiting) & 0xFF if self._waiting else StatusWord.OK
        return ResponseApdu(waiting[:length], sw)

    def _as_t0(self, command: CommandApdu, response: ResponseApdu) -> ResponseApdu:
        if not response.data or not response.ok:
            return response
        size = len(response.data)
        if command.data:
            self._waiting = response.data
            return ResponseApdu(b"", 0x6100 | size & 0xFF)
        length = command.le or 256
        if length == size or (self._le_rule is LeRule.LENIENT and length > size):
            return response
        if self._le_rule is LeRule.TRUNCATE:
            return ResponseApdu(response.data[:length], response.sw)
        return ResponseApdu(b"", 0x6C00 | size & 0xFF)


def _is_select_by_name(command: CommandApdu) -> bool:
    return command.ins == Ins.SELECT and command.p1 == 0x04


def _offers_t1(atr: bytes) -> bool:
    """The first TD decides; without one it is T=0."""
    presence = atr[1] >> 4
    at = 2 + (presence & 0x7).bit_count()
    return bool(presence & 0x8) and any(td & 0x0F for td in atr[at : at + 1])


def _status(sw: StatusWord) -> ResponseApdu:
    return ResponseApdu(b"", sw)
