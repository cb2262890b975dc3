from pathlib import Path

import pytest

from drivers.trace import Sender, TraceRecord
from simulators.workbench.app import WorkbenchApp
from terminal.view import Choose
from tests.simulators.workbench.scripted_bench import Entry, ScriptedBench
from tests.terminal.kiosk import golden, sample_views

pytestmark = pytest.mark.real_time

GOLDEN = Path(__file__).parent / "golden"


def busy_bench() -> ScriptedBench:
    bench = ScriptedBench()
    bench.session.view = sample_views.WAIT
    bench.entries = [
        Entry(1, "2026-11-20T09:30:05.123+08:00", "dispense_intent", {"units": "unit1=5"}),
        Entry(2, "2026-11-20T09:30:09.456+08:00", "dispense_done", {"units": "unit1=5"}),
    ]
    return bench


@pytest.mark.parametrize(("width", "height"), [(100, 30), (80, 24)])
async def test_the_workbench_reads_as_agreed(width: int, height: int) -> None:
    bench = busy_bench()
    app = WorkbenchApp(bench)
    async with app.run_test(size=(width, height)) as pilot:
        await pilot.pause()
        for sink in bench.sinks:
            sink(TraceRecord(5.0, "dispenser", Sender.HOST, "04 30", "DISPENSE unit1 5"))
            sink(TraceRecord(7.5, "dispenser", Sender.DEVICE, "01 30", "DISPENSE: GOOD, unit1 exit 5"))
        await pilot.pause()
        await pilot.pause()
        golden.check(GOLDEN / f"workbench.{width}x{height}.txt", golden.text_of(app))


async def test_every_hand_has_a_key() -> None:
    bench = ScriptedBench()
    async with WorkbenchApp(bench).run_test(size=(100, 30)) as pilot:
        await pilot.press("i", "t", "n", "r", "7", "enter", "backspace", "escape", "p", "i")
        assert bench.running
        assert bench.done == [
            f"insert {bench.people[0].id}",
            *("take card", "take notes", "tear off"),
            *("press 7", "press enter", "press clear", "press cancel"),
            f"insert {bench.people[1].id}",
        ]


async def test_every_key_of_the_footer_is_shown_at_both_sizes() -> None:
    for size in ((100, 30), (80, 24)):
        app = WorkbenchApp(ScriptedBench())
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            shown = golden.text_of(app)
            for label in ("Insert card", "Take card", "Take notes", "Tear off", "Next person", "Faults", "Quit"):
                assert label in shown


async def test_the_person_can_type_the_pin_without_showing_it() -> None:
    bench = ScriptedBench()
    app = WorkbenchApp(bench)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("k")
        await pilot.pause()
        assert bench.done == [*(f"press {digit}" for digit in bench.people[0].pin), "press enter"]
        assert bench.people[0].pin not in golden.text_of(app)


async def test_a_hand_that_finds_nothing_says_so() -> None:
    app = WorkbenchApp(ScriptedBench())
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await pilot.press("t")
        await pilot.pause()
        assert "No card sticks out." in golden.text_of(app)


async def test_digits_choose_on_the_screen_unless_something_is_typed() -> None:
    bench = ScriptedBench()
    bench.session.view = sample_views.AMOUNT
    async with WorkbenchApp(bench).run_test(size=(100, 30)) as pilot:
        await pilot.press("2")
        bench.session.publish(sample_views.OTHER_AMOUNT)
        await pilot.press("2", "f1")
        assert bench.session.intents == [Choose("amount:50000"), Choose("back")]
        assert bench.done == ["press 2"]


async def test_tabs_show_journal_and_receipt() -> None:
    bench = busy_bench()
    app = WorkbenchApp(bench)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("w")
        await pilot.pause()
        assert "dispense_intent" in golden.text_of(app)
        await pilot.press("w", "r")
        await pilot.pause()
        assert "取现成功" in golden.text_of(app)


async def test_a_fault_is_switched_and_told() -> None:
    bench = ScriptedBench()
    app = WorkbenchApp(bench)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("x")
        await pilot.press("2")
        await pilot.pause()
        assert [fault.on for fault in bench.faults] == [False, True]
        assert "broken: host silent" in golden.text_of(app)
