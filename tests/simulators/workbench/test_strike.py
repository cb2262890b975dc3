from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual.app import App

from simulators.bench.bench import Bench
from simulators.bench.faults import Armed
from simulators.bench.file import load_bench
from simulators.workbench.faults import Candidate
from simulators.workbench.strike import STRIKES, StrikeMenu, read
from simulators.world.faults import FaultRefused, Trigger
from tests.terminal.kiosk import golden


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(load_bench(), folder=tmp_path, seed=1)
    yield bench
    bench.close()


class Opened(App[None]):
    """The window for one fault, and what was armed."""

    def __init__(self, bench: Bench, fault: str, device: str) -> None:
        super().__init__()
        self.bench = bench
        possible = next(each for each in bench.injector.possible() if each.fault == fault)
        self.candidate = Candidate(fault, possible.words, device, possible.devices[device].options)
        self.armed: list[Armed | None] = []

    def on_mount(self) -> None:
        self.push_screen(StrikeMenu(self.candidate, self.bench.injector), self.armed.append)


def keys(typed: str) -> list[str]:
    named = {" ": "space", "=": "equals_sign", "_": "underscore", ".": "full_stop"}
    return [named.get(key, key) for key in typed]


@pytest.mark.parametrize(
    ("presses", "trigger"),
    [
        ([], Trigger()),
        (["down"], Trigger(command=1)),
        (["down", "down"], Trigger(chance=0.2)),
        (keys("at=2.5"), Trigger(at=2.5)),
    ],
)
async def test_it_is_chosen_or_typed_when_a_fault_strikes(bench: Bench, presses: list[str], trigger: Trigger) -> None:
    app = Opened(bench, "C1", "cash_dispenser")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*presses, "enter")
        await pilot.pause()
    assert app.armed == bench.injector.armed
    assert [armed.trigger for armed in bench.injector.armed] == [trigger]


async def test_options_are_typed(bench: Bench) -> None:
    app = Opened(bench, "C3", "cash_dispenser")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*keys("cassette=2 at_exit=true command=3"), "enter")
        await pilot.pause()
    [armed] = bench.injector.armed
    assert armed.options == {"cassette": "2", "at_exit": "true"}
    assert armed.trigger == Trigger(command=3)


async def test_an_option_that_must_be_given_stands_in_the_line(bench: Bench) -> None:
    app = Opened(bench, "B21", "pin_pad")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("down", *keys("card_reader"), "enter")
        await pilot.pause()
    assert [armed.options for armed in bench.injector.armed] == [{"other": "card_reader"}]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("cassette=x", "cassette: give one of 1, 2"),
        ("colour=red", "no option colour"),
        ("cassette", "cassette: write name=value"),
        ("command=soon", "command=soon: give a number"),
        ("chance=2", "chance: above 0 and at most 1"),
        ("at=1 byte=2", "give one of at, command, byte, chance"),
    ],
)
async def test_what_can_not_be_is_told_and_can_be_corrected(bench: Bench, typed: str, why: str) -> None:
    app = Opened(bench, "C1", "cash_dispenser")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*keys(typed), "enter")
        await pilot.pause()
        assert why in golden.text_of(app)
        assert app.armed == []
        await pilot.press(*["backspace"] * len(typed), "enter")
        await pilot.pause()
    assert len(app.armed) == 1


async def test_what_can_not_happen_is_told_and_not_armed(bench: Bench) -> None:
    app = Opened(bench, "G3", "card_reader")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert "G3 can't happen like this: there is no first card" in golden.text_of(app)
    assert app.armed == []
    assert bench.injector.armed == []


async def test_leaving_arms_nothing(bench: Bench) -> None:
    app = Opened(bench, "C1", "cash_dispenser")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("escape")
        await pilot.pause()
    assert app.armed == [None]
    assert bench.injector.armed == []


def test_a_name_the_fault_knows_is_its_option_and_not_the_triggers() -> None:
    assert read("at=path", STRIKES["now"], {"at": "path"}) == (Trigger(), {"at": "path"})
    assert read("times=3", "chance=0.2", {}) == (Trigger(chance=0.2, times=3), {})
    with pytest.raises(FaultRefused, match="at=path: give a number"):
        read("at=path", STRIKES["now"], {})
