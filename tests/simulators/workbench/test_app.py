from pathlib import Path

import pytest

from drivers.trace import Sender, TraceRecord
from simulators.workbench.app import WorkbenchApp
from terminal.view import Choose
from tests.simulators.workbench.scripted_desk import Entry, ScriptedDesk
from tests.terminal.kiosk import golden, sample_views

GOLDEN = Path(__file__).parent / "golden"


def busy_desk() -> ScriptedDesk:
    desk = ScriptedDesk()
    desk.session.view = sample_views.WAIT
    desk.entries = [
        Entry(1, "2026-11-20T09:30:05.123+08:00", "dispense_intent", {"units": "unit1=5"}),
        Entry(2, "2026-11-20T09:30:09.456+08:00", "dispense_done", {"units": "unit1=5"}),
    ]
    return desk


@pytest.mark.parametrize(("width", "height"), [(100, 30), (80, 24)])
async def test_the_workbench_reads_as_agreed(width: int, height: int) -> None:
    desk = busy_desk()
    app = WorkbenchApp(desk)
    async with app.run_test(size=(width, height)) as pilot:
        await pilot.pause(1.0)
        for sink in desk.sinks:
            sink(TraceRecord(5.0, "dispenser", Sender.HOST, "04 30", "DISPENSE unit1 5"))
            sink(TraceRecord(7.5, "dispenser", Sender.DEVICE, "01 30", "DISPENSE: GOOD, unit1 exit 5"))
        await pilot.pause(1.0)
        golden.check(GOLDEN / f"workbench.{width}x{height}.txt", golden.text_of(app))


async def test_every_hand_has_a_key() -> None:
    desk = ScriptedDesk()
    async with WorkbenchApp(desk).run_test(size=(100, 30)) as pilot:
        await pilot.press("i", "t", "n", "r", "7", "enter", "backspace", "escape", "p", "i")
        assert desk.running
        assert desk.done == [
            f"insert {desk.people[0].id}",
            *("take card", "take notes", "tear off"),
            *("press 7", "press enter", "press clear", "press cancel"),
            f"insert {desk.people[1].id}",
        ]


async def test_every_key_of_the_footer_is_shown_at_both_sizes() -> None:
    for size in ((100, 30), (80, 24)):
        app = WorkbenchApp(ScriptedDesk())
        async with app.run_test(size=size) as pilot:
            await pilot.pause(1.0)
            shown = golden.text_of(app)
            for label in ("Insert card", "Take card", "Take notes", "Tear off", "Next person", "Faults", "Quit"):
                assert label in shown


async def test_the_person_can_type_the_pin_without_showing_it() -> None:
    desk = ScriptedDesk()
    app = WorkbenchApp(desk)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("k")
        await pilot.pause(1.0)
        assert desk.done == [*(f"press {digit}" for digit in desk.people[0].pin), "press enter"]
        assert desk.people[0].pin not in golden.text_of(app)


async def test_a_hand_that_finds_nothing_says_so() -> None:
    app = WorkbenchApp(ScriptedDesk())
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await pilot.press("t")
        await pilot.pause(1.0)
        assert "No card sticks out." in golden.text_of(app)


async def test_digits_choose_on_the_screen_unless_something_is_typed() -> None:
    desk = ScriptedDesk()
    desk.session.view = sample_views.AMOUNT
    async with WorkbenchApp(desk).run_test(size=(100, 30)) as pilot:
        await pilot.press("2")
        desk.session.publish(sample_views.OTHER_AMOUNT)
        await pilot.press("2", "f1")
        assert desk.session.intents == [Choose("amount:50000"), Choose("back")]
        assert desk.done == ["press 2"]


async def test_tabs_show_journal_and_receipt() -> None:
    desk = busy_desk()
    app = WorkbenchApp(desk)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("w")
        await pilot.pause(1.0)
        assert "dispense_intent" in golden.text_of(app)
        await pilot.press("w", "r")
        await pilot.pause(1.0)
        assert "取现成功" in golden.text_of(app)


async def test_a_fault_is_switched_and_told() -> None:
    desk = ScriptedDesk()
    app = WorkbenchApp(desk)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("x")
        await pilot.press("down", "enter")
        await pilot.pause(1.0)
        assert [fault.on for fault in desk.faults] == [False, True]
        assert "broken: host silent" in golden.text_of(app)


async def test_the_kiosk_goes_on_under_the_list_of_faults() -> None:
    desk = ScriptedDesk()
    app = WorkbenchApp(desk)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("x")
        desk.session.publish(sample_views.WAIT)
        await pilot.pause(1.0)
        await pilot.press("escape")
        await pilot.pause(1.0)
        assert "正在点钞" in golden.text_of(app)
        assert desk.done == []


async def test_keys_typed_into_the_list_of_faults_are_not_pressed_on_the_pad() -> None:
    desk = ScriptedDesk()
    app = WorkbenchApp(desk)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("x", "c", "2", "backspace", "up", "down", "q", "i", "escape")
        await pilot.pause(1.0)
        assert app.is_running
        assert desk.done == []


async def test_a_fault_of_the_catalogue_strikes_and_is_mended_by_the_keyboard() -> None:
    desk = ScriptedDesk()
    app = WorkbenchApp(desk)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("x", "c", "6", "enter")
        await pilot.press("enter")
        await pilot.pause(1.0)
        assert desk.done == ["cassette out"]
        assert "broken: C6 cassette removed" in golden.text_of(app)
        await pilot.press("x", "enter")
        await pilot.pause(1.0)
        assert desk.done == ["cassette out", "cassette in"]
        assert "broken" not in golden.text_of(app)
