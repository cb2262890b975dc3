"""The devices of a bench without any host."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from drivers.interfaces import DeviceState
from drivers.registry import MODELS
from drivers.reopening import ReopeningLink
from simulators.bench.file import BenchFile, load_bench
from simulators.bench.hardware import Hardware, Outlets
from simulators.bench.lines import Line, LinkKind
from terminal.assembly import ROLES


@asynccontextmanager
async def served(hardware: Hardware) -> AsyncIterator[Hardware]:
    serving = asyncio.ensure_future(hardware.serve())
    laid = asyncio.ensure_future(hardware.laid.wait())
    try:
        await asyncio.wait((serving, laid), return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        yield hardware
    finally:
        laid.cancel()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


def driver_of(model: str, line: Line) -> Any:
    entry = MODELS[model]
    return entry.driver(ReopeningLink(line.open), entry.options())


async def test_devices_answer_without_a_host() -> None:
    async with served(Hardware(load_bench(), seed=1)) as hardware:
        driver = driver_of("puloon-lcdm-4000", hardware.lines["cash_dispenser"])

        assert (await driver.status()).device is DeviceState.ONLINE


async def test_a_line_that_was_unplugged_is_down_and_works_again_when_it_is_laid_again() -> None:
    async with served(Hardware(load_bench(), seed=1)) as hardware:
        line = hardware.lines["receipt_printer"]
        driver = driver_of("escpos", line)
        assert (await driver.status()).device is DeviceState.ONLINE

        line.unplug()
        assert not line.plugged
        with pytest.raises(ConnectionError, match="unplugged"):
            await line.open()
        assert (await driver.status()).device is DeviceState.NO_DEVICE
        await line.lay()

        assert (await driver.status()).device is DeviceState.ONLINE


async def test_only_the_devices_asked_for_have_a_line() -> None:
    async with served(Hardware(load_bench(), seed=1, roles=["pin_pad"])) as hardware:
        assert list(hardware.lines) == list(hardware.simulated) == ["pin_pad"]


@pytest.mark.real_time
async def test_ptys_have_names_that_last_as_long_as_the_bench(tmp_path: Path) -> None:
    async with served(Hardware(load_bench(), link=LinkKind.PTY, outlets=Outlets(tmp_path))) as hardware:
        assert {role: line.url for role, line in hardware.lines.items()} == {
            role: str(tmp_path / role) for role in ROLES
        }
        hardware.lines["pin_pad"].unplug()
        assert not (tmp_path / "pin_pad").is_symlink()
        await hardware.lines["pin_pad"].lay()
        assert (tmp_path / "pin_pad").exists()
    assert not any((tmp_path / role).is_symlink() for role in ROLES)


@pytest.mark.real_time
async def test_a_tcp_port_stays_the_same_when_the_line_is_laid_again(unused_tcp_port: int) -> None:
    file = load_bench()
    pad = {"model": "szzt-zt598", "port": unused_tcp_port}
    fixed = BenchFile.model_validate({**file.model_dump(), "pin_pad": pad})
    async with served(Hardware(fixed, link=LinkKind.TCP)) as hardware:
        free, chosen = hardware.lines["card_reader"], hardware.lines["pin_pad"]
        url = free.url
        free.unplug()
        await free.lay()

        assert chosen.url == f"socket://127.0.0.1:{unused_tcp_port}"
        assert free.url == url
