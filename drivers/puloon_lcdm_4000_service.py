"""What staff set and measure on a Puloon LCDM-4000; notes move to the reject tray only, never to a customer."""

from collections.abc import Sequence
from dataclasses import dataclass

from drivers.exchange import ExchangeFailed
from drivers.interfaces import CompletionCode, DeviceError, Done, Outcome, Refused, Unknown
from drivers.puloon_lcdm_4000 import PuloonLcdm4000
from protocol import puloon_lcdm_4000 as lcdm4000
from protocol.puloon_lcdm import error_4000
from protocol.puloon_lcdm_4000 import Command, ErrorCode
from protocol.wire import LocalProtocolError

_NOTHING_MOVED = (
    ErrorCode.REQUESTED_CASSETTE_ABSENT,
    ErrorCode.NO_REJECT_TRAY,
    ErrorCode.NOTES_ON_PATH_BEFORE_PICK_UP,
    ErrorCode.ABNORMAL_COMMAND,
    ErrorCode.ABNORMAL_PARAMETER,
)


@dataclass(frozen=True, slots=True)
class Settings:
    """For the notes in each cassette from the top; `order` are positions in the order of dispensing."""

    opacities: tuple[int, ...]
    lengths: tuple[int, ...]
    order: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """What SENSOR DIAGNOSTICS measured on the last of its notes; `divert` in milliseconds, `rejected` notes."""

    opacity: int
    length: int
    divert: int
    rejected: int


class PuloonLcdm4000Service:
    """Commissioning of one dispenser; never beside a withdrawal."""

    def __init__(self, dispenser: PuloonLcdm4000) -> None:
        self._dispenser = dispenser

    async def settings(self) -> Settings:
        """As the EEPROM has them: a failed checksum restores defaults, so look after each start. Raises DeviceError."""
        ask = self._dispenser._ask
        opacities = await ask(_frame(Command.GET_OPACITIES), lcdm4000.SettingsReply)
        lengths = await ask(_frame(Command.GET_LENGTHS), lcdm4000.SettingsReply)
        order = await ask(_frame(Command.GET_ORDER), lcdm4000.OrderReply)
        return Settings(opacities.values, lengths.values, order.order)

    async def set_opacities(self, values: Sequence[int]) -> Settings:
        """One value of 0 to 255 per cassette, 0 keeps the old one; the settings afterwards. Raises DeviceError."""
        return await self._set(lcdm4000.SettingRequest(Command.SET_OPACITIES, _four(values, 0, 255)))

    async def set_lengths(self, values: Sequence[int]) -> Settings:
        """As `set_opacities`; drivers in the field send millimetres divided by 0.785."""
        return await self._set(lcdm4000.SettingRequest(Command.SET_LENGTHS, _four(values, 0, 255)))

    async def set_order(self, order: Sequence[int]) -> Settings:
        """Positions 1 to 4, each once; the settings afterwards. Raises DeviceError."""
        return await self._set(lcdm4000.OrderRequest(_four(order, 1, 4)))

    async def serial_number(self) -> int:
        """The serial of the last dispense that had one. Raises DeviceError."""
        return (await self._dispenser._ask(_frame(Command.GET_SERIAL), lcdm4000.SerialReply)).serial

    async def diagnose(self, position: int) -> Outcome[Measured]:
        """Let five notes of a cassette run into the reject tray and measure the last. Never repeated."""
        dispenser = self._dispenser
        try:
            await dispenser._memory()
        except DeviceError as silent:
            return Refused(silent)
        try:
            reply = await dispenser._exchange.request(
                lcdm4000.encode(lcdm4000.DiagnoseRequest(position)),
                lambda message: isinstance(message, lcdm4000.DiagnosisReply),
                timeout=dispenser._timing.motion,
                motion=True,
            )
        except (ExchangeFailed, ConnectionError) as failed:
            return Unknown(f"{dispenser._name}: SENSOR DIAGNOSTICS: {failed}")
        assert isinstance(reply, lcdm4000.DiagnosisReply)
        if reply.error == ErrorCode.GOOD:
            return Done(Measured(reply.opacity, reply.length, reply.divert, reply.rejected))
        words = f"SENSOR DIAGNOSTICS: {error_4000(reply.error)}"
        if reply.error in _NOTHING_MOVED and not reply.rejected:
            return Refused(dispenser._error(CompletionCode.COMMAND_ERROR_CODE, words))
        return Unknown(f"{dispenser._name}: {words}")

    async def _set(self, request: lcdm4000.SettingRequest | lcdm4000.OrderRequest) -> Settings:
        reply = await self._dispenser._ask(lcdm4000.encode(request), lcdm4000.PlainReply)
        if reply.error != ErrorCode.GOOD:
            raise self._dispenser._error(CompletionCode.COMMAND_ERROR_CODE, f"not set: {error_4000(reply.error)}")
        return await self.settings()


def _four(values: Sequence[int], low: int, high: int) -> tuple[int, int, int, int]:
    if len(values) != lcdm4000.CASSETTES or not all(low <= value <= high for value in values):
        raise LocalProtocolError(f"{lcdm4000.CASSETTES} values from {low} to {high}, not {tuple(values)}")
    first, second, third, fourth = values
    return first, second, third, fourth


def _frame(command: Command) -> bytes:
    return lcdm4000.encode(lcdm4000.Request(command))
