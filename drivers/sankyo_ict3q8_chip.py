"""Sankyo ICT3Q8: power and exchanges with the chip of the card, with SAMs, and with memory cards.

An APDU is never sent twice: a card counts what it is asked.
"""

import asyncio
from collections.abc import Mapping

from drivers.interfaces import ChipPower, ChipProtocol, CompletionCode, DeviceError
from drivers.sankyo_ict3q8_errors import DEVICE, chip_failure, not_answered
from drivers.sankyo_ict3q8_line import Answer, Lost
from drivers.sankyo_ict3q8_unit import RELEASE_CONTACT, Unit
from protocol.sankyo_ict3q8 import Command, NegativeReply, PositiveReply
from protocol.sankyo_ict3q8_chip import (
    MAX_T0_APDU,
    MAX_T1_APDU,
    SAM_REPLIES,
    SELECT_SAM,
    ChipCommand,
    ChipReply,
    MemoryAccess,
    Supply,
    sam_command,
)
from protocol.sankyo_ict3q8_codes import ErrorCode as ReaderError
from protocol.wire import LocalProtocolError

PRESS_CONTACT = Command("@", "0")
_REFUSED_ATR = (ReaderError.ATR_NOT_EMV, ReaderError.ATR_UNSUPPORTED)
_EXCHANGE = {
    ChipProtocol.T0: ChipCommand.T0,
    ChipProtocol.T1: ChipCommand.T1,
    ChipProtocol.NOT_REQUIRED: ChipCommand.AUTO,
}
_LONGEST_REPLY = 70
"""Parts of one reply; extended APDUs end after 66."""
_CHIP_PX: Mapping[str, str] = {sam: px for px, sam in SAM_REPLIES.items()}


class Socket:
    """The chip of the card, or the SAM that is selected: same commands, other letters."""

    def __init__(self, unit: Unit, *, sam: bool = False) -> None:
        self._unit = unit
        self._is_sam = sam

    async def cold_reset(self) -> bytes:
        """The ATR, by the first supply whose rules it keeps. Raises DeviceError."""
        supplies = self._unit.options.chip_supplies or (Supply.EMV_5V,)
        reply = await self._reset(supplies[0])
        for supply in supplies[1:]:
            if not isinstance(reply, NegativeReply) or reply.error not in _REFUSED_ATR:
                break
            reply = await self._reset(supply)
        return self._heard(reply).data

    async def warm_reset(self) -> bytes:
        """The ATR. Raises DeviceError."""
        return (await self._unit.line.do(self._command(ChipCommand.WARM_RESET))).data

    async def off(self) -> None:
        """Take the power away; whether that was needed does not matter. Raises DeviceError."""
        await self._unit.line.ask(self._command(ChipCommand.OFF))

    async def exchange(self, apdu: bytes, protocol: ChipProtocol) -> bytes:
        """Command and reply in as many parts as they take. Raises DeviceError; after that the chip has to be reset."""
        longest = MAX_T0_APDU if protocol is ChipProtocol.T0 else None
        if not apdu or (longest is not None and len(apdu) > longest):
            raise DeviceError(DEVICE, CompletionCode.INVALID_DATA, f"an APDU of {len(apdu)} bytes for {protocol}")
        kind, rest = _EXCHANGE[protocol], apdu
        while len(rest) > MAX_T1_APDU:
            part = await self._sent(ChipCommand.PART, rest[:MAX_T1_APDU])
            if self._px(part) != ChipReply.PART_TAKEN:
                raise chip_failure(f"the reader did not take part of a command (px {part.pm})")
            kind, rest = ChipCommand.LAST_PART, rest[MAX_T1_APDU:]
        reply = await self._sent(kind, rest)
        data = reply.data
        for _ in range(_LONGEST_REPLY):
            if self._px(reply) != ChipReply.MORE:
                break
            reply = await self._sent(ChipCommand.NEXT_PART, b"")
            data += reply.data
        if self._px(reply) not in (ChipReply.T0, ChipReply.T1, ChipReply.LAST) or len(data) < 2:
            raise chip_failure(f"the chip broke off the exchange (px {reply.pm})")
        return data

    async def _reset(self, supply: Supply) -> Answer:
        return await self._unit.line.ask(self._command(ChipCommand.COLD_RESET, supply.encode()))

    async def _sent(self, kind: ChipCommand, data: bytes) -> PositiveReply:
        return self._heard(await self._unit.line.once(self._command(kind, data), self._unit.options.reply_timeout))

    def _command(self, kind: ChipCommand, data: bytes = b"") -> Command:
        return Command("I", sam_command(kind) if self._is_sam else kind, data)

    def _px(self, reply: PositiveReply) -> str:
        return _CHIP_PX.get(reply.pm, "") if self._is_sam else reply.pm

    def _heard(self, answer: Answer) -> PositiveReply:
        if isinstance(answer, Lost):
            raise not_answered("chip", answer.cause)
        return self._unit.line.positive(answer)


class CardChip(Socket):
    """The chip under the contact, and the contact itself."""

    async def first_atr(self) -> bytes | None:
        """None when the card has no chip, or one that does not answer; the contact is released then."""
        unit = self._unit
        pressed = await unit.line.once(PRESS_CONTACT, unit.options.motion_timeout)
        if isinstance(pressed, NegativeReply):
            return None
        if isinstance(pressed, Lost) and not (await unit.sensors()).chip_contact:
            return None
        try:
            return await self.cold_reset()
        except DeviceError as error:
            if error.code is None:
                raise
            await unit.line.do(RELEASE_CONTACT)
            return None

    async def power(self, action: ChipPower) -> bytes:
        """As the interface has it."""
        match action:
            case ChipPower.COLD:
                await self.press()
                return await self.cold_reset()
            case ChipPower.WARM:
                return await self.warm_reset()
            case ChipPower.OFF:
                await self._unit.let_chip_go()
                return b""

    async def press(self) -> None:
        """Bring the card under the contact, if it is not there. Raises DeviceError."""
        unit = self._unit
        if not (await unit.sensors()).chip_contact:
            self._heard(await unit.line.once(PRESS_CONTACT, unit.options.motion_timeout))


class Sams:
    """Security modules in the sockets of the reader, from 0; the one in use is selected before every command."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._socket = Socket(unit, sam=True)
        self._turn = asyncio.Lock()

    async def power(self, socket: int, action: ChipPower) -> bytes:
        """Returns the ATR, empty for `off`. Raises DeviceError."""
        async with self._turn:
            await self._select(socket)
            match action:
                case ChipPower.COLD:
                    return await self._socket.cold_reset()
                case ChipPower.WARM:
                    return await self._socket.warm_reset()
                case ChipPower.OFF:
                    await self._socket.off()
                    return b""

    async def io(self, socket: int, apdu: bytes, protocol: ChipProtocol = ChipProtocol.NOT_REQUIRED) -> bytes:
        """One APDU; returns data and status word. Raises DeviceError."""
        async with self._turn:
            await self._select(socket)
            return await self._socket.exchange(apdu, protocol)

    async def _select(self, socket: int) -> None:
        await self._unit.line.do(Command("I", SELECT_SAM, str(socket).encode()))


class MemoryCard:
    """An I2C memory under the contact."""

    def __init__(self, unit: Unit, chip: CardChip) -> None:
        self._unit = unit
        self._chip = chip

    async def power(self, on: bool, *, three_volts: bool = False, two_address_bytes: bool = False) -> None:
        """Power it up under the contact, or off. Raises DeviceError."""
        if not on:
            await self._unit.line.do(Command("U", "1"))
            return
        await self._chip.press()
        await self._unit.line.do(Command("U", "0", f"{three_volts:d}{1 + two_address_bytes}".encode()))

    async def read(self, address: int, length: int) -> bytes:
        """At most 256 bytes of one page. Raises DeviceError."""
        return await self._access(MemoryAccess(address, length))

    async def write(self, address: int, data: bytes) -> None:
        """At most 256 bytes of one page; sent once. Raises DeviceError."""
        await self._access(MemoryAccess(address, len(data), data))

    async def _access(self, access: MemoryAccess) -> bytes:
        try:
            command = Command("U", "3", access.encode())
        except LocalProtocolError as error:
            raise DeviceError(DEVICE, CompletionCode.INVALID_DATA, str(error)) from error
        answer = await self._unit.line.once(command, self._unit.options.reply_timeout)
        if isinstance(answer, Lost):
            raise not_answered("memory card", answer.cause)
        data = self._unit.line.positive(answer).data
        if data[-2:] != b"\x90\x00":
            raise chip_failure(f"the memory card ended with {data[-2:].hex().upper()}")
        return data[:-2]
