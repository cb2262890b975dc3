"""One host for a fleet."""

from pathlib import Path

import pytest

from drivers.interfaces import MacAlgorithm
from simulators.bench.bench import Bench
from simulators.bench.file import BenchError, BenchFile, load_bench
from simulators.bench.hardware import START
from simulators.bench.host import Host
from simulators.world.virtual_time import World


def kiosk(terminal: str) -> BenchFile:
    file = load_bench()
    return file.model_copy(update={"kiosk": file.kiosk.model_copy(update={"terminal": terminal})})


@pytest.fixture
async def host() -> Host:
    return Host(World(1, START))


async def test_a_kiosk_that_comes_back_finds_its_standing_unchanged(host: Host, tmp_path: Path) -> None:
    for _ in range(2):
        Bench(kiosk("44030001"), folder=tmp_path, seed=1, host=host).close()

    assert host.authority.terminal_cash_fen("44030001") == (200 * 100 + 200 * 50) * 100
    host.close()


async def test_a_kiosk_with_another_mac_method_is_not_admitted(tmp_path: Path) -> None:
    host = Host(World(1, START), mac=MacAlgorithm.UNIONPAY_ECB)

    with pytest.raises(BenchError, match=r"kiosk\.mac"):
        Bench(kiosk("44030001"), folder=tmp_path, seed=1, host=host)
    host.close()
