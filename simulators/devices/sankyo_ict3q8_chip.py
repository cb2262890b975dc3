"""Sankyo ICT3Q8: the chip-card station (commands `CI0` to `CI9`). The unit has no SAMs."""

import asyncio

from protocol.atr import emv_violation, parse_atr
from protocol.sankyo_ict3q8 import MAX_T0_APDU, MAX_T1_APDU, ChipReply
from protocol.sankyo_ict3q8_codes import ErrorCode
from protocol.wire import RemoteProtocolError
from simulators.devices.sankyo_ict3q8_options import Place, Refusal, SankyoIct3q8Options
from simulators.devices.sankyo_ict3q8_transport import Transport
from simulators.world.chip import VirtualChip

COLD, OFF, STATUS, T0, T1, PART, LAST_PART, NEXT, WARM, AUTO = "0123456789"
_EMV_SUPPLY = b"0"
_SUPPLIES = (_EMV_SUPPLY, b"3", b"5", b"6")
_POWERED_5V_3_58_MHZ = b"\x45"
_UNPOWERED = b"\x40"


class ChipStation:
    """Power and exchanges with the chip of the card under the contact."""

    def __init__(self, transport: Transport, options: SankyoIct3q8Options) -> None:
        self._transport = transport
        self._options = options
        self._chip: VirtualChip | None = None
        self._command = b""
        self._reply = b""

    @property
    def is_on(self) -> bool:
        """Has the chip power?"""
        return self._chip is not None

    def off(self) -> None:
        """Take the power away."""
        if self._chip is not None:
            self._chip.power_off()
        self._chip = None
        self._command = self._reply = b""

    async def run(self, pm: str, data: bytes) -> tuple[str, bytes]:
        """One command; returns px and the data of the reply. Raises Refusal."""
        match pm:
            case "2":
                return pm, _POWERED_5V_3_58_MHZ if self.is_on else _UNPOWERED
            case "1":
                self.off()
                return pm, b""
            case _ if pm not in (COLD, T0, T1, PART, LAST_PART, NEXT, WARM, AUTO):
                raise Refusal(ErrorCode.NO_ATR)
            case _ if self._transport.card is None:
                raise Refusal(ErrorCode.NOT_EXECUTABLE)
            case "0":
                if self._transport.place is not Place.CHIP:
                    raise Refusal(ErrorCode.NOT_EXECUTABLE)
                return pm, await self._reset(data or _EMV_SUPPLY)
            case _ if self._chip is None:
                raise Refusal(ErrorCode.CHIP_NOT_ACTIVE)
            case "8":
                return pm, await self._warm_reset(self._chip)
            case "7":
                return self._next_part()
            case _:
                return await self._exchange(self._chip, pm, data)

    async def _reset(self, supply: bytes) -> bytes:
        if supply not in _SUPPLIES:
            raise Refusal(ErrorCode.BAD_DATA)
        self.off()
        await asyncio.sleep(self._options.chip_reset)
        card = self._transport.card
        chip = card.chip if card is not None and not self._transport.wrong_way else None
        if chip is None:
            raise Refusal(ErrorCode.NO_ATR)
        return self._powered(chip, emv=supply == _EMV_SUPPLY, cold=True)

    async def _warm_reset(self, chip: VirtualChip) -> bytes:
        self.off()
        await asyncio.sleep(self._options.chip_reset)
        return self._powered(chip, emv=False, cold=False)

    def _powered(self, chip: VirtualChip, *, emv: bool, cold: bool) -> bytes:
        """The ATR, if the reader accepts it; otherwise the chip is without power again."""
        atr = chip.reset()
        if atr is None:
            raise Refusal(ErrorCode.NO_ATR)
        try:
            parsed = parse_atr(atr)
        except RemoteProtocolError:
            chip.power_off()
            raise Refusal(ErrorCode.NO_ATR) from None
        if emv and emv_violation(parsed, cold=cold) is not None:
            chip.power_off()
            raise Refusal(ErrorCode.ATR_NOT_EMV, atr)
        if parsed.protocols[0] > 1:
            chip.power_off()
            raise Refusal(ErrorCode.ATR_UNSUPPORTED, atr)
        self._chip = chip
        return atr

    async def _exchange(self, chip: VirtualChip, pm: str, apdu: bytes) -> tuple[str, bytes]:
        if pm != AUTO and chip.is_t0 != (pm == T0):
            raise Refusal(ErrorCode.CHIP_PROTOCOL_MISMATCH)
        if not apdu or len(apdu) > (MAX_T0_APDU if chip.is_t0 else MAX_T1_APDU):
            raise Refusal(ErrorCode.BAD_DATA)
        if self._reply or (pm != PART and bool(self._command) is not (pm == LAST_PART)):
            self._command = self._reply = b""
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        if pm == PART:
            self._command += apdu
            return ChipReply.PART_TAKEN, b""
        whole, self._command = self._command + apdu, b""
        answer = chip.exchange(whole)
        await asyncio.sleep((len(whole) + len(answer or b"")) * self._options.chip_byte)
        if answer is None:
            self.off()
            raise Refusal(ErrorCode.CHIP_TIMEOUT)
        if len(answer) > MAX_T1_APDU:
            self._reply = answer[MAX_T1_APDU:]
            return ChipReply.MORE, answer[:MAX_T1_APDU]
        if pm == AUTO:
            return self._options.chip_auto_px, answer
        return ChipReply.T0 if chip.is_t0 else ChipReply.T1, answer

    def _next_part(self) -> tuple[str, bytes]:
        if not self._reply:
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        part, self._reply = self._reply[:MAX_T1_APDU], self._reply[MAX_T1_APDU:]
        return ChipReply.MORE if self._reply else ChipReply.LAST, part
