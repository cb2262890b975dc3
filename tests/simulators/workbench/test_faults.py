import pytest
from textual.app import App

from simulators.workbench.faults import Candidate, Choice, FaultMenu, when
from simulators.world.faults import Trigger
from tests.simulators.workbench.scripted_desk import ScriptedDesk
from tests.terminal.kiosk import golden


class Opened(App[None]):
    """The list of faults, and what was chosen from it."""

    def __init__(self, desk: ScriptedDesk) -> None:
        super().__init__()
        self.desk = desk
        self.choices: list[Choice | None] = []

    def on_mount(self) -> None:
        self.push_screen(FaultMenu(self.desk.faults, self.desk.injector), self.choices.append)


async def test_all_that_can_break_is_listed_by_what_suffers_it() -> None:
    app = Opened(ScriptedDesk())
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        lines = [line.strip(" │").strip() for line in golden.text_of(app).splitlines()]
    first = lines.index("by hand")
    assert lines[first : first + 8] == [
        *("by hand", "□ paper out", "□ host silent"),
        *("dispenser", "□ C1  pick failure", "□ C6  cassette removed"),
        *("printer", "□ C21 receipt paper out"),
    ]


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [("c1", "C1"), ("C21", "C21"), ("removed", "C6"), ("printer", "C21"), ("dispenser remo", "C6"), ("PICK", "C1")],
)
async def test_typing_finds_a_fault_by_id_words_or_device(typed: str, chosen: str) -> None:
    app = Opened(ScriptedDesk())
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*("space" if key == " " else key for key in typed), "enter")
        await pilot.pause()
    [choice] = app.choices
    assert isinstance(choice, Candidate)
    assert choice.fault == chosen


async def test_what_nobody_knows_is_told_and_nothing_is_chosen() -> None:
    app = Opened(ScriptedDesk())
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*"zzz", "enter")
        await pilot.pause()
        assert "Nothing here is called so." in golden.text_of(app)
        await pilot.press("escape")
    assert app.choices == [None]


async def test_arrows_pass_over_headings() -> None:
    desk = ScriptedDesk()
    app = Opened(desk)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("down", "down", "down", "up", "enter")
        await pilot.pause()
    [choice] = app.choices
    assert isinstance(choice, Candidate)
    assert (choice.fault, choice.device) == ("C1", "dispenser")


async def test_what_is_armed_comes_first_and_what_struck_is_counted() -> None:
    desk = ScriptedDesk()
    app = Opened(desk)
    armed = desk.injector.arm("C21", trigger=Trigger(at=60))
    desk.injector.arm("C1", options={"cassette": 2})
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        shown = golden.text_of(app)
        assert "■ C21 receipt paper out · printer · after 60 s" in shown
        assert "□ C1  pick failure · struck 1×" in shown
        await pilot.press("enter")
    assert app.choices == [armed]


async def test_a_long_list_scrolls_to_its_end_by_the_keyboard() -> None:
    desk = ScriptedDesk()
    desk.faults *= 30
    app = Opened(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("up")
        await pilot.pause()
        assert "C21 receipt paper out" in golden.text_of(app)


@pytest.mark.parametrize(
    ("trigger", "words"),
    [
        (Trigger(), "now"),
        (Trigger(at=1.5), "after 1.5 s"),
        (Trigger(command=3), "with command 3"),
        (Trigger(byte=7), "with byte 7"),
        (Trigger(chance=0.2), "by chance, 20%"),
    ],
)
def test_a_trigger_is_told_in_words(trigger: Trigger, words: str) -> None:
    assert when(trigger) == words
