"""The way between terminal and host, and what goes wrong on it: faults D of the catalogue, and a host that dies.

One connection after the other, as our terminal calls. Each message passes whole, so what is done to it can look at it:
a fault waits for the next message that it fits, happens once, and is counted then.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextvars import copy_context
from dataclasses import replace
from typing import Any, Final, TypeAlias

from drivers.link import LinkDown
from protocol.money_line import Message, ResponseCode, decode, encode
from protocol.wire import RemoteProtocolError
from simulators.world.fault_options import Seconds, Whole
from simulators.world.faults import Ailment
from simulators.world.line import Inbox, LineEnd

REQUEST, REPLY = "request", "reply"

Later: TypeAlias = tuple[float, bytes]
"""A message that goes on, and how many seconds from now."""

Effect: TypeAlias = Callable[[bytes, Message | None], list[Later] | None]
"""What becomes of a message; None leaves it alone and waits for the next one."""

DELAY: Final = 0.04
"""Seconds that a message takes, each way."""

ORDER: Final = 2e-6
"""Seconds that keep two messages of one instant apart."""


class Network:
    """Connects a terminal with whatever `serve` is; `fired` hears the id of each fault that happens."""

    def __init__(self, serve: Callable[[LineEnd], Coroutine[Any, Any, None]], fired: Callable[[str], None]) -> None:
        self._serve = serve
        self._fired = fired
        self._waiting: dict[str, list[tuple[str, Effect]]] = {REQUEST: [], REPLY: []}
        self._serving: asyncio.Future[None] | None = None
        self._near: End | None = None
        self._overdue: set[asyncio.Future[None]] = set()
        self._down_until = 0.0
        self._dead_until = 0.0
        self._context = copy_context()
        self._approved: dict[object, bytes] = {}
        """The last approval of each amount, which would fit another request for it; the newest at the end."""
        self._last: dict[str, bytes] = {REQUEST: b"", REPLY: b""}
        self.said: set[bytes] = set()
        """What the host has said, byte for byte."""
        self.heard: list[bytes] = []
        """What has reached a terminal."""
        self.before_message: list[Callable[[str, int], None]] = []
        """Called before each message: which way it goes, and how many bytes it has."""

    @property
    def is_up(self) -> bool:
        """The host can be reached."""
        return asyncio.get_running_loop().time() >= max(self._down_until, self._dead_until)

    async def connect(self) -> "End":
        """A terminal calls. Raises ConnectionError while nobody can be reached."""
        if asyncio.get_running_loop().time() < self._down_until:
            raise LinkDown("connection refused")
        self.hang_up()
        near, far = End(self, REQUEST), End(self, REPLY)
        near.peer, far.peer = far, near
        # Not a part of the terminal's life, though it is the terminal that calls.
        self._serving = self._context.run(asyncio.ensure_future, self._serve(far))
        self._near = near
        return near

    def hang_up(self) -> None:
        """Whatever connection there is breaks, at both ends."""
        if self._near is not None:
            self._near.close()
            self._near = None

    def stay_down(self, seconds: float) -> None:
        """Nobody can be reached for a while."""
        self._down_until = asyncio.get_running_loop().time() + seconds
        self.hang_up()

    def heal(self) -> None:
        """Nothing goes wrong any more."""
        for waiting in self._waiting.values():
            waiting.clear()
        self._down_until = self._dead_until = 0.0

    def break_off(self, way: str, arriving: int) -> None:
        """Of the next message that way only so many bytes arrive, then the connection is reset."""
        self._waiting[way].insert(0, ("D13", lambda data, _: self._reset(data[:arriving])))

    def close(self) -> None:
        """End what serves."""
        self.hang_up()
        for serving in (self._serving, *self._overdue):
            if serving is not None:
                serving.cancel()

    def arrive_overdue(self, data: bytes) -> None:
        """What was sent before the terminal hung up reaches a host that is there; nobody hears the answer."""
        if not self.is_up:
            return
        far = End(self, REPLY)
        far.arrive(data)
        far.hang_up()
        serving = self._context.run(asyncio.ensure_future, self._serve(far))
        self._overdue.add(serving)
        serving.add_done_callback(self._overdue.discard)

    # What passes

    def passing(self, way: str, data: bytes) -> list[Later]:
        """What becomes of a message on its way."""
        for hear in self.before_message:
            hear(way, len(data))
        if asyncio.get_running_loop().time() < self._dead_until:
            return []
        message = _read(data)
        if way == REPLY:
            self.said.add(data)
        leaving: list[Later] = [(DELAY, data)]
        for fault, effect in tuple(self._waiting[way]):
            if (changed := effect(data, message)) is not None:
                self._waiting[way].remove((fault, effect))
                self._fired(fault)
                leaving = changed
                break
        self._last[way] = data
        if way == REPLY and message is not None and _is_approval(message) and 4 in message.fields:
            self._approved.pop(amount := message.fields[4], None)
            self._approved[amount] = data
        return leaving

    # The faults

    def _earlier(self, message: Message) -> list[bytes]:
        """An approval of before, if there is any: of the same amount, or else the last."""
        same = self._approved.get(message.fields.get(4))
        return [*self._approved.values()][-1:] if same is None else [same]

    def _reset(self, arriving: bytes) -> list[Later]:
        if self._near is not None:
            asyncio.get_running_loop().call_later(2 * DELAY, self._near.close)
        return [(DELAY, arriving)] if arriving else []

    def ailments(self) -> Mapping[str, Ailment]:
        """What can go wrong, by the fault's id."""

        def wait(fault: str, way: str, effect: Effect) -> None:
            self._waiting[way].append((fault, effect))

        def money(fault: str, way: str, change: Callable[[bytes, Message], list[Later]]) -> None:
            """Only messages about money are worth it."""
            wait(fault, way, lambda data, message: None if not _is_money(message) else change(data, message))  # type: ignore[arg-type]

        def lose(reply: bool = True) -> None:
            money("D1", REPLY if reply else REQUEST, lambda *_: [])

        def late(seconds: float = 40.0, reply: bool = True) -> None:
            money("D2", REPLY if reply else REQUEST, lambda data, _: [(seconds, data)])

        def double(way: str, fault: str) -> Callable[..., None]:
            def happen(seconds: float = 0.5) -> None:
                money(fault, way, lambda data, _: [(DELAY, data), (DELAY + seconds, data)])

            return happen

        def disorder() -> None:
            money("D5", REPLY, lambda data, _: [(DELAY, self._last[REPLY]), (DELAY, data)])

        def other(fault: str, number: int, change: Callable[[str], str]) -> Callable[[], None]:
            return lambda: money(fault, REPLY, lambda _, message: [(DELAY, _altered(message, number, change))])

        def approve_after_all(instead: bool = False) -> None:
            def effect(data: bytes, message: Message | None) -> list[Later] | None:
                if message is None or not _is_money(message) or _is_approval(message):
                    return None
                refusal = [] if instead and message.mti == "0210" else [(DELAY, data)]
                earlier = [(DELAY, approval) for approval in self._earlier(message)]
                return [*refusal, *earlier, (DELAY, _altered(message, 39, lambda _: ResponseCode.APPROVED))]

            wait("D8", REPLY, effect)

        def alter_amount(reply: bool = True, more: bool = True) -> None:
            other = 10_000 if more else -10_000

            def effect(data: bytes, message: Message | None) -> list[Later] | None:
                if message is None or message.mti[:2] != "02" or not isinstance(message.fields.get(4), str):
                    return None
                return [(DELAY, _altered(message, 4, lambda amount: f"{max(0, int(amount) + other):012d}"))]

            wait("D9", REPLY if reply else REQUEST, effect)

        def break_mac(reply: bool = True) -> None:
            money("D10", REPLY if reply else REQUEST, lambda data, _: [(DELAY, data[:-1] + bytes([data[-1] ^ 1]))])

        def replay(reply: bool = True, alone: bool = False) -> None:
            def change(data: bytes, message: Message) -> list[Later]:
                old = next(iter(self._earlier(message)), data) if reply else data
                return [(DELAY, old)] if alone else [(DELAY, old), (DELAY, data)]

            money("D11", REPLY if reply else REQUEST, change)

        def half_open(seconds: float = 60.0) -> None:
            self._dead_until = asyncio.get_running_loop().time() + seconds
            self._fired("D12")

        def reset(byte: int = 20, reply: bool = False) -> None:
            def effect(data: bytes, message: Message | None) -> list[Later] | None:
                return self._reset(data[: max(1, byte % len(data))]) if _is_money(message) else None

            wait("D13", REPLY if reply else REQUEST, effect)

        return {
            "D1": Ailment(lose),
            "D2": Ailment(late, limits={"seconds": Seconds(300, 90)}),
            "D3": Ailment(double(REPLY, "D3"), limits={"seconds": Seconds(300, 60)}),
            "D4": Ailment(double(REQUEST, "D4"), limits={"seconds": Seconds(300, 60)}),
            "D5": Ailment(disorder),
            "D6": Ailment(other("D6", 11, lambda stan: f"{(int(stan) + 1) % 1_000_000:06d}")),
            "D7": Ailment(other("D7", 41, lambda terminal: terminal[:-1] + ("0" if terminal[-1] != "0" else "1"))),
            "D8": Ailment(approve_after_all),
            "D9": Ailment(alter_amount),
            "D10": Ailment(break_mac),
            "D11": Ailment(replay),
            "D12": Ailment(half_open, limits={"seconds": Seconds(600, 120)}),
            "D13": Ailment(reset, limits={"byte": Whole(1, 2048, 300)}),
        }


class End(Inbox):
    """One end of one connection; `way` is what is said here."""

    def __init__(self, network: Network, way: str) -> None:
        super().__init__()
        self.peer: End | None = None
        self._network = network
        self._way = way
        self._said = 0

    async def send(self, data: bytes, deadline: float | None = None) -> None:
        """Say something; a connection takes it at once. Raises ConnectionError when the connection is down."""
        if self.down:
            raise ConnectionResetError("the connection is down")
        for seconds, piece in self._network.passing(self._way, data):
            self._said += 1  # timers of the same instant fire in no particular order
            asyncio.get_running_loop().call_later(seconds + self._said * ORDER, self._pass_on, piece)

    def close(self) -> None:
        """Hang up; both ends are down from now on."""
        self.hang_up()
        if self.peer is not None:
            self.peer.hang_up()

    def _pass_on(self, data: bytes) -> None:
        if self.peer is None:
            return
        if self.peer.down:
            if self._way == REQUEST:
                self._network.arrive_overdue(data)
            return
        if self._way == REPLY:
            self._network.heard.append(data)
        self.peer.arrive(data)


def _read(data: bytes) -> Message | None:
    try:
        return decode(data)
    except RemoteProtocolError:
        return None


def _is_money(message: Message | None) -> bool:
    return message is not None and message.mti[:2] in ("02", "04")


def _is_approval(message: Message | None) -> bool:
    return message is not None and message.mti == "0210" and message.fields.get(39) == ResponseCode.APPROVED


def _altered(message: Message, number: int, change: Callable[[str], str]) -> bytes:
    value = message.fields.get(number)
    if not isinstance(value, str):
        return message.raw
    return encode(replace(message, fields={**message.fields, number: change(value)}))
