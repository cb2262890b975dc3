"""Cash: the order of things, what was counted is what is told, and amounts that can't be had."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from drivers.interfaces import (
    DataEntered,
    Dispensed,
    Done,
    EntryCompletion,
    Refused,
    UnitCounts,
    Unknown,
)
from protocol.money_line import AmountType, CashRequest, Confirm, Reversal
from terminal import views
from terminal.journal import Entry
from terminal.states import State
from terminal.view import Choose, Fen, Screen, Words
from tests.terminal.fakes import (
    BROKEN,
    JAMMED,
    LIMITS,
    UNPLUGGED,
    FakeKiosk,
    money_is_settled,
    order,
)

LOST = Unknown("no answer by the test")


@pytest.fixture
async def kiosk(tmp_path: Path) -> FakeKiosk:
    return FakeKiosk(tmp_path)


@pytest.mark.req("S1-66")
async def test_the_order_is_authorise_card_taken_notes_confirm_receipt(kiosk: FakeKiosk) -> None:
    assert await kiosk.visit() is State.IDLE

    steps = ("confirmed", "move", "media_removed", "card_taken", "dispense", "advice_stored", "print_form")
    assert order(kiosk, *steps) == [
        "confirmed",
        "move exit",
        "media_removed 5.0",
        "card_taken",
        "dispense {'unit1': 5}",
        "advice_stored",
        "print_form 16",
    ]
    assert kiosk.ending == "paid"
    assert [confirm.amount for confirm in kiosk.host.of(Confirm)] == [500_00]
    money_is_settled(kiosk)


async def test_the_intent_is_in_the_journal_when_the_dispenser_is_called(kiosk: FakeKiosk) -> None:
    await kiosk.visit()

    (call,) = kiosk.called("dispense")
    (intent,) = kiosk.records(Entry.DISPENSE_INTENT)
    assert call.journal == intent.seq
    assert intent.data == {"amount_fen": 500_00, "mix": {"unit1": 5}}


@pytest.mark.parametrize(
    ("outcome", "ending", "confirmed", "reversed_"),
    [
        (Done(Dispensed({"unit1": UnitCounts(5)})), "paid", [500_00], []),
        (Done(Dispensed({"unit1": UnitCounts(3, 1)}, JAMMED, "unit1")), "partly_paid", [300_00], []),
        (Done(Dispensed({"unit1": UnitCounts(0, 2)}, JAMMED, "unit1")), "not_paid", [], [500_00]),
        (Refused(JAMMED), "not_paid", [], [500_00]),
        (LOST, "suspense", [], []),
        (BROKEN, "suspense", [], []),
        (UNPLUGGED, "suspense", [], []),
        (ValueError("a mistake in a driver"), "suspense", [], []),
        (Done(Dispensed({"unit1": UnitCounts(6)})), "suspense", [], []),
    ],
)
async def test_what_the_dispenser_counted_is_what_the_host_is_told(
    kiosk: FakeKiosk, outcome: Any, ending: str, confirmed: list[int], reversed_: list[int]
) -> None:
    kiosk.dispenser.script["dispense"] = [outcome]

    await kiosk.visit()

    assert kiosk.ending == ending
    assert [advice.amount for advice in kiosk.host.of(Confirm)] == confirmed
    assert [advice.amount for advice in kiosk.host.of(Reversal)] == reversed_
    assert len(kiosk.called("dispense")) == 1
    money_is_settled(kiosk)


@pytest.mark.req("S1-81")
@pytest.mark.parametrize("outcome", [LOST, BROKEN])
async def test_after_a_lost_outcome_the_kiosk_stays_out_of_service_until_the_notes_are_counted(
    kiosk: FakeKiosk, outcome: Any
) -> None:
    kiosk.dispenser.script["dispense"] = [outcome]

    assert await kiosk.visit() is State.OUT_OF_SERVICE
    assert kiosk.equipment.closed_because == "count_needed"
    assert [record.data["mix"] for record in kiosk.records(Entry.DISPENSE_UNKNOWN)] == [{"unit1": 5}]
    assert kiosk.cash.units["unit1"].unknown == 5
    assert "dispenser" not in [call.device for call in kiosk.calls if call.method == "reset"]
    (receipt,) = kiosk.printer.printed
    assert "管理员凭条" not in receipt, "what operators have to know is nothing for the customer's slot"

    kiosk.run()
    await asyncio.sleep(5 * LIMITS.retry)
    assert kiosk.session.state is State.OUT_OF_SERVICE
    assert kiosk.called("get_present_status") == []
    assert "dispenser" not in [call.device for call in kiosk.calls if call.method == "reset"]
    await kiosk.stop()


async def test_a_dispense_that_paid_less_tells_the_customer_how_much(kiosk: FakeKiosk) -> None:
    kiosk.dispenser.script["dispense"] = [Done(Dispensed({"unit1": UnitCounts(3)}, JAMMED, "unit1"))]

    await kiosk.visit()

    offered = next(view for view in kiosk.views if view.screen is Screen.TAKE_CASH)
    assert Words("take_cash.amount", {"amount": Fen(300_00)}) in offered.lines
    assert "300.00" in kiosk.printer.printed[0]
    assert kiosk.cash.units["unit1"].dispensed == 3


async def test_notes_left_in_the_tray_stay_debited_and_are_on_record(kiosk: FakeKiosk) -> None:
    kiosk.dispenser.script["items_taken"] = [False]

    await kiosk.visit()

    assert Entry.CASH_LEFT in kiosk.kinds()
    assert [confirm.amount for confirm in kiosk.host.of(Confirm)] == [500_00]


async def test_an_amount_that_the_host_refuses_can_be_chosen_anew(kiosk: FakeKiosk) -> None:
    kiosk.host.codes[CashRequest] = ["61"]

    await kiosk.visit()

    amounts = [view for view in kiosk.views if view.screen is Screen.AMOUNT]
    assert [len(view.lines) - len(amounts[0].lines) for view in amounts] == [0, 1]
    assert kiosk.ending == "paid"


async def test_what_is_offered_after_a_refusal_is_what_the_host_says_is_left(kiosk: FakeKiosk) -> None:
    kiosk.host.codes[CashRequest] = ["61"]
    kiosk.host.left = {AmountType.AVAILABLE: 3_000_00, AmountType.MAXIMUM_DRAW: 200_00}
    offered = []

    async def looks() -> None:
        await kiosk.until(Screen.CONFIRM)
        offered.append([choice.id for choice in (await kiosk.until(Screen.AMOUNT)).choices])

    looking = asyncio.ensure_future(looks())
    await kiosk.visit()
    await looking

    assert offered == [[f"{views.AMOUNT}10000", f"{views.AMOUNT}20000", views.OTHER]]


@pytest.mark.parametrize("left", [0, 40_00])
async def test_who_can_have_nothing_any_more_gets_the_card_back(kiosk: FakeKiosk, left: int) -> None:
    kiosk.host.codes[CashRequest] = ["61"]
    kiosk.host.left = {AmountType.AVAILABLE: 3_000_00, AmountType.MAXIMUM_DRAW: left}

    await kiosk.visit()

    assert [view.screen for view in kiosk.views].count(Screen.AMOUNT) == 1
    assert kiosk.ending == "declined"


async def test_a_silent_host_is_reversed_and_no_note_moves(kiosk: FakeKiosk) -> None:
    kiosk.host.silent_on[CashRequest] = 1

    await kiosk.visit()

    assert kiosk.ending == "no_answer"
    assert kiosk.called("dispense") == []
    assert [reversal.amount for reversal in kiosk.host.of(Reversal)] == [500_00]
    money_is_settled(kiosk)


async def test_another_amount_is_typed_and_an_impossible_one_is_explained(kiosk: FakeKiosk) -> None:
    kiosk.answers[Screen.AMOUNT] = Choose(views.OTHER)
    kiosk.pad.script["data_entry"] = [
        DataEntered("", EntryCompletion.ENTER),
        DataEntered("99999", EntryCompletion.ENTER),
        DataEntered("501", EntryCompletion.ENTER),
        DataEntered("550", EntryCompletion.ENTER),
    ]

    await kiosk.visit()

    hints = [view.lines[0].key for view in kiosk.views if view.screen is Screen.OTHER_AMOUNT]
    for hint in ("zero", "too_much", "not_with_notes"):
        assert f"other_amount.{hint}" in hints
    assert [call.argument for call in kiosk.called("dispense")] == [{"unit1": 5, "unit2": 1}]


async def test_cancel_at_the_typed_amount_goes_back_to_the_offers(kiosk: FakeKiosk) -> None:
    kiosk.answers[Screen.AMOUNT] = Choose(views.OTHER)
    kiosk.pad.script["data_entry"] = [DataEntered("", EntryCompletion.CANCEL)]

    await kiosk.visit()

    screens = [view.screen for view in kiosk.views]
    assert screens.count(Screen.AMOUNT) == 2
    assert kiosk.ending == "paid"
