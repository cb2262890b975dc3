from dataclasses import replace
from pathlib import Path

import pytest

from drivers.interfaces import CashUnitStatus, DeviceState, DispenserState, DispenserStatus, Replenishment, UnitStatus
from protocol.ber_tlv import find, parse_tlv
from protocol.chip_card import Tag
from protocol.money_line import ProcessingCode
from terminal.card import read_card
from terminal.recovery import fold
from tests.terminal.fakes import FULL, FakeKiosk

EMPTY = CashUnitStatus(UnitStatus.OK, Replenishment.EMPTY)


@pytest.fixture
async def kiosk(tmp_path: Path) -> FakeKiosk:
    kiosk = FakeKiosk(tmp_path)
    kiosk.equipment.cash = fold(kiosk.journal.records()).cash
    return kiosk


async def test_notes_are_offered_only_from_cassettes_that_counts_and_device_agree_on(kiosk: FakeKiosk) -> None:
    equipment = kiosk.equipment
    assert [unit.id for unit in equipment.available_notes()] == ["unit1", "unit2"]

    equipment.dispenser_status = DispenserStatus(DeviceState.ONLINE, DispenserState.OK, {**FULL, "unit1": EMPTY})
    assert [unit.id for unit in equipment.available_notes()] == ["unit2"]

    equipment.cash = equipment.cash.uncertain({"unit2": 1})
    assert equipment.available_notes() == []


async def test_a_dispenser_that_gives_few_notes_of_a_cassette_at_once_limits_the_mix(kiosk: FakeKiosk) -> None:
    kiosk.dispenser.capabilities = replace(kiosk.dispenser.capabilities, max_items_per_unit=7)

    assert [unit.available for unit in kiosk.equipment.available_notes()] == [7, 7]


async def test_a_cryptogram_is_over_the_amount_and_a_fresh_number(kiosk: FakeKiosk) -> None:
    data = await kiosk.reader.read_raw_data()
    card = await read_card(kiosk.reader, data)

    first, second = [parse_tlv(await kiosk.equipment.chip_data(card, ProcessingCode.CASH, 500_00)) for _ in range(2)]

    assert find(first, Tag.AMOUNT) == bytes.fromhex("000000050000")
    assert find(first, Tag.TRANSACTION_TYPE) == b"\x01"
    assert find(first, Tag.UNPREDICTABLE_NUMBER) != find(second, Tag.UNPREDICTABLE_NUMBER)
    assert find(first, Tag.CRYPTOGRAM) != find(second, Tag.CRYPTOGRAM)
