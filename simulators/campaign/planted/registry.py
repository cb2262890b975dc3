"""Every planted bug, and what stands for those of the usual list that have no counterpart here."""

from collections.abc import Mapping
from typing import Final

from simulators.campaign.planted import authority, device, host_line, journal, kiosk, money, service, transfers
from simulators.campaign.planted.bug import Planted

PLANTED: Final[tuple[Planted, ...]] = (
    *journal.BUGS,
    *money.BUGS,
    *host_line.BUGS,
    *kiosk.BUGS,
    *device.BUGS,
    *transfers.BUGS,
    *service.BUGS,
    *authority.BUGS,
)

SUBSTITUTES: Final[Mapping[str, str]] = {
    "M6": "SQLite takes a write back whose sync fails, so another try is safe; planted instead: records in pairs",
    "M7": "SQLite cuts a torn tail off by itself; planted instead: a start reads only the newest records",
    "M8": "nothing here changes a record behind SQLite's back; planted instead: a failed write uses up a number",
    "M13": "no reader task of its own can die; planted instead: a fault ends a job and nobody is told",
    "M29": "no run has a million exchanges; planted instead: numbers run out after nine, and nobody notices",
    "M34": "there are no dispense tokens; planted instead: one approval stacks twice",
    "M35": "there are no dispense tokens; planted instead: open approvals are known in memory only",
    "M36": "there are no nonces; planted instead: trace numbers begin anew at each start",
    "M43": "the device shuts its own shutter; planted instead: nobody looks at exit and shutter between customers",
    "M44": "nobody puts an old disk in; planted instead: a journal that can't be opened is replaced by a new one",
}
"""Bugs of the usual list that mean nothing in this kiosk, and which bug has their number."""
