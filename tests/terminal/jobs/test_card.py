"""The card: what is on record before it is kept, and what a card that is left costs nobody."""

from pathlib import Path
from typing import Any

import pytest

from drivers.interfaces import (
    CompletionCode,
    DeviceError,
    Done,
    ErrorCode,
    Refused,
    Unknown,
)
from protocol.money_line import NetworkManagement, QuoteRequest, Reversal
from simulators.world.cards import issue
from simulators.world.people import person
from terminal.journal import Entry
from terminal.states import State
from terminal.view import Screen, Words
from tests.terminal.fakes import (
    BROKEN,
    JAMMED,
    UNPLUGGED,
    FakeKiosk,
    money_is_settled,
)

NO_CARD = Refused(DeviceError("fake reader", CompletionCode.SEQUENCE_ERROR, "no card", code=ErrorCode.NO_MEDIA))
LOST = Unknown("no answer by the test")


@pytest.fixture
async def kiosk(tmp_path: Path) -> FakeKiosk:
    return FakeKiosk(tmp_path)


async def test_the_intent_to_keep_a_card_is_in_the_journal_when_the_reader_is_called(kiosk: FakeKiosk) -> None:
    kiosk.reader.script["media_removed"] = [False, False]
    await kiosk.visit()

    keep = [call for call in kiosk.called("move") if call.argument == "retain"]
    (intent,) = kiosk.records(Entry.CAPTURE_INTENT)
    assert [call.journal for call in keep] == [intent.seq]


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


async def test_a_card_that_is_refused_at_the_slot_ends_the_visit(kiosk: FakeKiosk) -> None:
    """The reader never announced it."""
    kiosk.reader.script["at_slot"] = [
        DeviceError("fake reader", CompletionCode.INVALID_DATA, "nothing on it", code=ErrorCode.INVALID_MEDIA)
    ]

    assert await kiosk.visit() is State.IDLE

    assert kiosk.ending == "card_rejected"
    assert [record.data["why"] for record in kiosk.records(Entry.CARD_REJECTED)] == ["card.unreadable"]


async def test_a_kiosk_whose_line_has_died_closes_before_somebody_comes_and_serves_when_it_is_back(
    tmp_path: Path,
) -> None:
    kiosk = FakeKiosk(tmp_path, echo_after=120)
    kiosk.reader.before_card = 600
    kiosk.host.silent_on[NetworkManagement] = 2
    kiosk.run()
    await kiosk.until(Screen.OUT_OF_SERVICE)
    assert kiosk.equipment.closed_because == "host_line"
    assert kiosk.host.of(QuoteRequest) == []

    kiosk.reader.cards = [issue(person("jia"))]
    await kiosk.until(Screen.FINISHED)

    assert kiosk.ending == "paid"
    await kiosk.stop()
