"""What an LCDM-4000 keeps in its EEPROM: opacity and length of the notes in each cassette, and the dispense order."""

from protocol.puloon_lcdm_4000 import (
    CASSETTES,
    Command,
    ErrorCode,
    Message,
    OrderReply,
    OrderRequest,
    PlainReply,
    Request,
    SettingRequest,
    SettingsReply,
)

_POSITIONS = (1, 2, 3, 4)


class Settings:
    """Settings that outlive the power, and what the commands about them are answered."""

    def __init__(self, opacity: int, length: int, order: tuple[int, int, int, int] = _POSITIONS) -> None:
        self._new = ((opacity,) * CASSETTES, (length,) * CASSETTES, order)
        self._spoilt = False
        self._opacities: tuple[int, ...]
        self._lengths: tuple[int, ...]
        self.order: tuple[int, int, int, int]
        self._restore()

    def opacity(self, position: int) -> int:
        """Of the notes in the cassette at `position`."""
        return self._opacities[position - 1]

    def length(self, position: int) -> int:
        """Of the notes in the cassette at `position`."""
        return self._lengths[position - 1]

    def spoil(self) -> None:
        """From now on the checksum does not fit; that is noticed at the next start."""
        self._spoilt = True

    def start(self) -> ErrorCode:
        """Read them at power-on: where the checksum does not fit, they are those of a new device."""
        if not self._spoilt:
            return ErrorCode.GOOD
        self._spoilt = False
        self._restore()
        return ErrorCode.EEPROM_CHECKSUM

    def answer(self, request: Message, *, writable: bool) -> Message | None:
        """The response to a command about settings, None to any other. A value of 0 keeps the old one."""
        match request:
            case Request(Command.GET_OPACITIES):
                return SettingsReply(Command.GET_OPACITIES, ErrorCode.GOOD, self._opacities)
            case Request(Command.GET_LENGTHS):
                return SettingsReply(Command.GET_LENGTHS, ErrorCode.GOOD, self._lengths)
            case Request(Command.GET_ORDER):
                return OrderReply(ErrorCode.GOOD, self.order)
            case OrderRequest(order) if sorted(order) != sorted(_POSITIONS):
                return PlainReply(Command.SET_ORDER, ErrorCode.ABNORMAL_PARAMETER)
            case OrderRequest() | SettingRequest() if not writable:
                command = Command.SET_ORDER if isinstance(request, OrderRequest) else request.command
                return PlainReply(command, ErrorCode.EEPROM_WRITE)
            case OrderRequest(order):
                self.order = order
                return PlainReply(Command.SET_ORDER, ErrorCode.GOOD)
            case SettingRequest(Command.SET_OPACITIES, values):
                self._opacities = _changed(self._opacities, values)
                return PlainReply(Command.SET_OPACITIES, ErrorCode.GOOD)
            case SettingRequest(_, values):
                self._lengths = _changed(self._lengths, values)
                return PlainReply(Command.SET_LENGTHS, ErrorCode.GOOD)
            case _:
                return None

    def _restore(self) -> None:
        self._opacities, self._lengths, self.order = self._new


def _changed(old: tuple[int, ...], new: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(value or kept for value, kept in zip(new, old, strict=True))
