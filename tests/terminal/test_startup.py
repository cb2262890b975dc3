"""What keeps a kiosk out of service, and what does not."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drivers.interfaces import (
    DeviceState,
    DispenserState,
    DispenserStatus,
    Done,
    EncryptionState,
    Media,
    PaperSupply,
    PinPadStatus,
    PositionStatus,
    PrinterStatus,
    Refused,
    Replenishment,
    ShutterStatus,
    UnitStatus,
    Unknown,
)
from protocol.money_line import Reversal, SignOn
from terminal import counting
from terminal.journal import Entry
from terminal.startup import prepare, start
from terminal.states import Event, State
from terminal.view import Screen, Words
from tests.terminal.fakes import BROKEN, FULL, JAMMED, UNPLUGGED, Call, FakeKiosk
from tests.terminal.money_host import CARD

WELL = DispenserStatus(DeviceState.ONLINE, DispenserState.OK, FULL, PositionStatus.EMPTY)
EMPTY = {unit: replace(status, replenishment=Replenishment.EMPTY) for unit, status in FULL.items()}
GONE = {unit: replace(status, status=UnitStatus.MISSING) for unit, status in FULL.items()}


@pytest.fixture
async def kiosk(tmp_path: Path) -> FakeKiosk:
    kiosk = FakeKiosk(tmp_path)
    kiosk.reader.cards.clear()
    return kiosk


async def come_up(kiosk: FakeKiosk) -> State:
    return await kiosk.visit(first=False)


async def test_a_kiosk_in_order_invites_a_card(kiosk: FakeKiosk) -> None:
    assert await come_up(kiosk) is State.IDLE
    assert kiosk.records(Entry.IN_SERVICE)[0].data == {"receipts": True, "paper_low": False}


@pytest.mark.parametrize(
    ("device", "method", "answer", "reason"),
    [
        ("pad", "reset", BROKEN, "pin_pad"),
        ("pad", "status", UNPLUGGED, "pin_pad"),
        ("pad", "status", PinPadStatus(DeviceState.ONLINE, EncryptionState.NOT_READY), "pin_pad"),
        ("reader", "reset", BROKEN, "card_reader"),
        ("reader", "reset", Refused(JAMMED), "card_reader"),
        ("reader", "reset", Unknown("no answer"), "card_reader"),
        ("reader", "reset", Done(Media.JAMMED), "card_reader"),
        ("reader", "reset", Done(Media.PRESENT), "card_reader"),
        ("dispenser", "status", UNPLUGGED, "cash_dispenser"),
        ("dispenser", "status", replace(WELL, dispenser=DispenserState.UNKNOWN), "cash_dispenser"),
        ("dispenser", "status", replace(WELL, position=PositionStatus.NOT_EMPTY), "cash_dispenser"),
        ("dispenser", "status", replace(WELL, stacker=PositionStatus.NOT_EMPTY), "cash_dispenser"),
        ("dispenser", "status", replace(WELL, shutter=ShutterStatus.OPEN), "cash_dispenser"),
        ("dispenser", "status", replace(WELL, shutter=ShutterStatus.JAMMED), "cash_dispenser"),
        ("dispenser", "status", replace(WELL, units=EMPTY), "no_cash"),
        ("dispenser", "status", replace(WELL, units=GONE), "no_cash"),
    ],
)
async def test_what_is_not_in_order_keeps_the_kiosk_closed_and_says_why(
    kiosk: FakeKiosk, device: str, method: str, answer: Any, reason: str
) -> None:
    kiosk.devices[device].script[method] = [answer, answer]

    assert await come_up(kiosk) is State.OUT_OF_SERVICE

    assert kiosk.equipment.closed_because == reason
    assert [record.data["why"] for record in kiosk.records(Entry.OUT_OF_SERVICE)] == [reason]
    assert Words(f"out_of_service.{reason}") in kiosk.session.view.lines


def dispenser_resets(kiosk: FakeKiosk) -> list[Call]:
    return [call for call in kiosk.called("reset") if call.device == "dispenser"]


async def test_a_dispenser_that_has_stopped_is_reset_once(kiosk: FakeKiosk) -> None:
    stopped = replace(WELL, dispenser=DispenserState.STOP)
    kiosk.dispenser.script["status"] = [stopped]
    assert await come_up(kiosk) is State.IDLE
    assert len(kiosk.dispenser.script["status"]) == 0

    kiosk.dispenser.script["status"] = [stopped, stopped, stopped]
    assert await start(kiosk.equipment) is Event.STARTED
    assert await prepare(kiosk.equipment) is Event.NOT_READY
    assert len(dispenser_resets(kiosk)) == 2


async def test_a_reset_of_the_dispenser_is_on_record_before_it_moves_anything(kiosk: FakeKiosk) -> None:
    stopped = replace(WELL, dispenser=DispenserState.STOP)
    kiosk.dispenser.script["status"] = [stopped]
    assert await come_up(kiosk) is State.IDLE

    (reset,) = dispenser_resets(kiosk)
    assert [record.seq for record in kiosk.records(Entry.DISPENSER_RESET_INTENT)] == [reset.journal]


async def test_a_reset_of_the_dispenser_with_unknown_outcome_is_not_repeated(kiosk: FakeKiosk) -> None:
    stopped = replace(WELL, dispenser=DispenserState.STOP)
    kiosk.dispenser.script["reset"] = [Unknown("no answer")]
    kiosk.dispenser.script["status"] = [stopped] * 5
    for _ in range(2):
        assert await start(kiosk.equipment) is Event.STARTED
        assert len(dispenser_resets(kiosk)) == 1
        assert await prepare(kiosk.equipment) is Event.NOT_READY
        assert kiosk.equipment.closed_because == "cash_dispenser"

    assert await prepare(kiosk.equipment) is Event.READY  # somebody has seen to it
    kiosk.dispenser.script["status"] = [stopped]
    assert await start(kiosk.equipment) is Event.STARTED
    assert len(dispenser_resets(kiosk)) == 2


async def test_once_people_have_counted_the_dispenser_may_be_reset_again(kiosk: FakeKiosk) -> None:
    """One that the power left uninitialised twice would stay closed for ever."""
    stopped = replace(WELL, dispenser=DispenserState.STOP)
    kiosk.dispenser.script["reset"] = [Unknown("the power went")]
    kiosk.dispenser.script["status"] = [stopped] * 3
    assert await start(kiosk.equipment) is Event.STARTED

    counting.set_counts(kiosk.journal, kiosk.equipment.cash, {"unit1": 100}, counting.Why.COUNTED, ("li", "wang"))
    assert await start(kiosk.equipment) is Event.STARTED
    assert len(dispenser_resets(kiosk)) == 2


async def test_a_refused_reset_of_the_dispenser_may_be_tried_again(kiosk: FakeKiosk) -> None:
    kiosk.dispenser.script["reset"] = [Refused(JAMMED)]
    kiosk.dispenser.script["status"] = [replace(WELL, dispenser=DispenserState.STOP)] * 3
    for resets in (1, 2):
        assert await start(kiosk.equipment) is Event.STARTED
        assert len(dispenser_resets(kiosk)) == resets


async def test_a_host_that_refuses_the_sign_on_keeps_the_kiosk_closed_until_it_agrees(kiosk: FakeKiosk) -> None:
    kiosk.host.codes[SignOn] = ["03"]
    kiosk.run()
    await kiosk.until(Screen.OUT_OF_SERVICE)
    assert kiosk.equipment.closed_because == "host_line"

    await kiosk.until(Screen.IDLE)
    assert len(kiosk.host.of(SignOn)) == 2
    await kiosk.stop()


@pytest.mark.parametrize("answer", [BROKEN, UNPLUGGED, PrinterStatus(DeviceState.ONLINE, PaperSupply.OUT)])
async def test_a_printer_that_can_not_print_closes_nothing(kiosk: FakeKiosk, answer: Any) -> None:
    kiosk.printer.script["status"] = [answer]
    kiosk.printer.script["reset"] = [BROKEN]

    assert await come_up(kiosk) is State.IDLE
    assert not kiosk.equipment.receipts


async def test_a_card_that_can_not_be_kept_at_the_start_keeps_the_kiosk_closed(kiosk: FakeKiosk) -> None:
    kiosk.reader.script["reset"] = [Done(Media.ENTERING)]
    kiosk.reader.script["media_removed"] = [False]
    kiosk.reader.script["move"] = [Refused(JAMMED)]

    assert await come_up(kiosk) is State.OUT_OF_SERVICE
    assert Entry.CAPTURE_FAILED in kiosk.kinds()


async def test_an_approval_that_nobody_settled_closes_the_kiosk_until_the_next_start_gives_it_back(
    kiosk: FakeKiosk,
) -> None:
    await start(kiosk.equipment)
    await kiosk.equipment.money.withdraw(CARD, bytes(8), 500_00, transaction="visit-000009")

    assert await prepare(kiosk.equipment) is Event.NOT_READY
    assert kiosk.equipment.closed_because == "internal"

    assert await start(kiosk.equipment) is Event.STARTED
    assert await prepare(kiosk.equipment) is Event.READY
    assert [reversal.amount for reversal in kiosk.host.of(Reversal)] == [500_00]


async def test_the_screen_tells_of_a_card_inside_until_the_reader_is_empty(tmp_path: Path) -> None:
    kiosk = FakeKiosk(tmp_path)
    kiosk.reader.script["media_removed"] = [BROKEN]
    kiosk.pad.script["reset"] = [None, BROKEN]
    inside = Words("out_of_service.card_inside", {"hotline": "12393"})
    kiosk.run()
    await kiosk.until(Screen.NOTICE)
    await kiosk.until(Screen.OUT_OF_SERVICE)
    assert inside in kiosk.session.view.lines

    await kiosk.until(Screen.STARTING)
    await kiosk.until(Screen.OUT_OF_SERVICE)
    assert inside in kiosk.session.view.lines
    await kiosk.until(Screen.IDLE)
    assert not kiosk.equipment.card_inside
    await asyncio.sleep(0)
    await kiosk.stop()
