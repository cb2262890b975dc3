"""Every fault of the catalogue, in words, and which of them can't happen to the kiosk of a campaign, and why."""

from collections.abc import Iterable, Mapping
from typing import Final

from simulators.world import faults

FAMILIES: Final[Mapping[str, str]] = {
    "A": "power and process",
    "B": "serial line",
    "C": "devices",
    "D": "host and network",
    "E": "storage",
    "F": "time and entropy",
    "G": "people",
}

OUTSIDE: Final[Mapping[str, str]] = {
    "A1": "power cut at an await",
    "A2": "power cut inside a write to a serial line",
    "A3": "power cut at a write of the journal",
    "A4": "power cut at a sync of the journal",
    "A5": "power cut at a rename",
    "A6": "host dies after receiving a request",
    "A7": "host dies after its ledger committed, before the reply",
    "A8": "host dies after the reply was sent",
    "A9": "second power cut during recovery",
    "A10": "power cut with notes at the exit",
    "A11": "power cut with the card in the reader",
    "A12": "power cut with the shutter open",
    "A13": "early warning of a power supply, then a cut",
    "A14": "watchdog reset",
    "D1": "a message to or from the host is lost",
    "D2": "late reply, after the reversal",
    "D3": "duplicate reply",
    "D4": "duplicate request",
    "D5": "replies in the wrong order",
    "D6": "reply for another trace number",
    "D7": "reply for another terminal",
    "D8": "approval after a decline",
    "D9": "amount altered",
    "D10": "MAC wrong",
    "D11": "stale or replayed message",
    "D12": "connection half open",
    "D13": "connection reset in the middle of a message",
    "D14": "certificate expired",
    "D15": "the host answers, its ledger is down",
    "D16": "approval of a part of the amount",
    "D17": "reversal refused",
    "D18": "store-and-forward queue full",
    "D19": "the service line is silent",
    "D20": "the service line answers with an error",
    "D21": "the service line is slow",
    "D22": "the service line gives a broken answer",
    "D23": "the service line does what was asked, and its answer is lost",
    "D24": "the payee's bank does not answer",
    "D25": "the payee's account is closed",
    "E1": "no space left",
    "E2": "I/O error on a write",
    "E3": "I/O error on a sync",
    "E4": "torn write",
    "E5": "lost write",
    "E6": "writes reordered",
    "E7": "misdirected write",
    "E8": "disk rolled back to an old image",
    "E9": "bit rot in the journal",
    "E10": "file system turns read-only",
    "E11": "out of file descriptors",
    "E12": "slow sync",
    "F1": "wall clock jumps forward",
    "F2": "wall clock jumps back",
    "F3": "change of daylight-saving time",
    "F4": "end of the year",
    "F5": "wall clock runs backwards",
    "F6": "wall clock reset to 1970",
    "F7": "trace number rolls over",
    "F8": "the same random number twice",
}
"""Faults around devices, lines and people; those are in `simulators.world.faults`."""

ELSEWHERE: Final[Mapping[str, str]] = {
    "A5": "the journal is one SQLite file with a write-ahead log: no file is renamed while a kiosk runs",
    "D18": "no request is made while one advice waits, so the queue never holds more than one customer's",
    "D14": "the line of a campaign carries no TLS; expired certificates are tested with the terminal's host link",
    "F3": "the service has one time zone, and it has no daylight-saving time",
    "G5": "there is no contactless reader",
}
"""Faults that nothing in a campaign can suffer, and why."""

WORDS: Final[Mapping[str, str]] = {
    **OUTSIDE,
    **{fault: words for fault, (_, words) in faults.CATALOGUE.items()},
    **{fault: "of a cash acceptor" if fault[0] == "C" else "contactless tap" for fault in faults.NOT_MODELLED},
}
"""Every id that there is, and what it is."""

CANT_HAPPEN: Final[Mapping[str, str]] = {**faults.NOT_MODELLED, **ELSEWHERE}


def in_order(ids: Iterable[str]) -> list[str]:
    """By family, then by number."""
    return sorted(ids, key=lambda fault: (fault[0], int(fault[1:])))


def never_fired(fired: Iterable[str]) -> list[str]:
    """What could have happened and did not."""
    return in_order(WORDS.keys() - CANT_HAPPEN.keys() - set(fired))
