import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.atr import emv_violation, parse_atr
from protocol.wire import RemoteProtocolError
from tests.vectors import Vector, load, vector

ATRS = [found for found in load("chip_card") if found.fields["kind"] == "atr"]


@pytest.mark.parametrize("golden", ATRS, ids=str)
def test_golden_atrs_are_taken_apart(golden: Vector) -> None:
    atr = parse_atr(golden.data)
    assert atr.historical.hex().upper() == golden.fields["historical"]
    assert list(atr.protocols) == golden.fields["protocols"]
    assert emv_violation(atr) is None


def test_a_wrong_check_byte_is_noticed() -> None:
    broken = vector("chip_card", "ATR T=1")[:-1] + b"\xee"
    with pytest.raises(RemoteProtocolError):
        parse_atr(broken)


@pytest.mark.parametrize(
    "broken", ["", "3B", "3D 00", "3B 65 00 00 01 02 03 04", "3B 65 00 00 01 02 03 04 05 06", "3B F0"]
)
def test_a_cut_or_overlong_atr_is_refused(broken: str) -> None:
    with pytest.raises(RemoteProtocolError):
        parse_atr(bytes.fromhex(broken))


@given(st.binary(max_size=80))
def test_garbage_is_the_cards_fault_and_nothing_else(garbage: bytes) -> None:
    with contextlib.suppress(RemoteProtocolError):
        parse_atr(garbage)


@pytest.mark.parametrize(
    ("atr", "rule"),
    [
        ("3B 25 00 01 02 03 04 05", None),
        ("3B 45 00 01 02 03 04 05", "TB1"),
        ("3B 25 25 01 02 03 04 05", "TB1"),
        ("3B A0 00 02", "TD1"),
        ("3B A0 00 10 10", "TA2"),
        ("3B A0 00 10 01", "TA2"),
        ("3B A0 00 20 00", "TB2"),
        ("3B A0 00 40 00", "TC2"),
        ("3B A0 00 80 02", "TD2"),
        ("3B A0 00 81 11 0F", "TA3"),
        ("3B A0 00 81 21 46", "TB3"),
        ("3B A0 00 81 41 01", "TC3"),
        ("3B E0 00 10 81 21 44", "TB3 waits"),
        ("3B E0 00 10 81 21 45", None),
        ("3B E0 00 FF 81 21 40", None),
    ],
)
def test_emv_mode_names_the_rule_that_an_atr_breaks(atr: str, rule: str | None) -> None:
    raw = bytes.fromhex(atr)
    if any(value & 0x0F for value in _tds(raw)):
        check = 0
        for value in raw[1:]:
            check ^= value
        raw += bytes((check,))
    violation = emv_violation(parse_atr(raw))
    assert violation is None if rule is None else violation is not None and violation.startswith(rule)


def test_a_warm_reset_may_have_any_tb1() -> None:
    assert emv_violation(parse_atr(bytes.fromhex("3B 45 00 01 02 03 04 05")), cold=False) is None


def _tds(raw: bytes) -> list[int]:
    """TD1, TD2, ... of an ATR without its check byte."""
    found: list[int] = []
    at, presence = 2, raw[1] >> 4
    while presence & 0x8:
        at += (presence & 0x7).bit_count()
        found.append(raw[at])
        presence = raw[at] >> 4
        at += 1
    return found
