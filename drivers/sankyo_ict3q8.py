"""Driver of the Sankyo ICT3Q8 motorised card reader.

The reader never speaks unasked: while its slot is open the driver polls. A motion is sent once; when its reply is lost
or negative, the position of the card (`C13`, which answers even while an error is pending) is the evidence.
"""

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from drivers.exchange import Handshake
from drivers.interfaces import (
    CardData,
    CardReaderStatus,
    ChipPower,
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
)
from drivers.link import Link
from drivers.sankyo_ict3q8_errors import DEVICE, chip_failure, device_error, no_card, not_answered
from drivers.sankyo_ict3q8_line import Answer, Lost, SankyoLine, positive, to_the_end
from protocol.sankyo_ict3q8 import (
    CardPosition,
    ChipReply,
    Command,
    Initialize,
    InitialMove,
    NegativeReply,
    OnPowerDown,
    PositiveReply,
    Sensors,
)
from protocol.sankyo_ict3q8_codes import ErrorCode as ReaderError
from protocol.sankyo_ict3q8_codes import error_meaning
from protocol.wire import RemoteProtocolError


@dataclass(frozen=True, slots=True)
class SankyoIct3q8Options:
    """Habits and time limits (seconds) of one reader.

    `chip_supplies` are tried in order while the reader refuses the ATR: 0 is EMV at 5 V, 3 is ISO 7816-3 at 5 V.
    `counts_retained` uses the reader's own counter of captured cards, which proves a capture whose reply was lost.
    """

    poll: float = 0.2
    magnetic_only: bool = False
    chip_supplies: tuple[str, ...] = ("0", "3")
    counts_retained: bool = True
    power_down: OnPowerDown = OnPowerDown.EJECT
    skip_shutter_test: bool = False
    reply_timeout: float = 20.0
    motion_timeout: float = 20.0
    initialize_timeout: float = 30.0
    removal_slack: float = 3.0
    handshake: Handshake = field(default_factory=Handshake)


STATUS, STATUS_ALWAYS = Command("1", "0"), Command("1", "3")
ENABLE, DISABLE, ENABLE_MAGNETIC = Command(":", "0"), Command(":", "1"), Command(":", "2")
EJECT, CAPTURE, RETRIEVE = Command("3", "0"), Command("3", "1"), Command("4", "0")
PRESS_CONTACT, RELEASE_CONTACT = Command("@", "0"), Command("@", "2")
CHIP_OFF, CHIP_WARM_RESET, CHIP_NEXT_PART = Command("I", "1"), Command("I", "8"), Command("I", "7")
READ_COUNTER = Command("C", "0")

LONGEST_WATCH = 30
MEDIA = {
    CardPosition.NO_CARD: Media.NOT_PRESENT,
    CardPosition.AT_GATE: Media.ENTERING,
    CardPosition.INSIDE: Media.PRESENT,
}
_JAMS = (ReaderError.JAM, ReaderError.JAM_AT_RETRIEVE, ReaderError.SENSOR)
_BAD_TRACK = (
    ReaderError.PARITY,
    ReaderError.READ,
    ReaderError.TRACK_EMPTY,
    ReaderError.TRACK_BLANK,
    ReaderError.NO_START_SENTINEL,
    ReaderError.NO_END_SENTINEL,
    ReaderError.LRC,
)
_NO_SUCH_TRACK = (ReaderError.BAD_PARAMETER, ReaderError.OPTION_ABSENT)
_NO_SUCH_COMMAND = (ReaderError.UNKNOWN_COMMAND, ReaderError.BAD_PARAMETER, ReaderError.OPTION_ABSENT)
_REFUSED_ATR = (ReaderError.ATR_NOT_EMV, ReaderError.ATR_UNSUPPORTED)


class SankyoIct3q8:
    """A card reader; implements `drivers.interfaces.CardReader`."""

    def __init__(self, link: Link, options: SankyoIct3q8Options | None = None) -> None:
        self._options = options or SankyoIct3q8Options()
        self._line = SankyoLine(link, self._options.handshake, self._options.reply_timeout)

    async def reset(self, to: MoveTarget = MoveTarget.EXIT) -> Outcome[Media]:
        """Initialise; a card inside goes to the slot or into the box."""
        counted = self._options.counts_retained
        if to is MoveTarget.EXIT:
            move = InitialMove.TO_GATE_COUNTED if counted else InitialMove.TO_GATE
        else:
            move = InitialMove.CAPTURE_COUNTED if counted else InitialMove.CAPTURE
        setup = Initialize(move, power_down=self._options.power_down, skip_shutter_test=self._options.skip_shutter_test)
        answer = await self._line.once(setup.command(), self._options.initialize_timeout)
        match answer:
            case PositiveReply(st=position):
                return Done(MEDIA[position])
            case NegativeReply():
                return Refused(device_error(answer))
            case Lost(cause, refused=True):
                return Refused(not_answered("initialise", cause))
            case Lost(cause):
                return Unknown(cause)

    async def status(self) -> CardReaderStatus:
        """Position, pending error and counter; a reader that does not answer is offline."""
        try:
            where = await self._line.ask(STATUS_ALWAYS)
            if isinstance(where, NegativeReply):
                state = (
                    DeviceState.STARTING if where.error == ReaderError.NOT_INITIALIZED else DeviceState.HARDWARE_ERROR
                )
                return CardReaderStatus(state, Media.UNKNOWN, error_meaning(where.error))
            health = await self._line.ask(STATUS)
            retained = await self._retained()
        except DeviceError as error:
            return CardReaderStatus(DeviceState.OFFLINE, Media.UNKNOWN, error.detail)
        if isinstance(health, NegativeReply):
            media = Media.JAMMED if health.error in _JAMS else MEDIA[where.st]
            return CardReaderStatus(DeviceState.HARDWARE_ERROR, media, error_meaning(health.error), retained)
        return CardReaderStatus(DeviceState.ONLINE, MEDIA[where.st], retained=retained)

    async def read_raw_data(self, *, on_inserted: Callable[[], None] = lambda: None) -> CardData:
        """Open the slot until a card is inside, then read its stripe and start its chip.

        A card that is inside already is read as it is. Cancelling closes the slot; a card that slipped in at that
        moment stays inside, see `status`. A card that can't be used stands at the slot or inside: `move` it.
        """
        if await self._position() is not CardPosition.INSIDE:
            await self._take_in()
        on_inserted()
        await self._release_contact()
        track1, track2, track3 = await self._track("1"), await self._track("2"), await self._track("3")
        atr = await self._first_atr()
        if atr is None and not (track1 or track2 or track3):
            raise DeviceError(
                DEVICE,
                CompletionCode.COMMAND_ERROR_CODE,
                "neither stripe nor chip can be read",
                code=ErrorCode.INVALID_MEDIA,
                remedy="Insert the card the other way round",
            )
        return CardData(track1, track2, track3, atr)

    async def chip_power(self, action: ChipPower) -> bytes:
        """Cold reset (presses the contact first), warm reset, or off (releases the contact)."""
        match action:
            case ChipPower.COLD:
                if not (await self._sensors()).chip_contact:
                    self._heard(await self._line.once(PRESS_CONTACT, self._options.motion_timeout))
                return await self._cold_reset()
            case ChipPower.WARM:
                return (await self._line.do(CHIP_WARM_RESET)).data
            case ChipPower.OFF:
                await self._let_chip_go()
                return b""

    async def chip_io(self, command: bytes) -> bytes:
        """One APDU. It is never sent twice: a card counts what it is asked."""
        reply = self._heard(await self._line.once(Command("I", "9", command), self._options.reply_timeout))
        data = reply.data
        while reply.pm == ChipReply.MORE:
            reply = self._heard(await self._line.once(CHIP_NEXT_PART, self._options.reply_timeout))
            data += reply.data
        if reply.pm == ChipReply.ABORTED or len(data) < 2:
            raise chip_failure(f"the chip broke off the exchange (px {reply.pm})")
        return data

    async def move(self, to: MoveTarget) -> Outcome[Media]:
        """To the slot, or into the capture box. `Refused`: the card is where it was, or (noMedia) with its holder."""
        try:
            position = await self._position()
            if position is CardPosition.INSIDE:
                await self._release_contact()
        except DeviceError as error:
            return Refused(error)
        if position is CardPosition.NO_CARD:
            return Refused(no_card("there is no card to move"))
        if to is MoveTarget.RETAIN:
            return await self._retain(position)
        if position is CardPosition.AT_GATE:
            return Done(Media.ENTERING)
        return await self._eject()

    async def media_removed(self, timeout: float) -> bool:
        """Watch the slot, in whole seconds rounded up, at most 30 at a time. Raises sequenceError for a card inside.

        A reader that can't watch is asked where the card is instead, every `poll` seconds.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        can_watch = True
        while (position := await self._position()) is not CardPosition.NO_CARD:
            if position is CardPosition.INSIDE:
                raise DeviceError(DEVICE, CompletionCode.SEQUENCE_ERROR, "the card is inside, not at the slot")
            left = deadline - loop.time()
            if left <= 0:
                return False
            if not can_watch:
                await asyncio.sleep(min(left, self._options.poll))
                continue
            seconds = min(math.ceil(left), LONGEST_WATCH)
            watch = Command("T", "0", f"{seconds:02d}".encode())
            try:
                reply = await self._line.interruptible(watch, seconds + self._options.removal_slack)
            except DeviceError:
                continue  # an answer that was lost matters less than where the card is now
            if isinstance(reply, PositiveReply):
                return True
            if reply.error in _NO_SUCH_COMMAND:
                can_watch = False
            elif reply.error != ReaderError.NOT_TAKEN:
                raise device_error(reply)
        return True

    # Intake

    async def _take_in(self) -> None:
        try:
            await self._line.do(ENABLE_MAGNETIC if self._options.magnetic_only else ENABLE)
            while (await self._line.do(STATUS)).st is not CardPosition.INSIDE:  # noqa: ASYNC110  # it never speaks unasked
                await asyncio.sleep(self._options.poll)
        except BaseException:
            with suppress(DeviceError):
                await to_the_end(self._line.do(DISABLE))
            raise
        await to_the_end(self._line.do(DISABLE))

    async def _track(self, number: str) -> str | None:
        reply = await self._line.ask(Command("6", number))
        if isinstance(reply, NegativeReply) and reply.error in _BAD_TRACK + _NO_SUCH_TRACK:
            return None
        return positive(reply).data.decode("latin-1") or None

    # Chip

    async def _first_atr(self) -> bytes | None:
        """None when the card has no chip, or one that does not answer; the contact is released then."""
        pressed = await self._line.once(PRESS_CONTACT, self._options.motion_timeout)
        if isinstance(pressed, NegativeReply):
            return None
        if isinstance(pressed, Lost) and not (await self._sensors()).chip_contact:
            return None
        try:
            return await self._cold_reset()
        except DeviceError as error:
            if error.code is None:
                raise
            await self._line.do(RELEASE_CONTACT)
            return None

    async def _cold_reset(self) -> bytes:
        reply = await self._line.ask(Command("I", "0", self._options.chip_supplies[0].encode()))
        for supply in self._options.chip_supplies[1:]:
            if not isinstance(reply, NegativeReply) or reply.error not in _REFUSED_ATR:
                break
            reply = await self._line.ask(Command("I", "0", supply.encode()))
        return positive(reply).data

    async def _release_contact(self) -> None:
        if (await self._sensors()).chip_contact:
            await self._let_chip_go()

    async def _let_chip_go(self) -> None:
        """A chip that has lost its power already may refuse to be switched off; the contact must open all the same."""
        await self._line.ask(CHIP_OFF)
        await self._line.do(RELEASE_CONTACT)

    # Motions and their evidence

    async def _eject(self) -> Outcome[Media]:
        answer = await self._motion(EJECT)
        match await self._evidence(answer):
            case CardPosition.AT_GATE:
                return Done(Media.ENTERING)
            case CardPosition.NO_CARD if isinstance(answer, NegativeReply):
                return Refused(no_card("the card was gone before it was moved"))
            case CardPosition.NO_CARD:
                return Done(Media.NOT_PRESENT)
            case CardPosition.INSIDE:
                return Refused(_why(answer))
            case None:
                return _unknown(answer)

    async def _retain(self, position: CardPosition) -> Outcome[Media]:
        """Not every reader captures from the slot, so a card there is pulled inside first."""
        try:
            counted = await self._retained()
        except DeviceError as error:
            return Refused(error)
        if position is CardPosition.AT_GATE:
            answer = await self._motion(RETRIEVE)
            match await self._evidence(answer):
                case CardPosition.INSIDE:
                    pass
                case CardPosition.NO_CARD:
                    return Refused(no_card("the card was taken before it could be captured"))
                case CardPosition.AT_GATE:
                    return Refused(_why(answer))
                case None:
                    return _unknown(answer)
        answer = await self._motion(CAPTURE)
        if isinstance(answer, NegativeReply) and answer.error == ReaderError.PULLED_OUT_IN_CAPTURE:
            return Refused(device_error(answer))
        match await self._evidence(answer):
            case CardPosition.NO_CARD if isinstance(answer, PositiveReply):
                return Done(Media.NOT_PRESENT)
            case CardPosition.NO_CARD:
                return await self._gone(answer, counted)
            case CardPosition.INSIDE | CardPosition.AT_GATE:
                return Refused(_why(answer))
            case None:
                return _unknown(answer)

    async def _motion(self, command: Command) -> Answer:
        """Sent once; after the refusal "contact is set", when nothing moved, the contact is released first."""
        answer = await self._line.once(command, self._options.motion_timeout)
        if not isinstance(answer, NegativeReply) or answer.error != ReaderError.CONTACT_SET:
            return answer
        with suppress(DeviceError):
            await self._let_chip_go()
        return await self._line.once(command, self._options.motion_timeout)

    async def _gone(self, answer: Answer, counted: int | None) -> Outcome[Media]:
        """The card is no longer there and the capture was not confirmed: only the reader's counter can prove it."""
        with suppress(DeviceError):
            if counted is not None and await self._retained() == counted + 1:
                return Done(Media.NOT_PRESENT)
        return Unknown(f"{_cause(answer)}; the card is gone and was not counted as captured")

    async def _evidence(self, answer: Answer) -> CardPosition | None:
        """Where the card is after a motion; None when that can't be found out."""
        if isinstance(answer, PositiveReply):
            return answer.st
        try:
            return await self._position()
        except DeviceError:
            return None

    # Questions

    async def _position(self) -> CardPosition:
        return (await self._line.do(STATUS_ALWAYS)).st

    async def _sensors(self) -> Sensors:
        try:
            return Sensors.parse((await self._line.do(STATUS_ALWAYS)).data)
        except RemoteProtocolError as error:
            raise not_answered("C13", str(error)) from error

    async def _retained(self) -> int | None:
        if not self._options.counts_retained:
            return None
        reply = await self._line.ask(READ_COUNTER)
        return int(reply.data) if isinstance(reply, PositiveReply) and reply.data.isdigit() else None

    def _heard(self, answer: Answer) -> PositiveReply:
        if isinstance(answer, Lost):
            raise not_answered("chip", answer.cause)
        return positive(answer)


def _why(answer: Answer) -> DeviceError:
    """Why the card did not come to its place."""
    if isinstance(answer, NegativeReply):
        return device_error(answer)
    return DeviceError(DEVICE, CompletionCode.HARDWARE_ERROR, f"the card did not move ({_cause(answer)})")


def _cause(answer: Answer) -> str:
    match answer:
        case Lost(cause):
            return cause
        case NegativeReply():
            return device_error(answer).detail
        case PositiveReply(cm, pm, st):
            return f"C{cm}{pm} was answered with card position {st}"


def _unknown(answer: Answer) -> Unknown:
    return Unknown(f"{_cause(answer)}; the reader does not say where the card is")
