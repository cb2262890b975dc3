"""Whole visits on a dispenser with a stacker: stack, card, present, taken; and how everything else ends."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drivers.interfaces import (
    CompletionCode,
    DeviceError,
    Dispensed,
    DispenserCapabilities,
    Done,
    ErrorCode,
    PositionStatus,
    PresentState,
    PresentStatus,
    Refused,
    ShutterStatus,
    UnitCounts,
    Unknown,
)
from protocol.money_line import Confirm, Reversal
from terminal import recovery
from terminal.cash_units import Accuracy, RetractArea
from terminal.journal import Entry
from terminal.states import State
from terminal.view import Fen, Screen, Words
from tests.terminal.fakes import BROKEN, JAMMED, LIMITS, UNPLUGGED, FakeKiosk, FakePresenter, money_is_settled, resolve

LOST = Unknown("no answer by the test")
NO_CARD = Refused(DeviceError("fake reader", CompletionCode.SEQUENCE_ERROR, "no card", code=ErrorCode.NO_MEDIA))
NO_ITEMS = Refused(DeviceError("fake dispenser", CompletionCode.SEQUENCE_ERROR, "nothing", code=ErrorCode.NO_ITEMS))
SHORT = Done(Dispensed({"unit1": UnitCounts(3, 1)}, JAMMED, "unit1"))


@pytest.fixture
async def kiosk(tmp_path: Path) -> FakeKiosk:
    return FakeKiosk(tmp_path, dispenses=FakePresenter)


def device(kiosk: FakeKiosk) -> FakePresenter:
    assert isinstance(kiosk.dispenser, FakePresenter)
    return kiosk.dispenser


def notes(kiosk: FakeKiosk) -> Mapping[str, int]:
    """Where the notes of the visit are, of those that are anywhere but in a cassette."""
    where = device(kiosk)
    places = {name: getattr(where, name) for name in ("stacker", "exit", "taken", "retracted", "rejected")}
    return {place: number for place, number in places.items() if number}


def told(kiosk: FakeKiosk) -> list[tuple[str, int]]:
    """What the host was told of the money."""
    advices = [request for request in kiosk.host.heard if isinstance(request, Confirm | Reversal)]
    return [(type(advice).__name__, advice.amount) for advice in advices]


def moves(kiosk: FakeKiosk) -> list[str]:
    moving = ("dispense", "present", "items_taken", "retract", "reject", "reset")
    cards = [f"card {call.argument}" if call.method == "move" else call.method for call in kiosk.calls]
    devices = [call.device for call in kiosk.calls]
    return [
        what
        for what, who in zip(cards, devices, strict=True)
        if what.startswith("card ") or (who == "dispenser" and what in moving)
    ]


def in_suspense(kiosk: FakeKiosk) -> bool:
    return bool(recovery.fold(kiosk.journal.records()).suspended)


GIVEN_BACK = [("Reversal", 500_00)]


# --- The order of things


@pytest.mark.req("S1-66")
async def test_the_order_is_stack_card_taken_present_taken_confirm_receipt(kiosk: FakeKiosk) -> None:
    assert await kiosk.visit() is State.IDLE

    steps = [
        "stack_intent",
        "stack_done",
        "card_taken",
        "present_intent",
        "present_done",
        "cash_taken",
        "advice_stored",
        "visit_ended",
        "receipt_printed",
    ]
    assert [kind for kind in kiosk.kinds() if kind in steps] == steps
    assert moves(kiosk) == ["dispense", "card exit", "present", "items_taken"]
    assert kiosk.ending == "paid"
    assert notes(kiosk) == {"taken": 5}
    (confirm,) = kiosk.host.of(Confirm)
    assert [(unit.presented, unit.taken, unit.retracted, unit.rejected) for unit in confirm.units] == [(5, 5, 0, 0)]
    money_is_settled(kiosk)


async def test_the_screen_says_that_notes_go_back_where_they_can(kiosk: FakeKiosk) -> None:
    await kiosk.visit()

    (offered,) = (view for view in kiosk.views if view.screen is Screen.TAKE_CASH)
    assert Words("take_cash.amount", {"amount": Fen(500_00)}) in offered.lines
    assert Words("take_cash.warning") in offered.lines


async def test_the_next_customer_is_served_with_counts_that_say_what_was_presented(kiosk: FakeKiosk) -> None:
    await kiosk.visit()

    unit = kiosk.cash.units["unit1"]
    assert (unit.dispensed, unit.stacked, unit.presented, unit.rejected, unit.remaining) == (5, 0, 5, 0, 95)
    assert kiosk.equipment.cash == kiosk.cash


# --- Stacking


@pytest.mark.req("S1-81")
@pytest.mark.parametrize("outcome", [SHORT, Done(Dispensed({"unit1": UnitCounts(6)}))], ids=["short", "too many"])
async def test_notes_that_are_not_those_asked_for_are_never_presented(kiosk: FakeKiosk, outcome: Any) -> None:
    """Into the reject bin; the card comes back, and nothing is debited."""
    kiosk.dispenser.script["dispense"] = [outcome]

    assert await kiosk.visit() is State.IDLE

    stacked = outcome.result.units["unit1"].dispensed
    assert moves(kiosk) == ["dispense", "reject", "card exit"]
    assert notes(kiosk) == {"rejected": stacked}
    assert told(kiosk) == GIVEN_BACK
    assert kiosk.ending == "not_paid"
    (reversal,) = kiosk.host.of(Reversal)
    rejected = stacked + outcome.result.units["unit1"].rejected
    assert [(unit.presented, unit.taken, unit.rejected) for unit in reversal.units] == [(0, 0, rejected)]
    assert kiosk.cash.units["unit1"].rejected == rejected
    assert kiosk.cash.units["unit1"].dispensed == kiosk.cash.units["unit1"].stacked == 0
    assert any(Words("sorry.no_notes") in view.lines for view in kiosk.views)
    money_is_settled(kiosk)


async def test_where_nothing_was_stacked_there_is_nothing_to_reject(kiosk: FakeKiosk) -> None:
    """An empty cassette: two doubtful notes went into the reject bin on the way, and that was all."""
    kiosk.dispenser.script["dispense"] = [Done(Dispensed({"unit1": UnitCounts(0, 2)}, JAMMED, "unit1"))]

    assert await kiosk.visit() is State.IDLE

    assert moves(kiosk) == ["dispense", "card exit"]
    assert told(kiosk) == GIVEN_BACK
    assert kiosk.cash.units["unit1"].rejected == 2
    money_is_settled(kiosk)


async def test_a_dispense_that_was_refused_is_given_back_when_the_device_agrees(kiosk: FakeKiosk) -> None:
    kiosk.dispenser.script["dispense"] = [Refused(JAMMED)]

    assert await kiosk.visit() is State.IDLE

    assert moves(kiosk) == ["dispense", "card exit"]
    assert told(kiosk) == GIVEN_BACK
    assert kiosk.called("get_present_status") != []
    money_is_settled(kiosk)


async def test_a_lost_dispense_that_the_device_shows_on_its_stacker_is_rejected_and_given_back(
    kiosk: FakeKiosk,
) -> None:
    device(kiosk).stacker, device(kiosk).remembers = 5, {"unit1": UnitCounts(5)}
    kiosk.dispenser.script["dispense"] = [LOST]
    kiosk.dispenser.script["status"] = [replace(device(kiosk).words, stacker=PositionStatus.EMPTY)] * 2

    await kiosk.visit()

    assert moves(kiosk) == ["dispense", "reject", "card exit"]
    assert told(kiosk) == GIVEN_BACK
    assert kiosk.cash.units["unit1"].accuracy is Accuracy.UNKNOWN
    money_is_settled(kiosk)


@pytest.mark.parametrize("outcome", [LOST, BROKEN, UNPLUGGED, ValueError("a mistake in a driver")])
async def test_a_lost_dispense_that_the_device_knows_nothing_of_is_suspended_and_the_card_comes_back(
    kiosk: FakeKiosk, outcome: Any
) -> None:
    kiosk.dispenser.script["dispense"] = [outcome]
    device(kiosk).state, device(kiosk).remembers = PresentState.UNKNOWN, None

    assert await kiosk.visit() is State.OUT_OF_SERVICE

    assert moves(kiosk) == ["dispense", "card exit"]
    assert told(kiosk) == []
    assert kiosk.ending == "suspense"
    assert Entry.CARD_TAKEN in kiosk.kinds()
    assert in_suspense(kiosk)
    money_is_settled(kiosk)


# --- The card comes before the notes


@pytest.mark.req("S1-80")
@pytest.mark.parametrize("at_the_slot", [[False, False], None], ids=["left in the slot", "pulled out by force"])
async def test_without_a_card_seen_taken_nothing_is_presented(kiosk: FakeKiosk, at_the_slot: list[bool] | None) -> None:
    """The stacked notes are counted into the reject bin, and only then is the approval given back."""
    if at_the_slot is None:
        kiosk.reader.script["move"] = [NO_CARD, NO_CARD]
    else:
        kiosk.reader.script["media_removed"] = at_the_slot

    assert await kiosk.visit() is State.IDLE

    assert "present" not in moves(kiosk)
    assert moves(kiosk)[-2:] == ["card retain", "reject"]
    assert notes(kiosk) == {"rejected": 5}
    assert told(kiosk) == GIVEN_BACK
    assert (Entry.CARD_CAPTURED in kiosk.kinds()) is (at_the_slot is not None)
    money_is_settled(kiosk)


@pytest.mark.parametrize("counted", [4, 6, None])
async def test_a_reject_that_does_not_count_every_stacked_note_is_suspended(
    kiosk: FakeKiosk, counted: int | None
) -> None:
    """Notes forced out of the stacker while the card is held in the slot."""
    kiosk.reader.script["media_removed"] = [False, False]
    kiosk.dispenser.script["reject"] = [Done(counted)]

    assert await kiosk.visit() is State.OUT_OF_SERVICE

    assert told(kiosk) == []
    assert kiosk.ending == "suspense"
    (opened,) = kiosk.records(Entry.SUSPENSE_OPENED)
    assert (opened.data["phase"], opened.data["notes"], opened.data["counted"]) == ("rejected_short", 5, counted)
    assert kiosk.cash.units["unit1"].stacked == 5
    money_is_settled(kiosk)


@pytest.mark.parametrize(
    "disturbed",
    [
        {"shutter": ShutterStatus.OPEN},
        {"shutter": ShutterStatus.JAMMED},
        {"shutter": ShutterStatus.UNKNOWN},
        {"stacker": PositionStatus.EMPTY},
        {"stacker": PositionStatus.UNKNOWN},
        {"position": PositionStatus.NOT_EMPTY},
    ],
)
async def test_a_disturbed_presenter_is_never_reversed(kiosk: FakeKiosk, disturbed: dict[str, Any]) -> None:
    kiosk.reader.script["media_removed"] = [False, False]
    well = device(kiosk).words
    kiosk.dispenser.script["status"] = [well, well, replace(well, **{"stacker": PositionStatus.NOT_EMPTY, **disturbed})]

    assert await kiosk.visit() is State.OUT_OF_SERVICE

    assert "reject" not in moves(kiosk)
    assert told(kiosk) == []
    assert kiosk.ending == "suspense"
    money_is_settled(kiosk)


@pytest.mark.parametrize("error", [BROKEN, UNPLUGGED])
async def test_a_reader_that_fails_with_notes_stacked_closes_the_kiosk_once_they_are_secured(
    kiosk: FakeKiosk, error: Exception
) -> None:
    kiosk.reader.script["media_removed"] = [error]

    assert await kiosk.visit() is State.OUT_OF_SERVICE

    assert notes(kiosk) == {"rejected": 5}
    assert [record.data["mti"] for record in kiosk.records(Entry.ADVICE_STORED)] == ["0400"]
    assert kiosk.equipment.closed_because == "card_reader"
    assert kiosk.ending == "not_paid"
    assert Words("out_of_service.card_inside", {"hotline": "12393"}) in kiosk.session.view.lines
    money_is_settled(kiosk)


# --- Presenting


async def test_a_present_that_was_refused_brings_the_notes_back(kiosk: FakeKiosk) -> None:
    kiosk.dispenser.script["present"] = [Refused(JAMMED)]

    assert await kiosk.visit() is State.IDLE

    assert moves(kiosk)[-2:] == ["present", "reject"]
    assert notes(kiosk) == {"rejected": 5}
    assert told(kiosk) == GIVEN_BACK
    money_is_settled(kiosk)


async def test_a_refused_present_that_the_device_contradicts_is_suspended(kiosk: FakeKiosk) -> None:
    kiosk.dispenser.script["present"] = [Refused(JAMMED)]
    kiosk.dispenser.script["get_present_status"] = [PresentStatus(PresentState.PRESENTED)]

    assert await kiosk.visit() is State.OUT_OF_SERVICE
    assert told(kiosk) == []
    assert "reject" not in moves(kiosk)
    money_is_settled(kiosk)


@pytest.mark.parametrize(
    ("state", "exit_", "stacker", "ending", "host"),
    [
        (PresentState.PRESENTED, 0, 0, "paid", [("Confirm", 500_00)]),
        (PresentState.PRESENTED, 5, 0, "paid", [("Confirm", 500_00)]),
        (PresentState.NOT_PRESENTED, 0, 5, "not_paid", GIVEN_BACK),
        (PresentState.NOT_PRESENTED, 0, 0, "suspense", []),
        (PresentState.UNKNOWN, 0, 5, "suspense", []),
        (PresentState.UNKNOWN, 5, 0, "suspense", []),
    ],
)
async def test_a_lost_present_is_never_repeated_and_ends_by_what_the_device_says(
    kiosk: FakeKiosk, state: PresentState, exit_: int, stacker: int, ending: str, host: list[tuple[str, int]]
) -> None:
    presenter = device(kiosk)

    async def present() -> Any:
        presenter._called("present", None, None)
        presenter.state, presenter.exit, presenter.stacker = state, exit_, stacker
        return LOST

    presenter.present = present  # type: ignore[method-assign]

    await kiosk.visit()

    assert len(kiosk.called("present")) == 1
    assert kiosk.ending == ending
    assert told(kiosk) == host
    money_is_settled(kiosk)


# --- Taken, in part, or not at all


@pytest.mark.req("S1-66")
async def test_notes_not_taken_are_retracted_counted_and_wait_for_a_person(kiosk: FakeKiosk) -> None:
    device(kiosk).takes = 0

    assert await kiosk.visit() is State.OUT_OF_SERVICE

    assert moves(kiosk)[-3:] == ["present", "items_taken", "retract"]
    assert notes(kiosk) == {"retracted": 5}
    assert told(kiosk) == []
    assert kiosk.ending == "retracted"
    assert kiosk.equipment.closed_because == "count_needed"
    (done,) = kiosk.records(Entry.RETRACT_DONE)
    assert done.data == {"counted": 5, "presented": 5}
    assert kiosk.cash.retract_area == RetractArea(1, 5, 0)
    goodbye = next(view for view in kiosk.views if view.screen is Screen.SORRY)
    assert "finished.cash_retracted" in [line.key for line in goodbye.lines]
    assert "现金已收回" in kiosk.printer.printed[0]
    money_is_settled(kiosk)


@pytest.mark.req("S1-05", "S1-66")
@pytest.mark.parametrize("takes", [1, 4])
async def test_who_takes_part_of_the_notes_stays_debited_in_full_until_a_person_has_counted(
    kiosk: FakeKiosk, takes: int
) -> None:
    device(kiosk).takes = takes
    await kiosk.visit()

    assert notes(kiosk) == {"taken": takes, "retracted": 5 - takes}
    assert told(kiosk) == []
    (opened,) = kiosk.records(Entry.SUSPENSE_OPENED)
    assert (opened.data["notes"], opened.data["counted"]) == (5, 5 - takes)

    resolve(kiosk.journal, "visit-000001", {"unit1": UnitCounts(takes)})
    after = kiosk.restarted()
    assert await after.visit(first=False) is State.IDLE
    assert told(after) == [("Confirm", takes * 100_00)]
    (confirm,) = after.host.of(Confirm)
    results = [(unit.presented, unit.taken, unit.retracted, unit.rejected) for unit in confirm.units]
    assert results == [(5, takes, 5 - takes, 0)]


@pytest.mark.req("S1-66")
async def test_a_person_who_finds_all_notes_in_the_retract_area_gives_everything_back(kiosk: FakeKiosk) -> None:
    device(kiosk).takes = 0
    await kiosk.visit()

    resolve(kiosk.journal, "visit-000001", {"unit1": UnitCounts(0)})
    kiosk.journal.write(Entry.RETRACT_EMPTIED)
    after = kiosk.restarted()

    assert await after.visit(first=False) is State.IDLE
    assert told(after) == GIVEN_BACK
    assert after.cash.retract_area == RetractArea()


@pytest.mark.parametrize(
    ("outcome", "area", "ending"),
    [
        (Done(None), RetractArea(1, 0, 5), "retracted"),
        (Done(7), RetractArea(1, 7, 0), "retracted"),
        (LOST, RetractArea(1, 0, 5), "suspense"),
        (BROKEN, RetractArea(1, 0, 5), "suspense"),
    ],
    ids=["not counted", "more than presented", "lost", "broken"],
)
async def test_a_retract_without_a_good_count_credits_nothing(
    kiosk: FakeKiosk, outcome: Any, area: RetractArea, ending: str
) -> None:
    device(kiosk).takes = 0
    kiosk.dispenser.script["retract"] = [outcome]

    assert await kiosk.visit() is State.OUT_OF_SERVICE

    assert len(kiosk.called("retract")) == 1
    assert told(kiosk) == []
    assert kiosk.ending == ending
    assert kiosk.cash.retract_area == area
    money_is_settled(kiosk)


async def test_notes_taken_in_the_very_last_moment_are_debited_and_not_retracted(kiosk: FakeKiosk) -> None:
    """The wait is over, the retract finds nothing: taken, not both."""
    presenter = device(kiosk)
    presenter.takes = 0

    async def retract() -> Any:
        presenter.taken, presenter.exit = presenter.exit, 0
        return presenter._called("retract", None, NO_ITEMS)

    presenter.retract = retract  # type: ignore[method-assign]

    assert await kiosk.visit() is State.IDLE

    assert told(kiosk) == [("Confirm", 500_00)]
    assert kiosk.ending == "paid"
    money_is_settled(kiosk)


async def test_notes_that_can_not_be_taken_back_are_suspended_and_nobody_is_served(kiosk: FakeKiosk) -> None:
    device(kiosk).takes = 0
    kiosk.dispenser.script["retract"] = [Refused(JAMMED)]

    assert await kiosk.visit() is State.OUT_OF_SERVICE

    assert notes(kiosk) == {"exit": 5}
    assert told(kiosk) == []
    assert kiosk.ending == "suspense"
    money_is_settled(kiosk)


@pytest.mark.parametrize(("takes", "ending", "host"), [(None, "paid", [("Confirm", 500_00)]), (2, "retracted", [])])
async def test_a_wait_that_breaks_off_ends_by_what_the_device_says(
    kiosk: FakeKiosk, takes: int | None, ending: str, host: list[tuple[str, int]]
) -> None:
    device(kiosk).takes = takes
    kiosk.dispenser.script["items_taken"] = [BROKEN]

    await kiosk.visit()

    assert kiosk.ending == ending
    assert told(kiosk) == host
    money_is_settled(kiosk)


async def test_without_a_retract_the_notes_stay_the_debit_stands_and_nobody_is_served_until_they_are_gone(
    kiosk: FakeKiosk,
) -> None:
    presenter = device(kiosk)
    presenter.capabilities = DispenserCapabilities(("unit1", "unit2"), 60, intermediate_stacker=True, retract=False)
    presenter.takes = 0
    kiosk.reader.cards = kiosk.reader.cards[:1]

    assert await kiosk.visit() is State.OUT_OF_SERVICE

    assert kiosk.called("retract") == []
    assert notes(kiosk) == {"exit": 5}
    assert told(kiosk) == [("Confirm", 500_00)]
    assert kiosk.equipment.closed_because == "cash_dispenser"
    (confirm,) = kiosk.host.of(Confirm)
    assert [(unit.presented, unit.taken) for unit in confirm.units] == [(5, None)]
    offered = next(view for view in kiosk.views if view.screen is Screen.TAKE_CASH)
    assert Words("take_cash.warning") not in offered.lines
    money_is_settled(kiosk)

    presenter.exit = 0
    kiosk.run()
    await asyncio.sleep(2 * LIMITS.retry)
    assert kiosk.session.state is State.IDLE
    await kiosk.stop()


async def test_whose_notes_are_left_again_and_again_leaves_a_trace(tmp_path: Path) -> None:
    times = []
    file = "journal.db"
    for visit in (1, 2, 3):
        kiosk = FakeKiosk(tmp_path, file, dispenses=FakePresenter)
        device(kiosk).takes = 0
        await kiosk.visit()
        times += [record.data["times"] for record in kiosk.records(Entry.CASH_LEFT)][-1:]
        resolve(kiosk.journal, f"visit-{visit:06d}", {"unit1": UnitCounts(0)})
        kiosk.journal.close()

    assert times == [1, 2, 3]


# --- Whatever fails, whenever

WAYS: Mapping[str, dict[str, Any]] = {
    "quick customer": {},
    "card left behind": {"media_removed": [False, False]},
    "notes left": {"takes": 0},
    "part taken": {"takes": 2},
    "stacked short": {"dispense": [SHORT]},
    "present refused": {"present": [Refused(JAMMED)]},
}
"""What the visit is like; each has other motions in it."""


def prepared(folder: Path, file: str, way: str) -> FakeKiosk:
    kiosk = FakeKiosk(folder, file, dispenses=FakePresenter)
    for method, answers in WAYS[way].items():
        if method == "takes":
            device(kiosk).takes = answers
        else:
            scripted = kiosk.reader if method == "media_removed" else kiosk.dispenser
            scripted.script[method] = list(answers)
    return kiosk


async def everything_ends_well(kiosk: FakeKiosk) -> None:
    """Now, or after a restart with the notes where they are, every transaction has an end that fits the notes."""
    assert all(len(kiosk.called(motion)) <= 1 for motion in ("dispense", "present", "retract", "reject"))
    after = kiosk.restarted(host=kiosk.host)
    carry_over(kiosk, after)
    await after.visit(first=False)
    money_is_settled(after)
    assert after.equipment.money.open_advices == ()
    truth_and_counters_agree(after)
    after.journal.close()


def carry_over(before: FakeKiosk, after: FakeKiosk) -> None:
    """The device keeps its notes and its memory; the customer, seeing notes, does as before."""
    for name in ("takes", "stacker", "exit", "taken", "retracted", "rejected", "state", "remembers"):
        setattr(device(after), name, getattr(device(before), name))


def truth_and_counters_agree(kiosk: FakeKiosk) -> None:
    """What the host was told is what the customer has, or an item waits for a person; no note is out of the count."""
    remains = recovery.fold(kiosk.journal.records())
    where = device(kiosk)
    advices = {record.data["mti"]: record.data["amount_fen"] for record in kiosk.records(Entry.ADVICE_STORED)}
    if not remains.suspended and not where.exit:
        assert advices.get("0220", 0) == where.taken * 100_00
        unit = remains.cash.units["unit1"]
        if unit.accuracy is not Accuracy.UNKNOWN:
            assert unit.presented == where.taken + where.retracted
            assert unit.stacked == where.stacker
            assert unit.rejected >= where.rejected
    if "0400" in advices:
        assert where.taken == 0


@pytest.mark.parametrize(
    ("way", "name"),
    [
        *((way, name) for way in WAYS for name in ("dispenser", "dispenser that moves all the same")),
        *((way, "reader") for way in ("quick customer", "card left behind", "stacked short")),
        *(("notes left", name) for name in ("pad", "printer")),
    ],
)
async def test_a_device_that_fails_at_any_call_leaves_no_money_undecided(tmp_path: Path, way: str, name: str) -> None:
    """The device's own error, or its line is gone; for a motion: before it moved, or after."""
    name, moves_anyway = name.split()[0], " " in name
    whole = prepared(tmp_path, "whole.db", way)
    await whole.visit()
    for number in range(1, whole.devices[name].number + 1):
        kiosk = prepared(tmp_path, f"{number}.db", way)
        kiosk.devices[name].break_call = (number, UNPLUGGED if number % 2 else BROKEN)
        device(kiosk).moves_anyway = moves_anyway

        state = await kiosk.visit()

        assert state in (State.IDLE, State.OUT_OF_SERVICE), f"call {number}"
        await everything_ends_well(kiosk)


@pytest.mark.req("S1-42")
@pytest.mark.parametrize("kept", [False, True], ids=["record lost", "record on disk"])
@pytest.mark.parametrize("way", WAYS)
async def test_a_journal_that_fails_at_any_record_closes_the_kiosk_with_no_money_undecided(
    tmp_path: Path, way: str, kept: bool
) -> None:
    whole = prepared(tmp_path, "whole.db", way)
    await whole.visit()
    first = len(whole.records()) - whole.journal.written + 1
    for number in range(first + 2, whole.journal.written + 1):
        kiosk = prepared(tmp_path, f"{number}.db", way)
        kiosk.journal.break_at, kiosk.journal.kept = number, kept

        assert await kiosk.visit() is State.OUT_OF_SERVICE, f"record {number}"

        for motion in ("dispense", "present", "retract", "reject"):
            assert len(kiosk.called(motion)) <= 1
        await everything_ends_well(kiosk)
