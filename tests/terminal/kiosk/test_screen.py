from dataclasses import replace
from pathlib import Path

import pytest
from textual.app import App, ComposeResult

from terminal import views
from terminal.equipment import Notices
from terminal.kiosk.screen import KioskScreen
from terminal.view import Cancel, Choose, Entry, EntryKind, Intent, SwitchLanguage, View
from tests.terminal.kiosk import golden, sample_views

GOLDEN = Path(__file__).parent / "golden"


class Frame(App[None]):
    """A kiosk's screen alone, 100 seconds after the loop began."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self._first = view
        self.answers: list[Intent] = []

    def compose(self) -> ComposeResult:
        yield KioskScreen(self._first, now=lambda: 100.0)

    def on_mount(self) -> None:
        self.kiosk.focus()

    def on_kiosk_screen_answered(self, event: KioskScreen.Answered) -> None:
        self.answers.append(event.intent)

    @property
    def kiosk(self) -> KioskScreen:
        return self.query_one(KioskScreen)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("view", sample_views.ALL, ids=lambda view: view.screen)
async def test_screen_reads_as_agreed(view: View, language: str) -> None:
    frame = Frame(replace(view, language=language))
    async with frame.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        golden.check(GOLDEN / f"{view.screen}.{language}.txt", golden.text_of(frame))


@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_the_longest_notice_fits_the_smallest_screen(language: str) -> None:
    notices = Notices("33100001", "12393", "08:30-17:00", "2026-1")
    frame = Frame(replace(views.notice(notices, first_time=True), language=language))
    async with frame.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "2026-1" in golden.text_of(frame)
        assert frame.query_one(".lines").max_scroll_y == 0


async def test_keys_answer() -> None:
    frame = Frame(sample_views.AMOUNT)
    async with frame.run_test(size=(80, 24)) as pilot:
        await pilot.press("2", "c", "l", "9", "x")
        assert frame.answers == [Choose("amount:50000"), Cancel(), SwitchLanguage("en")]


async def test_touching_answers() -> None:
    frame = Frame(sample_views.AMOUNT)
    async with frame.run_test(size=(80, 24)) as pilot:
        await pilot.click(".choices Touch", offset=(2, 0))
        await pilot.click(".cancel")
        assert frame.answers == [Choose("amount:10000"), Cancel()]


async def test_digits_typed_on_the_pad_are_no_choices() -> None:
    frame = Frame(sample_views.OTHER_AMOUNT)
    async with frame.run_test(size=(80, 24)) as pilot:
        await pilot.press("1", "f1")
        assert frame.answers == [Choose("back")]


async def test_nothing_of_the_view_before_stays() -> None:
    frame = Frame(sample_views.AMOUNT)
    async with frame.run_test(size=(80, 24)) as pilot:
        frame.kiosk.show(replace(sample_views.PIN, entry=Entry(EntryKind.PIN, "******")))
        frame.kiosk.show(sample_views.IDLE)
        await pilot.pause()
        shown = golden.text_of(frame)
        assert "3,199.99" not in shown
        assert "*" not in shown
        await pilot.press("1", "c")
        assert frame.answers == []
