"""`medteller run`, put together from a kiosk.toml."""

import asyncio
import signal
from pathlib import Path

import pytest

from drivers.trace_file import TracedPort, TraceHeader, read_trace
from terminal.config import KioskConfig, load_config
from terminal.journal import JournalError, inspect
from terminal.program import open_kiosk
from terminal.states import State
from terminal.vault import VaultError
from terminal.view import View
from tests.terminal.kiosk_files import in_folder
from tests.window import ENTER_FULL_SCREEN, end_when_it_shows


@pytest.fixture
def config(tmp_path: Path) -> KioskConfig:
    """The example, with its files in a folder of its own and no device on any port."""
    return load_config(in_folder(tmp_path))


@pytest.mark.real_time
async def test_a_kiosk_without_its_devices_says_that_it_is_out_of_service(config: KioskConfig) -> None:
    with open_kiosk(config) as session:
        closed = asyncio.Event()

        def look(view: View) -> None:
            if session.state is State.OUT_OF_SERVICE:
                closed.set()

        session.subscribe(look)
        running = asyncio.ensure_future(session.run())
        await asyncio.wait_for(closed.wait(), 10)
        running.cancel()
        await asyncio.wait([running])

    verification, records = inspect(config.journal)
    kinds = [record.kind for record in records]
    assert verification.ok
    assert "started" in kinds
    assert kinds[-1] == "stopped"


def test_a_second_kiosk_on_the_same_journal_is_refused(config: KioskConfig) -> None:
    with open_kiosk(config), pytest.raises(JournalError, match="in use"), open_kiosk(config):
        pass


def test_a_vault_key_that_others_can_read_stops_the_start(config: KioskConfig) -> None:
    config.vault_key.write_bytes(bytes(32))
    config.vault_key.chmod(0o644)

    with pytest.raises(VaultError, match="chmod 600"), open_kiosk(config):
        pass
    with pytest.raises(VaultError, match="chmod 600"), open_kiosk(config):  # the journal was given back
        pass


def test_a_wire_trace_begins_with_what_the_ports_are(config: KioskConfig, tmp_path: Path) -> None:
    wire_trace = tmp_path / "wire.jsonl"
    with open_kiosk(config.model_copy(update={"wire_trace": wire_trace})):
        pass
    _, header = next(read_trace(wire_trace))
    assert isinstance(header, TraceHeader)
    assert header.ports["card_reader"] == TracedPort("sankyo-ict3q8", "38400 8E1")
    assert header.began


@pytest.mark.real_time
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_kiosk_ended_from_outside_leaves_a_last_record_and_the_terminal_as_it_was(
    config: KioskConfig, tmp_path: Path, number: signal.Signals
) -> None:
    medteller = ("-c", "from terminal.cli import main; main()")
    left = end_when_it_shows(*medteller, "run", "--config", str(tmp_path / "kiosk.toml"), shows=b"12393", by=number)

    assert ENTER_FULL_SCREEN in left.shown
    assert not left.full_screen
    assert left.restored
    assert left.code == 0
    verification, records = inspect(config.journal)
    assert verification.ok
    assert records[-1].kind == "stopped"
