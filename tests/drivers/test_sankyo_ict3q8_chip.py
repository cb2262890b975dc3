"""Chips by protocol, in parts, SAMs and memory cards."""

import pytest

from drivers.interfaces import ChipPower, ChipProtocol, CompletionCode, DeviceError, ErrorCode
from drivers.sankyo_ict3q8 import SankyoIct3q8Options
from protocol.chip_card import CommandApdu, ResponseApdu, select_by_name
from protocol.sankyo_ict3q8_codes import ErrorCode as ReaderError
from protocol.social_card import AID
from simulators.devices.sankyo_ict3q8_options import SankyoIct3q8Options as UnitOptions
from simulators.world.cards import MemoryChip, VirtualCard, issue
from simulators.world.chip import ATR_T0, ATR_T1, VirtualChip
from simulators.world.people import person
from tests.drivers.sankyo_bench import Bench, bench, make_bench, readers_end_with_the_test

__all__ = ["bench", "readers_end_with_the_test"]


class Echo(VirtualChip):
    """A T=1 chip that takes and gives as much as an extended APDU holds."""

    def __init__(self) -> None:
        super().__init__([], atr=ATR_T1)
        self.heard: list[bytes] = []

    def exchange(self, apdu: bytes) -> bytes | None:
        self.heard.append(apdu)
        return apdu[4:] + b"\x90\x00"


@pytest.mark.parametrize("length", [5, 999, 1000, 1001, 2000, 2001, 4500])
async def test_a_command_of_any_length_reaches_a_t1_chip_whole(length: int) -> None:
    bench, chip = make_bench(SankyoIct3q8Options(), baud=38400), Echo()
    await bench.driver.reset()
    await bench.read(VirtualCard("long", chip=chip))
    apdu = bytes(range(250)) * 20
    assert await bench.driver.chip_io(apdu[:length]) == apdu[4:length] + b"\x90\x00"
    assert chip.heard == [apdu[:length]]
    assert bench.motions("CI5") == (length - 1) // 1000


@pytest.mark.parametrize(("protocol", "sent"), [(ChipProtocol.T0, "CI3"), (ChipProtocol.NOT_REQUIRED, "CI9")])
async def test_the_protocol_is_the_callers_choice(bench: Bench, protocol: ChipProtocol, sent: str) -> None:
    await bench.with_card_inside()
    assert await bench.driver.chip_io(select_by_name(AID).encode(), protocol) == bytes.fromhex("611E")
    assert bench.motions(sent) == 1


async def test_the_wrong_protocol_is_named(bench: Bench) -> None:
    await bench.with_card_inside()
    with pytest.raises(DeviceError) as caught:
        await bench.driver.chip_io(bytes(5), ChipProtocol.T1)
    assert caught.value.code is ErrorCode.PROTOCOL_NOT_SUPPORTED


async def test_an_apdu_too_long_for_t0_is_not_sent(bench: Bench) -> None:
    await bench.with_card_inside()
    with pytest.raises(DeviceError) as caught:
        await bench.driver.chip_io(bytes(262), ChipProtocol.T0)
    assert caught.value.completion is CompletionCode.INVALID_DATA
    assert bench.motions("CI3") == 0


async def test_a_chip_that_aborts_is_the_cards_fault(bench: Bench) -> None:
    await bench.with_card_inside()
    bench.reader.abort_chip_next()
    with pytest.raises(DeviceError) as caught:
        await bench.driver.chip_io(bytes(5))
    assert caught.value.code is ErrorCode.INVALID_MEDIA


@pytest.mark.parametrize("error", [ReaderError.CHIP_TIMEOUT, ReaderError.CHIP_PROTOCOL, ReaderError.CHIP_SUPPLY])
async def test_after_a_failed_exchange_the_chip_can_be_reset(bench: Bench, error: ReaderError) -> None:
    await bench.with_card_inside()
    bench.reader.fail_chip_next(error)
    with pytest.raises(DeviceError):
        await bench.driver.chip_io(bytes(5))
    assert await bench.driver.chip_power(ChipPower.COLD) == ATR_T0


async def test_a_contact_that_does_not_reach_the_chip_leaves_the_stripe(bench: Bench) -> None:
    bench.reader.break_contact(True)
    card = issue(person("jia"))
    data = await bench.read(card)
    assert (data.track2, data.atr) == (card.tracks[2], None)


class Sam(VirtualChip):
    """Answers every command with its own number."""

    def __init__(self, number: int) -> None:
        super().__init__([])
        self.number = number

    def exchange(self, apdu: bytes) -> bytes | None:
        CommandApdu.parse(apdu)
        return ResponseApdu(bytes((self.number,)), 0x9000).encode()


async def test_every_sam_is_spoken_to_in_its_socket() -> None:
    bench = make_bench(unit=UnitOptions(sams=2))
    bench.reader._commands.chips._sam_chips = {0: Sam(0), 1: Sam(1)}
    await bench.driver.reset()
    sams = bench.driver.sams
    assert [await sams.power(socket, ChipPower.COLD) for socket in (0, 1)] == [ATR_T0, ATR_T0]
    assert [(await sams.io(socket, bytes.fromhex("0084000000")))[:1] for socket in (1, 0, 1)] == [
        b"\x01",
        b"\x00",
        b"\x01",
    ]
    assert await sams.power(0, ChipPower.WARM) == ATR_T0
    assert await sams.power(0, ChipPower.OFF) == b""
    with pytest.raises(DeviceError):
        await sams.io(0, bytes(5))
    with pytest.raises(DeviceError):
        await sams.power(2, ChipPower.COLD)


async def test_a_memory_card_is_read_and_written(bench: Bench) -> None:
    card = VirtualCard("memory", {2: "123"}, memory=MemoryChip())
    await bench.read(card)
    memory = bench.driver.memory_card
    await memory.power(True)
    await memory.write(0x20, b"abc")
    assert await memory.read(0x20, 3) == b"abc"
    with pytest.raises(DeviceError, match="6700"):
        await memory.read(0x2E, 4)
    with pytest.raises(DeviceError) as caught:
        await memory.read(0, 300)
    assert caught.value.completion is CompletionCode.INVALID_DATA
    await memory.power(False)
    with pytest.raises(DeviceError):
        await memory.read(0, 1)
