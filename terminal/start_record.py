"""The first record of a run, which says how the last one ended: stopped, cut off, killed, or reset by the watchdog."""

import hashlib
from enum import StrEnum
from pathlib import Path
from typing import Final

from terminal.journal import Entry, Journal
from terminal.redaction import in_letters

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
WATCHDOGS: Final = Path("/sys/class/watchdog")

_CARD_RESET: Final = 0x20
"""Linux watchdog API, WDIOF_CARDRESET: the card reset the computer."""


class LastRun(StrEnum):
    """How the run before ended, as far as journal and computer tell."""

    NONE = "none"  # this is the first
    STOPPED = "stopped"  # in good order
    POWER_FAILED = "power_failed"  # the battery had warned
    WATCHDOG_RESET = "watchdog_reset"
    COMPUTER_RESTARTED = "computer_restarted"  # a power cut without warning, or a reset
    PROGRAM_ENDED = "program_ended"  # killed, or died: the computer has run on


def record_start(journal: Journal, terminal: str, boot: str, *, watchdog: bool) -> LastRun:
    """Write `started`. `boot` names this start of the computer, `watchdog` says that a watchdog caused it."""
    known = in_letters(hashlib.sha256(boot.encode()).digest()[:8])
    last = _last_run(journal, known, watchdog=watchdog)
    journal.write(Entry.STARTED, terminal=terminal, last_run=last, boot=known)
    return last


def this_boot(path: Path = BOOT_ID) -> str:
    """What Linux calls this start of the computer; empty where it does not say."""
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def reset_by_watchdog(folder: Path = WATCHDOGS) -> bool:
    """Does a hardware watchdog say that it has reset the computer?"""
    for status in sorted(folder.glob("*/bootstatus")):
        try:
            if int(status.read_text(encoding="ascii"), 0) & _CARD_RESET:
                return True
        except (OSError, ValueError):
            continue
    return False


def _last_run(journal: Journal, boot: str, *, watchdog: bool) -> LastRun:
    kinds = (Entry.STARTED, Entry.STOPPED, Entry.POWER_FAILING, Entry.POWER_RESTORED)
    last = next(journal.records(*kinds, newest_first=True), None)
    before = next(journal.records(Entry.STARTED, newest_first=True), None)
    if last is None or before is None:
        return LastRun.NONE
    if last.kind == Entry.STOPPED:
        return LastRun.STOPPED
    if before.data.get("boot") == boot:
        return LastRun.PROGRAM_ENDED
    if last.kind == Entry.POWER_FAILING:
        return LastRun.POWER_FAILED
    return LastRun.WATCHDOG_RESET if watchdog else LastRun.COMPUTER_RESTARTED
