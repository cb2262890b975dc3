import signal
from pathlib import Path

import httpx
import pytest

from simulators.bench.file import load_bench
from simulators.bench.lines import LinkKind
from simulators.workbench.app import WorkbenchApp
from simulators.workbench.launch import launch
from terminal.journal import inspect
from tests.window import ENTER_FULL_SCREEN, end_when_it_shows


def test_the_bench_is_closed_when_the_person_quits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[WorkbenchApp] = []

    async def quit_at_once(app: WorkbenchApp) -> None:
        worked.append(app)

    monkeypatch.setattr(WorkbenchApp, "run_async", quit_at_once)
    launch(load_bench(), tmp_path, LinkKind.PTY)
    assert len(worked) == 1
    verification, _ = inspect(tmp_path / "journal.db")
    assert verification.ok


@pytest.mark.real_time
def test_the_control_door_stands_open_while_the_person_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    seen: list[object] = []

    async def look_through_the_door(_: WorkbenchApp) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            seen.append((await client.get(f"http://127.0.0.1:{unused_tcp_port}/custody")).json()["conserved"])

    monkeypatch.setattr(WorkbenchApp, "run_async", look_through_the_door)
    launch(load_bench(), tmp_path, LinkKind.PTY, ("127.0.0.1", unused_tcp_port))
    assert seen == [True]


@pytest.mark.real_time
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_whoever_ends_it_from_outside_finds_the_terminal_as_it_was(number: signal.Signals) -> None:
    left = end_when_it_shows("-m", "simulators", "workbench", shows=b"Faults", by=number)

    assert ENTER_FULL_SCREEN in left.shown
    assert not left.full_screen
    assert left.restored
    assert left.code == 0
    assert b"Traceback" not in left.shown
