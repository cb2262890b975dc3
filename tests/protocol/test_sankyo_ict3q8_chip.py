import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.sankyo_ict3q8_chip import (
    SAM_COMMANDS,
    ChipCommand,
    ChipStatus,
    Clock,
    MemoryAccess,
    MemoryStatus,
    Supply,
    sam_command,
    speed,
)
from protocol.wire import LocalProtocolError, RemoteProtocolError


def test_a_sam_has_the_letters_of_the_chip_ten_further_on() -> None:
    assert {pm: ord(pm) - ord(command) for pm, command in SAM_COMMANDS.items()} == dict.fromkeys("@ABCDEFGHI", 0x10)
    assert sam_command(ChipCommand.AUTO) == "I"


@pytest.mark.parametrize(
    ("byte", "status"),
    [(0x40, ChipStatus()), (0x45, ChipStatus(True, False, Clock.MHZ_3_58)), (0x4B, ChipStatus(True, True, Clock(2)))],
)
def test_a_chip_status_is_one_byte(byte: int, status: ChipStatus) -> None:
    assert ChipStatus.parse(byte) == status
    assert status.encode() == byte


def test_the_memory_card_status_is_one_byte() -> None:
    assert MemoryStatus.parse(0x53) == MemoryStatus(True, True, True)
    assert MemoryStatus(True, False, True).encode() == 0x51


@pytest.mark.parametrize("parse", [ChipStatus.parse, MemoryStatus.parse])
def test_other_status_bytes_are_the_other_sides_fault(parse: object) -> None:
    with pytest.raises(RemoteProtocolError):
        parse(0x4C | 0x80)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("ta1", "supply", "times"),
    [
        (None, Supply.ISO_5V, 1.0),
        (0x96, Supply.ISO_5V, 1.0),
        (0x13, Supply.EMV_5V, 1.0),
        (0x13, Supply.ISO_5V, 4.0),
        (0x93, Supply.FROM_5V, 372 / 512 * 4),
    ],
)
def test_only_some_speeds_are_negotiated_and_none_by_the_emv_rules(
    ta1: int | None, supply: Supply, times: float
) -> None:
    assert speed(ta1, supply) == times


@given(st.integers(0, 0xFFFF), st.binary(min_size=1, max_size=256))
def test_an_access_to_a_memory_card_comes_back_as_it_was(address: int, data: bytes) -> None:
    for access in (MemoryAccess(address, len(data)), MemoryAccess(address, len(data), data)):
        assert MemoryAccess.parse(access.encode()) == access


@pytest.mark.parametrize("data", ["00B00000", "01B0000001", "00C0000001", "00B000000155", "00D000000255"])
def test_other_accesses_are_the_other_sides_fault(data: str) -> None:
    with pytest.raises(RemoteProtocolError):
        MemoryAccess.parse(bytes.fromhex(data))


def test_what_a_memory_card_can_not_do_is_never_sent() -> None:
    for wrong in (MemoryAccess(0, 257), MemoryAccess(70000, 1), MemoryAccess(0, 2, b"1")):
        with pytest.raises(LocalProtocolError):
            wrong.encode()
