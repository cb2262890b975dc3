"""Whole visits with scripted devices: what the kiosk does, in which order, and how every trouble ends."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drivers.interfaces import (
    CompletionCode,
    DataEntered,
    DeviceError,
    Dispensed,
    Done,
    EntryCompletion,
    ErrorCode,
    PinEntered,
    Refused,
    UnitCounts,
    Unknown,
)
from protocol.money_line import CashRequest, Confirm, QuoteRequest, Reversal
from terminal import views
from terminal.journal import Entry
from terminal.states import State
from terminal.view import Cancel, Choose, Fen, Screen, SwitchLanguage, View, Words
from tests.terminal.fakes import (
    BROKEN,
    JAMMED,
    LIMITS,
    TYPING,
    UNPLUGGED,
    FakeKiosk,
    money_is_settled,
)

NO_CARD = Refused(DeviceError("fake reader", CompletionCode.SEQUENCE_ERROR, "no card", code=ErrorCode.NO_MEDIA))
LOST = Unknown("no answer by the test")


@pytest.fixture
async def kiosk(tmp_path: Path) -> FakeKiosk:
    return FakeKiosk(tmp_path)


def order(kiosk: FakeKiosk, *steps: str) -> list[str]:
    """Journal records and calls that move something, in the order in which they came."""
    moves = [(call.journal + 0.5, f"{call.method} {call.argument}") for call in kiosk.calls]
    records = [(float(record.seq), record.kind) for record in kiosk.records()]
    in_order = sorted([*moves, *records], key=lambda step: step[0])
    return [what for _, what in in_order if what.split()[0] in steps]


# --- The order of things


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


async def test_the_intent_to_keep_a_card_is_in_the_journal_when_the_reader_is_called(kiosk: FakeKiosk) -> None:
    kiosk.reader.script["media_removed"] = [False, False]
    await kiosk.visit()

    keep = [call for call in kiosk.called("move") if call.argument == "retain"]
    (intent,) = kiosk.records(Entry.CAPTURE_INTENT)
    assert [call.journal for call in keep] == [intent.seq]


@pytest.mark.req("S1-07")
async def test_the_notice_is_shown_before_the_pin_and_its_version_recorded_when_it_is_acknowledged(
    kiosk: FakeKiosk,
) -> None:
    await kiosk.visit()

    screens = [view.screen for view in kiosk.views]
    assert screens.index(Screen.NOTICE) < screens.index(Screen.PIN)
    notice = next(view for view in kiosk.views if view.screen is Screen.NOTICE)
    assert Words("notice.fraud") in notice.lines
    (acknowledged,) = kiosk.records(Entry.NOTICE_ACKNOWLEDGED)
    assert acknowledged.data == {"version": "1"}
    assert acknowledged.time.startswith("2026-01-05T")
    assert kiosk.called("pin_entry")[0].journal == acknowledged.seq


async def test_who_does_not_acknowledge_the_notice_is_not_asked_for_a_pin(kiosk: FakeKiosk) -> None:
    kiosk.answers[Screen.NOTICE] = None

    await kiosk.visit()

    assert kiosk.called("pin_entry") == []
    assert kiosk.records(Entry.NOTICE_ACKNOWLEDGED) == []
    assert kiosk.ending == "timed_out"


# --- What the dispenser may say


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
    receipt, slip = kiosk.printer.printed
    assert "管理员凭条" in slip
    assert "管理员凭条" not in receipt

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


# --- The card comes before the money


@pytest.mark.req("S1-80")
async def test_a_card_left_behind_is_warned_of_then_kept_and_the_approval_given_back(kiosk: FakeKiosk) -> None:
    kiosk.reader.script["media_removed"] = [False, False]

    assert await kiosk.visit() is State.IDLE

    assert kiosk.called("dispense") == []
    assert [reversal.amount for reversal in kiosk.host.of(Reversal)] == [500_00]
    assert kiosk.ending == "not_paid"
    kept = [kind for kind in kiosk.kinds() if kind in ("card_left", "capture_intent", "card_captured")]
    assert kept == ["card_left", "capture_intent", "card_captured"]
    assert any(Words("take_card.left") in view.lines for view in kiosk.views)
    goodbye = kiosk.views[[view.screen for view in kiosk.views].index(Screen.SORRY)]
    assert Words("finished.get_card_back", {"hotline": "12393"}) in goodbye.lines
    money_is_settled(kiosk)


@pytest.mark.parametrize("outcome", [NO_CARD, Refused(JAMMED), LOST, BROKEN, UNPLUGGED])
async def test_without_a_card_seen_taken_no_note_moves_and_the_approval_is_given_back(
    kiosk: FakeKiosk, outcome: Any
) -> None:
    """Pulled out by force, jammed, or nobody knows: all but the first put the kiosk out of service."""
    kiosk.reader.script["move"] = [outcome, outcome, NO_CARD]

    state = await kiosk.visit()

    assert kiosk.called("dispense") == []
    assert kiosk.ending == "not_paid"
    assert state is (State.IDLE if outcome is NO_CARD else State.OUT_OF_SERVICE)
    money_is_settled(kiosk)


async def test_a_card_that_does_not_come_out_at_once_is_asked_for_again(kiosk: FakeKiosk) -> None:
    """A refusal moved nothing."""
    kiosk.reader.script["move"] = [Refused(JAMMED), Done(None)]

    assert await kiosk.visit() is State.IDLE

    assert kiosk.ending == "paid"
    money_is_settled(kiosk)


@pytest.mark.parametrize("error", [BROKEN, UNPLUGGED])
async def test_a_reader_that_fails_while_the_card_is_awaited_gives_the_approval_back(
    kiosk: FakeKiosk, error: Exception
) -> None:
    kiosk.reader.script["media_removed"] = [error]

    assert await kiosk.visit() is State.OUT_OF_SERVICE

    assert kiosk.called("dispense") == []
    assert [record.data["mti"] for record in kiosk.records(Entry.ADVICE_STORED)] == ["0400"]
    assert kiosk.ending == "not_paid"
    assert Words("out_of_service.card_inside", {"hotline": "12393"}) in kiosk.session.view.lines
    money_is_settled(kiosk)


@pytest.mark.parametrize("outcome", [Refused(JAMMED), LOST])
async def test_a_card_that_can_not_be_kept_is_on_record_and_closes_the_kiosk(kiosk: FakeKiosk, outcome: Any) -> None:
    kiosk.reader.script["media_removed"] = [False, False]
    kiosk.reader.script["move"] = [Done(None), outcome]

    assert await kiosk.visit() is State.OUT_OF_SERVICE

    assert Entry.CAPTURE_FAILED in kiosk.kinds()
    assert kiosk.ending == "not_paid"
    money_is_settled(kiosk)


async def test_the_host_may_have_a_card_kept(kiosk: FakeKiosk) -> None:
    kiosk.host.codes[QuoteRequest] = ["41"]

    await kiosk.visit()

    assert [call.argument for call in kiosk.called("move")] == ["retain"]
    assert kiosk.ending == "declined"
    assert len(kiosk.printer.printed) == 1


# --- What else can be wrong with card, PIN and host


async def test_a_card_that_is_refused_at_the_slot_ends_the_visit(kiosk: FakeKiosk) -> None:
    """The reader never announced it."""
    kiosk.reader.script["at_slot"] = [
        DeviceError("fake reader", CompletionCode.INVALID_DATA, "nothing on it", code=ErrorCode.INVALID_MEDIA)
    ]

    assert await kiosk.visit() is State.IDLE

    assert kiosk.ending == "card_rejected"
    assert [record.data["why"] for record in kiosk.records(Entry.CARD_REJECTED)] == ["card.unreadable"]


@pytest.mark.req("S1-64")
async def test_a_wrong_pin_may_be_typed_again_and_the_screen_says_how_often(kiosk: FakeKiosk) -> None:
    kiosk.host.codes[QuoteRequest] = ["55"]

    await kiosk.visit()

    entries = [view for view in kiosk.views if view.screen is Screen.PIN]
    assert any(Words("pin.tries_left", {"tries": 2}) in view.lines for view in entries)
    assert {view.entry.shown for view in entries if view.entry} == {"*" * stars for stars in range(7)}
    assert len(kiosk.called("pin_entry")) == 2
    assert len(kiosk.records(Entry.NOTICE_ACKNOWLEDGED)) == 1
    assert kiosk.ending == "paid"


async def test_a_wrong_pin_when_the_money_is_asked_for_begins_again_with_a_new_quote(kiosk: FakeKiosk) -> None:
    kiosk.host.codes[CashRequest] = ["55"]

    await kiosk.visit()

    assert len(kiosk.host.of(QuoteRequest)) == 2
    assert kiosk.ending == "paid"
    money_is_settled(kiosk)


@pytest.mark.parametrize("code", ["61", "51", "13"])
async def test_a_new_quote_that_is_refused_after_a_wrong_pin_ends_the_visit(kiosk: FakeKiosk, code: str) -> None:
    """No amount of the quote before may be chosen any more."""
    kiosk.host.codes[CashRequest] = ["55"]
    kiosk.host.codes[QuoteRequest] = ["00", code]

    assert await kiosk.visit() is State.IDLE
    assert kiosk.ending == "declined"
    money_is_settled(kiosk)


async def test_an_amount_that_the_host_refuses_can_be_chosen_anew(kiosk: FakeKiosk) -> None:
    kiosk.host.codes[CashRequest] = ["61"]

    await kiosk.visit()

    amounts = [view for view in kiosk.views if view.screen is Screen.AMOUNT]
    assert [len(view.lines) - len(amounts[0].lines) for view in amounts] == [0, 1]
    assert kiosk.ending == "paid"


async def test_a_silent_host_is_reversed_and_no_note_moves(kiosk: FakeKiosk) -> None:
    kiosk.host.silent_on[CashRequest] = 1

    await kiosk.visit()

    assert kiosk.ending == "no_answer"
    assert kiosk.called("dispense") == []
    assert [reversal.amount for reversal in kiosk.host.of(Reversal)] == [500_00]
    money_is_settled(kiosk)


async def test_a_host_that_does_not_answer_the_quote_ends_the_visit_with_the_card_back(kiosk: FakeKiosk) -> None:
    kiosk.host.silent_on[QuoteRequest] = 1

    assert await kiosk.visit() is State.IDLE
    assert kiosk.ending == "no_answer"
    assert Entry.CARD_TAKEN in kiosk.kinds()


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


@pytest.mark.req("S2-67")
async def test_a_printer_out_of_order_is_told_before_and_the_withdrawal_stands(kiosk: FakeKiosk) -> None:
    kiosk.printer.script["status"] = [BROKEN]
    kiosk.printer.script["print_form"] = [Refused(BROKEN)]

    await kiosk.visit()

    idle = next(view for view in kiosk.views if view.screen is Screen.IDLE)
    confirm = next(view for view in kiosk.views if view.screen is Screen.CONFIRM)
    goodbye = next(view for view in kiosk.views if view.screen is Screen.FINISHED)
    assert Words("idle.no_receipt") in idle.lines
    assert Words("confirm.no_receipt") in confirm.lines
    assert Words("finished.no_receipt", {"reference": "000000000002"}) in goodbye.lines
    assert kiosk.ending == "paid"


# --- Presses that mean nothing


@pytest.mark.req("S2-69")
@pytest.mark.parametrize("screen", [Screen.NOTICE, Screen.AMOUNT, Screen.CONFIRM])
async def test_pressing_twice_changes_nothing(kiosk: FakeKiosk, screen: Screen) -> None:
    again(kiosk, screen, lambda: kiosk.answers[screen])

    assert await kiosk.visit() is State.IDLE

    assert len(kiosk.host.of(CashRequest)) == 1
    assert [call.argument for call in kiosk.called("dispense")] == [{"unit1": 5}]
    assert kiosk.ending == "paid"


@pytest.mark.req("S2-69")
async def test_of_two_amounts_pressed_at_once_the_first_counts(kiosk: FakeKiosk) -> None:
    again(kiosk, Screen.AMOUNT, lambda: Choose(f"{views.AMOUNT}10000"))

    await kiosk.visit()

    assert [request.amount for request in kiosk.host.of(CashRequest)] == [500_00]


async def test_what_the_screen_does_not_offer_is_ignored(kiosk: FakeKiosk) -> None:
    for screen in (Screen.READING_CARD, Screen.PLEASE_WAIT, Screen.TAKE_CARD, Screen.TAKE_CASH):
        again(kiosk, screen, lambda: Choose(views.CONFIRM), at_once=True)
        again(kiosk, screen, Cancel, at_once=True)
    again(kiosk, Screen.AMOUNT, lambda: Choose("amount:1"))

    await kiosk.visit()

    assert kiosk.ending == "paid"


async def test_the_language_can_be_switched_and_goes_with_the_visit(kiosk: FakeKiosk) -> None:
    again(kiosk, Screen.NOTICE, lambda: SwitchLanguage("en"))

    await kiosk.visit()

    languages = [view.language for view in kiosk.views]
    assert languages[-1] == "zh_CN"
    assert next(view for view in kiosk.views if view.screen is Screen.TAKE_CASH).language == "en"
    assert "500.00" in kiosk.printer.printed[0]


# --- Whoever leaves, wherever


@pytest.mark.req("S1-29")
@pytest.mark.parametrize("screen", [Screen.NOTICE, Screen.PIN, Screen.AMOUNT, Screen.OTHER_AMOUNT, Screen.CONFIRM])
@pytest.mark.parametrize("how", ["cancelled", "timed_out"])
async def test_who_gives_up_before_money_is_held_gets_the_card_back(kiosk: FakeKiosk, screen: Screen, how: str) -> None:
    if screen is Screen.OTHER_AMOUNT:
        kiosk.answers[Screen.AMOUNT] = Choose(views.OTHER)
    if screen in (Screen.PIN, Screen.OTHER_AMOUNT):
        kiosk.pad.script["pin_entry" if screen is Screen.PIN else "data_entry"] = []
        typist_leaves(kiosk, screen)
    kiosk.answers[screen] = Cancel() if how == "cancelled" else None

    assert await kiosk.visit() is State.IDLE

    shown = next(view for view in kiosk.views if view.screen is screen)
    assert shown.deadline is not None
    assert shown.can_cancel
    assert kiosk.ending == how
    assert Entry.CARD_TAKEN in kiosk.kinds()
    assert kiosk.host.of(CashRequest) == []


async def test_the_pads_own_cancel_key_ends_the_visit_too(kiosk: FakeKiosk) -> None:
    kiosk.pad.script["pin_entry"] = [PinEntered(0, EntryCompletion.CANCEL)]

    await kiosk.visit()

    assert kiosk.ending == "cancelled"


# --- Whatever fails, whenever


@pytest.mark.parametrize("error", [BROKEN, UNPLUGGED], ids=["DeviceError", "ConnectionError"])
@pytest.mark.parametrize(
    ("device", "awkward"),
    [("reader", False), ("reader", True), ("pad", False), ("dispenser", False), ("printer", False)],
    ids=["reader", "reader, card left behind", "pad", "dispenser", "printer"],
)
async def test_a_device_that_fails_at_any_call_leaves_no_money_undecided(
    tmp_path: Path, device: str, error: Exception, awkward: bool
) -> None:
    whole = prepared(tmp_path, "whole.db", awkward)
    await whole.visit()
    for number in range(1, whole.devices[device].number + 1):
        kiosk = prepared(tmp_path, f"{number}.db", awkward)
        kiosk.devices[device].break_call = (number, error)

        state = await kiosk.visit()

        assert state in (State.IDLE, State.OUT_OF_SERVICE), f"call {number}"
        await everything_ends_well(kiosk)


@pytest.mark.req("S1-42")
@pytest.mark.parametrize("kept", [False, True], ids=["record lost", "record on disk"])
@pytest.mark.parametrize("awkward", [False, True], ids=["quick customer", "card left behind"])
async def test_a_journal_that_fails_at_any_record_closes_the_kiosk_with_no_money_undecided(
    tmp_path: Path, kept: bool, awkward: bool
) -> None:
    whole = prepared(tmp_path, "whole.db", awkward)
    await whole.visit()
    first = len(whole.records()) - whole.journal.written + 1
    for number in range(first + 2, whole.journal.written + 1):
        kiosk = prepared(tmp_path, f"{number}.db", awkward)
        kiosk.journal.break_at, kiosk.journal.kept = number, kept

        assert await kiosk.visit() is State.OUT_OF_SERVICE, f"record {number}"

        for call in kiosk.called("dispense"):
            assert [record.seq for record in kiosk.records(Entry.DISPENSE_INTENT)] == [call.journal]
        if Entry.VISIT_BEGUN in kiosk.kinds() and Entry.CARD_CAPTURED not in kiosk.kinds():
            assert "exit" in [call.argument for call in kiosk.called("move")]
        await everything_ends_well(kiosk)


@pytest.mark.parametrize("kind", ["DeviceError", "ConnectionError"])
async def test_a_kiosk_whose_device_is_well_again_serves_again(kiosk: FakeKiosk, kind: str) -> None:
    kiosk.pad.break_call = (1, BROKEN if kind == "DeviceError" else UNPLUGGED)
    kiosk.run()
    await kiosk.until(Screen.OUT_OF_SERVICE)
    assert kiosk.equipment.closed_because == "pin_pad"

    await kiosk.until(Screen.FINISHED)

    assert kiosk.ending == "paid"
    await kiosk.stop()


@pytest.mark.req("S1-68")
async def test_nothing_of_a_person_is_left_when_the_kiosk_waits_for_the_next_or_has_closed(tmp_path: Path) -> None:
    served, closed = FakeKiosk(tmp_path, "served.db"), FakeKiosk(tmp_path, "closed.db")
    closed.reader.script["media_removed"] = [BROKEN]

    await served.visit()
    await closed.visit()

    for kiosk in (served, closed):
        visit = kiosk.session._customer.visit
        assert (visit.card, visit.withdrawal, visit.id, visit.reasons) == (None, None, "", ())


# --- Helpers


def prepared(folder: Path, file: str, awkward: bool) -> FakeKiosk:
    kiosk = FakeKiosk(folder, file)
    if awkward:
        kiosk.reader.script["media_removed"] = [False, False]
    return kiosk


async def everything_ends_well(kiosk: FakeKiosk) -> None:
    """Now, or after a restart, every transaction has its named end."""
    assert len(kiosk.called("dispense")) <= 1
    after = kiosk.restarted(host=kiosk.host)
    await after.visit(first=False)
    money_is_settled(after)
    assert after.equipment.money.open_advices == ()
    after.journal.close()


def again(kiosk: FakeKiosk, screen: Screen, intent: Callable[[], Any], *, at_once: bool = False) -> None:
    """Somebody does this as well when the screen comes, right after the customer's answer or before it."""

    def see(view: View) -> None:
        if view.screen is screen:
            kiosk.act(intent(), after=0 if at_once else TYPING)

    kiosk.session.subscribe(see)


def typist_leaves(kiosk: FakeKiosk, screen: Screen) -> None:
    """Nobody types any more from this screen on."""

    def see(view: View) -> None:
        if view.screen is screen:
            kiosk.pad.typist = False

    kiosk.session.subscribe(see)
