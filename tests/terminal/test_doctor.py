"""Devices are simulated in memory here; each port knows at which settings its device answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

import pytest

from drivers.link import LineSettings, Link, Parity, PortUnavailable
from drivers.registry import MODELS
from drivers.sankyo_ict3q8 import SankyoIct3q8
from simulators.bench.file import load_bench
from simulators.bench.hardware import Hardware, settings
from simulators.bench.simulated import Simulated
from simulators.world.line import memory_line
from terminal.assembly import ROLES
from terminal.config import KioskConfig
from terminal.doctor import Finding, OpenPort, examine

KIOSK = {
    "card_reader": "sankyo-ict3q8",
    "pin_pad": "szzt-zt598",
    "cash_dispenser": "puloon-lcdm-4000",
    "receipt_printer": "escpos",
}


def config(host: str = "socket://127.0.0.1:1") -> KioskConfig:
    return KioskConfig.model_validate(
        {
            "host": {"url": host, "terminal": "44030001", "merchant": "440300000000001"},
            "devices": {
                role: {"model": model, "port": role, "options": {"cassettes": 2} if "lcdm" in model else {}}
                for role, model in KIOSK.items()
            },
            "cassettes": [{"unit": "unit1", "denomination": 100, "count": 1}],
        }
    )


class Ports:
    """A device on each port, which answers at its own settings only."""

    def __init__(self, hardware: Hardware) -> None:
        self.hardware = hardware
        self.plugged: dict[str, tuple[Simulated, LineSettings]] = {
            role: (device, settings(role, hardware.configured[role])) for role, device in hardware.simulated.items()
        }
        self._serving: list[asyncio.Task[None]] = []

    async def open(self, url: str, asked: LineSettings) -> Link:
        if url not in self.plugged:
            raise PortUnavailable(url, asked, "permission denied", "Add this user to the group dialout.")
        device, right = self.plugged[url]
        terminal, end = memory_line()
        if asked == right:
            self._serving.append(asyncio.ensure_future(device.serve(end)))
        return terminal

    async def close(self) -> None:
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)


@contextlib.asynccontextmanager
async def plugged() -> AsyncIterator[Ports]:
    ports = Ports(Hardware(load_bench(), seed=1))
    try:
        yield ports
    finally:
        await ports.close()


async def found(open_port: OpenPort, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Finding]:
    async def host(_: KioskConfig) -> Finding:
        return Finding("host", "", "", "", "reachable")

    monkeypatch.setattr("terminal.doctor._host", host)
    return {finding.role: finding for finding in await examine(config(), open_port)}


async def test_a_sound_kiosk_has_no_problem_and_nothing_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    async with plugged() as ports:
        findings = await found(ports.open, monkeypatch)

        assert list(findings) == [*ROLES, "host"]
        assert {role: finding.problem for role, finding in findings.items()} == dict.fromkeys(findings, "")
        assert "serial 0001" in findings["pin_pad"].detail
        assert "maker MEDTELLER, model SIM-42" in findings["receipt_printer"].detail
        assert findings["card_reader"].line == "38400 8E1"
        assert ports.hardware.reader.captured == ()
        assert ports.hardware.dispenser.notes_at_exit == ()
        assert ports.hardware.printer.receipt_at_slot is None


async def test_a_device_that_can_say_what_it_is_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """The card reader only once it was initialised."""
    async with plugged() as ports:
        link = await ports.open("card_reader", LineSettings(38400, Parity.EVEN))
        await SankyoIct3q8(link).reset()
        link.close()
        findings = await found(ports.open, monkeypatch)

        assert findings["card_reader"].detail == "card notPresent; firmware 2345-01A"


async def test_a_port_that_does_not_open_is_told_with_what_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    async with plugged() as ports:
        del ports.plugged["pin_pad"]
        findings = await found(ports.open, monkeypatch)

        assert findings["pin_pad"].problem == "the port does not open: permission denied"
        assert "dialout" in findings["pin_pad"].remedy
        assert findings["receipt_printer"].problem == ""


@pytest.mark.parametrize(
    ("role", "right", "found_at", "written"),
    [
        ("card_reader", LineSettings(9600, Parity.EVEN), "9600 8E1, not at 38400 8E1", 'baud = 9600, parity = "E" }'),
        (
            "card_reader",
            LineSettings(115200, Parity.EVEN, rtscts=True),
            "115200 8E1 RTS/CTS, not at 38400 8E1",
            'baud = 115200, parity = "E", rtscts = true }',
        ),
        ("pin_pad", LineSettings(1200), "1200 8N1, not at 9600 8N1", 'baud = 1200, parity = "N" }'),
        ("cash_dispenser", LineSettings(9600, Parity.EVEN), "9600 8E1, not at 9600 8N1", 'baud = 9600, parity = "E" }'),
        (
            "receipt_printer",
            LineSettings(19200, Parity.ODD),
            "19200 8O1, not at 115200 8N1",
            'baud = 19200, parity = "O" }',
        ),
    ],
)
async def test_a_wrong_speed_or_parity_is_found(
    role: str, right: LineSettings, found_at: str, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with plugged() as ports:
        ports.plugged[role] = (ports.plugged[role][0], right)
        findings = await found(ports.open, monkeypatch)

        assert findings[role].problem == f"it answers at {found_at}"
        assert findings[role].remedy == f"Write line = {{ {written} under devices.{role}."
        assert [finding.role for finding in findings.values() if finding.problem] == [role]


async def test_only_settings_that_a_model_can_have_are_tried_and_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with plugged() as ports:
        ports.hardware.dispenser.power_off()
        tried: list[LineSettings] = []

        async def noting(url: str, asked: LineSettings) -> Link:
            if url == "cash_dispenser":
                tried.append(asked)
            return await ports.open(url, asked)

        await found(noting, monkeypatch)

        assert tried[:2] == [LineSettings(9600), LineSettings(9600, Parity.EVEN)]
        neighbours = [MODELS[model].line for role, model in KIOSK.items() if role != "cash_dispenser"]
        assert tried[2:5] == neighbours


async def test_swapped_cables_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    async with plugged() as ports:
        reader, pad = ports.plugged["card_reader"], ports.plugged["pin_pad"]
        ports.plugged |= {"card_reader": pad, "pin_pad": reader}
        findings = await found(ports.open, monkeypatch)

        assert findings["card_reader"].problem.startswith("a szzt-zt598 answers here, the pin_pad of this kiosk")
        assert findings["pin_pad"].problem.startswith("a sankyo-ict3q8 answers here, the card_reader of this kiosk")


async def test_a_device_without_power_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async with plugged() as ports:
        ports.hardware.printer.power_off()
        findings = await found(ports.open, monkeypatch)

        assert findings["receipt_printer"].problem == "it does not answer"
        assert "power and cable" in findings["receipt_printer"].remedy


async def test_what_a_person_has_to_do_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async with plugged() as ports:
        ports.hardware.printer.load_paper(0)
        ports.hardware.dispenser.remove_cassette(2)
        findings = await found(ports.open, monkeypatch)

        assert findings["receipt_printer"].remedy == "Put in a new roll, or remove the jammed paper."
        assert findings["cash_dispenser"].problem == "unit2: not in place or not usable"


@pytest.mark.real_time
async def test_the_host_is_only_connected_to(unused_tcp_port: int) -> None:
    heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.set_result(await reader.read())
        writer.close()

    async def no_port(url: str, asked: LineSettings) -> Link:
        raise PortUnavailable(url, asked, "there is no such port", "Check it.")

    url = f"socket://127.0.0.1:{unused_tcp_port}"
    assert "no connection" in (await examine(config(url), no_port))[-1].problem
    async with await asyncio.start_server(listen, "127.0.0.1", unused_tcp_port):
        assert (await examine(config(url), no_port))[-1].problem == ""
        assert await heard == b""
