"""A Sankyo ICT3Q8 motorised card reader: its handshake and its commands (ASL-NP-09256-01, sections 3 and 4).

A read-only unit with a chip-card station and without SAMs. What the specification leaves open is chosen here: error 41
for the contact solenoid and 43 for the chip position; eject and capture of a card that already stands at the gate.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from protocol.sankyo_ict3q8 import (
    CLEAR_LINE,
    ClearLine,
    Command,
    Initialize,
    InitialMove,
    NegativeReply,
    OnPowerDown,
    PositiveReply,
    Reply,
    encode,
)
from protocol.sankyo_ict3q8_codes import COMMANDS, ErrorCode
from protocol.wire import ACK, NAK, Control, ControlCode, Damaged, RemoteProtocolError
from simulators.devices.sankyo_ict3q8_chip import ChipStation
from simulators.devices.sankyo_ict3q8_line import Heard, Mishap, ReaderLine
from simulators.devices.sankyo_ict3q8_options import Motion, Place, Refusal, SankyoIct3q8Options, Slot
from simulators.devices.sankyo_ict3q8_transport import Transport
from simulators.world.cards import VirtualCard
from simulators.world.faults import Ailment
from simulators.world.line import LineEnd
from simulators.world.scene import Scene

_PROTRUSIONS = tuple(b"%03d" % milliseconds for milliseconds in range(21))


class SankyoIct3q8:
    """The reader, and what a person can do before it."""

    def __init__(self, *, scene: Scene, options: SankyoIct3q8Options | None = None) -> None:
        self.options = options or SankyoIct3q8Options()
        self._transport = Transport(scene, self.options)
        self._chip = ChipStation(self._transport, self.options)
        self._scene = scene
        self._power = True
        self._initialized = False
        self._power_down = OnPowerDown.EJECT
        self._work: asyncio.Task[Reply] | None = None
        self._mishaps: list[tuple[Mishap, str]] = []
        self.executed: list[str] = []
        """The mnemonics of the commands the reader began to execute, in order."""

    # The person's hands and eyes

    def insert_card(self, card: VirtualCard, *, wrong_way: bool = False) -> bool:
        """Push a card into the slot. False when the shutter keeps it out; the card then stays in the hand."""
        return self._power and self._transport.insert(card, wrong_way=wrong_way)

    def take_card(self) -> VirtualCard | None:
        """Pull out the card at the gate, or hold on to one that is on its way in; None when there is none to grip."""
        return self._transport.pull_out()

    @property
    def card_at_gate(self) -> VirtualCard | None:
        """The card that stands out of the slot, to be taken."""
        return self._transport.at_gate

    @property
    def card_inside(self) -> VirtualCard | None:
        """The card in the transport, out of reach."""
        return self._transport.card if self._transport.place is not Place.GATE else None

    @property
    def takes_cards(self) -> bool:
        """Would a card be taken in now?"""
        return self._power and self._transport.accepts is not Slot.DISABLED

    @property
    def captured(self) -> tuple[VirtualCard, ...]:
        """The cards in the capture box."""
        return tuple(self._transport.captured)

    def empty_bin(self) -> list[VirtualCard]:
        """The service takes the cards out of the capture box; the retract counter is the host's business."""
        cards, self._transport.captured = self._transport.captured, []
        self._scene.changed()
        return cards

    # Mains, faults and the workbench

    def power_off(self) -> None:
        """Mains fail: a card inside goes where the last Initialize said; all else is forgotten.

        A command in progress ends with error 30, the last thing the reader says.
        """
        self._power = self._initialized = False
        if self._work is not None:
            self._work.cancel()
        self._chip.off()
        transport = self._transport
        transport.stop()
        transport.slot = Slot.DISABLED
        transport.fault = None
        transport.forget_tracks()
        if transport.card is not None:
            kept = self._power_down is OnPowerDown.KEEP and transport.place is not Place.GATE
            transport.place = Place.INSIDE if kept else Place.GATE
        self._scene.changed()

    def power_on(self) -> None:
        """Mains return: Initialize must be the first command."""
        self._power = True
        self._scene.changed()

    def fail_next(self, motion: Motion, error: ErrorCode) -> None:
        """The next such movement fails, and the card stays where it was."""
        self._transport.failing[motion] = error

    def disturb(self, mishap: Mishap, mnemonic: str = "") -> None:
        """The next handshake goes wrong, of any command or of the one with this mnemonic (`C30`)."""
        self._mishaps.append((mishap, mnemonic))

    def ailments(self) -> dict[str, Ailment]:
        """What can go wrong with it, by the fault's id."""
        return {}

    def snapshot(self) -> dict[str, str]:
        """For the workbench."""
        transport = self._transport
        fault = transport.fault
        return {
            "power": "on" if self._power else "off",
            "card": "none" if transport.card is None else f"{transport.card.label}, {transport.place}",
            "slot": transport.accepts if self._initialized else "not initialised",
            "chip": "on" if self._chip.is_on else "off",
            "error": "none" if fault is None else f"{fault} {fault.meaning}",
            "captured": f"{len(transport.captured)} in the box, counter {transport.captures}",
            "passes": str(transport.passes),
        }

    # The handshake

    async def serve(self, line: LineEnd) -> None:
        """Speak on this line until it goes down or the task is cancelled."""
        port = ReaderLine(line, self.options.gap)
        with suppress(ConnectionError):
            while True:
                heard = await port.next(None)
                while heard is not None:
                    heard = await self._neutral(port, heard)

    async def _neutral(self, port: ReaderLine, heard: Heard) -> Heard | None:
        """State 1; returns what was heard in place of the ACK to a reply and is to be handled next."""
        match heard:
            case _ if not self._power:
                pass
            case Command():
                return await self._command(port, heard)
            case Damaged():
                await port.send(NAK.raw)
            case ClearLine():
                self._transport.stop()
                await port.send(CLEAR_LINE)
            case _:
                pass
        return None

    async def _command(self, port: ReaderLine, command: Command) -> Heard | None:
        mishap = self._mishap(command)
        if mishap is Mishap.SILENT:
            return None
        if mishap is Mishap.NAK:
            await port.send(NAK.raw)
            return None
        if mishap is not Mishap.NO_ACK:
            await port.send(ACK.raw)
        work = self._work = asyncio.get_running_loop().create_task(self._execute(command))
        try:
            stopped = await port.stopped_by_dle_eot(work)
        finally:
            work.cancel()
        if stopped:
            if command.cm == "I":
                self._chip.off()
            self._transport.stop()
            await port.send(CLEAR_LINE)
            return None
        if mishap is Mishap.LOSE_REPLY:
            return None
        power_down = NegativeReply(command.cm, command.pm, ErrorCode.POWER_DOWN)
        reply = power_down if work.cancelled() else work.result()
        return await self._deliver(port, encode(reply), mishap)

    async def _deliver(self, port: ReaderLine, reply: bytes, mishap: Mishap | None) -> Heard | None:
        """State 5: the ACK may be missing, and the next command may come instead of it."""
        await port.send_reply(reply, mishap)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.options.reply_ack
        while (heard := await port.next(deadline - loop.time())) is not None:
            match heard:
                case Control(ControlCode.ACK):
                    return None
                case Control(ControlCode.NAK):
                    await port.send(reply)
                    deadline = loop.time() + self.options.reply_ack
                case Command() | ClearLine() | Damaged():
                    return heard
                case _:
                    pass
        return None

    def _mishap(self, command: Command) -> Mishap | None:
        for waiting in self._mishaps:
            if waiting[1] in ("", command.mnemonic):
                self._mishaps.remove(waiting)
                return waiting[0]
        return None

    # The commands

    async def _execute(self, command: Command) -> Reply:
        self.executed.append(command.mnemonic)
        try:
            px, data = await self._answer(command)
        except Refusal as refusal:
            return NegativeReply(command.cm, command.pm, refusal.error, refusal.data)
        return PositiveReply(command.cm, px, self._transport.position, data)

    async def _answer(self, command: Command) -> tuple[str, bytes]:
        if not self._initialized and command.cm != "0":
            raise Refusal(ErrorCode.NOT_INITIALIZED)
        if (handler := self._handlers().get(command.cm)) is None:
            raise Refusal(ErrorCode.UNKNOWN_COMMAND)
        if (command.cm, command.pm) not in COMMANDS:
            raise Refusal(ErrorCode.BAD_PARAMETER)
        if command.cm == "I":
            return await self._chip.run(command.pm, command.data)
        return command.pm, await handler(command)

    def _handlers(self) -> dict[str, Callable[[Command], Awaitable[bytes]]]:
        return {
            "0": self._initialize,
            "1": self._status,
            "2": self._entry,
            "3": self._eject_or_capture,
            "4": self._retrieve,
            "5": self._ports,
            "6": self._read,
            "7": self._write,
            ":": self._enable,
            "=": self._absent,
            ">": self._levels,
            "@": self._contact,
            "A": self._revision,
            "C": self._counter,
            "I": self._absent,
            "K": self._absent,
            "T": self._watch_removal,
            "U": self._absent,
        }

    async def _initialize(self, command: Command) -> bytes:
        try:
            setup = Initialize.parse(command)
        except RemoteProtocolError:
            raise Refusal(ErrorCode.BAD_DATA) from None
        transport = self._transport
        self._chip.off()
        transport.stop()
        transport.slot = Slot.DISABLED
        transport.forget_tracks()
        transport.fault = None
        transport.counts_captures = setup.move.counts
        transport.pull_out_is_error = setup.pull_out_in_capture_is_error
        self._power_down = setup.power_down
        await transport.off_chip()
        await asyncio.sleep(self.options.self_test)
        self._initialized = True
        if transport.card is not None:
            match setup.move:
                case InitialMove.TO_GATE | InitialMove.TO_GATE_COUNTED:
                    await transport.to_gate()
                case InitialMove.CAPTURE | InitialMove.CAPTURE_COUNTED:
                    await transport.to_box()
                case InitialMove.KEEP_INSIDE | InitialMove.KEEP_INSIDE_COUNTED:
                    await transport.back_inside()
                case InitialMove.DO_NOT_MOVE:
                    pass
        return self.options.type_code.encode() if setup.report_type else b""

    async def _status(self, command: Command) -> bytes:
        if command.pm != "3" and (fault := self._transport.fault) is not None:
            raise Refusal(fault)
        sensors = self._transport.sensors().encode()
        return {"0": b"", "1": sensors[1:2]}.get(command.pm, sensors)

    async def _entry(self, command: Command) -> bytes:
        if self._transport.card is not None:
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        if command.pm == "2":
            await asyncio.sleep(10.0)
            raise Refusal(ErrorCode.NO_REAR_INSERTION)
        await self._transport.take_in_when_offered(Slot.ANY if command.pm == "0" else Slot.MAGNETIC)
        return b""

    async def _eject_or_capture(self, command: Command) -> bytes:
        transport = self._transport
        if command.pm == "0" and command.data not in (b"", *_PROTRUSIONS):
            raise Refusal(ErrorCode.BAD_DATA)
        self._require_movable_card()
        if transport.place is Place.GATE and self.options.strict:
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        if command.pm == "1":
            await transport.to_box()
        elif transport.place is not Place.GATE:
            await transport.to_gate()
        return b""

    async def _retrieve(self, command: Command) -> bytes:
        self._require_movable_card()
        if self._transport.place is Place.GATE:
            await self._transport.back_inside()
        return b""

    async def _ports(self, command: Command) -> bytes:
        if command.pm == "8":
            return b"\x30"
        if command.data[:1] not in (b"0", b"1", b"2", b"3", b"4") or len(command.data) > 2:
            raise Refusal(ErrorCode.BAD_DATA)
        return b""

    async def _read(self, command: Command) -> bytes:
        transport, pm = self._transport, command.pm
        if pm == "6":
            transport.forget_tracks()
            return b""
        if self.card_inside is None:
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        if pm == "7":
            encoded = (number in transport.tracks or _is_encoded(transport, number) for number in (1, 2, 3))
            return "".join("01"[each] for each in encoded).encode()
        is_buffered = pm in "123"
        number = "_123".find(pm) if is_buffered else "_9:;".find(pm)
        if not is_buffered or number not in {**transport.tracks, **transport.track_errors}:
            self._require_movable_card()
            await asyncio.sleep(self.options.reread)
            transport.read_stripe()
        if pm == "0":
            return b""
        if (error := transport.track_errors.get(number)) is not None:
            if error is ErrorCode.PARITY and is_buffered:
                self._require_movable_card()
                await asyncio.sleep(self.options.reread * 5)
            raise Refusal(error, b"" if is_buffered else transport.before_the_error(number))
        return transport.tracks[number].encode("ascii")

    async def _write(self, command: Command) -> bytes:
        """A read-only unit has no use for the write mode, but takes the one of low coercivity."""
        if command.pm != "0":
            raise Refusal(ErrorCode.OPTION_ABSENT)
        if command.data != b"00":
            raise Refusal(ErrorCode.BAD_PARAMETER)
        return b""

    async def _enable(self, command: Command) -> bytes:
        self._transport.slot = {"0": Slot.ANY, "1": Slot.DISABLED, "2": Slot.MAGNETIC}[command.pm]
        self._scene.changed()
        return b""

    async def _contact(self, command: Command) -> bytes:
        if command.pm == "2":
            self._chip.off()
            await self._transport.off_chip()
            return b""
        self._require_movable_card()
        if self._transport.place is Place.GATE:
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        await self._transport.to_chip()
        return b""

    async def _revision(self, command: Command) -> bytes:
        if command.pm == "0":
            raise Refusal(ErrorCode.BAD_PARAMETER)
        return self.options.firmware.encode()

    async def _counter(self, command: Command) -> bytes:
        transport = self._transport
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
        if self.card_inside is not None:
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        await self._transport.until_taken(seconds)
        return b""

    async def _levels(self, command: Command) -> bytes:
        """Four sensors, all in good order: 3.8 V, 2.5 V with the weak LED, 100 %."""
        return {"0": b"<0" * 4, "1": b"80" * 4, "2": b"\x64" * 4}.get(command.pm, b"")

    async def _absent(self, command: Command) -> bytes:
        raise Refusal(ErrorCode.OPTION_ABSENT)

    def _require_movable_card(self) -> None:
        """Commands that move a card need one that is off the chip contact."""
        if self._transport.card is None:
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        if self._transport.place is Place.CHIP:
            raise Refusal(ErrorCode.CONTACT_SET)


def _is_encoded(transport: Transport, number: int) -> bool:
    return transport.track_errors.get(number) is ErrorCode.PARITY


def _two_digits(data: bytes) -> int:
    if len(data) != 2 or not data.isdigit():
        raise Refusal(ErrorCode.BAD_DATA)
    return int(data)
