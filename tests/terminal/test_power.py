"""The battery's warning: what moves ends, nothing else begins, and what is open is settled when the power is back."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from terminal import recovery
from terminal.faults import Fault
from terminal.journal import Entry
from terminal.power import Power
from terminal.states import Event, State
from terminal.view import Screen
from tests.terminal.fakes import Call, FakeDevice, FakeDispenser, FakeKiosk, FakePresenter, money_is_settled
from tests.terminal.test_presenter import truth_and_counters_agree

MOTIONS = ("dispense", "present", "retract", "reject", "reset", "move")
MOVING = ("dispenser", "reader")


def motions(calls: list[Call]) -> list[Call]:
    return [call for call in calls if call.device in MOVING and call.method in MOTIONS]


async def test_no_motion_is_allowed_while_the_power_is_failing() -> None:
    power = Power()
    power.check()
    power.fails()
    with pytest.raises(Fault) as caught:
        power.check()
    assert caught.value.event is Event.POWER_WARNING

    waiting = asyncio.ensure_future(power.back())
    await asyncio.sleep(1)
    assert not waiting.done()
    power.returns()
    await waiting
    power.check()
    await power.back()


async def visit_with_warning(folder: Path, dispenses: type[FakeDispenser], at: int, monkeypatch: Any) -> FakeKiosk:
    """A visit whose `at`-th call of a device is when the warning comes; ends when all has come to rest."""
    kiosk = FakeKiosk(folder, f"{at}.db", dispenses=dispenses)
    called = FakeDevice._called

    def warning(self: FakeDevice, method: str, argument: object, default: Any) -> Any:
        try:
            return called(self, method, argument, default)
        finally:
            if self._log is kiosk.calls and len(kiosk.calls) == at:
                kiosk.session.power_failing()

    monkeypatch.setattr(FakeDevice, "_called", warning)
    kiosk.run()
    await asyncio.sleep(150)
    monkeypatch.setattr(FakeDevice, "_called", called)
    return kiosk


@pytest.mark.req("S1-81")
@pytest.mark.parametrize("dispenses", [FakeDispenser, FakePresenter])
async def test_wherever_the_warning_comes_nothing_begins_to_move_and_the_next_start_settles(
    tmp_path: Path, dispenses: type[FakeDispenser], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = 0
    while True:
        at += 1
        kiosk = await visit_with_warning(tmp_path, dispenses, at, monkeypatch)
        if len(kiosk.calls) < at:
            break
        assert motions(kiosk.calls[at:]) == [], f"after call {at}, {kiosk.calls[at - 1]}"
        assert kiosk.session.state is State.OUT_OF_SERVICE
        assert kiosk.equipment.closed_because == "power"
        assert kiosk.kinds().count("power_failing") == 1
        money_is_settled_but_for_what_is_open(kiosk)

        kiosk.session.power_restored()
        await kiosk.until(Screen.IDLE)
        await asyncio.sleep(100)
        money_is_settled(kiosk)
        assert not kiosk.equipment.money.open_approvals
        assert not kiosk.equipment.money.open_advices
        assert recovery.fold(kiosk.records()).visits.open == []
        if dispenses is FakePresenter:
            truth_and_counters_agree(kiosk)
        await kiosk.stop()
        kiosk.journal.close()
    await kiosk.stop()
    kiosk.journal.close()
    assert at > 20


def money_is_settled_but_for_what_is_open(kiosk: FakeKiosk) -> None:
    """One dispense at most, and one advice at most."""
    assert len(kiosk.called("dispense")) <= 1
    assert len(kiosk.records(Entry.ADVICE_STORED)) <= 1


async def test_the_warning_is_on_record_at_once_and_counts_once(tmp_path: Path) -> None:
    kiosk = FakeKiosk(tmp_path)
    kiosk.session.power_restored()  # nobody had warned
    kiosk.session.power_failing()
    kiosk.session.power_failing()
    assert kiosk.kinds()[-1] == "power_failing"
    assert kiosk.kinds().count("power_failing") == 1

    kiosk.session.power_restored()
    assert kiosk.kinds()[-1] == "power_restored"


async def test_a_warning_that_can_not_be_recorded_stops_all_motion_all_the_same(tmp_path: Path) -> None:
    kiosk = FakeKiosk(tmp_path)
    kiosk.run()
    await kiosk.until(Screen.NOTICE)
    kiosk.journal.break_at = kiosk.journal.written + 1
    at = len(kiosk.calls)

    kiosk.session.power_failing()
    await asyncio.sleep(300)

    assert motions(kiosk.calls[at:]) == []
    await kiosk.stop()
