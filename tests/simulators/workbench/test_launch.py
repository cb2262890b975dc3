from pathlib import Path

import pytest

from simulators.bench.file import load_bench
from simulators.bench.lines import LinkKind
from simulators.workbench.app import WorkbenchApp
from simulators.workbench.launch import launch
from terminal.journal import inspect


def test_the_bench_is_closed_when_the_person_quits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[WorkbenchApp] = []

    async def quit_at_once(app: WorkbenchApp) -> None:
        worked.append(app)

    monkeypatch.setattr(WorkbenchApp, "run_async", quit_at_once)
    launch(load_bench(), tmp_path, LinkKind.PTY)
    assert len(worked) == 1
    verification, _ = inspect(tmp_path / "journal.db")
    assert verification.ok
