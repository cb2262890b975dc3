"""A SZZT ZT588 / ZT598 encrypting PIN pad, as a host and a customer's finger meet it.

It accepts what any of the known drivers in the field sends; where they expect different answers, an option decides.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from protocol.szzt_zt598 import SZZT_ZT598, Command, Reply
from protocol.szzt_zt598_tables import Action, Opcode, Parameter, Rtn, Tag
from simulators.devices.szzt_zt598_commands import SM_COMMANDS, USES_KEYS, Commands
from simulators.devices.szzt_zt598_faults import Fault, Late, ReplyFault, spoilt
from simulators.devices.szzt_zt598_keypad import Keypad, KeypadMode
from simulators.devices.szzt_zt598_options import BatteryState, CommandSet, SzztZt598Options, UnknownCommand
from simulators.devices.szzt_zt598_refusal import PadRefuses
from simulators.devices.szzt_zt598_vault import Vault
from simulators.world.fault_options import Whole
from simulators.world.faults import Ailment
from simulators.world.line import LineEnd
from simulators.world.mailbox import Mailbox
from simulators.world.scene import Scene

__all__ = ["BatteryState", "KeypadMode", "Late", "ReplyFault", "SzztZt598", "SzztZt598Options"]


@dataclass(frozen=True, slots=True)
class _Answered:
    """The last command that must not be carried out twice, and its reply."""

    frame: bytes = field(repr=False)
    reply: Reply
    until: float


_RESET, _WIPE = (b"%c%02X" % (Parameter.ACTION, action) for action in (Action.RESET, Action.WIPE))
_NEWER = (Opcode.PAD_ID, Opcode.RANDOM, Opcode.INSTALLATION_STATE, Opcode.CLEAR_INSTALLATION_FLAG, *SM_COMMANDS)
_ALWAYS_ANSWERED = (Opcode.INFORMATION, Opcode.PAD_ID, Opcode.INSTALLATION_STATE)
# A host repeats a frame whose reply it missed: these would do harm when carried out again.
_REMEMBERED = (*USES_KEYS, Opcode.AUTHENTICATE)


class SzztZt598:
    """The pad. `keys` (slot: key and tag), `sm4_keys` and `uid` are those of a commissioned one."""

    def __init__(
        self,
        *,
        scene: Scene,
        entropy: Callable[[int], bytes],
        keys: Mapping[int, tuple[bytes, Tag]] | None = None,
        sm4_keys: Mapping[int, bytes] | None = None,
        uid: bytes | None = None,
        options: SzztZt598Options | None = None,
    ) -> None:
        self._scene = scene
        self._options = options = options or SzztZt598Options()
        self._vault = Vault(
            keys=keys or {},
            sm4_keys=sm4_keys or {},
            uid=uid,
            entropy=entropy,
            proof=options.proof,
            failures_allowed=options.failures_allowed,
            checks_parity=options.checks_parity,
        )
        self._keypad = Keypad(
            send=self._send_key,
            changed=scene.changed,
            pin_lifetime=options.pin_lifetime,
            debounce=options.debounce,
            key_hold=options.key_hold,
        )
        self._commands = Commands(self._vault, self._keypad, options)
        self._powered = True
        self._starts = 0
        self._waking: asyncio.TimerHandle | None = None  # while silent after a reset
        self._held: Command | None = None
        self._tampered = False
        self._mounted = True
        self._battery = options.battery
        self._key_delay = 0.0
        self._answered: _Answered | None = None
        self._faults: dict[Opcode, list[Fault]] = {}
        self._outgoing: Mailbox[bytes] | None = None

    # --- the line

    async def serve(self, line: LineEnd) -> None:
        """Be the pad on this line until cancelled or the line goes down."""
        self._outgoing = outgoing = Mailbox[bytes]()
        sender = asyncio.create_task(_send_all(outgoing, line))
        try:
            await self._listen(line)
        except ConnectionError:
            pass
        finally:
            sender.cancel()
            self._outgoing = None

    async def _listen(self, line: LineEnd) -> None:
        decoder = SZZT_ZT598.from_host()
        while True:
            try:
                async with asyncio.timeout(self._options.gap if decoder.pending else None):
                    events = decoder.feed(await line.receive())
            except TimeoutError:
                events = decoder.give_up()
            for event in events:
                if not isinstance(event, Command) or not self._powered:
                    continue
                if self._awake:
                    await asyncio.sleep(self._options.processing)
                    await self._answer_in_time(event)
                else:
                    self._held = event

    async def _answer_in_time(self, command: Command) -> None:
        fault, starts = self._next_fault(command), self._starts
        reply = self._reply(command, fault)
        if isinstance(fault, Late):
            await asyncio.sleep(fault.seconds)
            if self._starts != starts:
                return
        self._send(spoilt(reply, fault))

    @property
    def _awake(self) -> bool:
        return self._powered and self._waking is None

    def _next_fault(self, command: Command) -> Fault | None:
        opcode = _known(command.opcode)
        waiting = self._faults.get(opcode) if opcode else None
        return waiting.pop(0) if waiting else None

    def _reply(self, command: Command, fault: Fault | None) -> bytes:
        """Carry a command out, unless it is a repetition; returns the frame of the reply, empty for silence."""
        now = asyncio.get_running_loop().time()
        opcode = _known(command.opcode)
        if opcode in _NEWER and self._options.commands is CommandSet.BASE:
            opcode = None
        if isinstance(fault, Rtn):
            reply = Reply(fault)
        elif opcode is None and self._options.unknown_commands is UnknownCommand.SILENT:
            return b""
        elif self._answered is not None and self._answered.frame == command.raw and now < self._answered.until:
            reply = self._answered.reply
        else:
            reply = self._execute(opcode, command.data)
            self._answered = None
            if opcode in _REMEMBERED and not reply.is_error:
                self._answered = _Answered(command.raw, reply, now + self._options.repeat_window)
        return reply.encode(counted=self._options.long_replies_counted)

    def _execute(self, opcode: Opcode | None, data: bytes) -> Reply:
        try:
            if opcode is None:
                raise PadRefuses(Rtn.PARAMETER)
            self._check_readiness(opcode, data)
            answer = self._commands.execute(opcode, data)
        except PadRefuses as refusal:
            return Reply(refusal.rtn)
        if opcode is Opcode.CONTROL and data in (_RESET, _WIPE):
            self._tampered = False
            self._fall_silent()
        return Reply(opcode.success, answer)

    def _check_readiness(self, opcode: Opcode, data: bytes) -> None:
        if opcode in _ALWAYS_ANSWERED:
            return
        if not self._mounted:
            raise PadRefuses(Rtn.REMOVED)
        mends = opcode is Opcode.CLEAR_INSTALLATION_FLAG or (opcode is Opcode.CONTROL and data == _WIPE)
        if self._tampered and not mends:
            raise PadRefuses(Rtn.TAMPERED)
        if self._battery is not BatteryState.GOOD and opcode in (*USES_KEYS, Opcode.AUTHENTICATE):
            raise PadRefuses(Rtn.BATTERY_LOW)

    def _send(self, data: bytes) -> None:
        """Bytes leave in order; with no line they are lost."""
        if self._outgoing is not None and data:
            self._outgoing.put(data)

    def _send_key(self, code: int) -> None:
        if self._key_delay:
            asyncio.get_running_loop().call_later(self._key_delay, self._send, bytes([code]))
        else:
            self._send(bytes([code]))

    def _fall_silent(self) -> None:
        if self._waking is not None:
            self._waking.cancel()
        self._held = None
        self._waking = asyncio.get_running_loop().call_later(self._options.silence, self._wake_up)

    def _wake_up(self) -> None:
        """The last command of the silence is answered now: some hosts do not wait before they go on."""
        self._waking = None
        held, self._held = self._held, None
        if held is not None and self._powered:
            fault = self._next_fault(held)
            self._send(spoilt(self._reply(held, fault), fault))

    # --- what a person, or the world, can do to it

    def press(self, key: str) -> None:
        """Press a key: "0" to "9", "00", ".", "enter", "cancel", "clear" (= "backspace"), "f1" to "f8"."""
        if self._listens_to_fingers:
            self._keypad.press(key)

    def mash(self, *keys: str) -> None:
        """Several keys in one instant (none given: all digits, then enter); the keypad sees what `debounce` lets it."""
        for key in keys or (*"1234567890", "enter"):
            self.press(key)

    def stick(self, key: str) -> None:
        """A key is pressed and does not come up again: it counts once, and keeps others from being seen."""
        if self._listens_to_fingers:
            self._keypad.hold(key)

    def unstick(self) -> None:
        """The key comes up."""
        self._keypad.release()

    @property
    def _listens_to_fingers(self) -> bool:
        return self._awake and not self._tampered and self._mounted

    def tamper(self) -> None:
        """Drill into the case: keys and PIN are erased at once, and only a wipe brings the pad back."""
        self._tampered = True
        self._answered = None
        self._vault.erase()
        self._keypad.off()

    def lift(self) -> None:
        """Take the pad out of the kiosk: its removal switch opens, which is tampering."""
        self._mounted = self._commands.installed = False
        self.tamper()

    def mount(self) -> None:
        """Put the pad back into the kiosk."""
        self._mounted = True
        self._scene.changed()

    def commission(self) -> None:
        """Staff put it into service as it was at first; one that was opened is replaced by such a pad."""
        self._tampered, self._mounted, self._commands.installed = False, True, True
        self._battery = self._options.battery
        self._answered = None
        self._vault.commission()
        self._scene.changed()

    def lose_keys(self, *slots: int) -> None:
        """The keys in these slots are gone (none given: all of them); the UID stays, and nothing is tampered with."""
        self._answered = None
        self._vault.lose_keys(*slots)
        self._scene.changed()

    def battery(self, state: BatteryState) -> None:
        """The state of the battery that keeps the keys: without power, an empty one loses them."""
        self._battery = state
        if not self._powered:
            self._lose_what_the_battery_kept()
        self._scene.changed()

    def _lose_what_the_battery_kept(self) -> None:
        if self._battery is BatteryState.EMPTY:
            self._vault.erase()

    def power_cut(self) -> None:
        """Power fails for an instant, as when the pad resets itself: it is silent a while, then as after `power_on`."""
        self.power_off()
        self.power_on()

    def power_off(self) -> None:
        """Unplug: the PIN, the keypad mode and the authentication are lost, keys and controls stay."""
        self._powered = False
        self._starts += 1
        self._commands.forget_volatile()
        self._answered = self._held = None
        self._lose_what_the_battery_kept()

    def power_on(self) -> None:
        """Plug in."""
        self._powered = True
        self._fall_silent()
        self._scene.changed()

    def fail_next(self, opcode: Opcode, *faults: Fault) -> None:
        """Have the next replies to `opcode` spoilt, one fault each; an Rtn refuses the command instead."""
        self._faults.setdefault(opcode, []).extend(faults)

    def answer_late(self, opcode: Opcode, seconds: float) -> None:
        """Have the next reply to `opcode` come late; commands that arrive in between wait."""
        self.fail_next(opcode, Late(seconds))

    def delay_keys(self, seconds: float) -> None:
        """From now on key bytes reach the line so much later than the keys are pressed (0: at once)."""
        self._key_delay = seconds

    @property
    def beeps(self) -> int:
        """How many beeps were heard since the pad was made."""
        return self._keypad.beeps

    @property
    def listening(self) -> bool:
        """A key that is pressed now does something."""
        return self._keypad.mode is not KeypadMode.OFF

    @property
    def mode(self) -> KeypadMode:
        """What the keys are good for now."""
        return self._keypad.mode

    def ailments(self) -> dict[str, Ailment]:
        """What can go wrong with it, by the fault's id."""

        def be_tampered_with(lifted: bool = False) -> None:
            if lifted:
                self.lift()
            else:
                self.tamper()

        def lose_key(slot: int | None = None) -> None:
            self.lose_keys(*([] if slot is None else [slot]))

        return {
            "C23": Ailment(be_tampered_with, self.mount),
            "C24": Ailment(lose_key, limits={"slot": Whole(0, 0xFF)}),
        }

    def snapshot(self) -> dict[str, str]:
        """The pad in a few words; digits only ever as stars."""
        state = "ready"
        if not self._powered:
            state = "no power"
        elif not self._mounted:
            state = "removed"
        elif self._tampered:
            state = "tampered"
        elif self._battery is not BatteryState.GOOD:
            state = f"battery {self._battery}"
        return {
            "state": state,
            "keypad": self._keypad.mode.value,
            "PIN": "*" * self._keypad.digits,
            "keys": self._vault.contents,
            "authenticated": "yes" if self._vault.authenticated else "no",
            "beeps": str(self._keypad.beeps),
        }


def _known(code: int) -> Opcode | None:
    try:
        return Opcode(code)
    except ValueError:
        return None


async def _send_all(outgoing: Mailbox[bytes], line: LineEnd) -> None:
    try:
        while True:
            await line.send(await outgoing.take())
    except ConnectionError:
        return
