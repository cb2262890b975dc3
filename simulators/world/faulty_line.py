"""A line on which things go wrong: what faults B1 to B19 do to bytes between a host and a simulated device."""

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, TypeAlias

from protocol.wire import Control, Damaged, Decoder, Noise, WireFormat
from simulators.world.fault_options import Seconds, Whole
from simulators.world.faults import Ailment, Pending
from simulators.world.line import Inbox, PassingEnd


class Direction(StrEnum):
    """Which way bytes go."""

    TO_DEVICE = "to_device"
    FROM_DEVICE = "from_device"


class Part(StrEnum):
    """Which pieces of the talk a fault is done to: a control code, a message, or whichever comes next."""

    ANY = "any"
    CONTROL = "control"
    MESSAGE = "message"


OUT, IN = Direction.FROM_DEVICE, Direction.TO_DEVICE

LONGEST_CONTROL = 2
"""Bytes of a control code, or of a pair that begins with DLE."""

JOIN_WAIT = 1.0
"""Seconds that a message waits for the one it is to be joined with."""

BABBLE_GAP = 0.01
"""Seconds between the pieces that a babbling device sends."""

LONGEST = 3600.0
"""Seconds that a fault of a line can be told to last; more is a broken line."""

TRIES: Final = 50
"""How often two bits are chosen until a check character of XOR still fits; one of CRC never does."""

Later: TypeAlias = tuple[float, bytes]
"""Bytes that go on their way, and how many seconds from now."""

Effect: TypeAlias = Callable[[bytes], list[Later] | None]
"""What becomes of one piece; None leaves it alone and waits for the next one."""


class LineFaults:
    """The faults of one device's line; they stay when the line is laid again.

    `commands` counts the host's messages. Whoever wants to strike with the n-th command or byte says so here.
    """

    def __init__(self, wire: WireFormat, chance: Callable[[], random.Random]) -> None:
        self.commands = 0
        self.damage_fits = False
        """The last two bits that were flipped left a message that can be read, so that nobody can know."""
        self.damage_believed = False
        """The host has acknowledged a message of which every check character tells that it is damaged."""
        self._unanswered = 0
        self._spoilt = False
        self.passed = dict.fromkeys(Direction, 0)
        self.before_bytes: list[Callable[[Direction, int], None]] = []
        """Called before so many bytes pass at once."""
        self._wire = wire
        self._begin_chance = chance
        self._listeners: list[Callable[[], None]] = []
        self._byte_strikes: list[tuple[Direction, int, Callable[[], None]]] = []
        self._effects: dict[Direction, list[Effect]] = {direction: [] for direction in Direction}
        self._storm: list[Pending] = []
        self._babbles_until = 0.0
        self._garblers: list[Effect] = []
        self._last_message = b""
        self._last_of_length: dict[int, bytes] = {}
        self._line: FaultyLine | None = None

    @cached_property
    def _chance(self) -> random.Random:
        """Begun with the first fault that asks: its state is large, and few lines ever need it."""
        return self._begin_chance()

    def put_on(self, line: PassingEnd) -> "FaultyLine":
        """The device's end of `line`, with these faults on it."""
        self._line = FaultyLine(line, self, self._wire.from_host())
        return self._line

    def on_command(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have `listener` called before each command of the host reaches the device; returns how to stop it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def at_byte(self, direction: Direction, number: int, strike: Callable[[], None]) -> Callable[[], None]:
        """Have `strike` called before the byte that is `number` bytes from now passes; returns how to stop it."""
        waiting = (direction, self.passed[direction] + number, strike)
        self._byte_strikes.append(waiting)
        return lambda: self._byte_strikes.remove(waiting) if waiting in self._byte_strikes else None

    # What the line asks

    def command_heard(self) -> None:
        """A command of the host is complete."""
        self.commands += 1
        for listener in tuple(self._listeners):
            listener()

    def bytes_come(self, direction: Direction, data: bytes) -> None:
        """They are about to pass."""
        self.damage_believed |= self._spoilt and direction is IN and data == self._code(0x06)
        self._spoilt = False
        self._unanswered = 0 if direction is IN else self._unanswered + (len(data) > LONGEST_CONTROL)
        for hear in self.before_bytes:
            hear(direction, len(data))

    def spares(self, direction: Direction, data: bytes) -> bool:
        """Is nothing armed in this direction? Then the data, a piece as it was sent, has passed as it is."""
        if self._effects[direction] or self._byte_strikes:
            return False
        self.passed[direction] += len(data)
        self._remember(direction, data)
        return True

    def cut_at_strikes(self, direction: Direction, data: bytes) -> Iterator[bytes]:
        """The data in pieces, with strikes at their bytes done in between."""
        while data:
            first = self.passed[direction] + 1
            due = min(
                (place for way, place, _ in self._byte_strikes if way is direction and place < first + len(data)),
                default=first + len(data),
            )
            piece, data = data[: due - first], data[due - first :]
            self.passed[direction] += len(piece)
            if piece:
                yield piece
            if data:
                self._strike(direction, due)

    def done_to(self, direction: Direction, piece: bytes) -> list[Later]:
        """What becomes of a piece."""
        leaving: list[Later] = [(0.0, piece)]
        for effect in tuple(self._effects[direction]):
            if (changed := effect(piece)) is not None:
                self._effects[direction].remove(effect)
                leaving = changed
                break
        self._remember(direction, piece)
        return leaving

    def _remember(self, direction: Direction, piece: bytes) -> None:
        if direction is OUT and len(piece) > LONGEST_CONTROL:
            self._last_message = self._last_of_length[len(piece)] = piece

    def _strike(self, direction: Direction, place: int) -> None:
        for waiting in [each for each in self._byte_strikes if each[:2] == (direction, place)]:
            self._byte_strikes.remove(waiting)
            waiting[2]()

    # The faults

    def ailments(self) -> Mapping[str, Ailment]:
        """What can go wrong on this line, by the fault's id."""

        def once(change: Effect, *, spoils: bool = False) -> Callable[..., Pending]:
            def happen(direction: Direction = OUT, part: Part = Part.ANY) -> Pending:
                return self._wait(direction, part, change, spoils=spoils)

            return happen

        def drop(number: int = 0, direction: Direction = OUT, part: Part = Part.ANY) -> Pending:
            return self._wait(direction, part, lambda piece: [(0.0, self._without(piece, number))])

        def delay(seconds: float = 1.0, direction: Direction = OUT, part: Part = Part.ANY) -> Pending:
            return self._wait(direction, part, lambda piece: [(seconds, piece)])

        def fragment(seconds: float = 0.02, direction: Direction = OUT, part: Part = Part.MESSAGE) -> Pending:
            def change(piece: bytes) -> list[Later]:
                return [(number * seconds, bytes([byte])) for number, byte in enumerate(piece)]

            return self._wait(direction, part, change)

        def join(direction: Direction = OUT) -> Pending:
            return self._wait(direction, Part.ANY, lambda piece: self._held(direction, piece))

        def late(seconds: float = 60.0) -> Pending:
            return self._wait(OUT, Part.MESSAGE, lambda piece: [(seconds, piece)])

        def stale(same_form: bool = False) -> Pending:
            return self._wait(OUT, Part.MESSAGE, self._after_one_like_it if same_form else self._after_the_last)

        ack, nak, eot = map(self._code, (0x06, 0x15, 0x04))

        def storm(number: int = 10) -> Pending:
            naks = [self._wait(IN, Part.MESSAGE, lambda _: self._said(nak)) for _ in range(number)]
            self._storm += naks
            pending = Pending(lambda: _cancel(naks))
            naks[0].struck = lambda: pending.struck()  # it is set later
            return pending

        def babble(seconds: float = 5.0) -> None:
            self._babbles_until = asyncio.get_running_loop().time() + seconds
            self._babble()

        def hush() -> None:
            self._babbles_until = 0.0

        said = {
            **({"B13": Ailment(lambda: self._lose(ack))} if ack else {}),
            **({"B14": Ailment(lambda: self._lose(eot))} if eot else {}),
            **(
                {"B15": Ailment(storm, lambda: _cancel(self._storm), {"number": Whole(1, 1_000, usual=20)})}
                if nak
                else {}
            ),
        }
        return {
            **said,
            "B1": Ailment(once(lambda piece: [(0.0, self._flipped(piece, 1))], spoils=True)),
            "B2": Ailment(once(lambda piece: [(0.0, self._fitting(piece))] if len(piece) > 1 else None)),
            "B3": Ailment(drop, limits={"number": Whole(0, 10_000, usual=8)}),
            "B4": Ailment(once(lambda piece: [(0.0, piece), (0.0, piece)])),
            "B5": Ailment(delay, limits={"seconds": Seconds(LONGEST, usual=10)}),
            "B6": Ailment(fragment, limits={"seconds": Seconds(LONGEST, usual=0.1)}),
            "B7": Ailment(join),
            "B8": Ailment(once(lambda piece: [(0.0, b"\xff" + piece)])),
            "B9": Ailment(once(lambda piece: [(0.0, b"\x00" + piece)])),
            "B10": Ailment(once(lambda piece: [(0.0, self._with_error(piece))])),
            "B11": Ailment(once(lambda piece: [(0.0, b"\x00" + piece[1:])])),
            "B12": Ailment(lambda: self._wait(IN, Part.ANY, lambda piece: self._said(piece, heard=piece))),
            "B16": Ailment(stale),
            "B17": Ailment(late, limits={"seconds": Seconds(LONGEST, usual=90)}),
            "B18": Ailment(babble, hush, limits={"seconds": Seconds(LONGEST, usual=10)}),
            "B19": Ailment(self._garble, lambda: self._lift(self._garblers)),
        }

    def _wait(self, direction: Direction, part: Part, change: Effect, *, spoils: bool = False) -> Pending:
        """Done to the next piece that `change` does not leave alone; `spoils`: every check character tells of it."""

        def effect(piece: bytes) -> list[Later] | None:
            kind = Part.CONTROL if len(piece) <= LONGEST_CONTROL else Part.MESSAGE
            changed = change(piece) if part in (Part.ANY, kind) else None
            if changed is not None:
                # Whoever has two messages to acknowledge may do it late.
                self._spoilt = spoils and kind is Part.MESSAGE and direction is OUT and self._unanswered == 1
                pending.struck()
            return changed

        self._effects[direction].append(effect)
        pending = Pending(lambda: self._lift([effect]))
        return pending

    def _lift(self, lifted: list[Effect]) -> None:
        """Effects of one fault wait no more; those of others do."""
        for effects in self._effects.values():
            effects[:] = [effect for effect in effects if effect not in lifted]
        lifted.clear()

    def _flipped(self, piece: bytes, number: int) -> bytes:
        changed, bit = bytearray(piece), 1 << self._chance.randrange(8)
        for place in self._chance.sample(range(len(piece)), number):
            changed[place] ^= bit
        return bytes(changed)

    def _fitting(self, piece: bytes) -> bytes:
        """Two bits flipped, so that the message can still be read if two bits can do that at all."""
        for _ in range(TRIES):
            changed = self._flipped(piece, 2)
            self.damage_fits = self._can_be_read(changed)
            if self.damage_fits:
                break
        return changed

    def _can_be_read(self, piece: bytes) -> bool:
        for decoder in (self._wire.from_host(), self._wire.from_device()):
            events = decoder.feed(piece)
            if events and not decoder.pending and not any(isinstance(event, Noise | Damaged) for event in events):
                return True
        return False

    def _without(self, piece: bytes, number: int) -> bytes:
        if number <= 0 or number >= len(piece):
            return b""
        start = self._chance.randrange(len(piece) - number + 1)
        return piece[:start] + piece[start + number :]

    def _with_error(self, piece: bytes) -> bytes:
        place = self._chance.choice([place for place, byte in enumerate(piece) if byte] or [0])
        return piece[:place] + b"\x00" + piece[place + 1 :]

    def _held(self, direction: Direction, held: bytes) -> list[Later]:
        """Nothing leaves until the next piece does, or the wait is over."""
        loop, line = asyncio.get_running_loop(), self._line

        def together(piece: bytes) -> list[Later]:
            release.cancel()
            return [(0.0, held + piece)]

        def alone() -> None:
            self._effects[direction].remove(together)
            if line is not None:
                line.leave(direction, [(0.0, held)])

        release = loop.call_later(JOIN_WAIT, alone)
        self._effects[direction].insert(0, together)
        return []

    def _said(self, answer: bytes, heard: bytes = b"") -> list[Later]:
        """The host hears `answer`, the device `heard`."""
        if self._line is not None:
            self._line.leave(OUT, [(0.0, answer)])
        return [(0.0, heard)]

    def _after_the_last(self, piece: bytes) -> list[Later] | None:
        return [(0.0, self._last_message), (0.0, piece)] if self._last_message else None

    def _after_one_like_it(self, piece: bytes) -> list[Later] | None:
        earlier = self._last_of_length.get(len(piece), piece)
        return None if earlier == piece else [(0.0, earlier), (0.0, piece)]

    def _lose(self, lost: bytes) -> Pending:
        return self._wait(OUT, Part.CONTROL, lambda piece: [] if piece == lost else None)

    def _code(self, code: int) -> bytes:
        """How this protocol says a control code; empty if it has none."""
        for said in (bytes([code]), bytes([0x10, code])):
            events = self._wire.from_device().feed(said)
            if len(events) == 1 and not isinstance(events[0], Noise | Damaged):
                return said
        return b""

    def _garble(self) -> None:
        """Every byte is another one, until it is mended."""
        for direction in Direction:
            table = bytes(self._chance.randrange(256) for _ in range(256))

            def garbled(piece: bytes, table: bytes = table, direction: Direction = direction) -> list[Later]:
                self._effects[direction].append(garbled)
                return [(0.0, piece.translate(table))]

            self._effects[direction].insert(0, garbled)
            self._garblers.append(garbled)

    def _babble(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() < self._babbles_until:
            if self._line is not None and not self._line.down:
                self._line.leave(OUT, [(0.0, self._chance.randbytes(8))])
            loop.call_later(BABBLE_GAP, self._babble)


def _cancel(all_pending: list[Pending]) -> None:
    while all_pending:
        all_pending.pop().cancel()


class FaultyLine(Inbox):
    """The device's end of a line with faults on it; make it with `LineFaults.put_on`."""

    def __init__(self, line: PassingEnd, faults: LineFaults, decoder: Decoder[Any]) -> None:
        super().__init__()
        self._line = line
        self._faults = faults
        self._decoder = decoder
        self._free_at = dict.fromkeys(Direction, 0.0)
        self._waiting: dict[Direction, list[bytes]] = {direction: [] for direction in Direction}
        self._sending: set[asyncio.Task[None]] = set()
        line.pass_on(self._heard_from_host, self.hang_up)

    async def send(self, data: bytes) -> None:
        """Put bytes on the line, such as faults leave them. Raises ConnectionError when it is down."""
        self._faults.bytes_come(OUT, data)
        if not self._waiting[OUT] and self._faults.spares(OUT, data):
            await self._line.send(data)
            return
        for piece in self._faults.cut_at_strikes(OUT, data):
            for after, bytes_ in self._faults.done_to(OUT, piece):
                if after == 0 and not self._waiting[OUT]:
                    await self._line.send(bytes_)
                else:
                    self.leave(OUT, [(after, bytes_)])

    def close(self) -> None:
        """Take this end off the line."""
        self._line.close()
        self.hang_up()

    def leave(self, direction: Direction, pieces: list[Later]) -> None:
        """Let pieces go their way, none before the one ahead of it."""
        loop = asyncio.get_running_loop()
        for after, data in pieces:
            if not data:
                continue
            self._free_at[direction] = max(self._free_at[direction], loop.time() + after)
            # Timers of the same instant fire in no particular order, so a timer only says "the next piece".
            self._waiting[direction].append(data)
            loop.call_at(self._free_at[direction], self._next, direction)

    def _next(self, direction: Direction) -> None:
        data = self._waiting[direction].pop(0)
        if direction is IN:
            self.arrive(data)
        else:
            sending = asyncio.ensure_future(self._send_late(data))
            self._sending.add(sending)
            sending.add_done_callback(self._sending.discard)

    async def _send_late(self, data: bytes) -> None:
        try:
            await self._line.send(data)
        except ConnectionError:
            self.hang_up()

    def _heard_from_host(self, data: bytes) -> None:
        for part in self._parts(data):
            self._faults.bytes_come(IN, part)
            if not self._waiting[IN] and self._faults.spares(IN, part):
                self.arrive(part)
                continue
            for piece in self._faults.cut_at_strikes(IN, part):
                if self.down:  # a strike has unplugged it: the rest was never said
                    return
                for after, left in self._faults.done_to(IN, piece):
                    if after == 0 and not self._waiting[IN]:
                        self.arrive(left)
                    else:
                        self.leave(IN, [(after, left)])

    def _parts(self, data: bytes) -> Iterator[bytes]:
        """What was received, message by message; the part that completes a command tells so before it passes on."""
        earlier = len(self._decoder.pending)
        parts = [(event.raw, event) for event in self._decoder.feed(data)]
        for raw, event in [*parts, (self._decoder.pending, None)]:
            part, earlier = raw[earlier:], max(0, earlier - len(raw))
            if event is not None and len(raw) > LONGEST_CONTROL and not isinstance(event, Noise | Damaged | Control):
                self._faults.command_heard()
            if part:
                yield part
