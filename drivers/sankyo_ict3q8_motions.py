"""Sankyo ICT3Q8: bringing a card out or into the box, and the evidence of where it is afterwards.

A motion is sent once; when its reply is lost or negative, the position of the card (`C13`, which answers even while an
error is pending) is the evidence. A capture counts only when the reader counted it, where it counts.
"""

from contextlib import suppress

from drivers.interfaces import CompletionCode, DeviceError, Done, ErrorCode, Media, Outcome, Refused, Unknown
from drivers.sankyo_ict3q8_errors import DEVICE, device_error, no_card
from drivers.sankyo_ict3q8_intake import RETRIEVE
from drivers.sankyo_ict3q8_line import Answer, Lost
from drivers.sankyo_ict3q8_unit import Unit
from protocol.sankyo_ict3q8 import CardPosition, Command, NegativeReply, PositiveReply
from protocol.sankyo_ict3q8_codes import ErrorCode as ReaderError
from protocol.sankyo_ict3q8_status import Sensors

EJECT, CAPTURE = Command("3", "0"), Command("3", "1")


async def eject(unit: Unit) -> Outcome[Media]:
    """Bring a card inside to the slot."""
    answer = await _motion(unit, EJECT)
    match await _evidence(unit, answer):
        case CardPosition.AT_GATE:
            return Done(Media.ENTERING)
        case CardPosition.NO_CARD if isinstance(answer, NegativeReply):
            return Refused(no_card("the card was gone before it was moved"))
        case CardPosition.NO_CARD:
            return Done(Media.NOT_PRESENT)
        case CardPosition.INSIDE:
            return Refused(_why(unit, answer))
        case None:
            return _unknown(answer)


async def retain(unit: Unit, position: CardPosition, sensors: Sensors) -> Outcome[Media]:
    """Bring a card into the box. Not every reader captures from the slot, so a card there is pulled inside first."""
    if unit.options.box_sensor and not sensors.capture_box:
        detail, remedy = "the capture box is not in its place", "Put the capture box back"
        return Refused(DeviceError(DEVICE, CompletionCode.HARDWARE_ERROR, detail, remedy=remedy))
    try:
        counted = await unit.retained()
    except DeviceError as error:
        return Refused(error)
    if position is CardPosition.AT_GATE:
        answer = await _motion(unit, RETRIEVE)
        match await _evidence(unit, answer):
            case CardPosition.INSIDE:
                pass
            case CardPosition.NO_CARD:
                return Refused(no_card("the card was taken before it could be captured"))
            case CardPosition.AT_GATE:
                return Refused(_why(unit, answer))
            case None:
                return _unknown(answer)
    answer = await _motion(unit, CAPTURE)
    if isinstance(answer, NegativeReply) and answer.error == ReaderError.PULLED_OUT_IN_CAPTURE:
        return Refused(unit.line.error(answer))
    match await _evidence(unit, answer):
        case CardPosition.NO_CARD:
            return await _captured(unit, answer, counted)
        case CardPosition.INSIDE | CardPosition.AT_GATE:
            return Refused(_why(unit, answer))
        case None:
            return _unknown(answer)


async def _captured(unit: Unit, answer: Answer, counted: int | None) -> Outcome[Media]:
    """The card is no longer there: the reader's counter tells whether it is in the box."""
    now: int | None = None
    if counted is not None:
        with suppress(DeviceError):
            now = await unit.retained()
    if counted is not None and now == counted + 1:
        return Done(Media.NOT_PRESENT)
    if isinstance(answer, PositiveReply) and (counted is None or now is None):
        return Done(Media.NOT_PRESENT)
    return Unknown(f"{_cause(answer)}; the card is gone and was not counted as captured")


async def _motion(unit: Unit, command: Command) -> Answer:
    """Sent once; after the refusal "contact is set", when nothing moved, the contact is released first."""
    answer = await unit.line.once(command, unit.options.motion_timeout)
    if not isinstance(answer, NegativeReply) or answer.error != ReaderError.CONTACT_SET:
        return answer
    with suppress(DeviceError):
        await unit.let_chip_go()
    return await unit.line.once(command, unit.options.motion_timeout)


async def _evidence(unit: Unit, answer: Answer) -> CardPosition | None:
    """Where the card is after a motion; None when that can't be found out."""
    if isinstance(answer, PositiveReply):
        return answer.st
    try:
        return await unit.position()
    except DeviceError:
        return None


def _why(unit: Unit, answer: Answer) -> DeviceError:
    """Why the card did not come to its place; it is in the reader, so the reason is never that there is none."""
    if isinstance(answer, NegativeReply) and unit.line.error(answer).code is not ErrorCode.NO_MEDIA:
        return unit.line.error(answer)
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
