"""A Sankyo ICT3Q8 motorised card reader: its handshake (ASL-NP-09256-01, section 3), its mains and its faults."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import partial

from protocol.sankyo_ict3q8 import CLEAR_LINE, ClearLine, Command, NegativeReply, Reply, encode
from protocol.sankyo_ict3q8_codes import ErrorCode, error_meaning
from protocol.sankyo_ict3q8_initialize import DsrWatch, OnPowerDown
from protocol.sankyo_ict3q8_status import Barrier
from protocol.wire import ACK, NAK, Control, ControlCode, Damaged
from simulators.devices.sankyo_ict3q8_chip import ABORTS
from simulators.devices.sankyo_ict3q8_commands import Commands, on_backup_power
from simulators.devices.sankyo_ict3q8_line import Heard, Mishap, ReaderLine
from simulators.devices.sankyo_ict3q8_options import Motion, Place, SankyoIct3q8Options, Shutter, Slot
from simulators.world.cards import VirtualCard
from simulators.world.chip import VirtualChip
from simulators.world.custody import Custody
from simulators.world.fault_options import Whole
from simulators.world.faults import Ailment, FaultRefused
from simulators.world.line import LineEnd
from simulators.world.scene import Scene

_WRITES = ("C71", "C72", "C73", "C79")
_DEAF = "C>3"
"""While it writes its F-ROM the reader hears nothing, not even DLE EOT."""


class SankyoIct3q8:
    """The reader, what a person can do before it, and what can go wrong with it."""

    def __init__(
        self,
        *,
        scene: Scene,
        options: SankyoIct3q8Options | None = None,
        sams: Mapping[int, VirtualChip] | None = None,
    ) -> None:
        """`sams` by socket, from 0; without them the first `options.sams` sockets hold SAMs without applications."""
        self.options = options or SankyoIct3q8Options()
        chips = sams or {socket: VirtualChip([]) for socket in range(self.options.sams)}
        self._commands = Commands(scene, self.options, chips)
        self._transport = self._commands.transport
        self._scene = scene
        self._power = True
        self._work: asyncio.Task[Reply] | None = None
        self._working_on: Command | None = None
        self._offer: asyncio.Task[None] | None = None
        self._mishaps: list[tuple[Mishap, str]] = []
        self.executed: list[str] = []
        """The mnemonics of the commands the reader began to execute, in order."""

    # The person's hands and eyes

    def insert_card(self, card: VirtualCard, *, wrong_way: bool = False) -> bool:
        """Push a card into the slot. False when the shutter keeps it out; the card then stays in the hand."""
        stands_open = self._transport.shutter is Shutter.STUCK_OPEN
        return (self._power or stands_open) and self._transport.insert(card, wrong_way=wrong_way)

    def push_second_card(self, card: VirtualCard) -> None:
        """Force a card in while another one is inside: error 11, nothing moves until it is pulled out again."""
        self._transport.force_in(card)
        self._commands.close()

    def insert_from_rear(self, card: VirtualCard) -> None:
        """Push a card in from behind; unless the reader waits for that (`C22`) it is a forced movement, error 16."""
        self._transport.insert_from_rear(card)

    def take_card(self) -> VirtualCard | None:
        """Pull out the card at the gate, or hold on to one that is on its way in; None when there is none to grip."""
        return self._transport.pull_out()

    def hold_card(self) -> None:
        """The person grips the card at the slot and lets nobody move it, until `let_go` or `take_card`."""
        self._transport.held = True

    def let_go(self) -> None:
        """The person no longer holds the card, nor wants to snatch it."""
        self._transport.held = self._transport.snatched = False
        self._scene.changed()

    @property
    def card_at_gate(self) -> VirtualCard | None:
        """The card that stands out of the slot, to be taken."""
        return self._transport.at_gate

    @property
    def card_inside(self) -> VirtualCard | None:
        """The card in the transport, out of reach."""
        return self._transport.inside

    @property
    def card_in_slot(self) -> VirtualCard | None:
        """The card on its way in, which a person can still hold on to."""
        return self._transport.offered

    @property
    def takes_cards(self) -> bool:
        """Would a card be taken in now?"""
        return self._power and self._transport.accepts is not Slot.DISABLED

    @property
    def captured(self) -> tuple[VirtualCard, ...]:
        """The cards in the capture box."""
        return self._transport.cards.at(Place.BOX)

    @property
    def cards(self) -> Custody[VirtualCard]:
        """Every card this reader ever saw, each in exactly one `Place`."""
        return self._transport.cards

    # The service

    def empty_bin(self) -> list[VirtualCard]:
        """Take the cards out of the capture box; the retract counter is the host's business."""
        return self._transport.empty_box()

    def clear_path(self) -> list[VirtualCard]:
        """Open the reader and take out every card that is stuck in it or fell out behind it."""
        return self._transport.clear_path()

    def set_box(self, present: bool) -> None:
        """Take the capture box out with what is in it, or put it back."""
        self._transport.box = present
        self._scene.changed()

    def set_inputs(self, bits: int) -> None:
        """IN1 (bit 0) to IN4."""
        self._commands.ports.inputs = bits

    # Faults

    def fail_next(self, motion: Motion, error: str = ErrorCode.JAM, times: int = 1) -> None:
        """The next such movements fail, and the card stays where it was."""
        self._transport.failing.setdefault(motion, []).extend([error] * times)

    def stick_shutter(self, shutter: Shutter) -> None:
        """Closed: no card comes in or out. Open: a card can be pushed in at any time, but nobody takes it."""
        self._transport.shutter = shutter
        self._scene.changed()

    def force_card(self) -> None:
        """Somebody moves the card inside by force: error 16 until it is captured or the reader initialised."""
        self._transport.fault = ErrorCode.CARD_FORCED
        self._scene.changed()

    def dirty_sensor(self, barrier: Barrier, percent: int) -> None:
        """A light barrier gives so much of its level; below 30 no card is moved any more (error 12)."""
        self._transport.levels[barrier] = percent

    def dirty_head(self, dirty: bool = True) -> None:
        """No stripe can be read or written."""
        self._transport.head.dirty = dirty

    def fail_reads(self, track: int, error: str | None) -> None:
        """This track ends with an error whatever is on it; None: no longer."""
        self._transport.head.failing_reads.pop(track, None)
        if error is not None:
            self._transport.head.failing_reads[track] = error

    def fail_next_write(self, track: int, error: str = ErrorCode.WRITE_QUALITY) -> None:
        """The next write of this track ends badly; the stripe keeps what stood on it."""
        self._transport.head.failing_writes.setdefault(track, []).append(error)

    def fail_chip_next(self, error: str = ErrorCode.CHIP_TIMEOUT) -> None:
        """The next reset of or exchange with the card's chip fails with error 60 to 66 or 69."""
        self._commands.chips.card.failing.append(error)

    def mute_chip(self, mute: bool) -> None:
        """No chip answers, neither to a reset nor in an exchange."""
        self._commands.chips.card.mute = mute

    def break_contact(self, broken: bool) -> None:
        """The contact does not reach the chip (error 43): only the stripe can be read."""
        self._transport.contact_broken = broken

    def snatch_at_next_pull(self) -> None:
        """Somebody pulls the card out at the moment the reader begins to pull it back in."""
        self._transport.snatched = True

    def abort_chip_next(self) -> None:
        """In the next exchange the chip sends S(ABORT)."""
        self.fail_chip_next(ABORTS)

    def disturb(self, mishap: Mishap, mnemonic: str = "") -> None:
        """The next handshake goes wrong, of any command or of the one with this mnemonic (`C30`)."""
        self._mishaps.append((mishap, mnemonic))

    def ailments(self) -> dict[str, Ailment]:
        """What can go wrong with it, by the fault's id."""
        works = partial(self.stick_shutter, Shutter.WORKS)
        return {
            "C10": Ailment(lambda: self.stick_shutter(Shutter.STUCK_OPEN), works),
            "C11": Ailment(lambda: self.stick_shutter(Shutter.STUCK_CLOSED), works),
            "C16": Ailment(self._jam, self._unjam, {"times": Whole(1, 100, usual=4)}),
            "C17": Ailment(self.hold_card, self.let_go),
            "C18": Ailment(self.snatch_at_next_pull, self.let_go),
            "C19": Ailment(lambda: self.mute_chip(True), lambda: self.mute_chip(False)),
            "C20": Ailment(lambda: self.break_contact(True), lambda: self.break_contact(False)),
            "G3": Ailment(self._second_card, lambda: None),
        }

    def _jam(self, motion: Motion = Motion.EJECT, times: int = 1) -> None:
        self.fail_next(motion, ErrorCode.JAM_AT_RETRIEVE if motion is Motion.RETRIEVE else ErrorCode.JAM, times)

    def _unjam(self) -> None:
        self._transport.failing.clear()

    def _second_card(self) -> None:
        if self._transport.card is None:
            raise FaultRefused("there is no first card in the reader")
        self.push_second_card(VirtualCard("second card"))

    # Mains and modem lines

    def power_off(self, *, backup: bool = True) -> None:
        """Mains fail: a card inside goes where the last Initialize said; all else is forgotten.

        A command in progress ends with error 30, the last thing the reader says. Without `backup` power nothing is
        carried any more: a card that is being ejected or retrieved stops in the throat.
        """
        if not self._power:
            return
        transport, setup = self._transport, self._commands.setup
        stops_in_throat = transport.stops_in_throat
        busy = self._work is not None and not self._work.done()
        writing = busy and self._working_on is not None and self._working_on.mnemonic in _WRITES
        self._power = False
        if self._work is not None and not (writing and backup and setup.finish_write_at_power_down):
            self._work.cancel()
        self._commands.power_cut()
        if not backup:
            if stops_in_throat:
                transport.put(Place.THROAT)
            elif transport.place is Place.CHIP:
                transport.put(Place.INSIDE)
            return
        to = on_backup_power(setup.power_down, writing=writing)
        if transport.place is not Place.GATE:
            transport.put(to or Place.INSIDE)
        if setup.power_down is OnPowerDown.OFFER_THEN_CAPTURE and transport.card is not None:
            self._offer = asyncio.get_running_loop().create_task(self._offer_then_capture())

    def power_on(self) -> None:
        """Mains return: Initialize must be the first command."""
        if self._offer is not None:
            self._offer.cancel()
        if not self._power:
            self._commands.wake_up()
        self._power = True
        self._scene.changed()

    def restart(self) -> None:
        """The reader resets itself, as at the I/F RST line; cards stay where backup power carries them."""
        self.power_off()
        self.power_on()

    async def brown_out(self) -> None:
        """The supply sinks: an active chip's contact is held for a while, and status says error 30; then it is off."""
        if self._commands.chips.is_on:
            self._commands.failing = True
            await asyncio.sleep(self.options.contact_hold)
        self.power_off()

    def set_dsr(self, on: bool) -> None:
        """The host's DSR goes off or on again; what that does, Initialize said. Not watched during a command."""
        self._commands.dsr_is_off = not on
        watch = self._commands.setup.dsr_watch
        busy = self._work is not None and not self._work.done()
        if on or busy or not self._commands.initialized or watch is DsrWatch.AT_POWER_ON_ONLY:
            return
        self._commands.close()
        if self._transport.card is not None:
            self._transport.put(Place.GATE if watch is DsrWatch.EJECT else Place.INSIDE)

    def snapshot(self) -> dict[str, str]:
        """For the workbench."""
        transport = self._transport
        fault, card = transport.fault, transport.card
        return {
            "power": "on" if self._power else "off",
            "card": "none" if card is None else f"{card.label}, {transport.place}",
            "slot": transport.accepts if self._commands.initialized else "not initialised",
            "chip": "on" if self._commands.chips.is_on else "off",
            "error": "none" if fault is None else f"{fault} {error_meaning(fault, self.options.dialect)}",
            "captured": f"{len(self.captured)} in the box, counter {transport.captures}",
            "passes": str(transport.passes),
        }

    # The handshake

    async def serve(self, line: LineEnd) -> None:
        """Speak on this line until it goes down or the task is cancelled. A command outlives the line it came by."""
        port = ReaderLine(line, self.options.gap)
        with suppress(ConnectionError):
            heard = None
            if self._work is not None and not self._work.done() and self._working_on is not None:
                heard = await self._finish(port, self._working_on, self._work, None)
            while True:
                heard = heard or await port.next(None)
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
        self.executed.append(command.mnemonic)
        self._working_on = command
        self._work = asyncio.get_running_loop().create_task(self._commands.execute(command))
        return await self._finish(port, command, self._work, mishap)

    async def _finish(
        self, port: ReaderLine, command: Command, work: asyncio.Task[Reply], mishap: Mishap | None
    ) -> Heard | None:
        try:
            stopped = await port.stopped_by_dle_eot(work, deaf=command.mnemonic == _DEAF)
        except asyncio.CancelledError:
            work.cancel()
            raise
        if stopped:
            work.cancel()
            if command.cm == "I":
                self._commands.chips.off()
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

    async def _offer_then_capture(self) -> None:
        """On backup power: the card stands at the gate for a while, then goes into the box."""
        await asyncio.sleep(self.options.offer_at_power_down)
        if self._transport.place is Place.GATE and not self._transport.held:
            self._transport.drop_into_box()
