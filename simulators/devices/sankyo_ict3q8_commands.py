"""Sankyo ICT3Q8: what each command does (ASL-NP-09256-01, section 4).

What the specification leaves open is chosen here: error 41 for the contact solenoid and 43 for the chip position; eject
and capture of a card that already stands at the gate; a shutter test that fails leaves the reader initialised.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from protocol.sankyo_ict3q8 import CardPosition, Command, NegativeReply, PositiveReply, Reply
from protocol.sankyo_ict3q8_codes import COMMANDS, Dialect, ErrorCode
from protocol.sankyo_ict3q8_initialize import DsrWatch, Initialize, InitialMove, OnPowerDown
from protocol.sankyo_ict3q8_status import Performance, UnitType
from protocol.sankyo_ict3q8_stripe import FILL, READ_BUFFER, READ_ONCE, WRITE, encode_results
from protocol.wire import RemoteProtocolError
from simulators.devices.sankyo_ict3q8_chip import ChipStation, MemoryCards
from simulators.devices.sankyo_ict3q8_maintenance import Maintenance, Ports, Supervisor
from simulators.devices.sankyo_ict3q8_options import Place, Refusal, SankyoIct3q8Options, Shutter, Slot, WriteOption
from simulators.devices.sankyo_ict3q8_stripe import all_good
from simulators.devices.sankyo_ict3q8_transport import Transport
from simulators.world.chip import VirtualChip
from simulators.world.scene import Scene

_PROTRUSIONS = tuple(b"%03d" % milliseconds for milliseconds in range(21))
_NOT_RETRIED = (ErrorCode.TRACK_EMPTY, ErrorCode.TRACK_BLANK)
_RETRIES = 5
_NO_STATION = ("@", "U")
_NEW_ON_ICT3K5, _OPTIONAL = ("6", "4"), "f"


class Commands:
    """The reader's program; one command at a time."""

    def __init__(self, scene: Scene, options: SankyoIct3q8Options, sams: Mapping[int, VirtualChip]) -> None:
        self.transport = Transport(scene, options)
        self.chips = ChipStation(self.transport, options, sams)
        self.memory = MemoryCards(self.transport)
        self.maintenance = Maintenance(self.transport)
        self.supervisor = Supervisor(options)
        self.ports = Ports(options.dialect)
        self.initialized = False
        self.failing = False
        self.dsr_is_off = False
        self.setup = Initialize(InitialMove.TO_GATE)
        self.errors: list[tuple[str, str]] = []
        """The last negative replies: mnemonic and error."""
        self._scene = scene
        self._options = options
        self._handlers: dict[str, Callable[[Command], Awaitable[bytes]]] = {
            "0": self._initialize,
            "1": self._status,
            "2": self._entry,
            "3": self._eject_or_capture,
            "4": self._retrieve,
            "5": self._ports,
            "6": self._read,
            "7": self._write,
            ":": self._enable,
            "=": self._maintain,
            ">": self._levels,
            "@": self._contact,
            "A": self._revision,
            "C": self._counter,
            "K": self._supervise,
            "T": self._watch_removal,
            "U": self._memory,
            "f": self._log,
        }

    def power_cut(self) -> None:
        """All that is not in permanent memory is forgotten."""
        self.initialized = self.failing = False
        self.chips.all_off()
        self.memory.off()
        self.maintenance.leave()
        self.supervisor.active = False
        self.ports.initialize()
        transport = self.transport
        transport.stop()
        transport.slot = Slot.DISABLED
        transport.fault = None
        transport.head.initialize()

    def wake_up(self) -> None:
        """Mains return; a firmware that was not finished leaves the reader in the supervisor area."""
        self.supervisor.restart()

    def close(self) -> None:
        """Forced to Disable: chips lose their power, no card is taken in."""
        self.transport.slot = Slot.DISABLED
        self.chips.all_off()
        self._scene.changed()

    async def execute(self, command: Command) -> Reply:
        """Do it, and say how it ended."""
        try:
            px, data = await self._answer(command)
        except Refusal as refusal:
            self.errors = [*self.errors, (command.mnemonic, refusal.error)][-20:]
            return NegativeReply(command.cm, command.pm, refusal.error, refusal.data)
        st = CardPosition.NO_CARD if self.supervisor.active else self.transport.position
        return PositiveReply(command.cm, px, st, data)

    async def _answer(self, command: Command) -> tuple[str, bytes]:
        if self.supervisor.active:
            return command.pm, self.supervisor.run(command)
        if not self.initialized and command.cm != "0":
            raise Refusal(ErrorCode.NOT_INITIALIZED)
        if self.failing:
            raise Refusal(ErrorCode.POWER_DOWN)
        if command.cm != "I" and (command.cm not in self._handlers or not self._has(command.cm)):
            raise Refusal(ErrorCode.UNKNOWN_COMMAND)
        key = (command.cm, command.pm)
        if key not in COMMANDS or (key == _NEW_ON_ICT3K5 and self._options.dialect is not Dialect.ICT3K5):
            raise Refusal(ErrorCode.BAD_PARAMETER)
        if command.cm == "I":
            return await self.chips.run(command.pm, command.data)
        if command.cm in _NO_STATION and not self._options.chip_station:
            raise Refusal(ErrorCode.OPTION_ABSENT)
        return command.pm, await self._handlers[command.cm](command)

    def _has(self, cm: str) -> bool:
        return cm != _OPTIONAL or self._options.performance_log

    async def _initialize(self, command: Command) -> bytes:
        if ("0", command.pm) not in COMMANDS:
            raise Refusal(ErrorCode.BAD_PARAMETER)
        try:
            setup = self.setup = Initialize.parse(command, self._options.dialect)
        except RemoteProtocolError:
            raise Refusal(ErrorCode.BAD_DATA) from None
        transport = self.transport
        self.chips.initialize()
        self.memory.off()
        self.maintenance.leave()
        self.ports.initialize()
        transport.stop()
        transport.slot = Slot.DISABLED
        transport.head.initialize()
        transport.fault = None
        transport.counts_captures = setup.counts
        transport.pull_out_is_error = setup.pull_out_in_capture_is_error
        await transport.off_chip()
        await asyncio.sleep(self._options.self_test)
        self.initialized = True
        untested = setup.skip_shutter_test or setup.move is InitialMove.DO_NOT_MOVE
        if transport.shutter is not Shutter.WORKS and not untested:
            transport.fault = ErrorCode.SHUTTER
            raise Refusal(ErrorCode.SHUTTER)
        if transport.card is not None:
            await self._move_at_start(setup.move)
        return self._type() if setup.report_type else b""

    async def _move_at_start(self, move: InitialMove) -> None:
        match move.uncounted:
            case InitialMove.TO_GATE:
                await self.transport.to_gate()
            case InitialMove.CAPTURE:
                await self.transport.to_box()
            case InitialMove.KEEP_INSIDE:
                await self.transport.back_inside()

    def _type(self) -> bytes:
        if self._options.type_code:
            return self._options.type_code.encode()
        track = 1 if self._options.write is WriteOption.NONE else 2
        chip = int(self._options.chip_station)
        return UnitType((track, track, track), chip, self._options.write is WriteOption.HIGH).encode()

    async def _status(self, command: Command) -> bytes:
        if command.pm != "3":
            if self.dsr_is_off and self.setup.dsr_watch is not DsrWatch.AT_POWER_ON_ONLY:
                raise Refusal(ErrorCode.DSR_OFF)
            if (fault := self.transport.fault) is not None:
                raise Refusal(fault)
        sensors = self.transport.sensors().encode()
        return {"0": b"", "1": sensors[1:2]}.get(command.pm, sensors)

    async def _entry(self, command: Command) -> bytes:
        if self.transport.card is not None:
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        if command.pm == "2":
            await self.transport.take_in_from_rear()
        else:
            await self.transport.take_in_when_offered(Slot.ANY if command.pm == "0" else Slot.MAGNETIC)
        return b""

    async def _eject_or_capture(self, command: Command) -> bytes:
        transport = self.transport
        if command.pm == "0" and command.data not in (b"", *_PROTRUSIONS):
            raise Refusal(ErrorCode.BAD_DATA)
        self._require_movable_card()
        if transport.place is Place.GATE and self._options.strict:
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        if command.pm == "1":
            await transport.to_box()
        elif transport.place is not Place.GATE:
            await transport.to_gate(protruding=command.data not in (b"", b"000"))
        return b""

    async def _retrieve(self, _: Command) -> bytes:
        self._require_movable_card()
        if self.transport.place in (Place.GATE, Place.THROAT):
            await self.transport.back_inside()
        return b""

    async def _ports(self, command: Command) -> bytes:
        return self.ports.run(command)

    async def _read(self, command: Command) -> bytes:
        transport, head, pm = self.transport, self.transport.head, command.pm
        if pm == "6":
            head.forget()
            return b""
        if (card := transport.inside) is None:
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        if pm == "7":
            return head.encoded()
        buffered = next((number for number, letter in READ_BUFFER.items() if letter == pm), None)
        number = next((number for number, letter in READ_ONCE.items() if letter == pm), buffered)
        if buffered is None or not head.knows(buffered):
            self._require_movable_card()
            await transport.along_the_head(self._options.reread)
            transport.read_stripe()
        if number is None:
            return b""
        error = head.read_badly.get(number)
        if error is not None and error not in _NOT_RETRIED and buffered is not None:
            self._require_movable_card()
            await transport.along_the_head(self._options.reread * _RETRIES)
            transport.read_stripe()
            error = head.read_badly.get(number)
        if error is not None:
            raise Refusal(error, b"" if buffered is not None else head.before_the_error(card, number))
        return head.read_well[number].encode("latin-1")

    async def _write(self, command: Command) -> bytes:
        """A read-only unit takes the write mode of low coercivity and the formats, and writes nothing."""
        head, pm, data = self.transport.head, command.pm, command.data
        if pm == "0":
            head.use_current(data)
            return b""
        if pm == "U":
            head.use_formats(data)
            return b""
        if self._options.write is WriteOption.NONE:
            raise Refusal(ErrorCode.OPTION_ABSENT)
        if pm == "R":
            if len(data) != 3 or data[:2] != b"2J":
                raise Refusal(ErrorCode.BAD_DATA)
            return b""
        if (number := next((number for number, letter in FILL.items() if letter == pm), None)) is not None:
            head.check(number, data)
            head.filled[number] = data
            return b""
        tracks = head.filled
        if (number := next((number for number, letter in WRITE.items() if letter == pm), None)) is not None:
            head.check(number, data)
            tracks = {number: data}
        if not tracks or self.transport.inside is None:
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        self._require_movable_card()
        card = await self.transport.along_the_head(self._options.write_pass)
        results = head.write(card, self.transport.wrong_way, tracks)
        if not all_good(results.values()):
            raise Refusal(ErrorCode.WRITE, encode_results(results))
        return encode_results(results)

    async def _enable(self, command: Command) -> bytes:
        self.transport.open_slot({"0": Slot.ANY, "1": Slot.DISABLED, "2": Slot.MAGNETIC}[command.pm])
        return b""

    async def _contact(self, command: Command) -> bytes:
        if command.pm == "2":
            self.chips.off()
            self.memory.off()
            await self.transport.off_chip()
            return b""
        self._require_movable_card()
        if self.transport.place is Place.GATE:
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        await self.transport.to_chip()
        return b""

    async def _revision(self, command: Command) -> bytes:
        if command.pm == "0":
            raise Refusal(ErrorCode.BAD_PARAMETER)
        return (self._options.firmware if command.pm == "1" else self._options.emv_library).encode()

    async def _counter(self, command: Command) -> bytes:
        transport = self.transport
        if not transport.counts_captures:
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        if command.pm == "0":
            return f"{transport.captures:02d}".encode()
        transport.captures = _two_digits(command.data)
        return b""

    async def _watch_removal(self, command: Command) -> bytes:
        seconds = _two_digits(command.data)
        if not 1 <= seconds <= 30:
            raise Refusal(ErrorCode.BAD_DATA)
        if self.transport.inside is not None:
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        await self.transport.until_taken(seconds)
        return b""

    async def _maintain(self, command: Command) -> bytes:
        maintenance = self.maintenance
        match command.pm:
            case "0":
                maintenance.active = True
            case "1":
                maintenance.leave()
                if self.transport.inside is not None:
                    self._require_movable_card()
                    await self.transport.to_gate()
            case "2":
                maintenance.drive(command.data)
            case _ if not maintenance.active:
                raise Refusal(ErrorCode.NOT_EXECUTABLE)
        return maintenance.inputs()

    async def _levels(self, command: Command) -> bytes:
        if command.pm == "3":
            self.maintenance.calibrate()
            await asyncio.sleep(self._options.calibration)
            return b""
        return self.maintenance.levels(command.pm)

    async def _memory(self, command: Command) -> bytes:
        return await self.memory.run(command.pm, command.data)

    async def _supervise(self, _: Command) -> bytes:
        self.power_cut()
        self.supervisor.active = True
        return b""

    async def _log(self, command: Command) -> bytes:
        if command.pm == "A":
            transport = self.transport
            return Performance(passes=transport.passes, captures=transport.captures).encode()
        records = b"".join(mnemonic.encode() + error.encode() for mnemonic, error in self.errors)
        return records or bytes(5)

    def _require_movable_card(self) -> None:
        """Commands that move a card need one that is off the chip contact."""
        if self.transport.card is None:
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        if self.transport.place is Place.CHIP:
            raise Refusal(ErrorCode.CONTACT_SET)


def on_backup_power(power_down: OnPowerDown, *, writing: bool) -> Place | None:
    """Where a card inside goes when the mains fail; None: it stays."""
    if power_down is OnPowerDown.KEEP or (power_down is OnPowerDown.EJECT_UNLESS_WRITING and writing):
        return None
    return Place.GATE


def _two_digits(data: bytes) -> int:
    if len(data) != 2 or not data.isdigit():
        raise Refusal(ErrorCode.BAD_DATA)
    return int(data)
