"""The PIN: what is shown before it, and what a wrong one leads to."""

from pathlib import Path

import pytest

from drivers.interfaces import (
    EntryCompletion,
    PinEntered,
)
from protocol.money_line import CashRequest, QuoteRequest
from terminal.journal import Entry
from terminal.states import State
from terminal.view import Screen, Words
from tests.terminal.fakes import (
    FakeKiosk,
    money_is_settled,
)


@pytest.fixture
async def kiosk(tmp_path: Path) -> FakeKiosk:
    return FakeKiosk(tmp_path)


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


async def test_a_host_that_does_not_answer_the_quote_ends_the_visit_with_the_card_back(kiosk: FakeKiosk) -> None:
    kiosk.host.silent_on[QuoteRequest] = 1

    assert await kiosk.visit() is State.IDLE
    assert kiosk.ending == "no_answer"
    assert Entry.CARD_TAKEN in kiosk.kinds()


async def test_the_pads_own_cancel_key_ends_the_visit_too(kiosk: FakeKiosk) -> None:
    kiosk.pad.script["pin_entry"] = [PinEntered(0, EntryCompletion.CANCEL)]

    await kiosk.visit()

    assert kiosk.ending == "cancelled"
