"""The engine against a scripted device; `say` frames are `<text>` with a check byte, upper case means damage."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import pytest

from drivers.exchange import Exchange, Handshake, NoReply, NotAcknowledged
from protocol.wire import Control, ControlCode, Damaged, Decoder, Event, Noise
from simulators.world.line import LineEnd, MemoryEnd, memory_line

ACK, NAK, EOT = b"\x06", b"\x15", b"\x04"
HABITS = Handshake(ack=0.3, attempts=3, gap=0.25, quiet=0.03, renewals=3)
LONGEST = 32


@dataclass(frozen=True, slots=True)
class Say:
    """A message of the toy protocol."""

    raw: bytes


def scan(pending: bytes) -> Event[Say | Control] | None:
    if pending[0] in (code.value for code in ControlCode):
        return Control(ControlCode(pending[0]), pending[:1])
    if pending[:1] != b"<":
        return Noise(pending[:1], "no message")
    end = pending.find(b">", 0, LONGEST)
    if end < 0:
        return None if len(pending) < LONGEST else Noise(pending[:1], "no message")
    raw = pending[: end + 1]
    return Damaged(raw, "upper case") if raw != raw.lower() else Say(raw)


class Device:
    """What a scripted device hears, and when."""

    def __init__(self, end: LineEnd) -> None:
        self._end = end
        self.heard: list[bytes] = []

    async def hear(self) -> bytes:
        self.heard.append(await self._end.receive())
        return self.heard[-1]

    async def say(self, *data: bytes) -> None:
        for piece in data:
            await self._end.send(piece)

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    @property
    def commands(self) -> list[bytes]:
        return [data for data in self.heard if data.startswith(b"<")]


Script = Callable[[Device], Awaitable[None]]


class Bench:
    """An exchange whose other end is a device that follows a script."""

    def __init__(self, terminal: MemoryEnd, device_end: MemoryEnd, habits: Handshake) -> None:
        self.link = terminal
        self.device_end = device_end
        self.device = Device(device_end)
        self.exchange: Exchange[Say | Control] = Exchange(terminal, Decoder(scan), habits)
        self.aside: list[Event[Say | Control]] = []

    async def ask(
        self, frame: bytes = b"<ask>", reply: bytes = b"<ok>", timeout: float | None = 5.0, motion: bool = False
    ) -> bytes:
        answer = await self.exchange.request(
            frame, lambda event: event.raw == reply, timeout=timeout, motion=motion, aside=self.aside.append
        )
        return answer.raw


@asynccontextmanager
async def bench(script: Script, habits: Handshake = HABITS) -> AsyncIterator[Bench]:
    """Run `script` as the device; afterwards let it have heard what was still on its way."""
    made = Bench(*memory_line(), habits)

    async def play() -> None:
        await script(made.device)
        while True:
            await made.device.hear()

    task = asyncio.create_task(play())
    try:
        yield made
        await asyncio.sleep(1.0)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, ConnectionError):
            await task


def now() -> float:
    return asyncio.get_running_loop().time()


async def answers(device: Device) -> None:
    """A device that works as it should, once."""
    await device.hear()
    await device.say(ACK)
    await device.pause(2.0)
    await device.say(b"<ok>")


async def test_a_command_is_acknowledged_answered_and_the_answer_acknowledged() -> None:
    async with bench(answers) as made:
        assert await made.ask() == b"<ok>"
    assert made.device.heard == [b"<ask>", ACK]


async def test_ack_and_reply_may_arrive_in_one_piece() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.say(ACK + b"<ok>")

    async with bench(script) as made:
        assert await made.ask() == b"<ok>"


async def test_a_reply_in_single_bytes_is_the_same_reply() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        for byte in ACK + b"<ok>":
            await device.say(bytes([byte]))
            await device.pause(0.2)

    async with bench(script) as made:
        assert await made.ask() == b"<ok>"


async def test_a_protocol_without_acknowledgements_sends_none() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.say(b"<ok>")

    habits = Handshake(acknowledged=False, acknowledge_reply=False)
    async with bench(script, habits) as made:
        assert await made.ask() == b"<ok>"
    assert made.device.heard == [b"<ask>"]


# --- the way to the device


async def test_a_query_without_ack_is_sent_again() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await answers(device)

    async with bench(script) as made:
        assert await made.ask() == b"<ok>"
    assert made.device.commands == [b"<ask>", b"<ask>"]


async def test_a_query_refused_with_nak_is_sent_again_at_once() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.say(NAK)
        await answers(device)

    async with bench(script) as made:
        assert await made.ask() == b"<ok>"
        assert now() == pytest.approx(2.0, abs=0.1)
    assert made.device.commands == [b"<ask>", b"<ask>"]


async def test_a_storm_of_naks_ends_after_the_agreed_attempts() -> None:
    async def script(device: Device) -> None:
        while await device.hear():
            await device.say(NAK)

    async with bench(script) as made:
        with pytest.raises(NotAcknowledged) as caught:
            await made.ask()
        assert not caught.value.may_have_run
    assert made.device.commands == [b"<ask>"] * 3


async def test_a_silent_device_may_have_acted() -> None:
    async def script(device: Device) -> None:
        await device.hear()

    async with bench(script) as made:
        with pytest.raises(NotAcknowledged) as caught:
            await made.ask()
        assert caught.value.may_have_run
        assert now() == pytest.approx(0.9, abs=0.1)


async def test_a_nak_and_then_silence_is_not_taken_for_a_refusal() -> None:
    """The second frame may have been understood and its ACK lost."""

    async def script(device: Device) -> None:
        await device.hear()
        await device.say(NAK)

    async with bench(script) as made:
        with pytest.raises(NotAcknowledged) as caught:
            await made.ask()
        assert caught.value.may_have_run


# --- motions


async def test_the_frame_of_a_motion_leaves_once_when_its_ack_is_lost_and_its_reply_still_counts() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.pause(4.0)
        await device.say(b"<ok>")

    async with bench(script) as made:
        assert await made.ask(motion=True) == b"<ok>"
    assert made.device.heard == [b"<ask>", ACK]


async def test_the_frame_of_a_motion_leaves_once_when_it_is_refused() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.say(NAK)

    async with bench(script) as made:
        with pytest.raises(NotAcknowledged) as caught:
            await made.ask(motion=True)
        assert not caught.value.may_have_run
    assert made.device.commands == [b"<ask>"]


async def test_a_nak_made_of_noise_does_not_hide_that_the_motion_runs() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.say(NAK)
        await device.pause(0.1)
        await device.say(ACK)
        await device.pause(2.0)
        await device.say(b"<ok>")

    async with bench(script) as made:
        assert await made.ask(motion=True) == b"<ok>"
    assert made.device.commands == [b"<ask>"]


async def test_the_frame_of_a_motion_leaves_once_when_nothing_is_heard() -> None:
    async def script(device: Device) -> None:
        await device.hear()

    async with bench(script) as made:
        with pytest.raises(NotAcknowledged) as caught:
            await made.ask(motion=True)
        assert caught.value.may_have_run
        assert now() == pytest.approx(5.0, abs=0.1)
    assert made.device.commands == [b"<ask>"]


async def test_a_damaged_reply_of_a_motion_is_asked_for_again_even_without_its_ack() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.say(b"<OK>")
        await device.hear()
        await device.say(b"<ok>")

    async with bench(script) as made:
        assert await made.ask(motion=True) == b"<ok>"
    assert made.device.heard == [b"<ask>", NAK, ACK]


async def test_only_an_ack_shows_that_the_device_took_this_command() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.say(b"<OK>")

    async with bench(script) as made:
        with pytest.raises(NotAcknowledged) as caught:
            await made.ask(motion=True)
        assert caught.value.may_have_run


# --- the way back


async def test_a_damaged_reply_is_asked_for_with_nak_and_the_command_is_not_repeated() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.say(ACK, b"<OK>")
        await device.hear()
        await device.say(b"<ok>")

    async with bench(script) as made:
        assert await made.ask(motion=True) == b"<ok>"
        assert Damaged(b"<OK>", "upper case") in made.aside
    assert made.device.heard == [b"<ask>", NAK, ACK]


async def test_a_reply_that_is_damaged_every_time_is_lost_after_the_agreed_renewals() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.say(ACK)
        while True:
            await device.say(b"<OK>")
            await device.hear()

    async with bench(script) as made:
        with pytest.raises(NoReply, match="damaged") as caught:
            await made.ask(motion=True)
        assert caught.value.may_have_run
    assert made.device.heard == [b"<ask>", NAK, NAK, NAK]


async def test_a_reply_that_breaks_off_is_asked_for_again() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.say(ACK, b"<o")
        await device.hear()
        await device.say(b"<ok>")

    async with bench(script) as made:
        assert await made.ask(motion=True) == b"<ok>"
    assert made.device.heard == [b"<ask>", NAK, ACK]


async def test_debris_after_a_damaged_reply_does_not_swallow_the_next_one() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.say(ACK, b"<OK><o")
        await device.hear()
        await device.say(b"<ok>")

    async with bench(script) as made:
        assert await made.ask() == b"<ok>"


async def test_the_line_is_quiet_before_a_nak_is_sent() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.say(ACK, b"<OK>")
        for _ in range(5):
            await device.pause(0.02)
            await device.say(b"x")
        last_byte = now()
        assert await device.hear() == NAK
        assert now() >= last_byte + HABITS.quiet
        await device.say(b"<ok>")

    async with bench(script) as made:
        assert await made.ask() == b"<ok>"


async def test_a_reply_that_never_comes_is_unknown_after_the_time_limit() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.say(ACK)

    async with bench(script) as made:
        with pytest.raises(NoReply) as caught:
            await made.ask()
        assert caught.value.may_have_run
        assert now() == pytest.approx(5.0, abs=0.1)


async def test_renewals_do_not_multiply_the_time_limit() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.say(ACK)
        await device.pause(4.9)
        await device.say(b"<OK>")

    async with bench(script) as made:
        with pytest.raises(NoReply):
            await made.ask()
        assert now() == pytest.approx(7.0, abs=0.1)


async def test_without_a_time_limit_the_reply_is_waited_for() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.say(ACK)
        await device.pause(100_000.0)
        await device.say(b"<ok>")

    async with bench(script) as made:
        assert await made.ask(timeout=None) == b"<ok>"


async def test_what_is_not_the_reply_is_told_aside() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.say(b"\xff", ACK, b"<key>", b"<ok>")

    async with bench(script) as made:
        assert await made.ask() == b"<ok>"
        assert made.aside == [Noise(b"\xff", "no message"), Say(b"<key>")]


# --- before and after


async def test_what_was_heard_before_a_command_is_not_its_answer() -> None:
    async def script(device: Device) -> None:
        await device.say(b"<ok>", ACK)
        assert await device.hear() == ACK
        await answers(device)

    async with bench(script) as made:
        await asyncio.sleep(0.1)
        assert await made.ask() == b"<ok>"
        assert Say(b"<ok>") in made.aside
        assert now() > 2.0


async def test_half_a_message_from_before_does_not_swallow_the_answer() -> None:
    async def script(device: Device) -> None:
        await device.say(b"<o")
        await answers(device)

    async with bench(script) as made:
        await asyncio.sleep(0.1)
        assert await made.ask() == b"<ok>"


async def test_a_reply_after_the_time_limit_is_not_the_answer_to_the_next_command() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.say(ACK)
        await device.pause(5.1)
        await device.say(b"<ok>")
        assert await device.hear() == ACK
        await answers(device)

    async with bench(script) as made:
        with pytest.raises(NoReply):
            await made.ask()
        assert await made.ask() == b"<ok>"
        assert now() > 7.0
    assert made.device.heard == [b"<ask>", ACK, b"<ask>", ACK]


async def test_a_late_ack_is_not_taken_for_the_ack_of_the_next_motion() -> None:
    async def script(device: Device) -> None:
        for _ in range(3):
            await device.hear()
        await device.pause(0.4)
        await device.say(ACK)

    async with bench(script) as made:
        with pytest.raises(NotAcknowledged):
            await made.ask()
        with pytest.raises(NotAcknowledged):
            await made.ask(b"<pay>", b"<paid>", motion=True)


async def test_an_ack_for_a_repeated_frame_is_not_taken_for_the_ack_of_the_next_motion() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.hear()
        await device.say(ACK + b"<ok>")
        await device.hear()
        await device.pause(0.1)
        await device.say(ACK)

    async with bench(script) as made:
        await made.ask()
        with pytest.raises(NotAcknowledged):
            await made.ask(b"<pay>", b"<paid>", motion=True)


async def test_a_smooth_exchange_is_followed_by_the_next_without_delay() -> None:
    async def script(device: Device) -> None:
        while True:
            if (await device.hear()).endswith(b"<ask>"):  # it may come right behind the ACK
                await device.say(ACK + b"<ok>")

    async with bench(script) as made:
        await made.ask()
        await made.ask()
        assert now() == 0.0


async def test_a_device_that_babbles_before_a_command_gets_none() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        while True:
            await device.say(b"x")
            await device.pause(0.2)

    async with bench(script) as made:
        with pytest.raises(NotAcknowledged):
            await made.ask(motion=True)
        with pytest.raises(NotAcknowledged, match="never stops") as caught:
            await made.ask(b"<pay>", motion=True)
        assert not caught.value.may_have_run
        assert now() == pytest.approx(10.0, abs=0.5)


async def test_a_device_that_babbles_instead_of_replying_is_given_up_in_time() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.say(ACK)
        while True:
            await device.say(b"x" * 100)
            await device.pause(0.01)

    async with bench(script) as made:
        with pytest.raises(NoReply):
            await made.ask()
        assert now() == pytest.approx(5.0, abs=0.1)


class Torrent:
    """A link that, once it was sent something, always has more bytes, faster than the loop runs."""

    def __init__(self) -> None:
        self._begun = False

    async def receive(self, deadline: float | None = None) -> bytes:
        return b"x" if self._begun else b""

    async def send(self, data: bytes, deadline: float | None = None) -> None:
        self._begun = True

    def close(self) -> None:
        pass


@pytest.mark.real_time
async def test_a_torrent_of_bytes_can_not_stop_the_time() -> None:
    exchange: Exchange[Say | Control] = Exchange(Torrent(), Decoder(scan), Handshake(ack=0.01, babble=0.05))
    with pytest.raises(NotAcknowledged) as caught:
        await exchange.request(b"<ask>", lambda _: True, timeout=0.05)
    assert caught.value.may_have_run
    with pytest.raises(NotAcknowledged, match="never stops") as caught:
        await exchange.request(b"<ask>", lambda _: True, timeout=0.05)
    assert not caught.value.may_have_run


async def test_one_exchange_at_a_time() -> None:
    async def script(device: Device) -> None:
        for _ in range(2):
            await answers(device)
            await device.hear()

    async with bench(script) as made:
        await asyncio.gather(made.ask(), made.ask())
    assert made.device.heard == [b"<ask>", ACK, b"<ask>", ACK]


async def test_events_outside_an_exchange_can_be_waited_for() -> None:
    async def script(device: Device) -> None:
        await device.pause(1.0)
        await device.say(b"<key>")

    async with bench(script) as made:
        assert await made.exchange.receive(0.5) is None
        assert await made.exchange.receive(None) == Say(b"<key>")


# --- closing EOT

EOT_HABITS = Handshake(closing_eot=0.5)


async def test_the_closing_eot_frees_the_line() -> None:
    async def script(device: Device) -> None:
        await answers(device)
        await device.hear()
        await device.pause(0.2)
        await device.say(EOT)

    async with bench(script, EOT_HABITS) as made:
        await made.ask()
        assert now() == pytest.approx(2.2)


async def test_when_the_closing_eot_is_lost_time_frees_the_line() -> None:
    async with bench(answers, EOT_HABITS) as made:
        assert await made.ask() == b"<ok>"
        assert now() == pytest.approx(2.5)


async def test_a_device_that_repeats_its_reply_did_not_hear_the_ack_and_hears_it_again() -> None:
    async def script(device: Device) -> None:
        await answers(device)
        await device.hear()
        await device.say(b"<ok>")
        await device.hear()
        await device.say(EOT)

    async with bench(script, EOT_HABITS) as made:
        assert await made.ask() == b"<ok>"
    assert made.device.heard == [b"<ask>", ACK, ACK]


# --- the line itself


async def test_a_line_that_goes_down_ends_the_exchange() -> None:
    async def script(device: Device) -> None:
        await device.hear()

    async with bench(script) as made:
        asyncio.get_running_loop().call_later(1.0, made.link.close)
        with pytest.raises(ConnectionError):
            await made.ask(motion=True)


class LastWords(MemoryEnd):
    """A line that goes down with the bytes it just brought."""

    def arrive(self, data: bytes) -> None:
        super().arrive(data)
        self.close()


async def test_a_reply_that_was_heard_counts_even_if_its_ack_can_not_leave() -> None:
    terminal, device = LastWords(None, 10), MemoryEnd(None, 10)
    terminal.join(device)
    device.join(terminal)
    exchange: Exchange[Say | Control] = Exchange(terminal, Decoder(scan), HABITS)
    reply = asyncio.create_task(exchange.request(b"<ask>", lambda _: True, timeout=5.0, motion=True))
    await device.receive()
    await device.send(ACK + b"<ok>")
    assert await reply == Say(b"<ok>")


class Stuck(MemoryEnd):
    """A port whose hardware handshake never lets a byte out."""

    async def send(self, data: bytes, deadline: float | None = None) -> None:
        async with asyncio.timeout_at(deadline):
            await asyncio.Event().wait()


async def test_a_port_that_takes_no_bytes_is_given_up() -> None:
    exchange: Exchange[Say | Control] = Exchange(Stuck(None, 10), Decoder(scan), HABITS)
    with pytest.raises(ConnectionError, match="took no bytes"):
        await exchange.request(b"<ask>", lambda _: True, timeout=None)
    assert now() == pytest.approx(HABITS.write)


async def test_a_cancelled_exchange_leaves_a_line_that_settles_first() -> None:
    async def script(device: Device) -> None:
        await device.hear()
        await device.say(ACK)
        await device.pause(1.0)
        await device.say(b"<ok>")
        assert await device.hear() == ACK
        await answers(device)

    async with bench(script) as made:
        waiting = asyncio.create_task(made.ask(timeout=None))
        await asyncio.sleep(0.9)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert await made.ask() == b"<ok>"
        assert now() > 3.0
