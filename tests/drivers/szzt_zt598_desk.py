"""The PIN pad's driver with a simulated pad and somebody who presses keys, or with a far end that reads a script."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from drivers.interfaces import (
    EntryCompletion,
    KeyPress,
)
from drivers.szzt_zt598 import Authentication, SzztZt598, SzztZt598Options
from protocol.szzt_zt598_tables import Opcode, Tag
from simulators.devices import szzt_zt598 as simulated
from simulators.devices.szzt_zt598 import KeypadMode
from simulators.world.line import MemoryEnd, memory_line
from simulators.world.scene import Scene
from tests.vectors import vector

KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
PIN_KEY = bytes.fromhex("89ABCDEF0123456776543210FEDCBA98")
KEYS = {0x20: (KEY, Tag.TMK), 0x30: (PIN_KEY, Tag.PIN), 0x31: (KEY, Tag.MAC)}
UID = b"\x88" * 16
RANDOM = bytes.fromhex("479D64E59D5B8E33C8D7FC91D5ADE6CD")
PAN12 = "123456789012"
BLOCK_OF_123456 = bytes.fromhex("8E37F451C21B66E2")
BLOCK_OF_1234 = bytes.fromhex("3AD7A02DA925CD19")
WIRE = "szzt_zt598"


class Tap:
    """The terminal's end of a line that keeps what went over it."""

    def __init__(self, end: MemoryEnd) -> None:
        self._end = end
        self.sent: list[bytes] = []
        self.heard = b""
        self.deaf = False  # what is sent reaches nobody

    async def send(self, data: bytes, deadline: float | None = None) -> None:
        self.sent.append(data)
        if self.deaf:
            return
        await self._end.send(data)

    async def receive(self, deadline: float | None = None) -> bytes:
        data = await self._end.receive(deadline)
        self.heard += data
        return data

    def close(self) -> None:
        self._end.close()

    def times_sent(self, opcode: Opcode) -> int:
        """How many frames with that opcode left."""
        return sum(frame[4] == opcode for frame in self.sent)


class Desk:
    """A driver, its pad, and somebody who presses keys."""

    def __init__(self, driver: SzztZt598, pad: simulated.SzztZt598, tap: Tap, scene: Scene) -> None:
        self.scene = scene
        self.driver = driver
        self.pad = pad
        self.tap = tap
        self.keys: list[KeyPress] = []
        self.shown: list[str] = []

    async def type(self, *keys: str, pause: float = 0.2) -> None:
        """Press keys one after another once the keypad is lit."""
        await self.scene.until(lambda: self.pad.mode is not KeypadMode.OFF)
        for key in keys:
            await asyncio.sleep(pause)
            self.pad.press(key)

    def amount(self, _: KeyPress, digits: str) -> None:
        self.shown.append(digits)

    @asynccontextmanager
    async def somebody_types(self, *keys: str) -> AsyncIterator[None]:
        """Somebody types while the block runs."""
        person = asyncio.create_task(self.type(*keys))
        try:
            yield
        finally:
            person.cancel()
            with suppress(asyncio.CancelledError):
                await person

    async def enter_pin(self, *keys: str, auto_end: bool = False, timeout: float = 30) -> tuple[int, EntryCompletion]:
        async with self.somebody_types(*keys):
            entered = await self.driver.pin_entry(
                min_len=4, max_len=6, auto_end=auto_end, timeout=timeout, on_key=self.keys.append
            )
        return entered.digits, entered.completion


@asynccontextmanager
async def desk(
    *,
    keys: dict[int, tuple[bytes, Tag]] | None = None,
    sm4_keys: dict[int, bytes] | None = None,
    uid: bytes | None = UID,
    options: SzztZt598Options | None = None,
    pad: simulated.SzztZt598Options | None = None,
) -> AsyncIterator[Desk]:
    terminal, device = memory_line(9600)
    numbers = iter(range(10**6))
    scene = Scene()
    device_under_test = simulated.SzztZt598(
        scene=scene,
        entropy=lambda size: next(numbers).to_bytes(size, "big"),
        keys=KEYS if keys is None else keys,
        sm4_keys=sm4_keys,
        uid=uid,
        options=pad,
    )
    serving = asyncio.create_task(device_under_test.serve(device))
    tap = Tap(terminal)
    try:
        yield Desk(SzztZt598(tap, options), device_under_test, tap, scene)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


def golden(name: str) -> bytes:
    return vector(WIRE, name)


class Script:
    """A far end that answers each frame with what the script says, and is sure of the frames it gets."""

    def __init__(self, *lines: tuple[str | bytes, str | bytes]) -> None:
        self._lines = [(_bytes(expected), _bytes(answer)) for expected, answer in lines]
        self._arrived: asyncio.Queue[bytes] = asyncio.Queue()

    async def send(self, data: bytes, deadline: float | None = None) -> None:
        assert self._lines, f"nothing more was expected, but {data!r} came"
        expected, answer = self._lines.pop(0)
        assert data == expected
        if answer:
            self._arrived.put_nowait(answer)

    async def receive(self, deadline: float | None = None) -> bytes:
        with suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                return await self._arrived.get()
        return b""

    def close(self) -> None:
        pass

    def assert_finished(self) -> None:
        assert not self._lines


def _bytes(line: str | bytes) -> bytes:
    return golden(line) if isinstance(line, str) else line


DONE = "control done"
AUTHENTICATED: Sequence[tuple[str, str]] = (
    ("random, zeros in ASCII as input", "random number"),
    ("encrypt random with slot 20", "random under slot 20"),
    ("prove, UID 8 x 11", "proved, UID 8 x 11, encrypted form"),
)
OLD_PAD = SzztZt598Options(uid=b"\x11" * 8, authentication=Authentication.ONCE)
