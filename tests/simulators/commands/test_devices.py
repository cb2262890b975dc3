"""The devices command with real processes: pySerial, sockets, clients that crash, and our own drivers."""

import asyncio
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import serial
from typer.testing import CliRunner

from drivers.interfaces import Done
from drivers.link import open_link
from drivers.registry import MODELS
from simulators import cli
from simulators.commands.devices import Role
from terminal.assembly import ROLES
from tests.simulators.commands.running import Running, running
from tests.vectors import vector

ACK, EOT = b"\x06", b"\x04"
PAPER_STATUS = b"\x10\x04\x04"  # DLE EOT 4: answered at once with one byte
LAST_STATUS = vector("puloon_lcdm", "4000: LAST STATUS")


def connect(running: Running, role: str) -> socket.socket:
    """A plain socket client, which gives up after a while."""
    where = urlsplit(running.url(role))
    return socket.create_connection((where.hostname, where.port), timeout=30)


def opened(running: Running, role: str) -> serial.Serial:
    """pySerial on the device's pty, with the line settings of the device."""
    line = MODELS[running.devices[role]["model"]].line
    return serial.Serial(running.url(role), line.baud, parity=str(line.parity), timeout=30)


def ask_last_status(port: serial.Serial) -> bytes:
    """What a host written from the manual does: command, ACK, reply, ACK, EOT."""
    port.write(LAST_STATUS)
    assert port.read(1) == ACK
    reply: bytes = port.read_until(b"\x03") + port.read(1)
    port.write(ACK)
    assert port.read(1) == EOT
    return reply


def test_the_roles_of_the_command_are_those_of_a_kiosk() -> None:
    assert list(Role) == list(ROLES)


@pytest.mark.real_time
def test_one_line_says_where_everything_is_and_nothing_stays_behind(tmp_path: Path) -> None:
    with running("--folder", tmp_path / "bench") as bench:
        assert {role: device["url"] for role, device in bench.devices.items()} == {
            role: str(tmp_path / "bench" / role) for role in ROLES
        }
        assert bench.devices["pin_pad"]["model"] == "szzt-zt598"
        assert bench.send("GET", "/")["name"] == "medteller control door"

        code, said, complained = bench.stop()

    assert (code, said, complained) == (0, "", "")
    assert [path for path in (tmp_path / "bench").iterdir() if path.is_symlink()] == []


@pytest.mark.real_time
def test_ctrl_c_ends_it_even_while_somebody_follows_the_events(tmp_path: Path) -> None:
    with (
        running("--folder", tmp_path) as bench,
        socket.create_connection(("127.0.0.1", urlsplit(bench.control or "").port or 0), timeout=30) as reader,
    ):
        reader.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert reader.recv(4096).startswith(b"HTTP/1.1 200")
        code, said, complained = bench.stop(signal.SIGINT)

    assert (code, said) == (130, "")
    assert "Traceback" not in complained
    assert not any((tmp_path / role).is_symlink() for role in ROLES)


@pytest.mark.real_time
def test_pyserial_talks_to_a_pty_and_may_come_back(tmp_path: Path) -> None:
    with running("--folder", tmp_path, "--no-control") as bench:
        assert bench.control is None
        for _ in range(3):
            with opened(bench, "cash_dispenser") as port:
                assert len(ask_last_status(port)) == 21
        with opened(bench, "receipt_printer") as port:
            port.write(PAPER_STATUS)
            assert port.read(1) == b"\x12"


CRASHING = """
import os, signal, sys, serial
port = serial.Serial(sys.argv[1], 9600)
port.write(bytes.fromhex(sys.argv[2]))
port.flush()
print("written", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.real_time
def test_a_client_killed_in_the_middle_of_a_command_harms_nobody(tmp_path: Path) -> None:
    """The device forgets half a frame as it would on a real line, and what it already did stays done."""
    with running("--folder", tmp_path) as bench:
        for part in (LAST_STATUS[:4], LAST_STATUS):
            killed = subprocess.run(
                [sys.executable, "-c", CRASHING, bench.url("cash_dispenser"), part.hex()],
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert killed.stdout == "written\n"
            assert killed.returncode == -signal.SIGKILL

        with opened(bench, "cash_dispenser") as port:
            port.timeout = 1
            # A host that lost its answer asks again; the first try may fall into what the device is still saying.
            port.write(ACK)
            port.read(64)
            port.timeout = 30
            assert ask_last_status(port)
        assert bench.send("GET", "/custody")["conserved"]


@pytest.mark.real_time
def test_on_tcp_a_second_client_is_turned_away_and_the_first_goes_on(unused_tcp_port: int) -> None:
    with running("--link", "tcp", "--port", f"receipt_printer={unused_tcp_port}") as bench:
        assert bench.url("receipt_printer") == f"socket://127.0.0.1:{unused_tcp_port}"
        with connect(bench, "receipt_printer") as first:
            first.sendall(PAPER_STATUS)
            assert first.recv(1) == b"\x12"
            with connect(bench, "receipt_printer") as second:
                assert second.recv(1) == b""
            first.sendall(PAPER_STATUS)
            assert first.recv(1) == b"\x12"


@pytest.mark.real_time
async def test_our_own_driver_dispenses_over_tcp_and_a_person_takes_the_notes() -> None:
    with running("--link", "tcp", "--only", "cash_dispenser") as bench:
        assert list(bench.devices) == ["cash_dispenser"]
        entry = MODELS["puloon-lcdm-4000"]
        link = await open_link(bench.url("cash_dispenser"), entry.line)
        driver = entry.driver(link, entry.configured({"cassettes": 2}))

        assert isinstance(await driver.dispense({"unit1": 2, "unit2": 1}), Done)
        taken = await asyncio.to_thread(bench.send, "POST", "/cash_dispenser/take")
        assert taken["total"] == 250
        assert await driver.items_taken(5.0)
        link.close()


@pytest.mark.real_time
def test_a_person_at_the_door_follows_what_happens_in_words(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "simulators", "devices", "--folder", str(tmp_path), "--control", "127.0.0.1:0"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        head = [process.stdout.readline() for _ in range(6)]
        assert head[0].split()[:3] == ["card_reader", "sankyo-ict3q8", str(tmp_path / "card_reader")]
        control = head[4].split()[2]
        Running(process, {}, control).send("PUT", "/cash_dispenser/cassettes/1", inserted=False)
        told = process.stdout.readline() + process.stdout.readline()
        process.terminate()
        process.communicate(timeout=60)

    assert "cassette 1 is pulled out" in told
    assert process.returncode == 0


@pytest.mark.real_time
def test_a_folder_is_for_one_program_at_a_time(tmp_path: Path) -> None:
    with running("--folder", tmp_path, "--no-control"):
        second = subprocess.run(
            [sys.executable, "-m", "simulators", "devices", "--folder", str(tmp_path)],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert second.returncode == 2
        assert "in use by another" in second.stderr
        assert (tmp_path / "pin_pad").is_symlink()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--bench", "no-such.toml"), "leave it out for the default one"),
        (("--port", "toaster=1"), "write ROLE=N"),
        (("--control", "8700"), "write HOST:PORT"),
        (("--control", "0.0.0.0:0"), "the door has no password"),
        (("--link", "tcp", "--address", "0.0.0.0"), "say --expose"),
        (("--control", "203.0.113.1:0", "--expose"), "can't listen"),
        (("--only", "toaster"), "toaster"),
    ],
)
@pytest.mark.real_time
def test_wrong_use_is_exit_code_2_and_says_what_helps(arguments: tuple[str, ...], told: str) -> None:
    result = CliRunner().invoke(cli.app, ["devices", *arguments])

    assert result.exit_code == 2
    assert told in result.output
    assert "Traceback" not in result.output


@pytest.mark.real_time
def test_a_file_in_the_place_of_a_name_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "pin_pad").write_text("precious")

    result = CliRunner().invoke(cli.app, ["devices", "--folder", str(tmp_path)])

    assert result.exit_code == 2
    assert "pin_pad" in result.output
    assert (tmp_path / "pin_pad").read_text() == "precious"
