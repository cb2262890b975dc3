"""One cash transaction on its own: what can be asked for, and what each step leaves behind."""

from pathlib import Path

import pytest

from drivers.interfaces import Dispensed, Done, UnitCounts
from protocol.money_line import AmountType, Confirm, Reversal
from terminal.card import Card
from terminal.cash_units import CashUnit, CashUnits
from terminal.host_answers import NoAnswer, Quote
from terminal.journal import Entry, JournalError
from terminal.view import Fen, Words
from terminal.withdrawal import Withdrawal
from tests.terminal.fakes import BROKEN, LOADED, FakeKiosk

CARD = Card("6217000000000000012", "001", "3401", "6217000000000000012=34012010001", b"\xa0\x00\x00\x03\x33\x01\x01")


def withdrawal(kiosk: FakeKiosk, maximum: int = 2_000_00, cash: CashUnits | None = None) -> Withdrawal:
    kiosk.equipment.cash = CashUnits(LOADED) if cash is None else cash
    quote = Quote({AmountType.AVAILABLE: 3_000_00, AmountType.MAXIMUM_DRAW: maximum})
    return Withdrawal(kiosk.equipment, "visit-000001", CARD, bytes(8), quote)


@pytest.fixture
async def kiosk(tmp_path: Path) -> FakeKiosk:
    """Signed on, with a card in the reader."""
    kiosk = FakeKiosk(tmp_path)
    await kiosk.equipment.money.sign_on()
    await kiosk.reader.read_raw_data()
    return kiosk


async def authorised(kiosk: FakeKiosk, amount: int = 500_00) -> Withdrawal:
    asked = withdrawal(kiosk)
    asked.amount_fen = amount
    assert await asked.authorise() is None
    return asked


# --- What can be asked for


@pytest.mark.req("S1-40")
async def test_only_amounts_are_offered_that_limit_and_notes_allow(kiosk: FakeKiosk) -> None:
    assert withdrawal(kiosk, maximum=730_00).offers() == [100_00, 200_00, 300_00, 500_00, 700_00]

    few = CashUnits({"unit1": CashUnit(100_00, 0), "unit2": CashUnit(50_00, 3)})
    assert withdrawal(kiosk, cash=few).offers() == [100_00, 150_00]

    kiosk.equipment.amount_step_fen = 100_00
    assert withdrawal(kiosk, cash=few).offers() == [100_00]
    assert withdrawal(kiosk, maximum=40_00).offers() == []


async def test_an_amount_is_objected_to_with_what_would_be_possible(kiosk: FakeKiosk) -> None:
    asked = withdrawal(kiosk)
    objections = {}
    for amount in (0, 2_000_01, 75_00, 500_00):
        asked.amount_fen = amount
        objections[amount] = asked.objection()

    assert objections == {
        0: Words("other_amount.zero"),
        2_000_01: Words("other_amount.too_much", {"maximum": Fen(2_000_00)}),
        75_00: Words("other_amount.not_with_notes", {"amount": Fen(75_00)}),
        500_00: None,
    }


# --- The steps


async def test_an_approval_is_on_record_with_the_notes_that_will_pay_it(kiosk: FakeKiosk) -> None:
    asked = await authorised(kiosk, 550_00)

    assert asked.approval is not None
    assert asked.notes == "5 x 100 + 1 x 50"
    assert [record.data for record in kiosk.records(Entry.CONFIRMED)] == [
        {"amount_fen": 550_00, "mix": {"unit1": 5, "unit2": 1}}
    ]


async def test_notes_that_are_gone_by_now_are_not_asked_for(kiosk: FakeKiosk) -> None:
    asked = withdrawal(kiosk)
    asked.amount_fen = 500_00
    kiosk.equipment.cash = CashUnits({"unit2": CashUnit(50_00, 1)})

    answer = await asked.authorise()

    assert isinstance(answer, NoAnswer)
    assert not answer.sent


async def test_a_chip_without_a_cryptogram_asks_nothing_of_the_host(kiosk: FakeKiosk) -> None:
    asked = withdrawal(kiosk)
    asked.amount_fen = 500_00
    kiosk.reader.script["chip_io"] = [BROKEN]

    assert isinstance(await asked.authorise(), NoAnswer)
    assert [type(request).__name__ for request in kiosk.host.heard] == ["SignOn"]


async def test_calling_off_gives_everything_back_without_asking_the_dispenser(kiosk: FakeKiosk) -> None:
    asked = await authorised(kiosk)

    asked.call_off()
    await kiosk.equipment.money.deliver()

    assert asked.paid_fen == 0
    assert kiosk.called("dispense") == []
    assert [reversal.amount for reversal in kiosk.host.of(Reversal)] == [500_00]


async def test_what_came_out_is_counted_confirmed_and_taken_off_the_cassettes(kiosk: FakeKiosk) -> None:
    asked = await authorised(kiosk)
    kiosk.dispenser.script["dispense"] = [Done(Dispensed({"unit1": UnitCounts(4, 2)}, BROKEN))]

    assert await asked.dispense() is True
    await kiosk.equipment.money.deliver()

    assert asked.paid_fen == 400_00
    (confirm,) = kiosk.host.of(Confirm)
    assert confirm.amount == 400_00
    assert [(unit.presented, unit.rejected) for unit in confirm.units] == [(4, 2)]
    assert kiosk.equipment.cash.units["unit1"].remaining == 94


async def test_without_its_intent_on_the_disk_the_dispenser_hears_nothing(kiosk: FakeKiosk) -> None:
    asked = await authorised(kiosk)
    kiosk.journal.break_at = kiosk.journal.written + 1

    with pytest.raises(JournalError):
        await asked.dispense()

    assert kiosk.called("dispense") == []


async def test_a_count_that_can_not_be_written_down_confirms_nothing(kiosk: FakeKiosk) -> None:
    asked = await authorised(kiosk)
    kiosk.journal.break_at = kiosk.journal.written + 2

    with pytest.raises(JournalError):
        await asked.dispense()

    assert kiosk.equipment.money.open_advices == ()
    assert len(kiosk.equipment.money.open_approvals) == 1


async def test_a_suspended_transaction_is_neither_confirmed_nor_reversed_and_closes_the_kiosk(
    kiosk: FakeKiosk,
) -> None:
    asked = await authorised(kiosk)

    asked.suspend("by the test")
    await kiosk.equipment.money.deliver()

    assert asked.paid_fen is None
    assert kiosk.equipment.suspended
    assert kiosk.host.of(Confirm) == kiosk.host.of(Reversal) == []
    assert [record.data["mix"] for record in kiosk.records(Entry.SUSPENSE_OPENED)] == [{"unit1": 5}]
