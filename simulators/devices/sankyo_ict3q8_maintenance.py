"""Sankyo ICT3Q8: maintenance mode, sensor levels, ports, and the supervisor area with its firmware download."""

from protocol.sankyo_ict3q8 import Command
from protocol.sankyo_ict3q8_codes import Dialect, ErrorCode
from protocol.sankyo_ict3q8_status import CLEANING_LEVEL, Barrier, Sensors, encode_levels, encode_percent
from simulators.devices.sankyo_ict3q8_options import Refusal, SankyoIct3q8Options
from simulators.devices.sankyo_ict3q8_transport import Transport

FULL_LIGHT = 3.8
WEAK_LIGHT = 2.5
"""Volts at a clean barrier with the LED at full power, and at one fifth; our choice."""

_SHUTTER, _BACKWARD, _FORWARD, _CONTACT = 0x01, 0x02, 0x04, 0x08


class Maintenance:
    """`C=` and `C>`."""

    def __init__(self, transport: Transport) -> None:
        self.active = False
        self._drive = 0x40
        self._stored = dict.fromkeys(Barrier, 100)
        self._transport = transport

    def leave(self) -> None:
        """The outputs go off."""
        self.active, self._drive = False, 0x40

    def drive(self, data: bytes) -> None:
        """`C=2 d0`, d0 binary 01X0XXXX. Motor and chip contact can't run together. Raises Refusal."""
        if not self.active:
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        if len(data) != 1 or data[0] & 0xD0 != 0x40:
            raise Refusal(ErrorCode.BAD_DATA)
        if data[0] & _CONTACT and data[0] & (_BACKWARD | _FORWARD):
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        self._drive = data[0]

    def inputs(self) -> bytes:
        """Se1 Se0 Se2 Se3, with what the outputs hold open or pressed."""
        seen = self._transport.sensors()
        return Sensors(
            insertion_switch=seen.insertion_switch,
            shutter_switch=seen.shutter_switch or bool(self._drive & _SHUTTER),
            front=seen.front,
            middle=seen.middle,
            rear=seen.rear,
            capture_box=seen.capture_box,
            chip_contact=seen.chip_contact or bool(self._drive & _CONTACT),
            chip_position=seen.chip_position,
            stripe_at_prehead=seen.stripe_at_prehead,
            end_of_life=seen.end_of_life,
            enabled=seen.enabled,
            magnetic_only=seen.magnetic_only,
        ).encode()

    def levels(self, pm: str) -> bytes:
        """`C>0`, `C>1`, `C>2`."""
        now = self._transport.levels
        if pm == "2":
            return encode_percent({each: round(100 * now[each] / self._stored[each]) for each in Barrier})
        light = FULL_LIGHT if pm == "0" else WEAK_LIGHT
        return encode_levels({each: light * now[each] / 100 for each in Barrier})

    def calibrate(self) -> None:
        """`C>3`: what is seen now is 100 % from now on. Raises Refusal."""
        if any(WEAK_LIGHT * level / 100 < CLEANING_LEVEL for level in self._transport.levels.values()):
            raise Refusal(ErrorCode.SENSOR)
        self._stored = dict(self._transport.levels)


class Ports:
    """`C5`: outputs OUT1 to OUT4 and inputs IN1 to IN4; on an ICT3K5 the bezel's lamp."""

    def __init__(self, dialect: Dialect) -> None:
        self.inputs = 0
        self.bezel = ""
        self.outputs = ["high impedance"] * 4
        self._dialect = dialect

    def initialize(self) -> None:
        """All outputs at high impedance."""
        self.outputs = ["high impedance"] * 4

    def run(self, command: Command) -> bytes:
        """One command. Raises Refusal."""
        if self._dialect is Dialect.ICT3K5:
            if command.pm not in _BEZEL:
                raise Refusal(ErrorCode.BAD_PARAMETER)
            if command.data:
                raise Refusal(ErrorCode.BAD_DATA)
            self.bezel = _BEZEL[command.pm]
            return b""
        if command.pm == "8":
            return bytes((0x30 | self.inputs & 0x0F,))
        mode, time = command.data[:1].decode("latin-1"), command.data[1:]
        if mode not in _MODES or (time and (mode not in "23" or time not in (b"0", b"1", b"2", b"3"))):
            raise Refusal(ErrorCode.BAD_DATA)
        self.outputs[int(command.pm)] = _MODES[mode]
        return b""


_MODES = {"0": "low", "1": "high impedance", "2": "one shot", "3": "blinking", "4": "high impedance"}
_BEZEL = {"0": "off", "1": "green", "2": "red", "3": "orange"}


class Supervisor:
    """The supervisor area: only here the user firmware is erased and written."""

    def __init__(self, options: SankyoIct3q8Options) -> None:
        self.active = False
        self._options = options
        self._attested = self._erased = False
        self._sound = True
        self._lines = 0

    def restart(self) -> None:
        """At power-on: a user firmware that is not whole leaves only this area."""
        self.active = not self._sound
        self._attested = self._erased = False

    def run(self, command: Command) -> bytes:
        """A command in the area; status is always 00. Raises Refusal."""
        match command.cm, command.pm:
            case "0", _:
                raise Refusal(ErrorCode.NOT_EXECUTABLE)
            case "A", "0":
                return self._options.supervisor.encode()
            case "J", "4" if command.data:
                self._attested = True
            case "J", "0" if self._attested:
                self._erased, self._sound, self._lines = True, False, 0
            case "J", "1" if self._erased and command.data:
                self._lines += 1
            case "J", "2" if self._lines:
                self._sound, self._erased, self._attested = True, False, False
            case "J", ("0" | "1" | "2" | "4"):
                raise Refusal(ErrorCode.NOT_EXECUTABLE)
            case "K", "0" if not self._sound:
                raise Refusal(ErrorCode.FIRMWARE_CRC)
            case "K", "0":
                self.active = False
            case (("A" | "J" | "K"), _):
                raise Refusal(ErrorCode.BAD_PARAMETER)
            case _:
                raise Refusal(ErrorCode.UNKNOWN_COMMAND)
        return b""
