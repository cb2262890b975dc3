"""`medteller-sim trace`: what it prints and how it exits, with real ptys and TCP ports between real programs."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from drivers.link import Port, open_link
from drivers.registry import MODELS
from drivers.trace_file import Sender, TracedPort, TraceHeader, TraceRecord, read_trace
from simulators import cli
from simulators.devices.puloon_lcdm import PuloonLcdm2000
from simulators.world.custody import Custody, Note, new_notes
from simulators.world.pty_line import pty_line
from simulators.world.scene import Scene
from tests.simulators.trace.golden import FOLDER

LINE = MODELS["puloon-lcdm-2000"].line
BY_HAND = FOLDER / "puloon-lcdm-2000-by-hand.jsonl"
PAD = FOLDER / "szzt-zt598.jsonl"


def trace(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.app, ["trace", *map(str, arguments)])


@contextmanager
def running(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """The program itself, until it is ended."""
    with subprocess.Popen(
        [sys.executable, "-m", "simulators", "trace", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background may have told all processes to ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as program:
        try:
            yield program
        finally:
            if program.poll() is None:
                program.kill()


async def told(program: subprocess.Popen[str]) -> str:
    """Its next line about itself."""
    assert program.stderr is not None
    return await asyncio.to_thread(program.stderr.readline)


async def ended(program: subprocess.Popen[str]) -> tuple[str, str]:
    """What else it says until it has ended."""
    return await asyncio.to_thread(program.communicate, timeout=60)


@asynccontextmanager
async def dispenser() -> AsyncIterator[str]:
    """A simulated LCDM-2000 at the path of a pty."""
    line = pty_line()
    custody: Custody[Note] = Custody()
    device = PuloonLcdm2000(scene=Scene(), custody=custody)
    for position in device.path.positions:
        custody.put(device.path.cassette(position), new_notes(100, 50, f"C{position}-"))
    serving = asyncio.ensure_future(device.serve(line))
    try:
        yield line.path
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
        line.close()


class Host:
    """A program that opens a port, says bytes and waits for bytes."""

    def __init__(self, link: Port) -> None:
        self._link = link
        self._heard = b""

    async def asks(self, question: str, *answers: str) -> None:
        await self._link.send(bytes.fromhex(question))
        for answer in answers:
            await self.hears(bytes.fromhex(answer))

    async def hears(self, expected: bytes) -> None:
        async with asyncio.timeout(30):
            while len(self._heard) < len(expected):
                self._heard += await self._link.receive()
        assert self._heard.startswith(expected)
        self._heard = self._heard[len(expected) :]

    async def plays(self, file: Path) -> None:
        """The host's side of a trace without hidden bytes."""
        for _, record in read_trace(file):
            if isinstance(record, TraceRecord) and record.direction is Sender.HOST:
                await self._link.send(bytes.fromhex(record.hex))
            elif isinstance(record, TraceRecord):
                await self.hears(bytes.fromhex(record.hex))


@asynccontextmanager
async def opened(where: str) -> AsyncIterator[Host]:
    link = await open_link(where, LINE)
    try:
        yield Host(link)
    finally:
        link.close()


async def until_lines(file: Path, number: int) -> None:
    """Wait until so many lines are written."""

    def look() -> None:
        until = time.monotonic() + 30
        while len(file.read_bytes().splitlines()) < number and time.monotonic() < until:
            time.sleep(0.01)

    await asyncio.to_thread(look)


STATUS, IDLE = "04 50 02 46 03 13", "01 50 02 46 30 30 80 80 03 16"


@pytest.mark.real_time
@pytest.mark.parametrize("listen", ["pty", "tcp"])
async def test_a_tap_passes_bytes_on_for_clients_that_come_and_go_and_records_them(listen: str, tmp_path: Path) -> None:
    out = tmp_path / "wire.jsonl"
    options = ("--model", "puloon-lcdm-2000", "--out", out, "--listen", listen)
    async with dispenser() as port:
        with running("record", *options, "--port", port) as tap:
            first = await told(tap)
            assert f"recording puloon-lcdm-2000 at {port} (9600 8N1)" in first
            where = first.partition("; open ")[2].partition(" ")[0]
            async with opened(where) as host:
                await host.asks(STATUS, "06", IDLE)
                await host.asks("06")
            await until_lines(out, 5)
            for _ in range(100):  # a TCP port takes the next client once it has seen the last one go
                with suppress(ConnectionError):
                    async with opened(where) as host:
                        await host.asks(STATUS, "06", IDLE)
                        await host.asks("06")
                        break
            await until_lines(out, 9)
            tap.send_signal(signal.SIGINT)
            _, errors = await ended(tap)
    assert tap.returncode == 0
    assert "8 messages recorded" in errors
    lines = [line for _, line in read_trace(out)]
    assert isinstance(lines[0], TraceHeader)
    assert lines[0].ports == {"cash_dispenser": TracedPort("puloon-lcdm-2000", "9600 8N1")}
    notes = [line.note for line in lines if isinstance(line, TraceRecord)]
    assert notes == ["STATUS", "ACK", "STATUS: last operation good; sensors clear", "ACK"] * 2


@pytest.mark.real_time
async def test_a_tap_whose_device_is_gone_says_so_and_keeps_what_it_has(tmp_path: Path) -> None:
    out = tmp_path / "wire.jsonl"
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(dispenser())
        with running("record", "--model", "puloon-lcdm-2000", "--out", out, "--port", port) as tap:
            where = (await told(tap)).partition("; open ")[2].partition(" ")[0]
            async with opened(where) as host:
                await host.asks(STATUS, "06", IDLE)
                await stack.aclose()
                _, errors = await ended(tap)
    assert tap.returncode == 1
    assert "3 messages recorded" in errors
    assert f"{port}: " in errors
    assert "unplugged" in errors
    assert "Traceback" not in errors
    assert len(list(read_trace(out))) == 4


def test_a_port_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    result = trace("record", "--model", "escpos", "--port", tmp_path / "tty", "--out", tmp_path / "wire.jsonl")
    assert result.exit_code == 2
    assert "there is no such port" in result.stderr


@pytest.mark.real_time
@pytest.mark.parametrize("listen", ["pty", "tcp"])
async def test_a_recorded_device_is_played_at_a_port(listen: str) -> None:
    with running("replay", BY_HAND, "--port", "port", "--fast", "--listen", listen, "--json") as player:
        where = (await told(player)).rpartition("; open ")[2].strip()
        async with opened(where) as host:
            await host.plays(BY_HAND)
            output, errors = await ended(player)
    assert player.returncode == 0, errors
    report = json.loads(output)
    assert (report["ok"], report["played"], report["messages"]) == (True, 24, 24)


@pytest.mark.real_time
async def test_where_a_driver_leaves_the_recording_is_told() -> None:
    with running("replay", BY_HAND, "--port", "port", "--fast") as player:
        where = (await told(player)).rpartition("; open ")[2].strip()
        async with opened(where) as host:
            await host.asks("04 50 02 44 03 11")
            output, _ = await ended(player)
    assert player.returncode == 1
    assert "0 of 24 messages played; then, at line 2" in output
    assert "expected: STATUS (04 50 02 46 03 13)" in output
    assert "got:      PURGE (04 50 02 44 03 11)" in output
    assert "command: recorded 70 (status), now 68 (purge)" in output


@pytest.mark.real_time
async def test_ctrl_c_ends_a_replay_with_a_report() -> None:
    with running("replay", BY_HAND, "--port", "port") as player:
        await told(player)
        player.send_signal(signal.SIGINT)
        output, errors = await ended(player)
    assert player.returncode == 130
    assert "0 of 24 messages played; the host came no further" in output
    assert "Traceback" not in errors


@pytest.mark.real_time
async def test_the_recorded_host_can_ask_a_device_at_a_port() -> None:
    async with dispenser() as port:
        with running("replay", BY_HAND, "--port", "port", "--as", "host", "--url", port, "--fast", "--json") as player:
            output, errors = await ended(player)
    assert player.returncode == 0, errors
    found = json.loads(output)
    assert (found["same"], found["exchanges"]) == (True, 7)


def test_a_recording_is_held_against_the_simulator_of_its_model() -> None:
    result = trace("diff", BY_HAND)
    assert result.exit_code == 1
    assert "2 differences; the first:" in result.stdout
    assert "sensors: recorded none, simulator EXIT" in result.stdout
    assert "x the recorded time" in result.stdout


def test_what_is_ignored_is_no_difference() -> None:
    result = trace("diff", BY_HAND, "--ignore", "^sensors", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["same"] is True


def test_two_recordings_are_compared() -> None:
    assert trace("diff", BY_HAND, BY_HAND).exit_code == 0
    result = trace("diff", BY_HAND, FOLDER / "puloon-lcdm-2000.jsonl")
    assert result.exit_code == 1
    assert "DISPENSE_UPPER 1 (04 50 02 45 30 31 03 11)" in result.stdout
    assert "DISPENSE_BOTH 3 + 1" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("diff", BY_HAND, "--port", "pad"), "nothing was recorded on a port 'pad'; ports: port"),
        (("diff", BY_HAND, BY_HAND, "--url", "/dev/ttyS0"), "give one"),
        (("diff", BY_HAND, "--ignore", "("), "no regular expression"),
        (("diff", BY_HAND, "--bench", "none.toml"), "give a bench file, or leave it out"),
        (("diff", PAD), "With --fill, 30 stands for each of them"),
        (("diff", "none.jsonl"), "none.jsonl: No such file"),
        (("replay", PAD, "--port", "port"), "With --fill"),
        (("replay", BY_HAND, "--port", "port", "--url", "/dev/ttyS0"), "offers a port itself"),
        (("record", "--model", "toaster", "--port", "x", "--out", "y"), "no model 'toaster'; there is"),
    ],
)
def test_wrong_use_is_exit_code_2_and_says_what_helps(arguments: tuple[str | Path, ...], says: str) -> None:
    result = trace(*arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert "Traceback" not in result.output


def test_a_bench_with_another_device_is_told(tmp_path: Path) -> None:
    bench = tmp_path / "bench.toml"
    bench.write_bytes((Path(cli.__file__).parent / "bench" / "default.toml").read_bytes())
    result = trace("diff", BY_HAND, "--bench", bench)
    assert result.exit_code == 2
    assert "the recording is of a puloon-lcdm-2000, the bench has a puloon-lcdm-4000" in result.stderr


@pytest.mark.parametrize("command", ["record", "show", "replay", "diff"])
def test_help_has_an_example(command: str) -> None:
    result = trace(command, "--help")
    assert result.exit_code == 0
    assert "Example: medteller-sim trace" in " ".join(result.stdout.split())
