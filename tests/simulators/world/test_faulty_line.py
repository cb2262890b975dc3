import asyncio
import random
import re

import pytest

from protocol import fujitsu_f56
from protocol import puloon_lcdm_4000 as lcdm4000
from protocol.fujitsu_f56 import FUJITSU_F56
from protocol.fujitsu_f56_messages import StatusRequest
from protocol.puloon_lcdm import PULOON_LCDM_4000
from protocol.szzt_zt598 import SZZT_ZT598
from protocol.wire import Control, Damaged, Noise, WireFormat
from simulators.world.faulty_line import BABBLE_GAP, JOIN_WAIT, Direction, FaultyLine, LineFaults, Part
from simulators.world.line import MemoryEnd, memory_line

STATUS = lcdm4000.encode(lcdm4000.Request(lcdm4000.Command.STATUS))
DISPENSE = lcdm4000.encode(lcdm4000.DispenseRequest(lcdm4000.Command.DISPENSE, (5, 0, 0, 0)))
ASKED = fujitsu_f56.encode(StatusRequest())
REPLY = bytes(range(0x40, 0x50))
ACK, NAK, EOT = b"\x06", b"\x15", b"\x04"


class Desk:
    """A host and a device on a line with faults."""

    def __init__(self, wire: WireFormat = PULOON_LCDM_4000, seed: int = 1) -> None:
        self.faults = LineFaults(wire, lambda: random.Random(seed))
        self.host: MemoryEnd
        self.host, device = memory_line()
        self.device: FaultyLine = self.faults.put_on(device)

    def let(self, fault: str, **options: object) -> None:
        self.faults.ailments()[fault].happen(**options)

    async def heard_by_host(self, data: bytes) -> bytes:
        """What reaches the host when the device sends `data`."""
        await self.device.send(data)
        return await drained(self.host)

    async def heard_by_device(self, data: bytes) -> bytes:
        await self.host.send(data)
        return await drained(self.device)


async def drained(end: MemoryEnd | FaultyLine, silence: float = 0.5) -> bytes:
    """All that arrives until a silence."""
    data = b""
    while True:
        try:
            async with asyncio.timeout(silence):
                data += await end.receive()
        except TimeoutError:
            return data


@pytest.fixture
async def desk() -> Desk:
    return Desk()


async def test_a_line_without_faults_changes_nothing(desk: Desk) -> None:
    assert await desk.heard_by_device(STATUS) == STATUS
    assert await desk.heard_by_host(REPLY) == REPLY


def differing_bits(one: bytes, other: bytes) -> list[int]:
    return [bin(a ^ b).count("1") for a, b in zip(one, other, strict=True) if a != b]


async def test_one_bit_is_flipped_once(desk: Desk) -> None:
    desk.let("B1")

    assert differing_bits(REPLY, await desk.heard_by_host(REPLY)) == [1]
    assert await desk.heard_by_host(REPLY) == REPLY


async def test_two_flipped_bits_leave_the_xor_of_a_message_as_it_was(desk: Desk) -> None:
    desk.let("B2", part=Part.MESSAGE)

    changed = await desk.heard_by_host(REPLY)

    assert differing_bits(REPLY, changed) == [1, 1]
    assert xor(changed) == xor(REPLY)


@pytest.mark.parametrize(("wire", "message", "fits"), [(PULOON_LCDM_4000, DISPENSE, True), (FUJITSU_F56, ASKED, False)])
async def test_two_flipped_bits_hide_where_the_check_character_is_an_xor(
    wire: WireFormat, message: bytes, fits: bool
) -> None:
    """The command that the device hears can still be read, or a CRC tells."""
    for number in range(20):
        desk = Desk(wire, number)
        desk.let("B2", direction=Direction.TO_DEVICE, part=Part.MESSAGE)
        heard = wire.from_host().feed(await desk.heard_by_device(message))
        assert desk.faults.damage_fits is fits
        assert any(not isinstance(event, Control | Noise | Damaged) for event in heard) is fits


@pytest.mark.parametrize(("answer", "believed"), [(ACK, True), (NAK, False)])
async def test_who_acknowledges_what_came_damaged_is_found_out(desk: Desk, answer: bytes, believed: bool) -> None:
    desk.let("B1", part=Part.MESSAGE)

    await desk.heard_by_device(STATUS)
    await desk.heard_by_host(ACK)
    await desk.heard_by_host(REPLY)
    await desk.heard_by_device(answer)

    assert desk.faults.damage_believed is believed


async def test_an_ack_may_be_for_the_message_before_or_for_the_same_one_sent_anew(desk: Desk) -> None:
    await desk.heard_by_host(REPLY)
    desk.let("B1", part=Part.MESSAGE)
    await desk.heard_by_host(REPLY)
    await desk.heard_by_device(ACK)

    desk.let("B1", part=Part.MESSAGE)
    await desk.heard_by_host(REPLY)
    await desk.heard_by_host(REPLY)
    await desk.heard_by_device(ACK)

    assert not desk.faults.damage_believed


def xor(data: bytes) -> int:
    result = 0
    for byte in data:
        result ^= byte
    return result


async def test_control_codes_can_be_left_alone(desk: Desk) -> None:
    desk.let("B3", part=Part.MESSAGE)

    assert await desk.heard_by_host(ACK) == ACK
    assert await desk.heard_by_host(REPLY) == b""


async def test_some_bytes_are_dropped(desk: Desk) -> None:
    desk.let("B3", number=3)

    left = await desk.heard_by_host(REPLY)

    assert len(left) == len(REPLY) - 3
    assert re.fullmatch(b".*".join(re.escape(bytes([byte])) for byte in left), REPLY, re.DOTALL)


@pytest.mark.parametrize(
    ("fault", "heard"),
    [
        ("B4", REPLY + REPLY),
        ("B8", b"\xff" + REPLY),
        ("B9", b"\x00" + REPLY),
        ("B11", b"\x00" + REPLY[1:]),
        ("B6", REPLY),
        ("B5", b""),
        ("B17", b""),
    ],
)
async def test_what_the_host_hears_within_half_a_second(desk: Desk, fault: str, heard: bytes) -> None:
    desk.let(fault)

    assert await desk.heard_by_host(REPLY) == heard


async def test_a_parity_error_makes_a_byte_zero(desk: Desk) -> None:
    desk.let("B10")

    changed = await desk.heard_by_host(REPLY)

    assert [b for a, b in zip(REPLY, changed, strict=True) if a != b] == [0]


async def test_nothing_overtakes_what_is_delayed(desk: Desk) -> None:
    desk.let("B5", seconds=2.0)
    await desk.device.send(ACK)
    await desk.device.send(REPLY)

    assert await drained(desk.host, silence=3.0) == ACK + REPLY


async def test_messages_are_joined(desk: Desk) -> None:
    desk.let("B7")
    await desk.device.send(ACK)
    await desk.device.send(REPLY)

    assert await desk.host.receive() == ACK + REPLY


async def test_a_message_that_none_follows_leaves_alone(desk: Desk) -> None:
    desk.let("B7")
    await desk.device.send(ACK)

    assert await drained(desk.host, silence=JOIN_WAIT + 0.1) == ACK


async def test_the_host_hears_its_own_bytes(desk: Desk) -> None:
    desk.let("B12")

    assert await desk.heard_by_device(STATUS) == STATUS
    assert await drained(desk.host) == STATUS


@pytest.mark.parametrize(("fault", "code"), [("B13", ACK), ("B14", EOT)])
async def test_a_control_code_is_lost_once(desk: Desk, fault: str, code: bytes) -> None:
    desk.let(fault)

    assert await desk.heard_by_host(NAK) == NAK
    assert await desk.heard_by_host(code) == b""
    assert await desk.heard_by_host(code) == code


async def test_a_storm_of_naks_keeps_commands_from_the_device(desk: Desk) -> None:
    desk.let("B15", number=2)

    for _ in range(2):
        assert await desk.heard_by_device(STATUS) == b""
    assert await drained(desk.host) == NAK + NAK
    assert await desk.heard_by_device(STATUS) == STATUS


async def test_the_reply_before_comes_once_more(desk: Desk) -> None:
    await desk.heard_by_host(REPLY)
    desk.let("B16")

    assert await desk.heard_by_host(b"another reply") == REPLY + b"another reply"


async def test_the_last_reply_of_the_same_form_comes_before_one_that_says_something_else(desk: Desk) -> None:
    other = REPLY[:-1] + b"!"
    for said in (REPLY, b"of another form"):
        await desk.heard_by_host(said)
    desk.let("B16", same_form=True)

    assert await desk.heard_by_host(b"of another form") == b"of another form"
    assert await desk.heard_by_host(REPLY) == REPLY
    assert await desk.heard_by_host(other) == REPLY + other


async def test_a_babbling_device_stops_after_its_time(desk: Desk) -> None:
    desk.let("B18", seconds=1.0)

    assert len(await drained(desk.host, silence=3 * BABBLE_GAP)) >= 8 * 90
    assert await desk.heard_by_host(REPLY) == REPLY


async def test_a_wrong_baud_rate_garbles_both_ways_until_it_is_mended(desk: Desk) -> None:
    desk.let("B19")
    for _ in range(2):
        assert await desk.heard_by_host(REPLY) != REPLY
        assert await desk.heard_by_device(STATUS) != STATUS
    mend = desk.faults.ailments()["B19"].mend
    assert mend is not None
    mend()

    assert await desk.heard_by_host(REPLY) == REPLY


async def test_a_protocol_without_ack_can_lose_none(desk: Desk) -> None:
    assert not {"B13", "B14", "B15"} & set(LineFaults(SZZT_ZT598, lambda: random.Random(1)).ailments())


async def test_commands_are_counted_and_control_codes_and_garbage_are_not(desk: Desk) -> None:
    for piece in (ACK, STATUS[:3], STATUS[3:], b"\xff\xff\xff", STATUS, NAK):
        await desk.heard_by_device(piece)

    assert desk.faults.commands == 2


async def test_a_listener_strikes_before_the_command_reaches_the_device(desk: Desk) -> None:
    desk.faults.on_command(lambda: desk.let("B3", direction=Direction.TO_DEVICE))

    assert await desk.heard_by_device(STATUS) == b""


@pytest.mark.parametrize("number", range(1, len(STATUS) + 1))
async def test_a_strike_falls_between_two_bytes(desk: Desk, number: int) -> None:
    """Everything from the n-th byte on is lost when a fault strikes with the n-th byte."""
    desk.faults.at_byte(Direction.TO_DEVICE, number, lambda: desk.let("B3", direction=Direction.TO_DEVICE))

    assert await desk.heard_by_device(STATUS) == STATUS[: number - 1]


async def test_a_strike_that_was_called_off_does_not_fall(desk: Desk) -> None:
    stop = desk.faults.at_byte(Direction.TO_DEVICE, 2, lambda: desk.let("B3", direction=Direction.TO_DEVICE))
    stop()

    assert await desk.heard_by_device(STATUS) == STATUS


async def test_faults_stay_when_the_line_is_laid_again(desk: Desk) -> None:
    desk.let("B3")
    host, device = memory_line()
    again = desk.faults.put_on(device)
    await again.send(REPLY)

    assert await drained(host) == b""


async def test_a_line_that_goes_down_is_down_for_the_device_too(desk: Desk) -> None:
    desk.host.close()

    with pytest.raises(ConnectionError):
        await desk.device.receive()


@pytest.mark.parametrize("mended", ["B15", "B19"])
async def test_mending_one_fault_leaves_the_others_armed(desk: Desk, mended: str) -> None:
    desk.let(mended)
    desk.let("B3")
    mend = desk.faults.ailments()[mended].mend
    assert mend is not None
    mend()

    assert await desk.heard_by_device(STATUS) == STATUS
    assert await desk.heard_by_host(REPLY) == b""
