import asyncio
from dataclasses import dataclass

import pytest

from drivers.trace import Sender, TracedLink, Tracer, TraceRecord, redacted, trace_hash
from protocol.wire import Control, ControlCode, Damaged, Decoder, Event, Explanation, Noise, WireFormat
from simulators.world.line import MemoryEnd, memory_line

CANARY = b"987654"
"""Stands for a PIN block; no trace may hold it."""


@dataclass(frozen=True, slots=True)
class Letter:
    """`<text!secret>`; upper case is damage."""

    raw: bytes


def scan(pending: bytes) -> Event[Letter | Control] | None:
    if pending[:1] == b"\x06":
        return Control(ControlCode.ACK, b"\x06")
    if pending[:1] != b"<":
        return Noise(pending[:1], "no letter")
    end = pending.find(b">")
    if end < 0:
        return None
    raw = pending[: end + 1]
    return Damaged(raw, "upper case") if raw != raw.lower() else Letter(raw)


def explain(event: Letter | Control) -> Explanation:
    if isinstance(event, Control):
        return Explanation(event.code.name)
    if b"?" in event.raw:
        raise ValueError(f"a careless explanation with {event.raw!r}")
    secret = event.raw.find(b"!")
    return Explanation("a letter", (slice(secret + 1, len(event.raw) - 1),) if secret > 0 else ())


FORMAT = WireFormat("letters", lambda: Decoder(scan), lambda: Decoder(scan), explain)


class Bench:
    """A traced link, the device's end of it, and what the trace says."""

    def __init__(self) -> None:
        terminal, self.device = memory_line()
        self.records: list[TraceRecord] = []
        self.link = TracedLink(terminal, "reader", FORMAT, self.records.append)

    async def receive(self, *pieces: bytes) -> None:
        for piece in pieces:
            await self.device.send(piece)
            assert await self.link.receive() == piece

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        return [(record.direction, record.hex, record.note) for record in self.records]


@pytest.fixture
async def bench() -> Bench:
    return Bench()


async def test_both_directions_are_recorded_message_by_message(bench: Bench) -> None:
    await bench.link.send(b"<ab>")
    await asyncio.sleep(1.5)
    await bench.receive(b"\x06<c>")
    assert bench.records == [
        TraceRecord(0.0, "reader", Sender.HOST, "3c 61 62 3e", "a letter"),
        TraceRecord(1.5, "reader", Sender.DEVICE, "06", "ACK"),
        TraceRecord(1.5, "reader", Sender.DEVICE, "3c 63 3e", "a letter"),
    ]


async def test_the_bytes_themselves_pass_unchanged(bench: Bench) -> None:
    await bench.link.send(b"<a!" + CANARY + b">")
    assert await bench.device.receive() == b"<a!" + CANARY + b">"


async def test_a_message_in_fragments_is_one_record(bench: Bench) -> None:
    await bench.receive(b"<a", b"b", b">")
    assert bench.lines == [("device", "3c 61 62 3e", "a letter")]


async def test_secret_bytes_are_hidden(bench: Bench) -> None:
    await bench.link.send(b"<a!" + CANARY + b">")
    assert bench.lines == [("host", "3c 61 21 .. .. .. .. .. .. 3e", "a letter")]


async def test_of_a_damaged_message_only_the_beginning_is_shown(bench: Bench) -> None:
    await bench.receive(b"<AB!" + CANARY + b">")
    assert bench.lines == [("device", "3c 41 42 21 .. .. .. .. .. .. ..", "damaged, 11 bytes: upper case")]


async def test_noise_in_single_bytes_shows_no_more_than_noise_in_one_piece(bench: Bench) -> None:
    """A message whose first byte was lost comes as noise, and its pieces together must not tell its secret."""
    await bench.receive(*(bytes([byte]) for byte in b"ab!" + CANARY))
    assert [hex_ for _, hex_, _ in bench.lines] == ["61", "62", "21", "39", "..", "..", "..", "..", ".."]


async def test_a_control_byte_inside_noise_does_not_open_it_again(bench: Bench) -> None:
    await bench.receive(b"abcd\x0698\x0676\x0654")
    assert "".join(hex_ for _, hex_, _ in bench.lines) == "61 62 63 6406.. ..06.. ..06.. .."


async def test_while_nobody_listens_nothing_is_explained_and_who_comes_later_hears_whole_messages() -> None:
    terminal, device = memory_line()
    explained: list[Letter | Control] = []

    def told(event: Letter | Control) -> Explanation:
        explained.append(event)
        return explain(event)

    tracer = Tracer()
    link = TracedLink(terminal, "reader", WireFormat("letters", FORMAT.from_host, FORMAT.from_device, told), tracer)
    heard: list[TraceRecord] = []

    await link.send(b"<a>")
    await link.send(b"<b!")
    assert explained == []

    tracer.add(heard.append)
    await link.send(CANARY + b">")
    assert [record.hex for record in heard] == ["3c 62 21 .. .. .. .. .. .. 3e"]
    assert await device.receive() == b"<a><b!" + CANARY + b">"


async def test_after_a_whole_message_noise_is_shown_again(bench: Bench) -> None:
    await bench.receive(b"abcdefgh<abc>xy")
    assert bench.lines[-1] == ("device", "78 79", "noise, 2 bytes: no letter")


async def test_a_message_that_broke_off_does_not_swallow_the_next(bench: Bench) -> None:
    await bench.receive(b"<a")
    await asyncio.sleep(1.0)
    await bench.receive(b"<b>")
    assert [note for _, _, note in bench.lines] == [
        "noise, 2 bytes: the message was not finished in time",
        "a letter",
    ]


async def test_what_is_pending_at_the_end_is_recorded(bench: Bench) -> None:
    await bench.receive(b"<a")
    bench.link.close()
    assert bench.lines == [("device", "3c 61", "noise, 2 bytes: the message was not finished in time")]


async def test_what_is_pending_when_the_line_goes_down_is_recorded(bench: Bench) -> None:
    await bench.receive(b"<a")
    bench.device.close()
    with pytest.raises(ConnectionError):
        await bench.link.receive()
    assert len(bench.lines) == 1


async def test_a_message_that_can_not_be_explained_is_hidden_and_stops_nothing(bench: Bench) -> None:
    await bench.receive(b"<?!" + CANARY + b">")
    assert bench.lines == [("device", " ".join([".."] * 10), "not explained (ValueError)")]


async def test_cancelling_a_wait_loses_nothing(bench: Bench) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.0):
            await bench.link.receive()
    await bench.receive(b"<a>")
    assert len(bench.records) == 1


RECORD = TraceRecord(1.25, "printer", Sender.HOST, "1b 40", "初始化")


def test_every_sink_hears_every_record() -> None:
    first: list[TraceRecord] = []
    second: list[TraceRecord] = []
    tracer = Tracer(first.append)
    tracer(RECORD)
    tracer.add(second.append)
    tracer(RECORD)
    assert (len(first), len(second)) == (2, 1)


def test_a_sink_that_fails_is_left_out_and_remembered() -> None:
    heard: list[TraceRecord] = []

    def full(_: TraceRecord) -> None:
        raise OSError("no space left on device")

    tracer = Tracer(full, heard.append)
    tracer(RECORD)
    tracer(RECORD)
    assert len(heard) == 2
    assert [str(failure) for failure in tracer.failures] == ["no space left on device"]


def test_the_hash_depends_on_every_field_and_on_the_order() -> None:
    other = TraceRecord(1.25, "printer", Sender.DEVICE, "12", "status")
    variants = [
        [RECORD, other],
        [other, RECORD],
        [RECORD],
        [TraceRecord(1.5, "printer", Sender.HOST, "1b 40", "初始化"), other],
        [TraceRecord(1.25, "reader", Sender.HOST, "1b 40", "初始化"), other],
    ]
    assert len({trace_hash(records) for records in variants}) == len(variants)
    assert trace_hash([RECORD, other]) == trace_hash([RECORD, other])


def test_overlapping_secrets_are_hidden_once() -> None:
    assert redacted(b"\x01\x02\x03\x04", (slice(1, 3), slice(2, None))) == "01 .. .. .."


async def test_a_traced_link_has_the_shape_of_a_link() -> None:
    terminal, device = memory_line()
    assert isinstance(terminal, MemoryEnd)
    link = TracedLink(terminal, "pad", FORMAT, lambda _: None)
    link.close()
    with pytest.raises(ConnectionError):
        await device.receive()
