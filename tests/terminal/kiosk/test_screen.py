from dataclasses import replace
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from terminal import views
from terminal.equipment import Notices
from terminal.kiosk.layout import page
from terminal.kiosk.screen import KioskScreen
from terminal.texts import render
from terminal.view import Cancel, Choose, Entry, EntryKind, Intent, SwitchLanguage, View, Words
from terminal.visit import Visit
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


async def settled(pilot: Pilot[None]) -> None:
    """What did not fit has been laid out once more."""
    for _ in range(4):
        await pilot.pause()


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("view", sample_views.ALL, ids=lambda view: view.screen)
async def test_screen_reads_as_agreed(view: View, language: str) -> None:
    frame = Frame(replace(view, language=language))
    async with frame.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        golden.check(GOLDEN / f"{view.screen}.{language}.txt", golden.text_of(frame))


@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_the_longest_notice_fits_the_smallest_screen(language: str) -> None:
    notices = Notices("33100001", "12393", "08:30-17:00", "2026-1")
    frame = Frame(replace(views.notice(notices, Visit(first_time=True)), language=language))
    async with frame.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "2026-1" in golden.text_of(frame)
        assert frame.query_one(".lines").max_scroll_y == 0


@pytest.mark.req("S1-50", "S1-89")
@pytest.mark.parametrize("accessible", [False, True], ids=["usual", "accessible"])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_the_whole_confirmation_is_in_sight_on_the_smallest_screen(language: str, accessible: bool) -> None:
    view = replace(sample_views.CONFIRM, language=language, accessible=accessible)
    frame = Frame(view)
    async with frame.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        shown = golden.text_of(frame).replace("\n", " ")
        for fact in ("500.00", "2,699.99", "1,500.00", "4,500.00", "9,500.00", "2,500.00", "08:30-17:00"):
            assert fact in shown
        for words in (*view.lines, *(choice.words for choice in view.choices)):
            assert render(words, language).split()[0] in shown
        assert frame.query_one(".lines").max_scroll_y == 0


@pytest.mark.parametrize("accessible", [False, True], ids=["usual", "accessible"])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("view", sample_views.ALL, ids=lambda view: view.screen)
async def test_no_label_is_cut(view: View, language: str, accessible: bool) -> None:
    shown = replace(view, language=language, accessible=accessible)
    frame = Frame(shown)
    async with frame.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        text = golden.text_of(frame)
        for answer in page(shown).answers():
            assert f"[{answer.key.upper()}] {answer.text}" in text


async def test_what_is_longer_than_the_screen_can_be_read_on_to_its_end_and_from_the_top_again() -> None:
    lines = tuple(Words("page.said", {"text": f"line {number} of 40"}) for number in range(1, 41))
    frame = Frame(replace(sample_views.IDLE, lines=lines))
    async with frame.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        read: set[int] = set()
        while 40 not in read:
            before = len(read)
            read |= {number for number in range(1, 41) if f"line {number} of 40" in golden.text_of(frame)}
            assert len(read) > before
            await pilot.press("m")
            await settled(pilot)
        assert read == set(range(1, 41))
        assert "line 1 of 40" in golden.text_of(frame)
        await pilot.click(".more")
        await settled(pilot)
        assert "line 1 of 40" not in golden.text_of(frame)
        assert frame.answers == []


async def test_what_fits_offers_nothing_to_read_on() -> None:
    frame = Frame(sample_views.IDLE)
    async with frame.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert not frame.query_one(".more").display


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
