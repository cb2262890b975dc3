"""Each run begins with how the last one ended."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from terminal.journal import Entry, Journal
from terminal.start_record import LastRun, record_start, reset_by_watchdog, this_boot


@pytest.mark.parametrize(
    ("before", "boot", "watchdog", "expected"),
    [
        ((), "b", False, LastRun.NONE),
        ((Entry.STOPPED,), "a", False, LastRun.STOPPED),
        ((Entry.STOPPED, Entry.OPERATOR_ACCEPTED), "b", False, LastRun.STOPPED),
        ((Entry.IN_SERVICE,), "a", False, LastRun.PROGRAM_ENDED),
        ((Entry.IN_SERVICE,), "a", True, LastRun.PROGRAM_ENDED),
        ((Entry.IN_SERVICE,), "b", False, LastRun.COMPUTER_RESTARTED),
        ((Entry.IN_SERVICE,), "b", True, LastRun.WATCHDOG_RESET),
        ((Entry.POWER_FAILING,), "b", False, LastRun.POWER_FAILED),
        ((Entry.POWER_FAILING, Entry.POWER_RESTORED), "b", False, LastRun.COMPUTER_RESTARTED),
        ((Entry.POWER_FAILING, Entry.POWER_RESTORED, Entry.STOPPED), "b", False, LastRun.STOPPED),
    ],
)
def test_a_start_tells_how_the_last_run_ended(
    tmp_path: Path, before: Sequence[Entry], boot: str, watchdog: bool, expected: LastRun
) -> None:
    journal = Journal(tmp_path / "journal.db", lambda: datetime(2026, 1, 5, tzinfo=UTC))
    if before:
        record_start(journal, "33100001", "a", watchdog=False)
    for kind in before:
        journal.write(kind)

    assert record_start(journal, "33100001", boot, watchdog=watchdog) is expected

    started = list(journal.records(Entry.STARTED))[-1]
    assert started.data["last_run"] == expected
    journal.close()


@pytest.mark.parametrize(("status", "reset"), [("32\n", True), ("0x20", True), ("0", False), ("broken", False)])
def test_a_watchdog_says_whether_it_was_at_work(tmp_path: Path, status: str, reset: bool) -> None:
    (tmp_path / "watchdog0").mkdir()
    (tmp_path / "watchdog0" / "bootstatus").write_text(status, encoding="ascii")

    assert reset_by_watchdog(tmp_path) is reset


def test_a_computer_without_a_watchdog_or_a_boot_id_says_nothing(tmp_path: Path) -> None:
    assert not reset_by_watchdog(tmp_path / "nowhere")
    assert this_boot(tmp_path / "nowhere") == ""
