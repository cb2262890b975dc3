"""A driver's round trip over a pty beside bare reads and writes on it, with the same process at the far end.

One trip is what an LCDM-2000 says to STATUS: 6 bytes there, ACK and 10 bytes back, ACK there. Two more kinds show
where the driver's time goes: the same bytes in an event loop that does nothing else, and the least that a client has to
do who understands them, with our codec and one time limit.
"""

import asyncio
import os
import subprocess
import sys
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from drivers.link import open_link
from drivers.puloon_lcdm import PuloonLcdm2000
from drivers.registry import MODELS
from protocol import puloon_lcdm_2000 as lcdm2000
from tests.bench.responder import ACK, ANSWER, STATUS
from tests.bench.samples import Spread

TRIPS = 40
"""Trips of each kind in a round."""

ANSWER_LIMIT = 5.0
"""Seconds that the least of clients waits for an answer."""

BAUD = 9600
LINE_TIME = (len(STATUS) + len(ANSWER) + len(ACK)) * 10 / BAUD
"""Seconds that the bytes of one trip take on a line of 9600 baud, 8N1: 18 bytes of 10 bits."""


@dataclass(frozen=True, slots=True)
class RoundTrips:
    """Seconds of one trip: bare, bare in an event loop, by the least of clients, and by the driver."""

    bare: Spread
    loop: Spread
    client: Spread
    driver: Spread

    @property
    def ratio(self) -> float:
        """The driver's median to the bare one."""
        return self.driver.median / self.bare.median

    @property
    def ratio_to_loop(self) -> float:
        """The driver's median to that of an event loop that only waits."""
        return self.driver.median / self.loop.median

    @property
    def ratio_to_client(self) -> float:
        """The driver's median to that of a client that understands the answer and does no more."""
        return self.driver.median / self.client.median

    @property
    def share_of_line(self) -> float:
        """What the driver adds to a trip, as a share of the time its bytes take at 9600 baud."""
        return (self.driver.median - self.bare.median) / LINE_TIME


def measure(rounds: int, progress: Callable[[], None] = lambda: None) -> RoundTrips:
    """Bare trips and driver's trips in turns."""
    bare: list[float] = []
    loop: list[float] = []
    client: list[float] = []
    driver: list[float] = []
    with _far_end() as path:
        for _ in range(rounds):
            bare += _bare(path)
            loop += asyncio.run(_loop(path))
            client += asyncio.run(_client(path))
            driver += asyncio.run(_driver(path))
            progress()
    return RoundTrips(Spread.of(bare), Spread.of(loop), Spread.of(client), Spread.of(driver))


@contextmanager
def _far_end() -> Iterator[str]:
    master, slave = os.openpty()
    tty.setraw(slave)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.responder", str(master)], pass_fds=(master,), stderr=subprocess.DEVNULL
    ) as far:
        os.close(master)
        try:
            yield os.ttyname(slave)
        finally:
            os.close(slave)
            far.terminate()


def _bare(path: str) -> list[float]:
    port = os.open(path, os.O_RDWR | os.O_NOCTTY)
    taken: list[float] = []
    try:
        for _ in range(TRIPS):
            began = time.perf_counter()
            os.write(port, STATUS)
            heard = b""
            while len(heard) < len(ANSWER):
                heard += os.read(port, 4096)
            os.write(port, ACK)
            taken.append(time.perf_counter() - began)
    finally:
        os.close(port)
    return taken


async def _loop(path: str) -> list[float]:
    loop = asyncio.get_running_loop()
    port = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    readable = asyncio.Event()
    loop.add_reader(port, readable.set)
    taken: list[float] = []
    try:
        for _ in range(TRIPS):
            began = time.perf_counter()
            os.write(port, STATUS)
            heard = b""
            while len(heard) < len(ANSWER):
                readable.clear()
                await readable.wait()
                with suppress(BlockingIOError):
                    heard += os.read(port, 4096)
            os.write(port, ACK)
            taken.append(time.perf_counter() - began)
    finally:
        loop.remove_reader(port)
        os.close(port)
    return taken


async def _client(path: str) -> list[float]:
    loop = asyncio.get_running_loop()
    port = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    readable = asyncio.Event()
    loop.add_reader(port, readable.set)
    decoder = lcdm2000.device_decoder()
    taken: list[float] = []

    async def reply() -> lcdm2000.StatusReply:
        async with asyncio.timeout(ANSWER_LIMIT):
            while True:
                readable.clear()
                await readable.wait()
                with suppress(BlockingIOError):
                    for event in decoder.feed(os.read(port, 4096)):
                        if isinstance(event, lcdm2000.StatusReply):
                            return event

    try:
        for _ in range(TRIPS):
            began = time.perf_counter()
            os.write(port, lcdm2000.encode(lcdm2000.Request(lcdm2000.Command.STATUS)))
            await reply()
            os.write(port, ACK)
            taken.append(time.perf_counter() - began)
    finally:
        loop.remove_reader(port)
        os.close(port)
    return taken


async def _driver(path: str) -> list[float]:
    link = await open_link(path, MODELS["puloon-lcdm-2000"].line)
    dispenser = PuloonLcdm2000(link)
    taken: list[float] = []
    try:
        await dispenser.status()  # the first one settles the line
        for _ in range(TRIPS):
            began = time.perf_counter()
            await dispenser.status()
            taken.append(time.perf_counter() - began)
    finally:
        link.close()
    return taken
