"""Whole visits with scripted devices: presses that mean nothing, whoever leaves, whatever fails."""

from pathlib import Path

import pytest

from protocol.money_line import CashRequest
from terminal import views
from terminal.journal import Entry
from terminal.states import State
from terminal.view import Cancel, Choose, Screen, SwitchLanguage
from tests.terminal.fakes import (
    BROKEN,
    UNPLUGGED,
    FakeKiosk,
    again,
    money_is_settled,
    typist_leaves,
)


@pytest.fixture
async def kiosk(tmp_path: Path) -> FakeKiosk:
    return FakeKiosk(tmp_path)


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
