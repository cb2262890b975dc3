"""Sankyo ICT3Q8: the chip-card station and the SAM sockets (commands `CI`), and memory cards (`CU`)."""

import asyncio
from collections.abc import Mapping

from protocol.atr import Atr, emv_violation, parse_atr
from protocol.sankyo_ict3q8_chip import (
    MAX_T0_APDU,
    MAX_T1_APDU,
    SAM_COMMANDS,
    SAM_REPLIES,
    SAM_SOCKETS,
    SELECT_SAM,
    ChipCommand,
    ChipReply,
    ChipStatus,
    Clock,
    MemoryAccess,
    MemoryStatus,
    Supply,
    speed,
)
from protocol.sankyo_ict3q8_codes import ErrorCode
from protocol.wire import RemoteProtocolError
from simulators.devices.sankyo_ict3q8_options import Place, Refusal, SankyoIct3q8Options
from simulators.devices.sankyo_ict3q8_transport import Transport
from simulators.world.cards import MemoryChip
from simulators.world.chip import VirtualChip

ABORTS = "S(ABORT)"
"""What a chip can be told to do in place of failing with an error of the table."""
_DEACTIVATES = (ErrorCode.CHIP_TIMEOUT, ErrorCode.CHIP_PROTOCOL, ErrorCode.CHIP_SUPPLY)


class Socket:
    """Power and exchanges with one chip, of a card or of a SAM."""

    def __init__(self, options: SankyoIct3q8Options) -> None:
        self.failing: list[str] = []
        self.mute = False
        self._options = options
        self._chip: VirtualChip | None = None
        self._supply = Supply.EMV_5V
        self._byte = 0.0
        self._command = self._reply = b""

    @property
    def status(self) -> ChipStatus:
        """Power, voltage and clock."""
        if self._chip is None:
            return ChipStatus()
        return ChipStatus(True, self._supply is Supply.FROM_3V, Clock.MHZ_3_58)

    def off(self) -> None:
        """Take the power away."""
        if self._chip is not None:
            self._chip.power_off()
        self._chip = None
        self._command = self._reply = b""

    async def cold_reset(self, chip: VirtualChip | None, data: bytes) -> bytes:
        """Power up; returns the ATR. Raises Refusal, and the chip is without power then."""
        try:
            supply = Supply((data or b"0").decode("latin-1"))
        except ValueError:
            raise Refusal(ErrorCode.BAD_DATA) from None
        self.off()
        await asyncio.sleep(self._options.chip_reset)
        self._fail_if_told()
        if chip is None:
            raise Refusal(ErrorCode.NO_ATR)
        self._supply = supply
        return self._powered(chip, cold=True)

    async def warm_reset(self) -> bytes:
        """Reset a chip that has power. Raises Refusal."""
        if (chip := self._chip) is None:
            raise Refusal(ErrorCode.CHIP_NOT_ACTIVE)
        self.off()
        await asyncio.sleep(self._options.chip_reset)
        self._fail_if_told()
        return self._powered(chip, cold=False)

    async def exchange(self, kind: ChipCommand, apdu: bytes) -> tuple[str, bytes]:
        """Any of T0, T1, PART, LAST_PART, AUTO, NEXT_PART; returns px of a chip, and data. Raises Refusal."""
        if (chip := self._chip) is None:
            raise Refusal(ErrorCode.CHIP_NOT_ACTIVE)
        if kind is ChipCommand.NEXT_PART:
            return self._next_part()
        if kind is not ChipCommand.AUTO and chip.is_t0 is not (kind is ChipCommand.T0):
            raise Refusal(ErrorCode.CHIP_PROTOCOL_MISMATCH)
        if not apdu or len(apdu) > (MAX_T0_APDU if chip.is_t0 else MAX_T1_APDU):
            raise Refusal(ErrorCode.BAD_DATA)
        is_part, is_last = kind is ChipCommand.PART, kind is ChipCommand.LAST_PART
        if self._reply or (not is_part and bool(self._command) is not is_last):
            self.off()
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        if is_part:
            self._command += apdu
            return ChipReply.PART_TAKEN, b""
        whole, self._command = self._command + apdu, b""
        if self.failing[:1] == [ABORTS]:
            self.failing.pop(0)
            self.off()
            return ChipReply.ABORTED, b""
        self._fail_if_told()
        answer = None if self.mute else chip.exchange(whole)
        await asyncio.sleep((len(whole) + len(answer or b"")) * self._byte)
        if answer is None:
            self.off()
            raise Refusal(ErrorCode.CHIP_TIMEOUT)
        if len(answer) > MAX_T1_APDU:
            self._reply = answer[MAX_T1_APDU:]
            return ChipReply.MORE, answer[:MAX_T1_APDU]
        if kind is ChipCommand.AUTO:
            return self._options.chip_auto_px, answer
        return ChipReply.T0 if chip.is_t0 else ChipReply.T1, answer

    def _next_part(self) -> tuple[str, bytes]:
        if not self._reply:
            self.off()
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        part, self._reply = self._reply[:MAX_T1_APDU], self._reply[MAX_T1_APDU:]
        return ChipReply.MORE if self._reply else ChipReply.LAST, part

    def _powered(self, chip: VirtualChip, *, cold: bool) -> bytes:
        """The ATR, if the reader accepts it; otherwise the chip is without power again."""
        atr = None if self.mute else chip.reset()
        if atr is None:
            raise Refusal(ErrorCode.NO_ATR)
        try:
            parsed = parse_atr(atr)
        except RemoteProtocolError:
            chip.power_off()
            raise Refusal(ErrorCode.NO_ATR) from None
        if (error := self._objection(parsed, cold=cold)) is not None:
            chip.power_off()
            raise Refusal(error, atr)
        self._chip = chip
        self._byte = self._options.chip_byte / speed(parsed.groups[0].ta, self._supply)
        return atr

    def _objection(self, atr: Atr, *, cold: bool) -> str | None:
        emv = self._supply is Supply.EMV_5V
        if emv and emv_violation(atr, cold=cold) is not None:
            return ErrorCode.ATR_NOT_EMV
        third = atr.groups[2] if len(atr.groups) > 2 else None
        t1_is_odd = third is not None and (
            (third.ta is not None and not 0x01 <= third.ta <= 0xFE) or (third.tb is not None and third.tb >> 4 > 9)
        )
        return ErrorCode.ATR_UNSUPPORTED if atr.protocols[0] > 1 or t1_is_odd else None

    def _fail_if_told(self) -> None:
        if self.failing and self.failing[0] != ABORTS:
            error = self.failing.pop(0)
            if error in _DEACTIVATES:
                self.off()
            raise Refusal(error)


class ChipStation:
    """All contacts of a unit: under the card, and in the SAM sockets."""

    def __init__(self, transport: Transport, options: SankyoIct3q8Options, sams: Mapping[int, VirtualChip]) -> None:
        self.card = Socket(options)
        self.sams = [Socket(options) for _ in SAM_SOCKETS]
        self._sam_chips = sams
        self._selected = 0
        self._transport = transport
        self._options = options

    @property
    def is_on(self) -> bool:
        """Has the chip of the card power?"""
        return self.card.status.powered

    def off(self) -> None:
        """Take the power from the card's chip."""
        self.card.off()

    def all_off(self) -> None:
        """Take the power from the card's chip and from all SAMs."""
        self.off()
        for sam in self.sams:
            sam.off()

    def initialize(self) -> None:
        """Everything off, SAM 1 selected."""
        self.all_off()
        self._selected = 0

    async def run(self, pm: str, data: bytes) -> tuple[str, bytes]:
        """One `CI` command; returns px and the data of the reply. Raises Refusal."""
        if pm == SELECT_SAM:
            if len(data) != 1 or chr(data[0]) not in SAM_SOCKETS:
                raise Refusal(ErrorCode.BAD_DATA)
            self._selected = int(data)
            return pm, b""
        if pm in SAM_COMMANDS:
            return await self._sam(pm, SAM_COMMANDS[pm], data)
        return await self._chip(ChipCommand(pm), data)

    async def _chip(self, command: ChipCommand, data: bytes) -> tuple[str, bytes]:
        if not self._options.chip_station:
            raise Refusal(ErrorCode.OPTION_ABSENT)
        match command:
            case ChipCommand.STATUS:
                return command, bytes((self.card.status.encode(),))
            case ChipCommand.OFF:
                self.card.off()
                return command, b""
            case _ if self._transport.card is None:
                raise Refusal(ErrorCode.NOT_EXECUTABLE)
            case ChipCommand.COLD_RESET if self._transport.place is not Place.CHIP:
                raise Refusal(ErrorCode.NOT_EXECUTABLE)
            case ChipCommand.COLD_RESET:
                card = self._transport.card
                chip = card.chip if card is not None and not self._transport.wrong_way else None
                return command, await self.card.cold_reset(chip, data)
            case ChipCommand.WARM_RESET:
                return command, await self.card.warm_reset()
            case _:
                return await self.card.exchange(command, data)

    async def _sam(self, pm: str, command: ChipCommand, data: bytes) -> tuple[str, bytes]:
        socket = self.sams[self._selected]
        match command:
            case ChipCommand.STATUS:
                return pm, bytes((socket.status.encode(), 0x30 | self._selected))
            case ChipCommand.OFF:
                socket.off()
                return pm, b""
            case ChipCommand.COLD_RESET:
                return pm, await socket.cold_reset(self._sam_chips.get(self._selected), data)
            case ChipCommand.WARM_RESET:
                return pm, await socket.warm_reset()
            case _:
                px, answer = await socket.exchange(command, data)
                return SAM_REPLIES[px], answer


class MemoryCards:
    """The I2C side of the contacts. Which error says what is our choice."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._memory: MemoryChip | None = None
        self._status = MemoryStatus()

    def off(self) -> None:
        """Take the power away."""
        self._memory, self._status = None, MemoryStatus()

    async def run(self, pm: str, data: bytes) -> bytes:
        """One `CU` command; returns the data of the reply. Raises Refusal."""
        match pm:
            case "0":
                return self._on(data)
            case "1":
                self.off()
                return b""
            case "2":
                return bytes((self._status.encode(),))
            case _:
                return self._access(data)

    def _on(self, data: bytes) -> bytes:
        if len(data) != 2 or data[:1] not in (b"0", b"1") or data[1:] not in (b"1", b"2"):
            raise Refusal(ErrorCode.BAD_DATA)
        card = self._transport.card
        if card is None or self._transport.place is not Place.CHIP:
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        if card.memory is None or self._transport.wrong_way:
            raise Refusal(ErrorCode.NO_ATR)
        self._memory = card.memory
        self._status = MemoryStatus(True, data[:1] == b"1", data[1:] == b"2")
        return b""

    def _access(self, data: bytes) -> bytes:
        if (memory := self._memory) is None:
            raise Refusal(ErrorCode.CHIP_NOT_ACTIVE)
        try:
            access = MemoryAccess.parse(data)
        except RemoteProtocolError:
            raise Refusal(ErrorCode.BAD_DATA) from None
        start, end = access.address, access.address + access.length
        if end > len(memory.content) or (not self._status.two_address_bytes and start > 0xFF):
            return bytes.fromhex("6B00")
        if start // memory.page != (end - 1) // memory.page:
            return bytes.fromhex("6700")
        if access.written is None:
            return bytes(memory.content[start:end]) + b"\x90\x00"
        memory.content[start:end] = access.written
        return b"\x90\x00"
