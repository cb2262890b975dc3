import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.sankyo_ict3q8 import Command, encode
from protocol.sankyo_ict3q8_codes import Dialect
from protocol.sankyo_ict3q8_initialize import DsrWatch, Initialize, InitialMove, OnPowerDown
from protocol.wire import RemoteProtocolError
from tests.vectors import vector


def test_the_ict3k5_has_another_order_of_fields() -> None:
    setup = Initialize(InitialMove.TO_GATE, pull_out_in_capture_is_error=False)
    golden = vector("sankyo_ict3q8", "C00324100100 (ICT3K5)")
    assert encode(setup.command(Dialect.ICT3K5)) == golden
    assert Initialize.parse(Command("0", "0", b"324100100"), Dialect.ICT3K5) == setup


def test_the_ict3k5_counts_captures_by_a_flag() -> None:
    command = Initialize(InitialMove.TO_GATE_COUNTED).command(Dialect.ICT3K5)
    assert (command.pm, command.data[-1:]) == ("0", b"1")
    assert Initialize.parse(command, Dialect.ICT3K5).counts


@pytest.mark.parametrize(
    ("dialect", "data"),
    [
        (Dialect.ICT3Q8, b"324100100"),
        (Dialect.ICT3K5, b"32400001000"),
        (Dialect.ICT3K5, b"3241001000"),
        (Dialect.ICT3K5, b"324100200"),
    ],
)
def test_one_dialect_refuses_the_fields_of_the_other(dialect: Dialect, data: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        Initialize.parse(Command("0", "0", data), dialect)


@given(
    st.builds(
        Initialize,
        st.sampled_from(InitialMove),
        st.sampled_from(OnPowerDown),
        st.booleans(),
        st.booleans(),
        st.sampled_from(DsrWatch),
        st.booleans(),
        st.booleans(),
    )
)
def test_what_is_asked_is_understood(setup: Initialize) -> None:
    assert Initialize.parse(setup.command()) == setup
