"""What the pad's errors mean and what helps."""

import pytest

from drivers.interfaces import (
    CompletionCode,
    MacAlgorithm,
)
from drivers.szzt_zt598_errors import MEANINGS, PadRefused
from protocol.szzt_zt598_tables import Opcode, Rtn
from tests.drivers.szzt_zt598_desk import desk


@pytest.mark.parametrize("rtn", sorted(Rtn))
async def test_every_error_of_the_pad_is_told_with_a_remedy(rtn: Rtn) -> None:
    async with desk() as at:
        at.pad.fail_next(Opcode.MAC, rtn)
        with pytest.raises(PadRefused) as failure:
            await at.driver.generate_authentication(b"data", MacAlgorithm.X9_19)
        assert failure.value.rtn == rtn
        assert failure.value.remedy
        assert f"({rtn:02X})" in str(failure.value)
        assert failure.value.device == "SZZT ZT598"


def test_an_error_that_nobody_knows_is_a_hardware_error() -> None:
    assert PadRefused("pad", Opcode.MAC, 0xDF).completion is CompletionCode.HARDWARE_ERROR


def test_every_row_of_the_table_of_errors_says_what_helps() -> None:
    assert all(meaning.remedy for meaning in MEANINGS.values())
