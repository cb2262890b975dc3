"""A terminal window with a program in it: what it showed, and in which state it leaves the terminal."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from dataclasses import dataclass
from pathlib import Path

ENTER_FULL_SCREEN = b"\x1b[?1049h"
LEAVE_FULL_SCREEN = b"\x1b[?1049l"
LIMIT = 120.0
"""Seconds without a byte, or after the signal, after which a program has failed."""


@dataclass(frozen=True, slots=True)
class Left:
    """How a program ended."""

    code: int
    shown: bytes
    restored: bool

    @property
    def full_screen(self) -> bool:
        """Whether the terminal still shows the program's own screen."""
        return self.shown.rfind(ENTER_FULL_SCREEN) > self.shown.rfind(LEAVE_FULL_SCREEN)


def end_when_it_shows(*command: str, shows: bytes, by: signal.Signals) -> Left:
    """Run Python with these arguments in a window; send it a signal once it has shown something."""
    window, inside = pty.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    before = termios.tcgetattr(inside)
    shown = bytearray()
    try:
        with subprocess.Popen(
            [sys.executable, *command],
            stdin=inside,
            stdout=inside,
            stderr=inside,
            cwd=Path(__file__).parents[1],
            env=os.environ | {"TERM": "xterm-256color"},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        ) as program:
            try:
                while shows not in shown:
                    shown += _heard(window)
                program.send_signal(by)
                sent = time.monotonic()
                while program.poll() is None or select.select([window], [], [], 0)[0]:
                    if time.monotonic() - sent > LIMIT:
                        raise AssertionError(f"{by.name} has not ended the program after {LIMIT} s")
                    if select.select([window], [], [], 0.1)[0]:
                        shown += os.read(window, 65536)
            finally:
                program.kill()
        return Left(program.returncode, bytes(shown), termios.tcgetattr(inside) == before)
    finally:
        os.close(inside)
        os.close(window)


def _heard(window: int) -> bytes:
    if not select.select([window], [], [], LIMIT)[0]:
        raise AssertionError(f"nothing more was shown for {LIMIT} s")
    return os.read(window, 65536)
