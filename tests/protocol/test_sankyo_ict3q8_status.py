import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.sankyo_ict3q8_status import (
    Barrier,
    Performance,
    UnitType,
    encode_levels,
    encode_percent,
    parse_levels,
    parse_percent,
)
from protocol.wire import RemoteProtocolError


def test_a_level_is_two_nibbles_above_30() -> None:
    volts = parse_levels(b"<0" * 3 + b"??")
    assert volts[Barrier.PD1] == pytest.approx(5 * 0xC0 / 255)
    assert volts[Barrier.PDI] == 5.0


@given(st.lists(st.integers(0, 255), min_size=4, max_size=4))
def test_levels_come_back_as_they_were(steps: list[int]) -> None:
    volts = {barrier: step * 5 / 255 for barrier, step in zip(Barrier, steps, strict=True)}
    assert parse_levels(encode_levels(volts)) == pytest.approx(volts)


def test_more_than_255_per_cent_is_capped() -> None:
    assert parse_percent(encode_percent(dict.fromkeys(Barrier, 300)))[Barrier.PD2] == 255


@pytest.mark.parametrize("unit", ["2220110000100000", "2220010000100001"])
def test_type_codes_of_real_units_tell_which_tracks_are_written(unit: str) -> None:
    assert UnitType.parse(unit.encode()).tracks == (2, 2, 2)


def test_a_type_code_is_made_after_the_figure() -> None:
    assert UnitType((1, 2, 0), 1, True).encode() == b"1200110000000000"


def test_counters_of_the_performance_log_stand_at_their_offsets() -> None:
    log = Performance(passes=1, captures=2, head_passes=3, track2=(4, 5, 6, 7), chip_activations=8, contact=(9, 10))
    page = log.encode()
    found = {offset: int.from_bytes(page[offset : offset + 4], "big") for offset in (0, 4, 8, 28, 40, 60, 128, 132)}
    assert found == {0: 1, 4: 2, 8: 3, 28: 4, 40: 7, 60: 8, 128: 9, 132: 10}
    assert Performance.parse(page) == log


def test_what_is_cut_short_is_the_other_sides_fault() -> None:
    for attempt in (
        lambda: parse_levels(b"<0<0"),
        lambda: parse_levels(b"zz" * 4),
        lambda: parse_percent(b"dd"),
        lambda: UnitType.parse(b"x" * 16),
        lambda: Performance.parse(bytes(100)),
    ):
        with pytest.raises(RemoteProtocolError):
            attempt()
