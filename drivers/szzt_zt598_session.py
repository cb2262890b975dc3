"""The conversation with a SZZT ZT598: commands and their repetition, authentication, and the keys between frames."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from drivers.exchange import Exchange, ExchangeFailed, Handshake
from drivers.interfaces import CompletionCode, DeviceError, ErrorCode, KeyAlgorithm
from drivers.link import Link
from drivers.szzt_zt598_errors import PadRefused
from protocol.keys import Cipher, decrypt, encrypt
from protocol.szzt_zt598 import SZZT_ZT598, Command, FromPad, KeyByte, Reply, from_hex, split
from protocol.szzt_zt598_commands import authenticate, control, random_number
from protocol.szzt_zt598_tables import (
    REPLIES,
    AuthenticationStep,
    HexMode,
    KeyCode,
    LengthCoding,
    Opcode,
    Parameter,
    PinDialect,
    Rtn,
)
from protocol.wire import Event, Noise, RemoteProtocolError


class Authentication(StrEnum):
    """How often the pad wants the three steps: before each use of a key; or once.

    Each use is proved with the key about to be used, once with the master key.
    """

    EACH_USE = "each use"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class SzztZt598Options:
    """How one pad was initialised and which dialect it speaks; times in seconds.

    `uid` is shared with the pad and proves both to each other. `algorithm` is that of the working keys; SM4 keys are
    loaded under `sm4_master_slot`, while the DES key in `master_slot` proves who asks. `key_hold` (0 to 15) is after
    how many seconds a key that is held no longer blocks the others. `silence` follows a reset; `quiet` ends a
    burst of bytes that can't be read; after `late` no reply to an earlier sending is to be expected any more.
    """

    name: str = "SZZT ZT598"
    uid: bytes = field(default=b"\x88" * 16, repr=False)
    master_slot: int = 0x20
    pin_slot: int = 0x30
    mac_slot: int = 0x31
    data_slot: int = 0x32
    algorithm: KeyAlgorithm = KeyAlgorithm.TDES
    sm4_master_slot: int = 0x01
    dialect: PinDialect = PinDialect.JC
    authentication: Authentication = Authentication.EACH_USE
    lengths: LengthCoding = LengthCoding.BCD
    key_hold: int = 3
    reply_timeout: float = 3.0
    sends: int = 3
    silence: float = 5.0
    quiet: float = 0.05
    late: float = 0.2

    def __post_init__(self) -> None:
        if len(self.uid) not in (8, 16, 24):
            raise ValueError(f"the UID has 8, 16 or 24 bytes, not {len(self.uid)}")
        if not 0 <= self.key_hold <= 15:
            raise ValueError(f"a key-hold time of {self.key_hold} s: 0 to 15 can be told to the pad")
        if self.sends < 1 or self.reply_timeout <= 0:
            raise ValueError("sends must be 1 or more, and reply_timeout more than 0")
        if self.quiet <= 0:
            raise ValueError("quiet must be more than 0 seconds")
        if not all(0 <= slot <= 0xFF for slot in (self.master_slot, self.pin_slot, self.mac_slot, self.data_slot)):
            raise ValueError("a key slot is 0 to 255")
        if len({self.pin_slot, self.mac_slot, self.data_slot}) < 3:
            raise ValueError("PIN, MAC and data key need a slot each")


# How firmwares refuse a command that they don't have.
_NOT_KNOWN = (Rtn.COMMAND_LENGTH, Rtn.ILLEGAL_DATA, Rtn.INFORMATION_CODE, Rtn.PARAMETER, Rtn.OTHER)
_BELIEVED_SILENT = 2  # times without an answer: the first time, the pad may just have been resetting itself
_BABBLE_LIMIT = 2.0  # seconds after which a line that never falls silent is used all the same


class NoAnswer(DeviceError):
    """The line is there, and the pad says nothing on it."""


class PadSession:
    """Asks one pad, one command at a time. Every method may raise DeviceError."""

    def __init__(self, link: Link, options: SzztZt598Options) -> None:
        self._options = options
        handshake = Handshake(ack=options.quiet, acknowledged=False, acknowledge_reply=False)
        self._exchange: Exchange[FromPad] = Exchange(link, SZZT_ZT598.from_device(), handshake)
        self._asked = Opcode.INFORMATION
        self._authenticated = False
        self._unanswered: Counter[bytes] = Counter()  # how often the frames of `ask_if_known` got no answer
        self._in_step = True  # no reply to an earlier command can come any more

    async def ask(self, command: Command) -> bytes:
        """Send until a valid reply comes; returns its data. Raises DeviceError."""
        await self._catch_up()
        opcode = Opcode(command.opcode)
        asked_at = asyncio.get_running_loop().time()
        answer, sends, unanswered = await self._sent(command, lambda message: _answers(message, opcode))
        await self._outlast(unanswered, asyncio.get_running_loop().time() - asked_at + self._options.late)
        if sends > 1:
            await self.until_quiet(self._options.late)
        self._in_step = True
        return self._accepted(opcode, answer)

    async def ask_for_keys(self, command: Command) -> KeyCode | None:
        """A command that lets keys through: the first key, should it overtake the reply. Raises DeviceError.

        Sent again because of a reply that was lost, the command would throw away what was typed in the meantime.
        """
        await self._catch_up()
        opcode = Opcode(command.opcode)
        answer, _, _ = await self._sent(command, lambda message: _answers(message, opcode) or _is_entry_key(message))
        self._in_step = True
        if isinstance(answer, KeyByte):
            return answer.code
        self._accepted(opcode, answer)
        return None

    async def ask_if_known(self, command: Command) -> bytes:
        """A command that not every firmware has: empty when it has not.

        Some refuse what they don't know, some say nothing; if the pad is gone, the next command tells.
        """
        frame = command.encode()
        if self._unanswered[frame] >= _BELIEVED_SILENT:
            return b""
        try:
            answer = await self.ask(command)
        except PadRefused as refusal:
            if refusal.rtn not in _NOT_KNOWN:
                raise
        except NoAnswer:
            self._unanswered[frame] += 1
        else:
            self._unanswered[frame] = 0
            return answer
        return b""

    def answers_again(self) -> None:
        """The pad was reset or away: what was not answered before may be now."""
        self._unanswered.clear()

    async def until_quiet(self, silence: float | None = None) -> None:
        """Throw away what comes until the line is silent (None: `quiet`), so that debris never passes for keys."""
        loop = asyncio.get_running_loop()
        limit = loop.time() + _BABBLE_LIMIT
        while loop.time() < limit and await self._receive(silence or self._options.quiet) is not None:
            pass

    async def _catch_up(self) -> None:
        """After a command that broke off or got no answer: outrun every reply to it that may still come.

        Replies don't say which command they answer. The pad works through its commands in order, and answers
        INFORMATION in every state as it answers nothing else: what comes before that answer is of the past. It may
        have been reset meanwhile, and have forgotten how it is to write hexadecimal data.
        """
        if self._in_step:
            return
        information = Opcode.INFORMATION
        await self._sent(Command(information), lambda message: _is_success(message, information))
        await self._sent(control(Parameter.LINE, HexMode.TRUE), lambda message: _answers(message, Opcode.CONTROL))
        self._in_step = True

    async def _outlast(self, replies: int, each: float) -> None:
        """Wait for so many replies that may be late, not lost: they would pass for the answer to the next command.

        A pad that is slow takes as long for each as it took for the first: `each`, in seconds.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + each
        while replies and (left := deadline - loop.time()) > 0:
            if isinstance(await self._receive(left), Reply):
                replies -= 1
                deadline = loop.time() + each

    async def next_key(self, deadline: float) -> KeyCode | None:
        """The next key, or None when `deadline` (loop time) has passed."""
        loop = asyncio.get_running_loop()
        while (left := deadline - loop.time()) > 0:
            event = await self._receive(left)
            match event:
                case None:
                    return None
                case KeyByte(code):
                    return code
                case Reply() as late:
                    self._accepted(self._asked, late)
                case Noise(raw) if not raw.strip(b"\0"):
                    pass  # some pads send 00 between keys
                case _:
                    await self.until_quiet()
        return None

    async def _sent(self, command: Command, is_answer: Callable[[FromPad], bool]) -> tuple[FromPad, int, int]:
        """The answer, how often the command was sent for it, and how many of these sendings got no reply at all.

        Between two sendings the line falls silent.
        """
        loop = asyncio.get_running_loop()
        self._asked = Opcode(command.opcode)
        self._in_step = False
        cause, unanswered = "", 0
        late: list[FromPad] = []  # an answer that came just before the command was sent again

        def aside(event: Event[FromPad]) -> None:
            if sends > 1 and isinstance(event, Reply) and is_answer(event):
                late.append(event)

        for sends in range(1, self._options.sends + 1):
            timeout, begun = self._options.reply_timeout, loop.time()
            try:
                answer = await self._exchange.request(command.encode(), is_answer, timeout=timeout, aside=aside)
            except ExchangeFailed as failure:
                cause = str(failure)
                unanswered += loop.time() - begun >= timeout
                if late:
                    return late[0], sends, unanswered - len(late)
            except ConnectionError as failure:
                raise self._line_down(failure) from failure
            else:
                return answer, sends, unanswered
        await self.until_quiet(self._options.late)
        raise NoAnswer(
            self._options.name,
            CompletionCode.DEVICE_NOT_READY,
            f"{self._asked.name.lower().replace('_', ' ')} was sent {self._options.sends} times: {cause}",
            remedy="Check the pad's power and cable, and the line settings",
        )

    def _accepted(self, opcode: Opcode, reply: FromPad) -> bytes:
        assert isinstance(reply, Reply)
        if reply.is_error:
            raise PadRefused(self._options.name, opcode, reply.rtn)
        return reply.data

    async def _receive(self, timeout: float) -> Event[FromPad] | None:
        try:
            return await self._exchange.receive(timeout)
        except ConnectionError as failure:
            raise self._line_down(failure) from failure

    # --- authentication

    def forget_authentication(self) -> None:
        """The pad was reset, and has forgotten it too."""
        self._authenticated = False

    async def authenticate(self, slot: int) -> None:
        """Prove knowledge of the UID, and have the pad prove the same. Raises DeviceError."""
        random = self.hex_of(Opcode.AUTHENTICATE, await self.ask(random_number()))
        challenge = self.hex_of(Opcode.AUTHENTICATE, await self.ask(authenticate(slot, random)))
        if len(challenge) % 8:
            raise self.error(CompletionCode.HARDWARE_ERROR, f"a challenge of {len(challenge)} bytes")
        proof = encrypt(Cipher.TDES, self._options.uid, challenge)
        answer = self.hex_of(Opcode.AUTHENTICATE, await self.ask(authenticate(AuthenticationStep.PROVE, proof)))
        uid = self._options.uid
        if answer not in (encrypt(Cipher.TDES, uid, proof), decrypt(Cipher.TDES, uid, proof)):  # pads differ in which
            raise self.error(
                CompletionCode.FRAUD_ATTEMPT,
                "the pad could not prove that it knows the UID",
                remedy="Check that this is the pad that was initialised for this kiosk",
            )
        self._authenticated = True

    async def authenticate_for(self, slot: int) -> None:
        """What the pad wants before the key in `slot` is used."""
        if self._options.authentication is Authentication.EACH_USE:
            await self.authenticate(slot)
        elif not self._authenticated:
            await self.authenticate(self._options.master_slot)

    async def ask_protected(self, command: Command, slot: int) -> bytes:
        """A command that uses the key in `slot`."""
        await self.authenticate_for(slot)
        try:
            return await self.ask(command)
        except PadRefused as refusal:
            if refusal.rtn != Rtn.AUTHENTICATION or self._options.authentication is Authentication.EACH_USE:
                raise
        self._authenticated = False  # the pad has lost power since
        await self.authenticate_for(slot)
        return await self.ask(command)

    async def has_keys(self, *slots: int) -> bool:
        """Is there a key in each slot? The second step of an authentication fails without one."""
        random = self.hex_of(Opcode.AUTHENTICATE, await self.ask(random_number()))
        try:
            for slot in slots:
                await self.ask(authenticate(slot, random))
        except PadRefused as refusal:
            # Drivers in the field take a refused authentication for an empty slot, too.
            if refusal.code is not ErrorCode.KEY_NOT_FOUND and refusal.rtn != Rtn.AUTHENTICATION:
                raise
            return False
        return True

    # --- data and words

    def split(self, opcode: Opcode, data: bytes) -> dict[str, bytes]:
        """The fields of a reply."""
        try:
            return split(REPLIES[opcode], data)
        except RemoteProtocolError as fault:
            raise self.unreadable(opcode, fault) from None

    def hex_of(self, opcode: Opcode, text: bytes) -> bytes:
        """The bytes that a reply to `opcode` writes in hexadecimal."""
        try:
            return from_hex(text)
        except RemoteProtocolError as fault:
            raise self.unreadable(opcode, fault) from None

    def unreadable(self, opcode: Opcode, fault: RemoteProtocolError) -> DeviceError:
        """The reply to `opcode` breaks the protocol."""
        words = opcode.name.lower().replace("_", " ")
        return self.error(CompletionCode.HARDWARE_ERROR, f"the reply to {words} can't be read: {fault}")

    def _line_down(self, failure: ConnectionError) -> DeviceError:
        return self.error(
            CompletionCode.DEVICE_NOT_READY, f"the line is down: {failure}", remedy="Check the cable and the port"
        )

    def error(
        self, completion: CompletionCode, detail: str, *, code: ErrorCode | None = None, remedy: str = ""
    ) -> DeviceError:
        """An error of this pad."""
        return DeviceError(self._options.name, completion, detail, code=code, remedy=remedy)


def _answers(message: FromPad, opcode: Opcode) -> bool:
    return isinstance(message, Reply) and message.answers(opcode)


def _is_success(message: FromPad, opcode: Opcode) -> bool:
    return isinstance(message, Reply) and message.rtn == opcode.success


def _is_entry_key(message: FromPad) -> bool:
    """A key that a PIN entry can send first; a digit in clear can't be one."""
    return isinstance(message, KeyByte) and message.code in (KeyCode.STAR, KeyCode.CANCEL, KeyCode.TIMED_OUT)
