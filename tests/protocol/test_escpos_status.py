from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.escpos_status import (
    AutomaticStatus,
    BuffersCleared,
    ErrorBits,
    NameReply,
    OfflineBits,
    PaperBits,
    PaperStatus,
    PrinterBits,
    RealTimeStatus,
    Reply,
    SensorBits,
    StateBits,
    encode_reply,
    scan_printer,
)
from protocol.wire import Decoder, Noise
from tests.vectors import Vector, load

MEANINGS: dict[str, Reply] = {
    "online and ready": RealTimeStatus(0),
    "offline": RealTimeStatus(PrinterBits.OFFLINE),
    "cover open": RealTimeStatus(OfflineBits.COVER_OPEN),
    "stopped by paper end": RealTimeStatus(OfflineBits.PAPER_END),
    "cutter error": RealTimeStatus(ErrorBits.CUTTER),
    "paper near end": RealTimeStatus(PaperBits.NEAR_END),
    "paper near end and out": RealTimeStatus(PaperBits.NEAR_END | PaperBits.END),
    "printed, paper adequate": PaperStatus(SensorBits(0)),
    "printed, paper near end": PaperStatus(SensorBits.NEAR_END),
    "buffers cleared": BuffersCleared(),
    "model name": NameReply("TM-T88V"),
    "automatic status, ready": AutomaticStatus(StateBits(0), ErrorBits(0), SensorBits(0)),
    "automatic status, cover open": AutomaticStatus(
        StateBits.OFFLINE | StateBits.COVER_OPEN, ErrorBits(0), SensorBits(0)
    ),
    "automatic status, cutter error and paper near end": AutomaticStatus(
        StateBits.OFFLINE, ErrorBits.CUTTER, SensorBits.NEAR_END
    ),
}

DEVICE = [found for found in load("escpos") if found.sender == "device"]


def printer() -> Decoder[Reply]:
    return Decoder(scan_printer)


@pytest.mark.parametrize("found", DEVICE, ids=str)
def test_answers_are_read_as_published(found: Vector) -> None:
    (event,) = printer().feed(found.data)
    assert event == MEANINGS[found.name]
    assert event.raw == found.data


@pytest.mark.parametrize("found", DEVICE, ids=str)
def test_answers_are_written_as_published(found: Vector) -> None:
    assert encode_reply(MEANINGS[found.name]) == found.data


@pytest.mark.parametrize("byte", [0x11, 0x13], ids=["XON", "XOFF"])
def test_flow_control_is_no_status(byte: int) -> None:
    assert printer().feed(bytes([byte])) == [Noise(bytes([byte]), "no status")]


def test_an_automatic_status_that_breaks_off_does_not_swallow_an_answer() -> None:
    noise, status = printer().feed(b"\x18\x08\x12")[0], printer().feed(b"\x18\x12")[-1]
    assert isinstance(noise, Noise)
    assert status == RealTimeStatus(0)


@given(st.binary(max_size=40), st.lists(st.integers(0, 40), max_size=4))
def test_any_bytes_in_any_pieces_are_read_the_same_and_none_is_lost(data: bytes, cuts: list[int]) -> None:
    decoder, whole = printer(), printer()
    edges = [0, *sorted(edge % (len(data) + 1) for edge in cuts), len(data)]
    events = [event for start, end in pairwise(edges) for event in decoder.feed(data[start:end])]
    at_once = whole.feed(data)
    assert [event for event in events if not isinstance(event, Noise)] == [
        event for event in at_once if not isinstance(event, Noise)
    ]
    assert b"".join(event.raw for event in events) + decoder.pending == data
    decoder.give_up()
    assert decoder.feed(b"\x12") == [RealTimeStatus(0)]


@pytest.mark.parametrize("broken", [b"\x5fTM\x16", b"\x5f" + b"A" * 81 + b"\0", b"\x5f\xe4\0"])
def test_a_name_that_breaks_off_is_no_name(broken: bytes) -> None:
    first, *others = printer().feed(broken)
    assert isinstance(first, Noise)
    assert first.raw.startswith(b"\x5f")
    assert not any(isinstance(event, NameReply) for event in others)
