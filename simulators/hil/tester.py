"""A person at a bench of real devices: asked on the terminal to act, and believed."""

import asyncio
import os
import sys
import termios
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress

import pytest

CHUNK = 1024


class Asker:
    """Asks and waits. A test fails when the tester could not do something or does not answer in time.

    `uncaptured` hands the terminal over while a question stands; without a terminal the test is skipped.
    """

    def __init__(self, uncaptured: Callable[[], AbstractContextManager[None]], time_limit: float) -> None:
        self._uncaptured = uncaptured
        self._time_limit = time_limit
        self._turn = asyncio.Lock()

    async def do(self, what: str) -> None:
        """Have something done."""
        if (await self._ask(what, "Enter when done, f if you could not")).lower().startswith("f"):
            pytest.fail(f"the tester could not: {what}", pytrace=False)

    async def says(self, question: str) -> bool:
        """Have something looked at."""
        while True:
            answer = (await self._ask(question, "y or n")).lower()
            if answer in ("y", "yes", "n", "no"):
                return answer.startswith("y")

    async def counts(self, question: str) -> int:
        """Have something counted."""
        while True:
            answer = await self._ask(question, "a number, f if you could not")
            if answer.isascii() and answer.isdigit():
                return int(answer)
            if answer.lower().startswith("f"):
                pytest.fail(f"the tester could not say: {question}", pytrace=False)

    async def _ask(self, what: str, how: str) -> str:
        async with self._turn:
            with self._uncaptured():
                descriptor = _terminal()
                if descriptor is None:
                    pytest.skip(f"needs a person at the bench to: {what} (standard input is no terminal)")
                sys.stdout.write(f"\n\a>>> {what}\n    [{how}, within {self._time_limit:.0f} s] ")
                sys.stdout.flush()
                try:
                    async with asyncio.timeout(self._time_limit):
                        return await _line(descriptor)
                except TimeoutError:
                    pytest.fail(f"nobody answered within {self._time_limit:.0f} s: {what}", pytrace=False)


def _terminal() -> int | None:
    """The descriptor of the terminal on standard input, with nothing typed before the question left in it."""
    try:
        descriptor = sys.stdin.fileno()
    except (OSError, ValueError):
        return None
    if not os.isatty(descriptor):
        return None
    with suppress(termios.error):
        termios.tcflush(descriptor, termios.TCIFLUSH)
    return descriptor


async def _line(descriptor: int) -> str:
    """One line from a terminal; the loop, and with it the drivers, go on meanwhile."""
    loop = asyncio.get_running_loop()
    typed = b""
    while b"\n" not in typed:
        ready = asyncio.Event()
        loop.add_reader(descriptor, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(descriptor)
        piece = os.read(descriptor, CHUNK)
        if not piece:
            pytest.fail("the terminal was closed", pytrace=False)
        typed += piece
    return typed.decode(errors="replace").strip()


def uncaptured(config: pytest.Config) -> Callable[[], AbstractContextManager[None]]:
    """Hands pytest's terminal over for a while, its input too."""

    @contextmanager
    def handed_over() -> Iterator[None]:
        capture = config.pluginmanager.getplugin("capturemanager")
        if capture is None:
            yield
            return
        capture.suspend(in_=True)
        try:
            yield
        finally:
            capture.resume()

    return handed_over


class AskedHands:
    """The tester's hands, on real devices."""

    def __init__(self, tester: Asker) -> None:
        self._tester = tester

    async def insert_card(self, card: str, *, wrong_way: bool) -> None:
        """Ask for it."""
        way = " the wrong way round" if wrong_way else ""
        await self._tester.do(f"Insert the card {card!r}{way}.")

    async def take_card(self) -> None:
        """Ask for it."""
        await self._tester.do("Take the card from the slot.")

    async def press(self, *keys: str) -> None:
        """Ask for it; never for a real PIN, only for what a test types."""
        words = [" ".join(key) if key.isdigit() else key.upper() for key in keys]
        await self._tester.do(f"Press on the PIN pad: {', then '.join(words)}.")

    async def notes_at_exit(self) -> int:
        """Ask for the number."""
        return await self._tester.counts("How many notes lie at the exit? Leave them there.")

    async def take_notes(self, number: int | None) -> int:
        """Ask for it, and for the number."""
        which = "all notes" if number is None else f"{number} notes"
        return await self._tester.counts(f"Take {which} from the exit. How many do you have?")

    async def empty_cassette(self, unit: str) -> None:
        """Ask for it."""
        await self._tester.do(f"Take all notes out of {_cassette(unit)} and put it back.")

    async def refill(self, unit: str, notes: int) -> None:
        """Ask for it."""
        await self._tester.do(f"Put {notes} test notes into {_cassette(unit)} and put it back.")

    async def remove_cassette(self, unit: str) -> None:
        """Ask for it."""
        await self._tester.do(f"Pull out {_cassette(unit)}.")

    async def insert_cassette(self, unit: str) -> None:
        """Ask for it."""
        await self._tester.do(f"Put {_cassette(unit)} back.")

    async def tear_off(self, showing: Sequence[str]) -> bool:
        """Ask for it, and what it shows."""
        texts = ", ".join(repr(text) for text in showing) or "anything"
        return await self._tester.says(f"Take the receipt. Is it cut, and does it show {texts}?")

    async def paper_at_slot(self) -> bool:
        """Ask."""
        return await self._tester.says("Does a receipt hang at the slot?")

    async def remove_paper(self) -> None:
        """Ask for it."""
        await self._tester.do("Take the paper roll out of the printer and close it.")

    async def load_paper(self) -> None:
        """Ask for it."""
        await self._tester.do("Put the paper roll into the printer and close it.")

    async def open_cover(self) -> None:
        """Ask for it."""
        await self._tester.do("Open the cover of the printer.")

    async def close_cover(self) -> None:
        """Ask for it."""
        await self._tester.do("Close the cover of the printer.")


def _cassette(unit: str) -> str:
    """The top one is unit1."""
    return f"cassette {unit.removeprefix('unit')} (1 is the top one)"
