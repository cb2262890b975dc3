import asyncio

import pytest

from terminal.kiosk.app import KioskApp
from terminal.view import Choose
from tests.terminal.kiosk import golden, sample_views


async def test_the_screen_follows_the_session() -> None:
    session = sample_views.ScriptedSession()
    app = KioskApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "请插入社会保障卡" in golden.text_of(app)
        session.publish(sample_views.SORRY)
        await pilot.pause()
        assert "请插入社会保障卡" not in golden.text_of(app)
        assert "未能办理" in golden.text_of(app)


async def test_answers_go_to_the_session() -> None:
    session = sample_views.ScriptedSession(sample_views.AMOUNT)
    async with KioskApp(session).run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        assert session.intents == [Choose("other")]


async def test_the_program_ends_with_the_session() -> None:
    over = asyncio.Event()

    async def serve() -> None:
        await over.wait()

    app = KioskApp(sample_views.ScriptedSession(), serve)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.return_code is None
        over.set()
        await app.workers.wait_for_complete()
        assert app.return_code == 0


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+c", "ctrl+p", "escape", "ctrl+z", "ctrl+d", "q"])
async def test_no_key_leads_out_of_the_kiosk(key: str) -> None:
    app = KioskApp(sample_views.ScriptedSession())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(key)
        await pilot.pause()
        assert app.return_code is None
        assert len(app.screen_stack) == 1
        assert "请插入社会保障卡" in golden.text_of(app)
