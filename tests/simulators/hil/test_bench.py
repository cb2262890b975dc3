"""A bench of which some devices are real; here a pty stands for the real one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.interfaces import DeviceState, Done, Media
from simulators.devices.sankyo_ict3q8 import SankyoIct3q8
from simulators.hil.bench import opened
from simulators.hil.place import find
from simulators.hil.tester import Asker
from simulators.world.pty_line import pty_line
from simulators.world.scene import Scene

pytestmark = pytest.mark.real_time


@contextlib.asynccontextmanager
async def card_reader() -> AsyncIterator[str]:
    """A port with a card reader that belongs to nobody's bench."""
    end = pty_line(38400)
    serving = asyncio.ensure_future(SankyoIct3q8(scene=Scene()).serve(end))
    try:
        yield end.path
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        end.close()


async def test_real_and_simulated_devices_are_on_one_bench(tmp_path: Path) -> None:
    async with card_reader() as port:
        file = tmp_path / "mixed.toml"
        file.write_text(
            f'[devices.card_reader]\nmodel = "sankyo-ict3q8"\nport = "{port}"\n'
            '[devices.receipt_printer]\nmodel = "escpos"\nport = "simulated"\n'
            'options = { columns = 32 }\n[[loaded.cards]]\nname = "white"\nstripe = false\n'
        )
        async with opened(find(str(file)), Asker(contextlib.nullcontext, 1.0), []) as bench:
            assert await (await bench.card_reader()).reset() == Done(Media.NOT_PRESENT)
            assert (await (await bench.receipt_printer()).status()).device is DeviceState.ONLINE
            assert [bench.is_simulated(role) for role in bench.devices] == [False, True]
            assert bench.customer.card(chip=True) == "white"
            assert not await bench.customer.paper_at_slot()
            assert {record.port for record in bench.trace} == {"card_reader", "receipt_printer"}
            with pytest.raises(pytest.skip.Exception, match="no card with a stripe"):
                bench.customer.card(stripe=True)
            with pytest.raises(pytest.skip.Exception, match="has no pin_pad"):
                await bench.pin_pad()
