"""The kiosk's own program: a session's views on the whole screen."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from textual.app import App, ComposeResult

from terminal.kiosk.screen import KioskScreen
from terminal.view import ScreenSession


class KioskApp(App[None], inherit_bindings=False):
    """Shows what the session publishes and tells it what the customer answers.

    `serve` is the session's own work; it runs beside the screen, and the program ends with it. No key ends it: the keys
    that Textual gives every program for that are left out.
    """

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, session: ScreenSession, serve: Callable[[], Awaitable[None]] | None = None) -> None:
        super().__init__()
        self._session = session
        self._serve = serve

    def compose(self) -> ComposeResult:
        """One screen, and nothing else."""
        yield KioskScreen(self._session.view)

    def on_mount(self) -> None:
        """Follow the session."""
        screen = self.query_one(KioskScreen)
        self._session.subscribe(screen.show)
        screen.focus()
        if self._serve is not None:
            self.run_worker(self._serve_and_exit(self._serve))

    async def on_kiosk_screen_answered(self, event: KioskScreen.Answered) -> None:
        """Pass an answer on."""
        await self._session.intent(event.intent)

    async def _serve_and_exit(self, serve: Callable[[], Awaitable[None]]) -> None:
        with suppress(asyncio.CancelledError):  # told to end
            await serve()
        self.exit()
