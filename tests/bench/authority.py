"""Withdrawals at the authority: terminals on TCP, every message with MAC and the requests with PIN.

Two loads: 100 terminals that never pause; and what a service agrees on, 200 terminals with 50 messages a second between
them, for which the time to an answer counts.

A withdrawal is two messages that are each durable before they are answered: the request with its hold, and the confirm
with its postings. Terminals do all that a terminal does: they encode, make and check MACs, and decode. Beside it, in
turns: a plain SQLite loop of double entries, one commit each, and pgbench on the same PostgreSQL server.
"""

import asyncio
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from protocol.keys import Cipher, unwrap_key
from protocol.mac import retail_mac
from protocol.money_line import CashReply, ConfirmReply, Message, SignOn, SignOnReply, decode, encode, mac_input, parse
from protocol.money_line import ResponseCode as Code
from tests import postgresql
from tests.bench.authority_host import MERCHANT, people, terminal
from tests.bench.samples import Spread
from tests.simulators.authority.kiosk import TMK, Kiosk, Somebody

TERMINALS = 100
PEOPLE = 1_000
FEN = 10_000
SECONDS = 2.0
"""How long one sample takes."""

AGREED_TERMINALS, AGREED_MESSAGES = 200, 50
"""Terminals that are connected, and what all of them together say in a second. Each draws at most once in a sample."""

DURABLE = ("listen_addresses=", "max_connections=50", "shared_buffers=256MB")
"""PostgreSQL as it comes, waiting for the disk, on a socket only."""


@dataclass(slots=True)
class Measured:
    """Withdrawals a second on one database, the slowest of a hundred in seconds, and what the yardstick does.

    `agreed` and `agreed_p99`: seconds to an answer under the agreed load, in the middle and the slowest of a hundred.
    """

    database: str
    yardstick_is: str
    withdrawals: Spread
    p99: Spread
    yardstick: Spread
    agreed: Spread
    agreed_p99: Spread

    @property
    def ratio(self) -> float:
        """Commits a second (two each withdrawal) to those of the yardstick."""
        return 2 * self.withdrawals.median / self.yardstick.median


class Terminal(Kiosk):
    """A terminal on a TCP connection."""

    def __init__(self, number: int, who: Iterator[Somebody], port: int) -> None:
        self.id, self.merchant, self.cipher = terminal(number), MERCHANT, Cipher.TDES
        self.pik = self.mak = b""
        self.batch, self.stan = 1, 0
        self.took: list[float] = []
        """Seconds that each withdrawal took."""
        self.answered: list[float] = []
        """Seconds until each message had its answer."""
        self._who = who
        self._port = port

    async def connect(self) -> None:
        """Sign on; nothing is measured yet."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        reply = parse(await self._exchange(SignOn(**self._own()).to_message()))
        assert isinstance(reply, SignOnReply)
        assert reply.keys is not None
        self.pik = unwrap_key(Cipher.TDES, TMK, reply.keys.pin_key)
        self.mak = unwrap_key(Cipher.TDES, TMK, reply.keys.mac_key)
        self.batch = reply.batch
        self.took.clear()
        self.answered.clear()

    async def withdraw(self, until: float) -> None:
        """One after the other."""
        while time.perf_counter() < until:
            await self.withdraw_once()

    async def withdraw_once(self) -> None:
        """Ask, and confirm."""
        person, began = next(self._who), time.perf_counter()
        cash = self._checked(await self._exchange(self.sealed(self.cash_request(FEN, person))), CashReply)
        self._checked(await self._exchange(self.sealed(self.confirm_of(cash, FEN, person))), ConfirmReply)
        self.took.append(time.perf_counter() - began)

    async def withdraw_at(self, moment: float) -> None:
        """One withdrawal that begins at this moment of the loop's clock."""
        await asyncio.sleep(moment - asyncio.get_running_loop().time())
        await self.withdraw_once()

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        await self._writer.wait_closed()

    def _checked(self, answer: Message, kind: type[CashReply] | type[ConfirmReply]) -> CashReply:
        assert answer.mac == retail_mac(self.mak, mac_input(answer))
        typed = parse(answer)
        assert isinstance(typed, kind)
        assert typed.code == Code.APPROVED, typed.code
        return typed  # type: ignore[return-value]

    async def _exchange(self, message: Message) -> Message:
        began = time.perf_counter()
        self._writer.write(encode(message))
        length = await self._reader.readexactly(2)
        answer = decode(length + await self._reader.readexactly(int.from_bytes(length, "big")))
        self.answered.append(time.perf_counter() - began)
        return answer


@dataclass(slots=True)
class _Samples:
    rates: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    yardstick: list[float] = field(default_factory=list)
    agreed: list[float] = field(default_factory=list)
    agreed_p99: list[float] = field(default_factory=list)


@contextmanager
def hosts(database: str, processes: int) -> Iterator[list[int]]:
    """The ports of an authority's processes."""
    with ExitStack() as running:
        ports = []
        for number in range(processes):
            command = [
                sys.executable,
                "-m",
                "tests.bench.authority_host",
                database,
                str(max(TERMINALS, AGREED_TERMINALS)),
                str(PEOPLE),
            ]
            host = subprocess.Popen(
                command + ["--join"] * (number > 0), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            running.callback(host.wait)
            assert host.stdin is not None
            assert host.stdout is not None
            running.callback(host.stdout.close)
            running.callback(host.stdin.close)
            ports.append(int(host.stdout.readline()))
        yield ports


def _terminals(ports: Sequence[int]) -> list[Terminal]:
    everybody = cycle(list(people(PEOPLE)))
    number = max(TERMINALS, AGREED_TERMINALS)
    return [Terminal(each, everybody, ports[each % len(ports)]) for each in range(number)]


async def _sample(terminals: Sequence[Terminal], samples: _Samples) -> None:
    """Some that never pause."""
    async with _connected(terminals[:TERMINALS]) as all_:
        began = time.perf_counter()
        await asyncio.gather(*(each.withdraw(began + SECONDS) for each in all_))
        took = [seconds for each in all_ for seconds in each.took]
        samples.rates.append(len(took) / (time.perf_counter() - began))
        samples.p99.append(quantiles(took, n=100)[98])


async def _agreed_sample(terminals: Sequence[Terminal], turns: Iterator[int], samples: _Samples) -> None:
    """All of them connected; withdrawals begin at even distances, each at the terminal whose turn it is."""
    async with _connected(terminals[:AGREED_TERMINALS]) as all_:
        pause, begins = 2 / AGREED_MESSAGES, asyncio.get_running_loop().time()
        moments = [begins + number * pause for number in range(int(SECONDS / pause))]
        await asyncio.gather(*(all_[next(turns)].withdraw_at(moment) for moment in moments))
        answered = [seconds for each in all_ for seconds in each.answered]
        samples.agreed.append(median(answered))
        samples.agreed_p99.append(quantiles(answered, n=100)[98])


@asynccontextmanager
async def _connected(terminals: Sequence[Terminal]) -> AsyncIterator[Sequence[Terminal]]:
    """Signed on."""
    for each in terminals:
        await each.connect()
    yield terminals
    for each in terminals:
        await each.close()


class PlainBooks:
    """Double entries by hand: two postings and two balances, one durable commit, the settings of the authority."""

    def __init__(self, path: Path) -> None:
        self._books = sqlite3.connect(path, isolation_level=None)
        self._books.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE account (id INTEGER PRIMARY KEY, fen INTEGER); CREATE TABLE entry (id INTEGER PRIMARY KEY);"
            "CREATE TABLE posting (id INTEGER PRIMARY KEY, entry INTEGER, account INTEGER, fen INTEGER);"
            f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {PEOPLE})"
            "INSERT INTO account SELECT i, 0 FROM n;"
        )

    def rate(self) -> float:
        """Commits a second."""
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < SECONDS / 2:
            person, say = 1 + done % PEOPLE, self._books.execute
            say("BEGIN IMMEDIATE")
            entry = say("INSERT INTO entry DEFAULT VALUES").lastrowid
            for account, fen in ((person, -FEN), (0, FEN)):
                say("INSERT INTO posting (entry, account, fen) VALUES (?, ?, ?)", (entry, account, fen))
                say("UPDATE account SET fen = fen + ? WHERE id = ?", (fen, account))
            say("COMMIT")
            done += 1
        return done / (time.perf_counter() - began)

    def close(self) -> None:
        """Let go of the file."""
        self._books.close()


def pgbench(server: postgresql.Server) -> float:
    """Transactions a second of `pgbench -M prepared -c 8`."""
    programs = postgresql.programs()
    assert programs is not None
    command = [programs / "pgbench", "-h", server.directory, "-U", "postgres", "-M", "prepared", "-c", "8"]
    done = subprocess.run(
        [*map(str, command), "-T", str(int(SECONDS)), "-n", "pgbench"], check=True, capture_output=True, text=True
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("tps"))
    return float(line.split()[2])


def measure(rounds: int, step: Callable[[], None] = lambda: None) -> list[Measured]:
    """SQLite with one process, and PostgreSQL with two where it is installed."""
    found = []
    turns = cycle(range(AGREED_TERMINALS))
    with TemporaryDirectory() as directory, ExitStack() as open_:
        lanes = []
        books = open_.enter_context(closing(PlainBooks(Path(directory) / "plain.db")))
        ports = open_.enter_context(hosts(str(Path(directory) / "authority.db"), 1))
        lanes.append(("SQLite", "plain loop, commits", _terminals(ports), books.rate, _Samples()))
        if postgresql.programs() is not None:
            server = open_.enter_context(postgresql.server(DURABLE))
            server.say("CREATE DATABASE pgbench")
            programs = postgresql.programs()
            assert programs is not None
            subprocess.run(
                [str(programs / "pgbench"), "-h", str(server.directory), "-U", "postgres", "-i", "-q", "pgbench"],
                check=True,
                capture_output=True,
            )
            ports = open_.enter_context(hosts(server.create(empty=True), 2))
            lanes.append(
                ("PostgreSQL", "pgbench -c 8, transactions", _terminals(ports), lambda: pgbench(server), _Samples())
            )
        for _ in range(rounds):
            for _, _, terminals, yardstick, samples in lanes:
                asyncio.run(_sample(terminals, samples))
                asyncio.run(_agreed_sample(terminals, turns, samples))
                samples.yardstick.append(yardstick())
                step()
        for name, unit, _, _, samples in lanes:
            taken = (samples.rates, samples.p99, samples.yardstick, samples.agreed, samples.agreed_p99)
            found.append(Measured(name, unit, *(Spread.of(each) for each in taken)))
    return found
