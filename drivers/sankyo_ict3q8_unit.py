"""Sankyo ICT3Q8: what the reader is asked about itself, and how it is brought back after a restart of its own."""

from contextlib import suppress
from dataclasses import replace

from drivers.interfaces import CardReaderCapabilities, Media
from drivers.sankyo_ict3q8_errors import not_answered
from drivers.sankyo_ict3q8_line import Answer, Lost, SankyoLine
from drivers.sankyo_ict3q8_options import SankyoIct3q8Options
from protocol.sankyo_ict3q8 import CardPosition, Command, NegativeReply, PositiveReply
from protocol.sankyo_ict3q8_codes import ErrorCode
from protocol.sankyo_ict3q8_initialize import Initialize, InitialMove
from protocol.sankyo_ict3q8_status import Sensors, UnitType
from protocol.wire import RemoteProtocolError

STATUS, STATUS_ALWAYS = Command("1", "0"), Command("1", "3")
RELEASE_CONTACT, CHIP_OFF = Command("@", "2"), Command("I", "1")
READ_COUNTER = Command("C", "0")
MEDIA = {
    CardPosition.NO_CARD: Media.NOT_PRESENT,
    CardPosition.AT_GATE: Media.ENTERING,
    CardPosition.INSIDE: Media.PRESENT,
}


class Unit:
    """One reader: its line, its habits, and questions that move nothing."""

    def __init__(self, line: SankyoLine, options: SankyoIct3q8Options) -> None:
        self.line = line
        self.options = options
        self.capabilities = CardReaderCapabilities()
        self._was_initialized = False

    async def initialize(self, move: InitialMove) -> Answer:
        """Once; what the unit says it can do is remembered."""
        options = self.options
        setup = Initialize(
            move,
            power_down=options.power_down,
            finish_write_at_power_down=options.finish_write_at_power_down,
            dsr_watch=options.dsr_watch,
            skip_shutter_test=options.skip_shutter_test,
        )
        answer = await self.line.once(setup.command(options.dialect), options.initialize_timeout)
        if isinstance(answer, PositiveReply):
            self._was_initialized = True
            with suppress(RemoteProtocolError):
                kind = UnitType.parse(answer.data)
                self.capabilities = replace(
                    self.capabilities,
                    read_tracks=tuple(number for number, can in enumerate(kind.tracks, 1) if can >= 1),
                    write_tracks=tuple(number for number, can in enumerate(kind.tracks, 1) if can >= 2),
                )
        return answer

    async def position(self) -> CardPosition:
        """Where the card is. Raises DeviceError."""
        return (await self._status()).st

    async def sensors(self) -> Sensors:
        """Raises DeviceError."""
        return self._parsed(await self._status())

    async def place(self) -> tuple[CardPosition, Sensors]:
        """Both at one moment. Raises DeviceError."""
        reply = await self._status()
        return reply.st, self._parsed(reply)

    async def retained(self) -> int | None:
        """The reader's counter of captured cards; None where it does not count. Raises DeviceError."""
        if not self.options.counts_retained:
            return None
        reply = await self.line.ask(READ_COUNTER)
        return int(reply.data) if isinstance(reply, PositiveReply) and reply.data.isdigit() else None

    async def release_contact(self) -> None:
        """If it is pressed. Raises DeviceError."""
        if (await self.sensors()).chip_contact:
            await self.let_chip_go()

    async def let_chip_go(self) -> None:
        """A chip that has lost its power already may refuse to be switched off; the contact must open all the same."""
        await self.line.ask(CHIP_OFF)
        await self.line.do(RELEASE_CONTACT)

    async def _status(self) -> PositiveReply:
        reply = await self.line.ask(STATUS_ALWAYS)
        if isinstance(reply, NegativeReply) and reply.error == ErrorCode.NOT_INITIALIZED and self._was_initialized:
            await self._revive(reply)
            reply = await self.line.ask(STATUS_ALWAYS)
        return self.line.positive(reply)

    async def _revive(self, reply: NegativeReply) -> None:
        """The reader lost its power since we initialised it. No card is moved, nor counted while there is one."""
        if not self.options.reinitialize:
            raise self.line.error(reply)
        answer = await self.initialize(InitialMove.DO_NOT_MOVE)
        counted = self.options.counts_retained
        if isinstance(answer, PositiveReply) and answer.st is CardPosition.NO_CARD and counted:
            answer = await self.initialize(InitialMove.TO_GATE_COUNTED)
        if isinstance(answer, Lost):
            raise not_answered("initialise", answer.cause)
        self.line.positive(answer)

    def _parsed(self, reply: PositiveReply) -> Sensors:
        try:
            return Sensors.parse(reply.data)
        except RemoteProtocolError as error:
            raise not_answered("C13", str(error)) from error
