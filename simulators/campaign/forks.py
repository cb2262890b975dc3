"""A run that is played once up to each of its places, and goes on from there in a process of its own.

What led to the place is not played again, so a run with a cut costs only what follows on the cut. Needs `os.fork`.
"""

import asyncio
import os
import pickle
import selectors
import signal
from collections.abc import Callable
from typing import Any, Final, NoReturn

LIMIT: Final = 120.0
"""Seconds of wall time after which a branch is given up; waiting for branches of its own does not count."""


class Forks:
    """At most `processes` branches at once; `hear` gets what each says: values, then None or how it failed.

    Use it from a process with one thread.
    """

    def __init__(self, processes: int, hear: Callable[[Any], None]) -> None:
        self._processes = processes
        self._hear = hear
        self._branches = selectors.DefaultSelector()
        self._mouth: int | None = None

    def branch(self, lost: Any) -> bool:
        """True in a new process, False in this one. `lost` is said in its place if it ends without a word."""
        self._wait_until(self._processes - 1)
        loop = asyncio.get_running_loop()
        ear, mouth = os.pipe()
        pid = os.fork()
        if pid:
            os.close(mouth)
            self._branches.register(ear, selectors.EVENT_READ, (pid, bytearray(), lost))
            return False
        asyncio._set_running_loop(loop)  # a loop knows the process that it runs in
        os.close(ear)
        for key in tuple(self._branches.get_map().values()):
            os.close(key.fd)
        self._branches = selectors.DefaultSelector()
        if self._mouth is not None:
            os.close(self._mouth)
        self._mouth, self._processes, self._hear = mouth, 1, self._say
        signal.setitimer(signal.ITIMER_REAL, LIMIT)
        return True

    def join(self) -> None:
        """Wait for all branches of this process."""
        self._wait_until(0)

    def end(self, word: Any) -> NoReturn:
        """The last word of a branch."""
        self.join()
        try:
            self._say(word)
        except BrokenPipeError:  # nobody is there any more
            os._exit(1)
        os._exit(0)

    @property
    def is_branch(self) -> bool:
        """This process is one."""
        return self._mouth is not None

    def _wait_until(self, branches: int) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        while len(self._branches.get_map()) > branches:
            self._collect()
        if self._mouth is not None:
            signal.setitimer(signal.ITIMER_REAL, LIMIT)

    def _say(self, word: Any) -> None:
        assert self._mouth is not None
        data = pickle.dumps(word)
        data = len(data).to_bytes(4, "big") + data
        while data:
            data = data[os.write(self._mouth, data) :]

    def _collect(self) -> None:
        for key, _ in self._branches.select():
            pid, heard, lost = key.data
            if piece := os.read(key.fd, 1 << 16):
                heard += piece
                continue
            self._branches.unregister(key.fd)
            os.close(key.fd)
            os.waitpid(pid, 0)
            words = 0
            while heard:
                size = 4 + int.from_bytes(heard[:4], "big")
                self._hear(pickle.loads(heard[4:size]))  # noqa: S301  # our own process
                del heard[:size]
                words += 1
            if not words:
                self._hear(lost)
