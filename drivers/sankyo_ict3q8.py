"""Driver of the Sankyo ICT3Q8 motorised card reader, and of its sister ICT3K5.

The reader never speaks unasked. Where a card is, is asked (`C13`), never assumed; how cards are waited for, moved, read
and written stands in the modules beside this one.
"""

import asyncio
import math
from collections.abc import Callable, Mapping

from drivers.interfaces import (
    CardData,
    CardReaderCapabilities,
    CardReaderStatus,
    ChipPower,
    ChipProtocol,
    CompletionCode,
    DeviceError,
    DeviceState,
    Done,
    ErrorCode,
    Media,
    MoveTarget,
    Outcome,
    Refused,
    Unknown,
    WriteMethod,
)
from drivers.link import Link
from drivers.sankyo_ict3q8_chip import CardChip, MemoryCard, Sams
from drivers.sankyo_ict3q8_errors import DEVICE, no_card, not_answered
from drivers.sankyo_ict3q8_intake import Intake
from drivers.sankyo_ict3q8_line import Lost, SankyoLine
from drivers.sankyo_ict3q8_motions import eject, retain
from drivers.sankyo_ict3q8_options import SankyoIct3q8Options
from drivers.sankyo_ict3q8_service import Service
from drivers.sankyo_ict3q8_stripe import read_track, write_tracks
from drivers.sankyo_ict3q8_unit import MEDIA, STATUS, STATUS_ALWAYS, Unit
from protocol.sankyo_ict3q8 import CardPosition, NegativeReply, PositiveReply
from protocol.sankyo_ict3q8_codes import ErrorCode as ReaderError
from protocol.sankyo_ict3q8_codes import error_meaning
from protocol.sankyo_ict3q8_initialize import InitialMove

__all__ = ["SankyoIct3q8", "SankyoIct3q8Options"]

_JAMS = (ReaderError.JAM, ReaderError.JAM_AT_RETRIEVE, ReaderError.SENSOR)


class SankyoIct3q8:
    """A card reader; implements `drivers.interfaces.CardReader`. `sams`, `memory_card` and `service` are its own."""

    def __init__(self, link: Link, options: SankyoIct3q8Options | None = None) -> None:
        self._options = options or SankyoIct3q8Options()
        self._line = SankyoLine(link, self._options)
        self._unit = Unit(self._line, self._options)
        self._intake = Intake(self._unit)
        self._chip = CardChip(self._unit)
        self.sams = Sams(self._unit)
        self.memory_card = MemoryCard(self._unit, self._chip)
        self.service = Service(self._unit)

    @property
    def capabilities(self) -> CardReaderCapabilities:
        """After its type code."""
        return self._unit.capabilities

    async def reset(self, to: MoveTarget = MoveTarget.EXIT) -> Outcome[Media]:
        """Initialise; a card inside goes to the slot or into the box."""
        counted = self._options.counts_retained
        if to is MoveTarget.EXIT:
            move = InitialMove.TO_GATE_COUNTED if counted else InitialMove.TO_GATE
        else:
            move = InitialMove.CAPTURE_COUNTED if counted else InitialMove.CAPTURE
        answer = await self._unit.initialize(move)
        match answer:
            case PositiveReply(st=position):
                return Done(MEDIA[position])
            case NegativeReply():
                return Refused(self._line.error(answer))
            case Lost(cause, refused=True):
                return Refused(not_answered("initialise", cause))
            case Lost(cause):
                return Unknown(cause)

    async def status(self) -> CardReaderStatus:
        """Position, pending error and counter; a reader that does not answer is offline."""
        dialect = self._options.dialect
        try:
            where = await self._line.ask(STATUS_ALWAYS)
            if isinstance(where, NegativeReply):
                state = (
                    DeviceState.STARTING if where.error == ReaderError.NOT_INITIALIZED else DeviceState.HARDWARE_ERROR
                )
                return CardReaderStatus(state, Media.UNKNOWN, error_meaning(where.error, dialect))
            health = await self._line.ask(STATUS)
            retained = await self._unit.retained()
        except DeviceError as error:
            return CardReaderStatus(DeviceState.OFFLINE, Media.UNKNOWN, error.detail)
        if isinstance(health, NegativeReply):
            media = Media.JAMMED if health.error in _JAMS else MEDIA[where.st]
            return CardReaderStatus(DeviceState.HARDWARE_ERROR, media, error_meaning(health.error, dialect), retained)
        return CardReaderStatus(DeviceState.ONLINE, MEDIA[where.st], retained=retained)

    async def identify(self) -> str:
        """Its firmware's revision. Raises DeviceError."""
        return f"firmware {await self.service.revision()}"

    async def read_raw_data(self, *, on_inserted: Callable[[], None] = lambda: None) -> CardData:
        """Open the slot until a card is inside, then read its stripe and start its chip.

        A card that is inside already is read as it is. Cancelling closes the slot; a card that slipped in at that
        moment stays inside, see `status`. A card that can't be used stands at the slot or inside: `move` it.
        """
        await self._intake.card_inside()
        on_inserted()
        await self._unit.release_contact()
        track1, track2, track3 = [await read_track(self._unit, number) for number in (1, 2, 3)]
        atr = await self._chip.first_atr()
        if atr is None and not (track1 or track2 or track3):
            raise DeviceError(
                DEVICE,
                CompletionCode.COMMAND_ERROR_CODE,
                "neither stripe nor chip can be read",
                code=ErrorCode.INVALID_MEDIA,
                remedy="Insert the card the other way round",
            )
        return CardData(track1, track2, track3, atr)

    async def write_raw_data(self, tracks: Mapping[int, str], method: WriteMethod | None = None) -> None:
        """The reader verifies what it wrote, and it is read once more; a write whose answer was lost is read, too."""
        await write_tracks(self._unit, tracks, method)

    async def chip_power(self, action: ChipPower) -> bytes:
        """Cold reset (presses the contact first), warm reset, or off (releases the contact)."""
        return await self._chip.power(action)

    async def chip_io(self, command: bytes, protocol: ChipProtocol = ChipProtocol.NOT_REQUIRED) -> bytes:
        """One APDU, in as many parts as it takes. It is never sent twice: a card counts what it is asked."""
        return await self._chip.exchange(command, protocol)

    async def move(self, to: MoveTarget) -> Outcome[Media]:
        """To the slot, or into the capture box. `Refused`: the card is where it was, or (noMedia) with its holder."""
        try:
            position, sensors = await self._unit.place()
            if position is CardPosition.INSIDE and sensors.chip_contact:
                await self._unit.let_chip_go()
        except DeviceError as error:
            return Refused(error)
        if position is CardPosition.NO_CARD:
            return Refused(no_card("there is no card to move"))
        if to is MoveTarget.RETAIN:
            return await retain(self._unit, position, sensors)
        if position is CardPosition.AT_GATE:
            return Done(Media.ENTERING)
        return await eject(self._unit)

    async def media_removed(self, timeout: float) -> bool:
        """Watch the slot, in whole seconds rounded up, at most 30 at a time. Raises sequenceError for a card inside.

        A reader that can't watch is asked where the card is instead, every `poll` seconds.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while (position := await self._unit.position()) is not CardPosition.NO_CARD:
            if position is CardPosition.INSIDE:
                raise DeviceError(DEVICE, CompletionCode.SEQUENCE_ERROR, "the card is inside, not at the slot")
            left = deadline - loop.time()
            if left <= 0:
                return False
            if await self._intake.watched(math.ceil(left)):
                return True
        return True

    async def reset_count(self) -> None:
        """The retract counter is 0 again."""
        await self.service.set_retained(0)
